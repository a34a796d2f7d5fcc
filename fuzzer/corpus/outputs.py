"""The files of an export, written under temporary names: see :mod:`fuzzer.corpus.unfinished` for the others."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from fuzzer.corpus.rereading import Draw
from fuzzer.corpus.unfinished import Unfinished
from reports.corpus.corpus_records import CorpusRecord, Device
from reports.corpus.record_files import RecordFile, unnamed_file
from reports.corpus.schemas import schema_of
from reports.corpus.shards import Shards, sharded
from reports.files import json_text, part_of, told

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
