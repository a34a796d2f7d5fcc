"""Generated kernels store floats before their bounds have grown large: an agreement of them says something."""

from __future__ import annotations

from collections import Counter

import numpy as np

from fuzzer.generation.cases import Recipe, deep_case
from oracle.comparison import same_bits, telling
from oracle.records import TestCase
from oracle.reference import STRICT, WEAK, Expectation, interpret


def changed_floats(case: TestCase, found: Expectation) -> Counter[bool]:
    """Count the floats that a test case changed, by whether they are compared."""
    counts: Counter[bool] = Counter()
    for buffer in case.buffers:
        if buffer.name in found.radii:
            expected = found.arrays[buffer.name]
            changed = ~same_bits(buffer.data, expected)
            counts.update(np.asarray(telling(expected, found.radii[buffer.name]))[changed].tolist())
    return counts


def test_nearly_all_floats_that_kernels_change_are_compared_by_every_engine() -> None:
    cases = [deep_case(7, index, Recipe()).defined.case for index in range(60)]
    for regime in (STRICT, WEAK):
        counts = sum((changed_floats(case, interpret(case, regime)) for case in cases), Counter[bool]())
        assert counts.total() > 1_000
        assert counts[True] / counts.total() > 0.96, regime
