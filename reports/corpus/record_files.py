"""One file of records, whole or not there at all, in the format that its suffix names; and the shards of a dataset.

How many shards there will be is known only at the end, so they are written under temporary names, and named when all of
them are there: ``data/train-00000-of-00003.jsonl.zst`` and so on, for each split.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from grammar.errors import UserError
from reports.corpus.corpus_records import SPLITS, CorpusRecord, Split
from reports.corpus.encoding import ENCODERS, suffix_of
from reports.corpus.schemas import Schema
from reports.files import PART, new_path, told

MEGABYTE = 2**20


class RecordFile:
    """A file that records are written to.

    Args:
        path: What the file is called in messages; its suffix names the format.
        part: Where it is written.
        schema: What a record's document is.
        megabytes: How large it is when it is full.

    Raises:
        UserError: The folder cannot be written, the disk is full, or a library is missing; so do all methods.
    """

    def __init__(self, path: Path, part: Path, schema: Schema, megabytes: float = math.inf) -> None:
        self.part = part
        self._path = path
        self._schema = schema
        self._limit = megabytes * MEGABYTE
        with told(path):
            self._file = part.open("wb")
        try:
            self._encoder = ENCODERS[suffix_of(path)](self._file, schema)
        except BaseException:  # an interrupt too: nobody else knows of the open file
            self._file.close()
            raise

    @property
    def is_full(self) -> bool:
        """Whether the file has its size; what a compressor still holds back is not counted."""
        return self._file.tell() >= self._limit

    @property
    def share(self) -> float | None:
        """How much of its size the file has, at most 1; None where it has no size at which it ends."""
        return min(self._file.tell() / self._limit, 1.0) if self._limit < math.inf else None

    def write(self, record: CorpusRecord) -> None:
        """Write one record."""
        with told(self._path):
            self._encoder.write(self._schema.document(record))

    def finish(self) -> None:
        """Write what is left, once."""
        if self._file.closed:
            return
        with told(self._path):
            self._encoder.close()
            self._file.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not."""
        if self._file.closed:
            return
        with suppress(OSError):
            self._encoder.close()  # or pyarrow complains when it is collected
        with suppress(OSError):
            self._file.close()


@contextmanager
def record_file(path: Path, schema: Schema) -> Iterator[RecordFile]:
    """Yield a file to write records to, of a name that nothing has; it has that name only once it is complete.

    Raises:
        UserError: As RecordFile does, the suffix names no format, or the name is taken.
    """
    suffix_of(path)
    with new_path(path) as part, unnamed_file(path, part, schema) as file:
        yield file


@contextmanager
def unnamed_file(path: Path, part: Path, schema: Schema, megabytes: float = math.inf) -> Iterator[RecordFile]:
    """Yield a file to write records to that keeps its temporary name, and is finished at the end; raises as RecordFile.

    A megabyte is 2^20 bytes of the file as it lies on the disk, so compressed ones where it is compressed. Since a
    compressor and a row group hold bytes back, a file that is full may end some megabytes above.
    """
    file = RecordFile(path, part, schema, megabytes)
    try:
        yield file
        file.finish()
    finally:
        file.abandon()


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
