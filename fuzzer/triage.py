"""Which discrepancies are looked into, and in which order.

A bucket explains a discrepancy of its kind that has everything in it which the bucket's reduced case has: it is counted
there, and not reduced again. That may be wrong, for a small case has little that others lack, and a second defect would
hide behind it. So the first, second, fourth, eighth ... discrepancy that a bucket explains is looked into all the same,
when nothing else waits.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from fuzzer.batches import Discrepancy
from fuzzer.reduction.construct import said_by, words_in
from grammar.trees import size
from oracle.records import Finding, Signature

SHOWN_BY_TEXT = ("front_end", "cuda_text", "cache")
"""The layers whose defects the emitted text shows."""


@dataclass
class Triage:
    """The discrepancies that wait, and the buckets so far, each with the words that its reduced case has."""

    buckets: dict[Signature, frozenset[str]] = field(default_factory=dict)
    waiting: list[Discrepancy] = field(default_factory=list)
    doubtful: list[Discrepancy] = field(default_factory=list)
    _explained: Counter[Signature] = field(default_factory=Counter)

    def take(self, discrepancy: Discrepancy) -> Signature | None:
        """Give the bucket that a discrepancy counts on; None where it is kept to be looked into, small ones first."""
        signature = self._explanation(discrepancy)
        if signature is None:
            self.waiting.append(discrepancy)
            self.waiting.sort(key=lambda d: size(d.case.module))
            return None
        self._explained[signature] += 1
        if self._explained[signature].bit_count() > 1:
            return signature
        self.doubtful.append(discrepancy)
        return None

    def _explanation(self, discrepancy: Discrepancy) -> Signature | None:
        judgement, words = discrepancy.judgement, words_in(discrepancy.case)
        alike = (judgement.kind, said_by(judgement))
        for signature, needed in self.buckets.items():
            shown = judgement.engine != "warp-text" or signature.layer in SHOWN_BY_TEXT
            if shown and (signature.kind, signature.message) == alike and needed <= words:
                return signature
        return None

    def next(self) -> Discrepancy | None:
        """Take the discrepancy that is to be looked into now."""
        queue = self.waiting or self.doubtful
        return queue.pop(0) if queue else None

    def left(self) -> list[Signature]:
        """Give the buckets of what is explained, and was not looked into after all."""
        return [signature for discrepancy in self.doubtful if (signature := self._explanation(discrepancy))]

    def bucket_of(self, finding: Finding) -> Signature | None:
        """Give the bucket that a finding belongs to: its own, or one of its kind and layer with a smaller case."""
        own, words = finding.signature, words_in(finding.case)
        for signature, needed in self.buckets.items():
            alike = (signature.kind, signature.layer, signature.message) == (own.kind, own.layer, own.message)
            if signature == own or (alike and needed <= words):
                return signature
        return None

    def add(self, finding: Finding) -> list[Signature]:
        """Add a bucket; gives the bucket of each discrepancy that waited and counts on one now."""
        self.buckets[finding.signature] = words_in(finding.case) or frozenset({"nothing in particular"})
        waited, self.waiting = self.waiting, []
        return [signature for discrepancy in waited if (signature := self.take(discrepancy))]
