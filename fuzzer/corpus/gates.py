"""The gates of an export: what is checked of a document that was read again.

Its source parses and no field names a folder of this machine. The kernel of a whole record, executed again, gives what
the record says, and a generated one, made again from seed and index, gives the same record.

Everything that an export has written is read again and passes the gates, before a file gets its name.
"""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_args

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.corpus.folders import named_folder
from fuzzer.corpus.making import TEXT_AND_NATIVE, fresh_kernels
from fuzzer.corpus.orders import Form, Order
from fuzzer.corpus.request import Source
from fuzzer.processes.ordered import in_order
from fuzzer.processes.pool import Task, Workers, value_of
from grammar import emit, parse
from grammar.errors import UserError
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Verdict
from oracle.reference import interpret
from reports.case_documents import FORMAT, array_document, case_of
from reports.corpus.corpus_records import FIELDS, CorpusRecord, record_of
from reports.corpus.encoding import documents

Gate = Literal["parsed", "without paths", "executed again", "made again"]
Document = Mapping[str, Any]

NOT_DONE: Mapping[Source, Mapping[Gate, str]] = {
    "fresh": {},
    "campaign": {"made again": "the kernels of a campaign follow from its settings, not from seed and index alone"},
    "harvest": {
        "executed again": "nobody said how the kernels of people are launched",
        "made again": "the kernels of people are not generated",
    },
}
"""The gates that an export cannot have, and why."""

OF_OTHERS = ("cluster_id", "split")
"""What a record has not of its own kernel alone, but by those that came before."""


class GateClosed(UserError):
    """A record is not what an export promises, which is a defect of ours."""


@dataclass(frozen=True)
class Promise:
    """What an export says of its documents.

    Attributes:
        source: Where their kernels are from.
        form: What a record has of the generated code, and what verifies it.
        folders: What :func:`fuzzer.corpus.folders.own_folders` gives.
        categories: Those that take turns in what is generated.
    """

    source: Source
    form: Form
    folders: tuple[str, ...]
    categories: tuple[str, ...] = CATEGORIES


def go_through(gate: Gate, document: Document, promise: Promise) -> None:
    """Check a document, which has to be a whole record where kernels are executed or made again; raises GateClosed."""
    try:
        _GATES[gate](document, promise)
    except (_Broken, UserError, SyntaxError) as error:
        raise GateClosed(
            f"{_name(document)} does not pass the gate {gate!r}: {error}. No file was written; this is a defect of"
            " warpsmith, please report it"
        ) from error


class _Broken(Exception):
    """What a promise is broken by, as the end of a sentence."""


def _name(document: Document) -> str:
    return f"the record {document['id']}" if "id" in document else f"a record of {document['metadata']['kernel_name']}"


def _parses(document: Document, promise: Promise) -> None:
    source = document["python_source"]
    if promise.source == "harvest":
        ast.parse(source)
    elif not _is_written_by_grammar(source):
        raise _Broken("its source is not written as the grammar writes it")


@lru_cache(maxsize=1)
def _is_written_by_grammar(source: str) -> bool:
    """Parse a source; the records of a kernel, one after the other in a dataset, share it."""
    return emit(parse(source)) == source


def _names_none(document: Document, promise: Promise) -> None:
    if folder := named_folder(document, promise.folders):
        raise _Broken(f"it names the folder {folder}")


def _gives_the_same(document: Document, promise: Promise) -> None:
    """Execute the kernel of a record as anybody would who has only the record."""
    record = record_of(document)
    case = case_of(
        {
            "format": FORMAT,
            "module": record.python_source,
            "buffers": json.loads(record.inputs),
            "launches": json.loads(record.launch),
            "options": json.loads(record.options),
        },
        "its source with its inputs",
    )
    expectation = interpret(case)
    outputs: Mapping[str, Any] = {name: array_document(array) for name, array in expectation.arrays.items()}
    if outputs != json.loads(record.outputs):
        raise _Broken("its outputs are not those of its source")
    text, _ = TEXT_AND_NATIVE
    [outcome] = engine_types()[text]().run([case])
    if judge(case, text, outcome, expectation).verdict is not Verdict.AGREE:
        raise _Broken("the code of its source does not give its outputs")


