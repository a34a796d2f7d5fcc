"""The tables of a proof: every claim with its target, what stands behind the claims, and what was measured when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.quality.ledger import Row
from tests.quality.rows import Claim, Listing, Settings

WIDTH = 140
"""Columns where nobody says how wide the paper is."""

STYLES = {"met": "green", "not met": "bold red", "informational": "dim"}


def console_for(file: TextIO) -> Console:
    """Make a console as wide as the terminal, or as a page where there is none."""
    return Console(file=file) if file.isatty() else Console(file=file, width=WIDTH)


def render(rows: Sequence[Row], console: Console) -> None:
    """Show what stands behind the claims, then the claims, then the rows."""
    for row in rows:
        for listing in row.conclusion.listings:
            if listing.lines:
                _show(console, f"{row.name}: {listing.title}", _listing(listing))
    _show(console, "The proof", _claims(rows))
    _show(console, "What was measured", _rows(rows))


def _show(console: Console, title: str, table: Table) -> None:
    console.print(f"\n{escape(title)}", style="bold", highlight=False)
    console.print(table)


def _listing(listing: Listing) -> Table:
    table = _table(listing.columns)
    for line in listing.lines:
        table.add_row(*map(escape, line))
    return table


def _claims(rows: Iterable[Row]) -> Table:
    table = _table(("row", "what", "measured", "target", "verdict"))
    for row in rows:
        for number, claim in enumerate(row.conclusion.claims):
            cells = (row.name if number == 0 else "", claim.what, claim.measured, claim.target)
            table.add_row(*map(escape, cells), _styled(_verdict(claim)))
        table.add_section()
    return table


def _rows(rows: Iterable[Row]) -> Table:
    table = _table(("row", "verdict", "settings", "seconds", "commit", "sources"))
    for row in rows:
        facts = (_settings(row.settings), f"{row.seconds:,.0f}", row.commit, row.source_hash)
        table.add_row(row.name, _styled(row.verdict), *map(escape, facts))
    return table


def _table(columns: Iterable[str]) -> Table:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _settings(settings: Settings) -> str:
    return ", ".join(f"{name} {value}" for name, value in settings.items())


def _verdict(claim: Claim) -> str:
    return {True: "met", False: "not met", None: "informational"}[claim.met]


def _styled(word: str) -> str:
    return f"[{STYLES[word]}]{word}[/]"
