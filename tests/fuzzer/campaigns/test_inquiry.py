"""What is not looked into when the time is over: kept, shown as unfinished, and finished when the hunt goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fuzzer.campaigns import campaign as campaigns
from fuzzer.campaigns import inquiry as inquiries
from fuzzer.campaigns.campaign import Campaign
from fuzzer.campaigns.inquiry import Inquiry, task_for
from fuzzer.campaigns.investigation import Investigation, unreduced
from fuzzer.processes.pool import Ending, Finished, Task, TimedOut
from fuzzer.campaigns.progress import Progress
from fuzzer.campaigns.settings import Settings
from grammar.errors import UserError
from oracle.records import Finding, Judgement, Mismatch, Provenance, Signature, Verdict
from reports.batch_records import BatchRecord, Discrepancy, KernelRecord
from reports.store import Store
from reports.summary import summary_document
from tests.oracle.kernels import case_of, kernel

REDUCED = Signature("wrong_value", "native", "neg", "float32")
FOREVER = float("inf")


def discrepancy(index: int, kind: str = "wrong_value", message: str = "", launches: int = 1) -> Discrepancy:
    """A product that is wrong; larger with more launches."""
    text = kernel("a: wp.array[wp.float32], o: wp.array[wp.float32]", "o[0] = a[0] * 3.0")
    case = case_of(text, a=np.array([2.0], np.float32), o=np.zeros(1, np.float32))
    case = replace(case, launches=case.launches * launches, provenance=Provenance(7, index, "math", "deep"))
    mismatch = Mismatch("o", (0,), np.float32(6.0), np.float32(5.0), 0.0)
    return Discrepancy(case, Judgement(Verdict.DISCREPANCY, "warp-cpu", kind, message, (mismatch,)))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store of a campaign with three discrepancies of two ways to depart, seen after 10 seconds."""
    found = (discrepancy(0), discrepancy(1), discrepancy(2, "crash", "it died"))
    with Store.create(tmp_path / "campaign", 7, {}, {}, {}) as made:
        kernels = tuple(KernelRecord.of(d.case, [d.judgement]) for d in found)
        made.record_batch(BatchRecord(0, kernels, elapsed=10.0, discrepancies=found))
        yield made


class Fresh:
    """Plays the processes that look into discrepancies: each ends as it is told to."""

    def __init__(self, *findings: Finding | None) -> None:
        self.findings = iter(findings)
        self.tasks: list[Task] = []

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def endings(self, deadline: float) -> Iterator[Ending]:
        tasks, self.tasks = self.tasks, []
        for task in tasks:
            finding = next(self.findings)
            yield Finished(task, finding) if finding else TimedOut(task, "")


def inquiry_in(store: Store, said: list[str] | None = None) -> Inquiry:
    inquiry = Inquiry(store, ([] if said is None else said).append)
    inquiry.load()
    return inquiry


def reduced(found: Discrepancy, *, unfinished: bool = False) -> Finding:
    return replace(unreduced(found, "recurred"), signature=REDUCED, unfinished=unfinished)


def shown(store: Store) -> list[tuple[str, bool, float, int]]:
    return [(b.signature.kind, b.unfinished, b.first_seen, b.count) for b in store.buckets()]


def test_of_each_way_to_depart_one_is_shown_unfinished_and_all_are_kept(store: Store) -> None:
    said: list[str] = []
    inquiry_in(store, said).close(FOREVER)
    assert sorted(shown(store)) == [("crash", True, 10.0, 1), ("wrong_value", True, 10.0, 1)]
    assert [d.key for d in store.discrepancies()] == [(0, "warp-cpu"), (1, "warp-cpu"), (2, "warp-cpu")]
    assert summary_document(store)["unsettled"] == {"discrepancies": 1, "batches": 0}
    assert [line.startswith("found (unfinished): ") for line in said] == [True, True]
    for bucket in store.buckets():
        folder = store.folder / bucket.folder
        assert sorted(path.name for path in folder.iterdir()) == ["case.json", "report.md", "repro.py"]
        assert "**This finding is unfinished**" in (folder / "report.md").read_text()
        assert "## Kernel, not minimal" in (folder / "report.md").read_text()
        assert ", unfinished" in (folder / "repro.py").read_text().splitlines()[0]
        assert '"unfinished":true' in (folder / "case.json").read_text().replace(" ", "")


def test_what_there_is_no_time_to_show_is_kept_all_the_same(store: Store) -> None:
    inquiry_in(store).close(0.0)
    assert shown(store) == []
    assert summary_document(store)["unsettled"] == {"discrepancies": 3, "batches": 0}


def test_what_is_shown_already_is_not_shown_again(store: Store) -> None:
    inquiry_in(store).close(FOREVER)
    again = inquiry_in(store)
    assert again.unsettled == 3
    again.close(FOREVER)
    assert sorted(shown(store)) == [("crash", True, 10.0, 1), ("wrong_value", True, 10.0, 1)]


