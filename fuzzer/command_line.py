"""The command line: what the flags mean, and how every ending becomes an exit code.

Without a command it hunts. Each command imports what it needs when it runs, so that ``--help`` and the reports never
wait for Warp. A wrong use, or a :class:`UserError` from anywhere, is one sentence on standard error and exit code 2; a
defect of ours is a traceback and exit code 2; an interrupt is 130.
"""

from __future__ import annotations

import math
import os
import random
import sys
import traceback
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from fuzzer import __version__
from fuzzer.settings import CAMPAIGNS, CATEGORIES, DEVICES, FORMATS, INTERRUPTED, NATIVE, SCOPES, Settings
from grammar.errors import UserError, unknown_name

Command = Callable[..., Any]

DEFECT = 2

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)
ANYTHING = click.Path(path_type=Path, exists=True)


def one_of(kind: str, names: Collection[str]) -> dict[str, Any]:
    """Give the properties of a flag that takes one of several names; another name is a UserError."""

    def check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None and value not in names:
            raise unknown_name(kind, value, names)
        return value

    return {"callback": check, "metavar": "|".join(names)}


def split(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """Split names with commas between them; whoever uses them knows which are valid."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def flag_of(parameter: click.Parameter) -> str:
    """Give the name of a flag as it is written."""
    return parameter.opts[0]


def not_empty(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Give a text as it is; raises UserError where it is given and empty."""
    if value == "":
        raise UserError(f"{flag_of(parameter)} needs the name of a folder, file or installed package.")
    return value


def finite_or_none(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Give a number, or that there is none, as it is; raises UserError as :func:`finite` does."""
    return None if value is None else finite(context, parameter, value)


def finite(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """Give a number as it is; raises UserError where it is none, or infinite."""
    if not math.isfinite(value):
        raise UserError(f"{flag_of(parameter)} needs a finite number, not {value}.")
    return value


MEGABYTES: dict[str, Any] = {"type": click.FloatRange(min=0, min_open=True), "callback": finite_or_none, "metavar": "N"}

RECORD_FLAGS = (
    click.option(
        "--seed",
        type=click.IntRange(min=0, max=2**63 - 1),
        metavar="N",
        default=0,
        show_default=True,
        help="What all random choices follow from.",
    ),
    click.option(
        "--workers", type=click.IntRange(min=1), metavar="N", help="How many processes; one per core if left out."
    ),
    click.option(
        "--device", **one_of("device", DEVICES), default="both", show_default=True, help="Whose code is generated."
    ),
    click.option("--schema", metavar="full|pair|codegen", default="full", show_default=True, help="What a record has."),
    click.option(
        "--code-scope",
        **one_of("scope", SCOPES),
        default="full",
        show_default=True,
        help="Whether a record has the whole generated text, or the kernel's two functions.",
    ),
)


def record_flags(command: Command) -> Command:
    """Give a command the flags of all that makes records."""
    for flag in reversed(RECORD_FLAGS):
        command = flag(command)
    return command


class Commands(click.Group):
    """The group of all commands, which knows the nearest name to one that it does not have."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or raise UserError."""
        if args[0] not in self.commands:
            raise unknown_name("command", args[0], self.commands)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    callback=finite,
    metavar="N",
    default=60,
    show_default=True,
    help="How long to hunt.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="What all random choices follow from; drawn if left out."
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="How many processes run Warp; one per core if left out."
)
@click.option("--device", **one_of("device", DEVICES), default="both", show_default=True, help="Whose code is judged.")
@click.option(
    "--engines",
    callback=split,
    metavar="LIST",
    default="",
    help="The engines to use (see doctor); all that work if left out.",
)
@click.option(
    "--only",
    callback=split,
    metavar="NAMES",
    default="",
    help="Stay with these categories, productions and operation groups.",
)
@click.option("--weights", type=FILE, metavar="FILE", help="A TOML file with weights of productions and operations.")
@click.option(
    "--grammar", type=FILE, metavar="FILE", help="A copy of the grammar, with productions removed, to use instead."
)
@click.option(
    "--out",
    type=NEW_FOLDER,
    metavar="DIR",
    help="The campaign's folder, new or empty; campaigns/DATE-SEED if left out.",
)
@click.option(
    "--resume", type=FOLDER, metavar="DIR", help="Continue the campaign in this folder, with its seed and settings."
)
@click.option("--json", is_flag=True, help="Print the summary as one JSON document.")
@click.version_option(__version__)
@click.pass_context
def program(context: click.Context, /, **flags: Any) -> int:
    """Find wrong code in NVIDIA Warp: generate kernels, run them, judge them against an independent reference.

    Without a command this hunts, and ends at most 15 seconds after its time. Exit codes of a hunt: 0 clean, 1 new
    findings (or discrepancies that there was no time to look into, or batches that crashed or hung), 2 our own failure,
    wrong usage, or nothing was compared, 130 interrupted, with everything so far kept.
    """
    given = [name for name in flags if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if context.invoked_subcommand:
        if given:
            raise UserError(
                f"--{given[0]} stands before {context.invoked_subcommand!r}, so it is one of the hunt's flags."
            )
        return 0
    if fixed := set(given) - {"resume", "seconds", "workers", "json"} if flags["resume"] else ():
        raise UserError(f"--resume keeps the settings of the stored campaign: leave out --{min(fixed)}.")
    from fuzzer.campaign import hunt

    flags["seed"] = _seed(flags["seed"])
    flags["workers"] = _workers(flags["workers"])
    return hunt(Settings(**flags))


@program.command()
@click.argument("folder", metavar="[DIR]", type=FOLDER, required=False)
@click.argument("other", metavar="[DIR2]", type=FOLDER, required=False)
@click.option("--verbose", is_flag=True, help="Show the findings in full and all tables too, before the rest.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def report(folder: Path | None, other: Path | None, verbose: bool, as_json: bool) -> None:
    """Show what a campaign found, or how two differ.

    DIR is a campaign's folder, the newest one if left out. The verdict, and what to do next, come last. With two: what
    differs in how they were started, and what is new, gone and still there of that which both could have found.
    """
    from rich.console import Console

    from reports import comparison, summary, terminal

    folder = folder or summary.newest_campaign(CAMPAIGNS)
    if as_json:
        document = comparison.comparison_document(folder, other) if other else summary.report_document(folder)
        _print_document(document)
    elif other:
        comparison.render_comparison(folder, other, Console())
    else:
        terminal.render_report(folder, Console(), verbose=verbose)


@program.command()
@click.argument("finding", metavar="FINDING|CASE")
def replay(finding: str) -> int:
    """Run a stored test case again.

    Says whether it still departs from the reference: exit code 1 if it does, 0 if not. FINDING is a finding's folder,
    the folder of a campaign with one finding, or the unique beginning of a finding's name: in the campaign in this
    folder, else in the newest one under campaigns; as DIR/BEGINNING in that of DIR. CASE is a case.json.

    What is stored is parsed with the grammar, typed, and checked field by field; anything else is refused. The kernel
    that it stands for is then COMPILED AND EXECUTED, in a process of its own.
    """
    from rich.console import Console

    from fuzzer.replay import replay

    return replay(finding, Console())


@program.command()
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
    workers: int | None,
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
        workers=_workers(workers),
        form=Form(devices_of(device), code_scope),
        schema=schema,
        harvest=harvest,
        out=out,
    )


@program.command()
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
def export(context: click.Context, /, as_json: bool, seed: int, workers: int | None, **flags: Any) -> None:
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
    request = requested(seed=seed if is_given else None, workers=_workers(workers), **flags)
    document = export_corpus(request, Console(stderr=True) if as_json else Console())
    if as_json:
        _print_document(document)


@program.command()
@click.argument("path", metavar="[PATH]", type=ANYTHING, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def coverage(path: Path | None, as_json: bool) -> None:
    """Show what of Warp's language is covered, or which kernels of a source tree are in it.

    Builtins, constructs of Python, productions, and operations by type. With PATH, a file or a folder, instead: which
    of the kernels in it are in the language, and why the others are not (--json has both). Nothing in it is executed,
    so this does not say yet which of them agree with the reference. Folders whose names begin with a dot are left out.
    """
    from rich.console import Console

    from fuzzer.coverage import coverage_document
    from fuzzer.coverage_tables import render_coverage
    from fuzzer.progress import tracked

    document = coverage_document(path, lambda files: tracked(files, "reading"))
    if as_json:
        _print_document(document)
    else:
        render_coverage(document, Console())


@program.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def doctor(as_json: bool) -> None:
    """Say what works here: engines, versions, caches."""
    from rich.console import Console

    from fuzzer.doctor import examine, render_examination

    document = examine()
    if as_json:
        _print_document(document)
    else:
        render_examination(document, Console())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` by default) and give its exit code."""
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except click.ClickException as wrong:
        return _complain(wrong.format_message())
    except UserError as wrong:
        return _complain(str(wrong))
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(f"warpsmith: {': '.join(('interrupted', *interrupt.args))}\n")
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough; leave nothing that the interpreter would flush at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        return DEFECT


def _run(arguments: Sequence[str]) -> int:
    try:
        with program.make_context("warpsmith", list(arguments)) as context:
            return program.invoke(context) or 0
    except click.exceptions.Exit as exit_:
        return exit_.exit_code


def _complain(sentence: str) -> int:
    from reports.values import plain

    sys.stderr.write(f"warpsmith: {plain(sentence)}\n")
    return DEFECT


def _print_document(document: dict[str, Any]) -> None:
    from reports.files import json_text

    sys.stdout.write(json_text(document))


def _seed(given: int | None) -> int:
    return random.SystemRandom().getrandbits(32) if given is None else given


def _workers(given: int | None) -> int:
    return given or len(os.sched_getaffinity(0))
