"""What was made for an export is kept until it is finished, and used again only where it fits."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fuzzer.corpus.making import Made
from fuzzer.corpus.parts import Parts
from grammar.errors import UserError
from tests.reports.corpus.corpus_records import CPU

SETTINGS = {"seed": 3, "warp": "1.19.0"}
MADE = [Made("ab", "{}", ("cd",), (CPU,)), Made("ef", "", (), (), "known")]


def test_a_part_is_given_back_as_it_was(tmp_path: Path) -> None:
    Parts(tmp_path / "parts", SETTINGS).put(4, MADE)
    assert Parts(tmp_path / "parts", SETTINGS).get(4) == MADE


def test_a_part_that_was_not_made_is_none(tmp_path: Path) -> None:
    assert Parts(tmp_path / "parts", SETTINGS).get(0) is None


def test_parts_of_other_settings_are_made_anew(tmp_path: Path) -> None:
    Parts(tmp_path / "parts", SETTINGS).put(0, MADE)
    assert Parts(tmp_path / "parts", SETTINGS | {"seed": 4}).get(0) is None
    assert Parts(tmp_path / "parts", SETTINGS).get(0) is None


def test_removed_parts_leave_no_folder(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts", SETTINGS)
    parts.put(0, MADE)
    parts.remove()
    assert not (tmp_path / "parts").exists()


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    parts = Parts(tmp_path / "parts", SETTINGS)
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match=r"000002.json.z cannot be written: No space left on device; make room"):
        parts.put(2, MADE)
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["settings.json"]


def test_a_damaged_part_is_one_sentence(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts", SETTINGS)
    parts.put(0, MADE)
    (tmp_path / "parts" / "000000.json.z").write_bytes(b"no part")
    with pytest.raises(UserError, match=r"000000.json.z, a part of an interrupted export, is damaged: "):
        parts.get(0)
