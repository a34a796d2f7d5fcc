"""Known divergences of Warp, as data: what a given version does instead of what is promised, and where.

The table is ``limitations.toml``. A limitation applies to a test case by a narrow predicate (operations and productions
that must all occur, versions). What Warp does instead is a named function of :mod:`oracle.alternatives`; an outcome is
KNOWN only if it equals the reference re-run with that alternative, so that a second defect cannot hide behind the first.
Where the divergence is a failure (a refusal, a crash), its message must match.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources

from grammar.check import Typing, check
from grammar.nodes import NODES, Module
from grammar.trees import walk
from oracle.alternatives import ALTERNATIVES, Changed
from oracle.records import TestCase


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """One known divergence.

    Attributes:
        identifier: Its name, as reports show it.
        title: What is wrong, in a sentence.
        rule: The sentence of Warp's documentation (or Python's rule) that is broken.
        kind: The kind of discrepancy it shows as.
        operations: Keys of operations that must all occur in the module.
        productions: Productions that must all occur in the module.
        versions: Versions of Warp that it was seen in.
        failure: For a failure: the words its message must hold.
        alternative: What Warp does instead; None where no alternative can be stated.
        regression: The file under ``tests/regressions`` with its minimal case.
    """

    identifier: str
    title: str
    rule: str
    kind: str
    operations: tuple[str, ...] = ()
    productions: tuple[str, ...] = ()
    versions: tuple[str, ...]
    failure: str = ""
    alternative: Callable[[TestCase], Changed] | None = None
    regression: str


@cache
def limitations() -> tuple[Limitation, ...]:
    """Read the table."""
    text = (resources.files("oracle") / "limitations.toml").read_text(encoding="utf-8")
    return tuple(_limitation(name, facts) for name, facts in tomllib.loads(text).items())


def _limitation(identifier: str, facts: Mapping[str, object]) -> Limitation:
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    name = given.pop("alternative", None)
    alternative = ALTERNATIVES[str(name)] if name is not None else None
    return Limitation(identifier=identifier, alternative=alternative, **given)  # type: ignore[arg-type]  # keys are checked by the class


def limitations_for(case: TestCase) -> list[Limitation]:
    """Give the limitations whose predicate a test case meets, for the installed Warp."""
    version = metadata.version("warp-lang")
    found = [item for item in limitations() if version in item.versions]
    if not found:
        return []
    typing = check(case.module)
    return [item for item in found if _applies(item, case.module, typing)]


def _applies(limitation: Limitation, module: Module, typing: Typing) -> bool:
    keys = {overload.op.key for overload in typing.overloads.values()}
    keys |= {overload.op.key for links in typing.links.values() for overload in links}
    classes = {type(node) for node in walk(module)}
    return set(limitation.operations) <= keys and {NODES[name] for name in limitation.productions} <= classes
