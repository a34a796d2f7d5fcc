"""What workers have made for an export so far, kept in a folder, so that an interrupted one goes on where it was.

A part is what was made of one order, and is found by the hash of that order, with the first and the last of its
kernels, and of the versions of what takes part: so what was made of another order is never taken for it. An export is a
function of its parts, whoever made them and when.
"""

from __future__ import annotations

import hashlib
import json
import typing
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fuzzer.corpus.making import Made
from fuzzer.corpus.orders import AnyOrder
from grammar.errors import UserError
from reports import files
from reports.case_documents import packed, unpacked
from reports.corpus.corpus_records import document_of, record_of
from reports.fields import is_of

SUFFIX = ".json.z"
LARGEST = 2**28  # bytes that a part may become: some dozen times those of the largest
FLAT = {name: hint for name, hint in typing.get_type_hints(Made).items() if name != "records"}
PATTERN = f"[!.]*{SUFFIX}"
"""What the names of whole parts match."""


@dataclass(frozen=True)
class Parts:
    """The parts in a folder.

    Attributes:
        folder: Where they are.
        versions: Of what they depend on, besides their orders.
    """

    folder: Path
    versions: Mapping[str, str]

    def get(self, order: AnyOrder) -> list[Made] | None:
        """Return what was made of an order; None where nothing was, or it is damaged: then it can be made again.

        Raises:
            UserError: It cannot be read.
        """
        path = self.path(order)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
        try:
            return [_made(document) for document in unpacked(content, str(path), LARGEST)]
        except (UserError, TypeError, KeyError, AttributeError):
            return None

    def put(self, order: AnyOrder, made: list[Made]) -> None:
        """Keep what was made; raises UserError where the folder cannot be written, or the disk is full."""
        path = self.path(order)
        content = packed([_document(item) for item in made])
        with files.whole_path(path) as part, files.told(path):
            part.write_bytes(content)

    def path(self, order: AnyOrder) -> Path:
        """Return the file of what is made of an order, in children or not."""
        answers = json.dumps([repr(replace(order, isolated=False)), dict(self.versions)])
        return self.folder / f"{hashlib.sha256(answers.encode()).hexdigest()}{SUFFIX}"


def _document(made: Made) -> dict[str, Any]:
    return {**asdict(made), "records": [document_of(record) for record in made.records]}


def _made(document: dict[str, Any]) -> Made:
    records = tuple(record_of(record) for record in document["records"])
    made = Made(**{**document, "records": records, "shapes": tuple(document["shapes"])})
    if not all(is_of(getattr(made, name), hint) for name, hint in FLAT.items()):
        raise TypeError("a field of a part is not of its type")
    return made
