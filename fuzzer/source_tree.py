"""Kernels that people wrote: found in their source files, each cut out with what it needs from the same file.

Files are read as text and parsed by Python's ``ast``; nothing in them is imported or executed. A kernel is a function
decorated with ``wp.kernel`` or ``warp.kernel``, at any depth. What it names is looked up as Python does (in the
enclosing functions, then in the module) and cut out too, as far as it is defined in the file. Arguments of decorators
and docstrings do not change what a kernel means, and are left behind.
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

SUFFIX = "*.py"

LARGEST = 2**21
"""Bytes of a file: more than twice those of Warp's own largest, and still parsed within seconds."""

KERNELS = frozenset({"wp.kernel", "warp.kernel"})
FUNCTIONS = frozenset({"wp.func", "warp.func"})

KEPT = 256
"""Definitions whose names are kept: the kernels of a file often need the same ones."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign


class Scope:
    """What a module or function defines, by name: looked up once a kernel in it names something."""

    def __init__(self, statements: Sequence[ast.stmt]) -> None:
        self._statements = statements

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
    """Give the Python files of a folder in order, without those in hidden folders; a file stands for itself."""
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
    inner = scopes if isinstance(owner, ast.ClassDef) else (*scopes, Scope(statements))
    for statement in statements:
        if isinstance(statement, Function) and _decorated(statement, KERNELS):
            yield statement, inner
        elif isinstance(statement, Function | ast.ClassDef):
            yield from _kernels(statement, inner)


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
            for depth in range(len(scopes), 0, -1):
                if found := scopes[depth - 1].definitions.get(name):
                    if id(found) not in seen:
                        add(found, scopes[:depth])
                    break
        texts.append(_text(definition, lines))

    add(kernel, scopes)
    return "\n\n".join(texts) + "\n"


@lru_cache(KEPT)
def _free_names(definition: Definition) -> list[str]:
    """The names that a definition takes from around it."""
    names = [item for item in ast.walk(definition) if isinstance(item, ast.Name)]
    own: set[str] = set()
    if isinstance(definition, Function):
        own = {item.arg for item in ast.walk(definition.args) if isinstance(item, ast.arg)}
        own.update(name.id for name in names if isinstance(name.ctx, ast.Store))
    read = (name.id for name in names if isinstance(name.ctx, ast.Load))
    return [name for name in dict.fromkeys(read) if name not in own]


def _text(definition: Definition, lines: Sequence[str]) -> str:
    """The text of a definition at the left margin."""
    margin = definition.col_offset
    if isinstance(definition, Function):
        return "\n".join([*_decorators(definition), *_shifted(_without_docstring(definition, lines), margin)])
    decorators = definition.decorator_list if isinstance(definition, ast.ClassDef) else []
    first = min([definition.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(_shifted(lines[first - 1 : definition.end_lineno], margin))


def _decorators(function: Function) -> list[str]:
    if _decorated(function, KERNELS):
        return ["@wp.kernel"]
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
