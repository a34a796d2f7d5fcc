"""Ball arithmetic with rounding, for formulas whose order of evaluation is free (``UNORDERED``).

A :class:`Ball` holds every value that an intermediate step may have, for any operands in their balls, whether the step
is rounded to the type, fused with the next one or neither. Written with plain operators, a formula over balls thereby
bounds what any engine gives for it, as long as the engine evaluates the same terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grammar.ops.spreads import LARGEST, OUTWARD, TINY, outward, outward_on_arrays, quotient, quotients


@dataclass(frozen=True)
class Ball:
    """All numbers within ``radius`` of ``centre`` (both float64); each step rounds to the NumPy type ``kind``."""

    centre: Any
    radius: Any
    kind: type[np.floating[Any]]

    def _step(self, centre: float, radius: float) -> Ball:
        """Add the rounding of a step, in the type and in the float64 of the centre; no bound where it may overflow."""
        kind = np.finfo(self.kind)
        rounding = float(kind.eps) * (abs(centre) + radius) + float(kind.smallest_subnormal)
        reach = (radius + rounding) * OUTWARD + TINY
        return Ball(centre, reach if abs(centre) + reach <= LARGEST[self.kind] else math.inf, self.kind)

    def __add__(self, other: Ball) -> Ball:
        return self._step(self.centre + other.centre, self.radius + other.radius)

    def __sub__(self, other: Ball) -> Ball:
        return self._step(self.centre - other.centre, self.radius + other.radius)

    def __mul__(self, other: Ball) -> Ball:
        radius = abs(self.centre) * other.radius + (abs(other.centre) + other.radius) * self.radius
        return self._step(self.centre * other.centre, radius)

    def __truediv__(self, other: Ball) -> Ball:
        radius = quotient(self.centre, other.centre, self.radius, other.radius)
        return self._step(self.centre / other.centre if radius < math.inf else math.nan, radius)

    def sqrt(self) -> Ball:
        """Give the ball of the square root of a number that is never negative, however it was rounded."""
        root, most = math.sqrt(self.centre), math.sqrt(self.radius)
        return self._step(root, min(most, self.radius / root) if root else most)

    def clamped(self, low: float, high: float) -> Ball:
        """Give the ball of ``min(max(self, low), high)``."""
        outside = max(low - self.centre, self.centre - high, 0.0)
        radius = max(self.radius - outside / OUTWARD, 0.0) * OUTWARD
        return Ball(min(max(self.centre, low), high), radius, self.kind)

    def around(self, value: Any) -> float:
        """Give the radius around ``value`` that holds this ball; infinite where that is not a finite number."""
        return outward(abs(self.centre - float(value)) + self.radius, value)


class Balls(Ball):
    """Many balls at a time: centre and radius are arrays, or the same for all."""

    def _step(self, centre: Any, radius: Any) -> Balls:
        kind = np.finfo(self.kind)
        rounding = float(kind.eps) * (abs(centre) + radius) + float(kind.smallest_subnormal)
        reach = (radius + rounding) * OUTWARD + TINY
        return Balls(centre, np.where(abs(centre) + reach <= LARGEST[self.kind], reach, math.inf), self.kind)

    def __truediv__(self, other: Ball) -> Balls:
        radius = quotients(self.centre, other.centre, self.radius, other.radius)
        return self._step(np.where(radius < math.inf, self.centre / other.centre, math.nan), radius)

    def around(self, value: Any) -> Any:
        """Compute the radii around values that hold these balls."""
        return outward_on_arrays(np.abs(self.centre - value.astype(np.float64)) + self.radius, value)


def balls(values: Sequence[Any], radii: Sequence[float]) -> list[Ball]:
    """Make the balls of operands of one float type, given as NumPy scalars."""
    return [Ball(float(x), r, type(x)) for x, r in zip(values, radii, strict=True)]
