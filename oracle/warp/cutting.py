"""One function cut out of a text in C++, CUDA or PTX by matching its braces, whatever stands in it.

:mod:`oracle.text.source` takes apart the functions that the text engine executes. Here nothing is understood but what
can hide a brace: comments, strings and characters. So it also works where the engine knows no construct.
"""

from __future__ import annotations

import re

_FILE_AND_LINE = re.compile(r"\n// .*:\d+(?=\n(?:template.*\n)?static )")

_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\[^']+|[^'\\])'|[{};]", re.DOTALL)


def without_files(text: str) -> str:
    """Leave out the comments that say in which file of this machine a function stands."""
    return _FILE_AND_LINE.sub("", text)


def definition(text: str, name: str) -> str:
    """Return the function of that name, from the first line of its declaration to its closing brace.

    It is the first thing of that name that has a body; "" if there is none. What only calls or declares the function
    comes to a semicolon before a brace.
    """
    for found in re.finditer(rf"\b{re.escape(name)}\(", text):
        line = text.rfind("\n", 0, found.start()) + 1
        end = 0 if text[line : found.start()].lstrip().startswith("//") else _end(text, found.end())
        if end:
            return text[_beginning(text, line) : end]
    return ""


def _end(text: str, start: int) -> int:
    """Find where the body ends that follows the parameters from ``start`` on; 0 if a semicolon comes first."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if depth == 0 and token[0] in ";}":
            return token.end() if token[0] == "}" else 0
    return 0


def _beginning(text: str, start: int) -> int:
    """Find where a declaration begins of which a line begins at ``start``: what comes before is other code, or none."""
    while start:
        above = text.rfind("\n", 0, start - 1) + 1
        line = text[above:start].strip()
        if not line or line.startswith(("//", "#")) or line.endswith((";", "{", "}")):
            return start
        start = above
    return start
