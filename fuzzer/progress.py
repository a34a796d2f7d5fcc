"""The progress line of a hunt: time, rates, buckets and how far the sweep is."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fuzzer.settings import Settings


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
