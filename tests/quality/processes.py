"""Programs that are run and watched from outside: how they end, who descends from them, what they hold.

Each runs in a session of its own, so that killing it leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil

from tests.quality.rows import ROOT

T = TypeVar("T")


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


def _asked(process: int, question: Callable[[psutil.Process], T], otherwise: T) -> T:
    """What a process says of itself; something else where it is gone."""
    try:
        return question(psutil.Process(process))
    except psutil.Error:
        return otherwise


def descendants(root: int) -> list[int]:
    """Return the numbers of all processes below one that are alive, not counting zombies."""
    below: list[psutil.Process] = _asked(root, lambda process: process.children(recursive=True), [])
    return [process.pid for process in below if alive(process.pid)]


def alive(process: int) -> bool:
    """Say whether a process runs; a zombie does not."""
    return _asked(process, lambda found: found.status() != psutil.STATUS_ZOMBIE, False)


def resident(process: int) -> int:
    """Return the bytes of memory that a process holds (resident); 0 where it is gone."""
    return _asked(process, lambda found: int(found.memory_info().rss), 0)


def processor_seconds(process: int) -> float:
    """Return the processor time that a process has used; 0 where it is gone."""
    return _asked(process, lambda found: float(sum(found.cpu_times()[:2])), 0.0)


def command_line(process: int) -> str:
    """Return what a process was started with; "" where it is gone."""
    return _asked(process, lambda found: " ".join(found.cmdline()), "")
