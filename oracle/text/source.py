"""The functions of an emitted text, and the sections of each: only what lies between its marks is looked at.

Warp marks the sections of a function with a line of dashes and a title: ``argument vars``, ``primal vars``, ``dual
vars``, ``forward``, ``reverse``. What comes before the first mark is its prologue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from oracle.text.faults import Unread

MARK = "//---------"

_FUNCTION = re.compile(
    r"^(?:static|extern \"C\" __global__)(?: CUDA_CALLABLE| WP_\w+)* (?P<result>[\w:<>, ]+?) (?P<name>\w+)\("
    r"(?P<parameters>[^{};]*)\)\n\{\n(?P<body>.*?)^\}",
    re.MULTILINE | re.DOTALL,
)
_PARAMETER = re.compile(r"\s*(?P<type>.+?)(?P<result> &)? ?(?P<name>\**\w+)$")
_STRUCT = re.compile(r"^struct (?P<name>wp_args_\w+) \{\n(?P<fields>.*?)^\};", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^    .* (\w+);$", re.MULTILINE)


class Line(NamedTuple):
    """One line of a function: its number in the text, counted from 1, and the text without indentation."""

    number: int
    text: str


END = Line(0, "")
"""What stands behind the last line."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function: its type as written, its name, and whether the function gives a result in it."""

    type: str
    name: str
    is_result: bool


@dataclass(frozen=True)
class Function:
    """One function of a text: what it gives (``void`` too), what it takes, its prologue, and its sections by title."""

    name: str
    result: str
    parameters: tuple[Parameter, ...]
    prologue: tuple[Line, ...]
    sections: dict[str, tuple[Line, ...]]


@lru_cache(maxsize=2)
def functions(text: str) -> Mapping[str, Sequence[Function]]:
    """Find the functions with sections, by name: overloads share one. A text that is compared and run is read once.

    Raises:
        Unread: What stands between the parentheses of one is no parameter.
    """
    found: dict[str, list[Function]] = {}
    counted, number = 0, 1
    for match in _FUNCTION.finditer(text):
        body = match["body"]
        if MARK not in body:
            continue
        number += text.count("\n", counted, match.start("body"))
        counted = match.start("body")
        parameters = tuple(_parameters(match["parameters"]))
        function = Function(match["name"], match["result"], parameters, *_parts(body, number))
        found.setdefault(function.name, []).append(function)
    return found


def argument_names(text: str) -> dict[str, tuple[str, ...]]:
    """Give the names of each kernel's arguments in order, by what the names of its functions begin with."""
    return {m["name"].removeprefix("wp_args_"): tuple(_FIELD.findall(m["fields"])) for m in _STRUCT.finditer(text)}


def _parameters(text: str) -> Iterator[Parameter]:
    for written in filter(None, map(str.strip, text.split(",\n"))):
        match = _PARAMETER.match(written)
        if match is None:
            raise Unread(f"the parameter {written}")
        yield Parameter(match["type"], match["name"], match["result"] is not None)


def _parts(body: str, number: int) -> tuple[tuple[Line, ...], dict[str, tuple[Line, ...]]]:
    prologue: list[Line] = []
    sections: dict[str, list[Line]] = {}
    lines, untitled = prologue, False
    for at, written in enumerate(body.split("\n"), start=number):
        line = written.strip()
        if line == MARK:
            untitled = True
        elif untitled:
            lines = sections.setdefault(line.removeprefix("// "), [])
            untitled = False
        elif line and not line.startswith(("//", "#")):
            lines.append(Line(at, line))
    return tuple(prologue), {title: tuple(lines) for title, lines in sections.items()}
