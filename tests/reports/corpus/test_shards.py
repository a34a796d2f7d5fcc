from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from reports.corpus import record_files as module
from reports.corpus.corpus_records import CorpusRecord, record_of
from reports.corpus.encoding import documents
from reports.corpus.record_files import Shard, sharded
from reports.corpus.schemas import SCHEMAS
from tests.reports.corpus.corpus_records import CPU, RECORDS, UNVERIFIED

FULL = SCHEMAS["full"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "data").iterdir())


def write_some(folder: Path, records: Iterable[CorpusRecord], suffix: str = ".jsonl") -> tuple[Shard, ...]:
    with sharded(folder, FULL, suffix) as shards:
        for record in records:
            shards.write(record)
    return shards.complete


def interrupted() -> Iterator[CorpusRecord]:
    yield CPU
    raise KeyboardInterrupt


def test_each_split_has_its_shards(tmp_path: Path) -> None:
    assert write_some(tmp_path, RECORDS) == (
        Shard("data/train-00000-of-00001.jsonl", "train", 2),
        Shard("data/validation-00000-of-00001.jsonl", "validation", 1),
        Shard("data/test-00000-of-00001.jsonl", "test", 1),
    )
    assert names(tmp_path) == [
        "test-00000-of-00001.jsonl",
        "train-00000-of-00001.jsonl",
        "validation-00000-of-00001.jsonl",
    ]


def test_a_full_shard_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS", 2)
    shards = write_some(tmp_path, [replace(CPU, index=index) for index in range(5)])
    assert [(shard.path, shard.records) for shard in shards] == [
        ("data/train-00000-of-00003.jsonl", 2),
        ("data/train-00001-of-00003.jsonl", 2),
        ("data/train-00002-of-00003.jsonl", 1),
    ]
    lines = [line for shard in shards for line in (tmp_path / shard.path).read_text().splitlines()]
    assert [json.loads(line)["index"] for line in lines] == [0, 1, 2, 3, 4]


def test_until_the_end_no_shard_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECORDS", 1)
    with sharded(tmp_path, FULL, ".jsonl") as shards:
        shards.write(CPU)
        shards.write(CPU)
        shards.write(UNVERIFIED)
        assert names(tmp_path) == [".test-00000.jsonl.part", ".train-00000.jsonl.part", ".train-00001.jsonl.part"]


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst", ".parquet"])
def test_finished_shards_can_be_read_before_they_have_their_names(suffix: str, tmp_path: Path) -> None:
    with sharded(tmp_path, FULL, suffix) as shards:
        for record in RECORDS:
            shards.write(record)
        shards.finish()
        assert {record_of(document) for path in shards.parts for document in documents(path)} == set(RECORDS)
    assert len(shards.complete) == 3


def test_an_interrupt_leaves_no_shard(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_some(tmp_path, interrupted())
    assert names(tmp_path) == []


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst", ".parquet"])
def test_a_full_disk_is_one_sentence_and_leaves_no_shard(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / f".train-00000{suffix}.part").symlink_to("/dev/full")
    sentence = r"data/train\.\S+ cannot be written: No space left on device; make room"
    with pytest.raises(UserError, match=sentence):
        write_some(tmp_path, [CPU] * 600, suffix)
    assert names(tmp_path) == []


def test_a_disk_that_takes_no_names_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(UserError, match="cannot be written: No space left on device"):
        write_some(tmp_path, [CPU])


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="file cannot be written: Not a directory; make room"):
        write_some(tmp_path / "file", [CPU])


def test_no_record_at_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no record was written, so \S+ would hold an empty dataset"):
        write_some(tmp_path / "empty", [])
    assert not (tmp_path / "empty").exists()
