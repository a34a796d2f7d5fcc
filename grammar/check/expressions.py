"""Typing of expressions: one short rule per production, strict as Warp is (no implicit conversion).

Source of the rules: Warp's manual, "Basics" and "Limitations", and its overload tables; see the Op table for
operations.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from grammar import nodes as n
from grammar.check.annotations import named_type
from grammar.check.constants import CONSTANTS, number_of
from grammar.check.overloading import overloading_names
from grammar.check.record import AtomicCall, Construction, Follows, TypeRefused, Typing, UserCall, unsupported
from grammar.ops import table
from grammar.ops.record import Overload
from grammar.ops.signatures import Constant, ConstantPattern, Denoted, Parameter, Signature, TypePattern
from grammar.syntax import emit
from grammar.trees import callee_name, children, walk
from grammar.types import (
    ANY,
    BOOL,
    FLOAT32,
    INT32,
    Array,
    Element,
    Scalar,
    Tuple,
    Type,
)

LARGEST_FLOAT32 = (2.0 - 2.0**-23) * 2.0**127

Captured = Sequence[tuple[str, Type, n.Expr]]
"""What a kernel captures of its factory: names, types, and what is written for them."""

UNSAID = "Warp's manual does not say whether a function {} overloads this operator"


class ExpressionChecker:
    """Types expressions against the variables in scope, and enters what it finds in a Typing."""

    def __init__(self, typing: Typing, variables: dict[str, Type], captured: Captured = (), *, in_kernel: bool) -> None:
        self.typing = typing
        self.variables = variables
        self.constants = typing.constant_types | {name: type_ for name, type_, _ in captured}
        self.written = typing.written_constants | {name: value for name, _, value in captured}
        self.literals: set[str] = set()
        self.unknown: set[str] = set()
        self.in_kernel = in_kernel

    def type(self, expr: n.Expr) -> Type:
        """Type an expression.

        Raises:
            TypeRefused: It breaks a typing rule.
        """
        rule = _RULES.get(type(expr))
        if rule is None:
            raise TypeRefused("this stands where no value can stand", expr)
        found = rule(self, expr)
        self.typing.types[id(expr)] = found
        if self.is_known(expr):
            self.typing.known.add(id(expr))
        return found

    def is_known(self, expr: n.Expr) -> bool:
        """Say whether Warp knows the value: a literal, a negated one, a name that stands for it, or a choice by one."""
        rule = _KNOWN.get(type(expr))
        return rule is not None and rule(self, expr)

    def _known_number(self, expr: n.Unary) -> bool:
        """Warp folds the negation of a number; that of a vector or a matrix is computed."""
        return isinstance(self.typing.types.get(id(expr.operand)), Scalar) and self.is_known(expr.operand)

    def _known_name(self, expr: n.Name) -> bool:
        return expr.id in self.literals or expr.id in self.constants

    def _known_constant(self, expr: n.Attribute) -> bool:
        return callee_name(expr) in CONSTANTS

    def _known_choice(self, expr: n.Conditional) -> bool:
        return self.is_known(expr.condition) and (self.is_known(expr.value) or self.is_known(expr.otherwise))

    def scalar(self, expr: n.Expr) -> Scalar:
        """Type an expression that must be a scalar."""
        return _as_scalar(self.type(expr), expr)

    def _name(self, expr: n.Name) -> Type:
        found = self.variables.get(expr.id) or self.constants.get(expr.id)
        if found is None:
            if expr.id in self.unknown or expr.id in self.typing.unknown:
                raise Follows(expr)
            raise TypeRefused(f"the name {expr.id!r} is not defined here", expr)
        return found

    def _int(self, expr: n.IntLiteral) -> Type:
        if expr.value > INT32.high:
            raise TypeRefused("an int literal outside int32 stands only directly in wp.int64() or wp.uint64()", expr)
        return INT32

    def _float(self, expr: n.FloatLiteral) -> Type:
        if expr.value > LARGEST_FLOAT32:
            raise TypeRefused("a float literal beyond float32 stands only directly in wp.float64()", expr)
        return FLOAT32

    def _conditional(self, expr: n.Conditional) -> Type:
        if is_float(self.condition(expr.condition)):
            raise TypeRefused("the condition of a choice is a bool, an int or an array", expr)
        first, second = self.type(expr.value), self.type(expr.otherwise)
        if first != second or isinstance(first, Array | Tuple):
            raise TypeRefused(f"both branches need one value type: {first}, {second}", expr)
        return first

    def condition(self, expr: n.Expr) -> Type:
        """Type a condition: any scalar, or an array, which is true where one was given (documented)."""
        found = self.type(expr)
        return found if isinstance(found, Array) else _as_scalar(found, expr)

    def _logical(self, expr: n.OrOp | n.AndOp) -> Type:
        for operand in expr.operands:
            self.condition(operand)
        return BOOL

    def _not(self, expr: n.NotOp) -> Type:
        if is_float(self.condition(expr.operand)):
            raise TypeRefused("not takes a bool, an int or an array", expr)
        return BOOL

    def _binary(self, expr: n.BinaryOp) -> Type:
        return self.overloaded(expr, expr.operator, expr.left, expr.right)

    def overloaded(self, at: n.Expr | n.AugAssign, symbol: str, left: n.Expr, right: n.Expr) -> Type:
        """Resolve an operator between two operands: a user function that overloads it, or what Warp has."""
        types = (self.type(left), self.type(right))
        name = overloading_names().get(symbol, "")
        parameters = self.typing.parameters.get(name)
        if parameters is None or not parameters.takes(types):
            return self.operation(at, symbol, types)
        function = self.typing.functions.get(name)
        if function is None:
            raise TypeRefused(f"{name}, which is {symbol!r} here, is defined further down or calls itself", at)
        if symbol == "@":
            raise TypeRefused(UNSAID.format(name), at)
        if function.result is None:
            raise TypeRefused(f"{name} returns nothing", at)
        rest = tuple(function.defaults[parameter] for parameter in function.names[2:])
        self.typing.user_calls[id(at)] = UserCall(name, (left, right, *rest), (0, 1))
        return function.result

    def _unary(self, expr: n.Unary) -> Type:
        if expr.operator == "-" and expr.operand == n.IntLiteral(-INT32.low):  # the smallest int32, as it is written
            self.typing.types[id(expr.operand)] = INT32
            return self.operation(expr, "-", (INT32,))
        return self.operation(expr, expr.operator, (self.type(expr.operand),))

    def operation(self, at: n.Node, symbol: str, operands: Sequence[Type]) -> Type:
        """Resolve an operator for operand types and enter the overload."""
        overload = self.overload(at, symbol, operands)
        self.typing.overloads[id(at)] = overload
        return overload.result

    def overload(self, at: n.Node, symbol: str, operands: Sequence[Type]) -> Overload:
        found = table.operator_overload(symbol, operands)
        if found is None:
            raise TypeRefused(f"no operation {symbol!r} for {', '.join(map(str, operands))}", at)
        return found

    def _chain(self, expr: n.ChainedCompare) -> Type:
        types = [self.type(operand) for operand in expr.operands]
        if len(set(types[1:])) > 1:
            raise TypeRefused("the operands of a chain after the first need one type", expr)
        links = zip(expr.operators, types, types[1:], strict=False)
        self.typing.links[id(expr)] = tuple(self.overload(expr, symbol, (a, b)) for symbol, a, b in links)
        return BOOL

    def _attribute(self, expr: n.Attribute) -> Type:
        if callee_name(expr) in CONSTANTS:
            return FLOAT32
        if isinstance(expr.value, n.Name) and expr.value.id == "wp":
            raise unsupported(callee_name(expr), expr)
        owner = self.type(expr.value)
        if isinstance(owner, Array):
            raise unsupported(f"the attribute {expr.attribute!r} of arrays", expr)
        found = owner.attribute(expr.attribute) if isinstance(owner, Element) else None
        if found is None:
            raise TypeRefused(f"{owner} has no component {expr.attribute!r}", expr)
        return found

    def _subscript(self, expr: n.Subscript) -> Type:
        owner = self.type(expr.value)
        slices = [index for index in expr.indices if not isinstance(index, n.Expr)]
        for index in expr.indices:
            self._index(index)
        if isinstance(owner, Array):
            return self._element(expr, owner, len(slices))
        if slices:
            raise unsupported("slices of vectors and matrices", expr)
        found = owner.indexed(len(expr.indices)) if isinstance(owner, Element) else None
        if found is None:
            raise TypeRefused(f"{owner} does not take {len(expr.indices)} indices", expr)
        return found

    def _element(self, expr: n.Subscript, owner: Array, slices: int) -> Type:
        remaining = owner.ndim - len(expr.indices) + slices
        if len(expr.indices) > owner.ndim:
            raise TypeRefused(f"{owner} does not take {len(expr.indices)} indices", expr)
        return Array(owner.element, remaining) if remaining else owner.element

    def _index(self, index: n.Node) -> None:
        if isinstance(index, n.Expr):
            if not self.scalar(index).is_integer:
                raise TypeRefused("an index is an integer", index)
            return
        for bound in children(index):
            if isinstance(bound, n.Expr) and self.type(bound) != INT32:
                raise TypeRefused("the bounds and the step of a slice are int32", bound)
        if isinstance(index, n.StepSlice) and literal_number(index.step) == 0:
            raise TypeRefused("the step of a slice is not zero", index)

    def _call(self, expr: n.Call) -> Type:
        name = callee_name(expr.function)
        if any(isinstance(a, n.Keyword) and isinstance(b, n.Expr) for a, b in itertools.pairwise(expr.arguments)):
            raise TypeRefused("positional arguments come before keywords", expr)
        if self.is_function(name):
            return self._user_call(expr, name)
        if name in self.typing.unknown:
            raise Follows(expr)
        if name == "wp.tid":
            return self._tid(expr)
        type_ = named_type(name, self.typing.aliases)
        if type_ is not None:
            return self._construction(expr, type_)
        dotted_name = name if "." in name else f"wp.{name}"  # a bare name (``abs``) means that of the namespace
        return self._atomic(expr, name) if table.is_update(dotted_name) else self._builtin(expr, dotted_name)

    def _tid(self, expr: n.Call) -> Type:
        if not self.in_kernel or expr.arguments:
            raise TypeRefused("wp.tid() stands in kernels only, without arguments", expr)
        return INT32

    def _construction(self, expr: n.Call, type_: Type) -> Type:
        """Type a call of a type: a cast, or what makes a vector, a matrix or a struct."""
        if type_.fields:
            return self._struct(expr, type_)
        arguments = tuple(argument for argument in expr.arguments if isinstance(argument, n.Expr))
        if len(arguments) < len(expr.arguments):
            raise TypeRefused("casts and constructors take positional arguments", expr)
        types = [self._argument(argument, type_) for argument in arguments]
        overload = table.constructor_overload(type_, types)
        if overload is None:
            raise TypeRefused(f"no overload {type_.written}({', '.join(map(str, types))})", expr)
        return self._applied(expr, overload, arguments)

    def _struct(self, expr: n.Call, type_: Type) -> Type:
        """A struct is called with nothing, or with all of its fields (documented)."""
        names = tuple(name for name, _ in type_.fields)
        arguments, written = _bound(expr, type_.written, names, {}) if expr.arguments else ((), ())
        for argument, wanted in zip(arguments, type_.parts, strict=bool(arguments)):
            found = self.type(argument)
            if found != wanted:
                raise TypeRefused(f"{type_.written} wants {wanted}, not {found}", argument)
        self.typing.constructions[id(expr)] = Construction(type_, arguments, written)
        return type_

    def _builtin(self, expr: n.Call, name: str) -> Type:
        if not table.is_builtin(name):
            raise _unknown_function(expr)
        signature, arguments = self._bind(expr, table.signatures_of(name))
        parameters = signature.expanded(len(arguments))
        left_out = [self._default(parameter) for parameter in signature.parameters[len(parameters) :]]
        types = [self._written(*pair) for pair in zip(arguments, parameters, strict=True)]
        arguments, types = (*arguments, *left_out), [*types, *map(self.typing.type_of, left_out)]
        overload = table.builtin_overload(name, types)
        if overload is None:
            raise TypeRefused(f"no overload {name}({', '.join(map(str, types))})", expr)
        operands = zip(arguments, types, strict=True)
        return self._applied(expr, overload, tuple(a for a, t in operands if not isinstance(t, Constant | Denoted)))

    def _default(self, parameter: Parameter) -> n.Expr:
        """Write what a parameter is that a call leaves out: a literal of the type of the parameter."""
        type_, default = parameter.pattern.type({}), parameter.default
        assert type_ is not None
        assert default is not None
        literal = n.FloatLiteral(default) if type_.scalar.is_float else n.IntLiteral(int(default))
        self.typing.types[id(literal)] = type_
        return literal

    def _applied(self, expr: n.Call, overload: Overload, operands: tuple[n.Expr, ...]) -> Type:
        self.typing.overloads[id(expr)] = overload
        self.typing.builtin_arguments[id(expr)] = operands
        return overload.result

    def _written(self, argument: n.Expr, parameter: Parameter) -> Type:
        """Type an argument of a builtin; some are no expressions but numbers and types, as they are written."""
        if isinstance(parameter.pattern, ConstantPattern):
            if not isinstance(argument, n.IntLiteral):
                raise TypeRefused(f"{parameter.name} is a number that is written", argument)
            return Constant(argument.value)
        if isinstance(parameter.pattern, TypePattern):
            named = named_type(callee_name(argument), self.typing.aliases)
            if named is None:
                raise TypeRefused(f"{parameter.name} is a type", argument)
            return Denoted(named)
        return self.type(argument)

    def unknown_functions(self, within: n.Node) -> Iterator[TypeRefused]:
        """Refuse the calls of Warp's functions that the language has not, whatever their arguments are."""
        for node in walk(within):
            name = callee_name(node.function) if isinstance(node, n.Call) else ""
            if isinstance(node, n.Call) and name.startswith("wp.") and not self._has(node, name):
                yield _unknown_function(node)

    def _has(self, expr: n.Call, name: str) -> bool:
        return name == "wp.tid" or table.is_builtin(name) or named_type(name, self.typing.aliases) is not None

    def _argument(self, argument: n.Expr, made: Type) -> Type:
        """Type an argument; a number directly in a 64-bit constructor keeps its precision (documented).

        The documentation does not speak of minus signs, so they mean what they mean in Python: the number negated.
        """
        number = number_of(argument, self.written)
        if not isinstance(made, Scalar) or made.bits < 64 or number is None or not _holds(made, number):
            return self.type(argument)
        if literal_number(argument) is None:
            self.type(argument)
            self.typing.unrounded.add(id(argument))
        else:
            self._precise_literal(argument, made)
        self.typing.types[id(argument)] = made
        return made

    def _precise_literal(self, argument: n.Expr, precise: Scalar) -> None:
        self.typing.types[id(argument)] = precise
        while isinstance(argument, n.Unary):
            self.operation(argument, "-", (precise,))
            argument = argument.operand
            self.typing.types[id(argument)] = precise

    def _bind(self, expr: n.Call, candidates: Sequence[Signature]) -> tuple[Signature, tuple[n.Expr, ...]]:
        """Find the signature that takes the arguments by their number and names, and put them in its order."""
        positional = [a for a in expr.arguments if isinstance(a, n.Expr)]
        keywords = {a.name: a.value for a in expr.arguments if isinstance(a, n.Keyword)}
        if any(name.startswith("_") for name in keywords):
            raise TypeRefused("parameters whose name begins with an underscore are positional only", expr)
        for signature in candidates:
            rest = signature.names[len(positional) :]
            written = [name for name in rest if name in keywords]
            least = len(signature.names) - signature.optional
            takes = least <= len(expr.arguments) == len(positional) + len(written) <= len(signature.names)
            if signature.is_variadic or (takes and written == [*rest[: len(written)]]):
                return signature, (*positional, *(keywords[name] for name in written))
        raise TypeRefused(f"{emit(expr.function)} does not take these arguments", expr)

    def _user_call(self, expr: n.Call, name: str) -> Type:
        found = self.user_call(expr, name)
        if found is None:
            raise TypeRefused(f"{name} returns nothing", expr)
        return found

    def user_call(self, expr: n.Call, name: str) -> Type | None:
        """Type a call of a user function; None where it returns nothing."""
        function = self.typing.parameters[name]
        arguments, written = _bound(expr, name, function.names, function.defaults)
        types: list[Type] = []
        for argument, wanted in zip(arguments, self.typing.parameters[name].types, strict=True):
            types.append(self.typing.types.get(id(argument)) or self.type(argument))
            if wanted not in (types[-1], ANY):
                raise TypeRefused(f"{name} wants {wanted}, not {types[-1]}", argument)
        if name in self.typing.generics and any(isinstance(argument, n.Keyword) for argument in expr.arguments):
            raise unsupported("keywords in a call of a generic function, which Warp refuses", expr)
        key = self.instance(name, tuple(types), expr) if name in self.typing.generics else name
        self.typing.user_calls[id(expr)] = UserCall(key, arguments, written)
        return self.typing.functions[key].result

    def is_function(self, name: str) -> bool:
        """Say whether a name is that of a user function that may be called here."""
        return name in self.typing.functions or name in self.typing.generics

    def instance(self, name: str, types: tuple[Type, ...], at: n.Node) -> str:
        """Name the instance of a generic function for types; bodies are the business of the subclass."""
        raise NotImplementedError

    def _atomic(self, expr: n.Call, name: str) -> Type:
        arguments = expr.arguments
        if len(arguments) < 3 or not all(isinstance(a, n.Expr) for a in arguments):
            raise TypeRefused(f"{name} takes an array, its indices and a value", expr)
        array, *indices, value = (a for a in arguments if isinstance(a, n.Expr))
        owner = self.type(array)
        for index in indices:
            self._index(index)
        found = self.type(value)
        if not isinstance(owner, Array) or owner.ndim != len(indices) or owner.element != found:
            raise TypeRefused(f"{name} does not take {owner}, {len(indices)} indices and {found}", expr)
        overload = table.builtin_overload(name if "." in name else f"wp.{name}", (found, found))
        if overload is None:
            raise TypeRefused(f"{name} has no overload for {found}", expr)
        self.typing.overloads[id(expr)] = overload
        self.typing.atomics[id(expr)] = AtomicCall(overload, array, tuple(indices), value)
        return found

    def _tuple(self, expr: n.TupleExpr) -> Type:
        return Tuple(tuple(self.type(item) for item in expr.items))


