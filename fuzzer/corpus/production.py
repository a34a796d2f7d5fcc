"""Kernels of an export, made by worker processes and given in order, whatever was made before and however many work."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from typing import Any

from fuzzer.campaigns.hunting import start_worker
from fuzzer.corpus.making import Made
from fuzzer.corpus.ordered import in_order
from fuzzer.corpus.orders import AnyOrder
from fuzzer.corpus.parts import Parts
from fuzzer.processes.pool import Crashed, Ending, Finished, Task, TimedOut, Workers, value_of
from fuzzer.processes.scratch import demand_room

SECONDS = 300.0
"""For one order of 40 kernels, of which a few are compiled together: five times what it takes on a busy machine."""

ISOLATED_SECONDS = 600.0
"""For one that is made again in children."""

Make = Callable[[Any], list[Made]]


def produced(orders: Iterable[AnyOrder], make: Make, parts: Parts, workers: int) -> Generator[Made]:
    """Make what the orders ask for and give it in order; what ``parts`` has is not made again.

    Raises:
        UserError: Parts cannot be read or written, what is asked for is damaged, or the disk of the temporary files is
            full.
    """
    with Workers(workers, start_worker) as pool:
        tasks = (Task(make_part, (make, order, parts), SECONDS) for order in orders)
        for ending in in_order(tasks, pool):
            yield from _made(ending)


def make_part(task: tuple[Make, AnyOrder, Parts]) -> list[Made]:
    """Make the part of an order, unless it is there."""
    make, order, parts = task
    made = parts.get(order)
    if made is None:
        made = make(order)
        parts.put(order, made)
    return made


def _made(ending: Ending) -> list[Made]:
    if not isinstance(ending, Finished):
        demand_room()
    made: list[Made] = value_of(_again_apart(ending.task) if isinstance(ending, Crashed | TimedOut) else ending)
    return made


def _again_apart(task: Task) -> Ending:
    """Make an order again whose process died, with what is native in children."""
    make, order, parts = task.argument
    again = Task(make_part, (make, replace(order, isolated=True), parts), ISOLATED_SECONDS)
    with Workers(1, start_worker) as pool:
        pool.submit(again)
        [ending] = pool.endings()
    return ending
