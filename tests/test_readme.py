"""What the README says to run, run as it is written."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fuzzer.commands.command_line import main
from fuzzer.corpus import export

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.warp


def blocks(section: str, language: str) -> list[str]:
    text = README.partition(f"## {section}\n")[2].partition("\n## ")[0]
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder. Left out are the ten seconds in which an export reads the kernels of the wheel."""
    monkeypatch.setattr(export, "wheel_kernels", lambda workers, step: frozenset())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_check_of_a_kernel_prints_what_is_written(folder: Path) -> None:
    (program,), (printed,) = (blocks("Your own kernels", language) for language in ("python", "text"))
    (folder / "smooth.py").write_text(program)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "smooth.py"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == (printed, 0), ended.stderr[-2000:]


def test_the_commands_of_the_corpus_run_as_written(folder: Path) -> None:
    [block] = blocks("A corpus", "")
    (folder / "examples").symlink_to(ROOT / "examples")
    for line in block.splitlines():
        python, module, name, *arguments = shlex.split(line)
        assert (python, module, name) == ("python", "-m", "fuzzer")
        assert main(arguments) == 0, line
    pairs = [json.loads(line)["metadata"] for line in (folder / "pairs.jsonl").read_text().splitlines()]
    assert [pair["kernel_name"] for pair in pairs[:12:2]] == [
        "k_add",
        "k_saxpy",
        "k_trig",
        "k_branch",
        "k_vec_ops",
        "k_atomic",
    ]
    assert len(pairs) == 2 * (6 + 125)
    assert {pair["status"] for pair in pairs} == {"unverified"}
    assert (folder / "dataset" / "manifest.json").is_file()
    assert (folder / "cpu.jsonl").stat().st_size > 2**20
    assert (folder / "stats.json").is_file()
    assert (folder / "people" / "README.md").is_file()


def test_the_program_of_the_corpus_runs_as_written(folder: Path) -> None:
    [block] = blocks("A corpus", "python")
    (folder / "program.py").write_text(block)
    names = runpy.run_path("program.py")
    assert (names["spec"].category, len(names["records"])) == ("loops", 10)
    assert (folder / "verified" / "manifest.json").is_file()
