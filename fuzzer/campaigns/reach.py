"""What test cases cover of the language and its operations, and how much of them matters."""

from __future__ import annotations

from collections import Counter

from fuzzer.generation.repair import Defined
from grammar import nodes as n
from grammar.trees import walk


def covered_by(defined: Defined, operations: Counter[str], forms: Counter[str]) -> None:
    """Count the operations (signature times scalar type) and forms of the grammar in a test case."""
    typing = defined.expectation.typing
    operations.update(o.sweep_key for o in typing.overloads.values())
    operations.update(o.sweep_key for links in typing.links.values() for o in links)
    for node in walk(defined.case.module):
        name = n.production_name_of[type(node)]
        forms[name] += 1
        for symbol in _symbols(node):
            forms[f"{_OPERATOR_RULES.get(name, name)} {symbol}"] += 1


_OPERATOR_RULES = {"aug_assign": "augmented", "chained_compare": "compare"}


def _symbols(node: n.Node) -> tuple[str, ...]:
    match node:
        case n.ChainedCompare(_, operators):
            return operators
        case n.BinaryOp(_, operator, _) | n.Unary(operator, _) | n.AugAssign(_, operator, _):
            return (operator,)
    return ()


def reach_of(defined: Defined) -> dict[str, tuple[int, int]]:
    """Measure how much of a deep kernel matters: shares as (part, whole)."""
    if defined.case.provenance is None or defined.case.provenance.origin != "deep":
        return {}
    nodes = list(walk(defined.case.module))
    executed = defined.expectation.executed
    operators = [x for x in nodes if isinstance(x, n.BinaryOp | n.Unary | n.ChainedCompare | n.Conditional)]
    statements = [x for x in nodes if isinstance(x, n.Statement)]
    return {
        "operators executed": (sum(id(x) in executed for x in operators), len(operators)),
        "statements executed": (sum(id(x) in executed for x in statements), len(statements)),
    }
