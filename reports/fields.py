"""The fields of a stored document, each checked by its type and by its value.

A store, a test case or a finding may come from anywhere. What it says reaches compilers, paths, templates and
terminals, so each field is what its place needs: a word is a word, a line is one line, a number lies where such numbers
lie.
"""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Collection
from typing import Any, TypeVar

WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST = 200  # characters of a word, a name or a line: ours have some dozens

INDICES = range(2**63)  # what SQLite keeps exactly
SEEDS = range(2**256)  # any number that a person types

R = TypeVar("R")


class Malformed(Exception):
    """A document is not what it should be; the message says what is wrong with it, in the words of a sentence's end."""


def shown(value: Any) -> str:
    """Quote the beginning of a value for a message, with escapes for whatever acts on a terminal."""
    return ascii(str(value)[:60])


def field(document: Any, name: str, kind: type[R]) -> R:
    """Return a field of a JSON object; raises Malformed where it is missing or of another kind."""
    if not isinstance(document, dict):
        raise Malformed(f"{shown(document)} stands where an object belongs")
    if name not in document:
        raise Malformed(f"{name!r} is missing")
    value = document[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Malformed(f"{name!r} is {shown(value)}, which is not of kind {kind.__name__}")
    return value


def choice(document: Any, name: str, allowed: Collection[str]) -> str:
    """Return a field that is one of the allowed texts; raises Malformed where it is another."""
    text = field(document, name, str)
    if text not in allowed:
        raise Malformed(f"{name!r} is {shown(text)}, which is none that there is")
    return text


def number(document: Any, name: str, allowed: range) -> int:
    """Return a field that is an integer in a range; raises Malformed where it lies outside."""
    value = field(document, name, int)
    if value not in allowed:
        raise Malformed(f"{name!r} is {shown(value)}, which is out of range")
    return value


def amount(document: Any, name: str) -> float:
    """Return a field that is a number of something: a float that is finite and not negative."""
    value = field(document, name, float)
    if not 0 <= value < math.inf:
        raise Malformed(f"{name!r} is {value}, which is no amount")
    return value


def word(document: Any, name: str) -> str:
    """Return a field that is one word: letters, digits and ``_.+-``, as in ``warp-cpu`` or ``1.19.0``."""
    return _matching(document, name, WORD, "word")


def identifier(document: Any, name: str) -> str:
    """Return a field that is a name in Python, of ASCII letters."""
    return _matching(document, name, NAME, "name")


def _matching(document: Any, name: str, pattern: re.Pattern[str], what: str) -> str:
    text = line(document, name)
    if not pattern.fullmatch(text):
        raise Malformed(f"{name!r} is {shown(text)}, which is no {what}")
    return text


def line(document: Any, name: str) -> str:
    """Return a field that is one short line of text, without characters that act on a terminal."""
    text = field(document, name, str)
    if len(text) > LONGEST or not text.isprintable():
        raise Malformed(f"{name!r} is {shown(text)}, which is no line of text")
    return text


def is_of(value: Any, hint: Any) -> bool:
    """Say whether a value is of the type of a flat record's field: a choice, texts, a text, a number or a bool."""
    if typing.get_origin(hint) is typing.Literal:
        return value in typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, hint) and isinstance(value, bool) == (hint is bool)
