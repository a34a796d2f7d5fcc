"""Everything that an export has written is read again and passes the gates, before a file gets its name.

All documents are looked at; which whole records are executed and made again is drawn. Where the files have records of a
smaller schema, the whole ones that are drawn stand in a file beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import get_args

from fuzzer.campaigns.hunting import start_worker
from fuzzer.corpus.gates import NOT_DONE, Document, Gate, Promise, go_through
from fuzzer.corpus.ordered import in_order
from fuzzer.corpus.request import Source
from fuzzer.processes.pool import Task, Workers, value_of
from reports.corpus.decoders import documents

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
