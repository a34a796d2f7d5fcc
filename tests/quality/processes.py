"""The processes of a campaign, seen from outside through proc(5): who descends from whom, and what they hold. Linux only."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")


def descendants(root: int) -> list[int]:
    """Give the numbers of all processes below one that are alive, not counting zombies."""
    children: dict[int, list[int]] = defaultdict(list)
    for process, parent in _parents().items():
        children[parent].append(process)
    found: list[int] = []
    pending = [root]
    while pending:
        below = children[pending.pop()]
        found += below
        pending += below
    return found


def alive(process: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    return process in _parents()


def resident(process: int) -> int:
    """Give the bytes of memory that a process holds (resident); 0 where it is gone."""
    try:
        return int((PROC / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def processor_seconds(process: int) -> float:
    """Give the processor time that a process has used; 0 where it is gone."""
    fields = _stat(PROC / str(process))
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _parents() -> dict[int, int]:
    stats = {int(path.name): _stat(path) for path in PROC.iterdir() if path.name.isdigit()}
    return {process: int(fields[1]) for process, fields in stats.items() if fields and fields[0] != "Z"}


def _stat(path: Path) -> list[str]:
    """The fields behind the name of the program, which may hold anything."""
    try:
        return (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
