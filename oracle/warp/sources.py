"""Kernel objects that people wrote, as closed modules of the language.

The text of a kernel, and of each function that it calls, is read from where it stands and parsed. A name in it means
what it means to Warp: it is looked up among the variables around the function, then in its Python module. Numbers,
vectors and matrices found there become constants of the closed module, functions its functions, and whatever is Warp's
is written by Warp's own name for it. Nothing is executed.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import warp as wp

from grammar import emit, parse
from grammar import nodes as n
from grammar.check import Kernel, Typing, alias_definition, check, dotted, written, written_name
from grammar.check.record import TypeRefused
from grammar.errors import UserError
from grammar.syntax import SyntaxRefused
from grammar.trees import node_at, path_of, substitute, walk
from grammar.types import ELEMENTS, Element, Matrix, Vector, needs_alias, type_name
from oracle.records import Options
from oracle.warp.elements import language_type
from oracle.warp.internals import Captured, as_they_are

Tree = n.KernelDef | n.FuncDef

NOTHING = object()
"""What a name stands for that is not looked up: a variable of the function itself, or Python's own."""


@dataclass(frozen=True, eq=False)
class Source:
    """A kernel object as a typed module of the language: ``name`` is its name there.

    ``places`` says by the identity of each definition and statement where it stands: ``solver.py, line 12``.
    """

    name: str
    typing: Typing
    options: Options
    places: Mapping[int, str]

    @property
    def kernel(self) -> Kernel:
        """The kernel as a launch sees it."""
        return self.typing.kernels[self.name]

    def fault(self, reason: str, node: n.Node) -> str:
        """Say what is wrong with a node of the module, and where it stands."""
        return _sentence(self.typing.module, self.places, reason, node)


def checked_kernel(kernel: Any) -> wp.Kernel:
    """Give a kernel back; raises UserError where it is something else."""
    if not isinstance(kernel, wp.Kernel):
        raise UserError(f"a function decorated with @wp.kernel is needed, not {type(kernel).__name__}")
    return kernel


def source_of(kernel: wp.Kernel, captured: Captured = as_they_are) -> Source:
    """Read a kernel object, with what it captures; the options are those that Warp compiles it with.

    The text is what Warp read when the kernel was defined, whatever its file says now.

    Raises:
        UserError: It is not in the language: what, and in which line.
    """
    parts = list(_parts(kernel, captured))
    writer = _Writer(parts)
    module = writer.module()
    options = options_of(kernel)
    try:
        typing = check(module, options.max_unroll, backward=options.enable_backward)
    except TypeRefused as refused:
        raise UserError(_sentence(module, writer.places, str(refused), refused.node)) from refused
    return Source(writer.named(kernel.func, ""), typing, options, writer.places)


def options_of(kernel: wp.Kernel) -> Options:
    """Give the options that Warp compiles a kernel with, as far as the oracle knows of them."""
    given = {**kernel.module.options, **kernel.options}
    known = {field.name: given[field.name] for field in fields(Options) if given.get(field.name) is not None}
    return replace(Options(optimization_level=None), **known)


def _sentence(root: n.Node, places: Mapping[int, str], reason: str, node: n.Node) -> str:
    path = path_of(root, node) or ()
    around = (id(node_at(root, path[:length])) for length in range(len(path), -1, -1))
    place = next((places[at] for at in around if at in places), "")
    return f"{place}: {reason}: {emit(node).splitlines()[0]}"


