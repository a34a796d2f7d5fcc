"""Replaying what is stored: how it is found, what is refused before it runs, and what each ending means."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from fuzzer.campaigns.stored import find_stored
from fuzzer.commands import replaying
from fuzzer.commands.command_line import main
from fuzzer.commands.replaying import replay
from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut
from grammar import parse
from grammar.errors import UserError
from grammar.types import FLOAT32
from oracle.records import KINDS, Buffer, BufferRef, Finding, Judgement, Launch, Mismatch, Signature, TestCase, Verdict
from reports.case_documents import write_case
from reports.reproducer import write_finding
from reports.store import Store
from tests.regressions import half_to_bool
from tests.reports import samples

SOURCE = "import warp as wp\n@wp.kernel\ndef k(a: wp.array[float], s: float):\n    a[0] = a[0] * s\n"
CASE = TestCase(
    parse(SOURCE),
    (Buffer.of("a", FLOAT32, np.array([1.5], np.float32)),),
    (Launch("k", (1,), (BufferRef("a"), np.float32(2.0))),),
)
MISMATCH = Mismatch("a", (0,), np.float32(3.0), np.float32(3.0000002), 0.0)
WRONG = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value", "1 of 1 elements lie outside", (MISMATCH,))
TASK = Task(len, "", 1.0)


def finding(kind: str = "wrong_value", engine: str = "warp-cpu") -> Finding:
    return Finding(Signature(kind, "native", "mul", "float32"), CASE, engine, (), "", "a rule", "seen", {}, {})


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Replay a finding of a kind whose run ends as told; gives the exit code and what was printed."""

    def replayed(ending: Ending, kind: str = "") -> tuple[int, str]:
        monkeypatch.setattr(replaying, "run_alone", lambda task, start: ending)
        if kind:
            write_finding(tmp_path / "bucket", replace(finding(kind), expected={"a": np.array([3.0], np.float32)}), {})
        else:
            write_case(tmp_path / "bucket" / "case.json", CASE)
        text = StringIO()
        return replay(str(tmp_path / "bucket"), Console(file=text, width=100)), text.getvalue()

    return replayed


def judged(verdict: Verdict, **words: Any) -> Finished:
    return Finished(TASK, Judgement(verdict, "warp-cpu", **words))


def test_a_deviation_is_shown_with_its_bits_and_is_exit_code_1(ends: Callable[..., tuple[int, str]]) -> None:
    code, text = ends(Finished(TASK, WRONG), "wrong_value")
    assert code == 1
    assert [line.rstrip() for line in text.splitlines()] == [
        "wrong_value in native: mul (float32)",
        "still there: warp-cpu departs from the reference, wrong_value",
        "1 of 1 elements lie outside",
        "a[0]  expected 3.0 (0x40400000)",
        "      actual   3.0000002 (0x40400001), 1 ULP from the expected value",
        "      bound    none: every bit has to be as expected",
    ]


@pytest.mark.parametrize(
    ("ending", "kind", "code", "said"),
    [
        (judged(Verdict.AGREE), "", 0, "gone: warp-cpu agrees with the reference"),
        (judged(Verdict.AGREE), "crash", 0, "gone: warp-cpu agrees with the reference"),
        (judged(Verdict.KNOWN, limitation="half"), "", 1, "still there: warp-cpu departs as the known divergence half"),
        (judged(Verdict.UNCOMPARED), "compile_error", 0, "gone: warp-cpu compiles it"),
        (Finished(TASK, WRONG), "crash", 1, "still there: warp-cpu departs from the reference, now wrong_value"),
        (Crashed(TASK, -11, "", "mark"), "crash", 1, "still there: warp-cpu departs from the reference, crash"),
        (Crashed(TASK, -11, "", "mark"), "", 1, "the process was ended by SIGSEGV"),
        (TimedOut(TASK, "mark"), "hang", 1, "it did not end within 60 seconds"),
    ],
)
def test_each_ending_is_the_defect_or_its_end(
    ending: Ending, kind: str, code: int, said: str, ends: Callable[..., tuple[int, str]]
) -> None:
    found, text = ends(ending, kind)
    assert found == code
    assert said in text


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        (judged(Verdict.UNSUPPORTED, message="no GPU"), "cannot be judged here: warp-cpu: no GPU"),
        (judged(Verdict.UNSUPPORTED, message="not read: x", line=7), "warp-cpu: not read: x, at line 7 of the text"),
        (judged(Verdict.UNCOMPARED, message="order matters"), "cannot be judged here: warp-cpu: order matters"),
    ],
)
def test_what_cannot_be_judged_is_a_sentence(
    ending: Ending, sentence: str, ends: Callable[..., tuple[int, str]]
) -> None:
    with pytest.raises(UserError, match=sentence):
        ends(ending, "wrong_value")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "compile_error"])
