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
from fuzzer.campaigns.hunting import Hunted, hunt_batch, start_worker
from fuzzer.campaigns.continued import continued
from fuzzer.commands.examination import working_engines
from fuzzer.generation.sweep import operation_items, sweep_keys
from fuzzer.campaigns.inquiry import Inquiry
from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, Workers, raise_ours
from fuzzer.campaigns.progress import Pace, Progress
from fuzzer.processes.isolation import HANG, last_words
from fuzzer.campaigns.schedule import Order, recipe_of, time_limit
from fuzzer.processes.scratch import demand_room
from fuzzer.campaigns.settings import CAMPAIGNS, CATEGORIES, Settings, engine_names
from grammar.errors import UserError, unknown_name
from grammar.nodes import NODES
from grammar.ops.record import TABLE
from oracle.engines import facts_of
from oracle.records import Failed
from oracle.warp import warp_version
from reports.batch_records import BatchRecord
from reports.files import json_text
from reports.standing import FAILED, Ended
from reports.store import Store, demand_free
from reports.summary import report_document, standing_in, write_summary
from reports.terminal import render_report

GRACE_SECONDS = 8.0
"""How long investigations may go on when the hunt's time is over. A hunt ends at most 15 seconds after its time."""

KEEPING_SECONDS = 2.0
"""How long after that what is not reduced is made unfinished findings of."""


def hunt(settings: Settings) -> int:
    """Run a campaign and print its report; gives the exit code that the report shows.

    Raises:
        UserError: The settings name something unknown or an engine that does not work here, or a folder cannot be used.
    """
    started = time.monotonic()
    folder, settings = _prepared(settings)
    demand_room()
    with interrupts_noted() as interrupted, Workers(settings.workers, start_worker) as workers:
        engines = working_engines(settings.engines, engine_names(settings.device), workers)
        settings = replace(settings, engines=engines)
        with _opened(folder, settings) as store:
            progress = Progress(store.campaign().seconds + settings.seconds)
            progress.say(f"hunting for {settings.seconds:.0f} s into {folder}; Ctrl-C ends it, all is kept")
            campaign = Campaign(settings, store, folder, interrupted, started, progress)
            campaign.run(workers)
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
        return settings.resume, continued(settings.resume, settings, known)
    for name in settings.engines:
        if name not in engine_names("both"):
            raise unknown_name("engine", name, engine_names("both"))
    for name in settings.only:
        if name not in known:
            raise unknown_name("category, production or operation", name, known)
    recipe_of(settings)
    folder = settings.out or CAMPAIGNS / f"{datetime.date.today().isoformat()}-{settings.seed}"
    demand_free(folder)  # before a worker is started to see what works here
    return folder, settings


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
    retries: deque[Order] = field(default_factory=deque)
    suspects: set[int] = field(default_factory=set)
    """Batches that took their process down, or did not end, until it is known why."""
    next_batch: int = 0
    before: float = 0.0
    """Seconds that the campaign had run before it was resumed."""

    def __post_init__(self) -> None:
        self.inquiry = Inquiry(self.store, self.progress.say)

    @property
    def elapsed(self) -> float:
        """Seconds of the whole campaign so far."""
        return self.before + time.monotonic() - self.started

    def run(self, workers: Workers) -> None:
        """Hunt until the time is over and close the workers; what goes wrong is said on standard error, and stored."""
        self.before = self.store.campaign().seconds
        self.completed = self.store.completed_batches()
        try:
            self.inquiry.load()
            with self.progress, Workers(self.settings.workers, start_worker, memory_limit=0) as fresh:
                self._hunt(workers, fresh)
            self.inquiry.close(time.monotonic() + KEEPING_SECONDS)
        except Exception as error:
            self.failure = failure_of(error)
        self._finish()

    def _finish(self) -> None:
        spent = min(time.monotonic() - self.started, self.settings.seconds)
        counted = sum(self.store.tallies()["seconds"].values())
        idle = max(self.settings.workers * (self.before + spent) - counted, 0.0)
        self.store.finish(self._ended(), self.elapsed, {"idle": idle}, len(self.suspects), self.failure)

    def _ended(self) -> Ended:
        if self.failure:
            return Ended.FAILED
        return Ended.INTERRUPTED if self.interrupted() else Ended.TIME

    def _hunt(self, workers: Workers, fresh: Workers) -> None:
        """Finish what an earlier run left unfinished, hunt until the time is over, and look into what is left then.

        While batches run, one process looks into discrepancies; before and after that all do.
        """
        deadline = self.started + self.settings.seconds
        self._look_into(fresh, deadline + GRACE_SECONDS, lambda: self.inquiry.shown and time.monotonic() < deadline)
        while time.monotonic() < deadline and not self.interrupted():
            self._keep_busy(workers)
            for ending in workers.endings(min(deadline, time.monotonic() + 0.5)):
                self._batch_ended(ending)
                break
            self.inquiry.work(fresh, deadline + GRACE_SECONDS)
            self.progress.show(self.pace())
        workers.close()
        if self.interrupted():
            self.progress.say("interrupted: keeping what was found")
        self._look_into(fresh, deadline + GRACE_SECONDS, lambda: True)

    def _look_into(self, fresh: Workers, until: float, wanted: Callable[[], object]) -> None:
        while self.inquiry.goes_on(until) and wanted() and not self.interrupted():
            self.inquiry.work(fresh, until, at_once=self.settings.workers)
            self.progress.show(self.pace())
            time.sleep(0.05)

    def _keep_busy(self, workers: Workers) -> None:
        while workers.pending < 2 * self.settings.workers:
            order = self._next_order()
            workers.submit(Task(hunt_batch, order, time_limit(order)))

    def pace(self) -> Pace:
        """Say how far the campaign is."""
        tallies = self.store.tallies()
        units = [amount for topic in tallies if topic.startswith("coverage") for amount in tallies[topic].values()]
        return Pace(
            elapsed=self.elapsed,
            kernels=int(sum(tallies["verdict"].values())),
            covered=sum(amount > 0 for amount in units) / max(len(units), 1),
            findings=self.inquiry.found,
            waiting=self.inquiry.unsettled,
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
                self._record(replace(hunted.record, elapsed=self.elapsed))
                self.suspects.discard(order.batch)
            case Crashed(_, code, stderr, mark):
                self.retries.append(tried_again(order, mark, Failed("crash", last_words(code, stderr))))
            case TimedOut(_, mark):
                self.retries.append(tried_again(order, mark, HANG))
            case Raised(_, text):
                raise_ours(text)

    def _record(self, record: BatchRecord) -> None:
        if record.discrepancies:
            demand_room()
        self.store.record_batch(record)
        self.inquiry.take(replace(discrepancy, seen=record.elapsed) for discrepancy in record.discrepancies)


def tried_again(order: Order, mark: str, failure: Failed) -> Order:
    """Return the order of a batch again after its process died: in children, or without the culprit on a GPU."""
    engine, _, position = mark.partition(" ")
    if position.isdigit() and not facts_of(engine).in_children:
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
