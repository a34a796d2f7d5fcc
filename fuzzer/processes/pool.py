"""Worker processes that may crash, hang, or be killed, and the records of how a task ended in one.

Compiled kernels take their process down when the compiler or its output is wrong, so Warp only ever runs in workers.
Each worker is a pebble pool of one spawned process: processes then share neither a pipe nor a lock, so whatever happens
to one concerns its own task alone, and a worker is replaced (broken, or grown too large) by making its pool anew.
Every task writes to files of its own, a log (file descriptors 1 and 2) and a mark, which outlive the process. Linux
only.
"""

from __future__ import annotations

import itertools
import math
import os
import pickle
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from fuzzer.processes.scratch import claim_folder, release_folder
from fuzzer.processes.spawning import LoneContext
from fuzzer.processes.worker import HANGS, Answer, Start, begin, perform
from grammar.errors import UserError

MEMORY_LIMIT = 1 << 30  # bytes; about four times what a compiling worker holds when it drops its modules
STARTS = 3  # tries to start a worker before giving up: one may be killed from outside, three in a row have a cause
TAIL = 4000  # bytes kept of what a task printed before its process died: a compiler's last words
TICK = 1.0  # seconds between two looks at whether a pool broke without telling its task


@dataclass(frozen=True, eq=False)
class Task:
    """A call of a picklable function with one argument, given ``time_limit`` seconds from when it starts.

    Workers do not import the main module of the program, so the function is to be one of another module.
    """

    function: Callable[[Any], Any]
    argument: Any
    time_limit: float


@dataclass(frozen=True, eq=False)
class Finished:
    """The task returned a value."""

    task: Task
    value: Any


@dataclass(frozen=True, eq=False)
class Crashed:
    """The process died: its exit code (minus the signal, if one killed it), its last output, its last mark."""

    task: Task
    exit_code: int
    stderr: str
    mark: str


@dataclass(frozen=True, eq=False)
class TimedOut:
    """The task was killed at its time limit, or that of its mark; ``mark`` says what it was doing."""

    task: Task
    mark: str


@dataclass(frozen=True, eq=False)
class Raised:
    """The task raised an exception: its traceback as text, and its sentence if it is a UserError.

    Any other exception is a defect of ours, and has no sentence.
    """

    task: Task
    traceback: str
    sentence: str = ""


Ending = Finished | Crashed | TimedOut | Raised


def value_of(ending: Ending) -> Any:
    """Return what a task returned.

    Raises:
        UserError: The task raised it.
        RuntimeError: The task went wrong otherwise, which is a defect of ours.
    """
    match ending:
        case Finished(_, value):
            return value
        case Raised(sentence=sentence) if sentence:
            raise UserError(sentence)
        case Raised(_, traceback):
            raise RuntimeError(f"a worker failed:\n{traceback}")
        case Crashed(_, code, said, mark):
            raise RuntimeError(f"a worker ended with {code} at {mark!r}: {said}")
        case TimedOut(task, mark):
            raise RuntimeError(f"a worker was stopped after {task.time_limit:.0f} s at {mark!r}")


def raise_ours(text: str) -> None:
    """Raise what a worker raised: a sentence where the world is at fault, else a defect of ours."""
    if "No space left on device" in text:
        raise UserError("the disk is full: free some space and go on with --resume; everything recorded so far is kept")
    last = text.strip().splitlines()[-1]
    if last.startswith("grammar.errors.UserError: "):
        raise UserError(last.removeprefix("grammar.errors.UserError: "))
    raise RuntimeError(f"a worker failed:\n{text}")


