"""The command ``export``: verified kernels in files, the same for any number of workers, whole or not there at all."""

from __future__ import annotations

import errno
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import fuzzer
from fuzzer.commands.command_line import main
from fuzzer.corpus import export, production
from fuzzer.corpus.folders import own_folders
from fuzzer.corpus.gates import Gate, Promise, passed
from fuzzer.corpus.making import Made
from fuzzer.corpus.orders import Form
from fuzzer.corpus.production import PATTERN
from fuzzer.corpus.unfinished import Unfinished
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.sweep import sweep_case, sweep_order
from grammar import emit
from grammar.errors import UserError
from oracle.records import Judgement, Verdict
from reports.batch_records import BatchRecord, KernelRecord
from reports.corpus.clusters import is_held_out
from reports.corpus.corpus_records import CorpusRecord, record_of
from reports.corpus.encoding import documents
from reports.corpus.record_files import Shards
from reports.files import told
from reports.store import Store
from tests.fuzzer.corpus.test_unfinished import request

ROOT = Path(__file__).parents[3]
COUNT = 24
SEED = 16

pytestmark = pytest.mark.warp


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the ten seconds in which the kernels of the wheel are read."""
    monkeypatch.setattr(export, "wheel_kernels", lambda workers, step: frozenset())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "dataset"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "wheel_kernels", lambda workers, step: frozenset())
        arguments = f"export --count {COUNT} --seed {SEED} --workers 1 --out {folder}"
        assert main(arguments.split()) == 0
    return folder


def records_in(folder: Path) -> list[CorpusRecord]:
    paths = sorted((folder / "data").glob("*"))
    return [record_of(document) for path in paths for document in documents(path)]


def run(*arguments: str, **others: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzzer", "export", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **others)


def test_every_record_was_executed_and_has_its_outputs(dataset: Path) -> None:
    found = records_in(dataset)
    assert len(found) == 2 * COUNT
    for record in found:
        assert record.status == "accepted"
        assert "warp-text" in record.verified_by
        columns = {name for buffer in json.loads(record.inputs) for name in buffer["columns"]}
        assert json.loads(record.outputs).keys() == columns
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
        "seed": SEED,
        "count": COUNT,
        "devices": ["cpu", "cuda"],
        "code_scope": "full",
        "native": "share",
        "only": [],
        "splits": ["train", "validation", "test", "composition", "sweep"],
        "target_mb": {},
    }
    assert manifest["versions"]["warp"]
    statistics = json.loads((dataset / "dataset_stats.json").read_text())
    assert statistics["gates"]["parsed"] == statistics["gates"]["without paths"] == 2 * COUNT
    assert str(ROOT) not in (dataset / "manifest.json").read_text()


def test_the_number_of_workers_does_not_show(dataset: Path, tmp_path: Path) -> None:
    arguments = f"export --count {COUNT} --seed {SEED} --workers 2 --out {tmp_path / 'again'}"
    assert main(arguments.split()) == 0
    files = [path.relative_to(dataset) for path in sorted(dataset.rglob("*")) if path.is_file()]
    assert files == [p.relative_to(tmp_path / "again") for p in sorted((tmp_path / "again").rglob("*")) if p.is_file()]
    for path in files:
        assert (dataset / path).read_bytes() == (tmp_path / "again" / path).read_bytes(), path


def test_files_end_at_the_first_record_above_their_targets(tmp_path: Path) -> None:
    cpu, cuda, stats = tmp_path / "cpu.jsonl", tmp_path / "cuda.jsonl", tmp_path / "stats.json"
    arguments = (
        f"export --device both --target-mb-cpu 0.3 --target-mb-cuda 0.5 --out-cpu {cpu} --out-cuda {cuda}"
        f" --stats-out {stats} --code-scope full --seed {SEED} --workers 1"
    )
    assert main(arguments.split()) == 0
    for path, device, megabytes in ((cpu, "cpu", 0.3), (cuda, "cuda", 0.5)):
        lines = path.read_bytes().splitlines(keepends=True)
        assert sum(map(len, lines[:-1])) < megabytes * 2**20 <= sum(map(len, lines))
        assert {json.loads(line)["device"] for line in lines} == {device}
    assert json.loads(stats.read_text())["records"] == sum(len(p.read_bytes().splitlines()) for p in (cpu, cuda))
    assert {path.name for path in tmp_path.iterdir()} == {"cpu.jsonl", "cuda.jsonl", "stats.json"}


def test_what_an_export_has_is_chosen_by_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    flags = "--schema codegen --code-scope kernel --device cpu --format jsonl --only loops,math --split train"
    assert main(f"export --count 6 --seed {SEED} --workers 1 --native none --out {out} {flags}".split()) == 0
    assert [path.name for path in (out / "data").iterdir()] == ["train-00000-of-00001.jsonl.zst"]
    found = [document for path in (out / "data").iterdir() for document in documents(path)]
    for document in found:
        assert document["device"] == "cpu"
        assert "#include" not in document["generated_code"]
        assert "_cpu_kernel_backward(" in document["generated_code"]
        assert document["warp_metadata"]["mangled_name"]
    assert {document["category"] for document in found} == {"loops", "math"}
    assert json.loads((out / "manifest.json").read_text())["schema"] == "codegen"
    statistics = json.loads((out / "dataset_stats.json").read_text())
    assert statistics["dropped"].get("in another split", 0) == 6 - len(found)
    assert statistics["verified_by"] == {"warp-text": len(found)}
    gates = statistics["gates"]
    assert (gates["parsed"], gates["without paths"]) == (len(found), len(found))
    assert gates["executed again"] >= 1
    assert gates["made again"] >= 1


def test_what_a_person_has_in_the_folder_is_refused_and_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("a person's own")
    assert main(f"export --count 3 --seed {SEED} --out {tmp_path}".split()) == 2
    assert capsys.readouterr().err == (
        f"warpsmith: {tmp_path} has something in it already (README.md), and nothing there is touched: choose an empty"
        " or new folder\n"
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"README.md": "a person's own"}


def test_a_finished_dataset_stays_as_it_is(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.stat().st_mtime_ns for path in dataset.rglob("*")}
    assert main(f"export --count {COUNT} --seed {SEED + 1} --out {dataset}".split()) == 2
    said = f"warpsmith: {dataset} holds a finished dataset, and it stays as it is: choose another folder\n"
    assert capsys.readouterr().err == said
    assert {path: path.stat().st_mtime_ns for path in dataset.rglob("*")} == before


def test_a_full_disk_is_one_sentence_and_nothing_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(shards: Shards, record: CorpusRecord) -> None:
        with told(tmp_path / "out"):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Shards, "write", full)
    assert main(f"export --count 3 --seed {SEED} --workers 1 --out {tmp_path / 'out'}".split()) == 2
    said = "cannot be written: No space left on device; make room or choose another folder"
    assert capsys.readouterr().err == f"warpsmith: {tmp_path / 'out'} {said}\n"
    assert {path.parent.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {".parts"}


def test_parquet_holds_the_same_records(dataset: Path, tmp_path: Path) -> None:
    arguments = f"export --count {COUNT} --seed {SEED} --workers 1 --format parquet --out {tmp_path / 'parquet'}"
    assert main(arguments.split()) == 0
    assert {path.suffix for path in (tmp_path / "parquet" / "data").iterdir()} == {".parquet"}
    assert records_in(tmp_path / "parquet") == records_in(dataset)


def test_an_interrupted_export_goes_on_where_it_was(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export, "CHUNK", 8)
    folder = tmp_path / "dataset"
    arguments = f"export --count {COUNT} --seed {SEED} --workers 1 --out {folder}".split()
    whole = production.produced

    def interrupted(*order: Any) -> Iterator[Made]:
        for number, made in enumerate(whole(*order)):
            if number == 8:
                raise KeyboardInterrupt
            yield made

    with monkeypatch.context() as patch:
        patch.setattr(export, "produced", interrupted)
        assert main(arguments) == 130
    said = f"warpsmith: interrupted: the same command goes on with what is kept in {folder}/.parts\n"
    assert capsys.readouterr().err == said
    kept = {path: path.stat().st_mtime_ns for path in (folder / ".parts").glob(PATTERN)}
    assert kept
    assert not (folder / "manifest.json").exists()
    assert not list(folder.rglob("*.jsonl*"))

    with monkeypatch.context() as patch:
        patch.setattr(Unfinished, "give_names", lambda export: None)
        assert main(arguments) == 0
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert main(arguments) == 0
    assert records_in(folder) == records_in(dataset)


def stopped_at_the_gates(arguments: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupt an export when all of its parts are made."""

    def interrupted(*asked: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export, "passed", interrupted)
        assert main(arguments.split()) == 130