@dataclass(frozen=True, eq=False)
class _Part:
    """A function as it is written: its tree, where it and its statements stand, and what the names around it mean."""

    function: FunctionType
    tree: Tree
    places: Mapping[int, str]
    scope: Mapping[str, Any]

    @property
    def local(self) -> tuple[str, ...]:
        """The names of parameters and of variables."""
        return self.function.__code__.co_varnames

    def meaning(self, node: n.Node) -> Any:
        """Give what a name stands for, also one in a Python module; NOTHING for anything else."""
        match node:
            case n.Name(name) if name not in self.local:
                return self.scope.get(name, NOTHING)
            case n.Attribute(owner, attribute):
                module = self.meaning(owner)
                return getattr(module, attribute, NOTHING) if isinstance(module, ModuleType) else NOTHING
        return NOTHING

    def called(self) -> Iterator[wp.Function]:
        """Give the functions that are called and not Warp's own.

        Raises:
            UserError: One of them has no single text in Python.
        """
        for node in walk(self.tree):
            function = self.meaning(node)
            if isinstance(function, wp.Function) and not function.is_builtin():
                if function.native_snippet is not None or len(function.user_overloads) > 1:
                    raise self.refusal("a function in C++, or with several overloads, is not in the language", node)
                yield function

    def refusal(self, reason: str, node: n.Node) -> UserError:
        """Give the error that says what is wrong with a node of the tree, and where it stands."""
        return UserError(_sentence(self.tree, self.places, reason, node))


def _parts(kernel: wp.Kernel, captured: Captured) -> Iterator[_Part]:
    """Read a kernel and the functions that it calls, each after those that it calls itself."""
    seen: set[FunctionType] = set()

    def read(defined: wp.Kernel | wp.Function) -> Iterator[_Part]:
        seen.add(defined.func)
        part = _part(defined, captured)
        for called in part.called():
            if called.func not in seen:
                yield from read(called)
        yield part

    return read(kernel)


def _part(defined: wp.Kernel | wp.Function, captured: Captured) -> _Part:
    function: FunctionType = defined.func
    file = Path(function.__code__.co_filename).name
    decorator = "@wp.kernel" if isinstance(defined, wp.Kernel) else "@wp.func"
    text = _bare(defined.adj.source, decorator, function.__code__.co_firstlineno)
    try:
        tree = parse(text).definitions[0]
    except SyntaxRefused as refused:
        sentence = re.sub(r", column \d+", "", str(refused), count=1)  # columns are those without the indentation
        raise UserError(f"{file}, {sentence}") from refused
    assert isinstance(tree, Tree)
    lines = (statement.lineno for statement in _statements_in_python(ast.parse(text)))
    places = {id(node): f"{file}, line {line}" for node, line in zip(_statements(tree), lines, strict=True)}
    scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals, **captured(defined.adj)}
    return _Part(function, tree, places, scope)


def _bare(text: str, decorator: str, first: int) -> str:
    """Give the text of a function as the grammar takes it, each line where it is in its file.

    It has one decorator, no docstring, and does not say that it returns None.
    """
    rows = textwrap.dedent(text).splitlines()
    definition = ast.parse("\n".join(rows)).body[0]
    assert isinstance(definition, ast.FunctionDef)
    if ast.get_docstring(definition, clean=False) is not None:
        docstring, *rest = definition.body
        end = docstring.end_lineno or docstring.lineno
        if definition.lineno < docstring.lineno and all(statement.lineno > end for statement in rest):
            instead = "" if rest else " " * docstring.col_offset + "pass"
            rows[docstring.lineno - 1 : end] = [instead] + [""] * (end - docstring.lineno)
    if isinstance(definition.returns, ast.Constant):
        at = definition.returns.lineno - 1
        rows[at] = re.sub(r"\s*->\s*None\s*:", ":", rows[at], count=1)
    before = "\n" * (first + definition.lineno - 3)
    return before + "\n".join([decorator, *rows[definition.lineno - 1 :]])


