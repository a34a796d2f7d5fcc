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
import textwrap
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import EnumType, IntEnum, IntFlag
from functools import partial
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import warp as wp
from lark.exceptions import UnexpectedInput

from grammar import emit, parse
from grammar import nodes as n
from grammar.check import Kernel, Typing, check, dotted, refusals, type_definitions, written
from grammar.check.constants import CONSTANTS
from grammar.check.overloading import operated, overloading_names
from grammar.errors import UserError
from grammar.syntax import SyntaxRefused
from grammar.trees import node_at, path_of, substitute, walk
from grammar.types import Element, Scalar
from oracle.records import Options
from oracle.warp.definitions import Struct
from oracle.warp.internals import Captured, as_they_are
from oracle.warp.value_types import language_type, numbers_of

Tree = n.KernelDef | n.FuncDef

SEVERAL = "functions in C++, or with several overloads"

NOTHING = object()
"""What a name stands for that is not looked up: a variable of the function itself, or Python's own."""


OPEN = "unsupported_by_warpsmith"
"""The name that stands for what was refused when a kernel was read."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands."""

    file: str
    line: int

    def __str__(self) -> str:
        """Say it in words."""
        return f"{self.file}, line {self.line}"


Places = Mapping[int, Place]
"""Where each definition, parameter and statement stands, by its identity."""


@dataclass
class Refusals:
    """What of a kernel is not in the language, a sentence each."""

    found: list[tuple[Place, str]] = field(default_factory=list)

    def add(self, place: Place, reason: str, text: str) -> None:
        """Add what is refused, why, and as it is written."""
        self.found.append((place, f"{place}: {reason}: {_first_line(text)}"))

    def error(self) -> UserError:
        """Return the error that says all of it, a line each, in the order in which it stands in the files."""
        return UserError("\n".join(dict.fromkeys(sentence for _, sentence in sorted(self.found))))


@dataclass(frozen=True, eq=False)
class Source:
    """A kernel object as a typed module of the language: ``name`` is its name there."""

    name: str
    typing: Typing
    options: Options
    places: Places

    @property
    def kernel(self) -> Kernel:
        """The kernel as a launch sees it."""
        return self.typing.kernels[self.name]

    def fault(self, reason: str, node: n.Node) -> str:
        """Say what is wrong with a node of the module, and where it stands."""
        place = _place(self.typing.module, self.places, self.typing.original(node))
        return f"{place}: {reason}: {_first_line(emit(node))}"


def checked_kernel(kernel: Any) -> wp.Kernel:
    """Return a kernel back; raises UserError where it is something else."""
    if not isinstance(kernel, wp.Kernel):
        raise UserError(f"a function decorated with @wp.kernel is needed, not {type(kernel).__name__}")
    return kernel


def source_of(kernel: wp.Kernel, captured: Captured = as_they_are) -> Source:
    """Read a kernel object, with what it captures; the options are those that Warp compiles it with.

    The text is what Warp read when the kernel was defined, whatever its file says now.

    Raises:
        UserError: It is not in the language: everything that is not, and in which line.
    """
    refused = Refusals()
    parts = list(_parts(kernel, captured, refused))
    writer = _Writer(parts, refused)
    module = writer.module()
    options = options_of(kernel)
    unroll, backward = options.max_unroll, options.enable_backward
    for refusal in refusals(module, unroll, backward=backward, unknown={OPEN}):
        place = _place(module, writer.places, refusal.node)
        refused.add(place, str(refusal), emit(refusal.node))
    if refused.found:
        raise refused.error()
    return Source(writer.named(kernel.func, ""), check(module, unroll, backward=backward), options, writer.places)


def options_of(kernel: wp.Kernel) -> Options:
    """Return the options that Warp compiles a kernel with, as far as the oracle knows of them."""
    given = {**kernel.module.options, **kernel.options}
    known = {each.name: given[each.name] for each in fields(Options) if given.get(each.name) is not None}
    return replace(Options(optimization_level=None), **known)


def _first_line(text: str) -> str:
    """Return the line that tells what a text is: of a definition, the one below its decorator."""
    return next(line for line in text.splitlines() if not line.startswith("@"))


