"""The page of the documentation that shows a corpus: the data card of a dataset, without what only loaders read.

``python -m reports.corpus.page DATASET docs/corpus.md`` writes it, and the plots of the dataset beside it. A page that
was made so before is renewed, anything else stays. A test fails if what it says of the fields of a record is not so.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grammar.errors import UserError
from reports import files
from reports.corpus.record_files import MANIFEST

IMAGES = Path("images")

MADE = "This is the data card of a corpus made by "
"""What every page says of itself."""


def page_text(card: str, command: str) -> str:
    """Return the page that shows a dataset.

    Args:
        card: The text of its data card.
        command: The command that made it.
    """
    _, _, text = card.removeprefix("---\n").partition("\n---\n")
    made = f"{MADE}`{command}`; every export writes its own.\n"
    return re.sub(r"\]\(images/", "](images/corpus-", text.strip().replace("\n\n", f"\n\n{made}\n", 1)) + "\n"


def command_of(settings: Mapping[str, Any]) -> str:
    """Return the command that makes a dataset, as far as its manifest says: it names no place on a machine."""
    count = f" --count {settings['count']}" if settings["count"] is not None else ""
    kernels = {
        "fresh": f"{count} --seed {settings['seed']}",
        "campaign": f" CAMPAIGN{count}",
        "harvest": " --harvest PATH",
    }
    only = f" --only {','.join(settings['only'])}" if settings.get("only") else ""
    return f"python -m fuzzer export{kernels[settings['kernels']]}{only} --out DIR"


def write_page(dataset: Path, page: Path) -> None:
    """Write the page of a dataset, and copy its plots beside it.

    Raises:
        UserError: There is no such dataset, the page or a plot is there and is none of ours, or one cannot be written.
    """
    command = command_of(files.read_json(dataset / MANIFEST)["settings"])
    images = {image: page.parent / IMAGES / f"corpus-{image.name}" for image in (dataset / IMAGES).glob("*.png")}
    if not _is_ours(page):
        for path in (page, *images.values()):
            files.demand_new(path)
    text = page_text((dataset / "README.md").read_text(encoding="utf-8"), command)
    with files.told(page.parent):
        (page.parent / IMAGES).mkdir(parents=True, exist_ok=True)
        for image, copy in images.items():
            shutil.copy(image, copy)
    files.write_text(page, text)


def _is_ours(page: Path) -> bool:
    return page.is_file() and MADE in page.read_text(encoding="utf-8", errors="replace")


def main() -> int:
    """Write the page that the arguments name; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reports.corpus.page", description="Write the page of a dataset.")
    parser.add_argument("dataset", type=Path, metavar="DATASET")
    parser.add_argument("page", type=Path, metavar="PAGE", help="a new file, or a page that was made so before")
    try:
        write_page(**vars(parser.parse_args()))
    except UserError as wrong:
        sys.stderr.write(f"warpsmith: {wrong}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
