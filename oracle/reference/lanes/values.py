"""Values that vary from lane to lane: taking and putting lanes, and applying a function to each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from grammar.ops.components import leaves, over
from grammar.types import Scalar, Type

Lanes = np.ndarray[Any, Any]
Indices = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Unsuited(Exception):
    """The threads of this launch have to run one after the other; the message says why, for whoever debugs."""


def varies(value: Any) -> bool:
    """Say whether some scalar of a value, or a radius, differs from lane to lane."""
    if isinstance(value, tuple):
        return any(map(varies, value))
    return isinstance(value, np.ndarray)


def taken(value: Any, lanes: Indices | Mask) -> Any:
    """Select some lanes of a value, of which a part may be a window on an array."""
    return over(lambda leaf: leaf[lanes] if isinstance(leaf, np.ndarray) else _window(leaf, lanes), value)


def _window(leaf: Any, lanes: Indices | Mask) -> Any:
    return leaf.taken(lanes) if hasattr(leaf, "taken") else leaf


def settled(value: Any) -> Any:
    """Turn what NumPy computes of scalars that are the same in all lanes, arrays without dimensions, into scalars."""
    return over(lambda leaf: leaf[()] if isinstance(leaf, np.ndarray) and not leaf.ndim else leaf, value)


def blank(value: Any) -> Any:
    """Make a value of the same shape, of zeros."""
    return over(lambda leaf: np.zeros(1, dtype_of(leaf))[0], value)


def put(value: Any, lanes: Indices, part: Any, count: int) -> Any:
    """Replace some lanes of a value of ``count`` lanes; the other ones stay."""
    if isinstance(part, tuple):
        olds = value if isinstance(value, tuple) else (value,) * len(part)
        return tuple(put(old, lanes, new, count) for old, new in zip(olds, part, strict=True))
    if isinstance(value, tuple):  # a radius of 0 of the whole
        return tuple(put(old, lanes, part, count) for old in value)
    dtype = np.result_type(dtype_of(value), dtype_of(part))
    leaf = np.array(value, dtype) if isinstance(value, np.ndarray) else np.full(count, value, dtype)
    leaf[lanes] = part
    return leaf


def put_radius(radius: Any, lanes: Indices, part: Any, count: int) -> Any:
    """Replace some lanes of a radius, of which the int 0 stands for a whole value."""
    return put(over(_as_float, radius), lanes, over(_as_float, part), count)


def _as_float(leaf: Any) -> Any:
    return leaf if isinstance(leaf, np.ndarray) else float(leaf)


def dtype_of(leaf: Any) -> np.dtype[Any]:
    """Say how lanes of a scalar are kept; radii are Python floats, or the int 0.

    Raises:
        Unsuited: It is no scalar, but a window on an array.
    """
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype
    if type(leaf) not in _KEPT:
        raise Unsuited("arrays that differ from lane to lane")
    return _KEPT[type(leaf)]


_KEPT = {bool: np.dtype(np.bool_), float: np.dtype(np.float64), int: np.dtype(object)}


def each(function: Callable[..., Any], *columns: Iterable[Any]) -> list[Any]:
    """Call a function for each lane, with what a single thread would give it; see :func:`by_lane`."""
    return [function(*lane) for lane in zip(*columns, strict=False)]


def by_lane(value: Any, count: int) -> Iterable[Any]:
    """List a value lane by lane, as a single thread would have it."""
    if isinstance(value, tuple):
        return zip(*(by_lane(part, count) for part in value), strict=True) if value else [()] * count
    if isinstance(value, np.ndarray):
        return list(value) if value.dtype.kind == "f" else value.tolist()
    return [value] * count


def radii_by_lane(radius: Any, count: int) -> Iterable[Any]:
    """List a radius lane by lane."""
    if isinstance(radius, tuple):
        return zip(*(radii_by_lane(part, count) for part in radius), strict=True)
    return radius.tolist() if isinstance(radius, np.ndarray) else [radius] * count


def gathered(values: Sequence[Any], type_: Type) -> Any:
    """Put together what each lane gave as a value of a type; the other way round of :func:`by_lane`."""
    if isinstance(type_, Scalar):
        return np.array(values, object if type_.is_integer else type_.dtype)
    types = parts_of(type_)
    parts = zip(*values, strict=True) if values else ([] for _ in types)
    return tuple(gathered(part, item) for part, item in zip(parts, types, strict=True))


def gathered_radii(radii: Sequence[Any], type_: Type) -> Any:
    """Put together the radii that each lane gave for a value of a type; 0 where all are exact."""
    if not any(radii):
        return 0
    if isinstance(type_, Scalar):
        return np.array(radii, np.float64)
    rows = [radius or (0.0,) * len(parts_of(type_)) for radius in radii]
    return tuple(
        gathered_radii(part, item) for part, item in zip(zip(*rows, strict=True), parts_of(type_), strict=True)
    )


def parts_of(type_: Type) -> tuple[Type, ...]:
    """Name the types of the parts of a compound value."""
    if not type_.parts:
        raise Unsuited(f"a value of type {type_} has no parts")
    return type_.parts


def indices_of(value: Any) -> Any:
    """Turn exact integers into something that indexes NumPy arrays.

    Raises:
        Unsuited: One is too large for any index.
    """
    if not isinstance(value, np.ndarray):
        return int(value)
    try:
        return value.astype(np.int64)
    except OverflowError:
        raise Unsuited("an index beyond 64 bits") from None


def spelled_out(value: Any, radius: Any) -> Any:
    """Write a radius in the shape of its value, also where a part of it is 0 as a whole."""
    if not isinstance(value, tuple):
        return radius
    radii = radius if isinstance(radius, tuple) else (radius,) * len(value)
    return tuple(map(spelled_out, value, radii))


def uncertain(radii: Iterable[Any]) -> Any:
    """Say in which lanes some radius is not 0: a bool where all lanes are alike."""
    found: Any = False
    for leaf in leaves(tuple(radii)):
        found = found | (leaf > 0.0 if isinstance(leaf, np.ndarray) else bool(leaf))
    return found
