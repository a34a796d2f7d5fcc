"""Files of a campaign: written whole or not at all, and read with one sentence where that is not possible."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from grammar.errors import UserError


def write_text(path: Path, text: str) -> None:
    """Write a text file so that a reader finds the old content or the new one, never a part.

    Raises:
        UserError: The folder cannot be written, or the disk is full; the old file is as it was.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        reason = error.strerror or error
        raise UserError(f"{path} cannot be written: {reason}; make room or choose another folder") from error


def write_json(path: Path, document: Any) -> None:
    """Write one JSON document, indented; raises as :func:`write_text` does."""
    write_text(path, json_text(document))


def json_text(document: Any) -> str:
    """Give the text of one JSON document, indented, with a newline at its end."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: There is no such file, or it is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not JSON: {error}") from error
