"""The shards of a dataset: ``data/train-00000-of-00003.jsonl.zst`` and so on, for each split.

How many there will be is known only at the end, so they are written under temporary names, and named when all of them
are complete. They are the first files of their folder, which is a finished dataset once it has a ``manifest.json``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from grammar.errors import UserError
from reports.corpus.corpus_records import SPLITS, CorpusRecord, Split
from reports.corpus.encoders import ENCODERS
from reports.corpus.record_files import RecordFile
from reports.corpus.schemas import Schema
from reports.files import PART, told

DATA = "data"
"""The folder of the shards, in that of the dataset."""

MANIFEST = "manifest.json"
"""What is written last: a dataset without it is unfinished."""

RECORDS = 10_000
"""Records of a full shard: some 400 MB of text, and below the 500 MB that Hugging Face makes its shards of."""


@dataclass(frozen=True)
class Shard:
    """A complete shard.

    Attributes:
        path: Where it is, relative to the folder of the dataset.
        split: Whose records it has.
        records: How many.
    """

    path: str
    split: Split
    records: int


class Shards:
    """The shards that are being written: ``parts`` are their files, ``complete`` holds them once they have names."""

    def __init__(self, folder: Path, schema: Schema, suffix: str) -> None:
        self.complete: tuple[Shard, ...] = ()
        self._folder = folder
        self._schema = schema
        self._suffix = suffix
        self._open: dict[Split, RecordFile] = {}
        self._counts: dict[Split, int] = dict.fromkeys(SPLITS, 0)
        ENCODERS[suffix](BytesIO(), schema)  # a library that is missing is told before the first record is made

    def write(self, record: CorpusRecord) -> None:
        """Write a record to the shard of its split.

        Raises:
            UserError: The folder cannot be written, the disk is full, or a library is missing.
        """
        split = record.split
        if self._counts[split] % RECORDS == 0:
            self._finish(split)
            self._open[split] = self._new(split)
        self._open[split].write(record)
        self._counts[split] += 1

    def _new(self, split: Split) -> RecordFile:
        with told(self._folder):
            (self._folder / DATA).mkdir(parents=True, exist_ok=True)
        name = self._temporary(split, self._counts[split] // RECORDS)
        return RecordFile(self._folder / DATA / f"{split}{self._suffix}", name, self._schema)

    def _finish(self, split: Split) -> None:
        if split in self._open:
            self._open[split].finish()
            del self._open[split]

    def _temporary(self, split: Split, number: int) -> Path:
        return self._folder / DATA / f".{split}-{number:05d}{self._suffix}{PART}"

    @property
    def parts(self) -> list[Path]:
        """The files as they are called until :meth:`settle`."""
        return [self._temporary(split, number) for split in SPLITS for number in range(self._total(split))]

    def finish(self) -> None:
        """Write what is left; no record can follow."""
        for split in SPLITS:
            self._finish(split)

    def settle(self) -> None:
        """Finish, and give all shards their names."""
        if not any(self._counts.values()):
            raise UserError(f"no record was written, so {self._folder} would hold an empty dataset")
        self.finish()
        with told(self._folder):
            self.complete = tuple(shard for split in SPLITS for shard in self._named(split))

    def _named(self, split: Split) -> Iterator[Shard]:
        records, total = self._counts[split], self._total(split)
        for number in range(total):
            path = f"{DATA}/{split}-{number:05d}-of-{total:05d}{self._suffix}"
            self._temporary(split, number).rename(self._folder / path)
            yield Shard(path, split, min(RECORDS, records - number * RECORDS))

    def _total(self, split: Split) -> int:
        return -(-self._counts[split] // RECORDS)

    def abandon(self) -> None:
        """Let go of all files, and remove those without a name."""
        for file in self._open.values():
            file.abandon()
        for split in SPLITS:
            for part in (self._folder / DATA).glob(f".{split}-*{PART}"):
                with suppress(OSError):
                    part.unlink()


@contextmanager
def sharded(folder: Path, schema: Schema, suffix: str) -> Iterator[Shards]:
    """Yield the shards of a dataset's folder to write records to.

    Args:
        folder: The folder of the dataset, which has no shards yet.
        schema: What a record's document is.
        suffix: One of ENCODERS' suffixes.

    Raises:
        UserError: The folder cannot be written, the disk is full, a library is missing, or there was no record.
    """
    shards = Shards(folder, schema, suffix)
    try:
        yield shards
        shards.settle()
    finally:
        shards.abandon()
