"""The one exception that is shown to a person as a sentence instead of a traceback."""

from __future__ import annotations

import difflib
from collections.abc import Collection

FEW = 4  # as many names fit into a sentence


class UserError(Exception):
    """Something the user gave, or the world around us, is at fault: the message says what, where and what to do."""


def unknown_name(kind: str, name: str, valid: Collection[str]) -> UserError:
    """Return the error for a name that is not among the valid ones: it names all if they are few, else the nearest."""
    if len(valid) <= FEW:
        return UserError(f"there is no {kind} {name!r}: choose from {', '.join(valid)}.")
    near = difflib.get_close_matches(name, valid, n=1)
    return UserError(f"there is no {kind} {name!r}" + (f": did you mean {near[0]!r}?" if near else "."))
