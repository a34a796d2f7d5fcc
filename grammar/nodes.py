"""The nodes of the tree: one frozen class per production of ``kernel.lark``, of the same name in CamelCase.

A tree is the one central object: the generator returns it, the interpreter walks it, the emitter prints it, the reducer
shrinks it and the store keeps it. Nodes compare by value; within one tree every node is an object of its own, so that
its identity names a place. Type checking leaves the tree as it is (see :mod:`grammar.check`).

``of`` builds a node from the kept symbols of its production, in order; it is what parser and generator call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Node:
    """What all nodes share: the name of the production that makes it."""

    FIXED: ClassVar[int | None] = None
    """Number of children before the ones that are gathered in the last field; None where every field is one child."""

    @classmethod
    def of(cls, *children: Any) -> Self:
        """Build the node from its children in the order of the production's symbols."""
        if cls.FIXED is None:
            return cls(*children)
        return cls(*children[: cls.FIXED], tuple(children[cls.FIXED :]))  # type: ignore[call-arg]  # of a subclass


class Statement(Node):
    """A statement."""

    __slots__ = ()


class Expr(Node):
    """An expression."""

    __slots__ = ()


class Definition(Node):
    """What may stand at module level."""

    __slots__ = ()


@dataclass_transform(frozen_default=True)
def node(cls: type[C]) -> type[C]:
    """Make a class of nodes: a frozen record without a dict."""
    return dataclass(frozen=True, slots=True)(cls)


@node
class Module(Node):
    """A kernel module: imports, constants, functions, kernels and factories."""

    definitions: tuple[Definition, ...]
    FIXED: ClassVar[int | None] = 0


@node
class ImportStmt(Definition):
    """``import warp as wp``."""

    module: str
    alias: str


@node
class ImportFrom(Definition):
    """``from typing import Any``."""

    module: str
    imported: str


@node
class Binding(Definition):
    """A module constant, a type alias, or a kernel made by a factory: ``C = wp.constant(0.5)``, ``k = make_k(0.5)``."""

    name: str
    value: Expr


@node
class StructDef(Definition):
    """A ``@wp.struct``: a class with annotated fields."""

    name: str
    fields: tuple[Field, ...]
    FIXED: ClassVar[int | None] = 1


@node
class Field(Node):
    """``position: wp.vec3``, a field of a struct."""

    name: str
    annotation: Expr


@node
class KernelDef(Definition):
    """A ``@wp.kernel``."""

    name: str
    parameters: Parameters
    returns: ReturnsNone | NoReturns
    body: Block


@node
class FuncDef(Definition):
    """A ``@wp.func``."""

    name: str
    parameters: Parameters
    returns: Returns | ReturnsNone | NoReturns
    body: Block


@node
class FactoryDef(Definition):
    """A Python function that defines a kernel over its own parameters and returns it."""

    name: str
    parameters: Parameters
    definition: Definition
    returned: Expr


@node
class Parameters(Node):
    """The parameter list of a kernel, function or factory."""

    items: tuple[Parameter | DefaultParameter | FreeParameter, ...]
    FIXED: ClassVar[int | None] = 0


@node
class Parameter(Node):
    """``x: float``."""

    name: str
    annotation: Expr


@node
class DefaultParameter(Node):
    """``x: float = 2.0``."""

    name: str
    annotation: Expr
    default: Expr


@node
class FreeParameter(Node):
    """A parameter of a factory: ``scale``."""

    name: str


@node
class Returns(Node):
    """``-> float``."""

    annotation: Expr


@node
class ReturnsNone(Node):
    """``-> None``."""


@node
class NoReturns(Node):
    """No return annotation."""


@node
class Block(Node):
    """An indented block of statements."""

    statements: tuple[Statement, ...]
    FIXED: ClassVar[int | None] = 0


@node
class IfStmt(Statement):
    """``if``, with at most one :class:`ElifBranch` or :class:`ElseBranch` behind it."""

    condition: Expr
    body: Block
    orelse: ElifBranch | ElseBranch | None = None


@node
class ElifBranch(Node):
    """``elif``."""

    condition: Expr
    body: Block
    orelse: ElifBranch | ElseBranch | None = None


@node
class ElseBranch(Node):
    """``else``."""

    body: Block


@node
class ForStmt(Statement):
    """``for target in iterable``."""

    target: Name
    iterable: Expr
    body: Block


@node
class WhileStmt(Statement):
    """``while``."""

    condition: Expr
    body: Block


@node
class ExprStmt(Statement):
    """An expression evaluated for its effect."""

    value: Expr


@node
class Assign(Statement):
    """``target = value``; the target is a name, an element, or a component."""

    target: Expr
    value: Expr


