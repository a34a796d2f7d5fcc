"""The command ``export``: verified kernels in files, the same for any number of workers, whole or not there at all."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fuzzer
from fuzzer.command_line import main
from fuzzer.corpus import export, production
from fuzzer.corpus.gates import Promise, passed
from fuzzer.corpus.making import Made
from fuzzer.generation.cases import Recipe, deep_case
from grammar import emit
from oracle.records import Judgement, Provenance, Verdict
from reports.batches import BatchRecord, KernelRecord
from reports.corpus.decoders import documents
from reports.corpus.records import CorpusRecord, record_of
from reports.corpus.shards import Shards
from reports.corpus.splits import is_held_out
from reports.files import told
from reports.store import Store

ROOT = Path(__file__).parents[3]
COUNT = 24

pytestmark = pytest.mark.warp


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the ten seconds in which the kernels of the wheel are read."""
    monkeypatch.setattr(export, "wheel_kernels", frozenset)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "dataset"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "wheel_kernels", frozenset)
        arguments = f"export --count {COUNT} --seed 5 --workers 1 --out {folder}"
        assert main(arguments.split()) == 0
    return folder


def records_in(folder: Path) -> list[CorpusRecord]:
    paths = sorted((folder / "data").glob("*"))
    return [record_of(document) for path in paths for document in documents(path)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzzer", "export", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_record_was_executed_and_has_its_outputs(dataset: Path) -> None:
    found = records_in(dataset)
    assert len(found) == 2 * COUNT
    for record in found:
        assert record.status == "accepted"
        assert "warp-text" in record.verified_by
        assert json.loads(record.outputs).keys() == {buffer["name"] for buffer in json.loads(record.inputs)}
    assert any(record.verified_by == ("warp-text", "warp-cpu") for record in found)


def test_both_records_of_a_kernel_are_in_one_split(dataset: Path) -> None:
    splits: dict[int, set[str]] = {}
    for record in records_in(dataset):
        splits.setdefault(record.index, set()).add(record.split)
        assert (record.split == "composition") == is_held_out(record.features)
    assert sorted(splits) == list(range(COUNT))
    assert all(len(several) == 1 for several in splits.values())


def test_a_dataset_has_its_card_and_manifest_and_no_parts(dataset: Path) -> None:
    names = {path.name for path in dataset.iterdir()}
    assert {"README.md", "SHA256SUMS", "croissant.json", "data", "dataset_stats.json", "manifest.json"} <= names
    assert ".parts" not in names
    manifest = json.loads((dataset / "manifest.json").read_text())
    assert manifest["settings"] == {
        "kernels": "fresh",
        "seed": 5,
        "count": COUNT,
        "devices": ["cpu", "cuda"],
        "code_scope": "full",
        "target_mb": {},
    }
    assert manifest["versions"]["warp"]
    statistics = json.loads((dataset / "dataset_stats.json").read_text())
    assert statistics["gates"]["parsed"] == statistics["gates"]["without paths"] == 2 * COUNT
    assert str(ROOT) not in (dataset / "manifest.json").read_text()


def test_the_number_of_workers_does_not_show(dataset: Path, tmp_path: Path) -> None:
    arguments = f"export --count {COUNT} --seed 5 --workers 2 --out {tmp_path / 'again'}"
    assert main(arguments.split()) == 0
    files = [path.relative_to(dataset) for path in sorted(dataset.rglob("*")) if path.is_file()]
    assert files == [p.relative_to(tmp_path / "again") for p in sorted((tmp_path / "again").rglob("*")) if p.is_file()]
    for path in files:
        assert (dataset / path).read_bytes() == (tmp_path / "again" / path).read_bytes(), path


def test_files_end_at_the_first_record_above_their_targets(tmp_path: Path) -> None:
    cpu, cuda, stats = tmp_path / "cpu.jsonl", tmp_path / "cuda.jsonl", tmp_path / "stats.json"
    arguments = (
        f"export --device both --target-mb-cpu 0.3 --target-mb-cuda 0.5 --out-cpu {cpu} --out-cuda {cuda}"
        f" --stats-out {stats} --code-scope full --seed 5 --workers 1"
    )
    assert main(arguments.split()) == 0
    for path, device, megabytes in ((cpu, "cpu", 0.3), (cuda, "cuda", 0.5)):
        lines = path.read_bytes().splitlines(keepends=True)
        assert sum(map(len, lines[:-1])) < megabytes * 2**20 <= sum(map(len, lines))
        assert {json.loads(line)["device"] for line in lines} == {device}
    assert json.loads(stats.read_text())["records"] == sum(len(p.read_bytes().splitlines()) for p in (cpu, cuda))
    assert {path.name for path in tmp_path.iterdir()} == {"cpu.jsonl", "cuda.jsonl", "stats.json"}


def test_a_smaller_schema_and_scope_are_chosen_by_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    flags = "--schema codegen --code-scope kernel --device cpu --format jsonl"
    assert main(f"export --count 6 --seed 5 --workers 1 --out {out} {flags}".split()) == 0
    found = [document for path in (out / "data").iterdir() for document in documents(path)]
    assert len(found) == 6
    for document in found:
        assert document["device"] == "cpu"
        assert "#include" not in document["generated_code"]
        assert "_cpu_kernel_backward(" in document["generated_code"]
        assert document["warp_metadata"]["mangled_name"]
    assert json.loads((out / "manifest.json").read_text())["schema"] == "codegen"
    gates = json.loads((out / "dataset_stats.json").read_text())["gates"]
    assert gates == {"parsed": 6, "without paths": 6, "executed again": 0, "made again": 0}


def test_a_full_disk_is_one_sentence_and_nothing_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(shards: Shards, record: CorpusRecord) -> None:
        with told(tmp_path / "out"):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Shards, "write", full)
    assert main(f"export --count 3 --seed 5 --workers 1 --out {tmp_path / 'out'}".split()) == 2
    said = "cannot be written: No space left on device; make room or choose another folder"
    assert capsys.readouterr().err == f"warpsmith: {tmp_path / 'out'} {said}\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".parts"]


