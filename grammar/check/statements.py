"""Typing of statements and bodies: which names are visible where, and what may be assigned.

Warp's static rule of names: a name is visible from its first assignment on, also when that stood in a branch or a loop
that was not taken (reading it then is undefined, and for the interpreter to notice); but a name set only in another
branch of the same ``if`` is not visible. A variable that still is a literal cannot be changed inside a dynamic loop.
Warp skips what it knows not to run: of an ``if`` on a constant, and of an empty constant range, only names that are set
either way stay visible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from grammar import nodes as n
from grammar.check.annotations import annotated_type
from grammar.check.expressions import UNSAID, Captured, ExpressionChecker, is_float, literal_number
from grammar.check.record import MAX_UNROLL, Follows, Function, TypedParameters, TypeRefused, Typing, unsupported
from grammar.productions import assigned_names, root_name
from grammar.trees import callee_name, walk, walk_statements
from grammar.types import ANY, INT32, Array, Scalar, Tuple, Type

MAX_DIMENSIONS = 4
"""Of a launch."""

ATOMIC_OPERATORS = {"+=", "-=", "&=", "|=", "^="}
"""Augmented assignments that Warp turns into atomics on array elements (documented)."""


def annotated(typing: Typing, annotation: n.Expr) -> Type:
    """Read the type of an annotation of a module."""
    if any(isinstance(node, n.Name) and node.id in typing.unknown for node in walk(annotation)):
        raise Follows(annotation)
    return annotated_type(annotation, typing.aliases)


def typed_function(typing: Typing, definition: n.FuncDef, parameters: TypedParameters) -> Function:
    """Type the body of a function, whose parameters have types.

    Raises:
        TypeRefused: It breaks a rule.
    """
    names, types = parameters.names, parameters.types
    body = BodyChecker(typing, dict(zip(names, types, strict=True)), in_kernel=False)
    body.unknown |= parameters.unknown
    body.block(definition.body)
    declared = None
    if isinstance(definition.returns, n.Returns):
        declared = annotated(typing, definition.returns.annotation)
    if body.is_refused or parameters.unknown:
        raise Follows(definition)
    found = body.results[0] if body.results else None
    if any(other != found for other in body.results):
        raise TypeRefused(f"{definition.name} returns different types", definition)
    if isinstance(definition.returns, n.ReturnsNone) and found is not None:
        raise TypeRefused(f"{definition.name} returns {found}, not None", definition)
    if isinstance(definition.returns, n.Returns) and declared not in (found, ANY):
        raise TypeRefused(f"{definition.name} returns {found}, not {declared}", definition)
    return Function(names, types, parameters.defaults, parameters.unknown, definition, found)


class BodyChecker(ExpressionChecker):
    """Types the body of one kernel or function."""

    def __init__(self, typing: Typing, variables: dict[str, Type], captured: Captured = (), *, in_kernel: bool) -> None:
        super().__init__(typing, variables, captured, in_kernel=in_kernel)
        self.parameters = frozenset(variables)
        self.results: list[Type | None] = []
        self.loops = 0
        self.is_refused = False
        self._seen: set[int] = set()

    def instance(self, name: str, types: tuple[Type, ...], at: n.Node) -> str:
        """Type a generic function for the types of the arguments of a call, and name that instance."""
        key = f"{name}({', '.join(map(str, types))})"
        if key in self.typing.unfinished:
            raise TypeRefused(f"{name} calls itself", at)
        if key not in self.typing.functions:
            self.typing.unfinished.add(key)
            definition = self.typing.instance_of(self.typing.generics[name])
            parameters = replace(self.typing.parameters[name], types=types)
            self.typing.functions[key] = typed_function(self.typing, definition, parameters)
            self.typing.unfinished.remove(key)
        return key

    def block(self, block: n.Block) -> None:
        """Type the statements of a block in order."""
        self._seen.add(id(block))
        for statement in block.statements:
            try:
                _RULES[type(statement)](self, statement)
            except TypeRefused as refusal:
                self.typing.refuse(refusal)
                self._go_on_behind(statement)

    def _go_on_behind(self, refused: n.Statement) -> None:
        """Leave open what a refused statement assigns, and look at those of its parts that were not reached."""
        self.is_refused = True
        self.unknown.update(assigned_names(refused))
        for refusal in self.unknown_functions(refused):
            self.typing.refuse(refusal)
        self.loops += 1
        for node in walk_statements(refused):
            if isinstance(node, n.Block) and id(node) not in self._seen:
                self.block(node)
        self.loops -= 1

    def _expr_stmt(self, statement: n.ExprStmt) -> None:
        value = statement.value
        name = callee_name(value.function) if isinstance(value, n.Call) else ""
        if isinstance(value, n.Call) and self.is_function(name):
            self.typing.types[id(value)] = self.user_call(value, name) or Tuple(())
        else:
            self.type(value)

    def _assign(self, statement: n.Assign) -> None:
        if isinstance(statement.target, n.Name):
            self._bind_name(statement.target, self.type(statement.value), statement.value)
            return
        wanted = self._place(statement.target)
        found = self.type(statement.value)
        if found != wanted:
            raise TypeRefused(f"a place of type {wanted} cannot take {found}", statement)

    def _bind_name(self, target: n.Name, found: Type, value: n.Expr | None) -> None:
        known = self.variables.get(target.id)
        if known is not None and known != found:
            raise TypeRefused(f"{target.id} is {known} and cannot become {found}", target)
        if isinstance(found, Tuple):
            raise TypeRefused(f"{target.id} cannot be assigned {found}", target)
        if target.id in self.typing.module_level or target.id in self.constants:
            raise TypeRefused(f"{target.id} is a name of the module or of a factory and cannot be assigned", target)
        self.variables[target.id] = found
        self.typing.types[id(target)] = found
        literal = value is not None and not isinstance(value, n.Name) and self.is_known(value)
        (self.literals.add if literal else self.literals.discard)(target.id)

    def _place(self, target: n.Expr) -> Type:
        """Type a target that is no name: an array element, or a component of a local or of an array element."""
        found = self.type(target)
        array = array_of_place(target, self.typing)
        if not isinstance(target, n.Subscript | n.Attribute) or (
            isinstance(found, Array) and isinstance(target, n.Subscript)
        ):
            raise TypeRefused("only names, elements, components and fields can be assigned", target)
        root = root_name(target)
        if root not in self.variables or (root in self.parameters and array is None):
            raise TypeRefused("only components of local variables and of array elements can be assigned", target)
        if isinstance(found, Array) and array is not None:
            raise unsupported("stores to a field that is an array, in an element of an array", target)
        return found

    def _tuple_assign(self, statement: n.TupleAssign) -> None:
        found = self.type(statement.value)
        if isinstance(statement.value, n.Call) and callee_name(statement.value.function) == "wp.tid":
            found = Tuple((INT32,) * min(len(statement.targets), MAX_DIMENSIONS))
            self.typing.types[id(statement.value)] = found
        types = found.items if isinstance(found, Tuple) else ()
        if len(types) != len(statement.targets):
            raise TypeRefused("as many values are needed as there are targets", statement)
        values = statement.value.items if isinstance(statement.value, n.TupleExpr) else (None,) * len(types)
        for target, type_, value in zip(statement.targets, types, values, strict=True):
            self._bind_name(target, type_, value)
            if value is not None and self.is_known(value):
                self.literals.add(target.id)  # unlike x = y, a tuple assignment makes no copy of a name

    def _aug_assign(self, statement: n.AugAssign) -> None:
        target = statement.target
        wanted = self.type(target) if isinstance(target, n.Name) else self._place(target)
        found = self.overloaded(statement, statement.operator[:-1], target, statement.value)
        if found != wanted:
            raise TypeRefused(f"{statement.operator} gives {found}, but the target is {wanted}", statement)
        if isinstance(target, n.Name):
            self._bind_name(target, found, None)
        elif array_of_place(target, self.typing):
            self._in_place(statement, wanted)

    def _in_place(self, statement: n.AugAssign, element: Type) -> None:
        atomic = statement.operator in ATOMIC_OPERATORS
        if atomic and id(statement) in self.typing.user_calls:
            raise TypeRefused(UNSAID.format(self.typing.user_calls[id(statement)].function), statement)
        if atomic and self.typing.type_of(statement.value) != element:
            raise TypeRefused("an atomic needs a value of the element's type", statement)
        if statement.operator in ("&=", "|=", "^=") and not (isinstance(element, Scalar) and element.bits >= 32):
            raise TypeRefused("bitwise atomics exist for 32- and 64-bit ints only", statement)
        refuses = self.typing.backward and element.scalar.is_float
        if refuses and not atomic and is_component(statement.target, self.typing):
            raise TypeRefused("float components of array elements take atomics only, with backward enabled", statement)

    def _if(self, statement: n.IfStmt | n.ElifBranch) -> None:
        condition = self.condition(statement.condition)
        constant = self.is_known(statement.condition)
        before, literals = dict(self.variables), set(self.literals)
        self.block(statement.body)
        body, literals_body = self.variables, self.literals
        self.variables, self.literals = before, literals
        if isinstance(statement.orelse, n.ElseBranch):
            self.block(statement.orelse.body)
        elif statement.orelse is not None:
            self._if(statement.orelse)
        chosen = self._chosen(statement, body)
        if constant:
            self.variables = {name: type_ for name, type_ in self.variables.items() if name in body}
            self.literals |= literals_body
            return
        if chosen and is_float(condition):
            raise TypeRefused(f"a float condition cannot choose between values of {min(chosen)}", statement)
        self.variables = {**body, **self.variables}
        self.literals = (self.literals | literals_body) - chosen

    def _chosen(self, statement: n.IfStmt | n.ElifBranch, body: dict[str, Type]) -> set[str]:
        """Return the names that have a value of each branch, between which Warp chooses by the condition."""
        chosen = set(assigned_names(statement)) & body.keys() & self.variables.keys()
        for name in sorted(chosen):
            if body[name] != self.variables[name]:
                raise TypeRefused(f"{name} has two types after the branches", statement)
        return chosen

    def _for(self, statement: n.ForStmt) -> None:
        arguments = range_arguments(statement)
        for argument in arguments:
            if self.type(argument) != INT32:
                raise TypeRefused("range takes int32 arguments", argument)
        if len(arguments) == 3 and literal_number(arguments[2]) == 0:
            raise TypeRefused("the step of a range is not zero", statement)
        if constant_range(statement, self.typing.max_unroll) is None:
            self._bind_name(statement.target, INT32, None)
            self._dynamic_loop(statement)
        else:
            self._constant_loop(statement)

    def _constant_loop(self, statement: n.ForStmt) -> None:
        """A loop that Warp unrolls: its counter is a literal in the body; of an empty one, nothing remains."""
        before, literals = dict(self.variables), set(self.literals)
        self._bind_name(statement.target, INT32, None)
        self.literals.add(statement.target.id)
        self._loop_body(statement.body)
        if self.literals - literals - {statement.target.id}:  # names that the next round finds to be literals
            self._loop_body(statement.body)
        self.literals.discard(statement.target.id)
        if not constant_range(statement, self.typing.max_unroll):
            self.variables, self.literals = before, literals

    def _while(self, statement: n.WhileStmt) -> None:
        self.scalar(statement.condition)
        self._dynamic_loop(statement)

    def _dynamic_loop(self, statement: n.ForStmt | n.WhileStmt) -> None:
        fixed = self.literals.intersection(assigned_names(statement.body))
        if fixed:
            raise TypeRefused(f"the literal {min(fixed)!r} cannot change inside a dynamic loop", statement)
        self._loop_body(statement.body)

    def _loop_body(self, body: n.Block) -> None:
        self.loops += 1
        self.block(body)
        self.loops -= 1

    def _jump(self, statement: n.Statement) -> None:
        if not self.loops:
            raise TypeRefused("break and continue stand in loops only", statement)

    def _return(self, statement: n.ReturnStmt) -> None:
        self.results.append(None)

    def _return_value(self, statement: n.ReturnValue | n.ReturnValues) -> None:
        if self.in_kernel:
            raise TypeRefused("a kernel returns nothing", statement)
        if isinstance(statement, n.ReturnValue):
            self.results.append(self.type(statement.value))
        else:
            self.results.append(Tuple(tuple(self.type(value) for value in statement.values)))


def array_of_place(target: n.Expr, typing: Typing) -> Array | None:
    """Return the type of the array that a place lies in (an element, or a component of one); None for variables."""
    while isinstance(target, n.Subscript | n.Attribute):
        target = target.value
        type_ = typing.types.get(id(target))  # a module (wp.pi) has none
        if isinstance(type_, Array):
            return type_
    return None


def is_component(target: n.Expr, typing: Typing) -> bool:
    """Say whether a place is a component of a vector or matrix, and no whole array element."""
    return isinstance(target, n.Attribute) or (
        isinstance(target, n.Subscript) and not isinstance(typing.type_of(target.value), Array)
    )


def is_field(expr: n.Expr, typing: Typing) -> bool:
    """Say whether an expression is a field of a struct."""
    return isinstance(expr, n.Attribute) and bool(getattr(typing.types.get(id(expr.value)), "fields", ()))


def range_arguments(statement: n.ForStmt) -> tuple[n.Expr, ...]:
    """Return the arguments of the range that a loop runs over.

    Raises:
        TypeRefused: It runs over something else, or the arguments are not one to three expressions.
    """
    iterable = statement.iterable
    if not isinstance(iterable, n.Call) or callee_name(iterable.function) != "range":
        raise TypeRefused("a loop runs over range()", statement)
    arguments = tuple(a for a in iterable.arguments if isinstance(a, n.Expr))
    if len(arguments) != len(iterable.arguments) or not 1 <= len(arguments) <= 3:
        raise TypeRefused("range takes one to three positional arguments", iterable)
    return arguments


def constant_range(statement: n.ForStmt, max_unroll: int = MAX_UNROLL) -> range | None:
    """Return the range of a loop that Warp unrolls: literal bounds, at most so many trips, no break of this loop."""
    bounds = [literal_number(argument) for argument in range_arguments(statement)]
    known = [bound for bound in bounds if isinstance(bound, int)]
    if len(known) < len(bounds) or len(range(*known)) > max_unroll or _breaks(statement.body):
        return None
    return range(*known)


def _breaks(node: n.Node) -> bool:
    if isinstance(node, n.BreakStmt):
        return True
    if isinstance(node, n.ForStmt | n.WhileStmt):
        return False
    match node:
        case n.Block(statements):
            return any(map(_breaks, statements))
        case n.IfStmt(_, body, orelse) | n.ElifBranch(_, body, orelse):
            return _breaks(body) or (orelse is not None and _breaks(orelse))
        case n.ElseBranch(body):
            return _breaks(body)
    return False


_RULES: dict[type[n.Node], Callable[[BodyChecker, Any], None]] = {
    n.ExprStmt: BodyChecker._expr_stmt,
    n.Assign: BodyChecker._assign,
    n.TupleAssign: BodyChecker._tuple_assign,
    n.AugAssign: BodyChecker._aug_assign,
    n.IfStmt: BodyChecker._if,
    n.ForStmt: BodyChecker._for,
    n.WhileStmt: BodyChecker._while,
    n.BreakStmt: BodyChecker._jump,
    n.ContinueStmt: BodyChecker._jump,
    n.PassStmt: lambda self, statement: None,
    n.ReturnStmt: BodyChecker._return,
    n.ReturnValue: BodyChecker._return_value,
    n.ReturnValues: BodyChecker._return_value,
}
