"""A campaign: workers hunt batch after batch, discrepancies are looked into, everything is recorded, a report ends it.

The parent schedules, triages and stores; whatever touches Warp happens in workers. A worker that dies or hangs costs
its batch one rerun without the culprit. Our own exceptions are never findings: they end the campaign.
"""

from __future__ import annotations

import datetime
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from threading import Event

from rich.console import Console

from fuzzer import __version__
from fuzzer.batches import Discrepancy, Hunted, hunt_batch, start_worker
from fuzzer.continued import continued
from fuzzer.doctor import working_engines
from fuzzer.generation.sweep import operation_items, sweep_keys
from fuzzer.investigation import CUT_SHORT, Investigation, investigate, unreduced
from fuzzer.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, Workers
from fuzzer.progress import Pace, Progress
from fuzzer.reduction.isolation import DEADLY, HANG, last_words
from fuzzer.schedule import Order, recipe_of, time_limit
from fuzzer.scratch import demand_room
from fuzzer.settings import CAMPAIGNS, CATEGORIES, ENGINES, Settings
from fuzzer.triage import Triage
from grammar.errors import UserError, unknown_name
from grammar.nodes import NODES
from grammar.ops.record import TABLE
from oracle.records import Failed, Finding
from oracle.warp import warp_version
from reports.cases import write_case
from reports.files import json_text
from reports.findings import bucket_folder
from reports.reproducer import write_finding
from reports.standing import FAILED, Ended
from reports.store import Store
from reports.summary import report_document, standing_in, write_summary
from reports.terminal import headline, render_report

REDUCTION_SECONDS = 20.0
"""Budget of one reduction."""

DEADLY_REDUCTION_SECONDS = 40.0
"""The same for what takes its process down: fewer candidates are tried at a time, and each hang takes its limit."""

OTHER_SECONDS = 60.0
"""Time limit of an investigation on top of its reduction: for the runs before and after it."""

GRACE_SECONDS = 45.0
"""How long investigations may go on when the hunt's time is over."""


def hunt(settings: Settings) -> int:
    """Run a campaign and print its report; gives the exit code that the report shows.

    Raises:
        UserError: The settings name something unknown or an engine that does not work here, or a folder cannot be used.
    """
    started = time.monotonic()
    folder, settings = _prepared(settings)
    demand_room()
    with interrupts_noted() as interrupted:
        with _opened(folder, settings) as store:
            progress = Progress(store.campaign().seconds + settings.seconds)
            progress.say(
                f"hunting for {settings.seconds:.0f} seconds into {folder}; Ctrl-C ends it and keeps everything"
            )
            campaign = Campaign(settings, store, folder, interrupted, started, progress)
            campaign.run()
            if campaign.failure and settings.resume is None and not store.has_content():
                store.discard()
                return FAILED
            write_summary(store)
            exit_code = standing_in(store).exit_code
        _report(folder, settings)
    return FAILED if exit_code is None else exit_code


@contextmanager
def interrupts_noted() -> Iterator[Callable[[], bool]]:
    """Note interrupts for the length of the block instead of raising them, so that nothing is left half done.

    Gives a function that says whether there was one.
    """
    noted = Event()
    before = signal.signal(signal.SIGINT, lambda *_: noted.set())
    try:
        yield noted.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def _prepared(settings: Settings) -> tuple[Path, Settings]:
    """Resolve names and the folder; a campaign that goes on has the settings it was started with."""
    groups = {op.group.lower().replace(" ", "_") for op in TABLE.values()} | {op.name for op in TABLE.values()}
    known = [*CATEGORIES, *NODES, *sorted(groups)]
    if settings.resume is not None:
        stored = continued(settings.resume, settings, known)
        working_engines(stored.engines, ())
        return settings.resume, stored
    for name in settings.engines:
        if name not in ENGINES["both"]:
            raise unknown_name("engine", name, ENGINES["both"])
    for name in settings.only:
        if name not in known:
            raise unknown_name("category, production or operation", name, known)
    recipe_of(settings)
    settings = replace(settings, engines=working_engines(settings.engines, ENGINES[settings.device]))
    day = datetime.date.today().isoformat()
    return settings.out or CAMPAIGNS / f"{day}-{settings.seed}", settings


