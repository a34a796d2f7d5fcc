"""Passes that take structs apart: each gives a case that computes the same, with less of a struct in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from fuzzer.reduction.passes import inline_variables
from fuzzer.reduction.structs import drop_fields, unpack_parameters, unwrap_elements
from grammar import emit
from oracle.records import BufferRef, Judgement, TestCase, Verdict
from oracle.reference import interpret
from tests.oracle.kernels import case_of, kernel

STRUCTS = """
@wp.struct
class Inner:
    w: wp.int8
    v: wp.vec2


@wp.struct
class S:
    k: wp.int8
    a: wp.array[float]
    inner: Inner
"""
INNER = (2, (1.0, 2.0))
NOTHING = Judgement(Verdict.DISCREPANCY, "warp-cpu")
Propose = Callable[[TestCase, Judgement], Iterator[TestCase]]


def case(signature: str, body: str, **given: Any) -> TestCase:
    return case_of(kernel(signature, body, STRUCTS), **given)


def kernel_of(found: TestCase) -> str:
    return emit(found.module.definitions[-1])


def proposed(propose: Propose, before: TestCase) -> list[TestCase]:
    """What a pass proposes, all of which compute what the case did where they have the same arrays."""
    found = list(propose(before, NOTHING))
    expected = interpret(before).arrays
    for one in found:
        arrays = interpret(one).arrays
        assert all(np.array_equal(array, expected[name]) for name, array in arrays.items() if name in expected)
    return found


def test_the_fields_that_are_read_become_parameters() -> None:
    before = case("q: S, o: wp.array[float]", "o[0] = q.a[1] + q.inner.v.x", q=(1, "o", INNER), o=[1.0, 2.0])
    [after] = proposed(unpack_parameters, before)
    assert kernel_of(after) == (
        "@wp.kernel\ndef k(a: wp.array[float], inner: Inner, o: wp.array[float]):\n    o[0] = a[1] + inner.v.x"
    )
    assert after.launches[0].arguments == (BufferRef("o"), INNER, BufferRef("o"))


def test_a_field_whose_name_is_taken_becomes_a_parameter_of_another_name() -> None:
    before = case("q: S, a: wp.array[float]", "a[0] = q.a[1]", q=(1, "a", INNER), a=[1.0, 2.0])
    [after] = proposed(unpack_parameters, before)
    assert kernel_of(after) == "@wp.kernel\ndef k(q_a: wp.array[float], a: wp.array[float]):\n    a[0] = q_a[1]"


def test_a_struct_that_is_used_as_a_whole_stays() -> None:
    assert proposed(unpack_parameters, case("q: S", "s = q\ns.k = wp.int8(1)", q=(1, None, INNER))) == []


def test_an_array_of_which_one_element_is_read_becomes_that_element() -> None:
    content = [(1, None, INNER), (5, "o", INNER)]
    before = case("c: wp.array[S], o: wp.array[float]", "o[0] = c[1].a[1] + float(c[1].k)", c=content, o=[1.0, 2.0])
    [after] = proposed(unwrap_elements, before)
    assert kernel_of(after) == "@wp.kernel\ndef k(c: S, o: wp.array[float]):\n    o[0] = c.a[1] + float(c.k)"
    assert after.launches[0].arguments == ((5, BufferRef("o"), INNER), BufferRef("o"))
    assert [buffer.name for buffer in after.buffers] == ["o"]


def test_a_field_that_nothing_names_is_left_out_of_the_struct_and_of_its_values() -> None:
    body = "s = S(wp.int8(1), o, Inner(v=wp.vec2(1.0, 2.0), w=wp.int8(3)))\no[0] = s.inner.v.x + c[0].inner.v.y"
    before = case("c: wp.array[S], o: wp.array[float]", body, c=[(1, "o", INNER)], o=[1.0])
    without_w, without_k, without_a = proposed(drop_fields, before)
    assert "s = S(o, Inner(v=wp.vec2(1.0, 2.0), w=wp.int8(3)))" in kernel_of(without_k)
    assert "s = S(wp.int8(1), Inner(v=wp.vec2(1.0, 2.0), w=wp.int8(3)))" in kernel_of(without_a)
    assert "s = S(wp.int8(1), o, Inner(v=wp.vec2(1.0, 2.0)))" in kernel_of(without_w)
    assert [*without_w.buffers[0].named] == ["c.k", "c.inner.v"]
    assert (len(without_a.buffers[0].handles), len(without_k.buffers[0].handles)) == (0, 1)


def test_a_name_for_a_struct_is_written_out_where_only_its_arrays_change() -> None:
    before = case("q: S", "s = q\ns.a[0] = 1.0", q=(1, None, INNER))
    assert kernel_of(next(inline_variables(before, NOTHING))) == "@wp.kernel\ndef k(q: S):\n    q.a[0] = 1.0"


@pytest.mark.parametrize("propose", [unpack_parameters, unwrap_elements, drop_fields])
def test_a_case_without_structs_is_left_alone(propose: Propose) -> None:
    assert proposed(propose, case_of(kernel("o: wp.array[float]", "o[0] = 1.0"), o=[0.0])) == []
