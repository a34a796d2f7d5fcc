"""Value types of every family and of every scalar, those that Warp has names for and others."""

from grammar.types import FLOAT16, FLOAT32, FLOAT64, INT8, INT32, SCALARS, UINT64, Element, Matrix, Quaternion, Vector

ELEMENTS: tuple[Element, ...] = (
    *SCALARS,
    *(Vector(length, scalar) for scalar in SCALARS for length in (2, 3, 4)),
    *(Vector(5, FLOAT32), Vector(7, UINT64), Vector(12, INT8)),
    *(Matrix(size, size, scalar) for scalar in (FLOAT16, FLOAT32, FLOAT64, INT32) for size in (2, 3, 4)),
    *(Matrix(2, 3, FLOAT32), Matrix(3, 4, FLOAT64), Matrix(1, 6, INT8), Matrix(12, 2, FLOAT32)),
    *map(Quaternion, (FLOAT16, FLOAT32, FLOAT64)),
)
