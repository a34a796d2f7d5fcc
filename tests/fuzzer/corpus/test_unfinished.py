"""An export touches nothing that is not its own, and goes on wherever it was interrupted."""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fuzzer.corpus.orders import Form
from fuzzer.corpus.request import Request, Target
from fuzzer.corpus.unfinished import COMPLETE, MARKER, Unfinished, unfinished
from grammar.errors import UserError
from reports import files
from reports.corpus.dataset import ENTRIES

PART = "ab.json.z"
STATISTICS = {"records": 3}


def request(folder: Path, **others: Any) -> Request:
    standing = Request(
        origin={"seed": 3},
        seed=3,
        count=40,
        campaign=None,
        harvest=None,
        form=Form(("cpu", "cuda")),
        schema="full",
        suffix=".jsonl.zst",
        out=folder / "out",
        targets={"cpu": Target(folder / "cpu.jsonl", 1.0)},
        stats_out=folder / "stats.json",
        workers=1,
    )
    return replace(standing, **others)


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() if p.is_file() else "" for p in sorted(folder.rglob("*"))}


def write_everything(export: Unfinished) -> None:
    """Write what a finished export has, under temporary names."""
    for name in ENTRIES:
        (export.dataset / name).parent.mkdir(parents=True, exist_ok=True)
        if name in ("data", "images"):
            (export.dataset / name).mkdir()
        else:
            (export.dataset / name).write_text(f"new {name}")
    for path in export.request.files:
        files.part_of(path).write_text(f"new {path.name}")


def run(asked: Request) -> dict[str, Any]:
    with unfinished(asked) as export:
        statistics = export.statistics
        if statistics is None:
            write_everything(export)
            statistics = STATISTICS
            export.complete(statistics)
        export.give_names()
    return statistics


def interrupt(asked: Request) -> None:
    """Leave an export with a part."""
    with suppress(KeyboardInterrupt), unfinished(asked) as export:
        (export.folder / PART).write_text("made")
        write_everything(export)
        raise KeyboardInterrupt


FINISHED = {*(f"out/{name}" for name in ENTRIES), "out", "cpu.jsonl", "stats.json"}


@pytest.mark.parametrize("is_there", [False, True])
def test_a_new_or_an_empty_folder_takes_a_dataset(is_there: bool, tmp_path: Path) -> None:
    if is_there:
        (tmp_path / "out").mkdir()
    assert run(request(tmp_path)) == STATISTICS
    assert set(contents(tmp_path)) == FINISHED


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        ("out/README.md", r"out has something in it already \(README\.md\), and nothing there is touched: choose"),
        ("out/data/train-00000-of-00001.jsonl.zst", r"out has something in it already \(data\)"),
        ("out/.hidden", r"out has something in it already \(\.hidden\)"),
        ("out/.parts/own.txt", r"out/\.parts has something in it already \(own\.txt\)"),
        ("out/manifest.json", "out holds a finished dataset, and it stays as it is: choose another folder"),
        ("cpu.jsonl", r"cpu\.jsonl exists already, and nothing is replaced: remove it or choose another name"),
        ("stats.json", r"stats\.json exists already, and nothing is replaced: remove it or choose another name"),
    ],
)
def test_what_is_there_is_refused_and_nothing_is_touched(taken: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / taken).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / taken).write_text("a person's own")
    before = contents(tmp_path)
    with pytest.raises(UserError, match=sentence):
        run(request(tmp_path))
    assert contents(tmp_path) == before


def test_a_folder_that_is_closed_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path, *_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    for name in ("stat", "iterdir", "mkdir"):
        monkeypatch.setattr(Path, name, closed)
    for asked in (request(tmp_path), request(tmp_path, out=None)):
        with pytest.raises(UserError, match=r"cannot be (read|written): Permission denied; "):
            run(asked)


def test_a_finished_dataset_is_not_written_again(tmp_path: Path) -> None:
    asked = request(tmp_path, targets={}, stats_out=None)
    run(asked)
    before = contents(tmp_path)
    for again in (asked, replace(asked, count=80), replace(asked, seed=4, origin={"seed": 4})):
        with pytest.raises(UserError, match="out holds a finished dataset, and it stays as it is"):
            run(again)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("changed", [{}, {"count": 80}, {"workers": 2}])
