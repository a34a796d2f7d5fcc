"""The row ``campaign``: what a hunt of the command line finds, and what it does with its time and its memory.

A hunt runs as a process of its own and is watched from outside: how many kernels its store has, and how much memory all
its processes hold together.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from fuzzer.campaigns.schedule import BATCH
from grammar.errors import UserError
from reports.standing import FAILED, Word
from reports.store import Store
from reports.summary import standing_in
from tests.quality import processes, rows
from tests.quality.rows import SOURCES, Claim, Conclusion, Facts, Listing, Measurement, Settings

T = TypeVar("T")

LOOK = 1.0
"""Seconds between two looks at a hunt."""

SLACK = 300.0
"""Seconds that a hunt may take longer than asked for: starting, last investigations, its report."""

ENDINGS = (0, 1)
"""Exit codes of a hunt that ended by itself: without and with findings."""

GROWTH = 1.3
"""How often the peak of memory after a tenth of the kernels the peak after all of them may be."""

TAIL = 10_000
"""Characters kept of what a hunt said that failed: its report and the traceback before that."""


def hunt_command(*flags: object) -> list[str]:
    """Return the command line of a hunt."""
    return [sys.executable, "-m", "fuzzer", *map(str, flags)]


def batches_of(folder: Path) -> frozenset[int]:
    """Return the batches that a campaign's store has; none before there is a store."""
    return _read(folder, lambda store: store.completed_batches(), frozenset())


def kernels_of(folder: Path) -> int:
    """Count the kernels that a campaign's store has."""
    return _read(folder, lambda store: int(sum(store.tallies()["verdict"].values())), 0)


def ended_by_itself(code: int, folder: Path) -> bool:
    """Say whether a hunt ended as it should: in its time, though that may have been too short to compare anything."""
    word = _read(folder, lambda store: standing_in(store).word, None)
    return code in ENDINGS or (code == FAILED and word is Word.NOTHING)


def _read(folder: Path, question: Callable[[Store], T], otherwise: T) -> T:
    """Ask a store; one that cannot be read yet is being made, so there is nothing in it."""
    try:
        with Store.open(folder) as store:
            return question(store)
    except UserError:
        return otherwise


def whole(settings: Settings) -> list[Settings]:
    """Take a measurement in one piece."""
    return [settings]


def measure_campaign(piece: Settings) -> Facts:
    """Hunt for a while; keep the summary, the reproducer of each bucket, and peaks of memory."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / "campaign", Path(scratch) / "log"
        with processes.running(hunt_command(*flags_of(piece), "--out", folder), log) as hunt:
            peaks = _peaks(hunt, folder, time.monotonic() + piece["seconds"] + SLACK)
        facts: Facts = {"exit_code": hunt.returncode, "peaks": peaks}
        if hunt.returncode not in ENDINGS:
            return facts | {"said": log.read_text(errors="replace")[-TAIL:]}
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        reproducers = {path.parent.name: path.read_text(encoding="utf-8") for path in folder.rglob("repro.py")}
        return facts | {"said": "", "summary": summary, "reproducers": reproducers}


def _peaks(hunt: subprocess.Popen[bytes], folder: Path, deadline: float) -> list[list[int]]:
    """Look at a hunt until it ends: kernels that its store has, and the most bytes that were held up to then."""
    peaks = [[0, 0]]
    while hunt.poll() is None and time.monotonic() < deadline:
        time.sleep(LOOK)
        held = sum(map(processes.resident, [hunt.pid, *processes.descendants(hunt.pid)]))
        peaks.append([kernels_of(folder), max(held, peaks[-1][1])])
    return peaks


def ending(facts: Facts) -> Claim:
    """Claim that a hunt ended as it should."""
    target = " or ".join(map(str, ENDINGS))
    met = facts["exit_code"] in ENDINGS
    said = "" if met else f": {facts['said'].strip()}"
    return Claim("exit code of the hunt", f"{facts['exit_code']}{said}", target, met)


def flags_of(piece: Settings) -> tuple[object, ...]:
    """Return the flags of a hunt that settings fix."""
    return ("--seconds", piece["seconds"], "--seed", piece["seed"], "--workers", piece["workers"])


def conclude_campaign(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Read the summary, and compare peaks of memory."""
    if "summary" not in facts[0]:
        return Conclusion((ending(facts[0]),))
    summary = facts[0]["summary"]
    kernels, elements = summary["kernels"], summary["elements"]
    claims = (
        ending(facts[0]),
        Claim("kernels executed", f"{kernels['executed']:,} in {summary['seconds']:.0f} s"),
        Claim("kernels executed per second", f"{summary['per_second']:.2f}"),
        Claim("elements of outputs judged bit by bit", rows.share(elements["exact"], elements["compared"])),
        Claim("buckets", f"{len(summary['findings'])}"),
        *memory_claims(settings["kernels"], facts[0]["peaks"]),
    )
    listings = (
        Listing("kernels", ("verdict", "kernels"), _counted(kernels)),
        Listing("kernels by engine", ("engine", "kernels"), _counted(summary["engines"])),
        Listing(
            "time of workers", ("what", "share"), tuple((k, f"{v:.1%}") for k, v in by_size(summary["time_share"]))
        ),
        Listing("coverage", ("what", "covered", "total"), _coverage(summary["coverage"])),
        Listing("known divergences", ("limitation", "kernels"), _counted(summary["limitations"])),
        Listing("buckets", ("bucket", "count", "first seen"), _buckets(summary["findings"])),
    )
    return Conclusion(claims, listings)


def by_size(shares: dict[str, float]) -> list[tuple[str, float]]:
    """Return shares of time, the largest first."""
    return sorted(shares.items(), key=lambda item: -item[1])


def _counted(counts: dict[str, int]) -> tuple[tuple[str, ...], ...]:
    return tuple((name, f"{count:,}") for name, count in counts.items())


def _coverage(coverage: dict[str, dict[str, int]]) -> tuple[tuple[str, ...], ...]:
    return tuple((name, f"{x['covered']:,}", f"{x['total']:,}") for name, x in coverage.items())


def _buckets(findings: list[dict[str, Any]]) -> tuple[tuple[str, ...], ...]:
    return tuple((x["signature"], f"{x['count']}", f"{x['first_seen']:.0f} s") for x in findings)


def memory_claims(wanted: int, peaks: Sequence[Sequence[int]]) -> tuple[Claim, ...]:
    """Compare the peak after so many kernels, or more, with the peak after a tenth of them."""
    tenth = wanted // 10
    early = max(held for kernels, held in peaks if kernels <= max(tenth, BATCH))
    kernels, late = peaks[-1]
    complete = early > 0 and kernels >= wanted
    ratio = late / early if early else 0.0
    met = complete and ratio <= GROWTH
    return (
        Claim("kernels after which memory was read last", f"{kernels:,}", f">= {wanted:,}", complete),
        Claim(f"peak memory, against that after {tenth:,} kernels", f"{ratio:.2f}", f"<= {GROWTH}", met),
        Claim("peak memory of all processes", f"{late / 2**20:,.0f} MiB"),
    )


CAMPAIGN = Measurement(
    name="campaign",
    counts={"kernels": 10_000},
    fixed={"seed": 0, "seconds": 1800, "workers": 2},
    pieces=whole,
    measure=measure_campaign,
    conclude=conclude_campaign,
    together=False,
    sources=(*SOURCES, "reports", "tests/quality/processes.py"),
)