def _place(root: n.Node, places: Places, node: n.Node) -> Place:
    """Find where a node stands: the innermost statement or definition around it, or else the last definition."""
    path = path_of(root, node) or ()
    around = (id(node_at(root, path[:length])) for length in range(len(path), -1, -1))
    return next((places[at] for at in around if at in places), max(places.values()))


@dataclass(frozen=True, eq=False)
class _Part:
    """A function as it is written: its tree, where it and its statements stand, and what the names around it mean."""

    function: FunctionType
    tree: Tree
    places: Places
    scope: Mapping[str, Any]

    @property
    def local(self) -> tuple[str, ...]:
        """The names of parameters and of variables."""
        return self.function.__code__.co_varnames

    @property
    def own_names(self) -> set[str]:
        """The names that are defined nowhere around the function: its variables, and Python's or Warp's own."""
        names = {node.id for node in walk(self.tree) if isinstance(node, n.Name)}
        return {*self.local, *(name for name in names if name not in self.scope)}

    def meaning(self, node: n.Node) -> Any:
        """Return what a name stands for, also one in a Python module; NOTHING for anything else."""
        match node:
            case n.Name(name) if name not in self.local:
                return self.scope.get(name, NOTHING)
            case n.Attribute(owner, attribute):
                module = self.meaning(owner)
                is_named = isinstance(module, ModuleType | EnumType)
                return getattr(module, attribute, NOTHING) if is_named else NOTHING
        return NOTHING

    def called(self, refused: Refusals) -> Iterator[wp.Function]:
        """Yield the functions that are called, by name or by an operator, and not Warp's own.

        Those without a single text in Python are refused.
        """
        for node in walk(self.tree):
            function = self.meaning(node)
            if isinstance(function, wp.Function) and not _is_warps(function):
                if function.native_snippet is None and _is_single(function):
                    yield function
                else:
                    self.refuse(refused, SEVERAL, node)
        for name in sorted(operated(self.tree)):
            overloads = self.overloads(name)
            if len(overloads) > 1 or any(one.native_snippet is not None for one in overloads):
                self.refuse(refused, f"{SEVERAL} ({name})", self.tree)
            else:
                yield from overloads

    def overloads(self, name: str) -> list[wp.Function]:
        """Return what overloads an operator here: what has its name, and takes values of the language or is generic."""
        function = self.scope.get(name)
        if not isinstance(function, wp.Function) or _is_warps(function):
            return []
        generic = [*function.user_templates.values()] * 2  # which have several types, so several overloads
        return [*generic, *filter(_takes_values, function.user_overloads.values())]

    def refuse(self, refused: Refusals, what: str, node: n.Node) -> None:
        """Say what of the tree is not supported."""
        refused.add(self.place_of(node), f"warpsmith does not support {what} yet", emit(node))

    def place_of(self, node: n.Node) -> Place:
        """Find where a node of the tree stands."""
        return _place(self.tree, self.places, node)


def _parts(kernel: wp.Kernel, captured: Captured, refused: Refusals) -> Iterator[_Part]:
    """Read a kernel and the functions that it calls, each after those that it calls itself."""
    seen: set[FunctionType] = set()

    def read(defined: wp.Kernel | wp.Function) -> Iterator[_Part]:
        seen.add(defined.func)
        part = _part(defined, captured, refused)
        for called in part.called(refused):
            if called.func not in seen:
                yield from read(called)
        yield part

    return read(kernel)


def _part(defined: wp.Kernel | wp.Function, captured: Captured, refused: Refusals) -> _Part:
    function: FunctionType = defined.func
    file = Path(function.__code__.co_filename).name
    decorator = "@wp.kernel" if isinstance(defined, wp.Kernel) else "@wp.func"
    text = _bare(defined.adj.source, decorator, function.__code__.co_firstlineno)
    tree, text = _parsed(text, file, refused)
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    lines = [definition.lineno, *(each.lineno for each in _statements_in_python(definition))]
    lines += [each.lineno for each in definition.args.args]
    places = {id(node): Place(file, line) for node, line in zip(_placed(tree), lines, strict=True)}
    scope = {**function.__globals__, **inspect.getclosurevars(function).nonlocals, **captured(defined.adj)}
    return _Part(function, tree, places, scope)


