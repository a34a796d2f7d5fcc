"""How far something is, on standard error: the line of a hunt, loops, and counts. Nothing where that is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from rich import progress
from rich.console import Console
from rich.live import Live
from rich.text import Text

from fuzzer.settings import Settings

T = TypeVar("T")

Step = Callable[[str, int], None]
"""Told how many more of something are done: ``("kernels kept", 1)``."""


def tracked(items: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Pass items on and show how many there were, of ``total`` if that is known or the items say it."""
    console = Console(stderr=True)
    return progress.track(items, what, total, console=console, transient=True) if console.is_terminal else items


@contextmanager
def counting(console: Console) -> Iterator[Step]:
    """Give what counts several things, each on a line of its own."""
    if not console.is_terminal:
        yield lambda what, count: None
        return
    columns = (
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=console, transient=True) as lines:
        tasks: dict[str, progress.TaskID] = {}

        def step(what: str, count: int) -> None:
            if what not in tasks:
                tasks[what] = lines.add_task(what, total=None)
            lines.advance(tasks[what], count)

        yield step


@dataclass(frozen=True)
class Standing:
    """How far a hunt is: seconds, kernels judged, share of the sweep covered, findings, discrepancies in work."""

    elapsed: float
    kernels: int
    sweep: float
    findings: int
    waiting: int


class Progress:
    """Shows one line on standard error while a hunt runs; nothing where that is no terminal."""

    def __init__(self, settings: Settings) -> None:
        console = Console(stderr=True)
        self._seconds = settings.seconds
        self._live = Live(console=console, refresh_per_second=2, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, standing: Standing) -> None:
        """Renew the line."""
        if self._live is not None:
            self._live.update(Text(line(standing, self._seconds)))


def line(standing: Standing, seconds: float) -> str:
    """Put the progress line together."""
    rate = standing.kernels / max(standing.elapsed, 1e-9)
    looking = f" · {standing.waiting} being looked into" if standing.waiting else ""
    found = f"{standing.findings} finding{'s' * (standing.findings != 1)}"
    spent = f"{standing.elapsed:4.0f} of {seconds:.0f} s"
    return f"{spent} · {standing.kernels} kernels, {rate:.1f}/s · sweep {standing.sweep:.0%} · {found}{looking}"
