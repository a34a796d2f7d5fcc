"""Every end of a hunt names one command, which can be copied."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from reports.commands import next_step, program, python, same_again
from reports.standing import Word

FOLDER = Path("campaigns/2026-01-02-7")
SCRIPT = FOLDER / "findings" / "x" / "repro.py"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sys, "executable", "/usr/bin/python")
    monkeypatch.setattr(sys, "argv", ["/usr/bin/warpsmith", "export", "--out", "my data"])


@pytest.mark.parametrize(
    ("word", "reproducers", "made", "command"),
    [
        (Word.FOUND, [SCRIPT], 80, "python campaigns/2026-01-02-7/findings/x/repro.py"),
        (Word.FOUND, [], 80, "warpsmith --resume campaigns/2026-01-02-7"),
        (Word.CLEAN, [], 80, "warpsmith --resume campaigns/2026-01-02-7 --seconds 3600"),
        (Word.NOTHING, [], 80, "warpsmith doctor"),
        (Word.NOTHING, [], 0, "warpsmith --resume campaigns/2026-01-02-7 --seconds 80"),
        (Word.INTERRUPTED, [SCRIPT], 80, "warpsmith --resume campaigns/2026-01-02-7"),
        (Word.FAILED, [SCRIPT], 80, "warpsmith --resume campaigns/2026-01-02-7"),
        (Word.RUNNING, [], 80, "warpsmith --resume campaigns/2026-01-02-7"),
    ],
)
def test_each_standing_has_its_next_command(word: Word, reproducers: list[Path], made: int, command: str) -> None:
    assert next_step(word, FOLDER, reproducers, 40.0, made)[1] == command


def test_names_with_blanks_are_quoted() -> None:
    assert next_step(Word.CLEAN, Path("my hunts"), [], 9.0, 0)[1] == "warpsmith --resume 'my hunts' --seconds 3600"
    assert same_again() == "warpsmith export --out 'my data'"


def test_a_checkout_is_run_as_a_module_by_the_interpreter_that_runs_this(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["fuzzer/__main__.py"])
    assert program() == "python -m fuzzer"
    monkeypatch.setattr(sys, "executable", f"{tmp_path}/.venv/bin/python")
    assert (python(), program()) == (".venv/bin/python", ".venv/bin/python -m fuzzer")
    monkeypatch.setattr(sys, "executable", "/opt/bin/python3")
    assert python() == "/opt/bin/python3"
