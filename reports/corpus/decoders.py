"""Documents read back from a finished file of records, one at a time, whatever its format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from grammar.errors import UserError
from reports.corpus.encoders import suffix_of
from reports.corpus.extras import imported
from reports.files import LARGEST, PART, parsed

Documents = Iterator[dict[str, Any]]


def documents(path: Path) -> Documents:
    """Yield the documents of a file, also of one that is complete and still has its temporary name.

    Raises:
        UserError: The file cannot be read, a document in it is none or larger than LARGEST, or a library is missing.
    """
    read = READERS[suffix_of(path.with_name(path.name.removesuffix(PART)))]
    try:
        yield from read(path)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from error


def _lines(path: Path) -> Documents:
    with path.open(encoding="ascii") as file:
        yield from _read(file)


def _compressed_lines(path: Path) -> Documents:
    zstandard = imported("zstandard", "corpus", "reading .zst")
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            yield from _read(io.TextIOWrapper(stream, encoding="ascii"))
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _read(lines: TextIO) -> Documents:
    """Read a document from each line, however much a compressed one becomes."""
    while line := lines.readline(LARGEST + 1):
        if len(line) > LARGEST:
            raise ValueError(f"a line is larger than {LARGEST >> 20} MiB")
        yield parsed(line)


def _parquet(path: Path) -> Documents:
    table = imported("pyarrow.parquet", "parquet", "reading Parquet").ParquetFile(path)
    for batch in table.iter_batches(batch_size=64):
        yield from batch.to_pylist()


READERS: Mapping[str, Callable[[Path], Documents]] = {
    ".jsonl": _lines,
    ".jsonl.zst": _compressed_lines,
    ".parquet": _parquet,
}
"""By the suffix of the file, as ENCODERS."""
