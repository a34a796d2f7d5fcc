"""What Warp does instead, for limitations where it can be said: another meaning of operations, or a rewritten tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oracle.records import TestCase

Meanings = Mapping[str, Callable[..., Any]]
"""Values of operations, by the operation's key, that replace those of the table."""


@dataclass(frozen=True)
class Changed:
    """A test case as Warp takes it: perhaps with another tree, perhaps with other meanings of operations."""

    case: TestCase
    meanings: Meanings = field(default_factory=dict)


ALTERNATIVES: dict[str, Callable[[TestCase], Changed]] = {}
"""The alternatives by the name that ``limitations.toml`` uses."""