def test_an_interrupted_export_keeps_its_parts_alone_and_goes_on(changed: dict[str, Any], tmp_path: Path) -> None:
    interrupt(request(tmp_path))
    assert set(contents(tmp_path)) == {"out", "out/.parts", f"out/.parts/{MARKER}", f"out/.parts/{PART}"}
    with unfinished(request(tmp_path, **changed)) as export:
        assert (export.folder / PART).read_text() == "made"
    assert run(request(tmp_path, **changed)) == STATISTICS
    assert set(contents(tmp_path)) == FINISHED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 4, "origin": {"seed": 4}}, "seed: 3, now 4"),
        ({"form": Form(("cpu",))}, r"devices: \['cpu', 'cuda'\], now \['cpu'\]"),
        ({"form": Form(("cpu", "cuda"), "kernel")}, "code_scope: full, now kernel"),
        ({"schema": "pair"}, "schema: full, now pair"),
        ({"suffix": ".parquet"}, r"format: \.jsonl\.zst, now \.parquet"),
        ({"targets": {}}, r"files: \['\.\./cpu\.jsonl', '\.\./stats\.json'\], now \['\.\./stats\.json'\]"),
    ],
)
def test_an_export_of_other_settings_does_not_go_on(changed: dict[str, Any], said: str, tmp_path: Path) -> None:
    interrupt(request(tmp_path))
    before = contents(tmp_path)
    with pytest.raises(UserError, match=rf"out/\.parts keeps an unfinished export of other settings \({said}\): go on"):
        run(request(tmp_path, **changed))
    assert contents(tmp_path) == before


def test_an_export_that_made_nothing_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), unfinished(request(tmp_path)):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "left",
    [
        ["out/.parts/.export.json.part"],
        [f"out/.parts/{MARKER}"],
        [f"out/.parts/{MARKER}", "out/.parts/dataset/data/.train-00000.jsonl.zst.part", ".cpu.jsonl.part"],
        [f"out/.parts/{MARKER}", f"out/.parts/.{PART}.part", "out/.parts/.drawn.jsonl.part", ".stats.json.part"],
    ],
)
def test_what_a_killed_export_has_left_is_no_hindrance(left: list[str], tmp_path: Path) -> None:
    interrupt(request(tmp_path))
    marker = (tmp_path / "out/.parts" / MARKER).read_text()
    (tmp_path / "out/.parts" / PART).unlink()
    (tmp_path / "out/.parts" / MARKER).unlink()
    for name in left:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(marker if name.endswith(MARKER) else "cut")
    run(request(tmp_path))
    assert set(contents(tmp_path)) == FINISHED


@pytest.mark.parametrize("named", range(len(ENTRIES) + 2))
def test_an_export_that_was_stopped_between_two_names_gives_the_others(
    named: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = files.take_name
    taken: list[Path] = []

    def stopped(part: Path, path: Path) -> None:
        if len(taken) == named:
            raise KeyboardInterrupt
        taken.append(path)
        take(part, path)

    with monkeypatch.context() as patch:
        patch.setattr(files, "take_name", stopped)
        with pytest.raises(KeyboardInterrupt):
            run(request(tmp_path))
    assert (tmp_path / "out/manifest.json").exists() == (named == len(FINISHED))
    with pytest.raises(UserError, match=r"other settings \(count: 40, now 80\)"):
        run(request(tmp_path, count=80))
    assert run(request(tmp_path)) == STATISTICS
    assert {name: text for name, text in contents(tmp_path).items() if text} == {
        name: f"new {Path(name).name}" for name in FINISHED - {"out", "out/data", "out/images"}
    }


def test_a_name_that_is_taken_meanwhile_stops_the_export_and_is_kept(tmp_path: Path) -> None:
    with unfinished(request(tmp_path)) as export:
        write_everything(export)
        export.complete(STATISTICS)
        (tmp_path / "out/README.md").write_text("a person's own")
        with pytest.raises(UserError, match=r"README\.md exists already"):
            export.give_names()
    assert (tmp_path / "out/README.md").read_text() == "a person's own"
    with pytest.raises(UserError, match=r"has something in it already \(README\.md\)"):
        run(request(tmp_path))
    (tmp_path / "out/README.md").unlink()
    run(request(tmp_path))
    assert (tmp_path / "out/README.md").read_text() == "new README.md"


def test_one_process_exports_into_a_folder(tmp_path: Path) -> None:
    with (
        unfinished(request(tmp_path)),
        pytest.raises(UserError, match=r"out/\.parts is being written by another process; wait until it is done"),
    ):
        run(request(tmp_path))


@pytest.mark.parametrize("content", ["[]", "3", "{}", "null"])
def test_a_marker_that_says_something_else_is_one_sentence(content: str, tmp_path: Path) -> None:
    interrupt(request(tmp_path))
    (tmp_path / "out/.parts" / MARKER).write_text(content)
    with pytest.raises(UserError, match=r"keeps an unfinished export of other settings \(kernels: None, now fresh\)"):
        run(request(tmp_path))


def test_the_marker_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    with unfinished(request(tmp_path)) as export:
        said = (export.folder / MARKER).read_text()
    assert str(tmp_path) not in said
    assert json.loads(said)["files"] == ["../cpu.jsonl", "../stats.json"]
    assert not (tmp_path / "out/.parts" / COMPLETE).exists()
