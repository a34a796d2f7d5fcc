"""The types of the kernel language: scalars, what is made of them, structs, arrays, and tuples of several values.

Types are small frozen records that compare by value. Everything that is true of a type for every engine (its parts and
leaves, its NumPy dtype, its range, how Warp spells it) is said here and nowhere else: who asks a type need not know
which one it is.
"""

from grammar.types.elements import Element, Handle, Leaf, Type
from grammar.types.families import FAMILIES, Composite, Matrix, Quaternion, Vector
from grammar.types.handles import ANY, Array, Open, Tuple
from grammar.types.names import element_named, predefined
from grammar.types.scalars import (
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    FLOATS,
    INT8,
    INT16,
    INT32,
    INT64,
    INTS,
    SCALAR_BY_NAME,
    SCALARS,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Scalar,
)
from grammar.types.structs import Struct

__all__ = [
    "ANY",
    "BOOL",
    "FAMILIES",
    "FLOAT16",
    "FLOAT32",
    "FLOAT64",
    "FLOATS",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "INTS",
    "SCALARS",
    "SCALAR_BY_NAME",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "Array",
    "Composite",
    "Element",
    "Handle",
    "Leaf",
    "Matrix",
    "Open",
    "Quaternion",
    "Scalar",
    "Struct",
    "Tuple",
    "Type",
    "Vector",
    "element_named",
    "predefined",
]
