"""How C++ types and literals of an emitted text are spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from grammar.types import BOOL, SCALAR_BY_NAME, Element, Matrix, Scalar, Vector, scalar_of
from oracle.text.faults import Unread


@dataclass(frozen=True)
class Handle:
    """``wp::array_t<T>``: an array of any number of dimensions."""

    element: Element


@dataclass(frozen=True)
class Pointer:
    """``T*``: where an element of an array lies."""

    element: Element


@dataclass(frozen=True)
class Internal:
    """A type that only the text has: ``wp::range_t``, ``wp::slice_t``."""

    name: str


TextType = Scalar | Vector | Matrix | Handle | Pointer | Internal

RANGE = Internal("range_t")
SLICE = Internal("slice_t")

_COMPOSITE = re.compile(r"wp::(vec|mat)_t<(?:(\d+), )?(\d+), (?:wp::)?(\w+)>")
_NUMBER = re.compile(r"(-?\d+)(?:u|ll|ull)?")
_WORDS = {"true": True, "false": False}


@cache
def type_named(text: str) -> TextType:
    """Read a type.

    Raises:
        Unread: It is none of those that are known.
    """
    if text.endswith("*"):
        return Pointer(_element(text[:-1]))
    if text.startswith("wp::array_t<"):
        return Handle(_element(text[len("wp::array_t<") : -1]))
    if text in ("wp::range_t", "wp::slice_t"):
        return Internal(text.removeprefix("wp::"))
    return _element(text)


def _element(text: str) -> Element:
    name = text.removeprefix("wp::")
    if name in SCALAR_BY_NAME:
        return SCALAR_BY_NAME[name]
    match = _COMPOSITE.fullmatch(text)
    if match is None or match[4] not in SCALAR_BY_NAME:
        raise Unread(f"the type {text}")
    scalar = SCALAR_BY_NAME[match[4]]
    if match[1] == "vec":
        return Vector(int(match[3]), scalar)
    return Matrix(int(match[2]), int(match[3]), scalar)


def literal(text: str, type_: TextType) -> Any:
    """Read a literal, which is converted to the type that is declared (C++20, [conv.integral]: modulo 2**bits).

    Raises:
        Unread: It is none.
    """
    if isinstance(type_, Scalar):
        if type_ == BOOL and text in _WORDS:
            return _WORDS[text]
        if type_.is_float:
            return _float(text, type_)
        match = _NUMBER.fullmatch(text)
        if match is not None and type_.is_integer:
            return _wrapped(int(match[1]), type_)
    raise Unread(f"the literal {text} of type {type_}")


def _wrapped(value: int, scalar: Scalar) -> int:
    value &= (1 << scalar.bits) - 1
    return value - (1 << scalar.bits) if value > scalar.high else value


def _float(text: str, scalar: Scalar) -> Any:
    words = text.replace("INFINITY", "inf").replace("NAN", "nan").removesuffix("f" if text[-2:] != "nf" else "")
    try:
        with np.errstate(over="ignore"):
            return scalar_of(scalar).dtype.type(float(words))
    except ValueError:
        raise Unread(f"the literal {text} of type {scalar}") from None
