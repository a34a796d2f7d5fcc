"""Documents as bytes: JSON lines, plain or compressed with zstd, and Parquet.

An encoder writes to an open file and leaves it open. The bytes follow from the documents, their order, and the versions
of the libraries alone; memory holds one document, or one row group of Parquet.

Documents are read back from a finished file one at a time, whatever its format.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Protocol, TextIO

from grammar.errors import UserError
from reports.corpus.schemas import Fields, Kind, Schema
from reports.files import LARGEST, PART, parsed


def imported(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a module of a library that stands in an extra; raises UserError, which names the extra, if it is missing.

    Args:
        module: The module to import, such as ``pyarrow.parquet``.
        extra: The extra of warpsmith that brings it.
        purpose: What cannot be done without it, as the beginning of a sentence.
    """
    library = module.partition(".")[0]
    try:
        import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise UserError(f"{purpose} needs {library}: install it with pip install 'warpsmith[{extra}]'") from error
    return import_module(module)


LEVEL = 5  # of zstd's 22: 190 MB/s, and code becomes a fifteenth; level 9 takes four times as long for an eighth less
ROWS = 256  # of a row group: some 10 MB, as a row is some 40 kB


class Encoder(Protocol):
    """Writes documents to a file."""

    def write(self, document: dict[str, Any]) -> None:
        """Write a document, now or later."""

    def close(self) -> None:
        """Write what is left; the file stays open."""


class Lines:
    """One JSON document a line, in ASCII, so that every reader sees the same lines."""

    def __init__(self, file: BinaryIO, schema: Schema) -> None:
        self._file = file

    def write(self, document: dict[str, Any]) -> None:
        self._file.write(json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n")

    def close(self) -> None:
        self._file.flush()


class CompressedLines:
    """The same lines as one frame of zstd."""

    def __init__(self, file: BinaryIO, schema: Schema) -> None:
        zstandard = imported("zstandard", "corpus", "writing .zst")
        self._stream = zstandard.ZstdCompressor(level=LEVEL).stream_writer(file, closefd=False)
        self._lines = Lines(self._stream, schema)

    def write(self, document: dict[str, Any]) -> None:
        self._lines.write(document)

    def close(self) -> None:
        self._stream.close()


class Parquet:
    """A table with a type for each column, compressed with zstd, in row groups of ROWS."""

    def __init__(self, file: BinaryIO, schema: Schema) -> None:
        self._pyarrow = imported("pyarrow", "parquet", "writing Parquet")
        self._schema = arrow_schema(schema)
        self._writer = imported("pyarrow.parquet", "parquet", "writing Parquet").ParquetWriter(
            file, self._schema, compression="zstd"
        )
        self._objects = [name for name, kind in schema.fields.items() if kind == "object"]
        self._rows: list[dict[str, Any]] = []

    def write(self, document: dict[str, Any]) -> None:
        self._rows.append(document | {name: json.dumps(document[name]) for name in self._objects})
        if len(self._rows) == ROWS:
            self._write_group()

    def close(self) -> None:
        if self._rows:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        rows, self._rows = self._rows, []
        self._writer.write_batch(self._pyarrow.RecordBatch.from_pylist(rows, schema=self._schema))


def arrow_schema(schema: Schema) -> Any:
    """Return the ``pyarrow.Schema`` of a schema.

    Only a ``number`` may be null. An ``object`` is its JSON text: its names differ from record to record.

    Raises:
        UserError: pyarrow is not installed.
    """
    pyarrow = imported("pyarrow", "parquet", "writing Parquet")
    return pyarrow.schema(_arrow_fields(pyarrow, schema.fields))


def _arrow_fields(pyarrow: Any, fields: Fields) -> list[Any]:
    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "texts": pyarrow.list_(pyarrow.string()),
        "object": pyarrow.string(),
    }

    def type_of(kind: Kind | Fields) -> Any:
        return pyarrow.struct(_arrow_fields(pyarrow, kind)) if isinstance(kind, Mapping) else types[kind]

    return [pyarrow.field(name, type_of(kind), nullable=kind == "number") for name, kind in fields.items()]


ENCODERS: Mapping[str, Callable[[BinaryIO, Schema], Encoder]] = {
    ".jsonl": Lines,
    ".jsonl.zst": CompressedLines,
    ".parquet": Parquet,
}
"""By the suffix of the file."""


def suffix_of(path: Path) -> str:
    """Return the one of ENCODERS' suffixes that a file has; raises UserError where it has none of them."""
    for suffix in ENCODERS:
        if path.name.endswith(suffix):
            return suffix
    raise UserError(f"{path} names no format: let it end in {', '.join(ENCODERS)}")


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
