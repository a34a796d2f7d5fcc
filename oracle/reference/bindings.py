"""How Warp's code generation is known to bind names, where that departs from Python: the reference run with it.

Warp gives every value a variable of its own, and a name stands for one. In some forms (:data:`BINDINGS`) a name is
bound to a variable that is there already, where Python binds a value. What is done to the variable later, in a loop or
by component, then shows under both names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grammar import nodes as n
from grammar.check import Typing
from grammar.check.statements import constant_range, is_field
from grammar.ops.balls import Ball
from grammar.ops.record import Value
from grammar.productions import assigned_names
from grammar.trees import walk, walk_statements
from grammar.types import Matrix, Type
from oracle.limitations.branches import first_in_branches
from oracle.limitations.places import is_reference
from oracle.reference.memory import View
from oracle.reference.shadow import Path
from oracle.reference.statements import RETURN, BodyInterpreter, Exit, Place
from oracle.reference.undefined import Undefined
from oracle.reference.variables import Variable, Variables, garbage, merged

BINDINGS = {
    "unpacked names": "x, y = a, b binds x to the variable of a",
    "unpacked references": "x, y = v[0], b binds x to the element itself, and of s.f to the field",
    "folded choices": "y = s if True else t binds y to the variable of s",
    "reused conditions": "a name, element or field that decides an if is read again after each part, and to merge them",
    "widened constants": "a cast of a known number to 64 bits sets its variable, unrounded, which is not set before",
    "sliced rows": "indices of a slice count from its first axis: x[1:3][0] is x[1:3, 0]",
    "row components": "a store to a component by name of a row of a local matrix is lost",
    "branched constants": "a constant is not set behind a branch or loop in which an if was to bind it and did not run",
}
"""What a departure may name as its bindings, and what each says."""

WIDE = frozenset({"int64", "uint64", "float64"})


class BindingInterpreter(BodyInterpreter):
    """The reference with some of Warp's bindings."""

    def __init__(self, typing: Typing, *arguments: Any) -> None:
        self._frame: Any = None
        self.entries: list[dict[str, Variable] | None] = []
        super().__init__(typing, *arguments)
        self.bindings = self.departure.bindings
        self.indexed = {id(node.value) for node in typing.nodes_of(n.Subscript)}
        definitions: list[n.KernelDef | n.FuncDef] = [*typing.nodes_of(n.KernelDef), *typing.nodes_of(n.FuncDef)]
        bodies = [definition.body for definition in definitions]
        self.widened = {id(body): frozenset(self._cast_names(body)) for body in bodies}
        self.branched = {id(at): found for body in bodies for at, found in first_in_branches(body, typing)}

    @property
    def frame(self) -> Any:
        """The frame of the function that runs; that of the module holds plain values."""
        return self._frame

    @frame.setter
    def frame(self, frame: Any) -> None:
        if frame is not self.globals and not isinstance(frame, Variables):
            frame = Variables({name: Variable(ball, number=self._constant(name)) for name, ball in frame.items()})
        self._frame = frame

    def _constant(self, name: str) -> Any:
        binding = self.typing.constants.get(name)
        captured = (kernel.captured[name] for kernel in self.typing.kernels.values() if name in kernel.captured)
        return self.number(binding.value if binding is not None else next(captured, None))

    # Statements

    def block(self, block: n.Block) -> Exit:
        """Execute statements; a constant that none of them has set on the way is unset behind them."""
        if id(block) in self.widened:
            self.frame.widened = self.widened[id(block)]
            self._await_casts(self.frame.widened)
        for statement in block.statements:
            leaves = super().block(n.Block((statement,)))
            if leaves:
                return leaves
            if "branched constants" in self.bindings:
                for branch, name in self.branched.get(id(statement), ()):
                    if id(branch) not in self.frame.decided:
                        self.frame.of[name] = Variable(self._never_set(self.frame.of[name].now()))
        return None

    def _await_casts(self, names: Iterable[str]) -> None:
        """Unset the numbers that a cast will set."""
        for name in names:
            variable = self.frame.of.get(name)
            if variable is not None and variable.number is not None and name in self.frame.widened:
                variable.ball = self._never_set(variable.ball)

    def _never_set(self, ball: Ball | None) -> Ball | None:
        """Return what a variable holds in place of something that was never put there; None where that is undefined."""
        number = self.departure.garbage
        return None if ball is None or number is None else Ball(garbage(ball.value, number))

    def decide(self, at: n.Node, condition: n.Expr) -> bool:
        """Note in the frame, too, that a condition was decided."""
        self.frame.decided.add(id(at))
        return super().decide(at, condition)

    def _assign(self, statement: n.Assign) -> None:
        target, value = statement.target, statement.value
        if not isinstance(target, n.Name):
            return super()._assign(statement)
        shared = None if isinstance(value, n.Name) else self.shared(value)
        number = None if isinstance(value, n.Name) or id(value) not in self.typing.known else self.number(value)
        ball = self.evaluate(value)
        copied = shared is None or shared.refers
        self.frame.of[target.id] = Variable(ball, number=number) if copied else shared
        self._await_casts([target.id])
        return None

    def _tuple_assign(self, statement: n.TupleAssign) -> None:
        if not isinstance(statement.value, n.TupleExpr):
            return super()._tuple_assign(statement)
        bound = [self._item(item) for item in statement.value.items]
        self.frame.of.update({target.id: one for target, one in zip(statement.targets, bound, strict=True)})

    def _item(self, item: n.Expr) -> Variable:
        """Return what a target of a tuple assignment is bound to."""
        if isinstance(item, n.Name):
            shared = self.frame.of.get(item.id) if "unpacked names" in self.bindings else None
        else:
            shared = self.shared(item)
        number = self.number(item) if id(item) in self.typing.known and not isinstance(item, n.Name) else None
        if shared is None and "unpacked references" in self.bindings:
            shared = self._referred(item)
        ball = self.evaluate(item)
        return shared or Variable(ball, number=number)

    def shared(self, expr: n.Expr) -> Variable | None:
        """Return the variable that an expression gives instead of a new one, if it does."""
        if isinstance(expr, n.Conditional) and id(expr.condition) in self.typing.known:
            chosen = expr.value if self.number(expr.condition) else expr.otherwise
            if isinstance(chosen, n.Name):
                return self.frame.of.get(chosen.id) if "folded choices" in self.bindings else None
            return self.shared(chosen)
        if isinstance(expr, n.Call) and self._widened(expr) is not None:
            return self._variable(expr.arguments[0])
        return None

    def store(self, place: Place, ball: Ball) -> None:
        """Store a value; a component of a variable changes the variable itself."""
        if not isinstance(place.root, str) or not place.positions:
            return super().store(place, ball)
        if "row components" in self.bindings and self._is_lost(place.target):
            return None
        variable, positions = self.frame.of[place.root], place.positions
        while variable.owner is not None:
            variable, positions = variable.owner, (*variable.path, *positions)
        if variable.element is not None:
            return super().store(Place(variable.element, (*variable.path, *positions), place.target), ball)
        whole = variable.now() or self._whole(place, place.target)
        variable.ball = self.with_part(whole, positions, ball, place.target)
        return None

    def _is_lost(self, target: n.Expr) -> bool:
        if not isinstance(target, n.Attribute) or not isinstance(target.value, n.Subscript):
            return False
        return isinstance(self.typing.type_of(target.value.value), Matrix)

    def _if(self, statement: n.IfStmt | n.ElifBranch) -> Exit:
        if id(statement.condition) in self.typing.known:
            return super()._if(statement)
        before = dict(self.frame.of)
        condition = self._condition(statement.condition)
        holds = self.decide(statement, statement.condition)
        leaves = self.block(statement.body) if holds else None
        if leaves:
            return leaves
        first = self.frame.of if holds else self._unset(before, statement.body)
        self.frame.of = dict(before)
        other = _block(statement.orelse)
        runs = not self._again(condition, holds)
        leaves = self._otherwise(statement.orelse) if runs else None
        if leaves:
            return leaves
        second = self.frame.of if runs or other is None else self._unset(before, other)
        self.frame.of = merged(before, first, second, self._again(condition, holds))
        return None

    def _otherwise(self, orelse: n.Node | None) -> Exit:
        if isinstance(orelse, n.ElifBranch):
            return self._if(orelse)
        return self.block(orelse.body) if isinstance(orelse, n.ElseBranch) else None

    def _condition(self, condition: n.Expr) -> Variable | None:
        """Return the variable or element that is read again wherever a condition counts."""
        if "reused conditions" not in self.bindings:
            return None
        if isinstance(condition, n.Name):
            variable: Variable | None = self.frame.of.get(condition.id)
            return variable
        return self._referred(condition)

    def _referred(self, expr: n.Expr) -> Variable | None:
        """Return a reference to the element of an array, or to the field of one or of a variable, that is written."""
        if not is_reference(expr, self.typing):
            return None
        path: Path = ()
        while isinstance(expr, n.Attribute) and is_field(expr, self.typing):
            path, expr = (self.position(expr), *path), expr.value
        if isinstance(expr, n.Name) and isinstance(self.frame, Variables):
            return Variable(None, owner=self.frame.of.get(expr.id), path=path)
        _, element, inner = self._located(expr)
        return Variable(None, element, path=path) if element is not None and not inner else None

    def _again(self, condition: Variable | None, holds: bool) -> bool:
        ball = condition.now() if condition is not None else None
        return holds if ball is None else bool(ball.value)

    def _unset(self, before: dict[str, Variable], block: n.Block) -> dict[str, Variable]:
        """Return the variables after a part of an if that did not run: those that it makes are not set."""
        held = {name: before[name].now() if name in before else None for name in self._made(block, before)}
        return before | {name: Variable(self._never_set(ball)) for name, ball in held.items()}

    def _made(self, block: n.Block, before: dict[str, Variable]) -> set[str]:
        loops = [s for s in walk_statements(block) if isinstance(s, n.ForStmt | n.WhileStmt) and not self._unrolled(s)]
        kept = {id(s) for loop in loops for s in walk_statements(loop)}
        outside = (s for s in walk_statements(block) if id(s) not in kept)
        made = {name for s in outside for name in _bound(s)}
        return made | {name for loop in loops for name in assigned_names(loop) if name not in before}

    def _unrolled(self, loop: n.Node) -> bool:
        return isinstance(loop, n.ForStmt) and constant_range(loop, self.typing.max_unroll) is not None

    def _for(self, statement: n.ForStmt) -> Exit:
        return self._looping(statement, super()._for)

    def _while(self, statement: n.WhileStmt) -> Exit:
        return self._looping(statement, super()._while)

    def _looping(self, statement: Any, run: Callable[[Any], Exit]) -> Exit:
        self.entries.append(None)
        try:
            return run(statement)
        finally:
            self.entries.pop()

    def _loop_body(self, statement: n.ForStmt | n.WhileStmt) -> Exit:
        """Execute a body; then what it bound is put into the variables from before the loop, one after the other."""
        if isinstance(statement, n.ForStmt) and self._unrolled(statement):
            self.frame.of[statement.target.id].number = self.frame[statement.target.id].value
            self._await_casts([statement.target.id])
            return super()._loop_body(statement)
        entry = self.entries[-1]
        if entry is None:
            entry = self.entries[-1] = dict(self.frame.of)
        elif isinstance(statement, n.ForStmt):
            counter = entry[statement.target.id]
            counter.ball = self.frame[statement.target.id]
            self.frame.of[statement.target.id] = counter
        leaves = super()._loop_body(statement)
        if leaves != RETURN:
            for name, variable in entry.items():
                found = self.frame.of[name]
                if found is not variable:
                    variable.ball, self.frame.of[name] = found.now(), variable
        return leaves

    # Expressions

    def _operands(self, expr: n.Call, arguments: Sequence[n.Expr]) -> list[Ball]:
        """Evaluate arguments; a cast of a known number to 64 bits reads nothing, and sets the number's variable."""
        number = self._widened(expr)
        if number is None:
            return super()._operands(expr, arguments)
        ball = Ball(_exactly(number, self.typing.overloads[id(expr)].result))
        variable = self._variable(arguments[0])
        if variable is not None:
            variable.ball, variable.number = ball, None
        return [ball]

    def unrounded(self, expr: n.Expr) -> Ball:
        """Evaluate what a cast takes as it is written: where an earlier cast has set the variable, that is read."""
        return self.evaluate(expr) if "widened constants" in self.bindings else super().unrounded(expr)

    def _cast_names(self, body: n.Block) -> Iterator[str]:
        """Name what stands for a number, by name or by choice, in a cast to 64 bits."""
        for cast in walk(body):
            overload = self.typing.overloads.get(id(cast))
            if (
                "widened constants" in self.bindings
                and isinstance(cast, n.Call)
                and overload
                and overload.op.key in WIDE
            ):
                argument = cast.arguments[0]
                if isinstance(argument, n.Name | n.Conditional) and id(argument) in self.typing.known:
                    yield from (node.id for node in walk(argument) if isinstance(node, n.Name))

    def _widened(self, cast: n.Call) -> Any:
        """Return the number that a cast to 64 bits is made of, if Warp takes that instead of its variable's value."""
        overload = self.typing.overloads.get(id(cast))
        if "widened constants" not in self.bindings or overload is None or overload.op.key not in WIDE:
            return None
        argument = cast.arguments[0]
        if not isinstance(argument, n.Name | n.Conditional | n.Unary) or id(argument) not in self.typing.known:
            return None
        number = self.number(argument)
        return None if number is None or math.isnan(number) else number

    def _variable(self, expr: n.Node) -> Variable | None:
        """Return the variable that a known number is."""
        if isinstance(expr, n.Conditional):
            return self._variable(expr.value if self.number(expr.condition) else expr.otherwise)
        return self.frame.of.get(expr.id) if isinstance(expr, n.Name) else None

    def number(self, expr: n.Node | None) -> Any:
        """Return the number that Warp knows of an expression, unrounded; None where it knows none."""
        match expr:
            case n.IntLiteral(value) | n.FloatLiteral(value):
                return value
            case n.TrueLiteral() | n.FalseLiteral():
                return isinstance(expr, n.TrueLiteral)
            case n.Name(name) if isinstance(self.frame, Variables):
                return self.frame.of[name].number if name in self.frame.of else None
            case n.Name(name):
                return self._constant(name)
            case n.Unary(operator="-"):
                number = self.number(expr.operand)
                return None if number is None else -number
            case n.Conditional():
                return self.number(expr.value if self.number(expr.condition) else expr.otherwise)
            case n.Call(_, (argument,)):
                return self.number(argument)
        return None

    def view(self, expr: n.Subscript, owner: View) -> View:
        """Index an array; what is indexed again at once takes all its indices together."""
        if "sliced rows" not in self.bindings:
            return super().view(expr, owner)
        whole, indices = owner, [self._index(index) for index in expr.indices]
        if isinstance(owner, Indexed) and len(owner.indices) + len(indices) <= len(owner.origin.shape):
            whole, indices = owner.origin, [*owner.indices, *indices]
        view = whole.select(indices)
        if isinstance(view, str):
            raise Undefined(view, expr)
        if id(expr) in self.indexed and len(indices) < len(whole.shape):
            return Indexed(view.memory, view.offset, view.shape, view.strides, whole, tuple(indices))
        return view

    execute = BodyInterpreter.execute | {
        n.Assign: _assign,
        n.TupleAssign: _tuple_assign,
        n.IfStmt: _if,
        n.ForStmt: _for,
        n.WhileStmt: _while,
    }


@dataclass(slots=True)
class Indexed(View):
    """A view that is indexed again at once: of what, and by which indices it is one."""

    origin: View
    indices: tuple[int | slice, ...]


def _exactly(number: Any, type_: Type) -> Value:
    scalar = type_.scalar
    return scalar.dtype.type(number) if scalar.is_float else int(number)


def _block(orelse: n.Node | None) -> n.Block | None:
    if isinstance(orelse, n.ElifBranch):
        return n.Block((n.IfStmt(orelse.condition, orelse.body, orelse.orelse),))
    return orelse.body if isinstance(orelse, n.ElseBranch) else None


def _bound(statement: n.Node) -> Iterator[str]:
    if isinstance(statement, n.TupleAssign):
        yield from (target.id for target in statement.targets)
    elif isinstance(statement, n.Assign | n.AugAssign | n.ForStmt) and isinstance(statement.target, n.Name):
        yield statement.target.id
