"""The basic example kernels, run on the cpu: values worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import warp as wp

from examples import basic_kernels
from examples.basic_kernels import k_add, k_atomic, k_branch, k_saxpy, k_trig, k_vec_ops
from fuzzer.commands.coverage_document import kernels_document

pytestmark = pytest.mark.warp


def array(*values: Any, dtype: Any = float) -> wp.array:
    return wp.array(values, dtype=dtype, device="cpu")


def run(kernel: wp.Kernel, *arguments: Any) -> list[float]:
    """Launch a kernel with as many threads as its first array has elements, and give what its last one holds then."""
    threads = next(len(argument) for argument in arguments if isinstance(argument, wp.array))
    wp.launch(kernel, threads, inputs=arguments, device="cpu")
    values: list[float] = arguments[-1].numpy().tolist()
    return values


def test_every_kernel_is_in_the_language() -> None:
    document = kernels_document(Path(basic_kernels.__file__))
    assert {key: document[key] for key in ("found", "parsed", "typed")} == {"found": 6, "parsed": 6, "typed": 6}


def test_arrays_are_added() -> None:
    assert run(k_add, array(1.0, -2.0, 0.5), array(10.0, 20.0, 0.25), array(0.0, 0.0, 0.0)) == [11.0, 18.0, 0.75]


def test_one_array_is_scaled_and_another_added() -> None:
    assert run(k_saxpy, 2.0, array(1.0, -2.0), array(10.0, 20.0), array(0.0, 0.0)) == [12.0, 16.0]


def test_builtins_are_combined() -> None:
    values = run(k_trig, array(0.0, 4.0, -1.0), array(9.0, 9.0, 9.0))
    # sin(x) cos(x) is half of sin(2x); sin(8) is 0.98935825 and sin(-2) is -0.90929743
    assert values == pytest.approx([0.0, 2.4946791, 0.5453513], abs=1e-6)


def test_each_branch_is_taken() -> None:
    x = array(-3.0, 0.0, 1.5, 2.0, 7.0)
    assert run(k_branch, x, 2.0, array(9.0, 9.0, 9.0, 9.0, 9.0)) == [0.0, 0.0, 1.5, 2.0, 2.0]


def test_vectors_give_dot_products_and_lengths_of_sums() -> None:
    a = array((1.0, 2.0, 3.0), (0.0, 1.0, 0.0), dtype=wp.vec3)
    b = array((2.0, 2.0, -3.0), (0.0, -1.0, 0.0), dtype=wp.vec3)
    dots = array(9.0, 9.0)
    assert run(k_vec_ops, a, b, dots, array(9.0, 9.0)) == [5.0, 0.0]
    assert dots.numpy().tolist() == [-3.0, -1.0]


def test_all_elements_are_added_to_what_was_there() -> None:
    assert run(k_atomic, array(1.0, 2.0, 4.0), array(100.0)) == [107.0]