class Workers:
    """A fixed number of worker processes, to be used as a context manager.

    ``start`` is called once in each new process with an empty folder of its own (for Warp's kernel cache). A process
    that holds more than ``memory_limit`` bytes after a task is replaced. Processes start with their first tasks, and
    are killed when the thread that uses this object ends.
    """

    def __init__(self, count: int, start: Start, *, memory_limit: int = MEMORY_LIMIT) -> None:
        self._root, self._lock = claim_folder()
        self._seats = [_Seat(self._root / f"worker-{number}", start) for number in range(count)]
        self._memory_limit = memory_limit
        self._waiting: deque[_Job] = deque()
        self._numbers = itertools.count()
        self._broken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def count(self) -> int:
        """How many processes work at a time."""
        return len(self._seats)

    @property
    def pending(self) -> int:
        """How many submitted tasks have not ended yet."""
        return len(self._waiting) + sum(seat.job is not None for seat in self._seats)

    def submit(self, task: Task) -> None:
        """Hand in a task; it starts when a worker is free. Raises whatever keeps the task from being pickled."""
        files = str(self._root / f"task-{next(self._numbers)}")
        self._waiting.append(_Job(task, pickle.dumps((task.function, task.argument)), files))
        self._assign()

    def endings(self, deadline: float = math.inf) -> Iterator[Ending]:
        """Yield how each task ended, as they end, until none is pending or ``time.monotonic()`` reaches the deadline.

        Tasks may be submitted meanwhile. A worker gets its next task before the ending of its last one is yielded.

        Raises:
            RuntimeError: No worker can be started.
        """
        while self.pending and (left := deadline - time.monotonic()) > 0:
            busy = [seat for seat in self._seats if seat.job]
            wait([seat.future for seat in busy], min(left, TICK), FIRST_COMPLETED)
            for seat in busy:
                if seat.ended:
                    ending = self._collect(seat)
                    self._assign()
                    if ending is not None:
                        yield ending

    def close(self) -> None:
        """Kill all workers, whatever they do, and remove their files; once is enough."""
        seats, self._seats = self._seats, []
        for seat in seats:
            seat.pool.stop()
        for seat in seats:
            seat.pool.join()
        if seats:
            release_folder(self._root, self._lock)

    def _assign(self) -> None:
        for seat in self._seats:
            if self._waiting and not seat.job:
                seat.give(self._waiting.popleft())

    def _collect(self, seat: _Seat) -> Ending | None:
        """Take the job from a seat and say how it ended; None if it never ran and waits again."""
        job, answer = seat.take()
        if answer is None:
            seat.renew()
            self._broken += 1
            if self._broken == STARTS:
                raise RuntimeError(f"no worker can be started; the last one wrote:\n{seat.last_words}")
            self._waiting.appendleft(job)
            return None
        self._broken = 0
        ending = job.ending(answer)
        if isinstance(answer, Answer) and answer.memory > self._memory_limit:
            seat.renew()
        return ending


def run_alone(task: Task, start: Start) -> Ending:
    """Run one task in a fresh process of its own, to be sure that nothing that ran before it matters."""
    with Workers(1, start) as workers:
        workers.submit(task)
        return next(workers.endings())


@dataclass(frozen=True, eq=False)
class _Job:
    """A task on its way: what is sent to the worker, and the beginning of the names of its files."""

    task: Task
    pickled: bytes
    files: str

    def ending(self, answer: Answer | BaseException) -> Ending:
        """Read the files, remove them, and put the record together."""
        stderr, last_mark = _tail(f"{self.files}.log"), _tail(f"{self.files}.mark").partition("\0")[0]
        for kind in ("log", "mark"):
            Path(f"{self.files}.{kind}").unlink(missing_ok=True)
        match answer:
            case Answer(value, ""):
                return Finished(self.task, pickle.loads(value))
            case Answer():
                return Raised(self.task, answer.traceback, answer.sentence)
            case ProcessExpired() if answer.exitcode == -HANGS:
                return TimedOut(self.task, last_mark)
            case ProcessExpired():
                return Crashed(self.task, answer.exitcode, stderr, last_mark)
            case TimeoutError():
                return TimedOut(self.task, last_mark)
        raise answer


class _Seat:
    """The place of one worker: its folder, its pool of one process, and the job it has now."""

    def __init__(self, folder: Path, start: Start) -> None:
        self._folder, self._start = folder, start
        folder.mkdir()
        self.job: _Job | None = None
        self.future: Future[Answer]
        self.pool = self._make()

    def _make(self) -> ProcessPool:
        arguments = (os.getpid(), self._folder, self._start)
        return ProcessPool(max_workers=1, initializer=begin, initargs=arguments, context=LoneContext())

    @property
    def ended(self) -> bool:
        """Whether the job ended, or the pool broke, in which case its future may never learn of it."""
        return self.future.done() or not self.pool.active

    @property
    def last_words(self) -> str:
        """The end of what the process wrote before its first task."""
        return _tail(str(self._folder / "log"))

    def give(self, job: _Job) -> None:
        """Send the job to the process; a process that died while it was idle is replaced first."""
        self.job = job
        try:
            self.future = self._schedule(job)
        except RuntimeError:
            self.renew()
            self.future = self._schedule(job)

    def _schedule(self, job: _Job) -> Future[Answer]:
        with _interrupts_blocked():
            return self.pool.schedule(perform, args=(job.files, job.pickled), timeout=job.task.time_limit)

    def take(self) -> tuple[_Job, Answer | BaseException | None]:
        """Free the seat and give its job with what came of it: None if the process died before the job began."""
        assert self.job is not None
        job, self.job = self.job, None
        if not self.future.done() or isinstance(self.future.exception(), BrokenExecutor):
            return job, None
        return job, self.future.exception() or self.future.result()

    def renew(self) -> None:
        """Replace the process."""
        self.pool.stop()
        self.pool.join()
        self.pool = self._make()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT in this thread, and for good in the threads and processes that are started meanwhile.

    An interrupt is the parent's business. Processes ignore it once they are set up, but not while they start.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _tail(path: str) -> str:
    """The last bytes of a file as text; nothing if there is no file, because the process died before it made one."""
    with suppress(FileNotFoundError), open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
        return file.read().decode(errors="replace")
    return ""
