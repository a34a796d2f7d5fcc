"""The progress line of a hunt: time, rates, buckets and how far the sweep is."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from fuzzer.settings import Settings

if TYPE_CHECKING:
    from fuzzer.campaign import Campaign


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

    def show(self, campaign: Campaign) -> None:
        """Renew the line."""
        if self._live is not None:
            self._live.update(Text(line(campaign, self._seconds)))


def line(campaign: Campaign, seconds: float) -> str:
    """Put the progress line together."""
    tallies = campaign.store.tallies()
    kernels = int(sum(tallies["verdict"].values()))
    units = [amount for topic in tallies if topic.startswith("coverage") for amount in tallies[topic].values()]
    sweep = 100 * sum(amount > 0 for amount in units) // max(len(units), 1)
    rate = kernels / max(campaign.elapsed, 1e-9)
    waiting = len(campaign.queue) + (campaign.running is not None)
    looking = f" · {waiting} being looked into" if waiting else ""
    found = f"{len(campaign.buckets)} finding{'s' * (len(campaign.buckets) != 1)}"
    spent = f"{campaign.elapsed:4.0f} of {seconds:.0f} s"
    return f"{spent} · {kernels} kernels, {rate:.1f}/s · sweep {sweep} % · {found}{looking}"
