"""Zeros whose sign the documentation leaves open: what an operation makes of them, for each sign.

``wp.max(-0.0, 0.0)`` may be either zero, and ``wp.max(-0.0, 0.0) + 1.0`` is 1.0 all the same. So an operation on such a
zero is applied to both: where its outcomes are equal numbers it has a value, which may again be either zero; else it
has no bound.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

from grammar.ops.balls import EITHER_ZERO
from grammar.ops.record import Overload, Radius, Value
from oracle.reference.bounding import Regime, normal, radius_of

MOST_OPEN = 4
"""Zeros of either sign among the operands of one operation, up to which all outcomes are looked at: 16."""


def has_open_zero(radii: Sequence[Radius]) -> bool:
    """Say whether the sign of some zero is open."""
    if EITHER_ZERO in radii and any(radius is EITHER_ZERO for radius in radii):
        return True
    return tuple in map(type, radii) and any(type(radius) is tuple and has_open_zero(radius) for radius in radii)


def _open_zeros(radii: Sequence[Radius]) -> int:
    return sum(_open_zeros(r) if isinstance(r, tuple) else r is EITHER_ZERO for r in radii)


def radius_of_all(
    overload: Overload,
    meaning: Callable[..., Value],
    values: Sequence[Value],
    radii: Sequence[Radius],
    value: Value,
    regime: Regime,
) -> Radius:
    """Bound the result of an operation on zeros of either sign: all results, around the one that is given."""
    if _open_zeros(radii) > MOST_OPEN:
        return radius_of(overload, values, [_forgotten(r) for r in radii], value, regime)
    united: Radius = 0
    for operands in itertools.product(*map(_signed, values, radii)):
        chosen, rest = [x for x, _ in operands], [normal(r) for _, r in operands]
        other = meaning(*chosen)
        united = _united(value, united, other, radius_of(overload, chosen, rest, other, regime))
    return normal(united)


def _signed(value: Value, radius: Radius) -> Iterator[tuple[Value, Radius]]:
    """List the values that an operand may be, one for each sign of its zeros, with radii of its shape."""
    if radius is EITHER_ZERO:
        yield from ((value, 0.0), (-value, 0.0))
    elif isinstance(radius, tuple):
        for parts in itertools.product(*map(_signed, value, radius)):
            yield tuple([x for x, _ in parts]), tuple([r for _, r in parts])
    else:
        yield value, radius


def _united(value: Value, radius: Radius, other: Value, other_radius: Radius) -> Radius:
    """Compute the radius around a value that holds another ball too; infinite where the two are not the same number."""
    if isinstance(value, tuple):
        parts = zip(value, _spelled(value, radius), other, _spelled(value, other_radius), strict=True)
        return tuple([_united(*part) for part in parts])
    if value != other and not (value != value and other != other):
        return math.inf
    opposite = value == 0 and math.copysign(1.0, value) != math.copysign(1.0, other)
    return max(radius, other_radius) or (EITHER_ZERO if opposite else 0.0)


def _spelled(value: Value, radius: Radius) -> Sequence[Radius]:
    return radius or (0.0,) * len(value)


def _forgotten(radius: Radius) -> Radius:
    """Replace a radius by one that spans both zeros, and says nothing of what lies between."""
    if isinstance(radius, tuple):
        return tuple(map(_forgotten, radius))
    return 2.0 * EITHER_ZERO if radius is EITHER_ZERO else radius
