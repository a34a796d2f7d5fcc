"""The page of the documentation that shows a corpus: the data card of a dataset, without what only loaders read.

``python -m reports.corpus.page DATASET docs/corpus.md`` writes it, and the plots of the dataset beside it. A test fails
if what it says of the fields of a record is out of date.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reports.corpus.shards import MANIFEST

IMAGES = Path("images")


def page_text(card: str, command: str) -> str:
    """Give the page that shows a dataset.

    Args:
        card: The text of its data card.
        command: The command that made it.
    """
    _, _, text = card.removeprefix("---\n").partition("\n---\n")
    made = f"This is the data card of a corpus made by `{command}`; every export writes its own.\n"
    return re.sub(r"\]\(images/", "](images/corpus-", text.strip().replace("\n\n", f"\n\n{made}\n", 1)) + "\n"


def command_of(settings: Mapping[str, Any]) -> str:
    """Give the command that makes a dataset, as far as its manifest says: it names no place on a machine."""
    count = f" --count {settings['count']}" if settings["count"] is not None else ""
    kernels = {
        "fresh": f"{count} --seed {settings['seed']}",
        "campaign": f" CAMPAIGN{count}",
        "harvest": " --harvest PATH",
    }
    return f"python -m fuzzer export{kernels[settings['kernels']]} --out DIR"


def write_page(dataset: Path, page: Path) -> None:
    """Write the page of a dataset, and copy its plots beside it."""
    command = command_of(json.loads((dataset / MANIFEST).read_text(encoding="utf-8"))["settings"])
    (page.parent / IMAGES).mkdir(exist_ok=True)
    for image in (dataset / IMAGES).iterdir():
        shutil.copy(image, page.parent / IMAGES / f"corpus-{image.name}")
    page.write_text(page_text((dataset / "README.md").read_text(encoding="utf-8"), command), encoding="utf-8")


def main() -> None:
    """Write the page that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m reports.corpus.page", description="Write the page of a dataset.")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("page", type=Path, metavar="PAGE")
    write_page(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
