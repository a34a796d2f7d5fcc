"""Generated kernels as records and as specs: deterministic, complete, and marked as not executed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import fuzzer
from fuzzer import generate
from fuzzer.command_line import main
from fuzzer.generate import Order, generate_kernel, generate_kernels, make_lines
from fuzzer.pool import Raised, Task
from fuzzer.settings import CATEGORIES
from grammar import parse
from grammar.check import check, written
from grammar.errors import UserError
from grammar.syntax import emit
from oracle.records import Options
from oracle.reference import interpret
from reports.cases import FORMAT, case_of

ROOT = Path(__file__).parents[2]


def records(count: int, *categories: str, seed: int = 3) -> list[dict[str, Any]]:
    return [json.loads(line) for line in make_lines(Order(seed, categories or CATEGORIES, 0, count))]


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzzer", "generate", *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, **settings)


def test_workers_and_hash_seeds_do_not_show_in_the_file(tmp_path: Path) -> None:
    texts = []
    for workers in ("1", "2"):
        out = tmp_path / f"{workers}.jsonl"
        ended = run(
            *f"--count 20 --seed 3 --workers {workers} --out {out}".split(),
            env=os.environ | {"PYTHONHASHSEED": workers},
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].decode().splitlines(keepends=True) == make_lines(Order(3, CATEGORIES, 0, 20))


def test_a_record_is_flat_and_says_that_nothing_was_executed() -> None:
    (record,) = records(1, "math")
    assert list(record) == [
        "id",
        "status",
        "index",
        "name",
        "category",
        "description",
        "arg_types",
        "python_source",
        "seed",
        "inputs",
        "launches",
    ]
    assert record["status"] == "unverified"
    assert (record["seed"], record["index"], record["category"]) == (3, 0, "math")
    assert record["id"] == hashlib.sha256(record["python_source"].encode()).hexdigest()
    assert record["python_source"] == emit(parse(record["python_source"]))


def test_inputs_and_launches_make_a_defined_test_case_of_a_record() -> None:
    for record in records(len(CATEGORIES)):
        document = {
            "format": FORMAT,
            "module": record["python_source"],
            "buffers": record["inputs"],
            "launches": record["launches"],
            "options": asdict(Options()),
        }
        assert interpret(case_of(document, "it")).arrays


def test_the_types_of_a_kernel_are_those_of_its_source() -> None:
    for spec in generate_kernels(len(CATEGORIES), seed=5):
        kernel = check(parse(spec.python_source)).kernels[spec.name]
        assert list(spec.arg_types) == list(kernel.names)
        assert list(spec.arg_types.values()) == [emit(written(type_)) for type_ in kernel.types]


def test_categories_take_turns() -> None:
    assert [record["category"] for record in records(5, "math", "loops")] == ["math", "loops", "math", "loops", "math"]
    assert [spec.category for spec in generate_kernels(12, seed=3)] == [*CATEGORIES, CATEGORIES[0]]


def test_programs_and_the_command_generate_the_same_kernels() -> None:
    (first, second) = generate_kernels(2, ["vector"], seed=3)
    assert [r["python_source"] for r in records(2, "vector")] == [first.python_source, second.python_source]
    assert generate_kernel("vector", 3) == first != second
    assert first.seed == 3


def test_a_description_counts_constructs_and_names_builtins() -> None:
    text = "import warp as wp\n@wp.kernel\ndef k(a: wp.array[float]):\n"
    text += "    for i in range(2):\n        if a[i] < 1.0:\n            a[i] = wp.sin(wp.cos(wp.sin(a[i])))\n"
    typing = check(parse(text))
    assert generate.described(typing) == "1 kernel, 3 statements, 1 loop, 1 condition; sin, cos"


@pytest.mark.parametrize("categories", [["math", "lops"], ["lops"]])
def test_an_unknown_category_is_a_sentence(categories: list[str]) -> None:
    with pytest.raises(UserError, match=r"there is no category 'lops': did you mean 'loops'\?"):
        generate_kernels(1, categories)


def test_no_category_is_a_sentence() -> None:
    with pytest.raises(UserError, match="name at least one category: arithmetic, vector"):
        generate_kernels(1, [])


def test_the_functions_are_loaded_when_they_are_used() -> None:
    script = """
import sys, fuzzer
assert "lark" not in sys.modules
print(fuzzer.generate_kernel("math", 1).category, fuzzer.strategies.kernels.__name__)
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("math kernels\n", "")
    with pytest.raises(AttributeError, match="no attribute 'generate_kernals'"):
        fuzzer.generate_kernals  # noqa: B018  # the attribute is what is tested


def test_records_go_to_standard_output_without_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "_lines", lambda order, workers: make_lines(order))
    assert main(["generate", "--count", "1", "--seed", "3", "--category", "math"]) == 0
    assert capsys.readouterr().out.splitlines(keepends=True) == make_lines(Order(3, ("math",), 0, 1))


def broken_lines(error: BaseException) -> Iterator[str]:
    yield "a record\n"
    raise error


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (RuntimeError("ours"), 2)])
def test_what_ends_too_early_leaves_the_old_file(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(generate, "_lines", lambda order, workers: broken_lines(error))
    (tmp_path / "own.jsonl").write_text("old\n")
    assert main(["generate", "--count", "2", "--out", str(tmp_path / "own.jsonl")]) == code
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"own.jsonl": "old\n"}


def test_a_worker_that_fails_is_no_user_error() -> None:
    with pytest.raises(RuntimeError, match=r"a worker failed: .*ZeroDivisionError"):
        generate._made(Raised(Task(len, "", 1.0), "ZeroDivisionError"))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("--count", "1", "--out", str(tmp_path / "file" / "own.jsonl"))
    assert ended.returncode == 2
    assert "own.jsonl cannot be written: File exists; make room or choose another folder" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_device_is_not_replaced_by_a_file() -> None:
    ended = run("--count", "1", "--out", "/dev/null")
    assert ended.stderr == "warpsmith: /dev/null is not a file that could be replaced; choose another name\n"
    assert not Path("/dev/null").is_file()


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        ended = run("--count", "1", stdout=full)
    assert ended.returncode == 2
    assert ended.stderr == (
        "warpsmith: standard output cannot be written: No space left on device; choose a file with --out\n"
    )
