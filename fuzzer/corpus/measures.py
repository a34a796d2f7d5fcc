"""How large a kernel is and what it calls, read from its text by Python's ``ast``: the same for whoever wrote it.

Counted is what stands in functions. Annotations, decorators and docstrings say what is computed on, not what is
computed, and are left out; so are the branches ``elif``, which belong to their ``if``.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fuzzer.corpus.written_kernels import FUNCTIONS, KERNELS

MENTIONED = 4  # builtins in a description

Block = ast.If | ast.For | ast.While | ast.With
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Measures:
    """What is counted of a module; see :class:`reports.corpus.corpus_records.CorpusRecord`."""

    description: str
    builtins: tuple[str, ...]
    statements: int
    expressions: int
    depth: int


def measured(text: str) -> Measures:
    """Measure the text of a module; raises SyntaxError where it is not Python."""
    functions = list(_functions(ast.parse(text)))
    nodes = [node for function in functions for node in _below(_without_docstring(function))]
    elifs = sum(_has_elif(node) for node in nodes if isinstance(node, ast.If))
    decorators = [_decorator(item) for function in functions for item in function.decorator_list]
    kinds = Counter(map(type, nodes))
    return measures_of(
        kernels=sum(name in KERNELS for name in decorators),
        functions=sum(name in FUNCTIONS for name in decorators),
        statements=sum(isinstance(node, ast.stmt) for node in nodes) - elifs,
        loops=kinds[ast.For] + kinds[ast.While],
        conditions=kinds[ast.If] + kinds[ast.IfExp],
        calls=[name for node in nodes if isinstance(node, ast.Call) and (name := _builtin(node))],
        expressions=sum(map(_operations, nodes)),
        depth=max((_depth(function.body) for function in functions), default=0),
    )


def measures_of(
    *,
    kernels: int,
    functions: int,
    statements: int,
    loops: int,
    conditions: int,
    calls: Sequence[str],
    expressions: int,
    depth: int,
) -> Measures:
    """Put measures together, and describe a module by them: ``1 kernel, 14 statements, 2 loops; sin, min``.

    ``calls`` names the builtin of each call; those called most often are in the description.
    """
    counts = {
        "kernel": kernels,
        "function": functions,
        "statement": statements,
        "loop": loops,
        "condition": conditions,
    }
    constructs = ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in counts.items() if count)
    often = Counter(calls)
    builtins = ", ".join(sorted(often, key=lambda name: (-often[name], name))[:MENTIONED])
    description = f"{constructs}; {builtins}" if builtins else constructs
    return Measures(description, tuple(sorted(often)), statements, expressions, depth)


def _functions(module: ast.AST) -> Iterator[ast.FunctionDef]:
    """Yield the functions of a module, at any depth, but not those of a lambda's or a comprehension's making."""
    for node in ast.iter_child_nodes(module):
        if isinstance(node, ast.FunctionDef):
            yield node
        if isinstance(node, ast.stmt):
            yield from _functions(node)


def _without_docstring(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[ast.get_docstring(function, clean=False) is not None :]


def _below(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Yield statements and all that is in them, but for annotations, and for the functions in them."""
    pending: list[ast.AST] = [statement for statement in body if not isinstance(statement, Definition)]
    while pending:
        node = pending.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, Definition) and child is not getattr(node, "annotation", None):
                pending.append(child)


def _has_elif(branch: ast.If) -> bool:
    """Say whether an if goes on with an elif: Python makes it an if in the else part, at the same column."""
    rest = branch.orelse
    return len(rest) == 1 and isinstance(rest[0], ast.If) and rest[0].col_offset == branch.col_offset


def _depth(body: Sequence[ast.stmt]) -> int:
    return max((1 + _depth(inner) for statement in body for inner in _blocks(statement)), default=0)


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks of a statement, those of each ``elif`` among them."""
    if not isinstance(statement, Block):
        return []
    rest = [] if isinstance(statement, ast.With) else statement.orelse
    if isinstance(statement, ast.If) and _has_elif(statement):
        return [statement.body, *_blocks(rest[0])]
    return [statement.body, rest] if rest else [statement.body]


def _operations(node: ast.AST) -> int:
    """Say how many operations a node of Python's is; an augmented assignment is one too."""
    if isinstance(node, ast.BoolOp):
        return len(node.values) - 1
    return isinstance(node, _OPERATIONS)


_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript, ast.IfExp, ast.AugAssign)


def _builtin(call: ast.Call) -> str:
    """Name what is called as ``wp.name`` or ``warp.name``; "" for everything else."""
    match call.func:
        case ast.Attribute(ast.Name("wp" | "warp"), name):
            return name
    return ""


def _decorator(item: ast.expr) -> str:
    return ast.unparse(item.func if isinstance(item, ast.Call) else item)
