"""The schemas of the corpus: which fields a document has, and how a record becomes one.

``full`` is the record as it is. ``pair`` and ``codegen`` are two older shapes. A schema names a kind for each field,
and that is all that Parquet, the data card and Croissant know of it: the kinds of ``full`` are read from the fields of
CorpusRecord, so a field is defined once.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grammar.errors import unknown_name
from reports.corpus.corpus_records import CorpusRecord, document_of

Kind = Literal["text", "integer", "number", "truth", "texts", "object"]
"""``number`` may be missing (None); ``object`` maps names to texts, and its names differ from record to record."""

Fields = Mapping[str, "Kind | Fields"]
"""Fields by name, in order; a field that has fields of its own is a mapping."""

KINDS: Mapping[Any, Kind] = {
    str: "text",
    int: "integer",
    float | None: "number",
    bool: "truth",
    tuple[str, ...]: "texts",
}


@dataclass(frozen=True)
class Schema:
    """One shape of the corpus: its name, its fields, and the function that gives a record's document."""

    name: str
    fields: Fields
    document: Callable[[CorpusRecord], dict[str, Any]]


def schema_of(name: str) -> Schema:
    """Return the schema of a name; raises UserError where there is none."""
    if name not in SCHEMAS:
        raise unknown_name("schema", name, SCHEMAS)
    return SCHEMAS[name]


def pair_document(record: CorpusRecord) -> dict[str, Any]:
    """Return a record as a pair of Python and C++; for cuda, ``cpp_forward`` holds CUDA: there is no other field."""
    return {
        "python_source": record.python_source,
        "cpp_forward": record.cuda_forward if record.device == "cuda" else record.cpp_forward,
        "metadata": {name: getattr(record, name) for name in PAIR["metadata"]},
    }


def codegen_document(record: CorpusRecord) -> dict[str, Any]:
    """Return a record as source and generated code; ``arg_types`` maps each parameter to its type as it is written."""
    named = (argument.partition(": ") for argument in record.arg_types)
    return {
        **{name: getattr(record, name) for name in ("id", "device", "category", "description")},
        "arg_types": {name: type_ for name, _, type_ in named},
        "metadata": {"seed": record.seed},
        "python_source": record.python_source,
        "generated_code": record.generated_code,
        "warp_metadata": {name: getattr(record, name) for name in CODEGEN["warp_metadata"]},
    }


def _kind(type_: Any) -> Kind:
    return KINDS[str if typing.get_origin(type_) is Literal else type_]


FULL: Fields = {name: _kind(type_) for name, type_ in typing.get_type_hints(CorpusRecord).items()}
PAIR: Mapping[str, Any] = {
    "python_source": "text",
    "cpp_forward": "text",
    "metadata": {name: "text" for name in ("kernel_name", "category", "description", "device", "status")},
}
CODEGEN: Mapping[str, Any] = {
    "id": "text",
    "device": "text",
    "category": "text",
    "description": "text",
    "arg_types": "object",
    "metadata": {"seed": "integer"},
    "python_source": "text",
    "generated_code": "text",
    "warp_metadata": {name: "text" for name in ("mangled_name", "warp_version", "options", "status")},
}

SCHEMAS: Mapping[str, Schema] = {
    "full": Schema("full", FULL, document_of),
    "pair": Schema("pair", PAIR, pair_document),
    "codegen": Schema("codegen", CODEGEN, codegen_document),
}
