"""What workers have made for an export so far, kept in a folder, so that an interrupted one goes on where it was.

A part is what was made of one order. An export is a function of its parts, whoever made them and when. A folder of
parts that were made with other settings, or by another version, is begun anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fuzzer.corpus.making import Made
from grammar.errors import UserError
from reports import files
from reports.cases import packed, unpacked
from reports.corpus.records import document_of, record_of

SETTINGS = "settings.json"


class Parts:
    """The parts in a folder, by number.

    Args:
        folder: Where they are; made if it is not there.
        settings: What they depend on.

    Raises:
        UserError: The folder cannot be written.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self._folder = folder
        if not self._belongs_to(settings):
            self.remove()
            files.write_json(folder / SETTINGS, dict(settings))

    def _belongs_to(self, settings: Mapping[str, Any]) -> bool:
        path = self._folder / SETTINGS
        return path.is_file() and path.read_text(encoding="utf-8") == files.json_text(dict(settings))

    def get(self, number: int) -> list[Made] | None:
        """Give a part; None where there is none yet.

        Raises:
            UserError: It cannot be read, or is damaged.
        """
        path = self._path(number)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
        return [_made(document) for document in unpacked(content, f"{path}, a part of an interrupted export,")]

    def put(self, number: int, made: list[Made]) -> None:
        """Keep a part; raises UserError where the folder cannot be written, or the disk is full."""
        path = self._path(number)
        content = packed([_document(item) for item in made])
        with files.whole_path(path) as part, files.told(path):
            part.write_bytes(content)

    def remove(self) -> None:
        """Remove all parts."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.json.z"


def _document(made: Made) -> dict[str, Any]:
    return {**asdict(made), "records": [document_of(record) for record in made.records]}


def _made(document: dict[str, Any]) -> Made:
    records = tuple(record_of(record) for record in document["records"])
    return Made(**{**document, "records": records, "shapes": tuple(document["shapes"])})