def test_what_was_not_compared_is_not_gone(kind: str, ends: Callable[..., tuple[int, str]]) -> None:
    with pytest.raises(UserError, match="cannot be judged here: warp-cpu: compiled, not executed"):
        ends(judged(Verdict.UNCOMPARED, message="compiled, not executed"), kind)


def test_a_defect_of_ours_is_not_taken_for_one_of_warp(ends: Callable[..., tuple[int, str]]) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        ends(Raised(TASK, "Traceback\nZeroDivisionError: division by zero"), "wrong_value")


def test_text_of_a_stored_finding_is_shown_as_text(ends: Callable[..., tuple[int, str]]) -> None:
    message = "[bold]not markup[/bold] \x1b[31mred"
    _, text = ends(judged(Verdict.DISCREPANCY, kind="compile_error", message=message), "compile_error")
    assert "[bold]not markup[/bold] \N{REPLACEMENT CHARACTER}[31mred" in text


def test_a_finding_that_is_not_reduced_says_so_when_it_is_replayed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(replaying, "run_alone", lambda task, start: Finished(TASK, WRONG))
    unfinished = replace(finding(), expected={"a": np.array([3.0], np.float32)}, unfinished=True)
    write_finding(tmp_path / "bucket", unfinished, {})
    text = StringIO()
    replay(str(tmp_path / "bucket"), Console(file=text, width=100))
    assert text.getvalue().splitlines()[0] == "wrong_value in native: mul (float32), unfinished"


def test_a_finding_is_replayed_by_the_engine_that_showed_it(tmp_path: Path) -> None:
    write_finding(tmp_path, replace(finding("compile_error", "nvrtc")), {})
    stored = find_stored(str(tmp_path))
    assert (stored.engine, stored.kind) == ("nvrtc", "compile_error")
    assert find_stored(str(tmp_path / "case.json")).engine == "nvrtc"


def test_a_case_without_a_finding_is_replayed_on_the_cpu(tmp_path: Path) -> None:
    write_case(tmp_path / "own.json", CASE)
    stored = find_stored(str(tmp_path / "own.json"))
    assert (stored.engine, stored.kind) == ("warp-cpu", "")


