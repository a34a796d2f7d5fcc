"""Mutants of operations: what the value of an operation would be if somebody got it wrong. One line per mistake."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from grammar.ops import operators
from tests.quality.mutants import Mutant, operation


def _swapped(right: Any) -> Any:
    return lambda a, b, *rest: right(b, a, *rest)


def _always(value: Any) -> Any:
    return lambda right: lambda *operands: value


def _after(change: Any) -> Any:
    """The right value, changed afterwards."""
    return lambda right: lambda *operands: change(right(*operands))


def _transposed(rows: Any) -> Any:
    return tuple(zip(*rows, strict=True))


def _reversed(items: Any) -> Any:
    return tuple(reversed(items))


def _second_down(x: Any) -> Any:
    """A float that is two neighbours too low."""
    low = type(x)(-np.inf)
    return np.nextafter(np.nextafter(x, low), low)


def _like(function: Any) -> Any:
    """A NumPy function in place of ours."""
    return lambda right: np.errstate(all="ignore")(function)


OPERATION_MUTANTS: tuple[Mutant, ...] = (
    operation("add", "subtracts", lambda right: operator.sub),
    operation("add", "of float32 is not rounded", lambda right: lambda a, b: np.float64(a) + np.float64(b)),
    operation("sub", "operands swapped", _swapped),
    operation("mul", "adds", lambda right: operator.add),
    operation("neg", "keeps the sign", lambda right: operator.pos),
    operation("pos", "takes the magnitude", lambda right: abs),
    operation("div.int", "floors", lambda right: operator.floordiv),
    operation("div.float", "operands swapped", _swapped),
    operation("floordiv.int", "truncates", lambda right: operators.truncated_quotient),
    operation("floordiv.float", "truncates", lambda right: lambda a, b: np.trunc(a / b)),
    operation("mod.int", "floors", lambda right: operator.mod),
    operation("mod.float", "floors", _like(np.remainder)),
    operation("pow.operator", "operands swapped", _swapped),
    operation("bit_and", "is an or", lambda right: operator.or_),
    operation("bit_or", "is an exclusive or", lambda right: operator.xor),
    operation("bit_xor", "is an or", lambda right: operator.or_),
    operation("lshift", "one bit too few", lambda right: lambda a, b: a << max(b - 1, 0)),
    operation("rshift", "fills with zeros", lambda right: lambda a, b: (a & 0xFFFFFFFF) >> b),
    operation("rshift", "divides toward zero", lambda right: lambda a, b: operators.truncated_quotient(a, 1 << b)),
    operation("invert", "negates", lambda right: operator.neg),
    operation("lt", "holds of equals", lambda right: operator.le),
    operation("le", "does not hold of equals", lambda right: operator.lt),
    operation("gt", "holds of equals", lambda right: operator.ge),
    operation("ge", "is not less, also with NaN", lambda right: lambda a, b: not a < b),
    operation("eq", "NaN equals NaN", lambda right: lambda a, b: right(a, b) or bool(a != a and b != b)),
    operation("ne", "NaN does not differ", lambda right: lambda a, b: right(a, b) and bool(a == a and b == b)),
    operation("min", "keeps NaN", lambda right: lambda a, b: a if math.isnan(a) else right(a, b)),
    operation("max", "keeps NaN", lambda right: lambda a, b: b if math.isnan(b) else right(a, b)),
    operation("max", "is the minimum", lambda right: min),
    operation("clamp", "forgets the lower limit", lambda right: lambda x, low, high: min(x, high)),
    operation("abs", "does nothing", lambda right: lambda x: x),
    operation("sign", "of zero is zero", lambda right: lambda x: type(x)(0) if x == 0 else right(x)),
    operation("copysign", "takes the sign of the first", lambda right: lambda a, b: right(b, a)),
    operation("step", "reversed", lambda right: lambda x: type(x)(1) - right(x)),
    operation("nonzero", "reversed", lambda right: lambda x: type(x)(1) - right(x)),
    operation("bit_count", "counts the magnitude", lambda right: lambda x: abs(x).bit_count()),
    operation("bit_count", "one too many", _after(lambda count: count + 1)),
    operation("round", "halves to even", _like(np.rint)),
    operation("rint", "halves away from zero", _like(lambda x: np.copysign(np.floor(abs(x) + type(x)(0.5)), x))),
    operation("trunc", "floors", _like(np.floor)),
    operation("floor", "truncates", _like(np.trunc)),
    operation("ceil", "is one above the floor", _like(lambda x: np.floor(x) + type(x)(1))),
    operation("frac", "counts from the floor", _like(lambda x: x - np.floor(x))),
    operation("isnan", "is never", _always(False)),
    operation("isinf", "holds of NaN", lambda right: lambda x: not np.isfinite(x)),
    operation("isfinite", "holds of NaN", lambda right: lambda x: not np.isinf(x)),
    operation("sin", "is the cosine", _like(np.cos)),
    operation("cos", "two ULP low", _after(_second_down)),
    operation("exp", "to the base two", _like(np.exp2)),
    operation("log", "two ULP low", _after(_second_down)),
    operation("log10", "to the base two", _like(np.log2)),
    operation("atan2", "operands swapped", _swapped),
    operation("sqrt", "of the magnitude", _like(lambda x: np.sqrt(abs(x)))),
    operation("cbrt", "of a negative number is NaN", _like(lambda x: x ** (type(x)(1) / type(x)(3)))),
    operation("degrees", "the inverse", _like(np.radians)),
    operation("erf", "the complement", lambda right: lambda x: type(x)(1) - right(x)),
    operation("where", "branches swapped", lambda right: lambda condition, yes, no: no if condition else yes),
    operation("lerp", "ends swapped", _swapped),
    operation("smoothstep", "ends swapped", _swapped),
    operation("bool", "of a fraction below one is False", lambda right: lambda x: int(x) != 0 if x == x else True),
    operation("int32", "rounds", lambda right: lambda x: right(round(float(x)) if isinstance(x, np.floating) else x)),
    operation("int8", "saturates", lambda right: lambda x: max(-128, min(127, int(x)))),
    operation("uint8", "saturates", lambda right: lambda x: max(0, min(255, int(x)))),
    operation("uint32", "loses the highest bit", _after(lambda x: x & 0x7FFFFFFF)),
    operation("float16", "rounds to float32", lambda right: np.float32),
    operation("float64", "by way of float32", lambda right: lambda x: right(np.float32(x))),
    operation("vector", "components reversed", _after(_reversed)),
    operation("vector.convert", "components reversed", _after(_reversed)),
    operation("matrix", "filled by columns", _after(_transposed)),
    operation("add.vec", "subtracts", lambda right: lambda a, b: tuple(x - y for x, y in zip(a, b, strict=True))),
    operation("neg.mat", "does nothing", lambda right: lambda a: a),
    operation("eq.vec", "holds if one component does", lambda right: lambda a, b: any(map(operator.eq, a, b))),
    operation("ne.mat", "reversed", _after(operator.not_)),
    operation("mul.mat_mat", "operands swapped", _swapped),
    operation("mul.mat_vec", "of the transposed", lambda right: lambda a, v: right(_transposed(a), v)),
    operation("mul.vec_mat", "of the transposed", lambda right: lambda v, a: right(v, _transposed(a))),
    operation("div.scalar_vec", "the reciprocal", _after(lambda v: tuple(type(x)(1) / x for x in v))),
    operation("cw_mul.vec", "adds", lambda right: lambda a, b: tuple(map(operator.add, a, b))),
    operation("min.reduce", "of all but the last", lambda right: lambda v: right(v[:-1])),
    operation("argmin", "the last of equals", lambda right: lambda v: len(v) - 1 - right(_reversed(v))),
    operation("argmax", "the smallest", lambda right: lambda v: right(tuple(-x for x in v))),
    operation("dot", "without the last component", lambda right: lambda a, b: right(a[:-1], b[:-1])),
    operation("cross", "operands swapped", _swapped),
    operation("outer", "transposed", _after(_transposed)),
    operation("skew", "transposed", _after(_transposed)),
    operation("length", "squared", _after(lambda x: x * x)),
    operation("length_sq", "not squared", _after(np.sqrt)),
    operation("normalize", "halved", _after(lambda v: tuple(x / type(x)(2) for x in v))),
    operation("transpose", "does nothing", lambda right: lambda a: a),
    operation("inverse", "transposed", _after(_transposed)),
    operation("determinant", "of the wrong sign", _after(operator.neg)),
    operation("trace", "of the other diagonal", lambda right: lambda a: right(_reversed(a))),
    operation("diag", "reversed", lambda right: lambda v: right(_reversed(v))),
    operation("matrix_from_cols", "takes rows", _after(_transposed)),
    operation("atomic_sub", "adds", lambda right: operator.add),
    operation("atomic_max", "is the minimum", lambda right: min),
)
