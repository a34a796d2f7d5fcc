from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from reports.corpus.schemas import SCHEMAS
from tests.reports.corpus.corpus_records import dataset


def croissant(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    return document


def fields(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["@id"]: field for field in document["recordSet"][0]["field"]}


def test_every_shard_has_its_checksum(tmp_path: Path) -> None:
    document = croissant(dataset(tmp_path))
    *shards, file_set = document["distribution"]
    assert [shard["contentUrl"] for shard in shards] == [
        "data/train-00000-of-00001.jsonl",
        "data/validation-00000-of-00001.jsonl",
        "data/test-00000-of-00001.jsonl",
    ]
    for shard in shards:
        content = (tmp_path / shard["contentUrl"]).read_bytes()
        assert shard["sha256"] == hashlib.sha256(content).hexdigest()
        assert shard["contentSize"] == f"{len(content)} B"
    assert (file_set["includes"], file_set["encodingFormat"]) == ("data/*.jsonl", "application/jsonlines")


def test_fields_have_types(tmp_path: Path) -> None:
    found = fields(croissant(dataset(tmp_path)))
    assert found["records/bound"]["dataType"] == "sc:Float"
    assert found["records/grad_verified"]["dataType"] == "sc:Boolean"
    assert found["records/builtins"]["repeated"] is True
    assert found["records/split"]["source"]["transform"] == {"regex": r"data/(\w+)-.+$"}


def test_a_licence_is_a_page_or_the_word_that_nothing_is_known(tmp_path: Path) -> None:
    assert croissant(dataset(tmp_path))["license"] == ["https://spdx.org/licenses/Apache-2.0", "NOASSERTION"]


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst", ".parquet"])
def test_the_reference_library_finds_no_mistake(schema: str, suffix: str, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="in the extra dev")
    dataset(tmp_path, schema, suffix)
    issues = mlcroissant.Dataset(str(tmp_path / "croissant.json")).metadata.issues
    assert issues.errors == set()
    assert sorted(warning.partition('Property "')[2].partition('"')[0] for warning in issues.warnings) == [
        "http://mlcommons.org/croissant/citeAs",
        "https://schema.org/datePublished",
    ], "both would differ from one export to the next"


COMPRESSED = pytest.param(
    ".jsonl.zst", marks=pytest.mark.xfail(strict=True, reason="mlcroissant 1.1 unpacks gzip, zip and tar, but not zstd")
)


@pytest.mark.parametrize("suffix", [".jsonl", COMPRESSED, ".parquet"])
def test_the_reference_library_reads_the_records(suffix: str, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant", reason="in the extra dev")
    dataset(tmp_path, "pair", suffix)
    records = list(mlcroissant.Dataset(str(tmp_path / "croissant.json")).records("records"))
    assert sorted(
        (record["records/split"], record["records/metadata"]["records/metadata/device"]) for record in records
    ) == [(b"test", b"cpu"), (b"train", b"cpu"), (b"train", b"cuda"), (b"validation", b"cpu")]
