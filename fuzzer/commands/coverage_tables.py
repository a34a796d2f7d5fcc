"""The coverage document as tables for people, from 80 columns on.

What comes from a person's files (names, paths) is shown as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from reports.values import plain

FEW = 6  # missing names shown of a group: --json has all
SHOWN = 15  # reasons and unreadable files shown: the frequent ones tell


def render_coverage(document: Mapping[str, Any], console: Console) -> None:
    """Print the document of :mod:`fuzzer.commands.coverage_document`: of a path's kernels alone where it has them."""
    if "kernels" in document:
        _print_kernels(document["kernels"], console)
        return
    _print_builtins(document["builtins"], console)
    nodes = document["nodes"]
    console.print(
        f"\nPython: {nodes['covered']} of the {nodes['total']} node types that Warp accepts"
        + (f", not {', '.join(nodes['missing'])}" if nodes["missing"] else ""),
        f"Grammar: {document['productions']} productions and {document['operators']} operators",
        highlight=False,
        sep="\n",
    )
    _print_operations(document["operations"], console)


def _print_builtins(builtins: Mapping[str, Any], console: Console) -> None:
    console.print(
        f"Warp has {builtins['total']} builtins, of which kernels can name {builtins['nameable']}."
        f" The reference computes {builtins['forward']} of them, derivatives of {builtins['adjoint']}.",
        highlight=False,
    )
    table = _table("group of builtins", "named", "covered", "missing", right=(1, 2))
    for name, group in builtins["groups"].items():
        table.add_row(name, str(group["nameable"]), str(group["forward"]), _few(group["missing"]))
    console.print(table)


def _print_operations(operations: Mapping[str, Any], console: Console) -> None:
    console.print(f"Operations: {operations['total']:,} with {operations['overloads']:,} overloads", highlight=False)
    groups = sorted({group for counts in operations["types"].values() for group in counts})
    table = _table("operations of type", *groups, right=range(1, len(groups) + 1))
    for name, counts in operations["types"].items():
        table.add_row(name, *(str(counts.get(group, "")) for group in groups))
    console.print(table)


def _print_kernels(kernels: Mapping[str, Any], console: Console) -> None:
    found = kernels["found"]
    shares = [f"{kernels[stage]:,} {stage} ({kernels[stage] / max(found, 1):.0%})" for stage in ("parsed", "typed")]
    counted = f"{_number(found, 'kernel')} in {_number(kernels['files'], 'file')}"
    console.print(f"{counted}: {', '.join(shares)}", highlight=False)
    _print_listed("why not", [(str(r["count"]), r["reason"], r["first"]) for r in kernels["refused"]], console)
    _print_listed("files not read", [("", reason, file) for file, reason in kernels["unreadable"].items()], console)


def _print_listed(title: str, rows: Sequence[tuple[str, str, str]], console: Console) -> None:
    if not rows:
        return
    table = _table("", title, "first seen" if rows[0][0] else "file", right=(0,))
    for row in rows[:SHOWN]:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console.print(table)
    if len(rows) > SHOWN:
        console.print(f"and {len(rows) - SHOWN:,} more, see --json", style="dim", highlight=False)


def _table(*columns: str, right: Sequence[int]) -> Table:
    table = Table(box=None, pad_edge=False)
    for position, name in enumerate(columns):
        table.add_column(name, justify="right" if position in right else "left", overflow="fold")
    return table


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more