@node
class TupleAssign(Statement):
    """``x, y = values``."""

    targets: tuple[Name, ...]
    value: Expr

    @classmethod
    def of(cls, *children: Any) -> Self:
        return cls(tuple(children[:-1]), children[-1])


@node
class AugAssign(Statement):
    """``target += value`` and its like."""

    target: Expr
    operator: str
    value: Expr


@node
class ReturnStmt(Statement):
    """A bare ``return``."""


@node
class ReturnValue(Statement):
    """``return value``."""

    value: Expr


@node
class ReturnValues(Statement):
    """``return a, b``."""

    values: tuple[Expr, ...]
    FIXED: ClassVar[int | None] = 0


@node
class BreakStmt(Statement):
    """``break``."""


@node
class ContinueStmt(Statement):
    """``continue``."""


@node
class PassStmt(Statement):
    """``pass``."""


@node
class TupleExpr(Expr):
    """``a, b`` on the right of an assignment."""

    items: tuple[Expr, ...]
    FIXED: ClassVar[int | None] = 0


@node
class Conditional(Expr):
    """``value if condition else otherwise``."""

    value: Expr
    condition: Expr
    otherwise: Expr


@node
class OrOp(Expr):
    """``a or b or ...``: evaluation stops at the first true operand."""

    operands: tuple[Expr, ...]
    FIXED: ClassVar[int | None] = 0


@node
class AndOp(Expr):
    """``a and b and ...``: evaluation stops at the first false operand."""

    operands: tuple[Expr, ...]
    FIXED: ClassVar[int | None] = 0


@node
class NotOp(Expr):
    """``not a``."""

    operand: Expr


@node
class ChainedCompare(Expr):
    """``a < b <= c``: each operand is evaluated once, and evaluation stops at the first false link."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]

    @classmethod
    def of(cls, *children: Any) -> Self:
        return cls(tuple(children[::2]), tuple(children[1::2]))


@node
class BinaryOp(Expr):
    """Two operands and an operator between them."""

    left: Expr
    operator: str
    right: Expr


@node
class Compare(BinaryOp):
    """``a < b``."""


@node
class BitOr(BinaryOp):
    """``a | b``."""


@node
class BitXor(BinaryOp):
    """``a ^ b``."""


@node
class BitAnd(BinaryOp):
    """``a & b``."""


@node
class Shift(BinaryOp):
    """``a << b``, ``a >> b``."""


@node
class Sum(BinaryOp):
    """``a + b``, ``a - b``."""


@node
class Product(BinaryOp):
    """``a * b``, ``a / b``, ``a // b``, ``a % b``, ``a @ b``."""


@node
class Power(BinaryOp):
    """``a ** b``."""


@node
class Unary(Expr):
    """``-a``, ``+a``, ``~a``."""

    operator: str
    operand: Expr


@node
class Attribute(Expr):
    """``wp.sin``, ``v.x``."""

    value: Expr
    attribute: str


@node
class Subscript(Expr):
    """``a[i]``, ``a[i, j]``, ``a[1:5, j]``, ``v[0]``."""

    value: Expr
    indices: tuple[Expr | Slice | StepSlice, ...]
    FIXED: ClassVar[int | None] = 1


@node
class Call(Expr):
    """A call of a builtin, a function, a type or a factory."""

    function: Expr
    arguments: tuple[Expr | Keyword, ...]
    FIXED: ClassVar[int | None] = 1


@node
class Keyword(Node):
    """``name=value`` in a call."""

    name: str
    value: Expr


@node
class Slice(Node):
    """``lower:upper``."""

    lower: Expr | Absent
    upper: Expr | Absent


@node
class StepSlice(Node):
    """``lower:upper:step``."""

    lower: Expr | Absent
    upper: Expr | Absent
    step: Expr | Absent


@node
class Absent(Node):
    """A bound of a slice that is not written."""


@node
class Name(Expr):
    """A name."""

    id: str


@node
class IntLiteral(Expr):
    """A non-negative integer literal; a minus sign in front of it is a :class:`Unary`."""

    value: int


@node
class FloatLiteral(Expr):
    """A non-negative float literal."""

    value: float


@node
class TrueLiteral(Expr):
    """``True``."""


@node
class FalseLiteral(Expr):
    """``False``."""


def production_name(cls: type[Node]) -> str:
    """Return the name of the production that makes nodes of a class: ``IfStmt`` -> ``if_stmt``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


ABSTRACT = (Node, Statement, Expr, Definition, BinaryOp)
NODES: dict[str, type[Node]] = {
    production_name(cls): cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, Node) and cls not in ABSTRACT
}
production_name_of: dict[type[Node], str] = {cls: name for name, cls in NODES.items()}
BINARY_OPERATIONS = tuple(cls for cls in NODES.values() if issubclass(cls, BinaryOp))
