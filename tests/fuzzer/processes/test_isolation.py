"""Engines in children: each way in which one ends is an outcome of the test case that caused it, and of no other."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from fuzzer.processes.isolation import HANG, NOT_KNOWN, Isolated, build_seconds, last_words
from fuzzer.processes.worker import HANGS
from oracle.records import Executed, Failed, Options, Outcome, TestCase
from tests.fuzzer.reduction.faults import case_of

SOURCE = "import warp as wp\n\n\n@wp.kernel\ndef k(a: wp.array[int]):\n    a[0] = {}\n"
CRASH = Failed("crash", "the process was ended by SIGKILL")


class Deadly:
    """An engine that dies of cases that store 7, hangs of 8 and cannot compile 9; others end with what they store."""

    name = "deadly"

    def __init__(self, mark: Callable[[int | None], None]) -> None:
        self._mark = mark

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        self._mark(None)
        if any(case.buffers and case.buffers[0].data[0] == 9 for case in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        outcomes: list[Outcome] = []
        for place, case in enumerate(batch):
            self._mark(place)
            for launch in case.launches:
                stored = case.buffers[0].data[0]
                if stored in (7, 8):
                    os.kill(os.getpid(), signal.SIGKILL if stored == 7 else HANGS)
                assert stored < 10, launch.kernel
            outcomes.append(Executed({buffer.name: buffer.data for buffer in case.buffers}))
        return outcomes


def cases(*stored: int) -> list[TestCase]:
    return [case_of(SOURCE.format(number), (1,), [number]) for number in stored]


def shown(outcomes: Sequence[Outcome]) -> list[object]:
    """The number that a case stored, or its outcome if it did not end."""
    return [int(x.arrays["a"][0]) if isinstance(x, Executed) else x for x in outcomes]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((1, 2, 3), [1, 2, 3]),
        ((1, 7, 3), [NOT_KNOWN, CRASH, NOT_KNOWN]),
        ((8, 2, 7), [HANG, NOT_KNOWN, NOT_KNOWN]),
        ((1, 9, 3), [1, CRASH, NOT_KNOWN]),
        ((9,), [CRASH]),
    ],
)
def test_a_batch_is_run_until_something_takes_its_process_down(
    stored: Sequence[int], expected: Sequence[object]
) -> None:
    assert shown(Isolated("deadly", Deadly).run(cases(*stored))) == expected


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ((1, 7, 3, 8, 5), [1, CRASH, 3, HANG, 5]),
        ((1, 9, 7, 4), [1, CRASH, CRASH, 4]),
        ((9, 9), [CRASH, CRASH]),
    ],
)
def test_each_culprit_is_found_and_every_other_case_ends(stored: Sequence[int], expected: Sequence[object]) -> None:
    assert shown(Isolated("deadly", Deadly).run_all(cases(*stored))) == expected


def test_an_endless_compilation_is_noticed_sooner_where_nothing_is_optimised() -> None:
    plain = cases(*range(40))
    optimised = [replace(case, options=Options(optimization_level=2)) for case in plain]
    assert (build_seconds(plain), build_seconds(plain[:1]), build_seconds(optimised)) == (28.0, 8.5, 88.0)


def test_what_an_engine_raises_is_raised_here() -> None:
    with pytest.raises(RuntimeError, match="an engine failed"):
        Isolated("deadly", Deadly).run(cases(10))


def test_outcomes_come_back_bit_by_bit() -> None:
    [outcome] = Isolated("deadly", Deadly).run(cases(-3))
    assert isinstance(outcome, Executed)
    assert outcome.arrays["a"].dtype == np.int32
    assert outcome.arrays["a"].tolist() == [-3]


@pytest.mark.parametrize(
    ("code", "said", "expected"),
    [
        (-11, "", "the process was ended by SIGSEGV"),
        (3, "all is well\n", "the process ended with exit code 3"),
        (-6, "x\nLLVM ERROR: cannot select\n", "the process was ended by SIGABRT: LLVM ERROR: cannot select"),
    ],
)
def test_how_a_process_died_is_one_line(code: int, said: str, expected: str) -> None:
    assert last_words(code, said) == expected
