"""The functions of an emitted text, and the sections of each: only what lies between its marks is looked at.

Warp marks the sections of a function with a line of dashes and a title: ``argument vars``, ``primal vars``, ``dual
vars``, ``forward``, ``reverse``. What comes before the first mark is its prologue. Sections stay text until their lines
are asked for: most of them are only compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from oracle.text.faults import Line, Unread

MARK = "//---------\n"

TYPE = r"[\w:]+(?:<[^=;]*>)?\*?"
"""A type as it is written, by its form alone."""

_DECLARED = re.compile(
    r"\n(?:static|extern \"C\" __global__)(?: CUDA_CALLABLE| WP_\w+)* (?P<result>[\w:<>, ]+?) (?P<name>\w+)\("
    r"(?P<parameters>[^{};]*)\)\n\{\n"
)
_PARAMETER = re.compile(rf"\s*(?P<type>{TYPE})(?P<result> &)? (?P<name>\**\w+)")
_STRUCT = re.compile(r"\nstruct wp_args_(?P<name>\w+) \{\n(?P<fields>(?:    .*\n)*)\};")
FIELD = re.compile(rf"({TYPE}) (\w+);")


END = Line(0, "")
"""What stands behind the last line."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function: its type as written, its name, and whether the function gives a result in it."""

    type: str
    name: str
    is_result: bool
    line: int = field(compare=False)


class Field(NamedTuple):
    """A field of the struct of a kernel's arguments: the number of its line, its type as written, and its name."""

    line: int
    type: str
    name: str


class Section(NamedTuple):
    """A part of a function as it is written; its first line has this number in the text."""

    number: int
    text: str

    def lines(self) -> tuple[Line, ...]:
        """Return the lines that are neither empty nor a comment nor a directive."""
        numbered = enumerate(map(str.strip, self.text.split("\n")), start=self.number)
        return tuple(Line(number, line) for number, line in numbered if line and not line.startswith(("//", "#")))

    def outer(self) -> Section:
        """Return the same lines with one indentation less."""
        return Section(self.number, f"\n{self.text}".replace("\n    ", "\n")[1:])

    def without_last(self) -> Section:
        """Return what stands before the last of its lines."""
        text, last = self.text, ""
        while text and not Section(0, last).lines():
            text, _, last = text.rpartition("\n")
        return Section(self.number, text)


NOTHING = Section(0, "")
"""A section that a function does not have."""


@dataclass(frozen=True)
class Function:
    """One function of a text: what it gives (``void`` too), what it takes, its prologue, and its sections by title.

    ``line`` is the number of its first line in the text.
    """

    name: str
    result: str
    line: int
    parameters: tuple[Parameter, ...]
    prologue: Section
    sections: Mapping[str, Section]

    def section(self, title: str) -> Section:
        """Return a section, which is empty if there is none of that title."""
        return self.sections.get(title, NOTHING)


@lru_cache(maxsize=2)
def functions(text: str) -> Mapping[str, Sequence[Function]]:
    """Find the functions with sections, by name: overloads share one. A text that is compared and run is read once.

    Raises:
        Unread: What stands between the parentheses of one is no parameter, it has two sections of one title, or the
            text ends within one.
    """
    found: dict[str, list[Function]] = {}
    number = 0
    *closed, rest = f"\n{text}".split("\n}")
    if Section(0, rest.partition("\n")[2]).lines():
        raise Unread("a text that ends within a definition", last_line(text))
    for part in closed:
        function = _function(part, number) if MARK in part else None
        if function is not None:
            found.setdefault(function.name, []).append(function)
        number += part.count("\n") + 1
    return found


def last_line(text: str) -> int:
    """Return the number of the line in which a text ends."""
    return max(1, len(text.splitlines()))


@lru_cache(maxsize=2)
def argument_fields(text: str) -> Mapping[str, tuple[Field, ...]]:
    """Return the fields of each kernel's arguments in order, by what the names of its functions begin with.

    Raises:
        Unread: What stands in a struct is no field, or a kernel has two.
    """
    found: dict[str, tuple[Field, ...]] = {}
    for struct in _STRUCT.finditer(f"\n{text}"):
        number = text.count("\n", 0, struct.start()) + 1
        if struct["name"] in found:
            raise Unread(f"a second struct wp_args_{struct['name']}", number)
        found[struct["name"]] = tuple(map(_field, Section(number + 1, struct["fields"]).lines()))
    return found


def _field(line: Line) -> Field:
    match = FIELD.fullmatch(line.text)
    if match is None:
        raise Unread(f"the field {line.text}", line.number)
    return Field(line.number, match[1], match[2])


def _function(part: str, number: int) -> Function | None:
    """Read the function that a part of the text ends with, which begins in the line of that number."""
    head, _, body = part.partition(MARK)
    declared = _DECLARED.search(head)
    if declared is None:
        return None
    line = number + head.count("\n", 0, declared.start() + 1)
    parameters = tuple(_parameters(declared["parameters"], line))
    prologue = Section(number + head.count("\n", 0, declared.end()), head[declared.end() :])
    sections: dict[str, Section] = {}
    for title, section in _sections(body, number + head.count("\n") + 1):
        if title in sections:
            raise Unread(f"a second section {title}", section.number - 1)
        sections[title] = section
    return Function(declared["name"], declared["result"], line, parameters, prologue, sections)


def _parameters(text: str, number: int) -> Iterator[Parameter]:
    for written in text.split(",\n"):
        number += written.count("\n")
        if written.strip():
            match = _PARAMETER.fullmatch(written)
            if match is None:
                raise Unread(f"the parameter {written.strip()}", number)
            yield Parameter(match["type"], match["name"], match["result"] is not None, number)
        number += 1


def _sections(body: str, number: int) -> Iterator[tuple[str, Section]]:
    """Read the sections of a body that begins with a title in the line of that number."""
    for titled in body.split(MARK):
        title, _, text = titled.partition("\n")
        yield title.strip().removeprefix("// "), Section(number + 1, text)
        number += titled.count("\n") + 1
