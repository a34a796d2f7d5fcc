"""What of Warp's language is covered, as one document: builtins, constructs of Python, productions, operations by type.

Everything is counted, not declared: an operation counts where the Op table has it, and what is syntax instead counts
where a kernel that uses it parses and is typed. Of a source tree, the kernels are taken as text and go the same way.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lark.exceptions import UnexpectedInput

from fuzzer.corpus.written_kernels import SourceKernel, kernels_of, python_files
from grammar import language, parse
from grammar.check import TypeRefused, check
from grammar.errors import UserError
from grammar.ops.record import TABLE
from grammar.trees import callee_name
from grammar.types import SCALARS

#: Builtins that are no operations of the table, each with a statement that uses it.
SYNTAX = {
    "float": "y = float(n)",
    "int": "y = int(x)",
    "len": "y = len(v)",
    "static": "y = wp.static(1)",
    "tid": "y = wp.tid()",
    "unot": "y = not n",
}

#: The nodes of Python's ``ast`` that Warp accepts in a kernel, each with a statement that has one. ``Starred`` stands
#: only among the positional arguments of a call, ``keyword`` only in a call.
NODES = {
    "FunctionDef": "pass",
    "If": "if n < 2:\n    pass",
    "IfExp": "y = 1 if n < 2 else n",
    "Compare": "y = n < 2",
    "BoolOp": "y = n < 2 and x < 1.0",
    "Name": "y = n",
    "Attribute": "y = v.x",
    "Constant": "y = 1",
    "BinOp": "y = n + 1",
    "UnaryOp": "y = -n",
    "While": "while n < 2:\n    return",
    "For": "for i in range(n):\n    pass",
    "Break": "for i in range(n):\n    break",
    "Continue": "for i in range(n):\n    continue",
    "Expr": "wp.atomic_add(a, 0, x)",
    "Call": "y = wp.sin(x)",
    "Subscript": "y = a[0]",
    "Slice": "y = a[0:2][n]",
    "Assign": "y = n",
    "Return": "return",
    "AugAssign": "a[0] += x",
    "Tuple": "y, z = n, x",
    "Pass": "pass",
    "Assert": "assert n < 2",
    "Starred": "y = wp.vec3(*v)",
    "keyword": "y = wp.min(a=x, b=x)",
}

PROBE = "import warp as wp\n\n@wp.kernel\ndef k(a: wp.array[float], v: wp.vec3, n: int, x: float):\n{}\n"

Document = dict[str, Any]
Track = Callable[[list[Path]], Iterable[Path]]


def coverage_document(path: Path | None = None, track: Track = iter) -> Document:
    """Return the coverage as one document that JSON can hold.

    ``builtins`` has the number of Warp's builtins in ``total``, of those that a kernel can name (``nameable``), and of
    these again: whose value the reference computes (``forward``) or does not (``unsupported``), and whose derivative it
    does (``adjoint``, none yet); ``groups`` has the same by group, with the names that are ``missing``. What is syntax
    to a kernel and a builtin to Warp alone, such as ``range``, cannot be named in this sense, and counts in ``nodes``.

    ``nodes`` are the nodes of Python's ``ast`` that Warp accepts, ``productions`` and ``operators`` those of the
    grammar. ``operations`` has the number of operations, of their overloads, and for each scalar type of operations by
    group.
    With a path, ``kernels`` says what became of the kernels in a file or folder: see :func:`kernels_document`.

    Args:
        path: A Python file, or a folder with such files.
        track: Is handed the files and gives them one by one; may show how far it is.

    Raises:
        UserError: The path is a file in which no kernel can be looked for.
    """
    document = {
        "builtins": _builtins(),
        "nodes": _nodes(),
        "productions": len(language().productions),
        "operators": sum(map(len, language().operators.values())),
        "operations": _operations(),
    }
    return document if path is None else document | {"kernels": kernels_document(path, track)}


def kernels_document(path: Path, track: Track = iter) -> Document:
    """Say which kernels of a source tree the grammar takes. Nothing in it is executed.

    ``files`` and ``found`` count Python files and the kernels in them; ``parsed`` those that the grammar takes with
    what they need from their file, ``typed`` those of them that the type checker takes too. ``refused`` lists why it is
    not more, the most frequent reason first; ``unreadable`` says by file why no kernel could be looked for in it. Files
    are named relative to the path.

    Raises:
        UserError: The path is a file in which no kernel can be looked for.
    """
    counts: Counter[str] = Counter()
    refused: dict[str, list[str]] = {}
    unreadable: dict[str, str] = {}
    for file in track(python_files(path)):
        counts["files"] += 1
        name = file.name if file == path else str(file.relative_to(path))
        try:
            kernels = kernels_of(file)
        except (OSError, ValueError) as error:
            if file == path:
                reason = getattr(error, "strerror", None) or error
                raise UserError(f"no kernel can be looked for in {path}: {reason}") from error
            unreadable[name] = str(error)
            continue
        for kernel in kernels:
            stage, reason = _stage(kernel)
            counts.update(STAGES[: STAGES.index(stage) + 1])
            if reason:
                refused.setdefault(reason, []).append(f"{name}:{kernel.line}")
    return {
        **{name: counts[name] for name in ("files", *STAGES)},
        "refused": [
            {"reason": reason, "count": len(places), "first": places[0]}
            for reason, places in sorted(refused.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
        "unreadable": unreadable,
    }


STAGES = ["found", "parsed", "typed"]


def _stage(kernel: SourceKernel) -> tuple[str, str]:
    """How far a kernel comes, and why not further."""
    try:
        module = parse(kernel.text)
    except UserError as error:
        return "found", f"syntax: {_construct(kernel.text, error)}"
    try:
        check(module)
    except TypeRefused as error:
        named = callee_name(error.node) if "'" not in str(error) else ""
        return "parsed", f"types: {error}" + (f": {named}" if named else "")
    return "typed", ""


def _construct(text: str, error: UserError) -> str:
    """Name the construct at which the parser stopped, or what it says where it is no construct."""
    if not isinstance(error.__cause__, UnexpectedInput):
        return str(error)
    line, column = error.__cause__.line, error.__cause__.column - 1
    rest = text.splitlines()[line - 1][column:] if 0 < line <= len(text.splitlines()) else ""
    decorator = re.match(r"@\s*([\w.]+)", rest)
    if decorator:
        return f"the decorator @{decorator[1]}"
    if re.match(r"[bfru]{0,2}[\"']", rest, re.IGNORECASE):
        return "a string"
    around = [node for node in ast.walk(ast.parse(text)) if _covers(node, line, column)]
    names = [type(node).__name__ for node in reversed(around)]
    unknown = [f"no {name} in the language" for name in names if name not in covered_nodes()]
    return next(iter(unknown or [f"this form of {name}" for name in names]), "an end too early")


def _covers(node: ast.AST, line: int, column: int) -> bool:
    if not isinstance(node, ast.stmt | ast.expr):
        return False
    end = (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
    return (node.lineno, node.col_offset) <= (line, column) < end


def _in_language(statement: str) -> bool:
    try:
        check(parse(PROBE.format(textwrap.indent(statement, "    "))))
    except UserError:
        return False
    return True


@cache
def covered_nodes() -> frozenset[str]:
    """Return the nodes of Python's ``ast`` that the language has."""
    return frozenset(name for name, statement in NODES.items() if _in_language(statement))


