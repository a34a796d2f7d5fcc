"""Kernels that people wrote: found in their source files, each cut out with what it needs from the same file.

Files are read as text and parsed by Python's ``ast``; nothing in them is imported or executed. A kernel is a function
decorated with ``wp.kernel`` or ``warp.kernel``, or handed to one of them, at any depth. What it names is looked up as
Python does (in the enclosing functions, then in the module) and cut out too, as far as it is defined in the file; so is
a function that overloads one of its operators. A parameter of an enclosing function becomes a constant: what the file
first passes for it, its default, or a number of its type. Other decorators, arguments of decorators and docstrings do
not change what a kernel means, and are left behind.
"""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path

from grammar.check.overloading import overloading_names

SUFFIX = "*.py"

LARGEST = 2**21
"""Bytes of a file: more than twice those of Warp's own largest, and still parsed within seconds."""

KERNELS = frozenset({"wp.kernel", "warp.kernel"})
FUNCTIONS = frozenset({"wp.func", "warp.func"})

KEPT = 256
"""Definitions whose names are kept: the kernels of a file often need the same ones."""

NUMBERS = {"int": "1", "float": "1.0", "bool": "True"}
"""A value for a parameter of each type of Python's."""

SYMBOLS = {
    **{"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "MatMult": "@"},
    **{"BitAnd": "&", "BitOr": "|", "BitXor": "^", "LShift": "<<", "RShift": ">>"},
}
"""The operators by what Python's ``ast`` calls them."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Scope:
    """What a module or function defines, by name: looked up once a kernel in it names something."""

    def __init__(self, owner: ast.AST, statements: Sequence[ast.stmt]) -> None:
        self._owner = owner
        self._statements = statements

    @cached_property
    def parameters(self) -> Mapping[str, ast.arg]:
        """The parameters of the function, by name; none of a module."""
        if not isinstance(self._owner, Function):
            return {}
        return {item.arg: item for item in ast.walk(self._owner.args) if isinstance(item, ast.arg)}

    @cached_property
    def calls(self) -> Mapping[str, list[ast.Call]]:
        """The calls of each function by its name, in the whole of the module or function."""
        found: dict[str, list[ast.Call]] = {}
        for node in ast.walk(self._owner):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.setdefault(node.func.id, []).append(node)
        return found

    def value_of(self, parameter: str, module: Scope) -> ast.expr | None:
        """Return what stands for a parameter of the function; None where nothing is known of it."""
        assert isinstance(self._owner, Function)
        given = (_passed(call, self._owner, parameter) for call in module.calls.get(self._owner.name, ()))
        named = (value for value in given if value is not None and _names(value) <= module.definitions.keys() | {"wp"})
        arguments = self._owner.args
        names = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
        defaults = dict(zip(reversed(names), reversed(arguments.defaults), strict=False))
        annotation = self.parameters[parameter].annotation
        number = NUMBERS.get(ast.unparse(annotation)) if annotation else None
        typed = ast.parse(number, mode="eval").body if number else None
        return next(named, None) or defaults.get(parameter) or typed

    @cached_property
    def definitions(self) -> Mapping[str, Definition]:
        """The last definition of each name."""
        found: dict[str, Definition] = {}
        for statement in self._statements:
            match statement:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    found[name] = statement
                case ast.Assign(targets=targets):
                    found |= dict.fromkeys(chain.from_iterable(map(_bound, targets)), statement)
                case ast.AnnAssign(target=target, value=ast.expr()):
                    found |= dict.fromkeys(_bound(target), statement)
        return found


@dataclass(frozen=True)
class SourceKernel:
    """A kernel in a file: its line, its name, and its text as a module of its own, with what it needs before it."""

    line: int
    name: str
    text: str


def python_files(path: Path) -> list[Path]:
    """Return the Python files of a folder in order, without those in hidden folders; a file stands for itself."""
    if path.is_file():
        return [path]
    found = path.rglob(SUFFIX)
    return sorted(f for f in found if not any(part.startswith(".") for part in f.relative_to(path).parts))


def kernels_of(path: Path) -> list[SourceKernel]:
    """Find the kernels of a file, in order.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is larger than LARGEST, not text in its encoding, or no text that Python parses (a SyntaxError
            is made one).
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    try:
        with tokenize.open(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in a person's strings
            text = file.read()
            return _kernels_in(ast.parse(text), text.splitlines())
    except SyntaxError as error:
        where = f", line {error.lineno}" if error.lineno and "at line" not in error.msg else ""
        raise ValueError(f"it is no Python: {error.msg}{where}") from error
    except (RecursionError, MemoryError) as error:  # of ast.parse too, by the version of Python
        raise ValueError("it is nested too deeply") from error


def _kernels_in(module: ast.Module, lines: Sequence[str]) -> list[SourceKernel]:
    return [
        SourceKernel(kernel.lineno, kernel.name, _cut_out(kernel, scopes, lines))
        for kernel, scopes in _kernels(module, ())
    ]


def _kernels(owner: ast.AST, scopes: tuple[Scope, ...]) -> Iterator[tuple[Function, tuple[Scope, ...]]]:
    """The kernels in a module, class or function, each with the scopes that it sees, the innermost last."""
    statements = list(_own_statements(owner))
    inner = scopes if isinstance(owner, ast.ClassDef) else (*scopes, Scope(owner, statements))
    handed = set(chain.from_iterable(map(_handed, statements)))
    for statement in statements:
        if isinstance(statement, Function) and (_decorated(statement, KERNELS) or statement.name in handed):
            yield statement, inner
        elif isinstance(statement, Function | ast.ClassDef):
            yield from _kernels(statement, inner)


def _handed(statement: ast.stmt) -> Iterator[str]:
    """The names of the functions that a statement hands to ``wp.kernel``: ``k = wp.kernel(f)``."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Name):
            maker = node.func.func if isinstance(node.func, ast.Call) else node.func
            if ast.unparse(maker) in KERNELS:
                yield node.args[0].id


def _own_statements(owner: ast.AST) -> Iterator[ast.stmt]:
    """The statements in a body, also those below ``if``, ``with`` and the like, but not those of inner bodies."""
    for child in ast.iter_child_nodes(owner):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, Function | ast.ClassDef | ast.expr):
            yield from _own_statements(child)


def _decorated(function: Function, names: frozenset[str]) -> bool:
    called = (d.func if isinstance(d, ast.Call) else d for d in function.decorator_list)
    return any(ast.unparse(decorator) in names for decorator in called)


def _bound(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target binds."""
    return (item.id for item in ast.walk(target) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store))


def _cut_out(kernel: Function, scopes: tuple[Scope, ...], lines: Sequence[str]) -> str:
    texts = ["import warp as wp"]
    seen: set[int] = set()

    def add(definition: Definition, scopes: tuple[Scope, ...]) -> None:
        """Add what a definition needs, then its text."""
        seen.add(id(definition))
        for name in _free_names(definition):
            need(name, scopes)
        for name in _operated(definition):
            found = scopes[0].definitions.get(name)
            if isinstance(found, Function) and _decorated(found, FUNCTIONS) and not _takes_struct(found, scopes[0]):
                need(name, scopes[:1])
        texts.append(_text(definition, lines, definition is kernel))

    def need(name: str, scopes: tuple[Scope, ...]) -> None:
        """Add what a name means in the innermost of these scopes that has it."""
        for depth in range(len(scopes), 0, -1):
            scope = scopes[depth - 1]
            if found := scope.definitions.get(name):
                if id(found) not in seen:
                    add(found, scopes[:depth])
                return
            if parameter := scope.parameters.get(name):
                value = scope.value_of(name, scopes[0])
                if value is not None and id(parameter) not in seen:
                    seen.add(id(parameter))
                    for inner in _names(value):
                        need(inner, scopes[:1])
                    texts.append(f"{name} = {ast.unparse(value)}")
                return

    add(kernel, scopes)
    return "\n\n".join(texts) + "\n"


def _passed(call: ast.Call, function: Function, parameter: str) -> ast.expr | None:
    """What a call passes for a parameter; None where it passes nothing that stands there."""
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    given = dict(zip(names, call.args, strict=False))
    return given.get(parameter) or next((item.value for item in call.keywords if item.arg == parameter), None)


def _names(value: ast.expr) -> set[str]:
    return {item.id for item in ast.walk(value) if isinstance(item, ast.Name)} - {"wp", "warp"}


def _operated(definition: Definition) -> list[str]:
    """The names of the functions that would overload the operators of a definition."""
    found = (item.op for item in ast.walk(definition) if isinstance(item, ast.BinOp | ast.AugAssign))
    return sorted({overloading_names()[SYMBOLS[type(operator).__name__]] for operator in found})


def _takes_struct(function: Function, module: Scope) -> bool:
    """Whether a function takes what a class of the file describes, and so no value of the language."""
    annotations = [item.annotation for item in function.args.args if item.annotation is not None]
    names = (item.id for annotation in annotations for item in ast.walk(annotation) if isinstance(item, ast.Name))
    return any(isinstance(module.definitions.get(name), ast.ClassDef) for name in names)


@lru_cache(KEPT)
def _free_names(definition: Definition) -> list[str]:
    """The names that a definition takes from around it; not those of decorators, which are left behind."""
    left = definition.decorator_list if isinstance(definition, Function) else []
    names = [item for item in _walk_without(definition, left) if isinstance(item, ast.Name)]
    own: set[str] = set()
    if isinstance(definition, Function):
        own = {item.arg for item in ast.walk(definition.args) if isinstance(item, ast.arg)}
        own.update(name.id for name in names if isinstance(name.ctx, ast.Store))
    read = (name.id for name in names if isinstance(name.ctx, ast.Load))
    return [name for name in dict.fromkeys(read) if name not in own]


def _walk_without(owner: ast.AST, left: Sequence[ast.AST]) -> Iterator[ast.AST]:
    yield owner
    for child in ast.iter_child_nodes(owner):
        if child not in left:
            yield from _walk_without(child, ())


def _text(definition: Definition, lines: Sequence[str], is_kernel: bool) -> str:
    """The text of a definition at the left margin."""
    margin = definition.col_offset
    if isinstance(definition, Function):
        decorators = ["@wp.kernel"] if is_kernel else _decorators(definition)
        return "\n".join([*decorators, *_shifted(_without_docstring(definition, lines), margin)])
    written = definition.decorator_list if isinstance(definition, ast.ClassDef) else []
    first = min([definition.lineno, *(decorator.lineno for decorator in written)])
    return "\n".join(_shifted(lines[first - 1 : definition.end_lineno], margin))


def _decorators(function: Function) -> list[str]:
    if _decorated(function, FUNCTIONS):
        return ["@wp.func"]
    return [f"@{ast.unparse(decorator)}" for decorator in function.decorator_list]


def _without_docstring(function: Function, lines: Sequence[str]) -> Sequence[str]:
    """The lines of a function from its ``def`` on; a docstring on the line of the ``def`` stays."""
    first, docstring = function.lineno, function.body[0]
    kept = lines[first - 1 : function.end_lineno]
    if ast.get_docstring(function, clean=False) is None or docstring.lineno == first:
        return kept
    instead = [] if len(function.body) > 1 else [" " * docstring.col_offset + "pass"]
    return [*kept[: docstring.lineno - first], *instead, *kept[(docstring.end_lineno or first) - first + 1 :]]


def _shifted(lines: Sequence[str], margin: int) -> Iterator[str]:
    """Move lines to the left, as far as they are indented."""
    for line in lines:
        yield line[margin:] if not line[:margin].strip() else line.lstrip()
