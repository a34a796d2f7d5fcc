"""How long this process has interpreted so far: a part of a hunt's time that is spent in the middle of other parts."""

from __future__ import annotations

import time
from contextlib import ContextDecorator


class Stopwatch(ContextDecorator):
    """Adds up the wall time of a function that it decorates, which does not call itself, in ``seconds``."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._start = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._start


INTERPRETING = Stopwatch()
"""That of the reference."""
