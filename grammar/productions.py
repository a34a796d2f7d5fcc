"""The table of productions: what is true of each form of the language, beyond how it is written.

How a production is written stands in ``kernel.lark``. What generator, reducer, sweep and reports must know of one
besides stands here, once: what a statement assigns, which productions it needs around it, whether a kernel is described
by having it, and the rule that Warp must keep there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from grammar import nodes as n
from grammar.nodes import NODES, Node, production_name_of
from grammar.trees import walk_statements


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is true of one production.

    Attributes:
        assigns: The field of its node that holds what it binds or changes: an expression, or several; "" for nothing.
        acts: Whether it is a statement that does something by itself, apart from steering which others run.
        essential: Whether no kernel can do without it.
        company: The productions that it needs around it: ``else_branch`` stands in an ``if_stmt`` only.
        telling: Whether it says something of a kernel that is wrong: few have a ``step_slice``, all a ``call``.
        rule: The sentence that Warp breaks where this production goes wrong. Where Warp's documentation is silent,
            Python's meaning of the same source is the contract. "" where there is none.
    """

    assigns: str = ""
    acts: bool = False
    essential: bool = False
    company: tuple[str, ...] = ()
    telling: bool = True
    rule: str = ""


PLAIN = Facts(telling=False)
"""A production that says nothing of a kernel."""

SKELETON = Facts(essential=True, telling=False)
"""A production that every kernel has."""

PRODUCTIONS: Mapping[str, Facts] = {
    "module": SKELETON,
    "import_stmt": SKELETON,
    "import_from": Facts(
        rule="Warp manual: a parameter annotated with Any takes any type; a generic function is instantiated for the"
        " types of the arguments of each call."
    ),
    "binding": Facts(
        rule="Warp manual: a captured constant has the value and type it had when the kernel was defined."
    ),
    "struct_def": Facts(
        rule="Warp manual: a struct is a value with named fields that are read and stored by name; assigning it copies."
    ),
    "field": Facts(company=("struct_def",), telling=False),
    "kernel_def": SKELETON,
    "func_def": Facts(
        rule="Python: a call binds arguments by position or name, omitted ones take their own default, and several"
        " values are returned in order."
    ),
    "factory_def": Facts(rule="Python: each kernel made by a factory captures its own values."),
    "parameters": SKELETON,
    "parameter": SKELETON,
    "default_parameter": Facts(company=("func_def",)),
    "free_parameter": PLAIN,
    "returns": Facts(),
    "returns_none": PLAIN,
    "no_returns": PLAIN,
    "block": SKELETON,
    "if_stmt": Facts(
        rule="Python: of an if statement, the body of the first true condition is executed, and no other."
    ),
    "elif_branch": Facts(company=("if_stmt",)),
    "else_branch": Facts(company=("if_stmt",)),
    "for_stmt": Facts(
        assigns="target",
        rule="Python: a for loop over range(start, stop, step) visits start, start + step, ... before stop.",
    ),
    "while_stmt": Facts(rule="Python: a while loop runs its body as long as its condition is true."),
    "expr_stmt": Facts(acts=True, telling=False),
    "assign": Facts(assigns="target", acts=True, essential=True, telling=False),
    "tuple_assign": Facts(
        assigns="targets",
        acts=True,
        rule="Python: all values on the right are evaluated before any target is assigned, in order.",
    ),
    "aug_assign": Facts(
        assigns="target",
        acts=True,
        rule="Warp manual: x op= y assigns x op y; on array elements += and -= are atomic.",
    ),
    "return_stmt": Facts(acts=True, company=("if_stmt",), rule="Python: a return statement ends the function at once."),
    "return_value": Facts(acts=True),
    "return_values": Facts(
        acts=True,
        company=("func_def",),
        rule="Python: a return statement ends the function at once, and gives its values in order.",
    ),
    "break_stmt": Facts(company=("for_stmt", "if_stmt"), rule="Python: break ends the innermost loop at once."),
    "continue_stmt": Facts(
        company=("for_stmt", "if_stmt"),
        rule="Python: continue goes on with the next round of the innermost loop at once.",
    ),
    "pass_stmt": Facts(company=("if_stmt",), telling=False),
    "tuple_expr": Facts(company=("tuple_assign",)),
    "conditional": Facts(rule="Warp manual: only the chosen branch of a conditional expression is evaluated."),
    "or_op": Facts(rule="Python: of a or b, b is evaluated only if a is false."),
    "and_op": Facts(rule="Python: of a and b, b is evaluated only if a is true."),
    "not_op": Facts(),
    "chained_compare": Facts(rule="Python: a < b < c means a < b and b < c, each operand evaluated once."),
    "compare": PLAIN,
    "bit_or": PLAIN,
    "bit_xor": PLAIN,
    "bit_and": PLAIN,
    "shift": PLAIN,
    "sum": PLAIN,
    "product": PLAIN,
    "power": PLAIN,
    "unary": PLAIN,
    "attribute": SKELETON,
    "subscript": SKELETON,
    "call": SKELETON,
    "keyword": Facts(company=("call",)),
    "slice": Facts(
        company=("subscript",),
        rule="Warp manual: an array slice with run-time bounds is a view of the elements that Python would select.",
    ),
    "step_slice": Facts(
        company=("subscript", "slice"),
        rule="Warp manual: an array slice with a step is a view of the elements that Python would select.",
    ),
    "absent": Facts(company=("subscript", "slice", "step_slice"), telling=False),
    "name": SKELETON,
    "int_literal": PLAIN,
    "float_literal": PLAIN,
    "true_literal": PLAIN,
    "false_literal": PLAIN,
}
"""By name, in the order of ``kernel.lark``. An operator says nothing: the operation that it stands for does."""


def facts_of(node: Node) -> Facts:
    """Return what is true of the production that makes a node."""
    return PRODUCTIONS[production_name_of[type(node)]]


@cache
def _assigning() -> dict[type[Node], Any]:
    return {NODES[name]: attrgetter(facts.assigns) for name, facts in PRODUCTIONS.items() if facts.assigns}


def targets(node: Node) -> tuple[n.Expr, ...]:
    """Return what a statement itself binds or changes: names, elements, components; nothing for most nodes."""
    read = _assigning().get(type(node))
    found = read(node) if read else ()
    return found if isinstance(found, tuple) else (found,)


def assigned_names(within: Node) -> Iterator[str]:
    """Name what a block or statement assigns, at any depth; components and elements do not count."""
    for node in walk_statements(within):
        yield from (target.id for target in targets(node) if isinstance(target, n.Name))


def root_name(target: n.Expr) -> str | None:
    """Name the variable that a target belongs to: ``a`` of ``a[i].x``; None where there is none."""
    while isinstance(target, n.Subscript | n.Attribute):
        target = target.value
    return target.id if isinstance(target, n.Name) else None
