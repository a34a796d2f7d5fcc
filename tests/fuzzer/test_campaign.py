"""The parent of a hunt: what it remembers of batches that do not end as they should."""

from __future__ import annotations

from pathlib import Path

from fuzzer.batches import Discrepancy, Hunted, hunt_batch
from fuzzer.campaign import Campaign
from fuzzer.pool import Crashed, Finished, Task, TimedOut
from fuzzer.schedule import Order
from fuzzer.settings import Settings
from grammar import parse
from oracle.records import Judgement, Options, TestCase, Verdict
from reports.batches import BatchRecord
from reports.store import Store


def test_batches_that_crash_or_hang_are_suspect_until_they_are_looked_into(tmp_path: Path) -> None:
    settings = Settings(seconds=1, seed=7, workers=1)
    tasks = [Task(hunt_batch, Order(settings, batch, {}), 90.0) for batch in range(3)]
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        campaign = Campaign(settings, store, tmp_path, lambda: False)
        campaign._batch_ended(Crashed(tasks[0], -11, "", "warp-cpu"))
        campaign._batch_ended(TimedOut(tasks[1], "warp-cpu"))
        campaign._batch_ended(Finished(tasks[2], Hunted(BatchRecord(2, (), elapsed=1.0), (), {})))
        assert campaign.suspects == {0, 1}
        assert [(order.batch, order.isolated) for order in campaign.retries] == [(0, True), (1, True)]
        campaign._batch_ended(Finished(tasks[0], Hunted(BatchRecord(0, (), elapsed=1.0), (), {})))
        campaign._finish(0)
        assert store.tallies()["unsettled"] == {"discrepancies": 0.0, "batches": 1.0}


def test_a_discrepancy_that_nobody_looked_into_is_left_over(tmp_path: Path) -> None:
    case = TestCase(parse("import warp as wp\n\n@wp.kernel\ndef k():\n    pass\n"), (), (), Options())
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        campaign = Campaign(Settings(seconds=1, seed=7, workers=1), store, tmp_path, lambda: False)
        assert campaign.unsettled == 0
        campaign.triage.take(Discrepancy(case, Judgement(Verdict.DISCREPANCY, "warp-text", "wrong_value")))
        campaign._finish(1)
        assert store.tallies()["unsettled"] == {"discrepancies": 1.0, "batches": 0.0}
