from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from grammar.types import FLOAT32, INT32, SCALARS, Matrix, Scalar, Vector
from reports.python_literals import array_literal, comment_lines, value_literal

SHAPES = st.lists(st.integers(0, 4), min_size=1, max_size=3).map(tuple)


@st.composite
def arrays(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    dtype, shape = draw(st.sampled_from(SCALARS)).dtype, draw(SHAPES)
    size = int(np.prod(shape)) * dtype.itemsize
    content = draw(st.binary(min_size=size, max_size=size))
    return (
        (np.frombuffer(content, np.uint8) & 1).view(np.bool_).reshape(shape)
        if dtype == np.bool_
        else (np.frombuffer(content, dtype).reshape(shape))
    )


@given(arrays())
@example(np.full((8,), 0.1, np.float32))
@example(np.arange(600, dtype=np.float64).reshape(2, 300))
@example(np.array([-0.0, np.inf, -np.inf, 5e-324]))
def test_an_array_literal_gives_back_every_bit(array: np.ndarray[Any, Any]) -> None:
    made = eval(array_literal(array), {"np": np})
    assert made.dtype == array.dtype
    assert made.shape == array.shape
    assert made.tobytes() == array.tobytes()


@given(st.sampled_from([s for s in SCALARS if s.is_float]), st.binary(min_size=8, max_size=8))
def test_a_float_literal_gives_back_every_bit(scalar: Scalar, content: bytes) -> None:
    value = np.frombuffer(content[: scalar.bits // 8], scalar.dtype)[0]
    assert scalar.dtype.type(eval(value_literal(value), {"np": np})).tobytes() == value.tobytes()


def test_literals_are_readable() -> None:
    assert array_literal(np.array([0.1, -0.0, np.nan], np.float32)) == "np.array([0.1, -0.0, np.nan], dtype=np.float32)"
    assert array_literal(np.zeros(8, np.int32)) == "np.full((8,), 0, dtype=np.int32)"
    assert value_literal((np.float32(0.1), np.float32(np.inf))) == "(0.1, np.inf)"
    assert value_literal(2**64 - 1) == "18446744073709551615"
    assert value_literal(True) == "True"


def test_types_without_a_name_in_warp_are_written_out() -> None:
    assert Vector(3, FLOAT32).expression == "wp.vec3"
    assert Matrix(2, 2, INT32).expression == "wp.types.matrix(shape=(2, 2), dtype=wp.int32)"


def test_no_line_break_ends_a_comment() -> None:
    assert comment_lines("a\nb\rc\u2028d") == ["a", "b�c�d"]
