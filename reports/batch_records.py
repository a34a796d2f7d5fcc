"""What a campaign remembers: the records that pass into the store and out of it.

All are frozen. A worker makes a :class:`KernelRecord` where it judges, so that emitting and compressing happen in
parallel; the store only writes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grammar.errors import UserError
from grammar.nodes import Statement
from grammar.trees import walk
from oracle.records import Finding, Judgement, Provenance, Signature, TestCase, Verdict
from reports.case_documents import case_document, case_of, packed, unpacked
from reports.findings import finding_of
from reports.standing import Ended

EXECUTED = (Verdict.AGREE, Verdict.KNOWN, Verdict.DISCREPANCY, Verdict.UNCOMPARED)


@dataclass(frozen=True)
class EngineVerdict:
    """What one engine's outcome came to: the verdict, why (limitation, kind or message), and how much was compared."""

    engine: str
    verdict: Verdict
    reason: str = ""
    elements: int = 0
    exact: int = 0
    uncompared: int = 0


@dataclass(frozen=True)
class KernelRecord:
    """One test case that was judged: where it came from, what each engine came to, and the case itself, compressed."""

    index: int
    category: str
    origin: str
    statements: int
    text_hash: str
    packed: bytes
    verdicts: tuple[EngineVerdict, ...]

    @classmethod
    def of(cls, case: TestCase, judgements: Iterable[Judgement]) -> KernelRecord:
        """Make the record of a test case that has a provenance.

        Raises:
            ValueError: The case has no provenance, so it has no place in a campaign.
        """
        provenance, document = placed(case), case_document(case)
        return cls(
            index=provenance.index,
            category=provenance.category,
            origin=provenance.origin,
            statements=sum(isinstance(node, Statement) for node in walk(case.module)),
            text_hash=hashlib.sha256(document["module"].encode()).hexdigest(),
            packed=packed(document),
            verdicts=tuple(
                EngineVerdict(
                    j.engine, j.verdict, j.limitation or j.kind or j.message, j.elements, j.exact, j.uncompared
                )
                for j in judgements
            ),
        )

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole: the most interesting one of its engines; UNSUPPORTED where no engine took it."""
        return max((v.verdict for v in self.verdicts), default=Verdict.UNSUPPORTED)

    @property
    def case(self) -> TestCase:
        """The test case; raises UserError where it was stored by another version or is damaged."""
        origin = f"kernel {self.index} of the store"
        return case_of(unpacked(self.packed, origin), origin)


@dataclass(frozen=True)
class Discrepancy:
    """A test case and the judgement that needs a person; ``seen`` at so many seconds of the campaign."""

    case: TestCase
    judgement: Judgement
    seen: float = 0.0

    @property
    def key(self) -> tuple[int, str]:
        """What tells it from others of its campaign: the index of its kernel, and the engine.

        Raises:
            ValueError: The case has no provenance, so it has no place in a campaign.
        """
        return placed(self.case).index, self.judgement.engine


def placed(case: TestCase) -> Provenance:
    """Return the place of a test case in its campaign; raises ValueError where it has none."""
    if case.provenance is None:
        raise ValueError("a test case without provenance has no place in a campaign")
    return case.provenance


@dataclass(frozen=True)
class BatchRecord:
    """One complete batch.

    Attributes:
        batch: Its index; a campaign that goes on skips the batches that the store has.
        kernels: What was judged in it.
        elapsed: Seconds of the campaign when it was complete.
        discarded: Drafts that could not be repaired.
        repairs: Repairs of all drafts.
        seconds: Wall time of workers in seconds, by what it was spent on (``generate``, ``warp_compile``, ...).
        covered: Units that it covered, by group: ``{"operations": ["add[float32]"]}``.
        reach: Shares that say how much the kernels reach, as (part, whole): ``{"operators executed": (57, 100)}``.
        discrepancies: Those among its kernels that need a person.
    """

    batch: int
    kernels: tuple[KernelRecord, ...]
    elapsed: float
    discarded: int = 0
    repairs: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    covered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reach: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    discrepancies: Sequence[Discrepancy] = ()

    def tallies(self) -> Counter[tuple[str, str]]:
        """Return what this batch adds to the campaign's counters, by topic and name."""
        added: Counter[Any] = Counter({("drafts", "discarded"): self.discarded, ("drafts", "repairs"): self.repairs})
        added.update({("seconds", name): seconds for name, seconds in self.seconds.items()})
        for group, units in self.covered.items():
            added.update((f"coverage {group}", unit) for unit in units)
        for name, (part, whole) in self.reach.items():
            added.update({("reach part", name): part, ("reach whole", name): whole})
        for kernel in self.kernels:
            added["verdict", kernel.verdict.name] += 1
            for verdict in kernel.verdicts:
                added.update(_engine_tallies(verdict))
        return added


def _engine_tallies(verdict: EngineVerdict) -> dict[tuple[str, str], int]:
    counts = {"compared": verdict.elements, "exact": verdict.exact, "uncompared": verdict.uncompared}
    added = {("elements", name): count for name, count in counts.items()}
    if verdict.verdict in EXECUTED:
        added["engine", verdict.engine] = 1
    if verdict.verdict is Verdict.KNOWN:
        added["limitation", verdict.reason] = 1
    if verdict.verdict in (Verdict.UNCOMPARED, Verdict.UNSUPPORTED):
        added["reason", f"{verdict.verdict.name.lower()} by {verdict.engine}: {verdict.reason}"] = 1
    return added


@dataclass(frozen=True)
class Campaign:
    """One run: how it was started, how far it came, how it ended, and what kept it from going on, if it failed."""

    seed: int
    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    started: str
    seconds: float
    ended: Ended = Ended.NOT
    failure: str = ""


@dataclass(frozen=True)
class Bucket:
    """All findings of one signature, with the one that is kept. ``folder`` is relative to the campaign's.

    It is ``unfinished`` where there was no time to reduce the one that is kept.
    """

    signature: Signature
    count: int
    first_seen: float
    last_seen: float
    folder: str
    status: str
    unfinished: bool
    packed: bytes

    @property
    def finding(self) -> Finding:
        """The finding that is kept; raises UserError where it was stored by another version or is damaged."""
        origin = f"finding {self.signature.name} of the store"
        finding = finding_of(unpacked(self.packed, origin), origin)
        if finding.signature != self.signature:
            raise UserError(f"{origin} is damaged: it is {finding.signature.name}")
        if self.unfinished and finding.case.provenance is None:
            raise UserError(f"{origin} is damaged: it does not say which kernel it is to be reduced from")
        return finding
