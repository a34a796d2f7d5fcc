from __future__ import annotations

import pytest

from grammar.errors import UserError
from reports.corpus.corpus_records import document_of, record_of
from reports.corpus.schemas import SCHEMAS, schema_of
from tests.reports.corpus.corpus_records import CPU, CUDA, RECORDS, SOURCE, UNVERIFIED


def test_full_is_the_record_itself() -> None:
    full = schema_of("full")
    for record in RECORDS:
        assert record_of(full.document(record)) == record
    assert full.document(CPU) == document_of(CPU)


def test_full_has_a_kind_for_each_field() -> None:
    fields = SCHEMAS["full"].fields
    assert list(fields) == list(document_of(CPU))
    assert [fields[name] for name in ("id", "device", "seed", "bound", "grad_verified", "builtins")] == [
        "text",
        "text",
        "integer",
        "number",
        "truth",
        "texts",
    ]


def test_pair_has_python_and_cpp() -> None:
    assert SCHEMAS["pair"].document(CPU) == {
        "python_source": SOURCE,
        "cpp_forward": "void k0_cpu_kernel_forward() {}",
        "metadata": {
            "kernel_name": "k0",
            "category": "math",
            "description": "1 kernel, 1 statement; sin",
            "device": "cpu",
            "status": "accepted",
        },
    }


def test_pair_of_a_cuda_record_has_cuda_in_the_same_field() -> None:
    document = SCHEMAS["pair"].document(CUDA)
    assert document["cpp_forward"] == "__global__ void k0_cuda_kernel_forward() {}"
    assert document["metadata"]["device"] == "cuda"


def test_codegen_has_the_generated_code_and_what_warp_called_it() -> None:
    assert SCHEMAS["codegen"].document(CUDA) == {
        "id": "d0" * 32,
        "device": "cuda",
        "category": "math",
        "description": "1 kernel, 1 statement; sin",
        "arg_types": {"a0": "wp.array[wp.float32]", "s0": "float"},
        "metadata": {"seed": 7},
        "python_source": SOURCE,
        "generated_code": "__global__ void k0_cuda_kernel_forward() {}\n",
        "warp_metadata": {
            "mangled_name": "k0_1234abcd",
            "warp_version": "1.19.0",
            "options": '{"mode": "release"}',
            "status": "accepted",
        },
    }


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_document_has_the_fields_that_its_schema_names(name: str) -> None:
    schema = SCHEMAS[name]
    for record in (CPU, CUDA, UNVERIFIED):
        document = schema.document(record)
        assert list(document) == list(schema.fields)
        for field, kind in schema.fields.items():
            if not isinstance(kind, str):
                assert list(document[field]) == list(kind)


def test_an_unknown_schema_is_one_sentence() -> None:
    with pytest.raises(UserError, match="there is no schema 'pairs': choose from full, pair, codegen"):
        schema_of("pairs")
