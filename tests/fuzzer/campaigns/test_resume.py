"""Going on with a campaign: what it hunts next, the time that it took, and the buckets that it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fuzzer.campaigns.campaign import Campaign, hunt
from fuzzer.campaigns.investigation import unreduced
from fuzzer.campaigns.settings import Settings
from oracle.records import Judgement, Provenance, Verdict
from reports.batch_records import Discrepancy
from reports.store import Store
from tests.oracle.kernels import case_of, kernel
from tests.reports import samples

SETTINGS = Settings(seconds=5, seed=7, workers=1, engines=("warp-text", "warp-cpu"))
CASE = case_of(kernel("o: wp.array[int]", "o[0] = o[0] * 3"), o=[7])
JUDGEMENT = Judgement(Verdict.DISCREPANCY, "warp-text", "crash", "it died")
FOUND = Discrepancy(replace(CASE, provenance=Provenance(7, 5, "math", "deep")), JUDGEMENT)
FINDING = unreduced(FOUND, "seen")

pytestmark = pytest.mark.warp


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The campaign of a hunt of 30 seconds that has the batches 0, 1 and 3 and a finding."""

    def record(campaign: Campaign, *_: object) -> None:
        for batch in (0, 1, 3):
            campaign.store.record_batch(replace(samples.batch(batch), elapsed=30.0))
        campaign.inquiry._record(FOUND, FINDING)

    monkeypatch.setattr(Campaign, "_hunt", record)
    assert hunt(replace(SETTINGS, out=tmp_path / "campaign")) == 1
    return tmp_path / "campaign"


def test_a_campaign_goes_on_with_its_next_batches_its_time_and_its_buckets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(campaign: Campaign, *_: object) -> None:
        assert [campaign._next_order().batch for _ in range(3)] == [2, 4, 5]
        assert campaign.elapsed > 30.0
        assert list(campaign.inquiry.triage.buckets) == [FINDING.signature]
        campaign.inquiry._record(FOUND, FINDING)

    monkeypatch.setattr(Campaign, "_hunt", look)
    assert hunt(replace(SETTINGS, resume=folder)) == 1
    with Store.open(folder) as store:
        assert [bucket.count for bucket in store.buckets()] == [2]
        assert store.campaign().seconds > 30.0
