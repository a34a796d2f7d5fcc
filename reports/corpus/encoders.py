"""Documents as bytes: JSON lines, plain or compressed with zstd, and Parquet.

An encoder writes to an open file and leaves it open. The bytes follow from the documents, their order, and the versions
of the libraries alone; memory holds one document, or one row group of Parquet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from grammar.errors import UserError
from reports.corpus.extras import imported
from reports.corpus.schemas import Fields, Kind, Schema

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