def test_an_export_of_more_kernels_has_all_of_them_after_an_interrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 4)
    flags = f"--seed {SEED} --workers 1 --device cpu --out {tmp_path / 'out'}"
    stopped_at_the_gates(f"export --count 6 {flags}", monkeypatch)
    assert len(list((tmp_path / "out" / ".parts").glob(PATTERN))) == 2
    assert main(f"export --count 9 {flags}".split()) == 0
    assert sorted(record.index for record in records_in(tmp_path / "out")) == list(range(9))


def test_a_damaged_part_is_made_again(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = f"export --count {COUNT} --seed {SEED} --workers 1 --out {tmp_path / 'out'}"
    stopped_at_the_gates(arguments, monkeypatch)
    [part] = (tmp_path / "out" / ".parts").glob(PATTERN)
    part.write_text("junk\n")
    assert main(arguments.split()) == 0
    assert records_in(tmp_path / "out") == records_in(dataset)


def test_a_disk_that_is_full_for_a_part_is_one_sentence(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    flags = f"--count 1 --seed 0 --workers 1 --out {tmp_path / 'out'}"
    ended = run(*flags.split(), preexec_fn=small_files)
    assert ended.returncode == 2
    assert re.fullmatch(
        r"warpsmith: \S+/out/\.parts/\w+\.json\.z cannot be written: File too large; make room or choose another .+\n",
        ended.stderr,
    )
    assert not (tmp_path / "out" / ".parts").exists()


AGREED = Judgement(Verdict.AGREE, "warp-cpu", elements=10, exact=8)
DEPARTED = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value")
SETTINGS = {
    "device": "both",
    "engines": ["warp-cpu"],
    "only": ["math"],
    "weights": "/somewhere/own.toml",
    "grammar": None,
    "workers": 3,
}


def judged(index: int, judgement: Judgement) -> KernelRecord:
    return KernelRecord.of(deep_case(7, index, Recipe()).defined.case, [judgement])


def campaign(folder: Path, *kernels: KernelRecord) -> Store:
    store = Store.create(folder, 7, {"warp": "1.19.0"}, SETTINGS, {})
    store.record_batch(BatchRecord(0, kernels, 1.0))
    return store


def test_the_kernels_of_a_campaign_are_those_that_it_accepted(tmp_path: Path) -> None:
    accepted = judged(0, AGREED)
    campaign(tmp_path / "campaign", accepted, judged(1, DEPARTED)).close()
    assert main(f"export {tmp_path / 'campaign'} --workers 1 --out {tmp_path / 'out'}".split()) == 0
    found = records_in(tmp_path / "out")
    assert [(record.device, record.seed, record.index) for record in found] == [("cpu", 7, 0), ("cuda", 7, 0)]
    assert found[0].python_source == emit(accepted.case.module)


def swept(index: int) -> KernelRecord:
    recipe = Recipe()
    case = sweep_case(7, index, sweep_order(7, recipe)[0], recipe).defined.case
    return KernelRecord.of(case, [AGREED])


def test_the_sweep_of_a_campaign_is_a_split_of_its_own_and_engines_of_the_campaign_are_named(tmp_path: Path) -> None:
    campaign(tmp_path / "campaign", judged(0, AGREED), swept(40)).close()
    assert main(f"export {tmp_path / 'campaign'} --workers 1 --device cpu --out {tmp_path / 'out'}".split()) == 0
    deep, sweep = sorted(records_in(tmp_path / "out"), key=lambda record: record.index)
    assert (sweep.category, sweep.split) == ("sweep", "sweep")
    assert deep.split != "sweep"
    assert deep.verified_by == sweep.verified_by == ("warp-text", "warp-cpu")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "1 of 2 records (50.0 %) are of the category `sweep`: a campaign goes through all" in card
    assert "  - split: sweep\n    path: data/sweep-*\n" in card


@pytest.mark.parametrize(
    ("only", "count", "indices"),
    [((), None, [0, 40]), (("sweep",), None, [40]), (("loops",), None, []), ((), 1, [0]), (("sweep",), 3, [40])],
)
def test_a_campaign_gives_as_many_kernels_of_the_categories_as_are_asked_for(
    only: tuple[str, ...], count: int | None, indices: list[int], tmp_path: Path
) -> None:
    first = replace(judged(0, AGREED), category="math")
    campaign(tmp_path / "campaign", first, swept(40), judged(1, DEPARTED)).close()
    asked = replace(request(tmp_path), campaign=tmp_path / "campaign", only=only, count=count)
    assert export._total(asked) == len(indices)
    if indices:
        [order] = export._stored_orders(asked)
        assert [kernel.index for kernel in order.kernels] == indices
    else:
        with pytest.raises(UserError, match="has no kernel of loops that its engines agreed on"):
            list(export._stored_orders(asked))


def test_what_is_said_of_a_campaign_is_how_it_can_be_run_again(tmp_path: Path) -> None:
    campaign(tmp_path / "campaign", judged(0, AGREED)).close()
    assert main(f"export {tmp_path / 'campaign'} --workers 1 --out {tmp_path / 'out'}".split()) == 0
    settings = json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]
    assert settings["kernels"] == "campaign"
    assert "seed" not in settings
    assert settings["campaign"] == {
        "seed": 7,
        "only": ["math"],
        "device": "both",
        "engines": ["warp-cpu"],
        "weights": "own.toml",
        "grammar": None,
        "versions": {"warp": "1.19.0"},
    }


def test_a_gate_that_a_campaign_cannot_have_is_not_said_to_be_passed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign(tmp_path / "campaign", judged(0, AGREED)).close()
    assert main(f"export {tmp_path / 'campaign'} --workers 1 --schema pair --out {tmp_path / 'out'}".split()) == 0
    statistics = json.loads((tmp_path / "out" / "dataset_stats.json").read_text())
    assert statistics["gates"] == {
        "parsed": 2,
        "without paths": 2,
        "executed again": 2 if "test" in statistics["splits"] else 1,
    }
    reason = "the kernels of a campaign follow from its settings, not from seed and index alone"
    assert statistics["gates_not_done"] == {"made again": reason}
    shown = capsys.readouterr().out
    assert shown.index("gates passed") < shown.index("executed again") < shown.index("gates not done")
    assert shown.index("gates not done") < shown.index("made again") < shown.index("the kernels of a campaign")


def test_an_export_of_a_campaign_that_has_grown_has_all_of_it_after_an_interrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = f"export {tmp_path / 'campaign'} --workers 1 --device cpu --out {tmp_path / 'out'}"
    store = campaign(tmp_path / "campaign", judged(0, AGREED))
    stopped_at_the_gates(arguments, monkeypatch)
    store.record_batch(BatchRecord(1, (judged(2, AGREED),), 1.0))
    store.close()
    assert main(arguments.split()) == 0
    assert sorted(record.index for record in records_in(tmp_path / "out")) == [0, 2]


def test_a_campaign_that_accepted_nothing_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.create(tmp_path / "campaign", 7, {}, {}, {}).close()
    assert main(f"export {tmp_path / 'campaign'} --out {tmp_path / 'out'}".split()) == 2
    assert capsys.readouterr().err == (
        f"warpsmith: {tmp_path / 'campaign'} has no kernel that its engines agreed on, so nothing can be exported\n"
    )
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_kernels_that_people_wrote_come_with_their_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    arguments = f"export --harvest {ROOT / 'examples'} --workers 1 --code-scope kernel --out {tmp_path / 'out'}"
    assert main(arguments.split()) == 0
    found = records_in(tmp_path / "out")
    assert {record.status for record in found} == {"unverified"}
    [cpu] = [r for r in found if r.device == "cpu" and r.origin.endswith("basic_kernels.py:k_saxpy")]
    assert cpu.generated_code == f"{cpu.cpp_forward}\n\n{cpu.cpp_backward}"
    settings = json.loads((tmp_path / "out" / "manifest.json").read_text())["settings"]
    assert (settings["kernels"], settings["harvested"]) == ("harvest", "examples")
    statistics = json.loads((tmp_path / "out" / "dataset_stats.json").read_text())
    assert statistics["gates"] == {"parsed": len(found), "without paths": len(found)}
    assert statistics["gates_not_done"] == {
        "executed again": "nobody said how the kernels of people are launched",
        "made again": "the kernels of people are not generated",
    }
    assert "in the Warp wheel" not in statistics["dropped"]
    assert "in the Warp wheel" not in (tmp_path / "out" / "README.md").read_text()


def test_a_kernel_of_a_person_that_names_their_home_or_temporary_folder_costs_itself_alone(tmp_path: Path) -> None:
    kernel = "@wp.kernel\ndef {}(a: wp.array[float]):\n    a[0] = {}  # {}\n"
    kernels = (
        kernel.format("at_home", 1.0, f"see {Path.home()}/notes.txt"),
        kernel.format("temporary", 2.0, f"see {tempfile.gettempdir()}/notes.txt"),
        kernel.format("nowhere", 3.0, "see the notes"),
    )
    (tmp_path / "own.py").write_text("import warp as wp\n\n" + "\n\n".join(kernels))
    arguments = f"export --harvest {tmp_path / 'own.py'} --device cpu --workers 1 --out {tmp_path / 'out'}"
    assert main(arguments.split()) == 0
    assert [record.kernel_name for record in records_in(tmp_path / "out")] == ["nowhere"]
    statistics = json.loads((tmp_path / "out" / "dataset_stats.json").read_text())
    assert statistics["dropped"]["its text names a folder of this machine"] == 2


def test_a_program_runs_the_whole_pipeline(dataset: Path, tmp_path: Path) -> None:
    statistics = fuzzer.run_pipeline(COUNT, tmp_path / "out", seed=SEED)
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
        ("--harvest tests --out X --count 1", "--harvest takes all kernels of a source tree: leave out --count."),
        (
            "--harvest tests --out X --seed 0",
            "only kernels that are freshly generated are drawn from --seed: leave it out.",
        ),
        ("tests --out X --seed 3", "only kernels that are freshly generated are drawn from --seed: leave it out."),
        (
            "--harvest ./absent --out X",
            "there is nothing to harvest in ./absent: no such folder, file or installed package.",
        ),
        (
            "--count 1 --out-cpu X.jsonl --out-cuda ./tests/../X.jsonl",
            "--out-cpu and --out-cuda name the same file, tests/../X.jsonl: choose another one for --out-cuda.",
        ),
        (
            "--count 1 --out-cpu X.jsonl --stats-out X.jsonl",
            "--out-cpu and --stats-out name the same file, X.jsonl: choose another one for --stats-out.",
        ),
        (
            "--count 1 --out X --out-cpu X/data/x.jsonl",
            "--out-cpu names X/data/x.jsonl, and --out the folder that it is in: choose another place for --out-cpu.",
        ),
        (
            "--count 1 --out X --stats-out X",
            "--stats-out names X, and --out the folder that it is in: choose another place for --stats-out.",
        ),
        (
            "--count 1 --out-cpu X.jsonl --out-cuda X.jsonl/x.jsonl",
            "--out-cuda names X.jsonl/x.jsonl, and --out-cpu a file of which that is no part: X.jsonl.",
        ),
        (
            "--count 1 --out X.jsonl/out --out-cpu X.jsonl",
            "--out names X.jsonl/out, and --out-cpu a file of which that is no part: X.jsonl.",
        ),
        ("--out X --count 1 --only sweep", "there is no category 'sweep'."),
        ("--out X --count 1 --only lops", "there is no category 'lops': did you mean 'loops'?"),
        (
            "--out X --count 1 --split sweep",
            "there is no split 'sweep': choose from train, validation, test, composition.",
        ),
        (
            "--out X --count 1 --native some",
            "there is no choice of native verification 'some': choose from all, share, none.",
        ),
        (
            "--harvest tests --out X --native all",
            "the kernels of people have no category and are not executed: leave out --only and --native.",
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
    assert not (ROOT / "X").exists()
    assert not (ROOT / "X.jsonl").exists()


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


def test_statistics_that_cannot_be_written_are_noticed_before_kernels_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def made(*asked: object) -> None:
        raise AssertionError("kernels are made")

    monkeypatch.setattr(export, "produced", made)
    (tmp_path / "file").touch()
    stats = tmp_path / "file" / "stats.json"
    assert main(f"export --count 1 --out {tmp_path / 'out'} --stats-out {stats}".split()) == 2
    assert re.fullmatch(rf"warpsmith: {stats} cannot be written: .+; make room or .+\n", capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


GENERATED = Promise("fresh", Form(("cpu", "cuda")), own_folders())


def quiet(count: int) -> None:
    """Show no progress."""


def gates_of(path: Path) -> dict[Gate, int]:
    return passed([path], [path], 1, quiet, GENERATED)


def shard(folder: Path, split: str) -> Path:
    [path] = (folder / "data").glob(f"{split}-*")
    return path


def changed(folder: Path, tmp_path: Path, split: str, **fields: Any) -> Path:
    """Copy the file of a split with other values in the fields of its first record."""
    every = list(documents(shard(folder, split)))
    every[0] |= fields
    copy = tmp_path / "changed.jsonl"
    copy.write_text("".join(json.dumps(document) + "\n" for document in every))
    return copy


def test_the_gates_let_sound_records_pass(dataset: Path) -> None:
    paths = sorted((dataset / "data").iterdir())
    found = passed(paths, paths, 1, quiet, GENERATED)
    assert found["parsed"] == found["without paths"] == 2 * COUNT
    tested = sum(record.split == "test" for record in records_in(dataset))
    assert found["executed again"] == tested + 1
    assert found["made again"] >= 1


def test_of_few_records_one_is_executed_and_made_again(dataset: Path) -> None:
    path = shard(dataset, "composition")
    found = gates_of(path)
    assert found["parsed"] == len(list(documents(path)))
    assert found["executed again"] >= 1
    assert found["made again"] >= 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"python_source": "import warp as wp\n\n\n\n"},
            "'parsed': its source is not written as the grammar writes it",
        ),
        ({"python_source": "import warp as"}, "'parsed': "),
        ({"description": f"{Path.home()}/kernels"}, f"'without paths': it names the folder {Path.home()}"),
        ({"generated_code": ""}, "'made again': it differs in generated_code when its kernel is made again"),
        ({"max_deviation": 0.5}, "'made again': it differs in max_deviation when its kernel is made again"),
        ({"description": "nothing"}, "'made again': it differs in description when its kernel is made again"),
        ({"verified_by": []}, "'made again': it differs in verified_by when its kernel is made again"),
        ({"cuda_forward": "void"}, "'made again': it differs in cuda_forward when its kernel is made again"),
        ({"category": "unheard-of"}, "'made again': it differs in category when its kernel is made again"),
    ],
)
def test_a_gate_closes_for_a_record_that_breaks_a_promise(
    fields: dict[str, Any], reason: str, dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=f"does not pass the gate {reason}"):
        gates_of(changed(dataset, tmp_path, "train", **fields))


