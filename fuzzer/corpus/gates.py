"""The gates of an export: every file is read again, and what it says is checked before it counts as finished.

Every source parses and no field names a folder of this machine. Where documents are whole records, kernels of the test
split are executed again and give what their records say, and a sample of generated kernels is made again from seed and
index, and gives the same record.
"""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from fuzzer.batches import start_worker
from fuzzer.corpus.ordered import in_order
from fuzzer.corpus.recording import records_of
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.pool import Task, Workers, value_of
from grammar import emit, parse
from oracle.judge import judge
from oracle.records import Verdict
from oracle.reference import interpret
from oracle.warp import engine_types
from reports.cases import FORMAT, array_document, case_of
from reports.corpus.decoders import documents
from reports.corpus.records import CorpusRecord, record_of

CHUNK = 40  # documents per task
SECONDS = 300.0  # for one task: far beyond what parsing and executing them takes
SAMPLE = 50
"""One of so many generated kernels, drawn by id, is made again."""

Passed = Counter[str]
"""How many documents have passed each gate."""

REMADE = ("id", "inputs", "launch", "cpp_forward", "cpp_backward", "cuda_forward", "cuda_backward")
"""What is compared of a record that is made again; the id is that of source, options and device."""

PARSED, WITHOUT_PATHS, EXECUTED, REGENERATED = "parsed", "without paths", "executed again", "made again"


class GateClosed(Exception):
    """A record is not what an export promises: a defect of ours. The message names the record and says why."""


@dataclass(frozen=True)
class Promise:
    """What an export says of its documents.

    Attributes:
        whole: They are records of the schema ``full``, so their kernels can be executed.
        ours: Their kernels were generated, and are in the language of the grammar.
        seeded: Those are of their seed and index alone, not of a campaign's settings.
    """

    whole: bool
    ours: bool
    seeded: bool


def passed(paths: Sequence[Path], workers: int, step: Callable[[int], None], promise: Promise) -> Passed:
    """Read files of documents and give how many passed each gate.

    Args:
        paths: The files.
        workers: How many processes to use.
        step: Told how many more documents have passed.
        promise: What they have to keep.

    Raises:
        GateClosed: A record did not pass.
        UserError: A file cannot be read.
    """
    total: Passed = Counter(dict.fromkeys((PARSED, WITHOUT_PATHS, EXECUTED, REGENERATED), 0))
    tasks = (Task(_pass, (chunk, _folders(), promise), SECONDS) for chunk in _chunks(paths))
    with Workers(workers, start_worker) as pool:
        for ending in in_order(tasks, pool):
            found: Passed = value_of(ending)
            total.update(found)
            step(found[PARSED])
    return total


def _chunks(paths: Iterable[Path]) -> Iterator[list[dict[str, Any]]]:
    every = (document for path in paths for document in documents(path))
    while chunk := list(islice(every, CHUNK)):
        yield chunk


def _folders() -> tuple[str, ...]:
    """The folders of this machine that a record might name by mistake."""
    folders = (Path.home(), Path.cwd(), Path(sys.prefix), Path(tempfile.gettempdir()))
    return tuple(str(folder) for folder in folders if len(str(folder)) > 1)


def _pass(task: tuple[list[dict[str, Any]], Sequence[str], Promise]) -> Passed:
    chunk, folders, promise = task
    found: Passed = Counter()
    for document in chunk:
        _parses(document["python_source"], ours=promise.ours)
        _names_none(document, folders)
        found.update((PARSED, WITHOUT_PATHS))
        if promise.whole:
            found.update(_keeps(record_of(document), promise))
    return found


def _keeps(record: CorpusRecord, promise: Promise) -> Iterator[str]:
    """Give the gates that only whole records can pass, as far as they are for this one."""
    if record.split == "test" and record.outputs:
        _gives_the_same(record)
        yield EXECUTED
    if promise.seeded and int(record.id[:8], 16) % SAMPLE == 0:
        _is_made_again(record)
        yield REGENERATED


def _parses(source: str, *, ours: bool) -> None:
    if not ours:
        ast.parse(source)
    elif emit(parse(source)) != source:
        raise GateClosed(f"this source is not written as the grammar writes it:\n{source}")


def _names_none(document: Mapping[str, Any], folders: Sequence[str]) -> None:
    text = json.dumps(document)
    for folder in folders:
        if f"{folder}/" in text:
            raise GateClosed(f"the folder {folder} is named in the record of this source:\n{document['python_source']}")


def _gives_the_same(record: CorpusRecord) -> None:
    """Execute the kernel of a record as anybody would who has only the record."""
    case = case_of(
        {
            "format": FORMAT,
            "module": record.python_source,
            "buffers": json.loads(record.inputs),
            "launches": json.loads(record.launch),
            "options": json.loads(record.options),
        },
        f"the record {record.id}",
    )
    expectation = interpret(case)
    outputs: Mapping[str, Any] = {name: array_document(array) for name, array in expectation.arrays.items()}
    if outputs != json.loads(record.outputs):
        raise GateClosed(f"the outputs of {record.id} are not those of its source")
    [outcome] = engine_types()["warp-text"]().run([case])
    if judge(case, "warp-text", outcome, expectation).verdict is not Verdict.AGREE:
        raise GateClosed(f"the code of {record.id} does not give what its record says")


def _is_made_again(record: CorpusRecord) -> None:
    defined = deep_case(record.seed, record.index, Recipe(categories=(record.category,))).defined
    [again] = records_of(defined.case, defined.expectation.typing, (record.device,))
    for field in REMADE:
        if getattr(again, field) != getattr(record, field):
            raise GateClosed(f"{field} of {record.id} differs when the kernel is made again")