def _opened(folder: Path, settings: Settings) -> Store:
    if settings.resume is not None:
        return Store.resume(folder)
    recipe = recipe_of(settings)
    only = set(sweep_keys(recipe))
    units = {"operations": [k for k in operation_items() if k in only], "forms": recipe.language.forms}
    document = {key: str(v) if isinstance(v, Path) else v for key, v in asdict(settings).items()}
    versions = {"warpsmith": __version__, "warp": warp_version(), "python": sys.version.split()[0]}
    return Store.create(folder, settings.seed, versions, document, units)


def _report(folder: Path, settings: Settings) -> None:
    if settings.json:
        sys.stdout.write(json_text(report_document(folder)) + "\n")
    else:
        render_report(folder, Console())


@dataclass
class Campaign:
    """The parent's state of a running campaign."""

    settings: Settings
    store: Store
    folder: Path
    interrupted: Callable[[], bool]
    started: float
    progress: Progress
    failure: str = ""
    """What kept the hunt from going on."""
    triage: Triage = field(default_factory=Triage)
    running: Discrepancy | None = None
    retries: deque[Order] = field(default_factory=deque)
    suspects: set[int] = field(default_factory=set)
    """Batches that took their process down, or did not end, until it is known why."""
    next_batch: int = 0
    before: float = 0.0
    """Seconds that the campaign had run before it was resumed."""

    @property
    def elapsed(self) -> float:
        """Seconds of the whole campaign so far."""
        return self.before + time.monotonic() - self.started

    @property
    def unsettled(self) -> int:
        """The number of discrepancies that no bucket explains so far."""
        return len(self.triage.waiting) + (self.running is not None)

    def run(self) -> None:
        """Hunt until the time is over; what goes wrong is said on standard error, and in the store."""
        self.before = self.store.campaign().seconds
        self.completed = self.store.completed_batches()
        for bucket in self.store.buckets():
            self.triage.add(bucket.finding)
        try:
            with (
                self.progress,
                Workers(self.settings.workers, start_worker) as workers,
                Workers(1, start_worker, memory_limit=0) as fresh,
            ):
                self._hunt(workers, fresh)
        except Exception as error:
            self.failure = failure_of(error)
        if self.interrupted():
            self.progress.say("interrupted: what is complete is kept")
        self._finish()

    def _finish(self) -> None:
        spent = min(time.monotonic() - self.started, self.settings.seconds)
        counted = sum(self.store.tallies()["seconds"].values())
        idle = max(self.settings.workers * (self.before + spent) - counted, 0.0)
        unsettled = {"discrepancies": self.unsettled, "batches": len(self.suspects)}
        self.store.finish(self._ended(), self.elapsed, {"idle": idle}, unsettled, self.failure)

    def _ended(self) -> Ended:
        if self.failure:
            return Ended.FAILED
        return Ended.INTERRUPTED if self.interrupted() else Ended.TIME

    def _hunt(self, workers: Workers, fresh: Workers) -> None:
        deadline = self.started + self.settings.seconds
        while time.monotonic() < deadline and not self.interrupted():
            while workers.pending < 2 * self.settings.workers:
                order = self._next_order()
                workers.submit(Task(hunt_batch, order, time_limit(order)))
            for ending in workers.endings(min(deadline, time.monotonic() + 0.5)):
                self._batch_ended(ending)
                break
            self._look_into(fresh)
            self.progress.show(self.pace())
        end = time.monotonic() + GRACE_SECONDS
        while self.unsettled and time.monotonic() < end and not self.interrupted():
            self._look_into(fresh)
            self.progress.show(self.pace())
            for _ in fresh.endings(time.monotonic()):
                pass
            time.sleep(0.05)
        for signature in self.triage.left():
            self.store.count_finding(signature, self.elapsed)

    def pace(self) -> Pace:
        """Say how far the campaign is."""
        tallies = self.store.tallies()
        units = [amount for topic in tallies if topic.startswith("coverage") for amount in tallies[topic].values()]
        return Pace(
            elapsed=self.elapsed,
            kernels=int(sum(tallies["verdict"].values())),
            covered=sum(amount > 0 for amount in units) / max(len(units), 1),
            findings=len(self.triage.buckets),
            waiting=self.unsettled,
        )

    def _next_order(self) -> Order:
        if self.retries:
            return self.retries.popleft()
        while self.next_batch in self.completed:
            self.next_batch += 1
        self.next_batch += 1
        return Order(self.settings, self.next_batch - 1, {})

    def _batch_ended(self, ending: Ending) -> None:
        order = ending.task.argument
        if isinstance(ending, Crashed | TimedOut):
            demand_room()
            self.suspects.add(order.batch)
        match ending:
            case Finished(_, hunted):
                assert isinstance(hunted, Hunted)
                self.store.record_batch(replace(hunted.record, elapsed=self.elapsed))
                self.suspects.discard(order.batch)
                self._triage(hunted)
            case Crashed(_, code, stderr, mark):
                self.retries.append(tried_again(order, mark, Failed("crash", last_words(code, stderr))))
            case TimedOut(_, mark):
                self.retries.append(tried_again(order, mark, HANG))
            case Raised(_, text):
                raise_ours(text)

    def _triage(self, hunted: Hunted) -> None:
        if hunted.discrepancies:
            demand_room()
        for discrepancy in hunted.discrepancies:
            if (signature := self.triage.take(discrepancy)) is not None:
                self.store.count_finding(signature, self.elapsed)

    def _look_into(self, fresh: Workers) -> None:
        """Take the investigation that ended, and start the next one."""
        if self.running is not None:
            for ending in fresh.endings(time.monotonic() + 0.01):
                discrepancy, self.running = self.running, None
                self._investigated(discrepancy, ending)
                break
        if self.running is None and (waiting := self.triage.next()):
            self.running = waiting
            seconds = DEADLY_REDUCTION_SECONDS if waiting.judgement.kind in DEADLY else REDUCTION_SECONDS
            fresh.submit(Task(investigate, Investigation(waiting, seconds), seconds + OTHER_SECONDS))

    def _investigated(self, discrepancy: Discrepancy, ending: Ending) -> None:
        demand_room()
        match ending:
            case Finished(_, finding):
                assert isinstance(finding, Finding)
                self._record(finding)
            case Crashed() | TimedOut():
                self._record(unreduced(discrepancy, CUT_SHORT))
            case Raised(_, text):
                write_case(self.folder / "failed-case.json", discrepancy.case)
                raise_ours(text)

    def _record(self, finding: Finding) -> None:
        known = self.triage.bucket_of(finding)
        if known is not None:
            self.store.count_finding(known, self.elapsed)
            return
        finding = replace(finding, seconds=self.elapsed)
        name = bucket_folder(finding.signature)
        versions = self.store.campaign().versions
        write_finding(self.folder / name, finding, versions)
        self.store.record_finding(finding, self.elapsed)
        self.progress.say(f"found after {self.elapsed:.0f} s, {headline(finding.signature)}: {self.folder / name}")
        for signature in self.triage.add(finding):
            self.store.count_finding(signature, self.elapsed)


