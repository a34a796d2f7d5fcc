"""Endings come in the order of the tasks, and few tasks are ahead of the one that is waited for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from fuzzer.processes.ordered import AHEAD, in_order
from fuzzer.processes.pool import Task, Workers, value_of

WORKERS = 2


def nothing(folder: Path) -> None:
    """Set up nothing."""


def touch(path: Path) -> str:
    path.touch()
    return path.name


def wait_for_all_others(folder: Path) -> str:
    """Wait until every other task is done that is handed in together with this one."""
    while len(list(folder.iterdir())) < AHEAD * WORKERS - 1:
        time.sleep(0.01)
    return "the first"


def test_a_slow_first_task_does_not_let_the_others_run_away(tmp_path: Path) -> None:
    taken = []

    def tasks() -> Iterator[Task]:
        yield Task(wait_for_all_others, tmp_path, 60.0)
        for number in range(100):
            taken.append(number)
            yield Task(touch, tmp_path / str(number), 60.0)

    with Workers(WORKERS, nothing) as pool:
        endings = in_order(tasks(), pool)
        assert value_of(next(endings)) == "the first"
        assert len(taken) == AHEAD * WORKERS
        assert [value_of(ending) for ending in endings] == [str(number) for number in range(100)]
