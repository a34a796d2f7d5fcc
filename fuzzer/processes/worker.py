"""What happens inside a worker process: setting it up, performing a task, and marking what is about to run.

A task's files (log and mark) are opened here under the names that the parent chose, so that the parent finds them after
the process died. Everything that a task raises comes back as text, since an exception class may not exist in the
parent: a traceback, and of a UserError its sentence too.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grammar.errors import UserError

PR_SET_PDEATHSIG = 1  # linux/prctl.h

HANGS = signal.SIGPROF
"""What ends a process that has used up its processor time: the default action of setitimer(2)'s ITIMER_PROF."""

Start = Callable[[Path], None]
"""What the owner of the workers calls in each new process, with an empty folder of its own."""

_mark_file: int | None = None


@dataclass(frozen=True, eq=False)
class Answer:
    """What a worker sends back: the pickled value, or traceback and sentence; and the bytes of memory it holds now."""

    value: bytes
    traceback: str
    memory: int
    sentence: str = ""


def begin(parent: int, folder: Path, start: Start) -> None:
    """Set up a new worker process: it dies with its parent, and of SIGTERM at once even in native code."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    die_with_parent(parent)
    _redirect_output(str(folder / "log"))
    shutil.rmtree(folder / "cache", ignore_errors=True)
    (folder / "cache").mkdir()
    start(folder / "cache")


def perform(files: str, pickled: bytes) -> Answer:
    """Run one job in the worker. Everything that can be raised is, as text, an answer."""
    global _mark_file
    _redirect_output(f"{files}.log")
    if _mark_file is not None:
        os.close(_mark_file)
    _mark_file = os.open(f"{files}.mark", os.O_WRONLY | os.O_CREAT)
    try:
        function, argument = pickle.loads(pickled)
        return Answer(pickle.dumps(function(argument)), "", _memory())
    except BaseException as error:
        sentence = str(error) if isinstance(error, UserError) else ""
        return Answer(b"", traceback.format_exc(), _memory(), sentence)
    finally:
        limit_processor_time(0.0)


def mark(text: str, seconds: float = 0.0) -> None:
    """Note in a worker what is about to run, for whoever asks after the process died: one write, about 1 us.

    With ``seconds``, the process is ended as one that hangs if it takes more processor time than that until the next
    mark, or until the end of its task. Outside a worker this does nothing.
    """
    if _mark_file is not None:
        os.pwrite(_mark_file, text.encode() + b"\0", 0)
        limit_processor_time(seconds)


def limit_processor_time(seconds: float) -> None:
    """Let the system end this process with :data:`HANGS` after so much processor time, native code too; 0 for never."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def die_with_parent(parent: int) -> None:
    """Let the system kill this process when its parent ends, whose number is given in case it has ended already."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _redirect_output(path: str) -> None:
    """Send what this process prints, natively too, to a file."""
    sys.stdout.flush()
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)


def _memory() -> int:
    """The bytes of memory that this process holds now (resident, from proc(5))."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
