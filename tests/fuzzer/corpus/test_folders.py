"""The folders of this machine that no record may name."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from fuzzer.corpus.folders import named_folder, own_folders


@pytest.mark.parametrize(
    "text",
    [
        "see {home}/notes.txt",
        "a line\n{temporary}/notes.txt",
        "{here}/notes.txt",
        "{prefix}/lib",
        "in /données/projet alone",
    ],
)
def test_a_folder_is_found_in_any_field(text: str) -> None:
    text = text.format(home=Path.home(), temporary=tempfile.gettempdir(), here=Path.cwd(), prefix=sys.prefix)
    folders = own_folders(Path("/données/projet"))
    assert named_folder({"index": 3, "source": "", "texts": ["", text]}, folders)


def test_a_quotient_is_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/x")
    monkeypatch.chdir("/")
    assert "/x/" in own_folders()
    assert named_folder({"source": "a = b/x + 1.0 / y"}, own_folders()) == ""
