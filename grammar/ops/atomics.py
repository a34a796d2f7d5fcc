"""The atomic operations on array elements.

The value of each is how the old element and the operand *combine*; the checker of types knows the array and its
indices. They return the old element. The four integer types of 8 and 16 bits have no atomics, and float16 has no atomic
minimum and maximum. The minimum and the maximum are those of ``wp.min`` and ``wp.max``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from grammar.ops.composites import componentwise
from grammar.ops.record import op

SUMS = frozenset({"atomic_add", "atomic_sub"})
"""Atomics whose float results depend on the order of threads by what rounding does, and by nothing else."""

COMMUTING = (
    SUMS,
    frozenset({"atomic_min"}),
    frozenset({"atomic_max"}),
    frozenset({"bit_and"}),
    frozenset({"bit_or"}),
    frozenset({"bit_xor"}),
)
"""Which kinds of updates commute, by the names of their operations: those of one set, with themselves and each other.

``a[i] += x`` and ``a[i] -= x`` are the atomics of that name, the bit operators are their own (documented: augmented
assignments to array elements, and to components of them, are atomic). Several threads may update one place by kinds
that commute: what is left there does not depend on their order. An exchange or a compare-and-swap commutes with
nothing, not even with itself: what is left is what the last thread put there. What an update returns depends on the
order for every kind.
"""


def commute(kinds: AbstractSet[str]) -> bool:
    """Say whether updates of these kinds leave the same behind in every order."""
    return any(kinds <= alike for alike in COMMUTING)


_SUMMED = ("Wide", "vec[n, Wide]", "mat[r, c, Wide]")
_ORDERED = ("Ordered", "vec[n, Ordered]", "mat[r, c, Ordered]")


def _atomic(
    name: str,
    combine: dict[str, Any],
    elements: Sequence[str],
    weight: int,
    source: str,
    examples: Sequence[Any],
    *,
    chooses: bool = False,
) -> None:
    op(
        name,
        *(f"arr: place[{element}], value: {element} -> {element}" for element in elements),
        group="Utility",
        spelling=f"wp.{name}({{0}}, {{1}})",
        weight=weight,
        source=source,
        examples=examples,
        chooses=chooses,
        **combine,
    )


_atomic(
    "atomic_add",
    componentwise("add"),
    _SUMMED,
    5,
    "Atomically adds ``value`` onto ``arr[i]`` and returns the original value of ``arr[i]``.",
    [
        ((math.inf, -math.inf), math.nan, "float32"),
        ((65504.0, 32.0), math.inf, "float16"),
        ((4294967295, 1), 4294967296, "uint32"),
        (((1.0, -0.0), (0.5, -0.0)), (1.5, -0.0), "float64"),
        ((((1, 2), (3, 4)), ((1, 1), (1, -4))), ((2, 3), (4, 0)), "int32"),
    ],
)
_atomic(
    "atomic_sub",
    componentwise("sub"),
    _SUMMED,
    2,
    "Atomically subtracts ``value`` onto ``arr[i]`` and returns the original value of ``arr[i]``.",
    [
        ((math.inf, math.inf), math.nan, "float32"),
        ((0, 1), -1, "uint64"),
        (((1.0, -0.0), (0.5, 0.0)), (0.5, -0.0), "float16"),
        ((((1, 2), (3, 4)), ((1, 1), (1, -4))), ((0, 1), (2, 8)), "int32"),
    ],
)
_atomic(
    "atomic_min",
    componentwise("min"),
    _ORDERED,
    1,
    "Compute the minimum of ``value`` and ``arr[i]``, atomically update the array, and return the old value. The "
    "operation is only atomic on a per-component basis for vectors and matrices.",
    [
        ((1.0, -math.inf), -math.inf, "float64"),
        ((math.nan, 1.0), 1.0, "float32"),
        ((-2147483648, 2147483647), -2147483648, "int32"),
        ((4294967295, 0), 0, "uint32"),
        (((1.0, -2.0, 3.0), (-1.0, 2.0, 3.0)), (-1.0, -2.0, 3.0), "float32"),
        ((((1, 2), (3, 4)), ((0, 5), (3, -4))), ((0, 2), (3, -4)), "int32"),
    ],
    chooses=True,
)
_atomic(
    "atomic_max",
    componentwise("max"),
    _ORDERED,
    1,
    "Compute the maximum of ``value`` and ``arr[i]``, atomically update the array, and return the old value. The "
    "operation is only atomic on a per-component basis for vectors and matrices.",
    [
        ((1.0, -math.inf), 1.0, "float64"),
        ((1.0, math.nan), 1.0, "float32"),
        ((-2147483648, 2147483647), 2147483647, "int32"),
        ((18446744073709551615, 0), 18446744073709551615, "uint64"),
        (((1.0, -2.0, 3.0), (-1.0, 2.0, 3.0)), (1.0, 2.0, 3.0), "float32"),
        ((((1, 2), (3, 4)), ((0, 5), (3, -4))), ((1, 5), (3, 4)), "int32"),
    ],
    chooses=True,
)
