"""Programs that are run and watched from outside: how they end, who descends from them, what they hold. Linux only.

Each runs in a session of its own, so that killing it leaves nothing behind. What is seen of a process is what proc(5)
says.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.quality.rows import ROOT

PROC = Path("/proc")


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code (124 where it ran out of time) and what it said, on both channels."""

    code: int
    said: str


@contextlib.contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the length of the block; what it prints is added to a file."""
    with log.open("ab") as file:
        program = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
        )
        try:
            yield program
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()


def run(command: Sequence[str], seconds: float) -> Ended:
    """Run a program to its end, or kill it after so many seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log"
        with running(command, log) as program:
            code = waited(program, seconds)
        return Ended(code, log.read_text(errors="replace"))


def waited(program: subprocess.Popen[bytes], seconds: float) -> int:
    """Wait so many seconds for the end of a program; gives its exit code, or 124 where it still runs."""
    try:
        return program.wait(seconds)
    except subprocess.TimeoutExpired:
        return 124


def descendants(root: int) -> list[int]:
    """Return the numbers of all processes below one that are alive, not counting zombies."""
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
    """Return the bytes of memory that a process holds (resident); 0 where it is gone."""
    try:
        return int((PROC / str(process) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used; 0 where it is gone."""
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


def command_line(process: int) -> str:
    """Return what a process was started with; "" where it is gone."""
    try:
        return (PROC / str(process) / "cmdline").read_text(errors="replace").replace("\0", " ")
    except OSError:
        return ""
