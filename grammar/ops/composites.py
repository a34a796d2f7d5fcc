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
from grammar.ops.record import COMPOSITE_SCALARS, LENGTHS, UNORDERED, Op, find, op
from grammar.ops.sums import sum_spread, sums_spread
from grammar.types import Element, Matrix, Scalar, Vector

SCALAR_TABLES = (casts, operators, scalar_math, utility)
"""The modules that define the scalar operations lifted here."""

VEC = "vec[n, Composite]"
MAT = "mat[n, n, Composite]"
SHAPES = {"vec": VEC, "mat": MAT}


def componentwise(*keys: str) -> dict[str, Any]:
    """Give value, domain, rounding and spread of a scalar operation, applied component by component.

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
    """Give value, domain, rounding and spread of sums of products: ``terms`` makes one sum for each component.

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


def _shaped(type_: Element) -> Callable[..., tuple[Any, ...]]:
    """Make the function that puts components in the shape of the type."""
    return lambda *parts: type_.built(iter(parts))


#: What a component of another type becomes, by target: type, component, converted.
_CONVERTED: dict[str, list[tuple[str, Any, Any]]] = {
    "float16": [("float64", -0.0, -0.0), ("float64", 0.1, 0.0999755859375), ("int32", 2049, 2048.0)],
    "float32": [("float16", -0.0, -0.0), ("float64", 0.1, 0.10000000149011612), ("int32", 16777217, 16777216.0)],
    "float64": [("float32", -0.0, -0.0), ("float32", 0.1, 0.10000000149011612), ("int32", -2147483648, -2147483648.0)],
    "int32": [("int32", -2147483648, -2147483648), ("float32", -2.75, -2), ("float64", 2147483647.5, 2147483647)],
}


def _constructors(type_: Vector | Matrix) -> None:
    """Enter the ways to make a value of a type: from its components, filled, zero, and from another scalar type."""
    kind, head, sizes = (
        ("vector", "vec", (type_.length,))
        if isinstance(type_, Vector)
        else ("matrix", "mat", (type_.rows, type_.columns))
    )
    count, shape, scalar = math.prod(sizes), ", ".join(map(str, sizes)), type_.scalar
    called = type_.written
    shaped, zero = _shaped(type_), scalar.dtype.type(0) if scalar.is_float else 0

    def filled(x: Any) -> tuple[Any, ...]:
        return shaped(*(x,) * count)

    def enter(variant: str, parameters: Sequence[str], weight: int, **meaning: Any) -> None:
        op(
            type_.name,
            f"{', '.join(parameters)} -> {head}[{shape}, {scalar}]",
            variant=variant,
            group="Constructors",
            spelling=f"{called}({', '.join(f'{{{i}}}' for i in range(len(parameters)))})",
            weight=weight,
            **meaning,
        )

    enter(
        "",
        [f"_{name}: {scalar}" for name in _component_names(type_)],
        6,
        value=shaped,
        spread=rearranged(shaped),
        source=f"Construct a {kind} from its component values.",
        examples=[(tuple(range(-1, count - 1)), _COUNTED[sizes])],
    )
    enter(
        "fill",
        [f"_value: {scalar}"],
        3,
        value=filled,
        spread=rearranged(filled),
        source=f"Construct a {kind} filled with a value.",
        examples=[((7,), filled(7))],
    )
    enter(
        "zero",
        [],
        2,
        value=lambda: filled(zero),
        spread=constant,
        source=f"Construct a zero-initialized {kind}.",
        examples=[((), filled(0))],
    )
    enter(
        "convert",
        [f"_other: {head}[{shape}, Composite]"],
        2,
        **componentwise(scalar.name),
        source=f"Construct a {kind} by copy. [Of another scalar type: from a sequence of values, each converted.]",
        examples=[((filled(x),), filled(y), dtype) for dtype, x, y in _CONVERTED[scalar.name]],
    )


def _component_names(type_: Vector | Matrix) -> list[str]:
    if isinstance(type_, Vector):
        return list("xyzw"[: type_.length])
    return [f"m{row}{column}" for row in range(type_.rows) for column in range(type_.columns)]


_COUNTED: dict[tuple[int, ...], Any] = {
    (2,): (-1, 0),
    (3,): (-1, 0, 1),
    (4,): (-1, 0, 1, 2),
    (2, 2): ((-1, 0), (1, 2)),
    (3, 3): ((-1, 0, 1), (2, 3, 4), (5, 6, 7)),
    (4, 4): ((-1, 0, 1, 2), (3, 4, 5, 6), (7, 8, 9, 10), (11, 12, 13, 14)),
}
"""What the components -1, 0, 1, ... make, by shape."""

_TYPES: tuple[Vector | Matrix, ...] = (
    *(Vector(length, scalar) for scalar in COMPOSITE_SCALARS for length in LENGTHS),
    *(Matrix(size, size, scalar) for scalar in COMPOSITE_SCALARS for size in LENGTHS),
)

for _type in _TYPES:
    _constructors(_type)


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
    name: str, symbol: str, weight: int, source: str, vec: Sequence[Any], mat: Sequence[Any], scalars: str = "Composite"
) -> None:
    """Enter an operator on two vectors, and on two matrices, with the examples of each."""
    for variant, examples in (("vec", vec), ("mat", mat)):
        type_ = SHAPES[variant].replace("Composite", scalars)
        signature = f"a: {type_}, b: {type_} -> {type_}"
        _operator(name, variant, signature, f"{{0}} {symbol} {{1}}", weight, source, examples, **componentwise(name))


