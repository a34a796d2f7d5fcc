"""The one source of randomness: every decision of the generator is drawn, recorded and replayable here.

All draws reduce to one primitive, an integer in a closed range, so that a seed, a recorded list of integers, or
Hypothesis can stand behind the same object. Nothing else in the project draws.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")
Source = Callable[[int, int], int]


class Choices:
    """Hands out decisions from a source of integers, and records them.

    Attributes:
        record: Every integer handed out so far; :meth:`replaying` it gives the same decisions.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self.record: list[int] = []

    @classmethod
    def seeded(cls, *seed: int | str) -> Choices:
        """Draw from a pseudorandom stream that depends on the seed alone (not on PYTHONHASHSEED or the platform)."""
        digest = hashlib.sha256(repr(seed).encode()).digest()
        return cls(_uniform(random.Random(int.from_bytes(digest[:8], "big")).getrandbits))

    @classmethod
    def replaying(cls, record: Iterable[int]) -> Choices:
        """Hand out recorded integers again; beyond their end, and outside a range, the nearest end of the range."""
        remaining = iter(record)
        return cls(lambda low, high: min(max(next(remaining, low), low), high))

    def integer(self, low: int, high: int) -> int:
        """Draw an integer from ``low`` to ``high``, both included."""
        drawn = self._source(low, high)
        self.record.append(drawn)
        return drawn

    def chance(self, percent: int) -> bool:
        """Draw True in ``percent`` of 100 cases; the simplest decision is False."""
        return self.integer(0, 99) >= 100 - percent

    def pick(self, items: Sequence[T]) -> T:
        """Draw one of the items, all equally likely; the first is the simplest."""
        return items[self.integer(0, len(items) - 1)]

    def weighted(self, items: Sequence[T], weights: Sequence[int]) -> T:
        """Draw one of the items by weight (positive integers)."""
        totals = list(accumulate(weights))
        return items[bisect_left(totals, self.integer(1, totals[-1]))]

    def subset(self, items: Sequence[T], percent: int) -> list[T]:
        """Draw a subset in the order of the items; each is in it with the same chance."""
        return [item for item in items if self.chance(percent)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Draw an order of the items."""
        rest = list(items)
        return [rest.pop(self.integer(0, len(rest) - 1)) for _ in range(len(rest))]


def _uniform(bits: Callable[[int], int]) -> Source:
    """Draw what ``random.randint`` draws, in half the time: as many bits as the count has, until they lie below it."""

    def draw(low: int, high: int) -> int:
        count = high - low + 1
        if count < 1:
            raise ValueError(f"there is no integer from {low} to {high}")
        length = count.bit_length()
        while (drawn := bits(length)) >= count:
            pass
        return low + drawn

    return draw
