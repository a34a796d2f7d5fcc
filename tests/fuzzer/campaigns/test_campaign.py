"""The parent of a hunt: what it remembers of batches that do not end as they should."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from fuzzer.campaigns import campaign as campaigns
from fuzzer.campaigns.hunting import Hunted, hunt_batch
from fuzzer.campaigns.campaign import Campaign, failure_of, hunt
from fuzzer.processes.pool import Crashed, Finished, Task, TimedOut
from fuzzer.campaigns.progress import Progress
from fuzzer.campaigns.schedule import Order
from fuzzer.campaigns.settings import Settings
from grammar.errors import UserError
from reports.batch_records import BatchRecord
from reports.standing import Ended
from reports.store import Store
from reports.summary import standing_in, summary_document
from tests.fuzzer.orders import BOTH

SETTINGS = Settings(seconds=1, seed=7, workers=1)


def campaign_in(store: Store, interrupted: bool = False) -> Campaign:
    return Campaign(SETTINGS, store, store.folder, lambda: interrupted, time.monotonic(), Progress(1.0))


def test_batches_that_crash_or_hang_are_suspect_until_they_are_looked_into(tmp_path: Path) -> None:
    tasks = [Task(hunt_batch, Order(SETTINGS, batch, {}), 90.0) for batch in range(3)]
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        campaign = campaign_in(store)
        campaign._batch_ended(Crashed(tasks[0], -11, "", "warp-cpu"))
        campaign._batch_ended(TimedOut(tasks[1], "warp-cpu"))
        campaign._batch_ended(Finished(tasks[2], Hunted(BatchRecord(2, (), elapsed=1.0), {})))
        assert campaign.suspects == {0, 1}
        assert [(order.batch, order.isolated) for order in campaign.retries] == [(0, True), (1, True)]
        campaign._batch_ended(Finished(tasks[0], Hunted(BatchRecord(0, (), elapsed=1.0), {})))
        campaign._finish()
        assert summary_document(store)["unsettled"] == {"discrepancies": 0, "batches": 1}
        assert standing_in(store).exit_code == 1


def test_a_hunt_ends_as_its_store_says(tmp_path: Path) -> None:
    for name, interrupted, failure, ended in (
        ("time", False, "", Ended.TIME),
        ("interrupted", True, "", Ended.INTERRUPTED),
        ("failed", False, "no room", Ended.FAILED),
        ("failed at the end", True, "no room", Ended.FAILED),
    ):
        with Store.create(tmp_path / name, 7, {}, {}, {}) as store:
            campaign = campaign_in(store, interrupted)
            campaign.failure = failure
            campaign._finish()
            assert (store.campaign().ended, store.campaign().failure) == (ended, failure)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "demand_room", lambda: None)


@pytest.mark.usefixtures("room")
def test_what_the_world_is_at_fault_for_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert failure_of(UserError("the disk is full")) == "the disk is full"
    assert capsys.readouterr().err == "warpsmith: the disk is full\n"


@pytest.mark.usefixtures("room")
def test_a_defect_of_ours_is_a_traceback_and_its_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    error = RuntimeError("a worker failed:\nTraceback\nKeyError: 0\n")
    assert failure_of(error) == "a defect of warpsmith, KeyError: 0"
    assert "RuntimeError: a worker failed" in capsys.readouterr().err


def test_a_full_disk_explains_what_failed_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise UserError("the disk is full")

    monkeypatch.setattr(campaigns, "demand_room", full)
    assert failure_of(RuntimeError("a worker failed")) == "the disk is full"


@pytest.mark.usefixtures("room")
def test_a_start_that_fails_leaves_no_campaign(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(campaign: Campaign, *_: object) -> None:
        raise UserError("no folder for temporary files can be made")

    monkeypatch.setattr(campaigns, "working_engines", lambda named, usual, workers: BOTH)
    monkeypatch.setattr(Campaign, "_hunt", fail)
    assert hunt(replace(SETTINGS, out=tmp_path / "campaign")) == 2
    assert not (tmp_path / "campaign").exists()


def test_a_folder_that_has_something_in_it_is_refused_before_a_worker_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def started(*_: object) -> None:
        raise AssertionError("a worker is started")

    monkeypatch.setattr(campaigns, "Workers", started)
    (tmp_path / "notes").write_text("a person's own")
    with pytest.raises(UserError, match=r"has something in it already \(notes\), and nothing there is touched: choose"):
        hunt(replace(SETTINGS, out=tmp_path))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"notes": "a person's own"}


@pytest.mark.usefixtures("room")
def test_a_hunt_that_compared_nothing_is_not_clean(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(campaigns, "working_engines", lambda named, usual, workers: BOTH)
    monkeypatch.setattr(Campaign, "_hunt", lambda *_: None)
    assert hunt(replace(SETTINGS, out=tmp_path / "campaign")) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "Nothing was compared, so nothing is known: no batch of kernels was complete after" in said
    assert said.endswith(f"--resume {tmp_path}/campaign --seconds 60")


def test_an_engine_that_is_named_and_does_not_work_leaves_no_campaign(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def missing(*_: object) -> None:
        raise UserError("the engine cuda does not work here")

    monkeypatch.setattr(campaigns, "working_engines", missing)
    with pytest.raises(UserError, match="the engine cuda does not work here"):
        hunt(replace(SETTINGS, out=tmp_path / "campaign", engines=("cuda",)))
    assert not (tmp_path / "campaign").exists()
