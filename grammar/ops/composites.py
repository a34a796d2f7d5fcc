"""Vectors and matrices: how they are made, and the operators on them.

Operations that act component by component are the scalar operations of the same name, lifted (:func:`componentwise`).
Matrix products are sums of products whose order of evaluation is not promised (:func:`sum_of_products`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from grammar.ops import casts, operators, scalar_math, utility
from grammar.ops.arrays import is_array, is_integral, on_arrays, with_arrays
from grammar.ops.components import exact_sum, exact_sums, leaves, over, transpose
from grammar.ops.composite_spreads import by_component, constant, rearranged, where_uncertain
from grammar.ops.decisions import equality_spread
from grammar.ops.domains import Domain
from grammar.ops.record import UNORDERED, ByOverload, Op, Overload, find, op
from grammar.ops.sums import sum_spread, sums_spread
from grammar.types import Scalar

SCALAR_TABLES = (casts, operators, scalar_math, utility)
"""The modules that define the scalar operations lifted here."""

VEC = "vec[n, Scalar]"
MAT = "mat[r, c, Scalar]"
SHAPES = {"vec": VEC, "mat": MAT}


def componentwise(*keys: str) -> dict[str, Any]:
    """Return value, domain, rounding and spread of a scalar operation, applied component by component.

    Two keys are the integer and the float variant of it; the last operand decides.
    """
    whole, real = find(keys[0]), find(keys[-1])

    def value(*arguments: Any) -> Any:
        return over(lambda *parts: (whole if isinstance(parts[-1], int) else real).value(*parts), *arguments)

    def many(*arguments: Any) -> Any:
        return over(lambda *parts: _many(whole if is_integral(parts[-1]) else real, parts), *arguments)

    if on_arrays(whole.value) and on_arrays(real.value):
        with_arrays(value, many)

    def refuses(scalar: Scalar, *arguments: Any) -> str | None:
        undefined = (whole if scalar.is_integer else real).domain
        if undefined is None:
            return None
        return next(
            (reason for reason in leaves(over(lambda *parts: undefined(scalar, *parts), *arguments)) if reason), None
        )

    def spread(values: Sequence[Any], radii: Sequence[float], result: Any) -> float:
        radius: float = (whole if isinstance(result, int) else real).spread(values, radii, result)
        return radius

    def spreads(values: Sequence[Any], radii: Sequence[Any], result: Any) -> Any:
        many = on_arrays((whole if is_integral(result) else real).spread)
        assert many is not None
        return many(values, radii, result)

    if on_arrays(whole.spread) and on_arrays(real.spread):
        with_arrays(spread, spreads)
    component = spread if real.rounding.is_open else where_uncertain(spread)
    domain = whole.domain or real.domain
    return {
        "value": value,
        "domain": domain and domain.on(refuses),
        "rounding": real.rounding,
        "spread": by_component(component),
    }


def _many(operation: Op, parts: Sequence[Any]) -> Any:
    function = on_arrays(operation.value) if any(map(is_array, parts)) else operation.value
    assert function is not None
    return function(*parts)


_PARTIAL_SUMS = (
    "[No order of the sum is documented; C++17, expr 4: if during the evaluation of an expression the result is not in "
    "the range of representable values for its type, the behaviour is undefined.]"
)


def sum_of_products(terms: Callable[..., Any]) -> dict[str, Any]:
    """Return value, domain, rounding and spread of sums of products: ``terms`` makes one sum for each component.

    Partial sums of integers in any order are defined if the magnitudes of the products add up within the type.
    """

    def value(*arguments: Any) -> Any:
        return over(exact_sum, terms(*arguments))

    def refuses(scalar: Scalar, *arguments: Any) -> str | None:
        sums = leaves(terms(*arguments))
        if scalar.is_float or all(sum(abs(math.prod(product)) for product in s) <= scalar.high for s in sums):
            return None
        return "an intermediate sum may overflow"

    def spread(values: Sequence[Any], radii: Sequence[Any], value: Any) -> Any:
        return over(sum_spread, terms(*values), terms(*radii), value)

    with_arrays(value, lambda *arguments: over(exact_sums, terms(*arguments)))
    with_arrays(spread, lambda values, radii, value: over(sums_spread, terms(*values), terms(*radii), value))

    domain = Domain("small", 0, refuses, _PARTIAL_SUMS)
    return {"value": value, "domain": domain, "rounding": UNORDERED, "spread": spread}


# Construction


def _constructor(
    variant: str, parameters: str, weight: int, source: str, vec: Sequence[Any], mat: Sequence[Any], **meaning: Any
) -> None:
    """Enter a way to make a vector, and a matrix, with the examples of each."""
    for name, result, examples in (("vector", "vec[n, {}]", vec), ("matrix", "mat[r, c, {}]", mat)):
        op(
            name,
            f"{parameters.format(result.format('Scalar2'))} -> {result.format('Scalar')}",
            variant=variant,
            group="Constructors",
            spelling="{type}(...)",
            weight=weight,
            source=source.format(name),
            examples=examples,
            **meaning,
        )


def placed(shaped: Callable[[Overload], Callable[..., Any]]) -> dict[str, Any]:
    """Value and spread of an operation that only puts its operands in places, which the overload says."""
    return {"value": ByOverload(shaped), "spread": ByOverload(lambda overload: rearranged(shaped(overload)))}


def _converted(fact: str) -> ByOverload:
    """A fact of the conversion of every component to the scalar type of the result."""
    return ByOverload(lambda overload: componentwise(overload.result.scalar.name)[fact])


_constructor(
    "",
    "*_parts[size]: Scalar",
    6,
    "Construct a {} from its component values.",
    vec=[
        ((-1, 0), (-1, 0), "int32"),
        ((-1.0, 0.5, math.nan), (-1.0, 0.5, math.nan), "float32"),
        ((-1, 0, 1, 2), (-1, 0, 1, 2), "int32"),
    ],
    mat=[
        ((-1, 0, 1, 2), ((-1, 0), (1, 2)), "int32"),
        (tuple(range(-1, 8)), ((-1, 0, 1), (2, 3, 4), (5, 6, 7)), "int32"),
        (
            (-1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0),
            ((-1.0, 0.0, 1.0, 2.0), (3.0, 4.0, 5.0, 6.0), (7.0, 8.0, 9.0, 10.0), (11.0, 12.0, 13.0, 14.0)),
            "float64",
        ),
    ],
    **placed(lambda overload: lambda *parts: overload.result.built(iter(parts))),
)
_constructor(
    "fill",
    "_value: Scalar",
    3,
    "Construct a {} filled with a value.",
    vec=[((7,), (7, 7), "int32"), ((-0.0,), (-0.0, -0.0, -0.0, -0.0), "float16")],
    mat=[((7,), ((7, 7), (7, 7)), "int32"), ((0.1,), ((0.1,) * 3,) * 3, "float32")],
    **placed(lambda overload: overload.result.filled),
)
_constructor(
    "zero",
    "",
    2,
    "Construct a zero-initialized {}.",
    vec=[((), (0, 0), "int32"), ((), (0.0, 0.0, 0.0), "float32")],
    mat=[((), ((0, 0), (0, 0)), "int32"), ((), ((0.0,) * 4,) * 4, "float16")],
    value=ByOverload(lambda overload: lambda: overload.result.default),
    spread=constant,
)
_constructor(
    "convert",
    "_other: {}",
    2,
    "Construct a {} by copy. [Of another scalar type: from a sequence of values, each converted.]",
    vec=[
        (((-0.0, 0.1),), (-0.0, 0.0999755859375), "float64", "float16"),
        (((2049, -3),), (2048.0, -3.0), "int32", "float16"),
        (((-0.0, 1.0, 2.0),), (-0.0, 1.0, 2.0), "float16", "float32"),
        (((0.1, 0.1),), (0.10000000149011612, 0.10000000149011612), "float64", "float32"),
        (((16777217, 0),), (16777216.0, 0.0), "int32", "float32"),
        (((-0.0, 0.1),), (-0.0, 0.10000000149011612), "float32", "float64"),
        (((-2147483648, 1, 2, 3),), (-2147483648.0, 1.0, 2.0, 3.0), "int32", "float64"),
        (((-2147483648, 1),), (-2147483648, 1), "int32", "int32"),
        (((-2.75, 0.5),), (-2, 0), "float32", "int32"),
        (((2147483647.5, 0.0),), (2147483647, 0), "float64", "int32"),
    ],
    mat=[
        ((((-0.0, 0.1), (1.0, 2.0)),), ((-0.0, 0.0999755859375), (1.0, 2.0)), "float64", "float16"),
        ((((16777217, 0), (1, 2)),), ((16777216.0, 0.0), (1.0, 2.0)), "int32", "float32"),
        ((((-2.75, 0.5), (1.0, -1.0)),), ((-2, 0), (1, -1)), "float32", "int32"),
    ],
    value=_converted("value"),
    domain=_converted("domain"),
    spread=_converted("spread"),
)


# Operators, component by component


def _operator(
    name: str,
    variant: str,
    signature: str,
    spelling: str,
    weight: int,
    source: str,
    examples: Sequence[Any],
    **meaning: Any,
) -> None:
    op(
        name,
        signature,
        variant=variant,
        group="Operators",
        spelling=spelling,
        weight=weight,
        source=source,
        examples=examples,
        **meaning,
    )


def _pairwise(
    name: str, symbol: str, weight: int, source: str, vec: Sequence[Any], mat: Sequence[Any], scalars: str = "Scalar"
) -> None:
    """Enter an operator on two vectors, and on two matrices, with the examples of each."""
    for variant, examples in (("vec", vec), ("mat", mat)):
        type_ = SHAPES[variant].replace("Scalar", scalars)
        signature = f"a: {type_}, b: {type_} -> {type_}"
        _operator(name, variant, signature, f"{{0}} {symbol} {{1}}", weight, source, examples, **componentwise(name))


def _unary(
    name: str, symbol: str, weight: int, source: str, vec: Sequence[Any], mat: Sequence[Any], scalars: str = "Scalar"
) -> None:
    """Enter an operator on one vector, and on one matrix, with the examples of each."""
    for variant, examples in (("vec", vec), ("mat", mat)):
        type_ = SHAPES[variant].replace("Scalar", scalars)
        _operator(
            name, variant, f"x: {type_} -> {type_}", f"{symbol}{{0}}", weight, source, examples, **componentwise(name)
        )


_pairwise(
    "add",
    "+",
    15,
    "Add ``a`` and ``b``.",
    vec=[
        (((math.inf, -0.0), (-math.inf, 0.0)), (math.nan, 0.0), "float32"),
        (((65504.0, 2049.0, 1.0), (32.0, 1.0, 2.0)), (math.inf, 2048.0, 3.0), "float16"),
        (((-2147483648, 1, 2, 3), (2147483647, 1, 1, 1)), (-1, 2, 3, 4), "int32"),
    ],
    mat=[
        ((((1.0, 2.0), (-0.0, math.nan)), ((0.5, -2.0), (-0.0, 1.0))), ((1.5, 0.0), (-0.0, math.nan)), "float64"),
        ((((1, 2), (3, 4)), ((10, 20), (30, 40))), ((11, 22), (33, 44)), "int32"),
    ],
)
_pairwise(
    "sub",
    "-",
    15,
    "Subtract ``b`` from ``a``.",
    vec=[
        (((math.inf, 0.0), (math.inf, 0.0)), (math.nan, 0.0), "float32"),
        (((1.0, 2.0, -0.0), (0.5, 4.0, 0.0)), (0.5, -2.0, -0.0), "float64"),
        (((1, 2, 3), (3, 2, 1)), (-2, 0, 2), "int32"),
    ],
    mat=[
        ((((1.0, 2.0), (3.0, 4.0)), ((1.0, 1.0), (1.0, 0.5))), ((0.0, 1.0), (2.0, 3.5)), "float32"),
        ((((1, 2), (3, 4)), ((10, 20), (30, 40))), ((-9, -18), (-27, -36)), "int32"),
    ],
)
_unary(
    "neg",
    "-",
    3,
    "Negate ``x``.",
    vec=[
        (((0.0, -math.inf),), (-0.0, math.inf), "float32"),
        (((1.5, -2.5, math.nan),), (-1.5, 2.5, math.nan), "float16"),
        (((2147483647, -1, 0, 5),), (-2147483647, 1, 0, -5), "int32"),
    ],
    mat=[((((0.0, -0.0), (1.0, -2.0)),), ((-0.0, 0.0), (-1.0, 2.0)), "float64")],
)
_unary(
    "pos",
    "+",
    1,
    "Pass ``x`` unchanged.",
    vec=[(((-0.0, math.nan),), (-0.0, math.nan), "float32"), (((-1, 0, 1),), (-1, 0, 1), "int32")],
    mat=[((((1.0, -0.0), (3.0, 4.0)),), ((1.0, -0.0), (3.0, 4.0)), "float32")],
)
_operator(
    "mod",
    "vec",
    f"a: {VEC}, b: {VEC} -> {VEC}",
    "{0} % {1}",
    2,
    "Modulo operation using truncated division.",
    [
        (((1.0, math.inf), (0.0, 2.0)), (math.nan, math.nan), "float32"),
        (((-7.5, 7.5, -4.0), (3.0, -3.0, 2.0)), (-1.5, 1.5, -0.0), "float64"),
        (((-7, 7, -7, 4), (3, -3, -3, 2)), (-1, 1, -1, 0), "int32"),
    ],
    **componentwise("mod.int", "mod.float"),
)
_pairwise(
    "bit_and",
    "&",
    1,
    "Compute the bitwise AND of ``a`` and ``b``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-1, 12), (255, 10)), (255, 8), "int32")],
    mat=[((((-1, 12), (6, 0)), ((255, 10), (3, 9))), ((255, 8), (2, 0)), "int32")],
    scalars="Int",
)
_pairwise(
    "bit_or",
    "|",
    1,
    "Compute the bitwise OR of ``a`` and ``b``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-128, 12), (127, 10)), (-1, 14), "int32")],
    mat=[((((-128, 12), (6, 0)), ((127, 10), (3, 9))), ((-1, 14), (7, 9)), "int32")],
    scalars="Int",
)
_pairwise(
    "bit_xor",
    "^",
    2,
    "Compute the bitwise XOR of ``a`` and ``b``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-1, 12), (1, 10)), (-2, 6), "int32")],
    mat=[((((-1, 12), (6, 5)), ((1, 10), (3, 5))), ((-2, 6), (5, 0)), "int32")],
    scalars="Int",
)
_pairwise(
    "lshift",
    "<<",
    1,
    "Compute ``a`` left-shifted by ``b`` bits. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((1, 3, 0), (30, 2, 31)), (1073741824, 12, 0), "int32")],
    mat=[((((1, 3), (5, 7)), ((30, 2), (1, 0))), ((1073741824, 12), (10, 7)), "int32")],
    scalars="Int",
)
_pairwise(
    "rshift",
    ">>",
    1,
    "Compute ``a`` right-shifted by ``b`` bits. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-7, -1, 255), (1, 31, 7)), (-4, -1, 1), "int32")],
    mat=[((((-7, -1), (255, 8)), ((1, 31), (7, 0))), ((-4, -1), (1, 8)), "int32")],
    scalars="Int",
)
_unary(
    "invert",
    "~",
    1,
    "Compute the bitwise complement of ``a``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((0, -1, 2147483647),), (-1, 0, -2147483648), "int32")],
    mat=[((((0, -1), (7, -8)),), ((-1, 0), (-8, 7)), "int32")],
    scalars="Int",
)


def _equal(a: Any, b: Any) -> bool:
    """Compare all components: NaN differs from itself, and zeros of both signs are equal."""
    return all(bool(x == y) for x, y in zip(leaves(a), leaves(b), strict=True))


def _equality(
    name: str, symbol: str, value: Callable[[Any, Any], bool], vec: Sequence[Any], mat: Sequence[Any]
) -> None:
    for variant, examples in (("vec", vec), ("mat", mat)):
        _operator(
            name,
            variant,
            f"a: {SHAPES[variant]}, b: {SHAPES[variant]} -> bool",
            f"{{0}} {symbol} {{1}}",
            2,
            "[Manual: ``==`` and ``!=`` compare vectors and matrices as wholes; comparisons with NaN follow IEEE 754.]",
            examples,
            value=value,
            spread=equality_spread,
        )


_equality(
    "eq",
    "==",
    _equal,
    vec=[
        (((math.nan, 1.0), (math.nan, 1.0)), False, "float32"),
        (((-0.0, 1.0, 2.0), (0.0, 1.0, 2.0)), True, "float16"),
        (((1, 2), (1, 3)), False, "int32"),
    ],
    mat=[
        ((((-0.0, 1.0), (2.0, 3.0)), ((0.0, 1.0), (2.0, 3.0))), True, "float64"),
        ((((1, 2), (3, 4)), ((1, 2), (3, 5))), False, "int32"),
    ],
)
_equality(
    "ne",
    "!=",
    lambda a, b: not _equal(a, b),
    vec=[
        (((math.nan, 1.0), (math.nan, 1.0)), True, "float32"),
        (((-0.0, 1.0, 2.0), (0.0, 1.0, 2.0)), False, "float16"),
        (((1, 2), (1, 3)), True, "int32"),
    ],
    mat=[
        ((((-0.0, 1.0), (2.0, 3.0)), ((0.0, 1.0), (2.0, 3.0))), False, "float64"),
        ((((1, 2), (3, 4)), ((1, 2), (3, 5))), True, "int32"),
    ],
)


# Scaling

_operator(
    "mul",
    "vec_scalar",
    f"a: {VEC}, b: Scalar -> {VEC}",
    "{0} * {1}",
    12,
    "Multiply two values. Scale a vector by a scalar.",
    [
        (((math.inf, -1.0), 0.0), (math.nan, -0.0), "float32"),
        (((0.1, 3.0, -7.0), 3.0), (0.2998046875, 9.0, -21.0), "float16"),
        (((1, -2, 3, 0), -7), (-7, 14, -21, 0), "int32"),
    ],
    **componentwise("mul"),
)
_operator(
    "mul",
    "scalar_vec",
    f"a: Scalar, b: {VEC} -> {VEC}",
    "{0} * {1}",
    12,
    "Multiply two values. Scale a vector by a scalar.",
    [
        ((0.0, (math.inf, -1.0)), (math.nan, -0.0), "float32"),
        ((0.5, (1.0, -2.0, 5.0)), (0.5, -1.0, 2.5), "float64"),
        ((-7, (1, -2, 3)), (-7, 14, -21), "int32"),
    ],
    **componentwise("mul"),
)
_operator(
    "mul",
    "mat_scalar",
    f"a: {MAT}, b: Scalar -> {MAT}",
    "{0} * {1}",
    6,
    "Multiply two values. Scale a matrix by a scalar.",
    [
        ((((math.inf, -1.0), (2.0, 3.0)), 0.0), ((math.nan, -0.0), (0.0, 0.0)), "float32"),
        ((((1, -2), (3, 0)), -7), ((-7, 14), (-21, 0)), "int32"),
    ],
    **componentwise("mul"),
)
_operator(
    "mul",
    "scalar_mat",
    f"a: Scalar, b: {MAT} -> {MAT}",
    "{0} * {1}",
    6,
    "Multiply two values. Scale a matrix by a scalar.",
    [
        ((0.0, ((math.inf, -1.0), (2.0, 3.0))), ((math.nan, -0.0), (0.0, 0.0)), "float32"),
        ((-7, ((1, -2), (3, 0))), ((-7, 14), (-21, 0)), "int32"),
    ],
    **componentwise("mul"),
)
_operator(
    "div",
    "vec_scalar",
    f"a: {VEC}, b: Scalar -> {VEC}",
    "{0} / {1}",
    4,
    "Divide two values. Divide a vector by a scalar.",
    [
        (((1.0, 0.0), -0.0), (-math.inf, math.nan), "float32"),
        (((1.0, 2.0, -6.0), 3.0), (0.33325195, 0.66650391, -2.0), "float16"),
        (((-7, 7, 1, 0), 2), (-3, 3, 0, 0), "int32"),
    ],
    **componentwise("div.int", "div.float"),
)
_operator(
    "div",
    "scalar_vec",
    f"a: Scalar, b: {VEC} -> {VEC}",
    "{0} / {1}",
    2,
    "Divide two values. Divide a scalar by each element of a vector.",
    [
        ((1.0, (-0.0, math.inf)), (-math.inf, 0.0), "float32"),
        ((1.0, (3.0, 2.0, -4.0)), (0.3333333333333333, 0.5, -0.25), "float64"),
        ((-7, (2, -2, 7)), (-3, 3, -1), "int32"),
    ],
    **componentwise("div.int", "div.float"),
)
_operator(
    "div",
    "mat_scalar",
    f"a: {MAT}, b: Scalar -> {MAT}",
    "{0} / {1}",
    2,
    "Divide two values. Divide a matrix by a scalar.",
    [
        ((((1.0, 0.0), (-1.0, math.inf)), 0.0), ((math.inf, math.nan), (-math.inf, math.inf)), "float32"),
        ((((-7, 7), (1, 0)), 2), ((-3, 3), (0, 0)), "int32"),
    ],
    **componentwise("div.int", "div.float"),
)
_operator(
    "div",
    "scalar_mat",
    f"a: Scalar, b: {MAT} -> {MAT}",
    "{0} / {1}",
    1,
    "Divide two values. Divide a scalar by each element of a matrix.",
    [
        ((1.0, ((-0.0, math.inf), (4.0, -8.0))), ((-math.inf, 0.0), (0.25, -0.125)), "float32"),
        ((-7, ((2, -2), (7, 8))), ((-3, 3), (-1, 0)), "int32"),
    ],
    **componentwise("div.int", "div.float"),
)


# Matrix products


def _mat_mat(a: Any, b: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(list(zip(row, column, strict=True)) for column in transpose(b)) for row in a)


def _mat_vec(a: Any, b: Any) -> tuple[Any, ...]:
    return tuple(list(zip(row, b, strict=True)) for row in a)


def _vec_mat(a: Any, b: Any) -> tuple[Any, ...]:
    return tuple(list(zip(a, column, strict=True)) for column in transpose(b))


_TWO, _OTHER = ((1.0, 2.0), (3.0, 4.0)), ((0.5, -1.0), (2.0, 0.0))
_WHOLE, _WIDE = ((1, 2, 3), (4, 5, 6), (7, 8, 9)), ((1, 2, 3), (4, 5, 6))

for _symbol, _suffix in (("*", ""), ("@", "_at")):
    _operator(
        "mul",
        f"mat_mat{_suffix}",
        "a: mat[r, k, Scalar], b: mat[k, c, Scalar] -> mat[r, c, Scalar]",
        f"{{0}} {_symbol} {{1}}",
        6,
        "Multiply two values. Compute a matrix-matrix product.",
        [
            ((((math.inf, 1.0), (0.0, 1.0)), ((1.0, 0.0), (0.0, 1.0))), ((math.inf, math.nan), (0.0, 1.0)), "float64"),
            ((_TWO, _OTHER), ((4.5, -1.0), (9.5, -3.0)), "float32"),
            ((_WHOLE, ((0, 1, 0), (-1, 0, 0), (0, 0, 2))), ((-2, 1, 6), (-5, 4, 12), (-8, 7, 18)), "int32"),
            ((_WIDE, ((1, 0), (0, 1), (1, 1))), ((4, 5), (10, 11)), "int32"),
        ],
        **sum_of_products(_mat_mat),
    )
    _operator(
        "mul",
        f"mat_vec{_suffix}",
        "a: mat[r, c, Scalar], b: vec[c, Scalar] -> vec[r, Scalar]",
        f"{{0}} {_symbol} {{1}}",
        6,
        "Multiply two values. Compute a matrix-vector product.",
        [
            ((((math.inf, 1.0), (0.0, 1.0)), (-1.0, math.nan)), (math.nan, math.nan), "float32"),
            ((_TWO, (0.5, -1.0)), (-1.5, -2.5), "float16"),
            ((_WHOLE, (1, 0, -1)), (-2, -2, -2), "int32"),
            ((_WIDE, (1, 0, -1)), (-2, -2), "int32"),
        ],
        **sum_of_products(_mat_vec),
    )
    _operator(
        "mul",
        f"vec_mat{_suffix}",
        "a: vec[r, Scalar], b: mat[r, c, Scalar] -> vec[c, Scalar]",
        f"{{0}} {_symbol} {{1}}",
        6,
        "Multiply two values. Compute a row-vector-by-matrix product.",
        [
            (((-1.0, 0.0), ((math.inf, 1.0), (1.0, 1.0))), (-math.inf, -1.0), "float32"),
            (((0.5, -1.0), _TWO), (-2.5, -3.0), "float64"),
            (((1, 0, -1), _WHOLE), (-6, -6, -6), "int32"),
            (((2, -1), _WIDE), (-2, -1, 0), "int32"),
        ],
        **sum_of_products(_vec_mat),
    )
