"""One place decides what a campaign comes to: every combination of what a store can say, and the sentences."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from reports.standing import Ended, Facts, Word, standing_of

COMPARED: dict[str, Any] = {"complete": 3, "generated": 90, "agreed": 80}
NONE_COMPARED: dict[str, Any] = {"complete": 3, "generated": 90}
NO_KERNEL: dict[str, Any] = {"complete": 3}
NO_BATCH: dict[str, Any] = {}
EXTENTS = {"compared": COMPARED, "none compared": NONE_COMPARED, "no kernel": NO_KERNEL, "no batch": NO_BATCH}

ENDED = {
    Ended.NOT: (Word.RUNNING, None),
    Ended.INTERRUPTED: (Word.INTERRUPTED, 130),
    Ended.FAILED: (Word.FAILED, 2),
}
"""What decides alone, whatever was found."""

TIME_OVER = {
    # new findings, discrepancies not looked into, batches that crashed
    (0, 0, 0): None,  # what was compared decides
    (0, 0, 1): 1,
    (0, 2, 0): 1,
    (0, 2, 1): 1,
    (1, 0, 0): 1,
    (1, 0, 1): 1,
    (1, 2, 0): 1,
    (1, 2, 1): 1,
}
NOTHING_WRONG = {"compared": 0, "none compared": 2, "no kernel": 2, "no batch": 2}


def test_every_combination_has_its_exit_code() -> None:
    for ended, counts, extent, invalid in product(Ended, TIME_OVER, EXTENTS, (0, 1)):
        findings, discrepancies, batches = counts
        facts = Facts(
            ended=ended,
            findings=findings,
            discrepancies=discrepancies,
            batches=batches,
            invalid=invalid,
            **EXTENTS[extent],
        )
        standing = standing_of(facts)
        if ended in ENDED:
            assert (standing.word, standing.exit_code) == ENDED[ended], facts
        elif invalid:
            assert (standing.word, standing.exit_code) == (Word.FAILED, 2), facts
        elif TIME_OVER[counts] is not None:
            assert (standing.word, standing.exit_code) == (Word.FOUND, 1), facts
        else:
            assert standing.exit_code == NOTHING_WRONG[extent], facts


@pytest.mark.parametrize("kind", ["agreed", "known", "discrepant"])
def test_a_kernel_that_was_judged_was_compared(kind: str) -> None:
    one: dict[str, Any] = {"complete": 1, "generated": 1, kind: 1}
    assert standing_of(Facts(ended=Ended.TIME, **one)).word is Word.CLEAN


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (Facts(ended=Ended.TIME, **COMPARED), "Clean: 80 kernels agreed with the reference."),
        (
            Facts(ended=Ended.TIME, known=2, **COMPARED),
            "Clean: 80 kernels agreed with the reference; 2 more depart as known divergences of Warp say.",
        ),
        (
            Facts(ended=Ended.TIME, findings=3, unfinished=1, discrepancies=2, batches=1),
            "3 new findings (1 unfinished), 2 discrepancies not looked into, 1 batch that crashed or hung, it is not"
            " known why.",
        ),
        (Facts(ended=Ended.TIME, discrepancies=1), "0 new findings, 1 discrepancy not looked into."),
        (
            Facts(ended=Ended.TIME, seconds=5.0),
            "Nothing was compared, so nothing is known: no batch of kernels was complete after 5 seconds.",
        ),
        (
            Facts(ended=Ended.TIME, complete=2),
            "Nothing was compared, so nothing is known: all drafts of 2 batches had to be given up.",
        ),
        (
            Facts(ended=Ended.TIME, complete=1, generated=40, reason="uncompared by nvrtc: compiled, not executed"),
            "Nothing was compared, so nothing is known: none of 40 kernels could be"
            " (uncompared by nvrtc: compiled, not executed).",
        ),
        (
            Facts(ended=Ended.TIME, complete=1, generated=40),
            "Nothing was compared, so nothing is known: none of 40 kernels could be (no engine took them).",
        ),
        (
            Facts(ended=Ended.INTERRUPTED, seconds=12.4, findings=1),
            "Interrupted after 12 seconds, everything so far is kept: 1 new finding.",
        ),
        (
            Facts(ended=Ended.FAILED, failure="the disk is full"),
            "The hunt could not go on: the disk is full. Before that: 0 new findings.",
        ),
        (
            Facts(ended=Ended.TIME, invalid=2, **COMPARED),
            "The hunt could not go on: 2 kernels made no sense, which is a defect of warpsmith. Before that: 0 new"
            " findings.",
        ),
        (
            Facts(ended=Ended.NOT, **COMPARED),
            "This campaign has not ended: it still runs, or its process was killed. So far: 0 new findings.",
        ),
    ],
)
def test_each_ending_has_its_sentence(facts: Facts, sentence: str) -> None:
    assert standing_of(facts).sentence == sentence
