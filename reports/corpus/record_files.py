"""One file of records: whole or not there at all, in the format that its suffix names."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reports.corpus.corpus_records import CorpusRecord
from reports.corpus.encoders import ENCODERS, suffix_of
from reports.corpus.schemas import Schema
from reports.files import new_path, told

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
