"""What the commands ``generate`` and ``export`` do once their flags are read, and how they show it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, groupby, pairwise
from pathlib import Path
from typing import Any

from rich.console import Console

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.progress import Step, counting
from fuzzer.campaigns.settings import CATEGORIES, checked_count
from fuzzer.corpus.ending import columns, of_drafts, of_export
from fuzzer.corpus.harvest import harvested
from fuzzer.corpus.orders import Form, Order
from fuzzer.corpus.recording import scoped
from fuzzer.corpus.request import Request
from fuzzer.corpus.specs import drafts
from fuzzer.processes.ordered import in_order
from fuzzer.processes.pool import Task, Workers, value_of
from grammar.errors import UserError
from reports.corpus.corpus_records import CorpusRecord
from reports.corpus.encoding import Lines, imported
from reports.corpus.record_files import record_file
from reports.corpus.schemas import Schema, schema_of

CHUNK = 8  # kernels per task: less than half a second of work
SECONDS = 600.0  # far beyond what a chunk takes, so that a defect of ours cannot hang the command
ROUNDS = 20  # of one kernel in a hundred there is no pair, so one or two are usual

NO_PAIR = "Warp generates no code, or not the same in each process (others are there instead)"
"""Why a generated kernel is left out."""

Pair = tuple[CorpusRecord, ...]
"""The records of one kernel, one for each device."""

Write = Callable[[CorpusRecord], None]


def write_drafts(
    *,
    count: int,
    category: str | None,
    seed: int,
    workers: int,
    form: Form,
    schema: str,
    harvest: str | None,
    out: Path | None,
) -> None:
    """Write unverified records to a file, or as JSON lines to standard output, and say on standard error what they are.

    They are those of all kernels in ``harvest``, and then those of ``count`` generated ones.

    Raises:
        UserError: The file cannot be written, the disk is full, or there is nothing to harvest; then there is no file.
    """
    shape = schema_of(schema)
    left = "no file was written" if out else "what was written so far is all"
    kernels, records, dropped = 0, 0, Counter[str]()
    with counting(Console(stderr=True)) as step:
        people = harvested(harvest, form.devices, workers, step) if harvest is not None else None
        generated = _drafts(count, (category,) if category else CATEGORIES, seed, workers, form, dropped)
        with _interrupts(left), _file(out, shape) if out else _standard_output(shape) as write:
            for pair in chain(_of_people(people or (), form), _counted(generated, step, count)):
                kernels, records = kernels + 1, records + len(pair)
                for record in pair:
                    write(record)
    if people is not None:
        dropped.update({f"{reason} (of {harvest})": number for reason, number in people.reasons.items()})
    sys.stderr.write(columns(of_drafts(kernels, records, out, dropped)))


def _of_people(records: Iterable[CorpusRecord], form: Form) -> Iterator[tuple[CorpusRecord, ...]]:
    """Yield the records of kernels that a person wrote, those of one kernel together."""
    for _, group in groupby(records, key=lambda record: record.origin):
        yield tuple(scoped(record, form.scope) for record in group)


def _counted(pairs: Iterable[Pair], step: Step, total: int) -> Iterator[Pair]:
    for pair in pairs:
        step("kernels generated", 1, total)
        yield pair


@contextmanager
def _interrupts(what_is_left: str) -> Iterator[None]:
    """Let an interrupt say what it has left."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(what_is_left) from interrupt


@contextmanager
def _file(path: Path, schema: Schema) -> Iterator[Write]:
    with record_file(path, schema) as file:
        yield file.write


@contextmanager
def _standard_output(schema: Schema) -> Iterator[Write]:
    lines = Lines(sys.stdout.buffer, schema)
    try:
        yield lambda record: lines.write(schema.document(record))
        lines.close()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter would try again at its end
        raise UserError(f"standard output cannot be written: {error.strerror}; choose a file with --out") from error


def _drafts(
    count: int, categories: tuple[str, ...], seed: int, workers: int, form: Form, dropped: Counter[str]
) -> Iterator[Pair]:
    """Make pairs in worker processes and give them in order, those of one kernel together.

    Each round makes as many kernels as are missing, so that those without a pair are replaced by the next ones, and
    counted in ``dropped``.
    """
    first, missing = 0, count
    with Workers(workers, start_worker) as pool:
        for _ in range(ROUNDS):
            stop = first + missing
            bounds = pairwise([*range(first, stop, CHUNK), stop])
            tasks = (Task(drafts, Order(seed, categories, *pair, form), SECONDS) for pair in bounds)
            for ending in in_order(tasks, pool):
                pairs = value_of(ending)
                missing -= len(pairs)
                yield from pairs
            first = stop
            dropped[NO_PAIR] += missing
            if not missing:
                return
    raise UserError(f"Warp generates code of {count - missing} of {first} kernels only; see doctor for its version")


def run_pipeline(n: int, output_dir: str | Path, seed: int = 0, workers: int = 1) -> dict[str, Any]:
    """Generate, execute and select ``n`` kernels, and write those that are kept as a dataset.

    Args:
        n: How many kernels are made, for both devices; duplicates and what did not agree are not kept.
        output_dir: The folder of the dataset, new or empty.
        seed: What the kernels are drawn from.
        workers: How many processes make them.

    Returns:
        The statistics of the dataset, as its ``dataset_stats.json`` has them.

    Raises:
        UserError: The folder has something in it or cannot be written, a library is missing, no kernel was left, or
            ``n`` is negative.
    """
    return export_corpus(
        Request(
            origin={"seed": seed},
            seed=seed,
            count=checked_count(n),
            campaign=None,
            harvest=None,
            form=Form(("cpu", "cuda")),
            schema="full",
            suffix=".jsonl.zst",
            out=Path(output_dir),
            targets={},
            stats_out=None,
            workers=workers,
        ),
        Console(stderr=True, quiet=True),
    )


def export_corpus(request: Request, console: Console) -> dict[str, Any]:
    """Export, show progress and then what was written, and give the statistics; raises as ``export.export`` does."""
    imported("datasketch", "corpus", "removing duplicates")  # before half a second is spent on importing it
    from fuzzer.corpus.export import export

    try:
        with counting(console) as step:
            document = export(request, step)
    except KeyboardInterrupt as interrupt:
        kept = f"the same command goes on with what is kept in {request.parts}"
        raise KeyboardInterrupt(kept if request.parts.exists() else "nothing was written") from interrupt
    console.out(columns(of_export(request, document)), end="", highlight=False)
    return document