def test_a_gate_closes_where_a_test_kernel_gives_something_else(dataset: Path, tmp_path: Path) -> None:
    outputs = json.loads(next(documents(shard(dataset, "test")))["outputs"])
    name = next(iter(outputs))
    outputs[name]["data"] = "ff" * (len(outputs[name]["data"]) // 2)
    with pytest.raises(UserError, match="'executed again': its outputs are not those of its source"):
        gates_of(changed(dataset, tmp_path, "test", outputs=json.dumps(outputs)))


def test_a_gate_that_closes_is_one_sentence_and_no_file_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export, "own_folders", lambda: ("import warp",))
    out, cpu, stats = tmp_path / "out", tmp_path / "cpu.jsonl", tmp_path / "stats.json"
    flags = f"--out {out} --out-cpu {cpu} --stats-out {stats}"
    assert main(f"export --count 3 --seed {SEED} --workers 1 {flags}".split()) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(
        r"warpsmith: the record [0-9a-f]{64} does not pass the gate 'without paths': it names the folder import warp\."
        r" No file was written; this is a defect of warpsmith, please report it\n",
        said,
    )
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert {path.parent.name for path in out.rglob("*") if path.is_file()} == {".parts"}


def test_a_smaller_schema_passes_the_same_gates(dataset: Path, tmp_path: Path) -> None:
    arguments = f"export --count {COUNT} --seed {SEED} --workers 1 --schema pair --out {tmp_path / 'out'}"
    assert main(arguments.split()) == 0
    gates = json.loads((tmp_path / "out" / "dataset_stats.json").read_text())["gates"]
    assert gates["parsed"] == gates["without paths"] == 2 * COUNT
    assert gates["executed again"] >= sum(record.split == "test" for record in records_in(dataset)) > 0
    assert gates["made again"] >= 1
    assert not (tmp_path / "out" / ".parts").exists()
