"""Kernels for programs, and the code that Warp generates from them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fuzzer
from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.corpus import specs
from fuzzer.corpus.command import run_pipeline
from fuzzer.corpus.recording import SharedSymbol
from fuzzer.corpus.specs import KernelSpec, generate_kernel, generate_kernels, synthesize_batch, synthesize_pair
from grammar import emit, parse
from grammar.check import check, written
from grammar.errors import UserError
from reports.corpus.corpus_records import CorpusRecord

ROOT = Path(__file__).parents[3]

SPEC = KernelSpec(
    name="k_twice",
    category="arithmetic",
    description="by hand",
    arg_types={"a": "wp.array[wp.float32]"},
    python_source=(
        "import warp as wp\n\n\n@wp.kernel\ndef k_twice(a: wp.array[wp.float32]):\n"
        "    i = wp.tid()\n    a[i] = a[i] * 2.0\n"
    ),
    seed=7,
)


def shared(spec: KernelSpec, device: str) -> CorpusRecord:
    raise SharedSymbol


def test_the_types_of_a_kernel_are_those_of_its_source() -> None:
    for spec in generate_kernels(len(CATEGORIES), seed=5):
        kernel = check(parse(spec.python_source)).kernels[spec.name]
        assert list(spec.arg_types) == list(kernel.names)
        assert list(spec.arg_types.values()) == [emit(written(type_)) for type_ in kernel.types]


def test_categories_take_turns() -> None:
    assert [spec.category for spec in generate_kernels(12, seed=3)] == [*CATEGORIES, CATEGORIES[0]]
    assert [spec.category for spec in generate_kernels(3, ["math", "loops"], seed=3)] == ["math", "loops", "math"]


def test_a_kernel_is_the_first_of_its_category_and_seed() -> None:
    first, second = generate_kernels(2, ["vector"], seed=3)
    assert generate_kernel("vector", 3) == first != second
    assert (first.seed, first.index) == (3, 0)


def test_every_kernel_can_be_generated_again() -> None:
    for spec in generate_kernels(4, seed=3):
        assert generate_kernel(spec.category, spec.seed, spec.index) == spec


def test_a_single_category_need_not_be_a_list() -> None:
    assert generate_kernels(2, "math", seed=3) == generate_kernels(2, ["math"], seed=3)


@pytest.mark.parametrize("ask", [generate_kernels, synthesize_batch, lambda n: run_pipeline(n, "nowhere")])
def test_a_negative_number_of_kernels_is_a_sentence(ask: Callable[[int], Any]) -> None:
    with pytest.raises(UserError, match="a number of kernels cannot be negative, and -3 is"):
        ask(-3)


def test_a_kernel_before_the_first_is_a_sentence() -> None:
    with pytest.raises(UserError, match="there is no kernel -1 of a seed: the first one is 0"):
        generate_kernel("math", 3, SPEC.index)


@pytest.mark.parametrize("categories", [["math", "lops"], ["lops"]])
def test_an_unknown_category_is_a_sentence(categories: list[str]) -> None:
    with pytest.raises(UserError, match=r"there is no category 'lops': did you mean 'loops'\?"):
        generate_kernels(1, categories)


def test_no_category_is_a_sentence() -> None:
    with pytest.raises(UserError, match="name at least one category: arithmetic, vector"):
        generate_kernels(1, [])


def test_the_functions_are_loaded_when_they_are_used() -> None:
    script = """
import sys, fuzzer
assert "lark" not in sys.modules
print(fuzzer.generate_kernel("math", 1).category, fuzzer.strategies.kernels.__name__, fuzzer.run_pipeline.__name__)
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("math kernels run_pipeline\n", "")
    with pytest.raises(AttributeError, match="no attribute 'generate_kernals'"):
        fuzzer.generate_kernals  # noqa: B018  # the attribute is what is tested


@pytest.mark.warp
def test_a_pair_has_the_source_and_the_functions_of_its_device() -> None:
    record = synthesize_pair(SPEC, "cpu")
    assert record.python_source == SPEC.python_source
    assert "static void k_twice_cpu_kernel_forward(" in record.cpp_forward
    assert record.cpp_forward.count("wp::mul(") == 1
    assert "wp::adj_mul(" in record.cpp_backward
    assert (record.cuda_forward, record.cuda_backward) == ("", "")
    assert (record.status, record.verified_by, record.kernel_name) == ("unverified", (), "k_twice")
    assert record.signature == "k_twice(a: wp.array[wp.float32])"
    assert record.mangled_name.startswith("k_twice_")
    assert record.mangled_name not in record.generated_code


@pytest.mark.warp
def test_a_pair_says_that_the_kernel_is_a_persons_or_which_it_is() -> None:
    persons, generated = synthesize_pair(SPEC), synthesize_pair(generate_kernel("loops", 3, 2))
    assert (persons.index, persons.origin, persons.licence) == (-1, "k_twice", "NOASSERTION")
    assert (generated.index, generated.origin, generated.licence) == (2, "generated", "Apache-2.0")
    assert (persons.launch, persons.inputs) == (generated.launch, generated.inputs) == ("[]", "[]")


@pytest.mark.warp
def test_a_pair_for_cuda_has_cuda() -> None:
    record = synthesize_pair(SPEC, "cuda")
    assert record.cuda_forward.startswith('extern "C" __global__ void k_twice_cuda_kernel_forward(')
    assert record.cuda_backward.startswith('extern "C" __global__ void k_twice_cuda_kernel_backward(')
    assert record.cpp_forward == ""


@pytest.mark.warp
def test_a_batch_is_the_pairs_of_the_kernels_of_a_seed() -> None:
    assert synthesize_batch(3, seed=4) == [synthesize_pair(spec) for spec in generate_kernels(3, seed=4)]


@pytest.mark.warp
def all_but_the_fifth(spec: KernelSpec, device: str) -> CorpusRecord:
    if spec.index == 4:
        raise SharedSymbol
    return synthesize_pair(spec, device)


def test_a_kernel_of_a_batch_that_has_no_code_is_replaced_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs, "synthesize_pair", all_but_the_fifth)
    assert [record.index for record in synthesize_batch(6, seed=3)] == [0, 1, 2, 3, 5, 6]


def test_a_warp_that_takes_nothing_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs, "synthesize_pair", shared)
    with pytest.raises(UserError, match="Warp generates code of 0 of 20 kernels only"):
        synthesize_batch(1)


def test_an_unknown_device_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"there is no device 'gpu'"):
        synthesize_pair(SPEC, "gpu")


def test_a_spec_whose_source_lacks_its_kernel_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"the source of the spec has no kernel 'k_thrice'"):
        synthesize_pair(replace(SPEC, name="k_thrice"))


def test_a_source_is_parsed_and_not_executed(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        synthesize_pair(replace(SPEC, python_source=f"open({str(tmp_path / 'made')!r}, 'w')\n"))
    assert not (tmp_path / "made").exists()
