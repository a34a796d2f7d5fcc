"""Pruning: statements that no output depends on are left out of a draft, since each one costs a compiler its time.

Liveness, backwards: a statement stays if it changes a name that is read later, or one of the arrays that are observed.
What a branch or a loop assigns kills nothing before it, so that a variable that stays keeps its first binding. A jump
matters only where a loop or branch does something else too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from grammar import nodes as n
from grammar.check.overloading import operated
from grammar.productions import facts_of, root_name
from grammar.trees import NamedDefinition, walk

D = TypeVar("D", bound=n.Node)

Names = frozenset[str]
Pruned = tuple[list[n.Statement], Names]
"""Statements that stay, and the names whose values matter before them."""


def pruned(statements: Sequence[n.Node], observed: Names) -> list[n.Node]:
    """Leave out the statements of a body that change nothing observed.

    Args:
        statements: The body of a kernel or function.
        observed: The arrays whose content matters afterwards; for a function none, since what it returns is read.
    """
    return [*_live([s for s in statements if isinstance(s, n.Statement)], observed, observed)[0]]


def _live(statements: Sequence[n.Statement], after: Names, jump: Names) -> Pruned:
    """Prune a block; ``after`` matters behind it, ``jump`` where a break or continue leads."""
    kept: list[n.Statement] = []
    live = after
    for statement in reversed(statements):
        found = _statement(statement, live, jump)
        if found is not None:
            kept.append(found[0])
            live = found[1]
    return kept[::-1], live


def _statement(statement: n.Statement, live: Names, jump: Names) -> tuple[n.Statement, Names] | None:
    match statement:
        case n.IfStmt():
            return _branches(statement, live, jump)
        case n.ForStmt(_, steering) | n.WhileStmt(steering):
            return _loop(statement, steering, live)
        case n.BreakStmt() | n.ContinueStmt():
            return statement, live | jump
        case n.TupleAssign(targets, value):
            changed = {target.id for target in targets}
            return (statement, (live - changed) | reads(value)) if changed & live else None
        case n.Assign(n.Name(name), value):
            return (statement, (live - {name}) | reads(value)) if name in live else None
        case n.Assign(target) | n.AugAssign(target):
            return (statement, live | reads(statement)) if root_name(target) in live else None
    return statement, live | reads(statement)


def reads(node: n.Node) -> Names:
    """The names in an expression or statement."""
    return frozenset(x.id for x in walk(node) if isinstance(x, n.Name))


def needed(definitions: Sequence[D], launched: Iterable[str]) -> list[D]:
    """Leave out the definitions of a module that none of the launched kernels needs; imports stay."""
    names, before = set(launched), 0
    while len(names) > before:
        before = len(names)
        for definition in definitions:
            if _named(definition) in names:
                names |= reads(definition) | operated(definition)
    return [d for d in definitions if isinstance(d, n.ImportStmt) or _named(d) in names]


def _named(definition: n.Node) -> str:
    if isinstance(definition, n.ImportFrom):
        return definition.imported
    return definition.name if isinstance(definition, NamedDefinition) else ""


def _branches(branch: n.IfStmt | n.ElifBranch, live: Names, jump: Names) -> tuple[Any, Names] | None:
    """Prune the branches from a condition on; None where all of them do nothing."""
    body, before = _live(branch.body.statements, live, jump)
    orelse, otherwise = _orelse(branch.orelse, live, jump)
    if _passes(body) and orelse is None:
        return None
    if not body:  # a block needs a statement
        body, before = list(branch.body.statements), reads(branch.body)
    kept = replace(branch, body=n.Block(tuple(body)), orelse=orelse)
    return kept, live | before | otherwise | reads(branch.condition)


def _orelse(orelse: n.ElifBranch | n.ElseBranch | None, live: Names, jump: Names) -> tuple[Any, Names]:
    if isinstance(orelse, n.ElifBranch):
        return _branches(orelse, live, jump) or (None, live)
    if orelse is None:
        return None, live
    body, before = _live(orelse.body.statements, live, jump)
    return (None if _passes(body) else n.ElseBranch(n.Block(tuple(body)))), before


def _passes(statements: Sequence[n.Statement]) -> bool:
    return all(isinstance(statement, n.PassStmt) for statement in statements)


def _loop(loop: n.ForStmt | n.WhileStmt, steering: n.Expr, live: Names) -> tuple[n.Statement, Names] | None:
    """Prune a loop; None where its rounds do nothing but count themselves."""
    body, _ = _round(loop, live)
    if not any(facts_of(node).acts for statement in body for node in walk(statement)):
        return None
    body, before = _round(loop, live | reads(steering))
    return replace(loop, body=n.Block(tuple(body))), before


def _round(loop: n.ForStmt | n.WhileStmt, live: Names) -> Pruned:
    """Prune the body of a loop: what matters before a round matters after it too."""
    while True:
        body, before = _live(loop.body.statements, live, live)
        if before <= live:
            return body, live
        live |= before
