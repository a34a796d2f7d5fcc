"""Flags, exit codes and sentences of the command line; the hunt itself is a stand-in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fuzzer.campaigns.settings import Settings
from fuzzer.commands.command_line import main
from fuzzer.corpus.orders import Form
from grammar.errors import UserError


class Hunt:
    """Stands in for the hunt: keeps the settings that it was called with, then does as told."""

    def __init__(self) -> None:
        self.settings: Settings | None = None
        self.answer: int | BaseException = 0

    def __call__(self, settings: Settings) -> int:
        self.settings = settings
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def hunt(monkeypatch: pytest.MonkeyPatch) -> Hunt:
    stand_in = Hunt()
    monkeypatch.setitem(sys.modules, "fuzzer.campaigns.campaign", SimpleNamespace(hunt=stand_in))
    return stand_in


def sentence(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a wrong command line and give its one line on standard error."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    return line


def test_all_flags_of_the_hunt_reach_its_settings(hunt: Hunt, tmp_path: Path) -> None:
    (tmp_path / "weights.toml").touch()
    (tmp_path / "own.lark").touch()
    flags = "--seconds 90 --seed 7 --workers 3 --device cpu --engines warp-cpu,nvrtc --only loops,sin --json"
    files = ["--weights", f"{tmp_path}/weights.toml", "--grammar", f"{tmp_path}/own.lark", "--out", f"{tmp_path}/new"]
    assert main([*flags.split(), *files]) == 0
    assert hunt.settings == Settings(
        seconds=90,
        seed=7,
        workers=3,
        device="cpu",
        engines=("warp-cpu", "nvrtc"),
        only=("loops", "sin"),
        weights=tmp_path / "weights.toml",
        grammar=tmp_path / "own.lark",
        out=tmp_path / "new",
        json=True,
    )


def test_a_hunt_needs_no_flags(hunt: Hunt) -> None:
    assert main([]) == 0
    settings = hunt.settings
    assert settings is not None
    assert (settings.seconds, settings.device, settings.engines, settings.only) == (60, "both", (), ())
    assert settings.workers >= 1


def test_two_hunts_without_a_seed_draw_different_ones(hunt: Hunt) -> None:
    seeds = set()
    for _ in range(3):
        main([])
        assert hunt.settings is not None
        seeds.add(hunt.settings.seed)
    assert len(seeds) > 1


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_the_exit_code_of_the_hunt_is_passed_on(hunt: Hunt, code: int) -> None:
    hunt.answer = code
    assert main([]) == code


def test_a_user_error_is_one_sentence(hunt: Hunt, capsys: pytest.CaptureFixture[str]) -> None:
    hunt.answer = UserError("the disk is full at campaigns/x: make room, then use --resume")
    assert sentence(capsys) == "warpsmith: the disk is full at campaigns/x: make room, then use --resume"


def test_a_defect_of_ours_is_a_traceback_and_no_finding(hunt: Hunt, capsys: pytest.CaptureFixture[str]) -> None:
    hunt.answer = IndexError("no third operand")
    assert main([]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("Traceback")
    assert printed.endswith("IndexError: no third operand\n")


def test_an_interrupt_is_130(hunt: Hunt) -> None:
    hunt.answer = KeyboardInterrupt()
    assert main([]) == 130


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("generate --count 1 --category lop", "there is no category 'lop': did you mean 'loops'?"),
        ("--device gpu", "there is no device 'gpu': choose from cpu, cuda, both."),
        ("reprot", "there is no command 'reprot': did you mean 'report'?"),
        ("generate --count 1 --category zzz", "there is no category 'zzz'."),
        ("--json report", "--json stands before 'report', so it is one of the hunt's flags."),
        *(
            (f"--resume . {flag}", f"--resume keeps the settings of the stored campaign: leave out {flag.split()[0]}.")
            for flag in ("--seed 3", "--only loops", "--device cpu", "--engines nvrtc", "--out new")
        ),
    ],
)
def test_a_wrong_use_names_what_is_wrong(arguments: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sentence(capsys, *arguments.split()) == f"warpsmith: {expected}"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("--sedd 3", "--seed"),
        ("coverage --jsn", "--json"),
        ("--seconds soon", "soon"),
        ("--seconds 0", "0"),
        ("--seconds nan", "nan"),
        ("--seconds inf", "inf"),
        ("--workers 0", "--workers"),
        ("--weights missing.toml", "missing.toml"),
        ("report missing", "missing"),
        ("generate", "--count"),
    ],
)
def test_a_wrong_flag_or_value_is_one_sentence(arguments: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert named in sentence(capsys, *arguments.split())


def test_the_help_shows_the_hunts_flags_and_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for word in ("--seconds", "--resume", "coverage", "doctor", "export", "generate", "replay", "report"):
        assert word in text


def test_generate_hands_on_its_flags(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[dict[str, Any]] = []
    module = SimpleNamespace(write_drafts=lambda **flags: calls.append(flags))
    monkeypatch.setitem(sys.modules, "fuzzer.corpus.command", module)
    arguments = f"generate --count 5 --category math --seed 1 --workers 2 --device cpu --out {tmp_path}/kernels.jsonl"
    assert main(arguments.split()) == 0
    assert calls == [
        {
            "count": 5,
            "category": "math",
            "seed": 1,
            "workers": 2,
            "form": Form(("cpu",), "full"),
            "schema": "full",
            "harvest": None,
            "out": tmp_path / "kernels.jsonl",
        }
    ]


def test_a_reader_that_stops_reading_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "fuzzer", "--help"],
        cwd=Path(__file__).parents[3],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (0, "")
