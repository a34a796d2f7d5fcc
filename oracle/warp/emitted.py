"""The engine ``warp-text``: the C++ text that Warp emits, executed in Python, and compared with the CUDA text."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence

from oracle.engines.warp_text import FACTS
from oracle.records import Failed, Outcome, Refused, TestCase, TextDifference, TextExcerpt
from oracle.text.excerpts import excerpt
from oracle.text.execution import run
from oracle.text.faults import Unread
from oracle.text.targets import difference
from oracle.warp.batches import Mark, unmarked
from oracle.warp.modules import WarpFailed
from oracle.warp.text import generate


class WarpText:
    """Checks Warp's front end alone: nothing is compiled, and no wrong kernel can take the process down."""

    name = FACTS.name

    def __init__(self, mark: Mark = unmarked) -> None:
        """Make an engine that calls ``mark`` with the position in the batch of each test case about to run."""
        self._mark = mark
        self.seconds: dict[str, float] = defaultdict(float)

    @staticmethod
    def available() -> tuple[bool, str]:
        """Say whether this engine works here, and why or why not."""
        return True, "Warp emits text without a compiler or a GPU"

    def unsupported(self, case: TestCase) -> str | None:
        """Say why this engine does not take the case: only the text tells, so it takes all."""
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        """Run test cases one by one: a text is a function of its test case alone."""
        return [self._run(place, case) for place, case in enumerate(batch)]

    def _run(self, place: int, case: TestCase) -> Outcome:
        self._mark(place)
        start = time.perf_counter()
        try:
            texts = generate(case)
        except WarpFailed as refusal:
            return Failed("compile_error", str(refusal))
        finally:
            self.seconds["warp_codegen"] += time.perf_counter() - start
        start = time.perf_counter()
        try:
            found = difference(texts.cpp, texts.cuda, texts.symbols)
            if found:
                return Failed("target_mismatch", found.message, target=found.target)
            return run(case, texts.cpp, texts.symbols)
        except Unread as unread:
            return Refused(f"not read: {unread.what}", unread.line)
        finally:
            self.seconds[FACTS.times[0]] += time.perf_counter() - start


def text_difference(case: TestCase) -> TextDifference | None:
    """Say where the two texts of a test case differ as programs, for somebody who has only one of them.

    Raises:
        WarpFailed: Warp's code generation refuses the test case.
        Unread: An argument is not read.
    """
    texts = generate(case)
    found = difference(texts.cpp, texts.cuda, texts.symbols)
    return found.counted(texts.cpp if found.target == "cpu" else texts.cuda) if found else None


def text_excerpt(case: TestCase, line: int | None) -> TextExcerpt:
    """Return what the C++ text of a test case says, and what stands around a line of it.

    Raises:
        WarpFailed: Warp's code generation refuses the test case.
        Unread: The text is not read.
    """
    return excerpt(generate(case).cpp, line)