def _parsed(text: str, file: str, refused: Refusals) -> tuple[Tree, str]:
    """Parse a function, without the statements that are not in the language, and give what was parsed.

    Raises:
        UserError: It cannot be read without something that is not in the language.
    """
    while True:
        try:
            tree = parse(text).definitions[0]
            assert isinstance(tree, Tree)
            return tree, text
        except SyntaxRefused as refusal:
            line = refusal.__cause__.line if isinstance(refusal.__cause__, UnexpectedInput) else 0
            statement = _innermost(text, line)
            if statement is None:
                reason = "warpsmith does not support this yet" if line else str(refusal)
                at = max(line, 1 + len(text) - len(text.lstrip("\n")))
                refused.add(Place(file, at), reason, text.splitlines()[at - 1].strip())
                raise refused.error() from refusal
            written = ast.get_source_segment(text, statement) or ""
            refused.add(Place(file, statement.lineno), "warpsmith does not support this yet", written)
            text = _left_open(text, statement)


def _innermost(text: str, line: int) -> ast.stmt | None:
    """Find the innermost statement at a line of a function that something else may stand for; None if there is none."""
    rows = text.splitlines()
    statements = _statements_in_python(ast.parse(text).body[0])
    around = [each for each in statements if each.lineno <= line <= (each.end_lineno or line)]
    return next((each for each in reversed(around) if not rows[each.lineno - 1].lstrip().startswith("elif")), None)


def _left_open(text: str, refused: ast.stmt) -> str:
    """Write OPEN for what is assigned in the lines of a statement, and leave out the rest of it."""
    rows, last = text.splitlines(), refused.end_lineno or refused.lineno
    within = (node for node in ast.walk(ast.parse(text)) if refused.lineno <= getattr(node, "lineno", 0) <= last)
    names = sorted({node.id for node in within if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)})
    row = rows[refused.lineno - 1]
    instead = f"{', '.join(names)} = {', '.join([OPEN] * len(names))}" if names else "pass"
    rows[refused.lineno - 1 : last] = [row[: len(row) - len(row.lstrip())] + instead] + [""] * (last - refused.lineno)
    return "\n".join(rows)


