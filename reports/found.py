"""The README's list of what was found so far: one item per known divergence, from the table of limitations.

``python -m reports.found README.md`` (``make docs``) writes it between two markers; a test fails if it is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from oracle.limitations.catalogue import Limitation, limitations
from oracle.records import KINDS
from reports import files

BEGIN = "<!-- found: begin (generated) -->"
END = "<!-- found: end -->"


def listing() -> str:
    """Return the list as Markdown, wrong values first."""
    return "\n".join(map(_item, sorted(limitations(), key=lambda item: KINDS.index(item.kind))))


def _item(limitation: Limitation) -> str:
    kind, versions = limitation.kind.replace("_", " "), limitation.since
    versions += f", mended in {limitation.until}" if limitation.until else ""
    case = f"[`{limitation.identifier}`](tests/regressions/{limitation.regression}.py)"
    return f"- {case} ({kind}, Warp {versions}): {limitation.title}. *{limitation.rule}*"


def renewed(text: str) -> str:
    """Return a text with the list of today between its markers; raises ValueError where it has none."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n{listing()}\n{END}{after}"


if __name__ == "__main__":
    readme = Path(sys.argv[1])
    files.write_text(readme, renewed(readme.read_text(encoding="utf-8")))
