"""How far something is, on standard error: the line of a hunt, loops, and counts.

Where that is no terminal, a hunt says something at its beginning, every half minute and when it finds something; the
others say nothing.
"""

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

from reports.values import plain

T = TypeVar("T")

Step = Callable[[str, int, int], None]
"""Told how many more of something are done, and how many there are in all: ``("kernels made", 1, 200)``."""


def unseen(what: str, count: int, total: int) -> None:
    """Show nothing; a Step."""


def tracked(items: Iterable[T], what: str) -> Iterable[T]:
    """Pass items on and show how many there were, of all if the items say how many that is."""
    console = Console(stderr=True)
    return progress.track(items, what, console=console, transient=True) if console.is_terminal else items


@contextmanager
def counting(console: Console) -> Iterator[Step]:
    """Yield what counts several things, each on a line of its own."""
    if not console.is_terminal:
        yield unseen
        return
    columns = (
        progress.SpinnerColumn(),
        progress.TextColumn("{task.description}"),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=console, transient=True) as lines:
        tasks: dict[str, progress.TaskID] = {}

        def step(what: str, count: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = lines.add_task(what, total=total)
            lines.advance(tasks[what], count)

        yield step


EVERY = 30.0
"""Seconds between two lines of a hunt where standard error is no terminal."""


@dataclass(frozen=True)
class Pace:
    """How far a hunt is: seconds, kernels judged, share of the language covered, findings, discrepancies in work."""

    elapsed: float
    kernels: int
    covered: float
    findings: int
    waiting: int


class Progress:
    """Shows on standard error how far a hunt is: one line that changes in a terminal, a line now and then elsewhere."""

    def __init__(self, seconds: float, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._seconds = seconds
        self._live: Live | None = None
        if self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=2, transient=True)
        self._last = 0.0

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, pace: Pace) -> None:
        """Renew the line, or write a new one if the last one is long ago."""
        if self._live is not None:
            self._live.update(Text(line(pace, self._seconds), no_wrap=True, overflow="ellipsis"))
        elif pace.elapsed >= self._last + EVERY:
            self._last = pace.elapsed
            self.say(line(pace, self._seconds))

    def say(self, sentence: str) -> None:
        """Write a line that stays."""
        self._console.print(Text(plain(sentence)), soft_wrap=True)


def line(pace: Pace, seconds: float) -> str:
    """Put the progress line together."""
    spent = f"{pace.elapsed:.0f} of {seconds:.0f} s" if pace.elapsed < seconds else "time is over, finishing"
    rate = pace.kernels / max(pace.elapsed, 1e-9)
    found = f"{pace.findings} finding{'s' * (pace.findings != 1)}"
    looking = f", looking into {pace.waiting} more" if pace.waiting else ""
    return f"{spent}: {pace.kernels:,} kernels ({rate:.1f}/s), {pace.covered:.0%} of the language, {found}{looking}"
