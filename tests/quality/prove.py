"""The proof: every long measurement of this project, in one command that can be killed and run again.

``python -m tests.quality.prove [FAULTS]`` measures what does not stand yet and shows all rows. With a folder of faults
(see its README.md) each fault is planted in Warp and hunted, first of all. What is measured is kept in a file, so that
a row is measured again only when the sources or its settings have changed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console

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
from tests.quality.ledger import Ledger
from tests.quality.proving import Told, Unmeasured, prove
from tests.quality.rows import Measurement
from tests.quality.tables import console_for, render

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

FILE = Path("campaigns") / "prove.jsonl"


@click.command()
@click.argument("faults", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option(
    "--only", callback=split, default="", metavar="ROWS", help="Measure these rows, with commas between them."
)
@click.option("--scale", default=1.0, show_default=True, metavar="X", help="Multiply how much is measured.")
@click.option("--seconds", type=int, metavar="N", help="How long a hunt takes that stands in a row.")
@click.option("--seed", default=0, show_default=True, metavar="N", help="What all random choices follow from.")
@click.option("--workers", type=int, metavar="N", help="How many processes measure; one per core if left out.")
@click.option("--file", "path", type=click.Path(path_type=Path), default=FILE, show_default=True, help="What is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def program(
    faults: Path | None,
    only: tuple[str, ...],
    scale: float,
    seconds: int | None,
    seed: int,
    workers: int | None,
    path: Path,
    as_json: bool,
) -> int:
    """Measure what does not stand yet, and show all rows.

    FAULTS is a folder of faults to plant in Warp. Exit codes: 0 all targets met, 1 some not, 2 our own failure.
    """
    given = {"seed": seed, "faults": str(faults.resolve()) if faults else None, "seconds": seconds}
    given = {name: value for name, value in given.items() if value is not None}
    ledger, console = Ledger(path), Console(stderr=True, log_path=False)
    rows, defects = [], []
    for measurement in chosen(only, with_faults=faults is not None):
        settings = measurement.settings(scale, given)
        try:
            rows.append(prove(measurement, settings, ledger, workers or len(os.sched_getaffinity(0)), telling(console)))
        except Unmeasured as defect:
            defects.append(str(defect))
            console.print(defects[-1], markup=False, highlight=False)
    if as_json:
        sys.stdout.write(json_text([row.document() for row in rows]))
    else:
        render(rows, console_for(sys.stdout))
    return 2 if defects else int(any(row.verdict == "not met" for row in rows))


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
