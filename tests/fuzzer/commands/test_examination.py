"""What doctor says, also where Warp cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from fuzzer.commands import examination as doctor
from fuzzer.commands.examination import working_engines
from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut
from grammar.errors import UserError

TASK = Task(len, "", 1.0)


def examined(monkeypatch: pytest.MonkeyPatch, ending: Ending) -> dict[str, dict[str, object]]:
    run_alone: Callable[..., Ending] = lambda task, start: ending  # noqa: E731  # a stand-in of one line
    monkeypatch.setattr(doctor, "run_alone", run_alone)
    return doctor.examine()


def test_engines_are_listed_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    ending = Finished(TASK, {"warp-cpu": (True, ""), "cuda": (False, "no CUDA device")})
    assert examined(monkeypatch, ending)["engines"] == {
        "warp-cpu": {"available": True, "reason": ""},
        "cuda": {"available": False, "reason": "no CUDA device"},
    }


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (Raised(TASK, "Traceback\n  line\nImportError: no warp"), "ImportError: no warp"),
        (Crashed(TASK, -11, "bad cpu\n", ""), "the process ended with exit code -11: bad cpu"),
        (Crashed(TASK, -9, "", ""), "the process ended with exit code -9: it printed nothing"),
        (TimedOut(TASK, ""), "no answer within 120 seconds"),
    ],
)
def test_a_warp_that_cannot_be_asked_is_an_answer(monkeypatch: pytest.MonkeyPatch, ending: Ending, reason: str) -> None:
    assert examined(monkeypatch, ending)["engines"] == {"warp": {"available": False, "reason": reason}}


def test_the_document_is_json_and_can_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = examined(monkeypatch, Finished(TASK, {"cuda": (False, "no CUDA device")}))
    assert json.loads(json.dumps(document)) == document
    text = StringIO()
    doctor.render_examination(document, Console(file=text, width=100))
    assert "no CUDA device" in text.getvalue()
    assert "the grammar loads:" in text.getvalue()


@pytest.mark.parametrize(("version", "said"), [("99.0.0", True), ("1.19.0", False), (None, False)])
def test_a_warp_that_is_newer_than_what_is_known_of_it_is_said(
    monkeypatch: pytest.MonkeyPatch, version: str | None, said: bool
) -> None:
    monkeypatch.setattr(doctor, "_version", lambda distribution: version)
    document = examined(monkeypatch, Finished(TASK, {}))
    text = StringIO()
    doctor.render_examination(document, Console(file=text, width=200))
    assert ("what Warp 99.0.0 mended of them is not known" in document["reservation"]) is said
    assert ("what Warp 99.0.0 mended of them is not known" in text.getvalue()) is said


@pytest.mark.warp
def test_warp_itself_answers() -> None:
    engines = doctor.examine()["engines"]
    assert engines["warp-cpu"]["available"] is True
    assert engines["cuda"]["available"] is Path("/dev/nvidiactl").exists()


class Asked:
    """Plays the workers of a hunt: each answers as it is told to, or none can be started."""

    def __init__(self, *answers: dict[str, tuple[bool, str]] | None) -> None:
        self.answers = answers
        self.count = len(answers) or 1

    def submit(self, task: Task) -> None:
        pass

    def endings(self) -> list[Ending]:
        if not self.answers:
            raise RuntimeError("no worker can be started")
        return [Finished(TASK, answer) if answer else Crashed(TASK, -11, "", "") for answer in self.answers]


HERE = {"warp-text": (True, ""), "warp-cpu": (True, ""), "cuda": (False, "no GPU\n\nbehind it")}


def chosen(named: tuple[str, ...], usual: tuple[str, ...], *answers: dict[str, tuple[bool, str]] | None) -> list[str]:
    workers: Any = Asked(*answers)
    return list(working_engines(named, usual, workers))


def test_a_hunt_uses_the_engines_that_work_and_says_once_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert chosen((), ("warp-text", "warp-cpu", "cuda"), HERE, HERE) == ["warp-text", "warp-cpu"]
    assert capsys.readouterr().err == "warpsmith: hunting without cuda: no GPU behind it\n"


def test_engines_that_are_named_and_work_are_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert chosen(("warp-cpu",), ("warp-text", "warp-cpu", "cuda"), HERE) == ["warp-cpu"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("named", "usual"), [(("warp-cpu", "cuda"), ()), ((), ("cuda",))])
def test_a_hunt_does_not_begin_without_what_it_needs(named: tuple[str, ...], usual: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match=r"^the engine cuda does not work here: no GPU behind it; see doctor$"):
        chosen(named, usual, HERE)


@pytest.mark.parametrize("answers", [(), (HERE, None)])
def test_a_hunt_does_not_begin_where_warp_is_broken(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[dict[str, tuple[bool, str]] | None, ...]
) -> None:
    monkeypatch.setattr(doctor, "run_alone", lambda task, start: Raised(TASK, "Traceback\nImportError: no warp"))
    with pytest.raises(UserError, match="the engine warp-text does not work here: ImportError: no warp; see doctor"):
        chosen((), ("warp-text", "warp-cpu"), *answers)
