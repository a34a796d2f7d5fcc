"""The types of the language as Warp's types, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import warp as wp

from grammar.types import FAMILIES, SCALAR_BY_NAME, Composite, Element, Scalar, Type
from oracle.warp.internals import StructInstance


def warp_type(element: Element) -> Any:
    """Find Warp's type of a value: ``wp.float32``, or a class that Warp makes for what is made of such."""
    if isinstance(element, Composite):
        make = getattr(wp.types, element.maker)
        return make(**{name: warp_type(x) if isinstance(x, Scalar) else x for name, x in element.made_of.items()})
    return getattr(wp, element.name)


def numbers_of(value: Any, type_: Element) -> np.ndarray[Any, Any]:
    """The scalars of one of Warp's values of a type, in its shape."""
    rows = [list(part) if isinstance(type_.parts[0], Composite) else part for part in value]
    return np.array(rows, type_.scalar.dtype)


def language_type(type_: Any) -> Element | None:
    """Find the language's type of what Warp calls a value type; None where the language has none."""
    names = {int: "int32", float: "float32"}  # Warp's signatures use Python's types for these
    scalar = SCALAR_BY_NAME.get(names.get(type_) or getattr(type_, "_wp_scalar_type_", type_).__name__)
    template = getattr(type_, "_wp_generic_type_str_", None)
    if scalar is None or template is None:
        return scalar
    family = next((one for one in FAMILIES if one.template == template), None)
    return None if family is None else family.of(type_._shape_[: family.rank], scalar)


def is_struct(value: Any, type_: Type) -> bool:
    """Say whether a value is an instance of a struct that has the fields of a type."""
    return isinstance(value, StructInstance) and [*value._cls.vars] == [name for name, _ in type_.fields]


def on_host(given: Any) -> Any:
    """Return the content of one of Warp's arrays as an array of NumPy's; anything else as it is."""
    return given.numpy() if isinstance(given, wp.array) else given


def field_of(array: Any, path: Sequence[str]) -> np.ndarray[Any, Any] | None:
    """Return a field of all structs in an array of Warp's or of NumPy's; None where there is none."""
    data = on_host(array)
    for name in path:
        if not isinstance(data, np.ndarray) or name not in (data.dtype.names or ()):
            return None
        data = np.asarray(data[name])
    return data if isinstance(data, np.ndarray) else None
