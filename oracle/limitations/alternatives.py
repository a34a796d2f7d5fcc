"""What Warp does instead, for limitations where it can be said: another meaning of operations."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from grammar.ops.record import TABLE
from grammar.ops.table import comparisons
from grammar.types import Scalar
from oracle.limitations.conversions import common_type, converted
from oracle.records import TestCase
from oracle.reference.bindings import BINDINGS
from oracle.reference.departure import Departure


def _zero_minus(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_zero_minus, x))
    return type(x)(0) - x


def negation_as_subtraction(case: TestCase) -> Departure:
    """``-x`` is computed as ``0 - x``, which gives +0.0 for +0.0."""
    return Departure({"neg": _zero_minus})


def inaccurate_inverse_error_functions(case: TestCase) -> Departure:
    """``erfinv`` and ``erfcinv`` are short polynomials: no published bound holds."""
    return Departure(unbounded=frozenset({"erfinv", "erfcinv"}))


def _as_of_zeros(key: str) -> Callable[[Any], Any]:
    """The meaning of a normalisation that takes NaN for zero."""
    normalize = TABLE[key].value
    return lambda x: normalize(tuple(type(item)(0) for item in x) if any(map(math.isnan, x)) else x)


def normalization_of_positive_length(case: TestCase) -> Departure:
    """What has a length that is not greater than zero is normalised as zeros are, also where the length is NaN."""
    return Departure({key: _as_of_zeros(key) for key in ("normalize", "normalize.quat")})


def floor_of_rounded_quotient(case: TestCase) -> Departure:
    """``//`` of floats floors the quotient after it was rounded, which may have made it an integer."""
    return Departure({"floordiv.float": lambda a, b: np.floor(a / b)})


@cache
def _converted_comparisons() -> Departure:
    found = {}
    for op in comparisons().values():
        for overload in op.samples:
            left, right = overload.parameters
            if left != right and isinstance(left, Scalar) and isinstance(right, Scalar):
                found[overload.key] = converted(op.value, common_type(left, right))
    return Departure(found)


def comparison_after_conversion(case: TestCase) -> Departure:
    """Scalars of two types are converted as C++ does before they are compared."""
    return _converted_comparisons()


def eager_chains(case: TestCase) -> Departure:
    """All operands of a chained comparison are evaluated before the first two are compared."""
    return Departure(eager_chains=True)


def binding(name: str) -> Callable[[TestCase], Departure]:
    """Names are bound in one of Warp's ways."""
    return lambda case: Departure(bindings=frozenset([name]))


ALTERNATIVES: dict[str, Callable[[TestCase], Departure]] = {
    "eager_chains": eager_chains,
    "floor_of_rounded_quotient": floor_of_rounded_quotient,
    "normalization_of_positive_length": normalization_of_positive_length,
    "negation_as_subtraction": negation_as_subtraction,
    "comparison_after_conversion": comparison_after_conversion,
    "inaccurate_inverse_error_functions": inaccurate_inverse_error_functions,
    **{name: binding(name) for name in BINDINGS},
}
"""The alternatives by the name that ``limitations.toml`` uses."""
