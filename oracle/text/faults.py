"""What can be wrong with a text: it is not known here, it departs from what belongs there, or executing it does what no
well defined kernel may do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from oracle.records import TextDifference

Target = Literal["cpu", "cuda"]

LANGUAGES: Mapping[Target, str] = {"cpu": "C++", "cuda": "CUDA"}
"""What the text for each target is written in."""


class Line(NamedTuple):
    """One line of a text: its number, counted from 1, and what it says, without indentation."""

    number: int
    text: str


class Unread(Exception):
    """The text has something that is not known here; ``line`` is its number in the text (0 where there is none)."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


class Fault(Exception):
    """Executing the text did something undefined; ``kind`` is one of ``oracle.records.KINDS``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Departure(NamedTuple):
    """The text for a target departs: in words, and what it says in place of what belongs there ("" for nothing)."""

    message: str
    target: Target
    expected: str
    actual: str

    @classmethod
    def from_line(cls, line: Line, target: Target, name: str, known: str) -> Departure:
        """Say that a line is not the one that is known in that place of what has this name."""
        message = (
            f"line {line.number} of the {LANGUAGES[target]} text of {name!r} says {line.text!r}, "
            f"where {known!r} is known of that target"
        )
        return cls(message, target, known, line.text)

    def counted(self, text: str) -> TextDifference:
        """Count in the text what it says, and what belongs there: a sequence of white space is one blank."""
        line = " ".join(text.split())
        counts = [line.count(part) if part else 0 for part in (self.expected, self.actual)]
        return TextDifference(self.target, self.expected, self.actual, *counts)