def _unknown_function(expr: n.Call) -> TypeRefused:
    return unsupported(f"the function {emit(expr.function)!r}", expr)


def _as_scalar(found: Type, expr: n.Expr) -> Scalar:
    if not isinstance(found, Scalar):
        raise TypeRefused(f"a scalar is needed here, not {found}", expr)
    return found


def is_float(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.is_float


def _holds(scalar: Scalar, number: float) -> bool:
    if scalar.is_float:
        return isinstance(number, float)
    return isinstance(number, int) and scalar.low <= number <= scalar.high


def literal_number(expr: n.Node) -> int | float | None:
    """Return the value of a number literal, negated any number of times; None for anything else."""
    match expr:
        case n.IntLiteral(value) | n.FloatLiteral(value):
            return value
        case n.Unary("-", operand):
            number = literal_number(operand)
            return None if number is None else -number
    return None


_KNOWN: dict[type[n.Node], Callable[[ExpressionChecker, Any], bool]] = {
    n.Name: ExpressionChecker._known_name,
    n.Unary: ExpressionChecker._known_number,
    n.Attribute: ExpressionChecker._known_constant,
    n.Conditional: ExpressionChecker._known_choice,
    **dict.fromkeys((n.IntLiteral, n.FloatLiteral, n.TrueLiteral, n.FalseLiteral), lambda self, expr: True),
}


def _bound(
    expr: n.Call, name: str, names: Sequence[str], defaults: Mapping[str, n.Expr]
) -> tuple[tuple[n.Expr, ...], tuple[int, ...]]:
    """Bind the arguments of a call to names: that of each, and the positions of those written, in their order."""
    bound: dict[str, n.Expr] = {}
    for position, argument in enumerate(expr.arguments):
        key, value = (
            (argument.name, argument.value)
            if isinstance(argument, n.Keyword)
            else (names[position] if position < len(names) else "", argument)
        )
        if key not in names or key in bound:
            raise TypeRefused(f"{name} does not take these arguments", expr)
        bound[key] = value
    complete = {**defaults, **bound}
    if set(complete) != set(names):
        raise TypeRefused(f"{name} does not take these arguments", expr)
    return tuple(complete[key] for key in names), tuple(names.index(key) for key in bound)


_RULES: dict[type[n.Node], Callable[[ExpressionChecker, Any], Type]] = {
    n.Name: ExpressionChecker._name,
    n.IntLiteral: ExpressionChecker._int,
    n.FloatLiteral: ExpressionChecker._float,
    n.TrueLiteral: lambda self, expr: BOOL,
    n.FalseLiteral: lambda self, expr: BOOL,
    n.Conditional: ExpressionChecker._conditional,
    n.OrOp: ExpressionChecker._logical,
    n.AndOp: ExpressionChecker._logical,
    n.NotOp: ExpressionChecker._not,
    n.Unary: ExpressionChecker._unary,
    n.ChainedCompare: ExpressionChecker._chain,
    n.Attribute: ExpressionChecker._attribute,
    n.Subscript: ExpressionChecker._subscript,
    n.Call: ExpressionChecker._call,
    n.TupleExpr: ExpressionChecker._tuple,
    **{cls: ExpressionChecker._binary for cls in n.BINARY_OPERATIONS},
}
