"""The command ``generate``: pairs that nothing has executed, the same for any number of workers."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.commands.command_line import main
from fuzzer.corpus import command
from fuzzer.corpus.orders import Form, Order, devices_of
from fuzzer.corpus.recording import SharedSymbol, records_of
from fuzzer.corpus.specs import drafts
from fuzzer.processes.pool import Crashed, Raised, Task, TimedOut, value_of
from grammar import emit, parse
from grammar.check import check
from oracle.records import Launch, Provenance, TestCase
from reports.corpus.corpus_records import FIELDS, CorpusRecord, record_of

ROOT = Path(__file__).parents[3]
BOTH = Form(("cpu", "cuda"))
UNVERIFIED = "all of them unverified: nothing has executed their kernels\n"

pytestmark = pytest.mark.warp


def run(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    order = [sys.executable, "-m", "fuzzer", "generate", *arguments]
    return subprocess.run(order, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, **settings)


def made(count: int, *categories: str, seed: int = 3, form: Form = BOTH) -> list[tuple[CorpusRecord, ...]]:
    return drafts(Order(seed, categories or CATEGORIES, 0, count, form))


def read(path: Path) -> list[CorpusRecord]:
    return [record_of(json.loads(line)) for line in path.read_text().splitlines()]


def test_workers_and_hash_seeds_do_not_show_in_the_file(tmp_path: Path) -> None:
    for workers in ("1", "2"):
        ended = run(
            *f"--count 20 --seed 3 --workers {workers} --out {tmp_path / workers}.jsonl".split(),
            env=os.environ | {"PYTHONHASHSEED": workers},
        )
        assert ended.returncode == 0
        assert ended.stderr.startswith(
            f"kernels   20\nrecords   40, {UNVERIFIED}left out  nothing\nwritten   {tmp_path}"
        )
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert read(tmp_path / "1.jsonl") == [record for records in made(20) for record in records]


def all_but_the_fifth(order: Order) -> list[tuple[CorpusRecord, ...]]:
    return [pair for pair in drafts(order) if pair[0].index != 4]


def test_a_kernel_without_a_pair_is_replaced_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "drafts", all_but_the_fifth)
    assert main(f"generate --count 6 --seed 3 --workers 1 --device cpu --out {tmp_path / 'own.jsonl'}".split()) == 0
    assert [record.index for record in read(tmp_path / "own.jsonl")] == [0, 1, 2, 3, 5, 6]
    assert f"\nleft out  {command.NO_PAIR}: 1\nwritten   {tmp_path}" in capsys.readouterr().err


def nothing_made(order: Order) -> list[tuple[CorpusRecord, ...]]:
    return []


def test_a_warp_that_takes_nothing_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(command, "drafts", nothing_made)
    assert main(f"generate --count 2 --workers 1 --out {tmp_path / 'own.jsonl'}".split()) == 2
    assert capsys.readouterr().err == (
        "warpsmith: Warp generates code of 0 of 40 kernels only; see doctor for its version\n"
    )
    assert not list(tmp_path.iterdir())


PERSONS = """import warp as wp


@wp.kernel
def k_add(a: wp.array[float], b: wp.array[float], out: wp.array[float]):
    i = wp.tid()
    out[i] = a[i] + b[i]


@wp.kernel
def refused(a: wp.array[float]):
    a[0] = "text"
