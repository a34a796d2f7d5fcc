from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grammar.errors import UserError
from reports.corpus.corpus_records import CorpusRecord, record_of
from reports.corpus.encoding import ROWS
from reports.corpus.record_files import MEGABYTE, record_file, unnamed_file
from reports.corpus.schemas import SCHEMAS, Schema
from tests.reports.corpus.corpus_records import CPU, RECORDS, UNVERIFIED

FULL = SCHEMAS["full"]
SUFFIXES = (".jsonl", ".jsonl.zst", ".parquet")


def written(path: Path, schema: Schema = FULL, records: Iterable[CorpusRecord] = RECORDS) -> bytes:
    with record_file(path, schema) as file:
        for record in records:
            file.write(record)
    return path.read_bytes()


def interrupted() -> Iterator[CorpusRecord]:
    yield CPU
    raise KeyboardInterrupt


def test_json_lines_hold_a_document_each(tmp_path: Path) -> None:
    lines = written(tmp_path / "k.jsonl").decode("ascii").splitlines()
    assert tuple(record_of(json.loads(line)) for line in lines) == RECORDS


def test_a_line_stays_a_line_whatever_its_text_holds(tmp_path: Path) -> None:
    record = replace(CPU, python_source="# \u2028 \x85 \u00e4\r\n\n")
    (line,) = written(tmp_path / "k.jsonl", records=(record,)).decode("ascii").splitlines()
    assert record_of(json.loads(line)) == record


def test_compressed_lines_are_the_same_lines(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="in the extra corpus")
    compressed = written(tmp_path / "k.jsonl.zst")
    lines = zstandard.ZstdDecompressor().decompressobj().decompress(compressed)
    assert lines == written(tmp_path / "k.jsonl")


def test_parquet_has_a_type_for_each_column(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="in the extra parquet")
    written(tmp_path / "k.parquet", records=(UNVERIFIED,))
    table = parquet.read_table(tmp_path / "k.parquet")
    types = {field.name: (str(field.type), field.nullable) for field in table.schema}
    assert types["id"] == ("string", False)
    assert types["bound"] == ("double", True)
    assert types["grad_verified"] == ("bool", False)
    assert types["seed"] == ("int64", False)
    assert types["verified_by"] == ("list<element: string>", False)
    assert [record_of(document) for document in table.to_pylist()] == [UNVERIFIED]
    assert parquet.ParquetFile(tmp_path / "k.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_parquet_keeps_the_arguments_of_codegen_as_json(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="in the extra parquet")
    written(tmp_path / "k.parquet", SCHEMAS["codegen"])
    (first, *_) = parquet.read_table(tmp_path / "k.parquet").to_pylist()
    assert json.loads(first["arg_types"]) == {"a0": "wp.array[wp.float32]", "s0": "float"}
    assert first["warp_metadata"]["mangled_name"] == "k0_1234abcd"


def test_parquet_is_written_in_row_groups(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="in the extra parquet")
    written(tmp_path / "k.parquet", records=(CPU,) * (2 * ROWS + 1))
    metadata = parquet.ParquetFile(tmp_path / "k.parquet").metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [ROWS, ROWS, 1]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_records_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    assert written(tmp_path / f"a{suffix}") == written(tmp_path / "other" / f"b{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_an_interrupt_leaves_nothing(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / f"k{suffix}", records=interrupted())
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_taken_is_one_sentence_and_what_has_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "k.jsonl"
    path.write_bytes(b"older")
    with pytest.raises(UserError, match=r"k\.jsonl exists already, and nothing is replaced: remove it or choose"):
        written(path)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(path.name, b"older")]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f".k{suffix}.part").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"k\.\S+ cannot be written: No space left on device; make room"):
        written(tmp_path / f"k{suffix}", records=RECORDS * 100)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"k\.jsonl cannot be written: (Not a directory|File exists); make room"):
        written(tmp_path / "file" / "k.jsonl")


def test_an_unknown_suffix_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"k\.json names no format: let it end in \.jsonl, \.jsonl\.zst, \.parquet$"):
        written(tmp_path / "k.json")


@pytest.mark.parametrize(
    ("suffix", "library", "sentence"),
    [
        (".parquet", "pyarrow", r"writing Parquet needs pyarrow: install it with pip install 'warpsmith\[parquet\]'"),
        (".jsonl.zst", "zstandard", r"writing \.zst needs zstandard: install it with .*'warpsmith\[corpus\]'"),
    ],
)
def test_a_missing_library_is_one_sentence(
    suffix: str, library: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UserError, match=sentence):
        written(tmp_path / f"k{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_full_with_the_record_that_reaches_the_limit(tmp_path: Path) -> None:
    line = len(written(tmp_path / "one.jsonl", records=(CPU,)))
    part = tmp_path / ".k.jsonl.part"
    with unnamed_file(tmp_path / "k.jsonl", part, FULL, 2.5 * line / MEGABYTE) as file:
        while not file.is_full:
            file.write(CPU)
    assert part.stat().st_size == 3 * line


def test_the_limit_of_a_compressed_file_counts_compressed_bytes(tmp_path: Path) -> None:
    pytest.importorskip("zstandard", reason="in the extra corpus")
    count = 0
    part = tmp_path / ".k.jsonl.zst.part"
    with unnamed_file(tmp_path / "k.jsonl.zst", part, FULL, 1 / 1024) as file:
        while not file.is_full:
            count += 1
            file.write(replace(CPU, id=f"{count:064x}"))
    assert count * len(CPU.python_source) > 20 * 1024
    assert part.stat().st_size >= 1024