@cache
def warp_builtins() -> dict[str, dict[str, list[str]]]:
    """Return Warp's builtins by group of its reference: those ``named`` in kernels and, in some, ``internal`` ones."""
    return tomllib.loads((resources.files("grammar.ops") / "warp_builtins.toml").read_text(encoding="utf-8"))


def _builtins() -> Document:
    covered = {op.name for op in TABLE.values()} | {name for name, use in SYNTAX.items() if _in_language(use)}
    groups = {group: _group(covered, **names) for group, names in warp_builtins().items()}
    counts = {key: sum(group[key] for group in groups.values()) for key in ("total", "nameable", "forward")}
    return {**counts, "adjoint": 0, "unsupported": counts["nameable"] - counts["forward"], "groups": groups}


def _group(covered: Collection[str], named: Sequence[str], internal: Sequence[str] = ()) -> Document:
    missing = [name for name in named if name not in covered]
    return {
        "total": len(named) + len(internal),
        "nameable": len(named),
        "forward": len(named) - len(missing),
        "missing": missing,
    }


def _nodes() -> Document:
    missing = [name for name in NODES if name not in covered_nodes()]
    return {"total": len(NODES), "covered": len(NODES) - len(missing), "missing": missing}


def _operations() -> Document:
    types: dict[str, Counter[str]] = {scalar.name: Counter() for scalar in SCALARS}
    for op in TABLE.values():
        for scalar in {overload.scalar.name for overload in op.samples}:
            types[scalar][op.group] += 1
    overloads = sum(len(op.samples) for op in TABLE.values())
    return {"total": len(TABLE), "overloads": overloads, "types": {name: dict(found) for name, found in types.items()}}