def test_parquet_holds_the_same_records(dataset: Path, tmp_path: Path) -> None:
    arguments = f"export --count {COUNT} --seed 5 --workers 1 --format parquet --out {tmp_path / 'parquet'}"
    assert main(arguments.split()) == 0
    assert {path.suffix for path in (tmp_path / "parquet" / "data").iterdir()} == {".parquet"}
    assert records_in(tmp_path / "parquet") == records_in(dataset)


def test_an_interrupted_export_goes_on_where_it_was(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 8)
    folder = tmp_path / "dataset"
    arguments = f"export --count {COUNT} --seed 5 --workers 1 --out {folder}".split()
    whole = production.produced

    def interrupted(*order: Any) -> Iterator[Made]:
        for number, made in enumerate(whole(*order)):
            if number == 8:
                raise KeyboardInterrupt
            yield made

    with monkeypatch.context() as patch:
        patch.setattr(export, "produced", interrupted)
        assert main(arguments) == 130
    kept = sorted(path.name for path in (folder / ".parts").glob("*.z"))
    assert kept[0] == "000000.json.z"
    assert not (folder / "manifest.json").exists()
    assert not list(folder.rglob("*.jsonl*"))

    (folder / ".parts" / "000000.json.z").touch(exist_ok=True)
    stamp = (folder / ".parts" / "000000.json.z").stat().st_mtime_ns
    monkeypatch.setattr(export, "_finish", lambda request, outputs, document: None)
    assert main(arguments) == 0
    assert (folder / ".parts" / "000000.json.z").stat().st_mtime_ns == stamp
    assert records_in(folder) == records_in(dataset)


def test_the_kernels_of_a_campaign_are_those_that_it_accepted(tmp_path: Path) -> None:
    folder = tmp_path / "campaign"
    store = Store.create(folder, 7, {}, {}, {})
    case = deep_case(7, 0, Recipe()).defined.case
    agreed = Judgement(Verdict.AGREE, "warp-cpu", elements=10, exact=8)
    departed = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value")
    other = replace(case, provenance=Provenance(7, 1, "math"))
    store.record_batch(BatchRecord(0, (KernelRecord.of(case, [agreed]), KernelRecord.of(other, [departed])), 1.0))
    store.close()
    assert main(f"export {folder} --workers 1 --out {tmp_path / 'out'}".split()) == 0
    found = records_in(tmp_path / "out")
    assert [(record.device, record.seed, record.index) for record in found] == [("cpu", 7, 0), ("cuda", 7, 0)]
    assert found[0].python_source == emit(case.module)


def test_a_campaign_that_accepted_nothing_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.create(tmp_path / "campaign", 7, {}, {}, {}).close()
    assert main(f"export {tmp_path / 'campaign'} --out {tmp_path / 'out'}".split()) == 2
    assert capsys.readouterr().err == (
        f"warpsmith: {tmp_path / 'campaign'} has no kernel that its engines agreed on, so nothing can be exported\n"
    )
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_kernels_that_people_wrote_come_with_their_origin(tmp_path: Path) -> None:
    arguments = f"export --harvest {ROOT / 'examples'} --workers 1 --code-scope kernel --out {tmp_path / 'out'}"
    assert main(arguments.split()) == 0
    found = records_in(tmp_path / "out")
    assert {record.status for record in found} == {"unverified"}
    [cpu] = [r for r in found if r.device == "cpu" and r.origin.endswith("basic_kernels.py:k_saxpy")]
    assert cpu.generated_code == f"{cpu.cpp_forward}\n\n{cpu.cpp_backward}"


