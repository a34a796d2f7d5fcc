"""``warpsmith export``: a dataset of verified kernels."""

from __future__ import annotations

from typing import Any

import click
from click.core import ParameterSource

from fuzzer.campaigns.settings import CATEGORIES, FORMATS, NATIVE
from fuzzer.commands.flags import (
    FOLDER,
    MEGABYTES,
    NEW_FILE,
    NEW_FOLDER,
    not_empty,
    one_of,
    print_document,
    record_flags,
    split,
)


@click.command()
@click.argument("campaign", metavar="[DIR]", type=FOLDER, required=False)
@click.option("--out", type=NEW_FOLDER, metavar="DIR", help="A new or empty folder for the dataset.")
@click.option("--format", "suffix", **one_of("format", FORMATS), default="jsonl", show_default=True, help="Of shards.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="How many kernels are made.")
@record_flags
@click.option("--out-cpu", type=NEW_FILE, metavar="FILE", help="A new file for the records with C++.")
@click.option("--out-cuda", type=NEW_FILE, metavar="FILE", help="A new file for the records with CUDA.")
@click.option(
    "--target-mb-cpu",
    **MEGABYTES,
    help="End FILE with the first record that makes it larger than so many megabytes (2^20 bytes), so a little above.",
)
@click.option("--target-mb-cuda", **MEGABYTES, help="The same of the file with CUDA.")
@click.option(
    "--only",
    callback=split,
    metavar="NAMES",
    default="",
    help=f"Kernels of these categories alone: {', '.join(CATEGORIES)}; of a campaign also sweep.",
)
@click.option(
    "--split",
    "splits",
    callback=split,
    metavar="NAMES",
    default="",
    help="Write these splits alone: train, validation, test, composition; of a campaign also sweep. Which of them a"
    " kernel is in does not depend on this.",
)
@click.option(
    "--native",
    **one_of("choice of native verification", NATIVE),
    default="share",
    show_default=True,
    help="Compile and run natively, beside the text that is executed of every kernel: all; one of sixteen and what the"
    " text does not decide; none.",
)
@click.option("--stats-out", type=NEW_FILE, metavar="FILE", help="A new file for the statistics.")
@click.option(
    "--harvest",
    callback=not_empty,
    metavar="PATH",
    help="Take the kernels of a source tree or package. RUNS their modules' code.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the statistics as one JSON document.")
@click.pass_context
def export(context: click.Context, /, as_json: bool, seed: int, workers: int, **flags: Any) -> None:
    """Write verified kernels with the code that Warp generates from them.

    The kernels are those that a campaign (DIR) accepted, or freshly generated ones. Each is executed and judged; there
    are no duplicates, and none of Warp's own kernels. A record names all engines that agreed, here or in the campaign,
    whose sweep (kernels that try out one operation or form each) is a split of its own. With --harvest the kernels are
    a person's: their modules are imported, which runs their code, and the records are unverified.

    What is there is never replaced: a folder for the dataset has to be new or empty, a file new. An interrupted export
    goes on when the same command is given again, also with another --count; with --harvest it begins again. Kernels are
    compared with all that were kept, which takes four kilobytes of memory for each.
    """
    from rich.console import Console

    from fuzzer.corpus.command import export_corpus
    from fuzzer.corpus.request import requested

    is_given = context.get_parameter_source("seed") is ParameterSource.COMMANDLINE
    request = requested(seed=seed if is_given else None, workers=workers, **flags)
    document = export_corpus(request, Console(stderr=True) if as_json else Console())
    if as_json:
        print_document(document)
