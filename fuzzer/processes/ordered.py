"""Tasks in worker processes whose endings come in the order of the tasks, so that the number of workers never shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice

from fuzzer.processes.pool import Ending, Task, Workers

AHEAD = 4
"""Tasks per worker that are handed in and not given yet: no worker waits, unless one task takes as long as four, and
memory holds the endings of so many, however long the first of them takes."""


def in_order(tasks: Iterable[Task], pool: Workers) -> Iterator[Ending]:
    """Run tasks, which are taken as endings are given, and give how each ended, the first one first."""
    following = iter(tasks)
    handed_in: deque[Task] = deque()
    done: dict[Task, Ending] = {}

    def hand_in(count: int) -> None:
        for task in islice(following, count):
            handed_in.append(task)
            pool.submit(task)

    hand_in(AHEAD * pool.count)
    for ending in pool.endings():
        done[ending.task] = ending
        while handed_in and handed_in[0] in done:
            first = done.pop(handed_in.popleft())
            hand_in(1)
            yield first
