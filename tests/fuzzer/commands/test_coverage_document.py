"""What of the language is covered, and which kernels of a source tree are in it."""

from __future__ import annotations

import ast
import json
import tokenize
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fuzzer.commands import coverage_document as coverage
from fuzzer.commands.command_line import main
from fuzzer.commands.coverage_document import NODES, coverage_document, kernels_document, warp_builtins
from fuzzer.commands.coverage_tables import render_coverage
from grammar.errors import UserError
from grammar.ops.record import TABLE

TREE = {
    "good.py": """
import warp as wp

@wp.kernel
def squares(a: wp.array[float]):
    a[wp.tid()] *= a[wp.tid()]

@wp.kernel
def too_many_types(a: wp.array[float]):
    a[0] = 1

@wp.kernel
def transform(q: wp.transform):
    pass
""",
    "below/other.py": """
import warp as wp

@wp.kernel
def names(storage: str):
    print("text")

@wp.kernel
def checked(n: int):
    assert n < 2

@wp.kernel
def tile():
    a = b = 2
""",
    "broken.py": "def k(:\n",
    "below/deep.py": "@wp.kernel\ndef k(a: wp.array[int]):\n    a[0] = " + "-" * 600 + "1\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def rendered(document: dict[str, object]) -> str:
    text = StringIO()
    render_coverage(document, Console(file=text, width=80))
    return text.getvalue()


def test_builtins_are_counted_by_what_can_be_named_and_computed() -> None:
    builtins = coverage_document()["builtins"]
    assert builtins["total"] == 355
    assert builtins["nameable"] == 324
    assert builtins["forward"] + builtins["unsupported"] == 324
    assert builtins["adjoint"] == 0
    assert builtins["groups"]["Operators"] | {"forward": 16, "missing": []} == {
        "total": 16,
        "nameable": 16,
        "forward": 16,
        "missing": [],
    }
    named = [name for group in builtins["groups"].values() for name in group["missing"]]
    assert len(named) == builtins["unsupported"]


def test_a_builtin_counts_while_the_table_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    before = coverage_document()["builtins"]
    monkeypatch.setattr(coverage, "TABLE", {key: op for key, op in TABLE.items() if key != "sin"})
    after = coverage_document()["builtins"]
    assert "sin" not in before["groups"]["Scalar Math"]["missing"]
    assert "sin" in after["groups"]["Scalar Math"]["missing"]
    assert after["forward"] == before["forward"] - 1


@pytest.mark.parametrize(("group", "name"), [("Utility", "tid"), ("Operators", "unot"), ("Scalar Math", "float")])
def test_a_builtin_that_is_syntax_to_us_counts(group: str, name: str) -> None:
    assert name not in coverage_document()["builtins"]["groups"][group]["missing"]


@pytest.mark.warp
def test_the_list_of_builtins_is_that_of_the_installed_warp() -> None:
    from warp._src.context import builtin_functions

    ours = {name: group for group, kinds in warp_builtins().items() for names in kinds.values() for name in names}
    assert ours == {name: function.group for name, function in builtin_functions.items()}


@pytest.mark.parametrize("name", NODES)
def test_the_statement_for_a_node_of_python_has_that_node(name: str) -> None:
    tree = ast.parse(f"def k():\n    for x in y:\n        {NODES[name].replace(chr(10), chr(10) + ' ' * 8)}")
    body = tree.body if name == "FunctionDef" else tree.body[0].body[0].body  # type: ignore[attr-defined]  # the tree of the line above
    assert name in {type(node).__name__ for statement in body for node in ast.walk(statement)}


def test_the_nodes_of_python_are_those_that_warp_accepts() -> None:
    nodes = coverage_document()["nodes"]
    assert nodes == {"total": 26, "covered": 24, "missing": ["Assert", "Starred"]}


def test_operations_are_counted_by_scalar_type_and_group() -> None:
    document = coverage_document()
    assert document["productions"] > 50
    assert document["operators"] > 30
    assert document["operations"]["total"] == len(TABLE)
    types = document["operations"]["types"]
    assert list(types)[:2] == ["bool", "int8"]
    assert types["float16"]["Casts"] == types["bool"]["Casts"] == 12
    assert "Vector Math" not in types["bool"]


def test_kernels_of_a_tree_are_parsed_and_typed_and_reasons_are_counted(tree: Path) -> None:
    assert coverage_document(tree)["kernels"] == {
        "files": 4,
        "found": 7,
        "parsed": 3,
        "typed": 1,
        "refused": [
            {"reason": "syntax: a string", "count": 1, "first": "below/other.py:5"},
            {
                "reason": "syntax: a text nested more than 100 deep is not in the language",
                "count": 1,
                "first": "below/deep.py:2",
            },
            {"reason": "syntax: no Assert in the language", "count": 1, "first": "below/other.py:9"},
            {"reason": "syntax: this form of Assign", "count": 1, "first": "below/other.py:13"},
            {"reason": "types: a place of type float32 cannot take int32", "count": 1, "first": "good.py:9"},
            {
                "reason": "types: warpsmith does not support this type yet: wp.transform",
                "count": 1,
                "first": "good.py:13",
            },
        ],
        "unreadable": {"broken.py": "it is no Python: invalid syntax, line 1"},
    }


def test_one_file_may_be_given_instead_of_a_tree(tree: Path) -> None:
    kernels = kernels_document(tree / "good.py")
    assert (kernels["found"], kernels["typed"]) == (3, 1)
    assert kernels["refused"][0]["first"] == "good.py:9"


def test_the_frequent_reasons_come_first(tmp_path: Path) -> None:
    strings = "".join(f"@wp.kernel\ndef k{i}():\n    print('{i}')\n" for i in range(3))
    (tmp_path / "own.py").write_text(f"@wp.kernel\ndef k():\n    assert 1\n{strings}")
    reasons = [(entry["count"], entry["reason"]) for entry in kernels_document(tmp_path)["refused"]]
    assert reasons == [(3, "syntax: a string"), (1, "syntax: no Assert in the language")]


def test_a_file_that_cannot_be_read_is_an_error_alone_and_counted_in_a_tree(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(tokenize, "open", refuse)
    with pytest.raises(UserError, match=r"no kernel can be looked for in .*good.py: Permission denied"):
        kernels_document(tree / "good.py")
    assert len(kernels_document(tree)["unreadable"]) == 4


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"#" * (2**21 + 1), "it is larger than 2 MiB"),
        (bytes(range(256)), "'utf-8' codec can't decode byte 0x80 in position 128: invalid start byte"),
        (b"x = " + b"-" * 20_000 + b"1\n", "it is nested too deeply"),
        (b"def k(:\n", "it is no Python: invalid syntax, line 1"),
        (b"# Title\n\nIt's text.\n", "it is no Python: unterminated string literal (detected at line 3)"),
    ],
    ids=["large", "binary", "deep", "broken", "text"],
)
def test_a_file_that_is_no_python_is_one_sentence_where_it_was_asked_for(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_bytes(content)
    with pytest.raises(UserError) as refusal:
        kernels_document(tmp_path / "own.py")
    assert str(refusal.value) == f"no kernel can be looked for in {tmp_path}/own.py: {sentence}"


def test_files_are_handed_out_one_by_one(tree: Path) -> None:
    seen: list[str] = []

    def noting(files: Iterable[Path]) -> Iterator[Path]:
        for file in files:
            seen.append(file.name)
            yield file

    kernels_document(tree, noting)
    assert seen == ["deep.py", "other.py", "broken.py", "good.py"]


def test_the_tables_fit_80_columns_and_show_foreign_names_as_text(tmp_path: Path) -> None:
    (tmp_path / "[red]x\x1b[1m.py").write_text("@wp.kernel\ndef k():\n    assert 1\n")
    text = rendered(coverage_document(tmp_path))
    assert max(map(len, (rendered(coverage_document()) + text).splitlines())) <= 80
    assert "[red]x\N{REPLACEMENT CHARACTER}[1m.py:2" in text
    assert "\x1b" not in text


def test_of_a_path_its_kernels_are_shown_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("@wp.kernel\ndef k():\n    assert 1\n")
    lines = rendered(coverage_document(tmp_path / "own.py")).splitlines()
    assert [" ".join(line.split()) for line in lines] == [
        "1 kernel in 1 file: 0 parsed (0%), 0 typed (0%)",
        "why not first seen",
        "1 syntax: no Assert in the language own.py:2",
    ]
    assert rendered(coverage_document()).startswith("Warp has 355 builtins, of which kernels can name 324.")


def test_a_long_list_of_reasons_is_cut(tmp_path: Path) -> None:
    kernels = "".join(f"@wp.kernel\ndef k{i}():\n    unknown{i}()\n" for i in range(18))
    (tmp_path / "own.py").write_text(kernels)
    text = rendered(coverage_document(tmp_path))
    assert text.count("warpsmith does not support the function") == 15
    assert "and 3 more, see --json" in text


def test_the_command_prints_one_json_document(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", str(tree), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["kernels"]["found"] == 7
    assert printed.err == ""


def test_a_missing_path_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["coverage", "missing"]) == 2
    assert "'missing' does not exist" in capsys.readouterr().err
