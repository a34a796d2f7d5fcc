"""``warpsmith generate``: kernels and their generated code, unverified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.commands.flags import NEW_FILE, not_empty, one_of, record_flags


@click.command()
@click.option("--count", type=click.IntRange(min=1), metavar="N", required=True, help="How many kernels.")
@click.option("--category", **one_of("category", CATEGORIES), help="All of one category; all in turn if left out.")
@record_flags
@click.option(
    "--harvest",
    callback=not_empty,
    metavar="PATH",
    help="Add those of a source tree or package. RUNS their modules' code.",
)
@click.option("--out", type=NEW_FILE, metavar="FILE", help="A new file for the records; standard output if left out.")
def generate(
    count: int,
    category: str | None,
    seed: int,
    workers: int,
    device: str,
    schema: str,
    code_scope: Any,
    harvest: str | None,
    out: Path | None,
) -> None:
    """Write generated kernels and the code that Warp generates from them, at about the speed of Warp itself.

    Nothing looks at what the kernels compute or executes them, and the records say so: their status is "unverified".
    The same seed gives the same file, however many workers there are; a kernel without a pair, because Warp refuses it
    or its code differs between processes, is replaced by the next one. With --harvest the kernels that a person wrote
    come first, for instance the six of examples/basic_kernels.py. The suffix of FILE names its format: .jsonl,
    .jsonl.zst or .parquet; one that is there already is never replaced. See export for verified kernels.
    """
    from fuzzer.corpus.command import write_drafts
    from fuzzer.corpus.orders import Form, devices_of

    write_drafts(
        count=count,
        category=category,
        seed=seed,
        workers=workers,
        form=Form(devices_of(device), code_scope),
        schema=schema,
        harvest=harvest,
        out=out,
    )
