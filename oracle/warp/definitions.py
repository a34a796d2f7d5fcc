"""A kernel object as the text of a Python module: the kernel as it is written, after all that its names mean.

Functions, structs and other classes are copied from where they stand, in the order in which they need one another, with
their decorators and comments. A name means what it means to Warp: it is looked up among the variables around the
function, then in its Python module, and becomes an import or a constant. :mod:`oracle.warp.sources` reads what is in
the language; this works for any kernel, and understands nothing of what it copies.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import sys
import textwrap
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

import warp as wp

from grammar.errors import UserError

NOTHING = object()
"""What a name stands for that is nowhere to be found."""

Struct = type(wp.struct(type("Empty", (), {"__module__": __name__})))
"""The class of what ``@wp.struct`` returns, which has no public name."""


@dataclass(frozen=True)
class ModuleText:
    """The text, and the files that parts of it were copied from: that of the kernel first."""

    text: str
    files: tuple[str, ...]


def module_text(kernel: wp.Kernel) -> ModuleText:
    """Write the module of a kernel, from ``import warp as wp`` on.

    An overload of a generic kernel ends with the ``wp.overload`` that makes it.

    Raises:
        UserError: A name means something that no text can be given of here, or two things in two of the functions.
    """
    writer = _Writer()
    function, source = kernel.func, kernel.adj.source
    writer.copy(source, _scope(function), function.__code__.co_filename)
    if kernel.generic_parent is not None:
        types = ", ".join(f"{argument.label!r}: {writer.type_text(argument.type)}" for argument in kernel.adj.args)
        writer.parts.append(f"{function.__name__} = wp.overload({function.__name__}, {{{types}}})")
    files = dict.fromkeys([function.__code__.co_filename, *writer.files])
    return ModuleText("\n".join(writer.imports) + "\n\n\n" + "\n\n\n".join(writer.parts) + "\n", tuple(files))


def _scope(function: FunctionType) -> Mapping[str, Any]:
    """Return what the names around a function mean; a variable that was never set means nothing."""
    scope = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            scope[name] = cell.cell_contents
        except ValueError:
            scope.pop(name, None)
    return scope


class _Writer:
    """Collects imports and parts; each name is written once."""

    def __init__(self) -> None:
        self.imports = ["import warp as wp"]
        self.parts: list[str] = []
        self.files: list[str] = []
        self._meanings: dict[str, Any] = {"wp": wp}
        self._copied: set[int] = set()

    def copy(self, source: str, scope: Mapping[str, Any], file: str) -> None:
        """Copy a definition, after all that its names mean."""
        text = textwrap.dedent(source).strip("\n")
        for name in _free_names(text):
            value = scope.get(name, NOTHING)
            if value is not NOTHING or not hasattr(builtins, name):
                self._bind(name, value)
        self.parts.append(text)
        self.files.append(file)

    def _bind(self, name: str, value: Any) -> None:
        if name in self._meanings:
            if not _same(self._meanings[name], value):
                raise UserError(f"the name {name} means different things in the functions that it is made of")
            return
        self._meanings[name] = value
        if isinstance(value, ModuleType):
            alias = "" if name == value.__name__ else f" as {name}"
            self.imports.append(f"import {value.__name__}{alias}")
        elif (home := _public_home(value)) is not None:
            public = _public_name(value)
            self.imports.append(f"from {home} import {public}" + (f" as {name}" if name != public else ""))
        elif isinstance(value, wp.Function | FunctionType | type | Struct) and not _is_made_type(value):
            self._define(name, value)
        else:
            self.parts.append(f"{name} = {self._value_text(name, value)}")

    def _define(self, name: str, value: Any) -> None:
        """Copy a function or class; a name that is not its own is bound to it afterwards."""
        if isinstance(value, wp.Function):
            own = value.func.__name__
            self._bind_own(own, name, value)
            self._function(value)
        else:
            thing = value.cls if isinstance(value, Struct) else value
            own = thing.__name__
            self._bind_own(own, name, value)
            if id(thing) not in self._copied:
                self._copied.add(id(thing))
                self._plain(thing)
        if own != name:
            self.parts.append(f"{name} = {own}")

    def _bind_own(self, own: str, name: str, value: Any) -> None:
        if own != name and not _same(self._meanings.setdefault(own, value), value):
            raise UserError(f"the name {own} means different things in the functions that it is made of")

    def _function(self, function: Any) -> None:
        """Copy the overloads of a function in the order in which they stand, then what replaces their derivatives."""
        overloads = {**function.user_templates, **function.user_overloads}.values()
        for overload in sorted(overloads, key=lambda overload: int(overload.func.__code__.co_firstlineno)):
            for part in (overload, overload.custom_grad_func, overload.custom_replay_func):
                if part is not None and id(part.func) not in self._copied:
                    self._copied.add(id(part.func))
                    self.copy(part.adj.source, _scope(part.func), part.func.__code__.co_filename)

    def _plain(self, thing: Any) -> None:
        """Copy a class or a function of Python's."""
        try:
            source, file = inspect.getsource(thing), inspect.getsourcefile(thing) or ""
        except (OSError, TypeError) as error:
            raise UserError(f"the source of {thing.__name__} cannot be read") from error
        scope = _scope(thing) if isinstance(thing, FunctionType) else vars(sys.modules[thing.__module__])
        self.copy(source, scope, file)

    def _value_text(self, name: str, value: Any) -> str:
        if value is NOTHING:
            raise UserError(f"the name {name} has no value that can be found")
        if isinstance(value, type):
            return self.type_text(value)
        if isinstance(value, bool | int | str) and type(value) in (bool, int, str):
            return repr(value)
        if type(value) is float:
            return repr(value) if math.isfinite(value) else f'float("{value}")'
        if hasattr(type(value), "_wp_scalar_type_") and hasattr(value, "_shape_"):
            rows = [list(row) if hasattr(row, "__len__") else [row] for row in value]
            numbers = (self._value_text(name, number) for row in rows for number in row)
            return f"{self.type_text(type(value))}({', '.join(numbers)})"
        if getattr(wp, type(value).__name__, None) is type(value) and hasattr(value, "value"):
            return f"{self.type_text(type(value))}({self._value_text(name, value.value)})"
        raise UserError(f"the name {name} means a value of type {type(value).__name__}")

    def type_text(self, type_: Any) -> str:
        """Write a type of Warp's, or one of a struct that was copied."""
        if isinstance(type_, Struct):
            self._bind(type_.cls.__name__, type_)
            return str(type_.cls.__name__)
        if type_ in (bool, int, float):
            return _public_name(type_)
        if wp.array in (type(type_), getattr(type_, "_concrete_cls", None)):  # the latter of an annotation
            return f"wp.array(dtype={self.type_text(type_.dtype)}, ndim={type_.ndim})"
        name = str(getattr(type_, "__name__", ""))
        if getattr(wp, name, None) is type_:
            return f"wp.{name}"
        shape = getattr(type_, "_shape_", ())
        if _is_made_type(type_) and shape:
            form = f"vector(length={shape[0]}" if len(shape) == 1 else f"matrix(shape={shape}"
            return f"wp.types.{form}, dtype={self.type_text(type_._wp_scalar_type_)})"
        raise UserError(f"it has the type {type_}")


def _is_made_type(value: Any) -> bool:
    """Say whether a class is one that Warp makes for a length and a scalar type, which stands in no file."""
    return isinstance(value, type) and getattr(value, "_wp_generic_type_str_", "") in ("vec_t", "mat_t")


def _public_name(value: Any) -> str:
    return str(getattr(value, "key", None) or getattr(value, "__name__", None) or getattr(value, "_name", ""))


def _public_home(value: Any) -> str | None:
    """Name the module that a thing of Python's or Warp's is to be imported from; None for everything else."""
    name = _public_name(value)
    for home in (wp, typing):
        if name and vars(home).get(name, NOTHING) is value:
            return home.__name__
    return None


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    return type(one) is type(other) and isinstance(one, bool | int | float | str) and repr(one) == repr(other)


def _free_names(text: str) -> Iterator[str]:
    """Return the names that a definition takes from around it, each once, in the order of their first occurrence."""
    definition = ast.parse(text).body[0]
    own = {getattr(definition, "name", "")} if isinstance(definition, ast.ClassDef) else set()
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            own.add(node.id)
    names = (node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return (name for name in dict.fromkeys(names) if name not in own)
