"""The records at the seams, as far as they compute anything."""

from __future__ import annotations

from itertools import islice

import pytest

from oracle.records import Launch


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
