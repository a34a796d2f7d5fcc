"""How large a kernel is and what it calls, read from its text by Python's ``ast``: the same for whoever wrote it.

Counted is what stands in functions. Annotations, decorators and docstrings say what is computed on, not what is
computed, and are left out; so are the branches ``elif``, which belong to their ``if``.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fuzzer.source_tree import FUNCTIONS, KERNELS

MENTIONED = 4  # builtins in a description

Block = ast.If | ast.For | ast.While | ast.With


@dataclass(frozen=True)
class Measures:
    """What is counted of a module; see :class:`reports.corpus.records.CorpusRecord`."""

    description: str
    builtins: tuple[str, ...]
    statements: int
    expressions: int
    depth: int


def measured(text: str) -> Measures:
    """Measure the text of a module; raises SyntaxError where it is not Python."""
    module = ast.parse(text)
    functions = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
    statements = [statement for function in functions for statement in _statements(function)]
    expressions = [node for statement in statements for node in _expressions(statement)]
    calls = Counter(name for node in expressions if (name := _builtin(node)))
    return Measures(
        description=_described(module, len(statements), calls),
        builtins=tuple(sorted(calls)),
        statements=len(statements),
        expressions=sum(_operations(node) for node in expressions),
        depth=max((_depth(function) for function in functions), default=0),
    )


def _statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    """Give the statements of a function, without the functions in it, which are functions themselves."""

    def below(body: list[ast.stmt]) -> Iterator[ast.stmt]:
        for statement in body:
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                yield statement
                for inner in _bodies(statement):
                    yield from below(inner)

    return below(_without_docstring(function))


def _without_docstring(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[ast.get_docstring(function, clean=False) is not None :]


def _bodies(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Give the blocks of a statement, those of each ``elif`` among them."""
    if not isinstance(statement, Block):
        return []
    rest = statement.orelse if isinstance(statement, ast.If | ast.For | ast.While) else []
    if isinstance(statement, ast.If) and len(rest) == 1 and _is_elif(statement, rest[0]):
        return [statement.body, *_bodies(rest[0])]
    return [statement.body, rest] if rest else [statement.body]


def _is_elif(owner: ast.If, statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and statement.col_offset == owner.col_offset


def _depth(function: ast.FunctionDef) -> int:
    def of(body: list[ast.stmt]) -> int:
        return max((1 + of(inner) for statement in body for inner in _bodies(statement)), default=0)

    return of(function.body)


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Give the expressions of a statement, an annotation and the statements below it aside."""
    own = [child for child in ast.iter_child_nodes(statement) if not isinstance(child, ast.stmt)]
    if isinstance(statement, ast.AnnAssign):
        own = [child for child in own if child is not statement.annotation]
    if isinstance(statement, ast.AugAssign):
        yield ast.BinOp(statement.target, statement.op, statement.value)
    while isinstance(statement, ast.If) and len(statement.orelse) == 1 and _is_elif(statement, statement.orelse[0]):
        (statement,) = statement.orelse
        assert isinstance(statement, ast.If)
        own.append(statement.test)
    for child in own:
        yield from ast.walk(child)


def _operations(node: ast.AST) -> int:
    """Say how many operations a node of Python's is."""
    match node:
        case ast.BoolOp(_, values):
            return len(values) - 1
        case ast.Constant() | ast.Name() | ast.Attribute():
            return 0
    return int(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Compare | ast.Call | ast.Subscript | ast.IfExp))


def _builtin(node: ast.AST) -> str:
    """Name what is called as ``wp.name`` or ``warp.name``; "" for everything else."""
    match node:
        case ast.Call(ast.Attribute(ast.Name("wp" | "warp"), name)):
            return name
    return ""


def _described(module: ast.Module, statements: int, calls: Counter[str]) -> str:
    """Describe a module: ``1 kernel, 14 statements, 2 loops; sin, min``, the builtins by how often they occur."""
    nodes = list(ast.walk(module))
    decorators = [
        _decorator(item) for node in nodes if isinstance(node, ast.FunctionDef) for item in node.decorator_list
    ]
    counts = {
        "kernel": sum(name in KERNELS for name in decorators),
        "function": sum(name in FUNCTIONS for name in decorators),
        "statement": statements,
        "loop": sum(isinstance(node, ast.For | ast.While) for node in nodes),
        "condition": sum(isinstance(node, ast.If | ast.IfExp) for node in nodes),
    }
    constructs = ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in counts.items() if count)
    builtins = ", ".join(sorted(calls, key=lambda name: (-calls[name], name))[:MENTIONED])
    return f"{constructs}; {builtins}" if builtins else constructs


def _decorator(item: ast.expr) -> str:
    return ast.unparse(item.func if isinstance(item, ast.Call) else item)
