"""The proof: every long measurement of this project, in one command that can be killed and run again.

``python -m tests.quality.prove [FAULTS]`` measures what does not stand yet and shows all rows. With a folder of faults
(see its README.md) each fault is planted in Warp and hunted, first of all. What is measured is kept in a folder, so
that a row is measured again only when the sources or its settings have changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fuzzer.commands.flags import split
from grammar.errors import UserError, unknown_name
from reports.files import json_text
from tests.quality import (
    corpus,
    determinism,
    exactness,
    generation,
    hunts,
    kills,
    mutation,
    names,
    observability,
    power,
    removal,
    text_truth,
    wheel,
)
from tests.quality.proving import Row, Told, Unmeasured, prove
from tests.quality.rows import Measurement

MEASUREMENTS: tuple[Measurement, ...] = (
    power.MEASUREMENT,
    power.NATIVE,
    generation.MEASUREMENT,
    determinism.MEASUREMENT,
    observability.MEASUREMENT,
    removal.MEASUREMENT,
    exactness.MEASUREMENT,
    text_truth.MEASUREMENT,
    wheel.MEASUREMENT,
    mutation.MEASUREMENT,
    hunts.CAMPAIGN,
    kills.MEASUREMENT,
    corpus.MEASUREMENT,
    names.MEASUREMENT,
)

OF_FAULTS = frozenset({power.MEASUREMENT.name, power.NATIVE.name})
"""The rows that need a folder of faults."""

FOLDER = Path("campaigns") / "proof"

WIDTH = 140
"""Columns where nobody says how wide the paper is."""

WORDS = {True: "met", False: "not met", None: "informational"}


@click.command()
@click.argument("faults", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option(
    "--only", callback=split, default="", metavar="ROWS", help="Measure these rows, with commas between them."
)
@click.option("--scale", default=1.0, show_default=True, metavar="X", help="Multiply how much is measured.")
@click.option("--seconds", type=int, metavar="N", help="How long a hunt takes that stands in a row.")
@click.option("--seed", default=0, show_default=True, metavar="N", help="What all random choices follow from.")
@click.option("--workers", type=int, metavar="N", help="How many processes measure; one per core if left out.")
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, show_default=True, help="What is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def program(faults: Path | None, only: tuple[str, ...], workers: int | None, folder: Path, **given: Any) -> int:
    """Measure what does not stand yet, and show all rows.

    FAULTS is a folder of faults to plant in Warp. Exit codes: 0 all targets met, 1 some not, 2 our own failure.
    """
    scale, as_json = given.pop("scale"), given.pop("as_json")
    given = {name: value for name, value in given.items() if value is not None}
    given |= {"faults": str(faults.resolve())} if faults else {}
    console = Console(stderr=True, log_path=False)
    rows, defects = [], []
    for measurement in chosen(only, with_faults=faults is not None):
        settings = measurement.settings(scale, given)
        try:
            rows.append(prove(measurement, settings, folder, workers or len(os.sched_getaffinity(0)), telling(console)))
        except Unmeasured as defect:
            defects.append(str(defect))
            console.print(defects[-1], markup=False, highlight=False)
    if as_json:
        sys.stdout.write(json_text([{**asdict(row), "verdict": row.verdict} for row in rows]))
    else:
        render(rows, Console(width=None if sys.stdout.isatty() else WIDTH))
    return 2 if defects else int(any(row.verdict == "not met" for row in rows))


def render(rows: Sequence[Row], console: Console) -> None:
    """Show what stands behind the claims, then the claims, then the rows."""
    for row in rows:
        for listing in row.conclusion.listings:
            if listing.lines:
                _show(console, f"{row.name}: {listing.title}", listing.columns, listing.lines)
    claims = [(row.name, x.what, x.measured, x.target, WORDS[x.met]) for row in rows for x in row.conclusion.claims]
    _show(console, "The proof", ("row", "what", "measured", "target", "verdict"), claims)
    settings = [", ".join(f"{name} {value}" for name, value in row.settings.items()) for row in rows]
    facts = [(r.name, r.verdict, x, f"{r.seconds:,.0f}", r.source_hash) for r, x in zip(rows, settings, strict=True)]
    _show(console, "What was measured", ("row", "verdict", "settings", "seconds", "sources"), facts)


def _show(console: Console, title: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")
    for line in lines:
        table.add_row(*map(escape, line), style="bold red" if "not met" in line else None)
    console.print(f"\n{escape(title)}", style="bold", highlight=False)
    console.print(table)


def chosen(only: Iterable[str], *, with_faults: bool) -> list[Measurement]:
    """Return the measurements of these names, or all that can be measured.

    Raises:
        UserError: There is none of a name, or it needs a folder of faults.
    """
    known = {measurement.name: measurement for measurement in MEASUREMENTS}
    for name in only:
        if name not in known:
            raise unknown_name("row", name, known)
    names = list(only) or [name for name in known if name not in OF_FAULTS or with_faults]
    for name in names:
        if name in OF_FAULTS and not with_faults:
            raise UserError(f"the row {name!r} needs a folder of faults: name it as the argument")
    return [known[name] for name in names]


def telling(console: Console) -> Told:
    """Return what shows progress: a line per piece on standard error."""
    return lambda name, done, whole: console.log(f"{name}: {done} of {whole}", highlight=False)


def main() -> int:
    """Run the command and give its exit code."""
    try:
        with program.make_context("prove", sys.argv[1:]) as context:
            return int(program.invoke(context))
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as wrong:
        sys.stderr.write(f"prove: {wrong.format_message()}\n")
    except UserError as wrong:
        sys.stderr.write(f"prove: {wrong}\n")
    except KeyboardInterrupt:
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())
