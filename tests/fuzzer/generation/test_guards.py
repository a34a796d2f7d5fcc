"""Guards: what keeps an operand within a domain does so, whatever the operand was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzer.generation.guards import GUARDS, guard_of
from grammar import nodes as n
from grammar.ops.domains import BITS, NONZERO
from grammar.ops.record import TABLE
from grammar.ops.table import operator_overload
from grammar.syntax import emit
from grammar.types import INT8, INT32, INTS, UINT64, Scalar


@given(st.sampled_from(INTS), st.data())
def test_a_guarded_operand_is_within_the_domain(scalar: Scalar, data: st.DataObject) -> None:
    operand = data.draw(st.integers(scalar.low, scalar.high))
    for domain in (NONZERO(1), BITS(1)):
        guard = GUARDS[domain.demands]
        overload = operator_overload(guard.symbol, (scalar, scalar))
        assert overload is not None
        assert domain(scalar, 7, overload.value(operand, guard.number)) is None


@pytest.mark.parametrize(
    ("name", "type_", "written"),
    [
        ("div.int", INT32, "x | 1"),
        ("mod.int", INT8, "x | wp.int8(1)"),
        ("lshift", UINT64, "x & wp.uint64(7)"),
    ],
)
def test_the_right_operand_of_an_operation_is_guarded_as_its_domain_demands(
    name: str, type_: Scalar, written: str
) -> None:
    guard = guard_of(TABLE[name], 1)
    assert guard is not None
    assert emit(guard.applied(n.Name("x"), type_)) == written


def test_an_operand_that_may_be_anything_has_no_guard() -> None:
    assert guard_of(TABLE["add"], 1) is None
    assert guard_of(TABLE["div.int"], 0) is None
    assert guard_of(TABLE["int8"], 0) is None
