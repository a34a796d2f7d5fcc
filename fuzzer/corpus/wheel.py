"""The kernels that come with Warp, read by worker processes: what generated ones are compared with."""

from __future__ import annotations

from collections.abc import Iterator

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.progress import Step
from fuzzer.corpus.ordered import in_order
from fuzzer.corpus.overlap import identities_in
from fuzzer.corpus.source_trees import located
from fuzzer.processes.pool import Task, Workers, value_of

CHUNK = 8  # files per task: less than half a second of work
SECONDS = 300.0  # for one task: far beyond what it takes


def wheel_kernels(workers: int, step: Step) -> frozenset[str]:
    """Return the structural identities of the kernels in the installed Warp; nothing is executed.

    It takes some ten seconds of processor time. ``step`` is told how many more files were read.

    Raises:
        UserError: Warp is not installed.
    """
    return frozenset().union(*_identities(workers, step))


def _identities(workers: int, step: Step) -> Iterator[frozenset[str]]:
    files = located("warp").files
    tasks = (Task(identities_in, files[first : first + CHUNK], SECONDS) for first in range(0, len(files), CHUNK))
    with Workers(workers, start_worker) as pool:
        for ending in in_order(tasks, pool):
            yield value_of(ending)
            step("files of Warp read", len(ending.task.argument), len(files))