"""


def test_kernels_that_a_person_wrote_come_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.py").write_text(PERSONS)
    flags = "--count 2 --seed 3 --workers 1 --device cpu --code-scope kernel"
    assert main(f"generate {flags} --harvest {tmp_path / 'own.py'} --out {tmp_path / 'own.jsonl'}".split()) == 0
    own, first, second = read(tmp_path / "own.jsonl")
    assert (own.kernel_name, own.origin, own.status, own.index) == ("k_add", "own.py:k_add", "unverified", -1)
    assert own.generated_code == f"{own.cpp_forward}\n\n{own.cpp_backward}"
    assert [(record.origin, record.index) for record in (first, second)] == [("generated", 0), ("generated", 1)]
    reason = f"Warp generates no code of it for cpu (of {tmp_path / 'own.py'})"
    assert capsys.readouterr().err.startswith(f"kernels   3\nrecords   3, {UNVERIFIED}left out  {reason}: 1\n")


def test_a_record_is_flat_and_says_that_nothing_was_executed() -> None:
    [[cpu, cuda]] = made(1, "math")
    assert (cpu.device, cuda.device) == ("cpu", "cuda")
    assert cpu.cluster_id == cuda.cluster_id
    assert cpu.id != cuda.id
    for record in (cpu, cuda):
        assert (record.status, record.outputs, record.verified_by) == ("unverified", "", ())
        assert (record.max_deviation, record.bound, record.grad_verified) == (None, None, False)
        assert (record.seed, record.index, record.category, record.origin) == (3, 0, "math", "generated")
        assert record.python_source == emit(parse(record.python_source))
        assert record.licence == "Apache-2.0"
        assert {"kernel_def", "assign"} <= set(record.features)
        assert "tid" in record.builtins
        assert record.statements > 3


def test_the_code_of_a_kernel_does_not_depend_on_what_was_made_before() -> None:
    assert made(4)[3] == drafts(Order(3, CATEGORIES, 3, 4, BOTH))[0]


def test_the_scope_kernel_leaves_the_two_functions_of_the_kernel() -> None:
    [[whole]] = made(1, "loops", form=Form(("cpu",)))
    [[lone]] = made(1, "loops", form=Form(("cpu",), "kernel"))
    assert lone.generated_code == f"{whole.cpp_forward}\n\n{whole.cpp_backward}"
    assert whole.cpp_forward in whole.generated_code
    assert whole.generated_code.startswith("#define")


@pytest.mark.parametrize(("flag", "devices"), [("cpu", ("cpu",)), ("cuda", ("cuda",)), ("both", ("cpu", "cuda"))])
def test_a_flag_names_devices(flag: str, devices: tuple[str, ...]) -> None:
    assert devices_of(flag) == devices


def test_a_schema_is_chosen_by_name(tmp_path: Path) -> None:
    out = tmp_path / "pairs.jsonl"
    arguments = f"generate --count 2 --seed 3 --workers 1 --device cuda --schema pair --out {out}"
    assert main(arguments.split()) == 0
    documents = [json.loads(line) for line in out.read_text().splitlines()]
    assert [list(document) for document in documents] == [["python_source", "cpp_forward", "metadata"]] * 2
    assert all(document["metadata"]["device"] == "cuda" for document in documents)
    assert all(document["metadata"]["status"] == "unverified" for document in documents)


def test_records_go_to_standard_output_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    monkeypatch.setattr(command, "_drafts", lambda *order: iter(made(1, "math")))
    assert main(["generate", "--count", "1", "--seed", "3", "--category", "math"]) == 0
    documents = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [list(document) for document in documents] == [list(FIELDS)] * 2


def broken(error: BaseException) -> Iterator[tuple[CorpusRecord, ...]]:
    yield from made(1)
    raise error


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "warpsmith: interrupted: no file was written\n"),
        (RuntimeError("ours"), 2, "Traceback"),
    ],
)
def test_what_ends_too_early_leaves_no_file(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "_drafts", lambda *order: broken(error))
    assert main(["generate", "--count", "2", "--out", str(tmp_path / "own.jsonl")]) == code
    assert not list(tmp_path.iterdir())
    assert capsys.readouterr().err.startswith(said)


def test_a_file_that_is_there_is_not_replaced_and_nothing_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_drafts", lambda *order: broken(AssertionError("kernels are made")))
    own = tmp_path / "own.jsonl"
    own.write_text("old\n")
    assert main(["generate", "--count", "2", "--out", str(own)]) == 2
    assert capsys.readouterr().err == (
        f"warpsmith: {own} exists already, and nothing is replaced: remove it or choose another name\n"
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"own.jsonl": "old\n"}


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Raised(Task(len, "", 1.0), "ZeroDivisionError"), "a worker failed:\nZeroDivisionError"),
        (Crashed(Task(len, "", 1.0), -11, "said", "at"), "a worker ended with -11 at 'at': said"),
        (TimedOut(Task(len, "", 1.0), "at"), "a worker was stopped after 1 s at 'at'"),
    ],
)
def test_a_worker_that_fails_is_no_user_error(ending: Raised | Crashed | TimedOut, words: str) -> None:
    with pytest.raises(RuntimeError) as failure:
        value_of(ending)
    assert str(failure.value) == words


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("--count", "1", "--out", str(tmp_path / "file" / "own.jsonl"))
    assert ended.returncode == 2
    assert "own.jsonl cannot be written: File exists; make room or choose another folder" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_file_of_no_known_format_is_one_sentence(tmp_path: Path) -> None:
    ended = run("--count", "1", "--out", str(tmp_path / "own.csv"))
    assert ended.returncode == 2
    assert ended.stderr.endswith("own.csv names no format: let it end in .jsonl, .jsonl.zst, .parquet\n")


def test_a_full_disk_is_one_sentence() -> None:
    with open("/dev/full", "w") as full:
        ended = run("--count", "1", stdout=full)
    assert ended.returncode == 2
    assert ended.stderr == (
        "warpsmith: standard output cannot be written: No space left on device; choose a file with --out\n"
    )


FACTORY = """import warp as wp


def make(c, d):
    @wp.kernel
    def k(a: wp.array[wp.float32]):
        i = wp.tid()
        a[i] = a[i] * c
    return k


k0 = make({0}, 1)
k1 = make({1}, 2)
"""


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [("729374.43", "729374.429", True), ("0.5", "0.5", False), ("0.5", "0.25", False)],
)
def test_a_kernel_whose_code_differs_between_processes_has_no_record(first: str, second: str, shared: bool) -> None:
    module = parse(FACTORY.format(first, second))
    launches = (Launch("k0", (1,), ()), Launch("k1", (1,), ()))
    case = TestCase(module, (), launches, provenance=Provenance(0, 0, "math"))
    if shared:
        with pytest.raises(SharedSymbol):
            records_of(case, check(module), ("cpu",))
    else:
        [record] = records_of(case, check(module), ("cpu",))
        assert "static void k0_cpu_kernel_forward(" in record.cpp_forward
