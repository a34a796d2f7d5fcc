"""An element of an array in a struct is multiplied in place."""

from tests.oracle.kernels import case_of, kernel

CASE = case_of(
    kernel("s: S, x: wp.array[float]", "s.a[0] *= x[0]", "\n@wp.struct\nclass S:\n    a: wp.array[float]\n"),
    s=("x",),
    x=[3.0],
)
