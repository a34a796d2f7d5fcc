"""An export until it is finished: a hidden folder that says what it is of and keeps what was made so far.

The folder stands in that of the dataset, or beside the first file. It has

- ``export.json``, written first: the settings, so that only the same export goes on in it;
- the parts (:mod:`fuzzer.corpus.production`);
- ``dataset``: the dataset while it is written;
- ``complete.json``, once everything is written and has passed the gates: the statistics. From then on all that is left
  to do is to give everything its name, which another call does where this one cannot.

So a target has to be new, or hold what this export itself has named.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzzer.corpus.gates import Draw
from fuzzer.corpus.production import PATTERN, Parts
from fuzzer.corpus.request import Request
from grammar.errors import UserError
from reports import files
from reports.corpus.corpus_records import CorpusRecord, Device
from reports.corpus.dataset import ENTRIES
from reports.corpus.record_files import MANIFEST, RecordFile, Shards, sharded, unnamed_file
from reports.corpus.schemas import schema_of
from reports.files import json_text, part_of, told

MARKER = "export.json"
COMPLETE = "complete.json"
DATASET = "dataset"

FREE = ("count", "target_mb")
"""Settings that may differ from those that an export began with, until it is complete: how much is made."""


@dataclass(frozen=True)
class Unfinished:
    """The folder of an export, which this process holds."""

    request: Request

    @property
    def folder(self) -> Path:
        """Where it is."""
        return self.request.parts

    @property
    def dataset(self) -> Path:
        """Where the dataset is written."""
        return self.folder / DATASET

    @property
    def parts(self) -> Parts:
        """What workers have made."""
        return Parts(self.folder, self.request.versions)

    @property
    def statistics(self) -> dict[str, Any] | None:
        """Those of an export that is complete but for its names; None where it is not."""
        if not _is_complete(self.request):
            return None
        statistics: dict[str, Any] = files.read_json(self.folder / COMPLETE)
        return statistics

    def complete(self, statistics: dict[str, Any]) -> None:
        """Note that everything is written and has passed the gates."""
        files.write_json(self.folder / COMPLETE, statistics)

    def give_names(self) -> None:
        """Return everything its name, the manifest last, and remove the folder; raises UserError where one is taken."""
        for part, path in _names(self.request):
            if os.path.lexists(part):
                files.take_name(part, path)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def unfinished(request: Request) -> Iterator[Unfinished]:
    """Yield the folder of an export, a new one or that of an interrupted one, and leave none that has nothing made.

    Raises:
        UserError: A target is taken, or the folder is of another export, or cannot be written; nothing was touched.
            Or another process writes it.
    """
    _demand_free(request)
    is_new = not os.path.lexists(request.parts.parent)
    with files.told(request.parts):
        request.parts.mkdir(parents=True, exist_ok=True)
    with files.locked(request.parts):
        _demand_free(request)
        try:
            files.write_json(request.parts / MARKER, _claim(request))
            _sweep(request)
            yield Unfinished(request)
        finally:
            _sweep(request)
            _remove_empty(request, is_new)


def _demand_free(request: Request) -> None:
    """Raise UserError where anything that is there is not of this export."""
    named = {path for part, path in _names(request) if not os.path.lexists(part)} if _is_complete(request) else set()
    if request.out is not None:
        manifest = request.out / MANIFEST
        if os.path.lexists(manifest) and manifest not in named:
            raise UserError(f"{request.out} holds a finished dataset, and it stays as it is: choose another folder")
        files.demand_empty(request.out, {request.parts.name, *(path.name for path in named)})
    for path in request.files:
        if path not in named:
            files.demand_new(path)
    _demand_same(request)


def _demand_same(request: Request) -> None:
    """Raise UserError where the folder is that of another export, or none of ours."""
    folder, marker = request.parts, request.parts / MARKER
    if not os.path.lexists(marker):
        files.demand_empty(folder, {files.part_of(marker).name})
        return
    stored, claim = files.read_json(marker), _claim(request)
    free = () if _is_complete(request) else FREE
    for name in claim:
        there = stored.get(name) if isinstance(stored, dict) else None
        if there != claim[name] and name not in free:
            raise UserError(
                f"{folder} keeps an unfinished export of other settings ({name}: {there}, now {claim[name]}): go on"
                " with those, remove it, or choose another place"
            )


def _claim(request: Request) -> dict[str, Any]:
    """Return the settings that tell an export from others, and how its files are called."""
    beside = request.parts.parent.absolute()
    names = [os.path.relpath(path.absolute(), beside) for path in request.files]
    return {**request.settings, "schema": request.schema, "format": request.suffix, "files": names}


def _is_complete(request: Request) -> bool:
    return os.path.exists(request.parts / COMPLETE)  # which a folder that is closed to us has not


def _names(request: Request) -> list[tuple[Path, Path]]:
    """Return where everything is written, and the name that it takes."""
    of_files = [(files.part_of(path), path) for path in request.files]
    if request.out is None:
        return of_files
    return [*of_files, *((request.parts / DATASET / name, request.out / name) for name in ENTRIES)]


def _remove_empty(request: Request, is_new: bool) -> None:
    """Remove the folder where nothing was made, and then also the one that it stands in where that ``is_new``."""
    if _is_complete(request) or any(request.parts.glob(PATTERN)):
        return
    shutil.rmtree(request.parts, ignore_errors=True)
    if is_new:
        with suppress(OSError):  # it has something in it
            request.parts.parent.rmdir()


def _sweep(request: Request) -> None:
    """Remove what no call could go on with."""
    if _is_complete(request):
        return
    shutil.rmtree(request.parts / DATASET, ignore_errors=True)
    leftovers = [*request.parts.glob(f".*{files.PART}"), *map(files.part_of, request.files)]
    for path in leftovers:
        with suppress(OSError):
            path.unlink()


WHOLE = "full"
"""The schema that has all of a record."""

DRAWN = "drawn.jsonl"
"""The file of the whole records that are drawn for the gates, in the folder of the unfinished export."""


class Outputs:
    """The files that records are written to, which are complete once the stack is left without an exception.

    Args:
        unfinished: The export.
        stack: What closes them.

    Raises:
        UserError: A file cannot be written, or a library is missing; so do all methods.
    """

    def __init__(self, unfinished: Unfinished, stack: ExitStack) -> None:
        request = unfinished.request
        schema = schema_of(request.schema)
        for path in request.files:
            with told(path):  # better known before the first record is made
                path.parent.mkdir(parents=True, exist_ok=True)
                part_of(path).touch()
        self.shards: Shards | None = None
        if request.out is not None:
            self.shards = stack.enter_context(sharded(unfinished.dataset, schema, request.suffix))
        self._files: dict[Device, RecordFile] = {
            device: stack.enter_context(unnamed_file(target.path, part_of(target.path), schema, target.megabytes))
            for device, target in request.targets.items()
        }
        self._drawn: RecordFile | None = None
        if schema.name != WHOLE:
            drawn = unfinished.folder / DRAWN
            self._drawn = stack.enter_context(unnamed_file(drawn, part_of(drawn), schema_of(WHOLE)))
        self._draw = Draw(request.source)
        self._statistics = request.stats_out

    @property
    def are_full(self) -> bool:
        """Whether no file takes another record."""
        return self.shards is None and all(file.is_full for file in self._files.values())

    @property
    def are_limited(self) -> bool:
        """Whether it is the size of files that ends the export."""
        return self.shards is None and all(file.share is not None for file in self._files.values())

    @property
    def percent(self) -> int:
        """How much of the size of limited files is written."""
        shares = [file.share or 0.0 for file in self._files.values()]
        return int(100 * sum(shares) / len(shares))

    def write(self, record: CorpusRecord) -> bool:
        """Write a record to the files that take it; says whether there was one."""
        takers = self._takers(record.device)
        for taker in takers:
            taker.write(record)
        if takers and self._drawn is not None and self._draw(record.id, record.split):
            self._drawn.write(record)
        return bool(takers)

    def _takers(self, device: Device) -> list[Shards | RecordFile]:
        file = self._files.get(device)
        takers: list[Shards | RecordFile] = [] if file is None or file.is_full else [file]
        return takers if self.shards is None else [self.shards, *takers]

    def finish(self) -> None:
        """Write what is left of the records; no other can follow."""
        for file in (self.shards, *self._files.values(), self._drawn):
            if file is not None:
                file.finish()

    @property
    def parts(self) -> list[Path]:
        """The files of the export, as they are called until the stack is left."""
        shards = self.shards.parts if self.shards is not None else []
        return [*shards, *(file.part for file in self._files.values())]

    @property
    def whole(self) -> list[Path]:
        """The files that have whole records: all of them, or those that are drawn for the gates."""
        return self.parts if self._drawn is None else [self._drawn.part]

    def write_statistics(self, document: dict[str, Any]) -> None:
        """Write the file of the statistics, where there is to be one."""
        if self._statistics is not None:
            with told(self._statistics):
                part_of(self._statistics).write_text(json_text(document), encoding="utf-8")
