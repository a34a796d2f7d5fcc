"""The operations on vectors, matrices and array elements: their examples, their types and where they are defined."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grammar.ops import TABLE, Op, Overload, find
from grammar.ops.components import leaves, over
from grammar.ops.record import Example
from grammar.types import FLOAT16, FLOAT32, FLOAT64, INT8, INT32, SCALAR_BY_NAME, Element, Matrix, Scalar, Type, Vector

COMPOSITE_OPS = [
    op
    for op in TABLE.values()
    if op.updates or any(not isinstance(type_, Scalar) for type_ in (*op.samples[0].parameters, op.samples[0].result))
]
EXAMPLES = [(op, example) for op in COMPOSITE_OPS for example in op.examples]
FLOAT_EDGES = (0.0, -0.0, 1.0, -1.5, 3.0, 1e-8, 60000.0, 1e300, 1e-300, math.inf, -math.inf, math.nan, 0.1)
INT_EDGES = (0, 1, -1, 2, 31, -2147483648, 2147483647, 7, 46341)


def typed(literal: Any, type_: Type) -> Any:
    """Convert literals to a value of a type."""
    scalar = type_.scalar
    convert = scalar.dtype.type if scalar.is_float else bool if scalar.kind == "bool" else int
    with np.errstate(over="ignore"):
        return over(convert, literal)


def shape_of_type(type_: Type) -> tuple[int, ...]:
    assert isinstance(type_, Element)
    extents: tuple[int, ...] = type_.extents
    return extents


def shape(value: Any) -> tuple[int, ...]:
    return (len(value), *shape(value[0])) if isinstance(value, tuple) else ()


def type_of_shape(shape: tuple[int, ...], scalar: Scalar) -> Type:
    match shape:
        case (rows, columns):
            return Matrix(rows, columns, scalar)
        case (length,):
            return Vector(length, scalar)
    return scalar


def fitting(op: Op, example: Example) -> Overload:
    """Find the overload of an example: of its scalar types, and of the shapes of its arguments and its value."""
    shapes = [*map(shape, example.arguments)]
    for overload in op.samples:
        if [type_.extents for type_ in overload.parameters] == shapes and overload.result.extents == shape(
            example.value
        ):
            scalars = (overload.scalar.name, overload.result.scalar.name)
            if all(wanted in ("", found) for wanted, found in zip((example.dtype, example.made), scalars, strict=True)):
                return overload
    for overload in op.samples:
        first = SCALAR_BY_NAME.get(example.dtype, overload.scalar)
        others = [type_.scalar for type_ in overload.parameters[1:]]
        types = [type_of_shape(*pair) for pair in zip(shapes, [first, *others, *[first] * 16], strict=False)]
        made = SCALAR_BY_NAME.get(example.made, overload.result.scalar)
        found = op.applied(types, type_of_shape(shape(example.value), made))
        if found is not None and len(found.parameters) == len(shapes):
            return found
    raise LookupError(f"{op.key} has no such example: {example}")


def same(a: Any, b: Any) -> bool:
    """Compare bit by bit, with NaN as a class."""
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    alike = a == b and math.copysign(1.0, a) == math.copysign(1.0, b)
    return type(a) is type(b) and bool(alike or (a != a and b != b))


def arguments_of(overload: Overload, start: int) -> tuple[Any, ...]:
    """Fill the parameters of an overload with edge values, from a starting place."""

    def literals(shape: tuple[int, ...], edges: Iterator[Any]) -> Any:
        return tuple(literals(shape[1:], edges) for _ in range(shape[0])) if shape else next(edges)

    arguments = []
    for position, type_ in enumerate(overload.parameters):
        scalar = type_.scalar
        edges = FLOAT_EDGES if scalar.is_float else (True, False) if scalar.kind == "bool" else INT_EDGES
        place = start * (position + 1) + position
        arguments.append(
            typed(literals(shape_of_type(type_), itertools.islice(itertools.cycle(edges), place, None)), type_)
        )
    return tuple(arguments)


def defined(overload: Overload, arguments: tuple[Any, ...]) -> bool:
    return overload.domain is None or overload.domain(overload.scalar, *arguments) is None


@pytest.mark.parametrize(("op", "example"), EXAMPLES, ids=[f"{op.key}-{i}" for i, (op, _) in enumerate(EXAMPLES)])
def test_examples_hold_bit_by_bit(op: Op, example: Any) -> None:
    overload = fitting(op, example)
    arguments = tuple(map(typed, example.arguments, overload.parameters))

    assert defined(overload, arguments)
    assert same(overload.value(*arguments), typed(example.value, overload.result))


@pytest.mark.parametrize("op", COMPOSITE_OPS, ids=[op.key for op in COMPOSITE_OPS])
def test_every_operation_has_an_example_and_its_documentation(op: Op) -> None:
    assert op.examples
    assert op.source


@pytest.mark.parametrize("op", COMPOSITE_OPS, ids=[op.key for op in COMPOSITE_OPS])
def test_values_and_radii_on_edges_have_the_shape_and_type_of_the_overload(op: Op) -> None:
    for overload, start in itertools.product(op.samples, range(6)):
        arguments = arguments_of(overload, start)
        if not defined(overload, arguments):
            continue
        value = overload.value(*arguments)
        zeros = tuple(over(lambda _: 0.0, argument) for argument in arguments)
        shaken = tuple(
            over(lambda x: 1e-6 if isinstance(x, np.floating) and math.isfinite(x) else 0.0, a) for a in arguments
        )
        radii = [overload.spread(arguments, zeros, value)] if op.rounding.is_open else []
        radii += [overload.spread(arguments, shaken, value)] if any(map(any, map(leaves, shaken))) else []

        assert shape(value) == shape_of_type(overload.result), overload.key
        assert all(type(x) is type(typed(0, overload.result.scalar)) for x in leaves(value)), overload.key
        for radius in radii:
            assert shape(radius) == shape_of_type(overload.result), overload.key
            assert all(type(r) is float and r >= 0.0 for r in leaves(radius)), (overload.key, arguments, radius)


def test_every_composite_overload_is_found_by_its_spelling_and_arguments() -> None:
    seen: dict[Any, Op] = {}
    for op in COMPOSITE_OPS:
        for overload in op.samples:
            arity = len(overload.parameters) if op.is_operator else -1
            assert seen.setdefault((overload.called, arity, overload.arguments), op) is op


@pytest.mark.parametrize(
    ("key", "scalar", "arguments", "reason"),
    [
        ("div.vec_scalar", INT32, ((1, 2), 0), "integer division by zero"),
        ("div.scalar_vec", INT32, (1, (2, 0)), "integer division by zero"),
        ("cw_div.mat", INT32, (((1, 2), (3, 4)), ((1, 1), (0, 1))), "integer division by zero"),
        ("mod.vec", INT32, ((1, 2), (3, 0)), "integer division by zero"),
        ("div.vec_scalar", INT32, ((1, -2147483648), -1), "the smallest integer divided by -1 overflows"),
        ("lshift.vec", INT32, ((1, 1), (1, 32)), "shift count out of range"),
        ("rshift.mat", INT32, (((1, 1), (1, 1)), ((0, 0), (0, -1))), "shift count out of range"),
        ("dot", INT32, ((46341, -46341), (46341, 46341)), "an intermediate sum may overflow"),
        ("length_sq", INT32, ((46341, 0),), "an intermediate sum may overflow"),
        ("trace", INT32, (((2147483647, 0), (0, -1)),), "an intermediate sum may overflow"),
        ("mul.mat_vec", INT32, (((1, 0), (65536, 32768)), (65536, 1)), "an intermediate sum may overflow"),
        ("cross", INT32, ((65536, 1, 0), (1, 65536, 0)), "an intermediate sum may overflow"),
        ("inverse", FLOAT64, (((1.0, 2.0), (2.0, 4.0)),), "inverse of a singular matrix"),
        ("inverse", FLOAT64, (((1.0, 2.0), (2.0, math.inf)),), "inverse of a matrix that is not finite"),
        ("norm_huber", FLOAT32, ((1.0, 1.0), 0.0), "the threshold of a Huber norm is not positive"),
        ("smooth_normalize", FLOAT32, ((1.0, 1.0), math.nan), "the threshold of a Huber norm is not positive"),
        ("vector.convert", FLOAT64, ((1.0, math.nan),), "conversion out of range of int32"),
    ],
)
def test_what_is_undefined_is_named(key: str, scalar: Scalar, arguments: Any, reason: str) -> None:
    made = INT32 if "convert" in key else None
    overload = next(o for o in find(key).samples if o.scalar is scalar and made in (None, o.result.scalar))
    exact = tuple(over(scalar.dtype.type, a) if scalar.is_float else a for a in arguments)

    assert overload.domain is not None
    assert overload.domain(scalar, *exact) == reason


@pytest.mark.parametrize(
    ("key", "arguments"),
    [
        ("dot", ((46340, 0), (46340, 0))),
        ("trace", (((2147483647, 5), (5, 0)),)),
        ("cross", ((-1, 0, 2147483647), (0, 1, 0))),
        ("mul.vec_mat", ((-1, 0), ((2147483647, 1), (5, 1)))),
    ],
)
def test_sums_of_integers_that_cannot_overflow_are_defined(key: str, arguments: Any) -> None:
    assert defined(next(o for o in find(key).samples if o.scalar is INT32), arguments)


def test_dot_products_are_rounded_once() -> None:
    tenth = np.float32(0.1)

    assert same(find("dot").value((tenth, tenth), (tenth, tenth)), np.float32(0.020000000596046449))
    assert same(find("length").value((np.float64(1e-200), np.float64(0.0))), np.float64(1e-200))
    assert same(
        find("length").value((np.float64(3.0 * 2.0**600), np.float64(4.0 * 2.0**600))), np.float64(5.0 * 2.0**600)
    )


def test_argmin_of_equal_elements_is_the_first() -> None:
    assert find("argmin").value((np.float32(1.0), np.float32(-2.0), np.float32(-2.0))) == 1
    assert find("argmax").value((5, 7, 7)) == 1


def test_atomics_work_on_the_documented_elements_only() -> None:
    added = {overload.parameters[0] for overload in find("atomic_add").samples}
    least = {overload.parameters[0] for overload in find("atomic_min").samples}

    assert {str(t) for t in added if isinstance(t, Scalar)} == {
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float16",
        "float32",
        "float64",
    }
    assert {type_.scalar for type_ in added} - {type_.scalar for type_ in least} == {FLOAT16}
    assert find("atomic_max").match((Vector(3, INT32), Vector(3, INT32))) is not None
    assert find("atomic_max").match((Matrix(2, 3, FLOAT64), Matrix(2, 3, FLOAT64))) is not None
    assert find("atomic_add").match((INT8, INT8)) is None
