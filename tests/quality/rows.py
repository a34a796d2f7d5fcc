"""What a long measurement is: pieces that are measured one by one, and the claims that their facts add up to.

A *measurement* has settings and is cut into *pieces*. Measuring a piece gives *facts* (a JSON object), which are stored
at once, so that a run that is killed loses one piece. All facts together become *claims*, each with a target or for
information only, and *tables* with what stands behind them. A measurement with its claims is a *row* of the proof.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

SOURCES = ("grammar", "oracle", "fuzzer")
"""What every row depends on; some depend on more."""

SUFFIXES = (".py", ".lark", ".toml", ".jinja")

Settings = dict[str, Any]
Facts = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """One thing that was measured; ``met`` is None where there is no target."""

    what: str
    measured: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Listing:
    """A table behind the claims."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Conclusion:
    """What the facts of a measurement add up to."""

    claims: tuple[Claim, ...]
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One row of the proof.

    Attributes:
        name: What it is called on the command line.
        counts: How much is measured; ``--scale`` multiplies these.
        fixed: All other settings.
        pieces: Cuts settings into those of the pieces.
        measure: Measures one piece; a function at module level, for it may run in a worker process.
        conclude: Adds up the facts of all pieces, in order.
        together: Whether pieces run in worker processes beside each other, or here, one after the other, because they
            start processes of their own.
        sources: Folders and files whose content the row depends on, besides its own file.
    """

    name: str
    counts: Mapping[str, int]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    pieces: Callable[[Settings], Sequence[Settings]]
    measure: Callable[[Settings], Facts]
    conclude: Callable[[Settings, Sequence[Facts]], Conclusion]
    together: bool = True
    sources: tuple[str, ...] = SOURCES

    def settings(self, scale: float, given: Mapping[str, Any]) -> Settings:
        """Return its settings: counts scaled, and what is given instead of them."""
        scaled = {name: max(1, round(count * scale)) for name, count in self.counts.items()}
        settings = {**scaled, **self.fixed}
        return {**settings, **{name: value for name, value in given.items() if name in settings}}

    def source_hash(self) -> str:
        """Hash the content of everything that it depends on."""
        return content_hash(self.sources, Path(inspect.getfile(self.measure)))


def content_hash(sources: Sequence[str], *files: Path) -> str:
    """Hash names and contents of folders and files of this project, and of some files besides."""
    digest = hashlib.sha256()
    named = [ROOT / source for source in sources]
    found = [path for folder in named for path in folder.rglob("*") if path.suffix in SUFFIXES]
    for path in sorted({*found, *files, *(path for path in named if path.is_file())}):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def verdict(claims: Sequence[Claim]) -> str:
    """Say what a row comes to."""
    if any(claim.met is False for claim in claims):
        return "not met"
    return "met" if any(claim.met for claim in claims) else "informational"


def share(part: float, whole: float) -> str:
    """Write a share with what it is a share of."""
    return f"{100 * part / whole:.1f} % of {whole:,}" if whole else "none to measure"


def at_least(what: str, part: float, whole: float, percent: float) -> Claim:
    """Claim that a share reaches a target; nothing to measure does not."""
    return Claim(what, share(part, whole), f">= {percent:g} %", whole > 0 and 100 * part >= percent * whole)


def at_most(what: str, part: float, whole: float, percent: float) -> Claim:
    """Claim that a share stays within a target; nothing to measure does not."""
    return Claim(what, share(part, whole), f"<= {percent:g} %", whole > 0 and 100 * part <= percent * whole)


def all_of(what: str, part: int, whole: int) -> Claim:
    """Claim that something holds of all."""
    return Claim(what, f"{part:,} of {whole:,}", "all", 0 < whole == part)


def none_of(what: str, part: int, whole: int) -> Claim:
    """Claim that something holds of none; nothing to look at says nothing."""
    return Claim(what, f"{part:,} of {whole:,}", "none", whole > 0 and part == 0)


def chunks(settings: Settings, name: str, size: int) -> list[Settings]:
    """Cut a count into ranges: pieces with ``start`` and ``stop`` instead of it."""
    rest = {key: value for key, value in settings.items() if key != name}
    total = settings[name]
    return [{**rest, "start": start, "stop": min(start + size, total)} for start in range(0, total, size)]


def quantiles(values: Sequence[float]) -> tuple[str, str, str]:
    """Return the 10th percentile, the median and the 90th percentile."""
    ordered = sorted(values)
    if not ordered:
        return ("-", "-", "-")
    picked = [ordered[round(q * (len(ordered) - 1))] for q in (0.1, 0.5, 0.9)]
    return (f"{picked[0]:g}", f"{picked[1]:g}", f"{picked[2]:g}")