def _is_made_again(document: Document, promise: Promise) -> None:
    record = record_of(document)
    form = replace(promise.form, devices=(record.device,))
    [made] = fresh_kernels(Order(record.seed, promise.categories, record.index, record.index + 1, form))
    again = [replace(again, **{name: getattr(record, name) for name in OF_OTHERS}) for again in made.records]
    if again != [record]:
        raise _Broken(f"it differs in {_differences(record, again)} when its kernel is made again")


def _differences(record: CorpusRecord, again: Sequence[CorpusRecord]) -> str:
    differing = (name for name in FIELDS for other in again if getattr(record, name) != getattr(other, name))
    return ", ".join(differing) or "its status"


_GATES: Mapping[Gate, Callable[[Document, Promise], None]] = {
    "parsed": _parses,
    "without paths": _names_none,
    "executed again": _gives_the_same,
    "made again": _is_made_again,
}
"""What raises _Broken, UserError or SyntaxError for a document that does not pass."""


CHUNK = 40  # documents per task
SECONDS = 300.0  # for one task: far beyond what parsing, executing and making them again takes
SAMPLE = 50
"""One of so many generated kernels, drawn by id, is made again."""

READ: tuple[Gate, ...] = ("parsed", "without paths")
"""The gates of every document."""

Passed = Counter[Gate]
"""How many documents have passed each gate."""

Asked = tuple[Document, tuple[Gate, ...]]
"""A document and the gates that it has to pass."""


class Draw:
    """Draws which whole records pass more gates than READ: those of the test split, a sample, and the first one.

    Drawing again from those that were drawn gives the same.
    """

    def __init__(self, source: Source) -> None:
        self._not_done = NOT_DONE[source]
        self._is_first = True

    def __call__(self, identity: str, split: str) -> tuple[Gate, ...]:
        """Name the gates of the next record, by its id and its split."""
        drawn: dict[Gate, bool] = {
            "executed again": self._is_first or split == "test",
            "made again": self._is_first or int(identity[:8], 16) % SAMPLE == 0,
        }
        self._is_first = False
        return tuple(gate for gate, is_drawn in drawn.items() if is_drawn and gate not in self._not_done)


def passed(
    paths: Sequence[Path], whole: Collection[Path], workers: int, step: Callable[[int], None], promise: Promise
) -> dict[Gate, int]:
    """Read files of documents and give how many passed each gate that can be.

    Args:
        paths: The files.
        whole: Those that have whole records: some of them, or others that have what was drawn.
        workers: How many processes to use.
        step: Told how many more documents have passed.
        promise: What they have to keep.

    Raises:
        UserError: A record did not pass, or a file cannot be read.
    """
    total: Passed = Counter({gate: 0 for gate in get_args(Gate) if gate not in NOT_DONE[promise.source]})
    with Workers(workers, start_worker) as pool:
        for ending in in_order(_tasks(_asked(paths, whole, promise.source), promise), pool):
            found: Passed = value_of(ending)
            total.update(found)
            step(found["parsed"])
    return dict(total)


def _asked(paths: Sequence[Path], whole: Collection[Path], source: Source) -> Iterator[Asked]:
    draw = Draw(source)
    for path in dict.fromkeys((*paths, *whole)):
        for document in documents(path):
            drawn = draw(document["id"], document["split"]) if path in whole else ()
            yield document, (*(READ if path in paths else ()), *drawn)


def _tasks(asked: Iterator[Asked], promise: Promise) -> Iterator[Task]:
    while chunk := list(islice(asked, CHUNK)):
        yield Task(_pass, (chunk, promise), SECONDS)


def _pass(task: tuple[list[Asked], Promise]) -> Passed:
    chunk, promise = task
    found: Passed = Counter()
    for document, gates in chunk:
        for gate in gates:
            go_through(gate, document, promise)
        found.update(gates)
    return found
