"""The page that shows a corpus is the card of a dataset, and says of records what is true today."""

from __future__ import annotations

import re
from pathlib import Path

from reports.corpus.card import descriptions
from reports.corpus.page import page_text

PAGE = Path(__file__).parents[3] / "docs" / "corpus.md"


def test_a_page_is_the_card_without_its_front_matter() -> None:
    card = "---\nlicense: apache-2.0\n---\n\n# Kernels\n\nSome text.\n\n![Lengths](images/lengths.png)\n"
    assert page_text(card, "make it") == (
        "# Kernels\n\nThis is the data card of a corpus made by `make it`; every export writes its own.\n\n"
        "Some text.\n\n![Lengths](images/corpus-lengths.png)\n"
    )


def test_the_fields_on_the_page_are_those_of_a_record() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [\w ]+ \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {name: text.replace("|", "\\|") for name, text in descriptions().items()}


def test_the_images_of_the_page_are_there() -> None:
    images = re.findall(r"\]\((images/[\w-]+\.png)\)", PAGE.read_text(encoding="utf-8"))
    assert len(images) == 4
    assert all((PAGE.parent / image).is_file() for image in images)