def test_a_program_runs_the_whole_pipeline(dataset: Path, tmp_path: Path) -> None:
    statistics = fuzzer.run_pipeline(COUNT, tmp_path / "out", seed=5)
    assert statistics["records"] == 2 * COUNT
    assert records_in(tmp_path / "out") == records_in(dataset)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--count 3", "name what to write: a folder with --out, or a file with --out-cpu or --out-cuda."),
        (
            "--out X",
            "say with --count how many kernels are made, or give each file its --target-mb-cpu or --target-mb-cuda.",
        ),
        (
            "--out-cpu X.jsonl",
            "say with --count how many kernels are made, or give each file its --target-mb-cpu or --target-mb-cuda.",
        ),
        ("--target-mb-cpu 3 --out X --count 1", "--target-mb-cpu needs a file: name one with --out-cpu."),
        ("--device cpu --out-cuda X.jsonl --count 1", "--out-cuda needs --device both or cuda."),
        (
            "tests --harvest tests --out X",
            "an export is of a campaign or of what --harvest names: leave one of them out.",
        ),
        ("--out X --count 1 --format csv", "there is no format 'csv': choose from jsonl, parquet."),
        ("--out X --count 1 --schema fll", "there is no schema 'fll': choose from full, pair, codegen."),
        ("--out X --count 1 --target-mb-cpu inf", "--target-mb-cpu needs a finite number, not inf."),
        ("--out X --harvest=", "--harvest needs the name of a folder, file or installed package."),
        ("nowhere --out X", "Invalid value for '[DIR]': Directory 'nowhere' does not exist."),
    ],
)
def test_a_wrong_use_is_one_sentence(
    arguments: str, sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["export", *arguments.split()]) == 2
    assert capsys.readouterr().err == f"warpsmith: {sentence}\n"


def test_a_missing_library_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    assert main(f"export --count 1 --out {tmp_path / 'out'}".split()) == 2
    assert capsys.readouterr().err == (
        "warpsmith: removing duplicates needs datasketch: install it with pip install 'warpsmith[corpus]'\n"
    )


def test_a_library_that_the_format_needs_is_missed_before_kernels_are_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(f"export --count 1 --format parquet --out {tmp_path / 'out'}".split()) == 2
    assert capsys.readouterr().err == (
        "warpsmith: writing Parquet needs pyarrow: install it with pip install 'warpsmith[parquet]'\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("--count", "1", "--out", str(tmp_path / "file" / "out"))
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "cannot be written" in ended.stderr


GENERATED = Promise(whole=True, ours=True, seeded=True)


def quiet(count: int) -> None:
    """Show no progress."""


def changed(folder: Path, tmp_path: Path, split: str, **fields: Any) -> Path:
    """Copy the file of a split with other values in the fields of its first record."""
    [path] = (folder / "data").glob(f"{split}-*")
    every = list(documents(path))
    every[0] |= fields
    copy = tmp_path / "changed.jsonl"
    copy.write_text("".join(json.dumps(document) + "\n" for document in every))
    return copy


def test_the_gates_let_sound_records_pass(dataset: Path) -> None:
    found = passed(sorted((dataset / "data").iterdir()), 1, quiet, GENERATED)
    assert found["parsed"] == 2 * COUNT
    tested = sum(record.split == "test" for record in records_in(dataset))
    assert found["executed again"] == tested > 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"python_source": "import warp as wp\n\n\n\n"}, "this source is not written as the grammar writes it"),
        ({"description": f"{Path.home()}/kernels"}, f"the folder {Path.home()} is named in the record of this source"),
    ],
)
def test_a_gate_closes_for_a_record_that_breaks_a_promise(
    fields: dict[str, Any], reason: str, dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match=reason):
        passed([changed(dataset, tmp_path, "train", **fields)], 1, quiet, GENERATED)


def test_a_gate_closes_where_a_test_kernel_gives_something_else(dataset: Path, tmp_path: Path) -> None:
    [path] = (dataset / "data").glob("test-*")
    outputs = json.loads(next(documents(path))["outputs"])
    name = next(iter(outputs))
    outputs[name]["data"] = "ff" * (len(outputs[name]["data"]) // 2)
    with pytest.raises(RuntimeError, match="are not those of its source"):
        passed([changed(dataset, tmp_path, "test", outputs=json.dumps(outputs))], 1, quiet, GENERATED)
