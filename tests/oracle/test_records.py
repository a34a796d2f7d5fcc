"""The records at the seams, as far as they compute anything."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from oracle.records import Judgement, Launch, Mismatch, Verdict


@pytest.mark.parametrize(
    ("dims", "threads"),
    [
        ((3,), [(0,), (1,), (2,)]),
        ((2, 3), [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]),
        ((1, 2, 1, 2), [(0, 0, 0, 0), (0, 0, 0, 1), (0, 1, 0, 0), (0, 1, 0, 1)]),
        ((2, 0), []),
        ((0, 2**31 + 1), []),
    ],
)
def test_the_last_index_of_a_thread_varies_fastest(dims: tuple[int, ...], threads: list[tuple[int, ...]]) -> None:
    assert list(Launch("k", dims, ()).threads()) == threads


def test_threads_are_made_one_by_one_however_many_there_are() -> None:
    threads = Launch("k", (2**31, 2**31, 2), ()).threads()
    assert list(islice(threads, 3)) == [(0, 0, 0), (0, 0, 1), (0, 1, 0)]


FAR = Mismatch("out", (2, 0), np.float32(1.5), np.float32(1.75), 0.125)
ZERO = Mismatch("out", (0,), np.int32(1), np.int32(2), 0.0)


@pytest.mark.parametrize(
    ("judgement", "lines"),
    [
        (
            Judgement(Verdict.AGREE, "warp-cpu", elements=6, exact=2),
            ["AGREE (warp-cpu): 6 elements lie within their bounds, 2 of them bit by bit"],
        ),
        (
            Judgement(
                Verdict.AGREE,
                "warp-cpu",
                elements=6,
                farthest=Mismatch("a", (1,), np.float32(0.1), np.float32(0.1), 0.5),
            ),
            [
                "AGREE (warp-cpu): 6 elements lie within their bounds, 0 of them bit by bit",
                "  nearest to its bound: a[1] is 0.1; expected is 0.1, 0 away of 0.5 allowed",
            ],
        ),
        (
            Judgement(
                Verdict.DISCREPANCY, "warp-cpu", "wrong_value", "7 of 9 elements", (FAR,) + 6 * (ZERO,), layer="cache"
            ),
            [
                "DISCREPANCY (warp-cpu cache): wrong_value: 7 of 9 elements",
                "  out[2, 0] is 1.75; expected is 1.5, 0.25 away of 0.12 allowed",
                *4 * ["  out[0] is 2; expected is exactly 1"],
                "  ... and 2 more",
            ],
        ),
        (
            Judgement(Verdict.AGREE, "warp-cpu", elements=1, uncompared=2, loosest=0.5),
            [
                "AGREE (warp-cpu): 1 elements lie within their bounds, 0 of them bit by bit",
                "  largest bound: 0.5 of the value",
                "  not compared: 2 elements, whose bounds are too large against their values",
            ],
        ),
        (
            Judgement(Verdict.KNOWN, "warp-cpu", "wrong_value", "What Warp does.", limitation="eager-chain"),
            ["KNOWN (warp-cpu): wrong_value: eager-chain: What Warp does."],
        ),
        (
            Judgement(Verdict.INVALID, "reference", "data_race", "k.py, line 3: data race: a[0]"),
            ["INVALID (reference): data_race: k.py, line 3: data race: a[0]"],
        ),
    ],
)
def test_a_judgement_prints_as_its_verdict_its_reason_and_what_shows_it(judgement: Judgement, lines: list[str]) -> None:
    assert str(judgement).splitlines() == lines
