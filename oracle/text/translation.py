"""Functions of an emitted text as Python functions: one Python line per statement, the same names, Python's own locals.

A loop's labels become ``while True``: a jump to its start is ``continue``, one to its end ``break``. Results that a
function gives in references become what it returns. Every line written remembers which line of the text it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeGuard

from grammar.ops.record import TABLE
from grammar.types import BOOL, Matrix, Scalar, Vector, type_name
from oracle.conversions import common_type, converted
from oracle.text import statements as s
from oracle.text.faults import Unread
from oracle.text.lowering import PRIMITIVES
from oracle.text.meanings import comparison, meaning_of, overload_of
from oracle.text.source import Function
from oracle.text.spelling import TextType, literal, type_named

Key = tuple[str, tuple[TextType, ...]]
"""What tells functions apart: the name, and the types of the parameters that are no results."""


@dataclass(frozen=True)
class Callee:
    """A function of the text as others call it: its Python name and what it gives."""

    name: str
    results: tuple[TextType, ...]


@dataclass(frozen=True)
class Written:
    """A function in Python: its lines, and for each the line of the text."""

    lines: list[str]
    origins: list[int]


def key_of(function: Function) -> Key:
    """Give the key of a function."""
    return function.name, tuple(type_named(p.type) for p in function.parameters if not p.is_result)


def results_of(function: Function) -> tuple[TextType, ...]:
    """Give the types of what a function gives."""
    given = tuple(type_named(p.type) for p in function.parameters if p.is_result)
    return given or (() if function.result == "void" else (type_named(function.result),))


class Conflict(Exception):
    """The text is ill typed: everything in it is known, but the declared types do not fit together."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass
