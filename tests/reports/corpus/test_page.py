"""The page that shows a corpus is the card of a dataset, and says of records what is true today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from reports.corpus.card import descriptions
from reports.corpus.page import command_of, page_text, write_page
from tests.reports.corpus.corpus_records import dataset

PAGE = Path(__file__).parents[3] / "docs" / "corpus.md"


def test_a_page_is_the_card_without_its_front_matter() -> None:
    card = "---\nlicense: apache-2.0\n---\n\n# Kernels\n\nSome text.\n\n![Lengths](images/lengths.png)\n"
    assert page_text(card, "make it") == (
        "# Kernels\n\nThis is the data card of a corpus made by `make it`; every export writes its own.\n\n"
        "Some text.\n\n![Lengths](images/corpus-lengths.png)\n"
    )


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        ({"kernels": "fresh", "seed": 1, "count": 60}, "python -m fuzzer export --count 60 --seed 1 --out DIR"),
        ({"kernels": "campaign", "seed": 0, "count": None}, "python -m fuzzer export CAMPAIGN --out DIR"),
        ({"kernels": "harvest", "seed": 0, "count": None}, "python -m fuzzer export --harvest PATH --out DIR"),
    ],
)
def test_the_command_is_that_of_the_manifest(settings: dict[str, Any], command: str) -> None:
    assert command_of(settings) == command


def test_the_page_of_a_dataset_is_written_beside_its_plots(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    folder = dataset(tmp_path / "dataset", settings={"kernels": "harvest", "seed": 0, "count": None})
    (tmp_path / "docs").mkdir()
    ended = written(folder, tmp_path / "docs" / "corpus.md")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "made by `python -m fuzzer export --harvest PATH --out DIR`" in (tmp_path / "docs/corpus.md").read_text()
    assert "corpus-lengths.png" in [image.name for image in (tmp_path / "docs" / "images").iterdir()]


def test_a_page_is_renewed_and_what_is_none_of_ours_stays(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    folder = dataset(tmp_path / "dataset", settings={"kernels": "harvest", "seed": 0, "count": None})
    page = tmp_path / "page.md"
    write_page(folder, page)
    written_once = page.read_text()
    page.write_text(written_once + "older\n")
    write_page(folder, page)
    assert page.read_text() == written_once
    page.write_text("a person's own\n")
    with pytest.raises(UserError, match=r"page\.md exists already, and nothing is replaced"):
        write_page(folder, page)
    assert page.read_text() == "a person's own\n"
    with pytest.raises(UserError, match=r"images/corpus-\w+\.png exists already, and nothing is replaced"):
        write_page(folder, tmp_path / "other.md")


def test_without_arguments_the_page_says_what_it_needs() -> None:
    ended = written()
    assert ended.returncode == 2
    assert ended.stderr.endswith("error: the following arguments are required: DATASET, PAGE\n")


def written(*arguments: Path) -> subprocess.CompletedProcess[str]:
    order = [sys.executable, "-m", "reports.corpus.page", *map(str, arguments)]
    return subprocess.run(order, cwd=PAGE.parents[1], capture_output=True, text=True, check=False)


def test_the_fields_on_the_page_are_those_of_a_record() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [\w ]+ \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {name: text.replace("|", "\\|") for name, text in descriptions().items()}


def test_the_images_of_the_page_are_there() -> None:
    images = re.findall(r"\]\((images/[\w-]+\.png)\)", PAGE.read_text(encoding="utf-8"))
    assert len(images) == 4
    assert all((PAGE.parent / image).is_file() for image in images)
