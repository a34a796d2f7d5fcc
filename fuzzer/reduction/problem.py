"""The reduction loop: passes propose, the problem decides, every accepted step is smaller in a total order.

Candidates are tried in batches, because compiling twenty kernels as one module costs little more than compiling one.
The loop ends when no pass proposes anything interesting, or when its budget of seconds is spent.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice

from fuzzer.reduction.construct import said_by
from fuzzer.reduction.passes import PASSES, strangeness
from grammar.check import TypeRefused
from grammar.trees import size
from oracle.judge import judge
from oracle.records import Judgement, Options, Outcome, TestCase, Verdict
from oracle.reference import Expectation, Undefined, interpret
from reports.reproducer import is_reproducible

BATCH = 16
"""Candidates that are compiled together."""

Run = Callable[[Sequence[TestCase]], Sequence[Outcome]]
"""Runs test cases of equal options in one engine."""


def sort_key(case: TestCase) -> tuple[int, int, int, str, int, int]:
    """Order test cases: node count, amount of input and of threads, text, how far inputs and options are from plain."""
    text = case.source
    amount = sum(column.size for column in case.contents.values())
    amount += sum(buffer.layout != "contiguous" for buffer in case.buffers)
    amount += sum(math.prod(launch.dims) for launch in case.launches)
    strange = sum(map(strangeness, case.contents.values()))
    unusual = sum(getattr(case.options, f.name) != getattr(Options(), f.name) for f in fields(Options))
    return size(case.module) + 4 * len(case.launches), amount, len(text), text, strange, unusual


@dataclass
class Problem:
    """One discrepancy being reduced: the current test case, and its judgement by the engine that shows it."""

    case: TestCase
    judgement: Judgement
    run: Run
    deadline: float

    def reduce(self) -> None:
        """Shrink until nothing helps, or the deadline (``time.monotonic()``) has passed."""
        progress = True
        while progress and time.monotonic() < self.deadline:
            progress = any([self._exhaust(propose) for propose in PASSES])

    def _exhaust(self, propose: Callable[[TestCase, Judgement], Iterator[TestCase]]) -> bool:
        """Apply one pass while it helps; say whether it did."""
        helped = False
        while time.monotonic() < self.deadline and self._step(propose):
            helped = True
        return helped

    def _step(self, propose: Callable[[TestCase, Judgement], Iterator[TestCase]]) -> bool:
        smaller = (c for c in propose(self.case, self.judgement) if sort_key(c) < sort_key(self.case))
        kind = self.judgement.kind
        defined = (
            (case, found)
            for case in smaller
            if (found := expectation_of(case)) is not None and is_reproducible(kind, found.arrays)
        )
        while batch := list(islice(defined, BATCH)):
            outcomes = self.run([case for case, _ in batch])
            for (case, expected), outcome in zip(batch, outcomes, strict=True):
                judgement = judge(case, self.judgement.engine, outcome, expected)
                if same_failure(judgement, self.judgement):
                    self.case, self.judgement = case, judgement
                    return True
            if time.monotonic() >= self.deadline:
                break
        return False


def same_failure(found: Judgement, wanted: Judgement) -> bool:
    """Say whether a candidate fails as the original does: same kind, and for a failure the same words.

    Names and numbers in a message change while a test case shrinks; the words that stay are compared.
    """
    same = found.verdict is Verdict.DISCREPANCY and (found.kind, found.target) == (wanted.kind, wanted.target)
    return same and said_by(found) == said_by(wanted)


def expectation_of(case: TestCase) -> Expectation | None:
    """Interpret a candidate; None where it is ill typed, not defined, or launches what is not there."""
    try:
        typing = case.typed()
        if any(launch.kernel not in typing.kernels for launch in case.launches):
            return None
        return interpret(case, typing=typing)
    except (TypeRefused, Undefined):
        return None