def tried_again(order: Order, mark: str, failure: Failed) -> Order:
    """Give the order of a batch again after its process died: in children, or without the culprit on a GPU."""
    engine, _, position = mark.partition(" ")
    if engine == "cuda" and position.isdigit():
        return replace(order, failed={**order.failed, int(position): failure})
    if order.isolated:
        raise RuntimeError(f"a worker died outside every kernel, in batch {order.batch}: {failure.message}")
    return replace(order, isolated=True)


def failure_of(error: Exception) -> str:
    """Say on standard error what keeps a hunt from going on, and give it as a sentence.

    A full disk explains what went wrong after it was full.
    """
    try:
        demand_room()
    except UserError as full:
        error = full
    if isinstance(error, UserError):
        sys.stderr.write(f"warpsmith: {error}\n")
        return str(error)
    traceback.print_exception(error)
    return f"a defect of warpsmith, {(str(error).strip() or repr(error)).splitlines()[-1]}"


def raise_ours(text: str) -> None:
    """Raise what a worker raised: a sentence where the world is at fault, else a defect of ours."""
    if "No space left on device" in text:
        raise UserError("the disk is full: free some space and go on with --resume; everything recorded so far is kept")
    last = text.strip().splitlines()[-1]
    if last.startswith("grammar.errors.UserError: "):
        raise UserError(last.removeprefix("grammar.errors.UserError: "))
    raise RuntimeError(f"a worker failed:\n{text}")