def _bare(text: str, decorator: str, first: int) -> str:
    """Return the text of a function as the grammar takes it, each line where it is in its file.

    It has one decorator and no docstring.
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
    before = "\n" * (first + definition.lineno - 3)
    return before + "\n".join([decorator, *rows[definition.lineno - 1 :]])


def _statements_in_python(owner: ast.AST) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(owner):
        if isinstance(child, ast.stmt):
            yield child
            yield from _statements_in_python(child)


def _placed(tree: Tree) -> list[n.Node]:
    """Return what has a line of its own: what Python calls statements (also each elif), then the parameters."""
    statements = (node for node in walk(tree) if isinstance(node, n.Definition | n.Statement | n.ElifBranch))
    return [*statements, *tree.parameters.items]


class _Writer:
    """Writes parts as one module, in which no name that means something else has the name of a definition.

    That is each variable of a function, what is Python's or Warp's without being defined, and what overloads operators.
    """

    def __init__(self, parts: Sequence[_Part], refused: Refusals) -> None:
        self.parts = parts
        self.refused = refused
        self.places: dict[int, Place] = {}
        self.bindings: list[n.Binding | n.StructDef] = []
        self.imports: list[n.Definition] = []
        operators = self._operators()
        self._names: dict[Hashable, str] = {function: name for name, function in operators.items()}
        taken = (name for part in parts for name in part.own_names)
        self._taken = {"wp", "Any", *overloading_names().values(), *taken}

    def _operators(self) -> dict[str, FunctionType]:
        """Return the functions that overload operators, which keep their names, unless no module can say so."""
        found: dict[str, FunctionType | None] = {}
        for part in self.parts:
            for name in sorted(operated(part.tree)):
                function = next((overload.func for overload in part.overloads(name)), None)
                is_other = found.setdefault(name, function) is not function
                if is_other or (function and any(name in other.local for other in self.parts)):
                    part.refuse(
                        self.refused, f"that {name} is an operator here and something else elsewhere", part.tree
                    )
        operators = {name: function for name, function in found.items() if function}
        if len(set(operators.values())) < len(operators):
            self.parts[-1].refuse(self.refused, "that one function is two operators", self.parts[-1].tree)
        return operators

    def module(self) -> n.Module:
        """Write the module: constants, types, functions, the kernel."""
        for part in reversed(self.parts):
            self.named(part.function, part.tree.name)
        definitions = [self._definition(part) for part in self.parts]
        return n.Module((*self.imports, n.ImportStmt("warp", "wp"), *self.bindings, *definitions))

    def named(self, thing: Hashable, wanted: str) -> str:
        """Return the name of a definition, which is the one that is wanted unless it is taken."""
        if thing not in self._names:
            while wanted in self._taken:
                wanted += "_"
            self._taken.add(wanted)
            self._names[thing] = wanted
        return self._names[thing]

    def _definition(self, part: _Part) -> Tree:
        changes = {id(node): found for node in walk(part.tree) if (found := self._written(part, node)) is not None}
        tree = replace(substitute(part.tree, changes), name=self.named(part.function, part.tree.name))
        self.places.update(zip(map(id, _placed(tree)), part.places.values(), strict=True))
        return tree

    def _written(self, part: _Part, node: n.Node) -> n.Expr | None:
        """Write what a name stands for; None where it stays as it is."""
        value = part.meaning(node)
        if value is wp:
            return n.Name("wp")
        if value is NOTHING or isinstance(value, ModuleType | EnumType):
            return None
        if value is Any:
            self.imports = [n.ImportFrom("typing", "Any")]
            return n.Name("Any")
        if isinstance(node, n.Attribute) and part.meaning(node.value) is wp and f"wp.{node.attribute}" in CONSTANTS:
            return dotted(f"wp.{node.attribute}")
        if isinstance(value, wp.Function) and not _is_warps(value):
            return n.Name(self._names.get(value.func, OPEN))
        name = getattr(value, "key", None) or getattr(value, "__name__", None)
        if isinstance(node, n.Attribute) and isinstance(value, type) and _type(value) is None:
            name = node.attribute  # what is refused is named as it is written: wp.quat, not wp.quatf
        if isinstance(name, str) and getattr(wp, name, NOTHING) is value:
            return dotted(f"wp.{name}")
        return self._captured(part, node, value)

    def _captured(self, part: _Part, node: n.Node, value: Any) -> n.Expr:
        """Write a type or a value as a name of the language or of the module."""
        wanted = node.attribute if isinstance(node, n.Attribute) else node.id if isinstance(node, n.Name) else ""
        if isinstance(value, Struct):
            return self._struct(part, node, value)
        type_ = _type(value) if isinstance(value, type) else None
        if type_ is not None:
            return self._typed(part, node, type_)
        constant = _constant(value, partial(self._typed, part, node))
        if constant is None:
            return self._refused(part, node, value)
        return self._bound(part, node, wanted, constant)

    def _typed(self, part: _Part, node: n.Node, type_: Element) -> n.Expr:
        """Write a type, which the module defines where Warp has no name for it."""
        for definition in type_definitions([type_]):
            assert isinstance(definition, n.Binding)
            return self._bound(part, node, definition.name, definition.value)
        return written(type_)

    def _struct(self, part: _Part, node: n.Node, struct: Any) -> n.Name:
        """Write a struct, which the module defines behind those that it has as fields."""
        if struct not in self._names:
            place = _definition_of(struct.cls) or part.place_of(node)
            fields = tuple(n.Field(name, self._field(part, node, struct, name)) for name in struct.vars)
            definition = n.StructDef(self.named(struct, struct.cls.__name__), fields)
            self.bindings.append(definition)
            self.places[id(definition)] = place
        return n.Name(self._names[struct])

    def _field(self, part: _Part, node: n.Node, struct: Any, name: str) -> n.Expr:
        """Write the type of a field."""
        found = self._annotation(part, node, struct.vars[name].type)
        if found is None:
            place = _definition_of(struct.cls) or part.place_of(node)
            self.refused.add(place, "warpsmith does not support the type of this field yet", f"{struct.key}.{name}")
        return found or n.Name(OPEN)

    def _annotation(self, part: _Part, node: n.Node, type_: Any) -> n.Expr | None:
        """Write one of Warp's types, which may be an array or a struct; None where the language has none."""
        if isinstance(type_, Struct):
            return self._struct(part, node, type_)
        if wp.array in (type(type_), getattr(type_, "_concrete_cls", None)):
            element = self._annotation(part, node, type_.dtype)
            return element and n.Subscript(dotted(f"wp.array{type_.ndim}d"), (element,))
        known = _type(type_) if isinstance(type_, type) else None
        return None if known is None else self._typed(part, node, known)

    def _refused(self, part: _Part, node: n.Node, value: Any) -> n.Name:
        """Leave open what is not supported."""
        part.refuse(self.refused, _foreign(value), node)
        return n.Name(OPEN)

    def _bound(self, part: _Part, node: n.Node, wanted: str, value: n.Expr) -> n.Name:
        key = (wanted, value)
        if key not in self._names:
            self.bindings.append(n.Binding(self.named(key, wanted), value))
            self.places[id(self.bindings[-1])] = part.place_of(node)
        return n.Name(self._names[key])


