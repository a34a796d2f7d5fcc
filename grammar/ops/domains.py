"""Where operations are defined: named domains, each with the sentence that leaves the rest open.

A domain says what one operand must be. Whoever changes operands until an operation is defined (a generator that repairs
what it drew) reads the name and the operand, and knows no operation: ``NONZERO(1)`` is kept by any other divisor.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from grammar.types import Scalar

Refusal = Callable[..., str | None]
"""``(scalar type, *values) -> reason | None``: says why the value is undefined, or None."""


@dataclass(frozen=True)
class Domain:
    """Where an operation is defined.

    Attributes:
        demands: What the operand must be, in a word: ``nonzero``.
        operand: The position of that operand.
        refuses: Says of operands why the value is undefined, or None.
        left_open: The sentence that leaves the outcome open elsewhere: of Warp's documentation, or, where that is
            silent, of what says that Python and C++ have no value there.
        mended: Makes an operand of one that is not as demanded, where that takes a computation.
    """

    demands: str
    operand: int
    refuses: Refusal
    left_open: str
    mended: Callable[[Any], Any] | None = None

    def __call__(self, scalar: Scalar, *values: Any) -> str | None:
        """Say why the value is undefined for operands, the first of that scalar type; None where it is defined."""
        return self.refuses(scalar, *values)

    def on(self, refuses: Refusal) -> Domain:
        """Demand the same of operands that are made of several: of each component, say."""
        return replace(self, refuses=refuses)


def NONZERO(operand: int) -> Domain:  # noqa: N802  # named like the constant that it is but for the operand
    """The divisor of two integers, which is not zero; nor does the quotient leave the type."""

    def refuses(scalar: Scalar, a: int, b: int) -> str | None:
        if b == 0:
            return "integer division by zero"
        if scalar.kind == "int" and not scalar.wraps and a == scalar.low and b == -1:
            return "the smallest integer divided by -1 overflows"
        return None

    return Domain(
        "nonzero",
        operand,
        refuses,
        "[Python raises ZeroDivisionError.] [C++17, expr.mul 4: if the second operand is zero, or the quotient is not "
        "representable in its type, the behaviour is undefined.]",
    )


def BITS(operand: int) -> Domain:  # noqa: N802
    """A number of bits to shift by: not negative, and less than the type has."""

    def refuses(scalar: Scalar, a: int, b: int) -> str | None:
        return None if 0 <= b < scalar.bits else "shift count out of range"

    return Domain(
        "bits",
        operand,
        refuses,
        "[Python raises ValueError where the count is negative.] [C++17, expr.shift 1: the behaviour is undefined if "
        "the right operand is negative, or greater than or equal to the width.]",
    )


def WITHIN(target: Scalar, left_open: str) -> Domain:  # noqa: N802
    """A float that an integer type holds once it has lost its fraction."""

    def refuses(scalar: Scalar, x: Any) -> str | None:
        if not scalar.is_float or (math.isfinite(x) and target.low <= int(x) <= target.high):
            return None
        return f"conversion out of range of {target}"

    return Domain("within", 0, refuses, left_open)
