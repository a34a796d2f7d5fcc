"""What writes one function of a text in Python: its lines, the types of its variables, and what its lines refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grammar.types import Scalar
from oracle.text.faults import Unread
from oracle.text.source import Function
from oracle.text.spelling import Handle, Records, TextType, literal, type_named
from oracle.text.statements import declarations

Key = tuple[str, tuple[TextType, ...]]
"""What tells functions apart: the name, and the types of the parameters."""


@dataclass(frozen=True)
class Callee:
    """A function of the text as others call it: its Python name, how many arguments it takes before those that it gives
    results in, and the type of what it returns.
    """

    name: str
    taken: int
    returned: TextType | None

    @classmethod
    def of(cls, function: Function, name: str, records: Records) -> Callee:
        """Say how a function is called that has this Python name."""
        taken = sum(not parameter.is_result for parameter in function.parameters)
        returned = None if function.result == "void" else type_at(function.line, function.result, records)
        return cls(name, taken, returned)


@dataclass(frozen=True)
class Written:
    """A function in Python: its lines, and for each the line of the text."""

    lines: list[str]
    origins: list[int]


def type_at(line: int, text: str, records: Records) -> TextType:
    """Read a type that stands in a line of the text; raises Unread where it is not known."""
    try:
        return type_named(text, records)
    except Unread as unread:
        raise Unread(unread.what, line) from None


def key_of(function: Function, records: Records) -> Key:
    """Return the key of a function."""
    return function.name, tuple(type_at(p.line, p.type, records) for p in function.parameters)


def results_of(function: Function, records: Records) -> tuple[TextType, ...]:
    """Return the types of what a function gives."""
    given = tuple(type_named(p.type, records) for p in function.parameters if p.is_result)
    return given or (() if function.result == "void" else (type_named(function.result, records),))


class Conflict(Exception):
    """The text is ill typed: everything in it is known, but the declared types do not fit together."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass
class Writer:
    """Writes one function.

    Attributes:
        function: What is written.
        callees: The functions that it may call.
        namespace: What its lines refer to besides its own variables.
        records: The structs of the text.
        boxed: Its variables that pointers lead to. In Python each is a list, of which its value is the only item.
    """

    function: Function
    callees: Mapping[Key, Callee]
    namespace: dict[str, Any]
    records: Records = field(default_factory=dict)
    boxed: frozenset[str] = frozenset()
    types: dict[str, TextType] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    written: Written = field(default_factory=lambda: Written([], []))
    conflict: Conflict | None = None
    blocks: list[str] = field(default_factory=lambda: ["{"])
    at: int = 0

    def line(self, text: str) -> None:
        """Write a line that reads and sets the values of variables."""
        self.bare_line(re.sub(rf"\b({'|'.join(self.boxed)})\b", r"\1[0]", text) if self.boxed else text)

    def bare_line(self, text: str) -> None:
        """Write a line in which boxed variables are lists."""
        self.written.lines.append("    " * len(self.blocks) + text)
        self.written.origins.append(self.at)

    def assign(self, value: str, *targets: str) -> None:
        """Write that a variable gets a value, or that several get one each, or none: then it is only computed."""
        for target in targets:
            if target in self.constants:
                self.ill_typed(f"{target} is constant")
        self.line(f"{', '.join(targets)} = {value}" if targets else value)

    def type_of(self, name: str) -> TextType:
        """Return the declared type of a variable."""
        try:
            return self.types[name]
        except KeyError:
            raise self.unread(f"the variable {name}") from None

    def bound(self, name: str, value: Any) -> str:
        """Bind something that lines refer to, and give its name there: the given one, with a number if it is taken."""
        numbered, at = name, 1
        while self.namespace.setdefault(numbered, value) is not value:
            numbered, at = f"{name}_{at}", at + 1
        return numbered

    def unread(self, what: str) -> Unread:
        """Say what is not known in the current line."""
        return Unread(what, self.at)

    def ill_typed(self, message: str) -> None:
        """Note that the types of the current line conflict; it shows only if everything else is known."""
        self.conflict = self.conflict or Conflict(message, self.at)

    def same(self, target: str, source: str) -> None:
        """Demand that a value fits its target."""
        if self.type_of(target) != self.type_of(source):
            self.ill_typed(f"{target} is {self.type_of(target)}, {source} is {self.type_of(source)}")

    def whole_numbers(self, names: Iterable[str]) -> None:
        """Demand integers, such as indices are."""
        for type_ in map(self.type_of, names):
            if not isinstance(type_, Scalar) or not type_.is_integer:
                self.ill_typed(f"{type_} in the place of an integer")

    def condition(self, name: str) -> None:
        """Demand what C++ takes for a condition."""
        if not isinstance(self.type_of(name), Scalar | Handle):
            self.ill_typed(f"{self.type_of(name)} as a condition")

    def declare(self) -> None:
        """Read the types of all variables, and write what they are before the first statement."""
        function = self.function
        given = [(p.line, p.name, p.type) for p in function.parameters]
        if "argument vars" in function.sections:
            arguments = declarations(function.section("argument vars").lines())
            given = [(number, d.name, d.type) for number, d in arguments]
        for self.at, name, text in given:
            self._declared(name, text)
        unset = [p.name for p in function.parameters if p.is_result]
        for self.at, variable in declarations(function.section("primal vars").lines()):
            type_ = self._declared(variable.name, variable.type)
            if variable.constant:
                self.constants.add(variable.name)
            if variable.value:
                self.line(f"{variable.name} = {self.literal(variable.value, type_)}")
            else:
                unset.append(variable.name)
        for name in sorted(self.boxed):
            self.bare_line(f"{name} = [{name if name not in unset else 'UNSET'}]")
        if plain := [name for name in unset if name not in self.boxed]:
            self.line(f"{' = '.join(plain)} = UNSET")

    def _declared(self, name: str, type_: str) -> TextType:
        if name in self.types:
            raise self.unread(f"a second declaration of {name}")
        self.types[name] = type_at(self.at, type_, self.records)
        return self.types[name]

    def literal(self, text: str, type_: TextType) -> str:
        """Write a literal of a type."""
        try:
            value = literal(text, type_)
        except Unread as unread:
            raise self.unread(unread.what) from None
        if isinstance(value, int):
            return repr(value)
        name = f"constant_{len(self.namespace)}"
        self.namespace[name] = value
        return name
