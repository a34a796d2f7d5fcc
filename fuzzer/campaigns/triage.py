"""Which discrepancies are looked into, and in which order.

A bucket explains a discrepancy of its kind that has everything in it which the bucket's reduced case has: it is counted
there, and not reduced again. That may be wrong, for a small case has little that others lack, and a second defect would
hide behind it. So the first, second, fourth, eighth ... discrepancy that a bucket explains is looked into all the same,
when nothing else waits. Of those that wait, ways to fail that were looked into least often come first, and of one way
the smallest test case.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fuzzer.reduction.construct import said_by, words_in
from grammar.trees import size
from oracle.engines import facts_of
from oracle.records import Finding, Judgement, Signature
from reports.batch_records import Discrepancy

@dataclass
class Triage:
    """The discrepancies that wait, and the buckets so far, each with the words that its reduced case has."""

    buckets: dict[Signature, frozenset[str]] = field(default_factory=dict)
    waiting: list[Discrepancy] = field(default_factory=list)
    doubtful: list[Discrepancy] = field(default_factory=list)
    _explained: Counter[Signature] = field(default_factory=Counter)
    _tried: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def take(self, discrepancy: Discrepancy) -> Signature | None:
        """Return the bucket that a discrepancy counts on; None where it is kept to be looked into."""
        signature = self.explanation(discrepancy)
        if signature is None:
            self.waiting.append(discrepancy)
            return None
        self._explained[signature] += 1
        if self._explained[signature].bit_count() > 1:
            return signature
        self.doubtful.append(discrepancy)
        return None

    def explanation(self, discrepancy: Discrepancy) -> Signature | None:
        """Return the bucket that explains a discrepancy; None where none does."""
        alike = [signature for signature in self.buckets if _fails_alike(discrepancy.judgement, signature)]
        words = words_in(discrepancy.case) if alike else frozenset()
        return next((signature for signature in alike if self.buckets[signature] <= words), None)

    def next(self) -> Discrepancy | None:
        """Take the discrepancy that is to be looked into now."""
        queue = self.waiting or self.doubtful
        if not queue:
            return None

        def rank(position: int) -> tuple[int, int]:
            return self._tried[way(queue[position])], size(queue[position].case.module)

        chosen = queue.pop(min(range(len(queue)), key=rank))
        self._tried[way(chosen)] += 1
        return chosen

    def bucket_of(self, finding: Finding) -> Signature | None:
        """Return the bucket that a finding belongs to: its own, or one of its kind and layer with a smaller case."""
        own, words = finding.signature, words_in(finding.case)
        for signature, needed in self.buckets.items():
            alike = (signature.kind, signature.layer, signature.message) == (own.kind, own.layer, own.message)
            if signature == own or (alike and needed <= words):
                return signature
        return None

    def add(self, finding: Finding) -> list[tuple[Discrepancy, Signature]]:
        """Add a bucket; gives each discrepancy that waited and counts on a bucket now, with that."""
        self.buckets[finding.signature] = words_in(finding.case) or frozenset({"nothing in particular"})
        waited, self.waiting = self.waiting, []
        return [(discrepancy, signature) for discrepancy in waited if (signature := self.take(discrepancy))]


def _fails_alike(judgement: Judgement, signature: Signature) -> bool:
    """Say whether a judgement departs as a bucket does, in a layer whose defects its engine shows."""
    shows = facts_of(judgement.engine).shows
    return (not shows or signature.layer in shows) and (signature.kind, signature.message) == (judgement.kind, said_by(judgement))


def way(discrepancy: Discrepancy) -> tuple[str, str, str]:
    """Return the way in which something departs: its kind, the engine that shows it, and the words of its message."""
    judgement = discrepancy.judgement
    return judgement.kind, judgement.engine, said_by(judgement)
