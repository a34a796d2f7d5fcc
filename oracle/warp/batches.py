"""What the engines that let Warp compile share: one build for a batch, and finding out who made it fail.

A batch is built as one module, because compiling kernels together costs a fraction of compiling them one by one. If the
build fails, suspects are built one by one and the rest together. Suspects are the cases in whose text the compiler
complains, or else those that code generation refuses on their own; without any the batch is halved. Whatever builds is
settled at once.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from oracle.records import Failed, Outcome, TestCase
from oracle.warp.internals import Target, generation_clock
from oracle.warp.modules import Defined, WarpFailed, is_apart, merged, warp_failures
from oracle.warp.session import complaint, printing
from oracle.warp.text import accepts

Mark = Callable[[int | None], None]
Placed = tuple[int, TestCase]
"""A test case and its position in the batch that was asked for."""

GENERATION = "warp_codegen"


def unmarked(position: int | None) -> None:
    """Note nothing."""


class BatchEngine(ABC):
    """An engine whose batches are built by Warp in this process, which :func:`oracle.warp.session.start` prepared.

    Attributes:
        name: The engine's name.
        target: Which of Warp's code generators it uses.
        compilation: The key in ``seconds`` under which the time of its compiler is counted.
        seconds: The wall time spent so far, by what it was spent on: ``warp_codegen`` (defining kernels and writing
            text), the compiler, and what an engine adds.
    """

    name: str
    target: Target
    compilation: str

    def __init__(self, mark: Mark = unmarked) -> None:
        """Make an engine that calls ``mark`` before each step that may kill or hang the process.

        The argument is the position in the batch of the test case about to run; None before a compilation.
        """
        self._mark = mark
        self.seconds: dict[str, float] = defaultdict(float)

    def unsupported(self, case: TestCase) -> str | None:
        """Say before running why this engine does not take the case; None if it does."""
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        """Run test cases of equal options; one outcome per case, in order.

        What Warp or a compiler does not take is ``Failed("compile_error")`` of that case alone. Exceptions are defects
        of ours, or of the world around us (a full disk).
        """
        placed = list(enumerate(batch))
        together = [(position, case) for position, case in placed if not is_apart(case)]
        apart = [[(position, case)] for position, case in placed if is_apart(case)]
        outcomes = dict(outcome for cases in (together, *apart) for outcome in self._settle(cases))
        return [outcomes[position] for position in range(len(batch))]

    @abstractmethod
    def _compile(self, module: Defined) -> None:
        """Compile a module, raising whatever Warp raises."""

    @abstractmethod
    def _outcome(self, module: Defined, place: int, case: TestCase) -> Outcome:
        """Return the outcome of the case at that place in a module that was compiled."""

    def _settle(self, cases: Sequence[Placed]) -> Iterator[tuple[int, Outcome]]:
        if not cases:
            return
        try:
            yield from self._built(cases)
            return
        except WarpFailed as failure:
            message, suspects = str(failure), failure.suspects
        if len(cases) == 1:
            yield cases[0][0], Failed("compile_error", message)
        else:
            for group in self._groups(cases, suspects):
                yield from self._settle(group)

    def _built(self, cases: Sequence[Placed]) -> list[tuple[int, Outcome]]:
        """Build the cases as one module and give their outcomes."""
        self._mark(None)
        with ExitStack() as stack:
            with self._timed(GENERATION):
                module = stack.enter_context(merged([case for _, case in cases]))
            self._build(module)
            outcomes = []
            for place, (position, case) in enumerate(cases):
                self._mark(position)
                outcomes.append((position, self._outcome(module, place, case)))
            return outcomes

    def _groups(self, cases: Sequence[Placed], suspects: Collection[int]) -> list[Sequence[Placed]]:
        """Split cases that do not build together: suspects one by one, or else two halves."""
        if not suspects:
            with self._timed(GENERATION):
                refusals = accepts([case for _, case in cases], self.target)
            suspects = [place for place, refusal in enumerate(refusals) if refusal is not None]
        if not suspects:
            middle = len(cases) // 2
            return [cases[:middle], cases[middle:]]
        rest = [placed for place, placed in enumerate(cases) if place not in suspects]
        return [rest, *([cases[place]] for place in sorted(suspects))]

    def _build(self, module: Defined) -> None:
        """Compile, and turn a failure into what the compiler printed first, or else into Warp's own message."""
        with printing() as printed, generation_clock(module.module) as generating:
            start = time.perf_counter()
            try:
                with warp_failures():
                    self._compile(module)
            except WarpFailed as failure:
                said = printed()
                raise WarpFailed(complaint(said) or str(failure), module.suspects(said)) from failure
            finally:
                self.seconds[GENERATION] += generating()
                self.seconds[self.compilation] += time.perf_counter() - start - generating()

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - start
