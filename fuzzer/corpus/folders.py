"""The folders of this machine that no record may name: where the person lives and works, and where programs stand."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

DEEP = 3
"""Parts of a path from which it is told by itself: ``/tmp`` may be a quotient, ``/tmp/`` with what follows is none."""


def own_folders(*others: Path) -> tuple[str, ...]:
    """Return what a text has in it that names a folder of this machine, or one of the others, or something in them.

    A worker's working folder and that of its temporary files are not the person's, so this is asked in the parent.
    """
    every = (Path.home(), Path.cwd(), Path(sys.prefix), Path(tempfile.gettempdir()), *others)
    folders = (folder for folder in every if len(folder.parts) > 1)
    return tuple(dict.fromkeys(str(folder) if len(folder.parts) >= DEEP else f"{folder}/" for folder in folders))


def named_folder(document: Mapping[str, Any], folders: Iterable[str]) -> str:
    """Return the first of the folders that a document names; "" where it names none."""
    text = json.dumps(document, ensure_ascii=False)
    return next((folder for folder in folders if folder in text), "")
