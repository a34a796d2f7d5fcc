"""The file of a proof: one JSON document per line, a row or a piece of one, appended as it is measured.

A row stands while the hash of its sources and its settings are what they were; so does a piece. A line that a killed
run left unfinished is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.quality.rows import Claim, Conclusion, Facts, Listing, Settings, identity, verdict


@dataclass(frozen=True)
class Row:
    """A measurement that is complete."""

    name: str
    settings: Settings
    conclusion: Conclusion
    seconds: float
    commit: str
    source_hash: str

    @property
    def verdict(self) -> str:
        """Met, not met, or informational."""
        return verdict(self.conclusion.claims)

    def document(self) -> dict[str, Any]:
        """Return the row as a JSON document."""
        return {**asdict(self), "verdict": self.verdict}


class Ledger:
    """What was measured so far, in memory and in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, Row] = {}
        self._pieces: dict[str, tuple[Facts, float]] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._take(line)

    def row(self, name: str, settings: Settings, source_hash: str) -> Row | None:
        """Return a row that stands."""
        return self._rows.get(identity(name, settings, source_hash))

    def piece(self, name: str, settings: Settings, source_hash: str) -> tuple[Facts, float] | None:
        """Return the facts of a piece that stands, and the seconds that it took."""
        return self._pieces.get(identity(name, settings, source_hash))

    def add_row(self, row: Row) -> None:
        """Keep a row."""
        self._write({"row": row.document()})

    def add_piece(self, name: str, settings: Settings, source_hash: str, facts: Facts, seconds: float) -> None:
        """Keep the facts of a piece."""
        piece = {"name": name, "settings": settings, "source_hash": source_hash, "seconds": seconds, "facts": facts}
        self._write({"piece": piece})

    def _write(self, document: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(document)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line if _ends_with_newline(self._path) else f"\n{line}")
            file.write("\n")
        self._take(line)

    def _take(self, line: str) -> None:
        try:
            document = json.loads(line)
        except json.JSONDecodeError:
            return
        if "row" in document:
            row = _row(document["row"])
            self._rows[identity(row.name, row.settings, row.source_hash)] = row
        else:
            piece = document["piece"]
            key = identity(piece["name"], piece["settings"], piece["source_hash"])
            self._pieces[key] = (piece["facts"], piece["seconds"])


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 1, 0))
        return size == 0 or file.read() == b"\n"


def _row(document: dict[str, Any]) -> Row:
    found = document["conclusion"]
    listings = [Listing(x["title"], tuple(x["columns"]), _lines(x["lines"])) for x in found["listings"]]
    conclusion = Conclusion(tuple(Claim(**claim) for claim in found["claims"]), tuple(listings))
    names = ("seconds", "commit", "source_hash")
    return Row(document["name"], document["settings"], conclusion, *(document[name] for name in names))


def _lines(lines: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line) for line in lines)
