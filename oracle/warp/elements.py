"""The types of the language as Warp's types, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import warp as wp

from grammar.types import SCALAR_BY_NAME, Composite, Element, Matrix, Scalar, Vector


def warp_type(element: Element) -> Any:
    """Give Warp's type of a value: ``wp.float32``, or a vector or matrix class."""
    match element:
        case Scalar(name):
            return getattr(wp, name)
        case Vector(length, scalar):
            return wp.types.vector(length, warp_type(scalar))
        case Matrix(rows, columns, scalar):
            return wp.types.matrix((rows, columns), warp_type(scalar))


def numbers_of(value: Any, type_: Element) -> np.ndarray[Any, Any]:
    """The scalars of one of Warp's values of a type, in its shape."""
    rows = [list(part) if isinstance(type_.parts[0], Composite) else part for part in value]
    return np.array(rows, type_.scalar.dtype)


def language_type(type_: Any) -> Element | None:
    """Give the language's type of what Warp calls a value type; None where the language has none."""
    if getattr(type_, "_wp_generic_type_str_", "vec_t") not in ("vec_t", "mat_t"):
        return None  # a quaternion, which has the shape of a vector
    names = {int: "int32", float: "float32"}  # Warp's signatures use Python's types for these
    scalar = SCALAR_BY_NAME.get(names.get(type_) or getattr(type_, "_wp_scalar_type_", type_).__name__)
    if scalar is None:
        return None
    match getattr(type_, "_shape_", ()):
        case ():
            return scalar
        case (length,):
            return Vector(length, scalar)
        case (rows, columns):
            return Matrix(rows, columns, scalar)
    return None
