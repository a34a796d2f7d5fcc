"""What a hunt does with discrepancies: it looks into them beside hunting, and keeps what there was no time for.

The store has every discrepancy until it is settled: counted on a bucket, or reduced to a finding of its own. What is
not settled when the time is over is kept there, and of each way to depart the smallest test case is shown as an
unfinished finding, which is taken back when the campaign goes on and the discrepancy is looked into after all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from fuzzer.campaigns.investigation import CUT_SHORT, NO_TIME, Investigation, investigate, unreduced
from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, Workers, raise_ours
from fuzzer.processes.isolation import DEADLY
from fuzzer.processes.scratch import demand_room
from fuzzer.campaigns.stored import expectation_of
from fuzzer.campaigns.triage import Triage, way
from grammar.trees import size
from oracle.records import Finding, Signature, TestCase
from reports.batch_records import Discrepancy, placed
from reports.case_documents import write_case
from reports.findings import bucket_folder
from reports.reproducer import remove_finding, write_finding
from reports.store import Store
from reports.terminal import headline

REDUCTION_SECONDS = 20.0
"""Budget of one reduction."""

DEADLY_REDUCTION_SECONDS = 40.0
"""The same for what takes its process down: fewer candidates are tried at a time, and each hang takes its limit."""

OTHER_SECONDS = 60.0
"""Time limit of an investigation on top of its reduction: for the runs before and after it."""

NAMING_SECONDS = 5.0
"""What the runs before and after a reduction usually take, on a busy machine: kept free of the last ones' budget."""

STARTING_SECONDS = 3.0
"""What is left of the time when nothing new is begun: a fresh process with Warp takes most of it to start."""

Key = tuple[int, str]


@dataclass
class Inquiry:
    """The discrepancies of a running campaign.

    Attributes:
        store: Has all that is not settled.
        say: Tells the person at the terminal.
        triage: Those that wait, and the buckets so far.
        running: Those that a fresh process looks into now.
        shown: The unfinished buckets, by the discrepancy that each shows.
        found: How many buckets there are.
    """

    store: Store
    say: Callable[[str], None]
    triage: Triage = field(default_factory=Triage)
    running: dict[Key, Discrepancy] = field(default_factory=dict)
    shown: dict[Key, Signature] = field(default_factory=dict)

    @property
    def unsettled(self) -> int:
        """The number of discrepancies that no bucket explains so far."""
        return len(self.triage.waiting) + len(self.running)

    @property
    def found(self) -> int:
        """The number of buckets, unfinished ones included."""
        return len(self.triage.buckets) + len(set(self.shown.values()))

    def load(self) -> None:
        """Take up what an earlier run of the campaign found and left.

        Raises:
            UserError: The store is damaged, or has a test case without a defined meaning, which is none of ours.
        """
        smaller: dict[Key, TestCase] = {}
        for bucket in self.store.buckets():
            finding = bucket.finding
            if bucket.unfinished:
                key = placed(finding.case).index, finding.engine
                self.shown[key], smaller[key] = bucket.signature, finding.case
            else:
                self.triage.add(finding)
        left = [replace(d, case=smaller.get(d.key, d.case)) for d in self.store.discrepancies()]
        for discrepancy in left:
            expectation_of(discrepancy.case, f"kernel {placed(discrepancy.case).index} of {self.store.path}")
        self.take(left)

    def take(self, discrepancies: Iterable[Discrepancy]) -> None:
        """Take what a batch showed: some of it counts on a bucket at once."""
        for discrepancy in discrepancies:
            if (signature := self.triage.take(discrepancy)) is not None:
                self._count(discrepancy, signature)

    def work(self, fresh: Workers, until: float, at_once: int = 1) -> None:
        """Take the investigations that ended, and start the next ones; none may take longer than ``until``."""
        for ending in fresh.endings(time.monotonic() + 0.01):
            self._ended(self.running.pop(ending.task.argument.discrepancy.key), ending)
        while len(self.running) < at_once and time.monotonic() < until - STARTING_SECONDS:
            chosen = self.triage.next()
            if chosen is None:
                return
            self.running[chosen.key] = chosen
            fresh.submit(task_for(chosen, until - time.monotonic()))

    def goes_on(self, until: float) -> bool:
        """Say whether there is work, and time for it."""
        left = until - time.monotonic()
        return (left > 0 and bool(self.running)) or (left > STARTING_SECONDS and bool(self.triage.waiting))

    def close(self, until: float) -> None:
        """Count what a bucket explains; of each other way to depart show one unfinished, as far as there is time."""
        for discrepancy in [*self.running.values(), *self.triage.doubtful]:
            if (signature := self.triage.explanation(discrepancy)) is not None:
                self._count(discrepancy, signature)
            else:
                self.triage.waiting.append(discrepancy)
        self.running.clear()
        ways = set()
        for discrepancy in sorted(self.triage.waiting, key=lambda d: (d.key not in self.shown, size(d.case.module))):
            if way(discrepancy) not in ways and time.monotonic() < until:
                ways.add(way(discrepancy))
                if discrepancy.key not in self.shown:
                    self._record(discrepancy, replace(unreduced(discrepancy, NO_TIME), unfinished=True))

    def _ended(self, discrepancy: Discrepancy, ending: Ending) -> None:
        demand_room()
        match ending:
            case Finished(_, finding):
                assert isinstance(finding, Finding)
                self._record(discrepancy, finding)
            case Crashed() | TimedOut():
                self._record(discrepancy, unreduced(discrepancy, CUT_SHORT))
            case Raised(_, text):
                write_case(self.store.folder / "failed-case.json", discrepancy.case)
                raise_ours(text)

    def _record(self, discrepancy: Discrepancy, finding: Finding) -> None:
        """Make the bucket of a finding, or count it on one."""
        known = self.triage.bucket_of(finding)
        if known is not None:
            self._count(discrepancy, known)
            return
        self._withdraw(discrepancy)
        finding = replace(finding, seconds=discrepancy.seen)
        name = bucket_folder(finding.signature)
        write_finding(self.store.folder / name, finding, self.store.campaign().versions)
        self.store.record_finding(finding, discrepancy.seen)
        unfinished = " (unfinished)" if finding.unfinished else ""
        self.say(f"found{unfinished}: {headline(finding.signature)}: {self.store.folder / name}")
        if finding.unfinished:
            self.shown[discrepancy.key] = finding.signature
            return
        self.store.settle(discrepancy)
        for other, signature in self.triage.add(finding):
            self._count(other, signature)

    def _count(self, discrepancy: Discrepancy, signature: Signature) -> None:
        self._withdraw(discrepancy)
        self.store.count_finding(signature, discrepancy.seen)
        self.store.settle(discrepancy)

    def _withdraw(self, discrepancy: Discrepancy) -> None:
        """Take back the unfinished bucket that shows a discrepancy."""
        signature = self.shown.pop(discrepancy.key, None)
        if signature is not None and self.store.withdraw_finding(signature):
            remove_finding(self.store.folder / bucket_folder(signature))


def task_for(discrepancy: Discrepancy, left: float) -> Task:
    """Make the task of looking into a discrepancy, with so many seconds left."""
    budget = DEADLY_REDUCTION_SECONDS if discrepancy.judgement.kind in DEADLY else REDUCTION_SECONDS
    seconds = min(budget, max(left - NAMING_SECONDS, 0.0))
    investigation = Investigation(discrepancy, seconds, hurried=seconds < budget)
    return Task(investigate, investigation, min(budget + OTHER_SECONDS, left))
