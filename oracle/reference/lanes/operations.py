"""One operation applied to all lanes: its domain, its value, the range of its type, its radius.

What the table says of arrays (:mod:`grammar.ops.arrays`) is computed for all lanes together; the rest lane by lane, as
for a single thread. Both give the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grammar import nodes as n
from grammar.ops.arrays import as_float64, on_arrays
from grammar.ops.components import leaves, over
from grammar.ops.record import EXACT, PRODUCT, Overload
from grammar.types import Scalar
from oracle.reference.bounding import LARGEST, OUTWARD, Regime, is_marked, normal, own_rounding, radius_of, ulps
from oracle.reference.expressions import in_range
from oracle.reference.lanes.values import (
    Unsuited,
    by_lane,
    each,
    gathered,
    gathered_radii,
    put_radius,
    radii_by_lane,
    settled,
    spelled_out,
    taken,
    uncertain,
)


def applied(
    at: n.Node, overload: Overload, values: Sequence[Any], radii: Sequence[Any], count: int, regime: Regime
) -> tuple[Any, Any]:
    """Apply an operation to ``count`` lanes, where some operand varies.

    Raises:
        Unsuited: It is not defined in some lane, or has no bound there.
        Undefined: An integer leaves its type.
    """
    if overload.domain is not None and _is_undefined_somewhere(overload.domain, overload.scalar, values, count):
        raise Unsuited(f"{overload.key} is not defined in some lane")
    many, one = on_arrays(overload.value), overload.value
    value = settled(many(*values)) if many else gathered(each(one, *_columns(values, count)), overload.result)
    if overload.float_name is None:
        value = _in_range(value, overload, at, count)
    inexact = uncertain(radii)
    if not overload.rounds and not np.any(inexact):
        return value, 0
    return value, _radius(overload, values, radii, value, inexact, count, regime)


def _is_undefined_somewhere(domain: Callable[..., Any], scalar: Scalar, values: Sequence[Any], count: int) -> bool:
    many = on_arrays(domain)
    if many is not None:
        return bool(many(scalar, *values))
    return any(each(domain, [scalar] * count, *_columns(values, count)))


def _columns(values: Sequence[Any], count: int) -> list[Any]:
    return [by_lane(value, count) for value in values]


def _in_range(value: Any, overload: Overload, at: n.Node, count: int) -> Any:
    scalar = overload.result.scalar
    if scalar.is_integer and not all(_holds(scalar, leaf) for leaf in leaves(value)):
        return gathered([in_range(one, overload.result, at) for one in by_lane(value, count)], overload.result)
    return value


def _holds(scalar: Scalar, leaf: Any) -> bool:
    low, high = (leaf.min(), leaf.max()) if isinstance(leaf, np.ndarray) else (leaf, leaf)
    return bool(scalar.low <= low and high <= scalar.high)


def _radius(
    overload: Overload,
    values: Sequence[Any],
    radii: Sequence[Any],
    value: Any,
    inexact: Any,
    count: int,
    regime: Regime,
) -> Any:
    """Bound the values of all lanes as :func:`oracle.reference.bounding.radius_of` bounds one."""
    radius = settled(_computed(overload, values, radii, value, inexact, regime))
    asked = _undecided(radius, count)
    if asked.any():
        radius = _asked(overload, values, radii, value, radius, asked, regime)
    if any(np.any(leaf == math.inf) for leaf in leaves(radius)):
        raise Unsuited(f"{overload.op.key} has no bound in some lane")
    return radius if np.any(uncertain([radius])) else 0


def _undecided(radius: Any, count: int) -> Any:
    found = np.zeros(count, np.bool_)
    for leaf in leaves(radius):
        found |= np.isnan(leaf)
    return found


def _computed(
    overload: Overload, values: Sequence[Any], radii: Sequence[Any], value: Any, inexact: Any, regime: Regime
) -> Any:
    """Bound all lanes together; NaN where a single thread is to be asked."""
    rounding, scalar = overload.op.rounding, overload.float_name
    spread = on_arrays(overload.spread)
    if spread is None:
        return math.nan
    if scalar is None:
        found = spread(values, [*map(spelled_out, values, radii)], value)
        return over(lambda leaf: np.where(inexact, leaf, 0.0), found)
    own: Any = own_rounding(rounding, regime, scalar)
    if rounding is not EXACT and not rounding.is_open:
        own = own + inexact
    needed = np.any(inexact) or rounding.is_open
    spreads = spread(values, [*map(spelled_out, values, radii)], value) if needed else over(lambda _: 0.0, value)
    if not rounding.is_open:
        spreads = over(lambda leaf: np.where(inexact, leaf, 0.0), spreads)
    found = over(lambda x, r: _widened(x, r, own, scalar), value, spreads)
    if rounding is PRODUCT and regime.fuses and isinstance(overload.result, Scalar):
        found = np.where(inexact, found, _of_exact_operands(values, value, found, scalar))
    return found


def _of_exact_operands(values: Sequence[Any], value: Any, radius: Any, scalar: str) -> Any:
    """Radii of products of exact scalars that may be fused: 0 where nothing was rounded, NaN where to be asked."""
    if scalar == "float64":
        return math.nan
    a, b = map(as_float64, values)
    return np.where(a * b == as_float64(value), 0.0, radius)


def _widened(value: Any, spread: Any, own: Any, scalar: str) -> Any:
    """Add the rounding of the operation itself; NaN where the value is not finite."""
    magnitude = np.abs(value.astype(np.float64))
    widened = (spread + own * ulps(magnitude + spread, scalar)) * OUTWARD + math.ulp(0.0)
    found = np.where(np.greater(own, 0.0), widened, spread)
    found = np.where(magnitude + found > LARGEST[scalar], math.inf, found)
    return np.where(np.isfinite(magnitude), found, math.nan)


def _asked(
    overload: Overload,
    values: Sequence[Any],
    radii: Sequence[Any],
    value: Any,
    radius: Any,
    asked: Any,
    regime: Regime,
) -> Any:
    """Replace the radii of some lanes by what a single thread computes."""
    lanes, count = np.flatnonzero(asked), len(asked)
    operands = zip(*_columns([taken(one, lanes) for one in values], len(lanes)), strict=True) if values else ()
    reaches = zip(*(radii_by_lane(taken(one, lanes), len(lanes)) for one in radii), strict=True)
    found = [
        radius_of(overload, one, [*map(normal, reach)], result, regime)
        for one, reach, result in zip(operands, reaches, by_lane(taken(value, lanes), len(lanes)), strict=True)
    ]
    if any(map(is_marked, found)):
        raise Unsuited(f"{overload.op.key} has a radius that is told by its identity")
    part = gathered_radii(found, overload.result)
    return part if len(lanes) == count else put_radius(radius, lanes, part, count)
