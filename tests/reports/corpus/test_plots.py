from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from grammar.errors import UserError
from reports.corpus.plots import draw_plots
from reports.corpus.statistics import Statistics
from tests.reports.corpus.corpus_records import RECORDS, contents


def drawn(folder: Path) -> dict[str, str]:
    statistics = Statistics()
    for record in RECORDS:
        statistics.add(record)
    folder.mkdir(exist_ok=True)
    return draw_plots(folder, statistics.document({}))


def test_each_plot_is_a_small_image(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    assert list(drawn(tmp_path)) == [
        "images/categories.png",
        "images/lengths.png",
        "images/builtins.png",
        "images/depth.png",
    ]
    for content in contents(tmp_path / "images").values():
        assert struct.unpack(">II", content[16:24]) == (480, 270)
        assert len(content) < 60_000


def test_the_same_statistics_give_the_same_images(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    drawn(tmp_path / "a")
    drawn(tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(set(contents(tmp_path / "a").values())) == 4


def test_without_matplotlib_a_plot_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    with pytest.raises(UserError, match=r"drawing plots needs matplotlib: install it with .*'warpsmith\[plots\]'"):
        drawn(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_images_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "depth.png").symlink_to("/dev/full")
    with pytest.raises(UserError, match="cannot be written: No space left on device; make room"):
        drawn(tmp_path)
