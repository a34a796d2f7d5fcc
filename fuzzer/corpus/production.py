"""Kernels of an export, made by worker processes and given in order, whatever was made before and however many work.

What workers have made is kept in a folder, so that an interrupted export goes on where it was. A *part* is what was
made of one order, and is found by the hash of that order, with the first and the last of its kernels in its name.
"""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fuzzer.campaigns.hunting import start_worker
from fuzzer.corpus.making import Made
from fuzzer.corpus.orders import AnyOrder
from fuzzer.processes.ordered import in_order
from fuzzer.processes.pool import Crashed, Ending, Finished, Task, TimedOut, Workers, value_of
from fuzzer.processes.scratch import demand_room
from grammar.errors import UserError
from reports import files
from reports.case_documents import packed, unpacked
from reports.corpus.corpus_records import document_of, record_of
from reports.fields import is_of

SUFFIX = ".json.z"
LARGEST = 2**28  # bytes that a part may become: some dozen times those of the largest
FLAT = {name: hint for name, hint in typing.get_type_hints(Made).items() if name != "records"}
PATTERN = f"[!.]*{SUFFIX}"
"""What the names of whole parts match."""


@dataclass(frozen=True)
class Parts:
    """The parts in a folder.

    Attributes:
        folder: Where they are.
        versions: Of what they depend on, besides their orders.
    """

    folder: Path
    versions: Mapping[str, str]

    def get(self, order: AnyOrder) -> list[Made] | None:
        """Return what was made of an order; None where nothing was, or it is damaged: then it can be made again.

        Raises:
            UserError: It cannot be read.
        """
        path = self.path(order)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
        try:
            return [_read(document) for document in unpacked(content, str(path), LARGEST)]
        except (UserError, TypeError, KeyError, AttributeError):
            return None

    def put(self, order: AnyOrder, made: list[Made]) -> None:
        """Keep what was made; raises UserError where the folder cannot be written, or the disk is full."""
        path = self.path(order)
        content = packed([_document(item) for item in made])
        with files.whole_path(path) as part, files.told(path):
            part.write_bytes(content)

    def path(self, order: AnyOrder) -> Path:
        """Return the file of what is made of an order, in children or not."""
        answers = json.dumps([repr(replace(order, isolated=False)), dict(self.versions)])
        return self.folder / f"{hashlib.sha256(answers.encode()).hexdigest()}{SUFFIX}"


def _document(made: Made) -> dict[str, Any]:
    return {**asdict(made), "records": [document_of(record) for record in made.records]}


def _read(document: dict[str, Any]) -> Made:
    records = tuple(record_of(record) for record in document["records"])
    made = Made(**{**document, "records": records, "shapes": tuple(document["shapes"])})
    if not all(is_of(getattr(made, name), hint) for name, hint in FLAT.items()):
        raise TypeError("a field of a part is not of its type")
    return made


SECONDS = 300.0
"""For one order of 40 kernels, of which a few are compiled together: five times what it takes on a busy machine."""

ISOLATED_SECONDS = 600.0
"""For one that is made again in children."""

Make = Callable[[Any], list[Made]]


def produced(orders: Iterable[AnyOrder], make: Make, parts: Parts, workers: int) -> Generator[Made]:
    """Make what the orders ask for and give it in order; what ``parts`` has is not made again.

    Raises:
        UserError: Parts cannot be read or written, what is asked for is damaged, or the disk of the temporary files is
            full.
    """
    with Workers(workers, start_worker) as pool:
        tasks = (Task(make_part, (make, order, parts), SECONDS) for order in orders)
        for ending in in_order(tasks, pool):
            yield from _ended(ending)


def make_part(task: tuple[Make, AnyOrder, Parts]) -> list[Made]:
    """Make the part of an order, unless it is there."""
    make, order, parts = task
    made = parts.get(order)
    if made is None:
        made = make(order)
        parts.put(order, made)
    return made


def _ended(ending: Ending) -> list[Made]:
    if not isinstance(ending, Finished):
        demand_room()
    made: list[Made] = value_of(_again_apart(ending.task) if isinstance(ending, Crashed | TimedOut) else ending)
    return made


def _again_apart(task: Task) -> Ending:
    """Make an order again whose process died, with what is native in children."""
    make, order, parts = task.argument
    again = Task(make_part, (make, replace(order, isolated=True), parts), ISOLATED_SECONDS)
    with Workers(1, start_worker) as pool:
        pool.submit(again)
        [ending] = pool.endings()
    return ending