def _type(type_: type) -> Element | None:
    """Return the language's type of one of Python's or of Warp's; NumPy's are none to Warp, whatever their names."""
    if type_.__module__.startswith("numpy"):
        return None
    return language_type(type_)


def _definition_of(class_: type) -> Place | None:
    """Find where a class is defined; None where that is in no file."""
    try:
        return Place(Path(inspect.getfile(class_)).name, inspect.getsourcelines(class_)[1])
    except (OSError, TypeError):
        return None


def _is_single(function: wp.Function) -> bool:
    """Say whether a function has one text: that of its only overload, or, if it is generic, that of all of them."""
    texts = [*function.user_templates.values(), *function.user_overloads.values()]
    return len({each.func for each in texts}) == 1


def _takes_values(function: wp.Function) -> bool:
    """Say whether all parameters of a function have value types of the language."""
    return all(isinstance(type_, type) and _type(type_) is not None for type_ in function.input_types.values())


def _is_warps(function: wp.Function) -> bool:
    """Say whether a function is one of Warp's builtins, some of which Warp writes in Python."""
    return function.is_builtin() or getattr(wp, function.key, NOTHING) is function


def _foreign(value: Any) -> str:
    if isinstance(value, type):
        return "this type"
    return f"values of type {language_type(type(value)) or type(value).__name__}"


def _constant(value: Any, typed: Callable[[Element], n.Expr]) -> n.Expr | None:
    """Write a number, a bool, or a vector or matrix of these as a constant; None where it is none of them."""
    if isinstance(value, bool):
        return n.TrueLiteral() if value else n.FalseLiteral()
    if type(value) in (int, float) or isinstance(value, IntEnum | IntFlag):
        return _number(value)
    type_ = _type(type(value))
    if type_ is None:
        return None
    if not type_.parts:
        return _typed_number(getattr(value, "value", value), type_.scalar)
    numbers = numbers_of(value, type_).reshape(-1).tolist()
    return n.Call(typed(type_), tuple(_typed_number(number, type_.scalar) for number in numbers))


def _typed_number(number: float, scalar: Scalar) -> n.Expr:
    return n.Call(dotted(scalar.written), (_number(number),))


def _number(value: float) -> n.Expr:
    if isinstance(value, int):
        literal: n.Expr = n.IntLiteral(abs(int(value)))
        return n.Unary("-", literal) if value < 0 else literal
    size = abs(value)
    literal = n.FloatLiteral(size) if math.isfinite(size) else dotted("wp.inf" if size == math.inf else "wp.nan")
    return n.Unary("-", literal) if math.copysign(1.0, value) < 0.0 else literal
