"""How C++ types and literals of an emitted text are spelled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from grammar.types import BOOL, FAMILIES, SCALAR_BY_NAME, Composite, Element, Scalar
from oracle.text.faults import Unread


@dataclass(frozen=True)
class Handle:
    """``wp::array_t<T>``: an array of any number of dimensions."""

    element: Element | Record


@dataclass(frozen=True)
class Pointer:
    """``T*``: where a value lies, in an array or in a variable."""

    element: Element | Record | Handle


@dataclass(frozen=True)
class Record:
    """A struct that the text defines: its name, and the names and types of its fields."""

    name: str
    fields: tuple[tuple[str, TextType], ...]

    def position(self, field: str) -> int | None:
        """Find a field; None where there is none of that name."""
        return next((at for at, (name, _) in enumerate(self.fields) if name == field), None)

    @property
    def default(self) -> tuple[Any, ...]:
        """Its value where nothing is said of its fields: zeros, and arrays that are not given."""
        return tuple(type_.default if isinstance(type_, Element | Record) else None for _, type_ in self.fields)


@dataclass(frozen=True)
class Internal:
    """A type that only the text has: ``wp::range_t``, ``wp::slice_t``."""

    name: str


TextType = Element | Record | Handle | Pointer | Internal
Records = Mapping[str, Record]

RANGE = Internal("range_t")
SLICE = Internal("slice_t")

_COMPOSITE = re.compile(r"wp::(\w+)<((?:\d+, )*)(?:wp::)?(\w+)>")
_ARRAY = re.compile(r"wp::array_t<(.+)>")
_INTEGER = re.compile(r"(-?)(0|[1-9]\d{0,19})(u|ll|ull|)")  # 2**64 has 20 digits
_FLOAT = re.compile(r"-?(?:\d+\.\d*(?:e[+-]?\d+)?f?|\d+e[+-]?\d+f?|INFINITY|NAN)")
_COMPONENTS = re.compile(r"wp::initializer_array<(\d+),wp::(\w+)>\{(.*)\}")
_WORDS = {"true": True, "false": False}


def type_named(text: str, records: Records) -> TextType:
    """Read a type, which may be a struct of the text.

    Raises:
        Unread: It is none of those that are known.
    """
    if text.endswith("*"):
        array = _ARRAY.fullmatch(text[:-1])
        return Pointer(_handle(array[1], records) if array else records.get(text[:-1]) or _element(text[:-1]))
    array = _ARRAY.fullmatch(text)
    if array is not None:
        return _handle(array[1], records)
    if text in ("wp::range_t", "wp::slice_t"):
        return Internal(text.removeprefix("wp::"))
    return records.get(text) or _element(text)


def _handle(element: str, records: Records) -> Handle:
    return Handle(records.get(element) or _element(element))


@cache
def _element(text: str) -> Element:
    name = text.removeprefix("wp::")
    if name in SCALAR_BY_NAME:
        return SCALAR_BY_NAME[name]
    match = _COMPOSITE.fullmatch(text)
    if match is not None and match[3] in SCALAR_BY_NAME:
        lengths = tuple(int(length) for length in match[2].split(", ") if length)
        for family in FAMILIES:
            if family.template == match[1] and family.rank == len(lengths):
                return family.of(lengths, SCALAR_BY_NAME[match[3]])
    raise Unread(f"the type {text}")


def literal(text: str, type_: TextType) -> Any:
    """Read a literal, which is converted to the type that is declared (C++20, [conv.integral]: modulo 2**bits).

    Raises:
        Unread: It is none, or an integer that no type of C++ holds.
    """
    if isinstance(type_, Scalar):
        if type_ == BOOL and text in _WORDS:
            return _WORDS[text]
        if type_.is_float and _FLOAT.fullmatch(text):
            return _float(text, type_)
        value = _integer(text)
        if value is not None and type_.is_integer:
            return type_.wrap(value)
        if value is not None and type_.is_float:
            return _float(str(value), type_)
    components = _COMPONENTS.fullmatch(text)
    if components is not None and isinstance(type_, Composite) and components[2] == type_.scalar.name:
        values = tuple(literal(component, type_.scalar) for component in components[3].split(", "))
        if len(values) == int(components[1]) == type_.size:
            return type_.built(iter(values))
    raise Unread(f"the literal {text} of type {type_}")


def _integer(text: str) -> int | None:
    """Read an integer, whose own type is the first that holds it (C++20, [lex.icon]); None where there is none.

    Without ``u`` that is int or, beyond 32 bits, a type of 64 bits, so the value is exact. Digits that no int64 holds
    are ill formed, but compilers take them for a uint64, and Warp writes the least int64 so.
    """
    match = _INTEGER.fullmatch(text)
    if match is None or int(match[2]) >= 1 << 64:
        return None
    value, size = int(match[1] + match[2]), int(match[2])
    if "u" not in match[3] and size < 1 << 63:
        return value
    return value % (1 << (32 if match[3] == "u" and size < 1 << 32 else 64))


def _float(text: str, scalar: Scalar) -> Any:
    own = np.float32 if text.endswith("f") else np.float64  # the type of the literal, in which C++ rounds it first
    with np.errstate(over="ignore"):
        return scalar.dtype.type(own(text.removesuffix("f")))  # NumPy reads INFINITY and NAN too
