"""How far a math library may be from the correctly rounded value: published tables, in ULP of the result's type.

``strict`` holds for code compiled for the host, ``weak`` for any engine, so it is the wider of both tables. What Warp
computes never widens a number here.

float64 counts the host's bound twice: the reference's own value comes from a library with the same bound. Narrower
types do not: their values are rounded once from float64, and so are correctly rounded but for about one in 10**8, where
the exact value lies so close to the middle of two numbers that both are within any bound.
float16 has no published table: a float32 function rounded to float16 is within 0.51 ULP of the exact value, so at most
1 from the correctly rounded one. A device may have half-precision functions of its own; CUDA's are within 2 ULP.
"""

from __future__ import annotations

from typing import NamedTuple

from grammar.ops.record import Rounding


class _Published(NamedTuple):
    """The largest distances in ULP, for float32 and float64."""

    float32: float
    float64: float


#: The GNU C Library Reference Manual, "Known Maximum Errors in Math Functions", columns x86_64 float and double. A dash
#: (no error known, atan2 and tan in double) is entered as 1.
GLIBC = {
    "acos": _Published(1, 1),
    "asin": _Published(1, 1),
    "atan": _Published(1, 1),
    "atan2": _Published(1, 1),
    "cbrt": _Published(1, 4),
    "cos": _Published(1, 1),
    "cosh": _Published(2, 2),
    "erf": _Published(1, 1),
    "erfc": _Published(3, 5),
    "exp": _Published(1, 1),
    "log": _Published(1, 1),
    "log10": _Published(2, 2),
    "log2": _Published(1, 1),
    "pow": _Published(1, 1),
    "sin": _Published(1, 1),
    "sinh": _Published(2, 2),
    "tan": _Published(1, 1),
    "tanh": _Published(2, 2),
}

#: CUDA C++ Programming Guide, "Mathematical Functions", standard functions, single and double precision.
CUDA = {
    "acos": _Published(2, 2),
    "asin": _Published(2, 2),
    "atan": _Published(2, 2),
    "atan2": _Published(3, 2),
    "cbrt": _Published(1, 1),
    "cos": _Published(2, 2),
    "cosh": _Published(2, 1),
    "erf": _Published(2, 2),
    "erfc": _Published(4, 5),
    "erfcinv": _Published(4, 6),
    "erfinv": _Published(2, 5),
    "exp": _Published(2, 1),
    "log": _Published(1, 1),
    "log10": _Published(2, 1),
    "log2": _Published(1, 1),
    "pow": _Published(4, 2),
    "sin": _Published(2, 2),
    "sinh": _Published(3, 2),
    "tan": _Published(4, 2),
    "tanh": _Published(2, 1),
}


def own(name: str) -> float:
    """Return the bound of the reference's own float64 value: the host library's, or 2 for our inverses of erf and erfc.

    The 2 was measured against mpmath: the exact value is at most 1.7 ULP away.
    """
    return GLIBC[name].float64 if name in GLIBC else 2.0


def published(name: str) -> Rounding:
    """Return the bound of a math function by the name that it has in C.

    The C library has no erfinv and no erfcinv; CUDA's bounds, the only published ones, hold for every engine.

    Raises:
        KeyError: No table has the function.
    """
    host = GLIBC.get(name, CUDA[name])
    return Rounding(
        strict={"float16": 1.0, "float32": float(host.float32), "float64": host.float64 + own(name)},
        weak={
            "float16": 2.0,
            "float32": float(max(host.float32, CUDA[name].float32)),
            "float64": max(host.float64, CUDA[name].float64) + own(name),
        },
        source="glibc manual, Known Maximum Errors in Math Functions; "
        "CUDA C++ Programming Guide, Mathematical Functions",
    )


_PRODUCT = {"float16": 2.0, "float32": 2.0, "float64": 2.0}

#: A product with pi/180 or 180/pi rounded to the type: half an ULP of the factor counts for up to 1 ULP of the product,
#: whose own rounding adds a half; at most 2 from the correctly rounded value.
ROUNDED_FACTOR = Rounding(_PRODUCT, _PRODUCT, "IEEE 754-2019, 5.4.1, for a factor and a product that are both rounded")
