"""Types as they are written: from annotation to type and back.

One reading serves annotations (``x: wp.array2d[float]``), type aliases (``mat22i = wp.types.matrix(shape=(2, 2),
dtype=wp.int32)``) and constructors (``wp.vec3d``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from grammar import nodes as n
from grammar.check.record import TypeRefused, unsupported
from grammar.ops.signatures import Constant, Denoted
from grammar.ops.table import constructor_overload
from grammar.syntax import parse_expression
from grammar.trees import callee_name, copy
from grammar.types import ANY, BOOL, FLOAT32, INT32, Array, Composite, Element, Matrix, Scalar, Type, Vector, predefined

_BARE: Mapping[str, Type] = {"int": INT32, "float": FLOAT32, "bool": BOOL}
_ARRAYS = {"wp.array": 1, "wp.array1d": 1, "wp.array2d": 2, "wp.array3d": 3, "wp.array4d": 4}


MOST_SCALARS = 1024
"""How many scalars a value of a type may have that a module defines: Warp's own have at most 36."""


def named_type(name: str, aliases: Mapping[str, Type]) -> Type | None:
    """Return the type of a dotted name such as ``wp.vec3`` or ``float``; None if it names no type."""
    if name in aliases:
        return aliases[name]
    if name in _BARE:
        return _BARE[name]
    prefix, _, rest = name.partition(".")
    return predefined(rest) if prefix == "wp" else None


def annotated_type(expr: n.Expr, aliases: Mapping[str, Type]) -> Type:
    """Read an annotation.

    Raises:
        TypeRefused: It is no type of the language.
    """
    match expr:
        case n.Subscript(value, (item,)) if callee_name(value) in _ARRAYS and isinstance(item, n.Expr):
            return _array(item, _ARRAYS[callee_name(value)], aliases, expr)
        case n.Call(function, arguments) if callee_name(function) in _ARRAYS:
            return _called_array(expr, arguments, _ARRAYS[callee_name(function)], aliases)
    found = named_type(callee_name(expr), aliases)
    if found is None:
        raise unsupported("this type", expr)
    return found


def _called_array(expr: n.Call, arguments: tuple[n.Node, ...], ndim: int, aliases: Mapping[str, Type]) -> Array:
    written = {item.name: item.value for item in arguments if isinstance(item, n.Keyword)}
    dimensions = written.get("ndim", n.IntLiteral(ndim))
    if "dtype" not in written or not isinstance(dimensions, n.IntLiteral) or len(written) != len(arguments):
        raise TypeRefused("an array annotation needs dtype= (and ndim= as a literal)", expr)
    return _array(written["dtype"], dimensions.value, aliases, expr)


def _array(item: n.Expr, ndim: int, aliases: Mapping[str, Type], at: n.Expr) -> Array:
    element = annotated_type(item, aliases)
    if element == ANY:
        raise unsupported("arrays of Any", at)
    if not isinstance(element, Element) or not 1 <= ndim <= 4:
        raise TypeRefused("arrays hold scalars, vectors or matrices and have 1 to 4 dimensions", at)
    return Array(element, ndim)


def alias_type(expr: n.Expr, aliases: Mapping[str, Type]) -> Type | None:
    """Read the right side of a type alias, which may be any name of a type; None where it is something else."""
    match expr:
        case n.Name() | n.Attribute():
            return named_type(callee_name(expr), aliases)
        case n.Call(function, (n.Keyword(word, size), n.Keyword("dtype", dtype))):
            scalar = named_type(callee_name(dtype), {})
            if isinstance(scalar, Scalar):
                return _small(_made(callee_name(function), word, size, scalar), expr)
    return None


def _small(made: Composite | None, at: n.Expr) -> Composite | None:
    """Refuse a type whose values would fill the memory: what is typed may come from anywhere."""
    if made is not None and math.prod(made.extents) > MOST_SCALARS:
        raise unsupported(f"types of more than {MOST_SCALARS} scalars", at)
    return made


def _made(function: str, word: str, size: n.Expr, scalar: Scalar) -> Composite | None:
    match function, word, size:
        case "wp.types.vector", "length", n.IntLiteral(length) if length:
            return Vector(length, scalar)
        case "wp.types.matrix", "shape", n.TupleExpr((n.IntLiteral(rows), n.IntLiteral(columns))) if rows and columns:
            return Matrix(rows, columns, scalar)
    return None


def dotted(name: str) -> n.Expr:
    """Return the expression of a dotted name: ``wp.types.matrix``."""
    first, *rest = name.split(".")
    expr: n.Expr = n.Name(first)
    for part in rest:
        expr = n.Attribute(expr, part)
    return expr


def written(type_: Type) -> n.Expr:
    """Write a type as an annotation."""
    return copy(_parsed(type_.written))


def written_argument(type_: Type) -> n.Expr | None:
    """Write an argument that is a number or a type; None where it is an operand."""
    match type_:
        case Constant(value):
            return n.IntLiteral(value)
        case Denoted(inner):
            return written(inner)
    return None


def written_uniform(type_: Composite, scalar: n.Expr) -> n.Call:
    """Write a value whose scalars are all the same; most types take the one, and others one for each."""
    count = 1 if constructor_overload(type_, (type_.scalar,)) else type_.size
    return n.Call(dotted(type_.written), tuple(copy(scalar) for _ in range(count)))


def type_definitions(types: Iterable[Type]) -> list[n.Binding | n.StructDef]:
    """Define the types among these that Warp has no name for, as a module must; first those that they are made of."""
    named = dict.fromkeys(needed for type_ in types for needed in _types_to_define(type_))
    return [_definition(type_) for type_ in named]


def _types_to_define(type_: Type) -> Iterator[Element]:
    inner = (type_.element,) if isinstance(type_, Array) else type_.parts if type_.fields else ()
    for part in inner:
        yield from _types_to_define(part)
    if isinstance(type_, Element) and not type_.is_predefined:
        yield type_


def _definition(type_: Element) -> n.Binding | n.StructDef:
    if type_.fields:
        return n.StructDef(type_.name, tuple(n.Field(name, written(part)) for name, part in type_.fields))
    return n.Binding(type_.name, copy(_parsed(type_.definition)))


@cache
def _parsed(text: str) -> n.Expr:
    return parse_expression(text)
