"""What doctor says, also where Warp cannot be asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from fuzzer import doctor
from fuzzer.pool import Crashed, Ending, Finished, Raised, Task, TimedOut

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
