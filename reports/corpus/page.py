"""The page of the documentation that shows a corpus: the data card of a dataset, without what only loaders read.

``python -m reports.corpus.page DATASET docs/corpus.md`` writes it, and the plots of the dataset beside it. A test fails
if what it says of the fields of a record is out of date.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

from reports.corpus.shards import MANIFEST

IMAGES = Path("images")


def page_text(card: str, settings: str) -> str:
    """Give the page that shows a dataset.

    Args:
        card: The text of its data card.
        settings: The command that made it.
    """
    _, _, text = card.removeprefix("---\n").partition("\n---\n")
    made = f"This is the data card of a corpus made by `{settings}`; every export writes its own.\n"
    return re.sub(r"\]\(images/", "](images/corpus-", text.strip().replace("\n\n", f"\n\n{made}\n", 1)) + "\n"


def write_page(dataset: Path, page: Path) -> None:
    """Write the page of a dataset, and copy its plots beside it."""
    manifest = json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))["settings"]
    command = f"python -m fuzzer export --count {manifest['count']} --seed {manifest['seed']} --out DIR"
    (page.parent / IMAGES).mkdir(exist_ok=True)
    for image in (dataset / IMAGES).iterdir():
        shutil.copy(image, page.parent / IMAGES / f"corpus-{image.name}")
    page.write_text(page_text((dataset / "README.md").read_text(encoding="utf-8"), command), encoding="utf-8")


if __name__ == "__main__":
    write_page(*map(Path, sys.argv[1:3]))
