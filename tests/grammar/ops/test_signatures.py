"""Signatures: patterns that unify with the types of a call, and that are refused where they are not understood."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from grammar.ops.signatures import Constant, Denoted, Signature
from grammar.types import BOOL, FLOAT32, FLOAT64, INT8, INT16, INT32, INT64, UINT8, Matrix, Type, Vector

DOT = Signature.parse("a: vec[n, Scalar], b: vec[n, Scalar] -> Scalar")
COMPARE = Signature.parse("a: Any, b: Any2 -> bool")
PRODUCT = Signature.parse("a: mat[r, k, Float], b: mat[k, c, Float] -> mat[r, c, Float]")
PARTS = Signature.parse("*_parts[size]: Scalar -> mat[r, c, Scalar]")
ROWS = Signature.parse("*_rows[r]: vec[c, Scalar] -> mat[r, c, Scalar]")
IDENTITY = Signature.parse("n: const[n], dtype: type[Scalar] -> mat[n, n, Scalar]")
ATOMIC = Signature.parse("arr: place[vec[n, Wide]], value: vec[n, Wide] -> vec[n, Wide]")
VEC2, VEC3 = Vector(2, FLOAT32), Vector(3, FLOAT32)
MAT23, MAT32 = Matrix(2, 3, FLOAT32), Matrix(3, 2, FLOAT32)


@pytest.mark.parametrize(
    ("signature", "arguments", "binding"),
    [
        (DOT, (VEC3, VEC3), {"n": 3, "Scalar": FLOAT32}),
        (DOT, (Vector(17, UINT8), Vector(17, UINT8)), {"n": 17, "Scalar": UINT8}),
        (DOT, (VEC3, VEC2), None),
        (DOT, (VEC3, Vector(3, FLOAT64)), None),
        (DOT, (Vector(2, BOOL), Vector(2, BOOL)), None),
        (DOT, (VEC3,), None),
        (DOT, (VEC3, VEC3, VEC3), None),
        (DOT, (VEC3, FLOAT32), None),
        (COMPARE, (INT32, FLOAT64), {"Any": INT32, "Any2": FLOAT64}),
        (COMPARE, (BOOL, BOOL), {"Any": BOOL, "Any2": BOOL}),
        (PRODUCT, (MAT23, MAT32), {"r": 2, "k": 3, "c": 2, "Float": FLOAT32}),
        (PRODUCT, (MAT23, MAT23), None),
        (ROWS, (VEC3, VEC3), {"r": 2, "c": 3, "Scalar": FLOAT32}),
        (ROWS, (VEC3, VEC2), None),
        (IDENTITY, (Constant(4), Denoted(INT32)), {"n": 4, "Scalar": INT32}),
        (IDENTITY, (INT32, Denoted(INT32)), None),
        (IDENTITY, (Constant(4), INT32), None),
        (ATOMIC, (VEC2, VEC2), {"n": 2, "Wide": FLOAT32}),
        (ATOMIC, (Vector(2, UINT8), Vector(2, UINT8)), None),
    ],
)
def test_variables_stand_for_one_thing_throughout_a_call(
    signature: Signature, arguments: Sequence[Type], binding: dict[str, Any] | None
) -> None:
    assert {**(signature.match(arguments) or {})} == (binding or {})
    assert (signature.match(arguments) is None) == (binding is None)


def test_what_is_made_of_its_scalars_is_known_by_the_result() -> None:
    assert PARTS.match((FLOAT32,) * 6, MAT23) is not None
    assert PARTS.match((FLOAT32,) * 4, MAT23) is None
    assert PARTS.match((INT32,) * 6, MAT23) is None
    assert PARTS.match((FLOAT32,) * 6) is None


@pytest.mark.parametrize(
    ("signature", "result", "arguments"),
    [
        (DOT, FLOAT32, [(VEC2, VEC2), (VEC3, VEC3)]),
        (DOT, INT32, []),
        (COMPARE, BOOL, [(FLOAT32, FLOAT32), (FLOAT32, INT32), (INT32, FLOAT32), (INT32, INT32)]),
        (PRODUCT, Matrix(2, 2, FLOAT32), [(MAT23, MAT32)]),
        (PARTS, MAT23, [(FLOAT32,) * 6]),
        (ROWS, MAT23, [(VEC3, VEC3)]),
        (IDENTITY, Matrix(5, 5, FLOAT64), [(Constant(5), Denoted(FLOAT64))]),
        (IDENTITY, MAT23, []),
    ],
)
def test_a_generator_is_told_which_arguments_give_a_type(
    signature: Signature, result: Type, arguments: list[tuple[Type, ...]]
) -> None:
    among = (VEC2, VEC3, MAT23, MAT32, FLOAT32, INT32)
    assert list(signature.giving(result, among)) == arguments


def arguments_of_samples(text: str) -> list[tuple[Type, ...] | None]:
    signature = Signature.parse(text)
    return [signature.arguments(binding) for binding in signature.samples()]


def test_samples_have_every_scalar_type_and_lengths_by_turns() -> None:
    assert arguments_of_samples("v: vec[n, Signed] -> Signed") == [
        (Vector(2, INT8),),
        (Vector(3, INT16),),
        (Vector(4, INT32),),
        (Vector(2, INT64),),
    ]


def test_samples_have_every_pair_of_scalar_types() -> None:
    pairs = arguments_of_samples("a: Float, b: Float2 -> bool")
    assert len(pairs) == len(set(pairs)) == 9


def test_samples_of_several_lengths_have_them_alike_and_different() -> None:
    assert arguments_of_samples("a: mat[r, c, float32] -> mat[c, r, float32]") == [
        (Matrix(2, 2, FLOAT32),),
        (Matrix(3, 3, FLOAT32),),
        (Matrix(4, 4, FLOAT32),),
        (Matrix(2, 3, FLOAT32),),
    ]


def test_the_last_parameters_may_have_defaults() -> None:
    signature = Signature.parse("v: vec[n, float32], delta: float32 = 1.0 -> float32")
    assert [parameter.default for parameter in signature.parameters] == [None, 1.0]
    assert (signature.optional, DOT.optional) == (1, 0)


def test_operands_and_the_result_say_what_else_is_written() -> None:
    assert IDENTITY.completed((), Matrix(3, 3, INT32)) == (Constant(3), Denoted(INT32))
    assert IDENTITY.completed((), MAT23) is None
    assert DOT.completed((VEC3, VEC3), FLOAT32) == (VEC3, VEC3)
    assert DOT.completed((VEC3, VEC3), FLOAT64) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: Float", "has no '->'"),
        ("a: Float, b -> Float", "'b' is no parameter"),
        ("a: array[e] -> Float", r"'array\[e\]' is no pattern"),
        ("a: vec[n] -> Float", r"'vec\[n\]' is no pattern"),
        ("a: vec[N, Float] -> Float", "'N' is no length"),
        ("a: vec[n, Floats] -> Float", "'Floats' is no class of scalar types"),
        ("a: vec[n, vec[n, Float]] -> Float", "is no"),
        ("a: vec[n, Float -> Float", "is no"),
        ("a: Float -> Flaot", "'Flaot' is no class of scalar types"),
        ("*a: Float -> Float", r"'\*a: Float' is no parameter"),
        ("*_a[n]: Float, b: Float -> vec[n, Float]", "only the last parameter may be several"),
        ("a: const[Float] -> Float", "'Float' is no length"),
        ("a: Float = 1.0 -> Float", "the default of 'a' has no one type"),
        ("a: float32 = one -> float32", "could not convert"),
        ("a: float32 = 1.0, b: float32 -> float32", "a parameter with a default stands before one without"),
    ],
)
def test_a_signature_that_is_not_understood_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Signature.parse(text)
