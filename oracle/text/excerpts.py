"""What a text says, for somebody who has only what went wrong where it was executed."""

from __future__ import annotations

from oracle.records import TextExcerpt
from oracle.text.source import Function, functions

SECTIONS = ("primal vars", "forward")
AROUND = 3
"""Lines that are quoted before and behind the one that fails."""


def excerpt(text: str, line: int | None) -> TextExcerpt:
    """Return what the functions of a C++ text declare and do forward, and the lines around one of them.

    Raises:
        Unread: The functions of the text are not read.
    """
    bodies = (_body(function) for several in functions(text).values() for function in several)
    return TextExcerpt(tuple(body for body in bodies if body), _around(text.splitlines(), line) if line else "")


def _body(function: Function) -> str:
    """Return the lines of a function that is run forward; "" for one that is run backward."""
    if "reverse" in function.sections:
        return ""
    lines = (line.text for title in SECTIONS for line in function.section(title).lines())
    return " ".join(" ".join(lines).split())


def _around(lines: list[str], line: int) -> str:
    first, last = max(1, line - AROUND), min(len(lines), line + AROUND)
    return "\n".join(f"{number:5} {lines[number - 1]}" for number in range(first, last + 1))
