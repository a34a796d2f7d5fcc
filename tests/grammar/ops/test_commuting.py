"""Which kinds of atomic updates commute: every pair of them, and what that means for values that are left behind."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from grammar.ops import TABLE, find
from grammar.ops.atomics import commute

KINDS = (
    "atomic_add",
    "atomic_sub",
    "atomic_min",
    "atomic_max",
    "bit_and",
    "bit_or",
    "bit_xor",
    "atomic_exch",
    "atomic_cas",
)

#: A row and a column per kind, in that order: x where the two commute.
PAIRS = """
    x x . . . . . . .
    x x . . . . . . .
    . . x . . . . . .
    . . . x . . . . .
    . . . . x . . . .
    . . . . . x . . .
    . . . . . . x . .
    . . . . . . . . .
    . . . . . . . . .
"""
EXPECTED = {
    (kind, other): mark == "x"
    for kind, row in zip(KINDS, PAIRS.split("\n")[1:-1], strict=True)
    for other, mark in zip(KINDS, row.split(), strict=True)
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_of_kinds_commutes_or_not(kind: str) -> None:
    assert {other: commute({kind, other}) for other in KINDS} == {other: EXPECTED[kind, other] for other in KINDS}


def test_three_kinds_commute_only_if_each_pair_does() -> None:
    assert commute({"atomic_add", "atomic_sub"})
    assert not commute({"atomic_add", "atomic_sub", "atomic_min"})


def test_every_atomic_of_the_language_has_its_row() -> None:
    assert {op.name for op in TABLE.values() if op.updates} <= set(KINDS)


IN_LANGUAGE = [kind for kind in KINDS if kind in TABLE]


@pytest.mark.parametrize(("kind", "other"), list(itertools.product(IN_LANGUAGE, repeat=2)))
def test_kinds_commute_where_no_integers_tell_the_order(kind: str, other: str) -> None:
    first, second = find(kind).value, find(other).value
    triples = itertools.product((-3, 0, 5, 6), repeat=3)
    alike = all(second(first(x, a), b) == first(second(x, b), a) for x, a, b in triples)
    assert alike == EXPECTED[kind, other]


def test_of_floats_only_what_rounding_does_depends_on_the_order() -> None:
    add, one, tiny = find("atomic_add").value, np.float32(1.0), np.float32(2.0**-24)
    assert add(add(tiny, tiny), one) == np.float32(1.0 + 2.0**-23)
    assert add(add(one, tiny), tiny) == one