class Writer:
    """Writes one function; ``namespace`` is what its lines refer to besides its own variables."""

    function: Function
    callees: Mapping[Key, Callee]
    namespace: dict[str, Any]
    types: dict[str, TextType] = field(default_factory=dict)
    written: Written = field(default_factory=lambda: Written([], []))
    conflict: Conflict | None = None
    _blocks: list[str] = field(default_factory=lambda: ["{"])
    _line: int = 0

    def write(self, name: str, parameters: Sequence[str]) -> Written:
        """Write the function under a Python name, with these parameters.

        Raises:
            Unread: Something in it is not known.
            Conflict: It is ill typed.
        """
        self.written.lines.append(f"def {name}({', '.join(parameters)}):")
        self.written.origins.append(0)
        self._declare()
        for statement in s.statements(self.function.sections.get("forward", ())):
            self._line = statement.line
            _WRITE[type(statement)](self, statement)
        if self._blocks != ["{"]:
            raise self.unread("a loop or block that does not end")
        if self.conflict is not None:
            raise self.conflict
        return self.written

    # What primitives and statements use.

    def line(self, text: str) -> None:
        """Write a line."""
        self.written.lines.append("    " * len(self._blocks) + text)
        self.written.origins.append(self._line)

    def type_of(self, name: str) -> TextType:
        """Give the declared type of a variable."""
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
        return Unread(what, self._line)

    def ill_typed(self, message: str) -> None:
        """Note that the types of the current line conflict; it shows only if everything else is known."""
        self.conflict = self.conflict or Conflict(message, self._line)

    def same(self, target: str, source: str) -> None:
        """Demand that a value fits its target."""
        if self.type_of(target) != self.type_of(source):
            self.ill_typed(f"{target} is {self.type_of(target)}, {source} is {self.type_of(source)}")

    # Variables.

    def _declare(self) -> None:
        """Read the types of all variables, and write what they are before the first statement."""
        sections = self.function.sections
        arguments = [(d.name, d.type) for _, d in s.declarations(sections.get("argument vars", ()))]
        for name, text in arguments or [(p.name, p.type) for p in self.function.parameters]:
            self.types[name] = self._read_type(text)
        unset = [p.name for p in self.function.parameters if p.is_result]
        for number, variable in s.declarations(sections.get("primal vars", ())):
            self._line = number
            type_ = self.types[variable.name] = self._read_type(variable.type)
            if variable.value:
                self.line(f"{variable.name} = {self._literal(variable.value, type_)}")
            else:
                unset.append(variable.name)
        if unset:
            self.line(f"{' = '.join(unset)} = UNSET")

    def _read_type(self, text: str) -> TextType:
        try:
            return type_named(text)
        except Unread as unread:
            raise self.unread(unread.what) from None

    def _literal(self, text: str, type_: TextType) -> str:
        try:
            value = literal(text, type_)
        except Unread as unread:
            raise self.unread(unread.what) from None
        if isinstance(type_, Scalar) and type_.is_float:
            name = f"{type_}_{len(self.namespace)}"
            self.namespace[name] = value
            return name
        return repr(value)

    # Statements.

    def _call(self, call: s.Call) -> None:
        if call.namespace and call.callee in PRIMITIVES:
            PRIMITIVES[call.callee](self, call)
        elif not call.namespace and call.callee.startswith("builtin_tid"):
            targets = (call.target,) if call.target else call.arguments
            self.line(f"{', '.join(targets)}{',' * (len(targets) == 1)} = tid")
        elif not call.namespace and call.callee != "bool":
            self._user_call(call)
        else:
            self._operation(call)

    def _operation(self, call: s.Call) -> None:
        types = tuple(self.type_of(name) for name in call.arguments)
        result = self.type_of(call.target)
        name = type_name(result) if call.callee in ("vec_t", "mat_t") and _is_composite(result) else call.callee
        overload = overload_of(name, types, result)
        if overload is None:
            self.ill_typed(f"{result} = {call.callee}({', '.join(map(str, types))})")
            return
        meaning = self.bound(name, meaning_of(overload))
        self.line(f"{call.target} = {meaning}({', '.join(call.arguments)})")

    def _user_call(self, call: s.Call) -> None:
        types = [self.type_of(name) for name in call.arguments]
        for count in range(len(types), -1, -1):
            callee = self.callees.get((call.callee, tuple(types[:count])))
            if callee is not None and callee.results == tuple(types[count:] or self._result_types(call)):
                targets = call.arguments[count:] or ((call.target,) if call.target else ())
                given = f"{callee.name}({', '.join(call.arguments[:count])})"
                self.line(f"{', '.join(targets)} = {given}" if targets else given)
                return
        known = any(name == call.callee for name, _ in self.callees)
        if not known:
            raise self.unread(f"the function {call.callee}")
        self.ill_typed(f"{call.callee}({', '.join(map(str, types))})")

    def _result_types(self, call: s.Call) -> tuple[TextType, ...]:
        return (self.type_of(call.target),) if call.target else ()

    def _compare(self, compare: s.Compare) -> None:
        links = [self._link(*link) for link in compare.links]
        self.line(f"{compare.target} = {' and '.join(links)}")

    def _link(self, left: str, symbol: str, right: str) -> str:
        types = self.type_of(left), self.type_of(right)
        overload = comparison(symbol, types, BOOL)
        if overload is None:
            self.ill_typed(f"{types[0]} {symbol} {types[1]}")
            return "False"
        meaning = overload.op.value
        if types[0] != types[1] and isinstance(types[0], Scalar) and isinstance(types[1], Scalar):
            meaning = _converted(overload.op.name, types[0], types[1])
        return f"{self.bound(overload.op.name, meaning)}({left}, {right})"

    def _connect(self, connect: s.Connect) -> None:
        word = {"&&": "and", "||": "or"}[connect.operator]
        self.line(f"{connect.target} = True if {connect.left} {word} {connect.right} else False")

    def _copy(self, copy: s.Copy) -> None:
        if copy.source in self.types:
            self.same(copy.target, copy.source)
            self.line(f"{copy.target} = {copy.source}")
        else:
            self.line(f"{copy.target} = {self._literal(copy.source, self.type_of(copy.target))}")

    def _refer(self, refer: s.Refer) -> None:
        if refer.path:
            self.line(f"{refer.target} = UNSET")  # only its adjoint is ever used
        else:
            self.line(f"{refer.target} = {refer.array}.address({', '.join(refer.indices)})")

    def _store_part(self, store: s.StorePart) -> None:
        self.line(f"{store.array}.store_part({store.value}, {_tuple(store.indices)}, {_tuple(store.path)})")

    def _update_part(self, update: s.UpdatePart) -> None:
        type_ = self.type_of(update.value)
        overload = overload_of(update.operation, (type_, type_), type_)
        if overload is None:
            self.ill_typed(f"{update.operation} of {type_}")
            return
        meaning = self.bound(update.operation, meaning_of(overload))
        where = f"{_tuple(update.indices)}, {_tuple(update.path)}"
        self.line(f"{update.array}.update_part({meaning}, {update.value}, {where})")

    # Control flow.

    def _open(self, branch: s.Open) -> None:
        self.line(f"if {'not ' * branch.negated}{branch.condition}:")
        self._blocks.append("if")
        self.line("pass")

    def _close(self, close: s.Close) -> None:
        if self._blocks.pop() != "if":
            raise self.unread("a block that ends within a loop")

    def _label(self, label: s.Label) -> None:
        if label.name.startswith("start_"):
            self.line("while True:")
            self._blocks.append(label.name.removeprefix("start_"))
            self.line("count_round()")
        elif label.name != f"end_{self._blocks.pop()}":
            raise self.unread(f"the label {label.name}")

    def _goto(self, goto: s.Goto) -> None:
        self.line(self._jump(goto.name))

    def _jump(self, label: str) -> str:
        loop = next((block for block in reversed(self._blocks) if block not in ("if", "{")), "")
        word = {f"start_{loop}": "continue", f"end_{loop}": "break"}.get(label)
        if word is None:
            raise self.unread(f"the jump to {label}")
        return word

    def _exhausted(self, end: s.Exhausted) -> None:
        self.line(f"if not {end.range}.left: {self._jump(end.label)}")

    def _unless(self, end: s.Unless) -> None:
        self.line(f"if not {end.condition}: {self._jump(end.label)}")

    def _return(self, end: s.Return) -> None:
        results = [p.name for p in self.function.parameters if p.is_result] or [end.value]
        self.line(f"return {', '.join(results)}")


def _is_composite(type_: TextType) -> TypeGuard[Vector | Matrix]:
    return isinstance(type_, Vector | Matrix)


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(names)},)"


@cache
def _converted(name: str, left: Scalar, right: Scalar) -> Any:
    return converted(TABLE[name].value, common_type(left, right))


_WRITE: dict[type[s.Statement], Callable[[Writer, Any], None]] = {
    s.Call: Writer._call,
    s.Compare: Writer._compare,
    s.Connect: Writer._connect,
    s.Copy: Writer._copy,
    s.Refer: Writer._refer,
    s.StorePart: Writer._store_part,
    s.UpdatePart: Writer._update_part,
    s.Open: Writer._open,
    s.Close: Writer._close,
    s.Label: Writer._label,
    s.Goto: Writer._goto,
    s.Exhausted: Writer._exhausted,
    s.Unless: Writer._unless,
    s.Return: Writer._return,
}
