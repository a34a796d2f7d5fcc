"""One file of records: whole or not there at all, in the format that its suffix names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reports.corpus.encoders import ENCODERS, suffix_of
from reports.corpus.records import CorpusRecord
from reports.corpus.schemas import Schema
from reports.files import told, whole_path

MEGABYTE = 2**20

Offer = Callable[[CorpusRecord], bool]
"""Offers a record to a file; says whether the file takes another one."""


class RecordFile:
    """A file that records are written to.

    Args:
        path: What the file is called in messages; its suffix names the format.
        part: Where it is written.
        schema: What a record's document is.

    Raises:
        UserError: The folder cannot be written, the disk is full, or a library is missing; so do all methods.
    """

    def __init__(self, path: Path, part: Path, schema: Schema) -> None:
        self._path = path
        self._schema = schema
        with told(path):
            self._file = part.open("wb")
        try:
            self._encoder = ENCODERS[suffix_of(path)](self._file, schema)
        except BaseException:  # an interrupt too: nobody else knows of the open file
            self._file.close()
            raise

    @property
    def size(self) -> int:
        """The bytes that the file has so far; what a compressor still holds back is not counted."""
        return self._file.tell()

    def write(self, record: CorpusRecord) -> None:
        """Write one record."""
        with told(self._path):
            self._encoder.write(self._schema.document(record))

    def finish(self) -> None:
        """Write what is left."""
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
    """Give a file to write records to; it has its name only once it is complete.

    Raises:
        UserError: As RecordFile does, or the suffix names no format; an older file is as it was.
    """
    suffix_of(path)
    with whole_path(path) as part:
        file = RecordFile(path, part, schema)
        try:
            yield file
            file.finish()
        finally:
            file.abandon()


@contextmanager
def limited_file(path: Path, schema: Schema, megabytes: float) -> Iterator[Offer]:
    """Give a function that offers records to a file of limited size; raises as :func:`record_file` does.

    A megabyte is 2^20 bytes of the file as it lies on the disk, so compressed ones where it is compressed. The first
    record that brings the file to its limit is its last; later ones are not written. Since a compressor and a row group
    hold bytes back, such a file may end some megabytes above.
    """
    with record_file(path, schema) as file:

        def offer(record: CorpusRecord) -> bool:
            if file.size < megabytes * MEGABYTE:
                file.write(record)
            return file.size < megabytes * MEGABYTE

        yield offer
