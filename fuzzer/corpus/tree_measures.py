"""What :mod:`fuzzer.corpus.measures` reads from a text, read from the tree of a generated kernel, which is faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from fuzzer.corpus.measures import Measures, measures_of
from grammar import nodes as n
from grammar.trees import walk

Branch = n.IfStmt | n.ElifBranch
Counted = n.BinaryOp | n.Unary | n.NotOp | n.ChainedCompare | n.Call | n.Subscript | n.Conditional | n.AugAssign


def measured_tree(module: n.Module) -> Measures:
    """Measure a module, whose factories define kernels or functions: what :func:`measured` gives for its text."""
    functions = [function for definition in module.definitions for function in _functions(definition)]
    nodes = [node for function in functions for part in _parts(function) for node in walk(part)]
    kinds = Counter(map(type, nodes))
    factories = sum(isinstance(function, n.FactoryDef) for function in functions)
    blocks = (function.body for function in functions if not isinstance(function, n.FactoryDef))
    return measures_of(
        kernels=sum(isinstance(function, n.KernelDef) for function in functions),
        functions=sum(isinstance(function, n.FuncDef) for function in functions),
        statements=sum(isinstance(node, n.Statement) for node in nodes) + factories,  # each of which returns
        loops=kinds[n.ForStmt] + kinds[n.WhileStmt],
        conditions=kinds[n.IfStmt] + kinds[n.ElifBranch] + kinds[n.Conditional],
        calls=[name for node in nodes if isinstance(node, n.Call) and (name := _builtin(node.function))],
        expressions=sum(map(_operations, nodes)),
        depth=max(map(_depth, blocks), default=0),
    )


def _functions(definition: n.Definition) -> Iterator[n.KernelDef | n.FuncDef | n.FactoryDef]:
    if isinstance(definition, n.KernelDef | n.FuncDef | n.FactoryDef):
        yield definition
    if isinstance(definition, n.FactoryDef):
        yield from _functions(definition.definition)


def _parts(function: n.KernelDef | n.FuncDef | n.FactoryDef) -> Sequence[n.Node]:
    """Return what stands in a function; what stands in the function that a factory makes is that one's."""
    return (function.returned,) if isinstance(function, n.FactoryDef) else function.body.statements


def _builtin(callee: n.Expr) -> str:
    """Name what is called as ``wp.name`` or ``warp.name``; "" for everything else."""
    match callee:
        case n.Attribute(n.Name("wp" | "warp"), name):
            return name
    return ""


def _operations(node: n.Node) -> int:
    if isinstance(node, n.AndOp | n.OrOp):
        return len(node.operands) - 1
    return isinstance(node, Counted)


def _depth(block: n.Block) -> int:
    return max((1 + _depth(inner) for statement in block.statements for inner in _blocks(statement)), default=0)


def _blocks(owner: n.Node | None) -> Iterator[n.Block]:
    """Yield the blocks of a statement, those of its branches among them."""
    if isinstance(owner, Branch | n.ElseBranch | n.ForStmt | n.WhileStmt):
        yield owner.body
    if isinstance(owner, Branch):
        yield from _blocks(owner.orelse)
