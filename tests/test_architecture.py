"""The one arrow, ``grammar <- oracle <- reports <- fuzzer``, and who may import Warp: checked over the imports."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "grammar": {"grammar"},
    "oracle": {"grammar", "oracle"},
    "reports": {"grammar", "oracle", "reports"},
    "fuzzer": {"grammar", "oracle", "reports", "fuzzer"},
}
FILES = [path.relative_to(ROOT) for package in MAY_IMPORT for path in sorted((ROOT / package).rglob("*.py"))]


def imported(text: str) -> Iterator[str]:
    """Name the top-level packages that a module imports, anywhere in it; a relative import is a dot."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else str(node.module).partition(".")[0]


def test_imports_are_found_wherever_they_stand() -> None:
    text = "import oracle.records as r, numpy\ndef f():\n    from warp.types import vec3\nfrom . import x\n"
    assert sorted(imported(text)) == [".", "numpy", "oracle", "warp"]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_imports_follow_the_arrow(file: Path) -> None:
    names = set(imported((ROOT / file).read_text(encoding="utf-8")))
    assert names & set(MAY_IMPORT) <= MAY_IMPORT[file.parts[0]]
    assert "tests" not in names
    assert "." not in names, "imports are absolute, so that this test sees them"


@pytest.mark.parametrize("file", [file for file in FILES if file.parts[:2] != ("oracle", "warp")], ids=str)
def test_only_one_folder_imports_warp(file: Path) -> None:
    assert "warp" not in set(imported((ROOT / file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("arguments", ["--help", "report", "report --json", "replay --help", "doctor --help"])
def test_help_and_reports_do_not_import_warp(arguments: str, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from fuzzer.command_line import main\n"
        "code = main(sys.argv[1:])\n"
        "sys.exit(f'imported Warp, code {code}' if 'warp' in sys.modules else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, *arguments.split()],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert ended.returncode == 0, ended.stderr
