"""What the README says to run, run as it is written."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.warp


def blocks(section: str, language: str) -> list[str]:
    text = README.partition(f"## {section}\n")[2].partition("\n## ")[0]
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return found


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def test_the_check_of_a_kernel_prints_what_is_written(tmp_path: Path) -> None:
    (program,), (printed,) = (blocks("Your own kernels", language) for language in ("python", "text"))
    (tmp_path / "smooth.py").write_text(program)
    assert run(tmp_path, sys.executable, "smooth.py") == printed


def test_the_commands_of_the_corpus_run_as_written(tmp_path: Path) -> None:
    [block] = blocks("A corpus", "")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for line in block.splitlines():
        python, *arguments = shlex.split(line)
        assert python == "python"
        run(tmp_path, sys.executable, *arguments)
    pairs = [json.loads(line)["metadata"] for line in (tmp_path / "pairs.jsonl").read_text().splitlines()]
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
    assert (tmp_path / "dataset" / "manifest.json").is_file()
    assert (tmp_path / "cpu.jsonl").stat().st_size > 2**20
    assert (tmp_path / "stats.json").is_file()
    assert (tmp_path / "people" / "README.md").is_file()


def test_the_program_of_the_corpus_runs_as_written(tmp_path: Path) -> None:
    [block] = blocks("A corpus", "python")
    (tmp_path / "program.py").write_text(f"{block}\nassert (spec.category, len(records)) == ('loops', 10)\n")
    run(tmp_path, sys.executable, "program.py")
    assert (tmp_path / "verified" / "manifest.json").is_file()