NAME = samples.finding().signature.name


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a campaign of one finding under campaigns, and an older one of two elsewhere."""
    monkeypatch.chdir(tmp_path)
    samples.campaign(Path("mine"))
    with Store.resume(Path("mine")) as store:
        store.record_finding(finding(), 1.0)
    samples.campaign(Path("campaigns/first"))
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [NAME, NAME[:20], "campaigns/first", f"campaigns/first/findings/{NAME}", f"mine/{NAME}", f"mine/{NAME[:20]}"],
)
def test_a_finding_is_named_in_many_ways(name: str, two: Path) -> None:
    assert find_stored(name).signature == samples.finding().signature


def test_the_campaign_in_the_working_folder_goes_before_the_newest(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(two / "mine")
    assert find_stored("wrong-value-native").signature == finding().signature
    assert find_stored(f"findings/{NAME[:20]}").signature == samples.finding().signature


BOTH = "mine/findings/wrong-value-native-mul-float32-[0-9a-f]{8}, mine/findings/wrong-value-front-end-floordiv-int32"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("other", "no file 'other', and no finding whose name begins so in campaigns/first; see report"),
        ("mine/other", "no file 'mine/other', and no finding whose name begins so in mine; see report"),
        ("mine", f"^mine has 2 findings: name one of {BOTH}"),
        ("mine/wrong", f"^'mine/wrong' is the beginning of 2 findings: name one of {BOTH}"),
        ("campaigns", r"^campaigns is no folder of a finding \(it has no case.json\) or of a campaign"),
        ("campaigns/empty", "^campaigns/empty has no finding, so that there is nothing to run again"),
    ],
)
def test_what_names_no_finding_or_several_is_told_which_to_name(name: str, sentence: str, two: Path) -> None:
    Store.create(two / "campaigns" / "empty", 7, {}, {}, {}).close()
    os.utime(two / "campaigns" / "empty" / "campaign.sqlite", (1, 1))
    with pytest.raises(UserError, match=sentence):
        find_stored(name)


def test_a_name_without_any_campaign_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["replay", "wrong"]) == 2
    assert "campaigns holds no campaign yet" in capsys.readouterr().err


DEEP = "\n".join(
    [
        "import warp as wp\n@wp.func\ndef f0(x: float) -> float:\n    return x",
        *(f"@wp.func\ndef f{i}(x: float) -> float:\n    return f{i - 1}(x)" for i in range(1, 401)),
        "@wp.kernel\ndef k(a: wp.array[float]):\n    a[0] = f400(1.0)\n",
    ]
)


def launch(*arguments: Any) -> dict[str, Any]:
    return {"kernel": "k", "dims": [1], "arguments": list(arguments)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": "other"}, "holds no test case: its format is 'other'"),
        ({"module": SOURCE.replace("* s", "* 1")}, "holds no test case: its module is ill typed"),
        ({"module": SOURCE.replace("warp as", "os as")}, "its module is ill typed: a module imports warp as wp"),
        ({"module": SOURCE.replace("a[0] =", "a[9] =")}, "has no defined meaning: index out of range"),
        (
            {"launches": [launch({"buffer": "a"}, {"float32": "3f000000"}) | {"dims": [10**9]}]},
            "its launches have more than 65536 threads",
        ),
        ({"launches": []}, "'launches' is empty, so that nothing would run"),
        (
            {"module": "import warp as wp\n@wp.kernel\ndef k():\n    pass\n", "buffers": [], "launches": [launch()]},
            "has no",
        ),
        (
            {"module": SOURCE.replace("* s", "* " + "-" * 3000 + "s")},
            "does not parse: a text nested more than 100 deep",
        ),
        (
            {"module": DEEP, "launches": [launch({"buffer": "a"})]},
            "cannot be computed: its functions call each other too deeply",
        ),
        ({"launches": [launch({"buffer": "a"})]}, "the launch of k does not fit the kernel"),
        ({"launches": [launch({"buffer": "a"}, 2)]}, "the launch of k does not fit the kernel"),
        ({"launches": [launch(2, {"buffer": "a"})]}, "the launch of k does not fit the kernel"),
    ],
)
def test_what_is_stored_is_checked_before_anything_runs(
    change: dict[str, Any], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "run_alone", lambda task, start: pytest.fail("it ran"))
    write_case(tmp_path / "own.json", CASE)
    document = json.loads((tmp_path / "own.json").read_text())
    (tmp_path / "own.json").write_text(json.dumps(document | change))
    with pytest.raises(UserError, match=sentence):
        replay(str(tmp_path / "own.json"), Console())


@pytest.mark.parametrize("content", [SOURCE.encode(), bytes(range(256)), b"\x89PNG\r\n", b"[" * 100_000])
def test_a_file_that_is_no_case_is_one_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_bytes(content)
    assert main(["replay", str(tmp_path / "own.py")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{tmp_path}/own.py is not JSON" in line


def test_a_finding_that_needs_no_array_is_replayed(tmp_path: Path) -> None:
    case = TestCase(parse("import warp as wp\n@wp.kernel\ndef k():\n    pass\n"), (), (Launch("k", (1,), ()),))
    write_finding(tmp_path, replace(finding("crash"), case=case), {})
    assert find_stored(str(tmp_path)).case.buffers == ()


@pytest.mark.warp
@pytest.mark.parametrize(
    ("case", "code", "said"),
    [
        (CASE, 0, "gone: warp-cpu agrees with the reference"),
        (half_to_bool.CASE, 1, "still there: warp-cpu departs as the known divergence"),
    ],
)
def test_a_real_case_runs_alone_and_is_judged(
    case: TestCase, code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_case(tmp_path / "own.json", case)
    assert main(["replay", str(tmp_path / "own.json")]) == code
    assert said in capsys.readouterr().out


@pytest.mark.warp
def test_an_unknown_engine_is_a_sentence(tmp_path: Path) -> None:
    write_finding(tmp_path, finding("compile_error", "warp-cpu"), {})
    written = tmp_path / "case.json"
    written.write_text(written.read_text(encoding="utf-8").replace('"warp-cpu"', '"warp-quantum"'), encoding="utf-8")
    with pytest.raises(UserError, match="cannot be judged here: warp-quantum: there is no such engine"):
        replay(str(tmp_path), Console())