def _unary(
    name: str, symbol: str, weight: int, source: str, vec: Sequence[Any], mat: Sequence[Any], scalars: str = "Composite"
) -> None:
    """Enter an operator on one vector, and on one matrix, with the examples of each."""
    for variant, examples in (("vec", vec), ("mat", mat)):
        type_ = SHAPES[variant].replace("Composite", scalars)
        _operator(
            name, variant, f"x: {type_} -> {type_}", f"{symbol}{{0}}", weight, source, examples, **componentwise(name)
        )


_pairwise(
    "add",
    "+",
    6,
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
    6,
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
    scalars="CompositeInt",
)
_pairwise(
    "bit_or",
    "|",
    1,
    "Compute the bitwise OR of ``a`` and ``b``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-128, 12), (127, 10)), (-1, 14), "int32")],
    mat=[((((-128, 12), (6, 0)), ((127, 10), (3, 9))), ((-1, 14), (7, 9)), "int32")],
    scalars="CompositeInt",
)
_pairwise(
    "bit_xor",
    "^",
    1,
    "Compute the bitwise XOR of ``a`` and ``b``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-1, 12), (1, 10)), (-2, 6), "int32")],
    mat=[((((-1, 12), (6, 5)), ((1, 10), (3, 5))), ((-2, 6), (5, 0)), "int32")],
    scalars="CompositeInt",
)
_pairwise(
    "lshift",
    "<<",
    1,
    "Compute ``a`` left-shifted by ``b`` bits. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((1, 3, 0), (30, 2, 31)), (1073741824, 12, 0), "int32")],
    mat=[((((1, 3), (5, 7)), ((30, 2), (1, 0))), ((1073741824, 12), (10, 7)), "int32")],
    scalars="CompositeInt",
)
_pairwise(
    "rshift",
    ">>",
    1,
    "Compute ``a`` right-shifted by ``b`` bits. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((-7, -1, 255), (1, 31, 7)), (-4, -1, 1), "int32")],
    mat=[((((-7, -1), (255, 8)), ((1, 31), (7, 0))), ((-4, -1), (1, 8)), "int32")],
    scalars="CompositeInt",
)
_unary(
    "invert",
    "~",
    1,
    "Compute the bitwise complement of ``a``. Apply the operation element-wise to vectors [and] matrices.",
    vec=[(((0, -1, 2147483647),), (-1, 0, -2147483648), "int32")],
    mat=[((((0, -1), (7, -8)),), ((-1, 0), (-8, 7)), "int32")],
    scalars="CompositeInt",
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
    f"a: {VEC}, b: Composite -> {VEC}",
    "{0} * {1}",
    6,
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
    f"a: Composite, b: {VEC} -> {VEC}",
    "{0} * {1}",
    6,
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
    f"a: {MAT}, b: Composite -> {MAT}",
    "{0} * {1}",
    3,
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
    f"a: Composite, b: {MAT} -> {MAT}",
    "{0} * {1}",
    3,
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
    f"a: {VEC}, b: Composite -> {VEC}",
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
    f"a: Composite, b: {VEC} -> {VEC}",
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
    f"a: {MAT}, b: Composite -> {MAT}",
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
    f"a: Composite, b: {MAT} -> {MAT}",
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
_WHOLE = ((1, 2, 3), (4, 5, 6), (7, 8, 9))

for _symbol, _suffix in (("*", ""), ("@", "_at")):
    _operator(
        "mul",
        f"mat_mat{_suffix}",
        f"a: {MAT}, b: {MAT} -> {MAT}",
        f"{{0}} {_symbol} {{1}}",
        3,
        "Multiply two values. Compute a matrix-matrix product.",
        [
            ((((math.inf, 1.0), (0.0, 1.0)), ((1.0, 0.0), (0.0, 1.0))), ((math.inf, math.nan), (0.0, 1.0)), "float64"),
            ((_TWO, _OTHER), ((4.5, -1.0), (9.5, -3.0)), "float32"),
            ((_WHOLE, ((0, 1, 0), (-1, 0, 0), (0, 0, 2))), ((-2, 1, 6), (-5, 4, 12), (-8, 7, 18)), "int32"),
        ],
        **sum_of_products(_mat_mat),
    )
    _operator(
        "mul",
        f"mat_vec{_suffix}",
        f"a: {MAT}, b: {VEC} -> {VEC}",
        f"{{0}} {_symbol} {{1}}",
        3,
        "Multiply two values. Compute a matrix-vector product.",
        [
            ((((math.inf, 1.0), (0.0, 1.0)), (-1.0, math.nan)), (math.nan, math.nan), "float32"),
            ((_TWO, (0.5, -1.0)), (-1.5, -2.5), "float16"),
            ((_WHOLE, (1, 0, -1)), (-2, -2, -2), "int32"),
        ],
        **sum_of_products(_mat_vec),
    )
    _operator(
        "mul",
        f"vec_mat{_suffix}",
        f"a: {VEC}, b: {MAT} -> {VEC}",
        f"{{0}} {_symbol} {{1}}",
        3,
        "Multiply two values. Compute a row-vector-by-matrix product.",
        [
            (((-1.0, 0.0), ((math.inf, 1.0), (1.0, 1.0))), (-math.inf, -1.0), "float32"),
            (((0.5, -1.0), _TWO), (-2.5, -3.0), "float64"),
            (((1, 0, -1), _WHOLE), (-6, -6, -6), "int32"),
        ],
        **sum_of_products(_vec_mat),
    )
