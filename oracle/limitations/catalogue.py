"""Known divergences of Warp, as data: what a given version does instead of what is promised, and where.

The table is ``limitations.toml``. A limitation applies to a test case that has one of its places (a named predicate
over the typed tree) from the version on in which it was first seen until the one that mended it. What Warp does
instead is a named function of :mod:`oracle.limitations.alternatives`; an outcome is KNOWN only if it equals the
reference re-run with that alternative, so that a second defect cannot hide behind the first. Of one that compilers
refuse, a failure's message must match. Where there is an equivalent form that Warp gets right
(:mod:`oracle.limitations.workarounds`), the generator takes it but for a few kernels.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata, resources

from grammar.check import Typing
from grammar.nodes import Module
from oracle.limitations.alternatives import ALTERNATIVES
from oracle.limitations.places import PLACES, Places
from oracle.limitations.workarounds import WORKAROUNDS, Workaround, rewritten
from oracle.records import TestCase
from oracle.reference.departure import Departure


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """One known divergence.

    Attributes:
        identifier: Its name, as reports show it.
        title: What is wrong, in a sentence.
        rule: The sentence of Warp's documentation (or Python's rule) that is broken.
        kind: The kind of discrepancy it shows as.
        layer: The part of Warp that departs: the emitted text shows nothing of what the native library does.
        places: Where it bites.
        costly: Where it may end a process; None if it is as costly wherever it bites.
        since: The version of Warp that it was first seen in.
        until: The version of Warp that mended it; "" as long as none is known.
        failure: For a failure: a regular expression that is found in its message, and in no other limitation's.
        alternative: What Warp does instead; None where it refuses the kernel.
        workaround: An equivalent form that Warp gets right; None where there is none.
        regression: Its minimal case, under ``tests/regressions``.
    """

    identifier: str
    title: str
    rule: str
    kind: str
    places: Places
    costly: Places | None = None
    since: str
    until: str = ""
    failure: str = ""
    alternative: Callable[[TestCase], Departure] | None = None
    workaround: Workaround | None = None
    regression: str
    layer: str = "front_end"

    def holds_for(self, version: str) -> bool:
        """Say whether a version of Warp is to be expected to have it: also one that is newer than the table."""
        return _numbers(self.since) <= _numbers(version) and not self.mended_in(version)

    def mended_in(self, version: str) -> bool:
        """Say whether a version of Warp is known to be without it."""
        return bool(self.until) and _numbers(self.until) <= _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a release: (1, 19, 0) of 1.19.0rc1."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


@cache
def limitations() -> tuple[Limitation, ...]:
    """Read the table."""
    text = (resources.files("oracle.limitations") / "limitations.toml").read_text(encoding="utf-8")
    return tuple(_limitation(name, facts) for name, facts in tomllib.loads(text).items())


TABLES: Mapping[str, Mapping[str, object]] = {
    "places": PLACES,
    "costly": PLACES,
    "alternative": ALTERNATIVES,
    "workaround": WORKAROUNDS,
}
"""The fields that name a function, and where it is found."""


def _limitation(identifier: str, facts: Mapping[str, str]) -> Limitation:
    words = dict(facts)
    functions = {field: table[words.pop(field)] for field, table in TABLES.items() if field in words}
    return Limitation(identifier=identifier, **functions, **words)  # type: ignore[arg-type]  # TOML says what the class needs


@cache
def installed() -> tuple[Limitation, ...]:
    """Return the limitations of the installed Warp."""
    version = metadata.version("warp-lang")
    return tuple(item for item in limitations() if item.holds_for(version))


def reservation(version: str) -> str:
    """Say in a sentence that a version of Warp is newer than any that limitations name; "" where it is not."""
    newest = max((item.until or item.since for item in limitations()), key=_numbers)
    if _numbers(version) <= _numbers(newest):
        return ""
    return f"limitations are those of Warp {newest}: what Warp {version} mended of them is not known"


@cache
def avoided() -> tuple[Limitation, ...]:
    """Return the limitations of the installed Warp that are costly to meet, with the places where they are.

    Generators go there rarely. They have no stated alternative, or one that may be undefined, so that there is an
    equivalent form too.
    """
    costly = (item for item in installed() if item.alternative is None or item.workaround is not None)
    return tuple(replace(item, places=item.costly or item.places) for item in costly)


def limitations_for(typing: Typing) -> list[Limitation]:
    """Return the limitations that a typed module meets, for the installed Warp."""
    return [item for item in installed() if next(item.places(typing), None) is not None]


def suspects(watched: Sequence[Limitation]) -> list[list[Limitation]]:
    """Return what may explain a deviation, in the order to try: each limitation alone, then all of them together."""
    return [[item] for item in watched] + ([list(watched)] if len(watched) > 1 else [])


def worked_around(module: Module, typing: Typing, watched: Sequence[Limitation]) -> tuple[Module, Typing] | None:
    """Write the first place of any of these limitations in its equivalent form; None where there is none left."""
    for limitation in watched:
        if limitation.workaround is not None:
            found = rewritten(module, typing, limitation.places, limitation.workaround)
            if found is not None:
                return found
    return None
