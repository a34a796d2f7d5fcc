"""An engine whose test cases may take their process down: each batch runs in a child, and how that ends is the outcome.

A child is a fork of a worker in which Warp is ready, so it costs milliseconds. What runs is noted in a file that both
see: when the child dies, everything before the note has ended well, and the test case that it names is the culprit. A
batch that dies while it is compiled names none; then its test cases run one by one.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace

from fuzzer.processes.worker import HANGS, die_with_parent, limit_processor_time
from grammar import parse
from oracle.records import Engine, Failed, Options, Outcome, Refused, TestCase

BUILD_SECONDS = 8.0
"""Processor time of a compilation of hardly anything: about five times what it takes."""

CASE_SECONDS, OPTIMISED_CASE_SECONDS = 0.5, 2.0
"""More of it for each test case, without optimising and with: several times what it takes."""

LAUNCH_SECONDS = 0.3
"""Processor time of the launches of one test case, which take milliseconds."""

OURS = 99
"""Exit code of a child in which something was raised: a defect of ours, for engines give outcomes otherwise."""

DEADLY = frozenset({"crash", "hang"})
"""Kinds of what takes its process down."""

HANG = Failed("hang", "did not end in time")
NOT_KNOWN = Refused("the process died before or after it, of another test case")

NOTE = 4  # bytes of the note, before the pickled outcomes
NOWHERE = (2**32 - 1).to_bytes(NOTE)

Make = Callable[[Callable[[int | None], None]], Engine]
"""Makes an engine from what it shall call before each step (see ``oracle.warp.batches``)."""


HARMLESS = "import warp as wp\n\n\n@wp.kernel\ndef k():\n    pass\n"
"""What is compiled in this process once, so that children find the compiler's headers precompiled."""


class Isolated:
    """An engine in child processes: where one dies, one test case has failed, and of the others nothing is known."""

    def __init__(self, name: str, make: Make) -> None:
        self.name = name
        self._make = make
        self._ready: set[Options] = set()

    def unsupported(self, case: TestCase) -> str | None:
        """Say before running why this engine does not take the case; None if it does."""
        return self._make(lambda _: None).unsupported(case)

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        """Run test cases of equal options until one of them takes its process down."""
        place, ending = self._attempt(batch)
        if not isinstance(ending, Failed):
            return ending
        if place is not None or len(batch) == 1:
            return [ending if position == (place or 0) else NOT_KNOWN for position in range(len(batch))]
        outcomes: list[Outcome] = []
        for case in batch:
            outcomes += self.run([case])
            if is_deadly(outcomes[-1]):
                break
        return outcomes + [NOT_KNOWN] * (len(batch) - len(outcomes))

    def run_all(self, batch: Sequence[TestCase]) -> list[Outcome]:
        """Run test cases of equal options, again without each launch that takes its process down.

        The module stays the same, so that what a child compiled before it died is found in the kernel cache.
        """
        failed: dict[int, Outcome] = {}
        while True:
            place, ending = self._attempt([replace(c, launches=()) if p in failed else c for p, c in enumerate(batch)])
            if not isinstance(ending, Failed):
                return [failed.get(position, outcome) for position, outcome in enumerate(ending)]
            if place is None:
                return [ending] if len(batch) == 1 else [o for half in _halves(batch) for o in self.run_all(half)]
            failed[place] = ending

    def _attempt(self, batch: Sequence[TestCase]) -> tuple[int | None, list[Outcome] | Failed]:
        """Run a batch in a child: its outcomes; or how it failed, and at which position (None while compiling)."""
        self._prepare(batch[0].options)
        file = os.memfd_create("outcomes")
        try:
            os.pwrite(file, NOWHERE, 0)
            failure = self._failure(batch, file)
            if failure is None:
                return None, list(pickle.loads(os.pread(file, os.fstat(file).st_size, NOTE)))
            note = os.pread(file, NOTE, 0)
            return None if note == NOWHERE else int.from_bytes(note), failure
        finally:
            os.close(file)

    def _prepare(self, options: Options) -> None:
        if options not in self._ready:
            self._make(lambda _: None).run([TestCase(parse(HARMLESS), (), (), options)])
            self._ready.add(options)

    def _failure(self, batch: Sequence[TestCase], file: int) -> Failed | None:
        from oracle.warp.session import printing

        with printing() as said:
            parent = os.getpid()
            child = os.fork()
            if child == 0:
                self._perform(batch, file, parent)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code == OURS:
                raise RuntimeError(f"an engine failed:\n{said()}")
            return failure_of(code, said())

    def _perform(self, batch: Sequence[TestCase], file: int, parent: int) -> None:
        """What the child does; it never returns."""

        def note(place: int | None) -> None:
            os.pwrite(file, NOWHERE if place is None else place.to_bytes(NOTE), 0)
            limit_processor_time(build_seconds(batch) if place is None else LAUNCH_SECONDS)

        code = OURS
        try:
            die_with_parent(parent)
            os.pwrite(file, pickle.dumps(self._make(note).run(batch)), NOTE)
            code = 0
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)


def build_seconds(batch: Sequence[TestCase]) -> float:
    """Return the processor time after which a compilation counts as endless."""
    optimised = batch[0].options.optimization_level != 0
    return BUILD_SECONDS + (OPTIMISED_CASE_SECONDS if optimised else CASE_SECONDS) * len(batch)


def failure_of(code: int, said: str) -> Failed | None:
    """Say how a process failed that ended with this exit code, minus the signal if one killed it; None for 0."""
    if code == 0:
        return None
    return HANG if code == -HANGS else Failed("crash", last_words(code, said))


def last_words(code: int, stderr: str) -> str:
    """Say how a process died, in one line that is the same every time."""
    lines = [line.strip() for line in stderr.splitlines() if re.search("error|assert", line, re.IGNORECASE)]
    how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"the process {how}" + (f": {lines[-1][:160]}" if lines else "")


def is_deadly(outcome: Outcome) -> bool:
    """Say whether a test case took its process down."""
    return isinstance(outcome, Failed) and outcome.kind in DEADLY


def _halves(batch: Sequence[TestCase]) -> tuple[Sequence[TestCase], Sequence[TestCase]]:
    middle = len(batch) // 2
    return batch[:middle], batch[middle:]
