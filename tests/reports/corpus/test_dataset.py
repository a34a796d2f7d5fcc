from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from reports.corpus.corpus_records import SPLITS, record_of
from reports.corpus.dataset import ENTRIES
from reports.corpus.schemas import SCHEMAS
from tests.reports.corpus.corpus_records import CPU, CUDA, RECORDS, SOURCE, contents, dataset

SUFFIXES = (".jsonl", ".jsonl.zst", ".parquet")
SWEEP = replace(CPU, id="b0" * 32, split="sweep", category="sweep")
COMPOSITION = replace(CUDA, id="a0" * 32, split="composition", max_deviation=None, bound=None, features=())

Load = Callable[[Path], Any]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    for name, value in {"HF_HOME": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}.items():
        monkeypatch.setenv(name, value)
    datasets = pytest.importorskip("datasets", reason="in the extra dev")
    cache = str(tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_MODULES_CACHE", cache)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", Path(cache))
    return lambda folder: datasets.load_dataset(str(folder), cache_dir=cache)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_datasets_loads_every_split(suffix: str, tmp_path: Path, load: Load) -> None:
    records = (*RECORDS, COMPOSITION, SWEEP)
    loaded = load(dataset(tmp_path / "corpus", suffix=suffix, records=records))
    assert tuple(loaded) == SPLITS
    assert {record_of(document) for split in loaded.values() for document in split} == set(records)


@pytest.mark.parametrize("schema", ["pair", "codegen"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_datasets_loads_the_older_schemas(schema: str, suffix: str, tmp_path: Path, load: Load) -> None:
    loaded = load(dataset(tmp_path / "corpus", schema, suffix))
    assert list(loaded["train"]) == [SCHEMAS[schema].document(CPU), SCHEMAS[schema].document(CUDA)]


def test_the_card_loads_it_as_it_says(tmp_path: Path, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    folder = dataset(tmp_path / "corpus")
    code = (folder / "README.md").read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    capsys.readouterr()
    exec(code.replace("path/to/this/folder", str(folder)), {})
    assert capsys.readouterr().out == f"{SOURCE}\n"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_records_give_the_same_folder(suffix: str, tmp_path: Path) -> None:
    first = contents(dataset(tmp_path / "first", suffix=suffix))
    assert first == contents(dataset(tmp_path / "elsewhere" / "second", suffix=suffix))
    assert not any(str(tmp_path).encode() in content for content in first.values())


def test_the_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    dataset(tmp_path)
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_a_dataset_consists_of_these_entries(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    assert {path.name for path in dataset(tmp_path).iterdir()} == set(ENTRIES)
    assert ENTRIES[-1] == "manifest.json"


def test_the_manifest_names_every_other_file(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    files = contents(dataset(tmp_path))
    manifest = json.loads(files.pop("manifest.json"))
    assert (manifest["format"], manifest["schema"], manifest["records"]) == ("warpsmith corpus 1", "full", 4)
    assert manifest["settings"] == {"seed": 7}
    assert list(manifest["versions"]) == ["warpsmith", "warp", "matplotlib"]
    assert {file["path"]: (file["bytes"], file["sha256"]) for file in manifest["files"]} == {
        path: (len(content), hashlib.sha256(content).hexdigest()) for path, content in files.items()
    }
    assert [(file["path"], file["split"], file["records"]) for file in manifest["files"] if "split" in file] == [
        ("data/train-00000-of-00001.jsonl", "train", 2),
        ("data/validation-00000-of-00001.jsonl", "validation", 1),
        ("data/test-00000-of-00001.jsonl", "test", 1),
    ]


@pytest.mark.parametrize(("suffix", "library"), [(".parquet", "pyarrow"), (".jsonl.zst", "zstandard")])
def test_the_manifest_names_the_library_that_wrote_the_shards(suffix: str, library: str, tmp_path: Path) -> None:
    pytest.importorskip(library, reason="in an extra")
    dataset(tmp_path, suffix=suffix)
    assert library in json.loads((tmp_path / "manifest.json").read_text())["versions"]


def test_the_statistics_are_a_file(tmp_path: Path) -> None:
    dataset(tmp_path, dropped={"exact": 2})
    statistics = json.loads((tmp_path / "dataset_stats.json").read_text())
    assert (statistics["records"], statistics["dropped"]) == (4, {"exact": 2})


@pytest.mark.parametrize("last", ["croissant.json", "README.md", "SHA256SUMS", "manifest.json"])
def test_a_disk_that_fills_up_leaves_no_manifest(last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_file = os.replace

    def full(source: Path, target: Path) -> None:
        if target.name == last:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match=f"{last} cannot be written: No space left on device; make room"):
        dataset(tmp_path)
    assert not (tmp_path / "manifest.json").exists()
