"""The one arrow, ``grammar <- oracle <- reports <- fuzzer``, and who may import Warp: checked over the imports."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from grammar.nodes import NODES
from grammar.ops import TABLE
from grammar.types import SCALARS
from oracle.engines import ENGINES
from tests.reports import samples

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


def names_in(file: Path) -> set[str]:
    return set(imported((ROOT / file).read_text(encoding="utf-8")))


def test_imports_follow_the_arrow_and_are_absolute() -> None:
    forbidden = {file: (names_in(file) & {*MAY_IMPORT, "tests", "."}) - MAY_IMPORT[file.parts[0]] for file in FILES}
    assert {str(file): names for file, names in forbidden.items() if names} == {}


def test_only_one_folder_imports_warp() -> None:
    assert [str(file) for file in FILES if "warp" in names_in(file) and file.parts[:2] != ("oracle", "warp")] == []


SCRIPT = """
import sys
from fuzzer.commands.command_line import main
for arguments in sys.argv[1:]:
    code = main(arguments.split())
    print(f"{arguments}: exit code {code}, {'with' if 'warp' in sys.modules else 'without'} Warp", file=sys.stderr)
"""
REPORTS = ("report", "report --json", "report campaigns/old campaigns/new")
WITHOUT_WARP = (*REPORTS, "--help", "replay --help", "doctor --help")


def test_help_and_reports_of_campaigns_do_not_import_warp(tmp_path: Path) -> None:
    for name in ("old", "new"):
        samples.campaign(tmp_path / "campaigns" / name)
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *WITHOUT_WARP],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr.splitlines() == [f"{arguments}: exit code 0, without Warp" for arguments in WITHOUT_WARP]
    assert samples.finding().signature.name in ended.stdout


SHAPES = {"Vector", "Matrix", "Quaternion", "Struct"}
MAY_TELL_TYPES_APART = {
    "grammar/check/modules.py": "a factory captures scalars and vectors",
    "oracle/warp/definitions.py": "Warp's own class of that name",
    "oracle/warp/launches.py": "Warp's own class of that name",
    "oracle/warp/sources.py": "Warp's own class of that name",
    "oracle/limitations/places.py": "rows of matrices, where Warp is known to depart",
    "oracle/limitations/workarounds.py": "a conversion by rows, where Warp is known to depart",
    "oracle/reference/bindings.py": "rows of matrices, as the limitation of that name has them",
}
"""Why a file outside of ``grammar/types`` may ask which composite type it has before it."""


def cases_of_types(text: str) -> set[str]:
    """Name the composite types that a module tells apart, by ``isinstance`` or in a pattern."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(ast.Name("isinstance"), [_, classes]):
                found |= {name.id for name in ast.walk(classes) if isinstance(name, ast.Name)}
            case ast.MatchClass(ast.Name(name)):
                found.add(name)
    return found & SHAPES


def test_cases_of_types_are_found_in_calls_and_patterns() -> None:
    text = "isinstance(t, Scalar | Vector)\nmatch t:\n    case Matrix(r, c): pass"
    assert cases_of_types(text) == {
        "Vector",
        "Matrix",
    }
    assert cases_of_types("Vector(3, t.scalar)") == set()


def test_types_are_asked_and_not_told_apart() -> None:
    files = [file for file in FILES if file.parts[:2] != ("grammar", "types")]
    telling = {str(file) for file in files if cases_of_types((ROOT / file).read_text(encoding="utf-8"))}
    assert telling == MAY_TELL_TYPES_APART.keys()


NAMES_OF_ENGINES = {facts.name for facts in ENGINES}
MAY_NAME_ENGINES = {
    "fuzzer/campaigns/settings.py": "what a test case is run by where nothing else is said",
    "oracle/records.py": "a layer has the name of the compiler",
    "reports/terminal.py": "a layer has the name of the compiler",
}
"""Why a file outside of ``oracle/engines`` may spell the name of an engine."""


def engines_named(text: str) -> set[str]:
    """Name the engines whose names stand as texts in a module; ``cuda`` is also what Warp calls a target."""
    constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    return {value for value in constants if value in NAMES_OF_ENGINES - {"cuda"}}


def test_engines_are_named_in_their_own_files_and_the_settings_alone() -> None:
    assert engines_named('x = "warp-cpu" if y == "cuda" else "nvrtc"') == {"warp-cpu", "nvrtc"}
    files = [file for file in FILES if file.parts[:2] != ("oracle", "engines")]
    naming = {str(file) for file in files if engines_named((ROOT / file).read_text(encoding="utf-8"))}
    assert naming == MAY_NAME_ENGINES.keys()


def test_engines_are_told_apart_by_their_facts() -> None:
    for file in FILES:
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and "engine" in ast.unparse(node.left):
                compared = [part.value for part in node.comparators if isinstance(part, ast.Constant)]
                assert not NAMES_OF_ENGINES.intersection(map(str, compared)), f"{file}: {ast.unparse(node)}"


TYPES = {name for scalar in SCALARS for name in (scalar.name, scalar.written)}
WORDS = {"where", "length", "step", "log", "vector", "matrix", "quaternion", *TYPES, *NODES}
"""Names of operations that are also names of something else: of types, productions, fields and logs."""

NAMES_OF_OPERATIONS = {name for op in TABLE.values() for name in (op.name, op.key, f"wp.{op.name}")} - WORDS
MAY_NAME_OPERATIONS = {
    "oracle/limitations/alternatives.py": "what Warp is known to do instead of some operations",
    "oracle/limitations/places.py": "where Warp is known to depart",
    "oracle/limitations/workarounds.py": "what is written instead of what Warp does not take",
    "oracle/text/lowering.py": "functions of Warp's native library that have names of their own",
    "oracle/text/translation.py": "functions of Warp's native library that are templates",
    "fuzzer/generation/guards.py": "what keeps an operand within a domain",
    "fuzzer/generation/repair.py": "what keeps an operand within a domain",
}
"""Why a file outside of ``grammar/ops`` may spell the name of an operation."""


def texts_in(text: str) -> set[str]:
    nodes = ast.walk(ast.parse(text))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_operations_are_named_in_the_table_alone() -> None:
    files = [file for file in FILES if file.parts[:2] != ("grammar", "ops")]
    naming = {str(file) for file in files if texts_in((ROOT / file).read_text(encoding="utf-8")) & NAMES_OF_OPERATIONS}
    assert naming == MAY_NAME_OPERATIONS.keys()