def test_going_on_takes_the_unfinished_finding_back_and_puts_the_finished_one_in_its_place(store: Store) -> None:
    inquiry_in(store).close(FOREVER)
    unfinished = {b.signature.kind: store.folder / b.folder for b in store.buckets()}
    inquiry = inquiry_in(store)
    first = inquiry.triage.waiting[0]
    fresh: Any = Fresh(reduced(first))
    inquiry.work(fresh, FOREVER)
    (task,) = fresh.tasks
    assert task.argument.discrepancy.key == (0, "warp-cpu")
    inquiry.work(fresh, FOREVER, at_once=0)
    inquiry.close(FOREVER)
    assert sorted(shown(store)) == [("crash", True, 10.0, 1), ("wrong_value", False, 10.0, 2)]
    assert [d.key for d in store.discrepancies()] == [(2, "warp-cpu")]
    assert not unfinished["wrong_value"].exists()
    assert (store.folder / "findings" / REDUCED.name / "repro.py").is_file()


def test_a_hurried_reduction_is_shown_and_gone_on_with(store: Store) -> None:
    inquiry = inquiry_in(store)
    fresh: Any = Fresh(reduced(discrepancy(0, launches=2), unfinished=True))
    inquiry.work(fresh, FOREVER)
    inquiry.work(fresh, FOREVER, at_once=0)
    assert shown(store) == [("wrong_value", True, 10.0, 1)]
    assert inquiry.triage.buckets == {}
    again = inquiry_in(store)
    assert again.shown == {(0, "warp-cpu"): REDUCED}
    assert [len(waiting.case.launches) for waiting in again.triage.waiting] == [2, 1, 1]


def test_what_ends_by_force_is_kept_as_it_was_found(store: Store) -> None:
    inquiry = inquiry_in(store)
    fresh: Any = Fresh(None)
    inquiry.work(fresh, FOREVER)
    inquiry.work(fresh, FOREVER, at_once=0)
    assert shown(store) == [("wrong_value", False, 10.0, 1)]


def test_nothing_is_begun_when_there_is_no_time(store: Store) -> None:
    inquiry = inquiry_in(store)
    fresh: Any = Fresh()
    inquiry.work(fresh, 0.0)
    assert fresh.tasks == []
    assert not inquiry.goes_on(0.0)
    assert inquiry.goes_on(FOREVER)


@pytest.mark.parametrize(
    ("kind", "left", "seconds", "hurried", "limit"),
    [
        ("wrong_value", 200.0, 20.0, False, 80.0),
        ("wrong_value", 40.0, 20.0, False, 40.0),
        ("wrong_value", 12.0, 7.0, True, 12.0),
        ("wrong_value", 4.0, 0.0, True, 4.0),
        ("crash", 200.0, 40.0, False, 100.0),
        ("hang", 40.0, 35.0, True, 40.0),
    ],
)
def test_nothing_takes_longer_than_what_is_left(
    kind: str, left: float, seconds: float, hurried: bool, limit: float
) -> None:
    found = discrepancy(0, kind)
    task = task_for(found, left)
    assert (task.argument, task.time_limit) == (Investigation(found, seconds, hurried), limit)


class Clock:
    """A clock that goes on only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Hanging:
    """Plays workers whose tasks never end."""

    clock: Clock

    def __init__(self, *_: object, **__: object) -> None:
        self.pending = 0

    def __enter__(self) -> Hanging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.clock.now += 1.0

    def submit(self, task: Task) -> None:
        self.pending += 1

    def endings(self, deadline: float) -> Iterator[Ending]:
        self.clock.now = max(self.clock.now, deadline)
        return iter(())


@pytest.mark.parametrize("seconds", [1.0, 40.0, 900.0])
def test_a_hunt_ends_in_time_whatever_hangs(store: Store, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    clock = Hanging.clock = Clock()
    time = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)
    monkeypatch.setattr(campaigns, "time", time)
    monkeypatch.setattr(inquiries, "time", time)
    monkeypatch.setattr(campaigns, "Workers", Hanging)
    monkeypatch.setattr(campaigns, "time_limit", lambda order: 90.0)
    settings = Settings(seconds=seconds, seed=7, workers=1)
    workers: Any = Hanging()
    Campaign(settings, store, store.folder, lambda: False, clock.now, Progress(seconds)).run(workers)
    assert seconds <= clock.now - 1000.0 <= seconds + 15.0
    assert summary_document(store)["standing"] == "found"
    assert sorted(shown(store)) == [("crash", True, 10.0, 1), ("wrong_value", True, 10.0, 1)]


def test_a_stored_test_case_without_a_meaning_is_one_sentence(tmp_path: Path) -> None:
    text = kernel("a: wp.array[wp.float32]", "a[9] = 1.0")
    case = replace(case_of(text, a=np.zeros(1, np.float32)), provenance=Provenance(7, 4, "math", "deep"))
    found = Discrepancy(case, Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value"))
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        kernels = (KernelRecord.of(case, [found.judgement]),)
        store.record_batch(BatchRecord(0, kernels, elapsed=10.0, discrepancies=(found,)))
        with pytest.raises(
            UserError, match=r"kernel 4 of .*campaign\.sqlite has no defined meaning: index out of range"
        ):
            inquiry_in(store)
