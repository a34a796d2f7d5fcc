"""Types: scalar types are one object each, also behind a process boundary."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from grammar.types import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT32,
    INT64,
    SCALARS,
    UINT8,
    UINT64,
    Array,
    Element,
    Leaf,
    Matrix,
    Scalar,
    Tuple,
    Vector,
    element_named,
    predefined,
)
from tests.elements import ELEMENTS


@pytest.mark.parametrize("scalar", SCALARS, ids=str)
def test_a_scalar_type_stays_the_same_object_when_it_is_sent_or_copied(scalar: Scalar) -> None:
    assert pickle.loads(pickle.dumps(scalar)) is scalar
    assert copy.deepcopy(scalar) is scalar


def test_types_made_of_one_scalar_type_compare_by_value() -> None:
    types = (Vector(3, FLOAT32), Matrix(2, 2, INT32), Array(Vector(2, INT32), 2))
    assert pickle.loads(pickle.dumps(types)) == types
    assert len({*types, Vector(3, FLOAT32), Vector(3, INT32)}) == 4


@pytest.mark.parametrize(
    ("type_", "written", "expression"),
    [
        (UINT8, "wp.uint8", "wp.uint8"),
        (Vector(3, FLOAT32), "wp.vec3", "wp.vec3"),
        (Vector(2, UINT64), "wp.vec2ul", "wp.vec2ul"),
        (Vector(5, FLOAT16), "vec5h", "wp.types.vector(length=5, dtype=wp.float16)"),
        (Vector(3, BOOL), "vec3bool", "wp.types.vector(length=3, dtype=wp.bool)"),
        (Matrix(2, 2, FLOAT64), "wp.mat22d", "wp.mat22d"),
        (Matrix(2, 2, INT32), "mat22i", "wp.types.matrix(shape=(2, 2), dtype=wp.int32)"),
        (Matrix(3, 4, FLOAT32), "mat34", "wp.types.matrix(shape=(3, 4), dtype=wp.float32)"),
        (Matrix(12, 2, INT8), "mat12x2b", "wp.types.matrix(shape=(12, 2), dtype=wp.int8)"),
    ],
    ids=str,
)
def test_a_type_knows_its_name_and_what_defines_it(type_: Element, written: str, expression: str) -> None:
    assert (type_.written, type_.expression) == (written, expression)


def test_an_annotation_is_written_with_the_name_of_the_element() -> None:
    assert Array(Vector(5, INT8), 1).written == "wp.array[vec5b]"
    assert Array(FLOAT64, 3).written == "wp.array3d[wp.float64]"
    assert Tuple((INT32, Vector(2, FLOAT32))).written == "tuple[wp.int32, wp.vec2]"


@pytest.mark.parametrize("element", ELEMENTS, ids=str)
def test_a_type_is_found_by_its_name(element: Element) -> None:
    assert element_named(element.name) == element
    assert predefined(element.name) == (element if element.is_predefined else None)


@pytest.mark.parametrize(
    "name", ["vec", "vec0", "vec3x2", "vec3q", "mat2", "mat223", "mat02", "mat2x0", "quat5", "int"]
)
def test_other_words_name_no_type(name: str) -> None:
    assert element_named(name) is None


def test_the_suffix_of_float32_may_be_written() -> None:
    assert predefined("vec3f") == Vector(3, FLOAT32)
    assert predefined("mat44f") == Matrix(4, 4, FLOAT32)


def test_components_are_reached_by_name_and_by_index() -> None:
    vector, matrix = Vector(5, INT8), Matrix(2, 3, FLOAT64)
    assert dict(vector.attributes) == {"x": 0, "y": 1, "z": 2, "w": 3}
    assert (vector.attribute("w"), vector.attribute("v"), matrix.attribute("x")) == (INT8, None, None)
    assert [vector.indexed(count) for count in (1, 2)] == [INT8, None]
    assert [matrix.indexed(count) for count in (1, 2, 3)] == [Vector(3, FLOAT64), FLOAT64, None]
    assert matrix.subscripts_of(FLOAT64) == [(2, 3)]
    assert matrix.subscripts_of(Vector(3, FLOAT64)) == [(2,)]
    assert Vector(2, INT8).attributes_of(INT8) == ["x", "y"]
    assert (INT8.indexed(1), INT8.attribute("x")) == (None, None)


def test_values_are_built_from_scalars_in_order() -> None:
    assert INT32.built(iter([7, 8])) == 7
    assert Matrix(2, 3, INT32).built(iter(range(6))) == ((0, 1, 2), (3, 4, 5))
    assert (Matrix(2, 3, INT32).size, Vector(5, BOOL).size, INT32.size) == (6, 5, 1)
    assert Matrix(2, 1, INT32).filled(4) == ((4,), (4,))
    assert Tuple((INT32, Vector(2, INT32))).filled(0.0) == (0.0, (0.0, 0.0))
    assert (Vector(2, INT32).default, BOOL.default, type(FLOAT16.default)) == ((0, 0), False, np.float16)


def test_a_type_holds_its_own_values_and_no_others() -> None:
    assert INT8.holds(-128)
    assert not INT8.holds(128)
    assert not INT8.holds(True)
    assert BOOL.holds(True)
    assert not BOOL.holds(1)
    assert FLOAT32.holds(np.float32(1))
    assert not FLOAT32.holds(np.float64(1))
    assert Matrix(1, 2, INT8).holds(((1, 2),))
    assert not Matrix(1, 2, INT8).holds((1, 2))
    assert not Vector(2, INT8).holds((1, 2, 3))
    assert Array(INT8, 1).holds(None)
    assert not Array(INT8, 1).holds(0)


@pytest.mark.parametrize(
    ("scalar", "value", "wrapped"),
    [
        (UINT8, 256, 0),
        (UINT8, -1, 255),
        (INT8, 128, -128),
        (INT8, -129, 127),
        (UINT64, 2**64 + 3, 3),
        (INT64, 2**63, -(2**63)),
    ],
)
def test_integers_wrap_modulo_the_width_of_their_type(scalar: Scalar, value: int, wrapped: int) -> None:
    assert scalar.wrap(value) == wrapped


def test_a_composite_is_one_leaf() -> None:
    assert Matrix(2, 3, INT8).leaves == (Leaf("", (), INT8, (2, 3)),)
    assert INT8.leaves == (Leaf("", (), INT8, ()),)


def test_several_values_have_no_scalar_type() -> None:
    with pytest.raises(TypeError, match="a tuple has no scalar type"):
        _ = Tuple((INT32,)).scalar