def _statements_in_python(owner: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(owner):
        if isinstance(child, ast.stmt):
            yield child
            yield from _statements_in_python(child)


def _statements(tree: Tree) -> list[n.Node]:
    """Give what Python calls statements, in the same order: a definition, its statements, and each elif."""
    return [node for node in walk(tree) if isinstance(node, n.Definition | n.Statement | n.ElifBranch)]


class _Writer:
    """Writes parts as one module, in which no variable of a function has the name of a definition."""

    def __init__(self, parts: Sequence[_Part]) -> None:
        self.parts = parts
        self.places: dict[int, str] = {}
        self.bindings: list[n.Binding] = []
        self._names: dict[Hashable, str] = {}
        self._taken = {"wp", *(name for part in parts for name in part.local)}

    def module(self) -> n.Module:
        """Write the module: constants and aliases, functions, the kernel."""
        for part in reversed(self.parts):
            self.named(part.function, part.tree.name)
        definitions = [self._definition(part) for part in self.parts]
        return n.Module((n.ImportStmt("warp", "wp"), *self.bindings, *definitions))

    def named(self, thing: Hashable, wanted: str) -> str:
        """Give the name of a definition, which is the one that is wanted unless it is taken."""
        if thing not in self._names:
            while wanted in self._taken:
                wanted += "_"
            self._taken.add(wanted)
            self._names[thing] = wanted
        return self._names[thing]

    def _definition(self, part: _Part) -> Tree:
        changes = {id(node): found for node in walk(part.tree) if (found := self._written(part, node)) is not None}
        tree = replace(substitute(part.tree, changes), name=self.named(part.function, part.tree.name))
        self.places.update(zip(map(id, _statements(tree)), part.places.values(), strict=True))
        return tree

    def _written(self, part: _Part, node: n.Node) -> n.Expr | None:
        """Write what a name stands for; None where it stays as it is."""
        value = part.meaning(node)
        if value is wp:
            return n.Name("wp")
        if value is NOTHING or isinstance(value, ModuleType):
            return None
        if isinstance(value, wp.Function) and not value.is_builtin():
            return n.Name(self._names[value.func])
        name = getattr(value, "key", None) or getattr(value, "__name__", None)
        if isinstance(name, str) and getattr(wp, name, NOTHING) is value:
            return dotted(f"wp.{name}")
        return self._captured(part, node, value)

    def _captured(self, part: _Part, node: n.Node, value: Any) -> n.Expr:
        """Write a type or a value as a name of the language or of the module."""
        wanted = node.attribute if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""
        type_ = _type(value) if isinstance(value, type) else None
        if isinstance(type_, Matrix) and needs_alias(type_):
            return self._bound(part, type_name(type_), alias_definition(type_).value)
        if type_ is not None:
            return written(type_)
        constant = _constant(value)
        if constant is None:
            raise part.refusal(f"{_foreign(value)} is not in the language", node)
        return self._bound(part, wanted, constant)

    def _bound(self, part: _Part, wanted: str, value: n.Expr) -> n.Name:
        key = (wanted, value)
        if key not in self._names:
            self.bindings.append(n.Binding(self.named(key, wanted), value))
            self.places[id(self.bindings[-1])] = part.places[id(part.tree)]
        return n.Name(self._names[key])


def _type(type_: type) -> Element | None:
    """Give the language's type of one of Python's or of Warp's; NumPy's are none to Warp, whatever their names."""
    if type_.__module__.startswith("numpy"):
        return None
    found = language_type(type_)
    return found if found in ELEMENTS else None


def _foreign(value: Any) -> str:
    if isinstance(value, type):
        return "this type"
    return "a number that is not finite" if type(value) is float else f"a value of type {type(value).__name__}"


def _constant(value: Any) -> n.Expr | None:
    """Write a finite number, a bool, or a vector or matrix of these as a constant; None where it is none of them."""
    if isinstance(value, bool):
        return n.TrueLiteral() if value else n.FalseLiteral()
    if type(value) in (int, float):
        return _number(value)
    type_ = _type(type(value))
    return None if type_ is None else _composite(value, type_)


def _composite(value: Any, type_: Element) -> n.Expr | None:
    match type_:
        case Vector(_, part) | Matrix(_, _, part):
            items = [item for row in value for item in row] if isinstance(type_, Matrix) else list(value)
            arguments = [_composite(item, part) for item in items]
        case _:
            arguments = [_number(getattr(value, "value", value))]
    known = tuple(argument for argument in arguments if argument is not None)
    return n.Call(dotted(written_name(type_)), known) if len(known) == len(arguments) else None


def _number(value: float) -> n.Expr | None:
    if isinstance(value, int):
        literal: n.Expr = n.IntLiteral(abs(value))
        return n.Unary("-", literal) if value < 0 else literal
    if not math.isfinite(value):
        return None
    literal = n.FloatLiteral(abs(value))
    return n.Unary("-", literal) if math.copysign(1.0, value) < 0.0 else literal
