"""Types as they are written: from annotation to type and back.

One reading serves annotations (``x: wp.array2d[float]``), type aliases (``mat22i = wp.types.matrix(shape=(2, 2),
dtype=wp.int32)``) and constructors (``wp.vec3d``).
"""

from __future__ import annotations

from collections.abc import Mapping

from grammar import nodes as n
from grammar.check.record import TypeRefused, unsupported
from grammar.trees import callee_name
from grammar.types import ELEMENT_BY_NAME, Array, Matrix, Scalar, Type, Vector, needs_alias, type_name

_BARE = ("int", "float", "bool")
_ARRAYS = {"wp.array": 1, "wp.array1d": 1, "wp.array2d": 2, "wp.array3d": 3, "wp.array4d": 4}


def named_type(name: str, aliases: Mapping[str, Type]) -> Type | None:
    """Give the type of a dotted name such as ``wp.vec3`` or ``float``; None if it names no type."""
    if name in aliases:
        return aliases[name]
    if name in _BARE:
        return ELEMENT_BY_NAME[name]
    prefix, _, rest = name.partition(".")
    found = ELEMENT_BY_NAME.get(rest) if prefix == "wp" and rest not in ("int", "float") else None
    return None if found is None or needs_alias(found) else found


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
    if not isinstance(element, Scalar | Vector | Matrix) or not 1 <= ndim <= 4:
        raise TypeRefused("arrays hold scalars, vectors or matrices and have 1 to 4 dimensions", at)
    return Array(element, ndim)


def alias_type(expr: n.Expr, aliases: Mapping[str, Type]) -> Type | None:
    """Read the right side of a type alias, which may be any name of a type; None where it is something else."""
    match expr:
        case n.Name() | n.Attribute():
            return named_type(callee_name(expr), aliases)
        case n.Call(function, (n.Keyword("shape", shape), n.Keyword("dtype", dtype))):
            scalar = named_type(callee_name(dtype), {})
            if callee_name(function) == "wp.types.matrix" and isinstance(scalar, Scalar):
                match shape:
                    case n.TupleExpr((n.IntLiteral(rows), n.IntLiteral(columns))):
                        return Matrix(rows, columns, scalar)
    return None


def dotted(name: str) -> n.Expr:
    """Give the expression of a dotted name: ``wp.types.matrix``."""
    first, *rest = name.split(".")
    expr: n.Expr = n.Name(first)
    for part in rest:
        expr = n.Attribute(expr, part)
    return expr


def written_name(type_: Type) -> str:
    """Give the dotted name under which a module writes a value type: ``wp.float32``, ``wp.vec3``, ``mat22i``."""
    if not isinstance(type_, Scalar | Vector | Matrix):
        raise TypeError(f"{type_} has no name")
    return type_name(type_) if needs_alias(type_) else f"wp.{type_name(type_)}"


def written(type_: Type) -> n.Expr:
    """Write a type as an annotation."""
    if isinstance(type_, Array):
        array = "wp.array" if type_.ndim == 1 else f"wp.array{type_.ndim}d"
        return n.Subscript(dotted(array), (dotted(written_name(type_.element)),))
    return dotted(written_name(type_))


def alias_definition(type_: Matrix) -> n.Binding:
    """Write the alias that a module needs for a type without a name of its own."""
    shape = n.TupleExpr((n.IntLiteral(type_.rows), n.IntLiteral(type_.columns)))
    dtype = dotted(f"wp.{type_.scalar.name}")
    call = n.Call(dotted("wp.types.matrix"), (n.Keyword("shape", shape), n.Keyword("dtype", dtype)))
    return n.Binding(type_name(type_), call)
