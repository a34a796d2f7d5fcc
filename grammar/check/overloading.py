"""Operators that user functions overload: a function named like an operator's builtin is what the operator means.

Source: Warp manual, "Example: Defining Operator Overloads", where functions ``add`` and ``mul`` are ``+`` and ``*``. A
function overloads the operator for the types that it takes; of other types the operator means what it means without it.
Only binary operators are overloaded, since the manual knows of no others. It does not say what becomes of ``@``, and of
augmented assignments that are atomics on array elements, so these are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from grammar import nodes as n
from grammar.ops.record import TABLE
from grammar.trees import walk
from grammar.types import BOOL


@cache
def overloading_names() -> Mapping[str, str]:
    """Return the name of the function that overloads each binary operator: ``{"+": "add", ...}``."""
    binary = (op for op in TABLE.values() if op.is_operator and op.spelling.count("{") == 2)
    return {op.symbol: op.name for op in binary if op.samples[0].result != BOOL}


def overloading_functions(module: n.Module) -> frozenset[str]:
    """Name the functions of a module that overload operators: these names have a meaning."""
    names = (definition.name for definition in module.definitions if isinstance(definition, n.FuncDef))
    return frozenset(names).intersection(overloading_names().values())


def operated(tree: n.Node) -> frozenset[str]:
    """Name the functions that would overload the operators in a tree."""
    symbols = {
        node.operator.removesuffix("=" if isinstance(node, n.AugAssign) else "")
        for node in walk(tree)
        if isinstance(node, n.BinaryOp | n.AugAssign)
    }
    return frozenset(name for symbol, name in overloading_names().items() if symbol in symbols)
