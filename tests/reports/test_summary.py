from __future__ import annotations

import errno
import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from oracle.records import Signature, Verdict
from reports.batch_records import BatchRecord
from reports.findings import bucket_folder
from reports.standing import Ended
from reports.store import Store
from reports.summary import (
    newest_campaign,
    report_document,
    summary_document,
    write_summary,
)
from tests.reports import samples

SIGNATURE = samples.finding().signature.name


@pytest.fixture
def summary(tmp_path: Path) -> dict[str, Any]:
    with Store.open(samples.campaign(tmp_path / "campaign")) as store:
        return summary_document(store)


def test_the_summary_has_the_keys_of_the_contract(summary: dict[str, Any]) -> None:
    contract = (
        "seed versions settings seconds kernels gradients per_second time_share engines findings coverage exit_code"
    )
    assert set(contract.split()) <= set(summary)
    assert (summary["seed"], summary["seconds"], summary["exit_code"]) == (7, 40.0, 1)
    assert (summary["versions"], summary["settings"]) == ({"warp": "1.19.0"}, {"workers": 2})


def test_the_summary_says_why_it_has_its_exit_code(summary: dict[str, Any]) -> None:
    assert (summary["standing"], summary["sentence"]) == ("found", "1 new finding.")


def test_kernels_are_counted_by_verdict(summary: dict[str, Any]) -> None:
    assert summary["kernels"] == {
        "generated": 6,
        "discarded": 1,
        "executed": 4,
        "agreed": 1,
        "known": 1,
        "discrepant": 1,
        "uncompared": 1,
        "unsupported": 1,
        "invalid": 0,
    }
    assert summary["per_second"] == 0.1
    assert summary["engines"] == {"warp-cpu": 4}
    assert summary["limitations"] == {"tan32": 1}
    assert summary["reasons"] == {
        "uncompared by warp-cpu: every output is NaN": 1,
        "unsupported by warp-cpu: no bool arrays": 1,
    }
    assert summary["elements"] == {"compared": 50, "exact": 40, "uncompared": 10}


@pytest.mark.parametrize("verdict", Verdict)
def test_what_ran_is_executed_and_what_is_at_fault_itself_is_not(verdict: Verdict, tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(BatchRecord(0, (samples.kernel(0, verdict, "x"),), elapsed=1.0))
        summary = summary_document(store)
    ran = verdict in (Verdict.AGREE, Verdict.KNOWN, Verdict.DISCREPANCY, Verdict.UNCOMPARED)
    assert summary["kernels"]["executed"] == ran
    assert summary["engines"] == ({"warp-cpu": 1} if ran else {})


def test_what_is_left_to_do_is_that_of_the_last_run(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        first = samples.discrepancy(0)
        store.record_batch(replace(samples.batch(0), discrepancies=(first, samples.discrepancy(1))))
        store.finish(Ended.TIME, 60.0, {}, 1)
        assert summary_document(store)["unsettled"] == {"discrepancies": 2, "batches": 1}
        store.settle(first)
        store.finish(Ended.TIME, 90.0, {}, 3)
        assert summary_document(store)["unsettled"] == {"discrepancies": 1, "batches": 3}


def test_a_finding_that_there_was_no_time_for_is_marked_and_counted_once(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_batch(replace(samples.batch(0), discrepancies=(samples.discrepancy(0), samples.discrepancy(1))))
        store.record_finding(replace(samples.finding(), unfinished=True), 10.0)
        store.finish(Ended.TIME, 60.0, {}, 0)
        summary = summary_document(store)
    assert [finding["unfinished"] for finding in summary["findings"]] == [True]
    assert summary["sentence"] == "1 new finding (1 unfinished), 1 discrepancy not looked into."


def test_the_next_command_shows_a_finding_that_is_finished(tmp_path: Path) -> None:
    reduced = replace(samples.finding(), signature=Signature("crash", "native", "sin", "float32"))
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(replace(samples.finding(), unfinished=True), 1.0)
        store.record_finding(reduced, 10.0)
        store.finish(Ended.TIME, 60.0, {}, 0)
    assert report_document(tmp_path)["next"].endswith(f"/{bucket_folder(reduced.signature)}/repro.py")


def test_no_gradient_is_judged_yet(summary: dict[str, Any]) -> None:
    assert summary["gradients"] == {"judged": 0, "agreed": 0, "known": 0, "discrepant": 0, "excused": 0}


def test_the_shares_of_time_add_up_to_one(summary: dict[str, Any]) -> None:
    assert summary["time_share"] == {
        "startup": 0.1,
        "idle": 0.5,
        "generate": 0.1,
        "reference": 0.0,
        "warp_codegen": 0.0,
        "warp_compile": 0.2,
        "warp_launch": 0.0,
        "judge": 0.0,
        "store": 0.0,
        "warp_text": 0.0,
        "nvrtc": 0.1,
        "cuda": 0.0,
    }


def test_a_finding_has_its_bucket(summary: dict[str, Any]) -> None:
    assert summary["findings"] == [
        {
            "signature": SIGNATURE,
            "kind": "wrong_value",
            "layer": "front_end",
            "construct": "floordiv",
            "dtype": "int32",
            "status": "new",
            "unfinished": False,
            "count": 2,
            "folder": f"findings/{SIGNATURE}",
            "first_seen": 12.5,
            "last_seen": 25.0,
        }
    ]


def test_coverage_counts_units_by_group(summary: dict[str, Any]) -> None:
    assert summary["coverage"] == {
        "operations": {"total": 2, "covered": 1},
        "productions": {"total": 1, "covered": 0},
    }
    assert summary["reach"] == {"operators executed": 0.57}


def test_a_campaign_without_a_batch_has_a_summary(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        summary = summary_document(store)
    assert math.fsum(summary["time_share"].values()) == 1.0
    assert (summary["per_second"], summary["exit_code"], summary["kernels"]["generated"]) == (0.0, None, 0)


def test_the_summary_is_written_as_one_document(tmp_path: Path) -> None:
    with Store.open(samples.campaign(tmp_path / "campaign")) as store:
        path = write_summary(store)
        assert json.loads(path.read_text()) == summary_document(store)
    assert sorted(p.name for p in path.parent.iterdir()) == ["campaign.sqlite", "findings", "summary.json"]


def test_a_full_disk_leaves_the_old_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Store.open(samples.campaign(tmp_path / "campaign")) as store:
        path = write_summary(store)
        before = path.read_text()
        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(UserError, match=r"summary\.json cannot be written: No space left on device; make room"):
            write_summary(store)
    assert path.read_text() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["campaign.sqlite", "findings", "summary.json"]


def test_the_report_is_one_document_with_all_that_is_known_of_a_finding(tmp_path: Path) -> None:
    document = report_document(samples.campaign(tmp_path / "campaign"))
    (finding,) = json.loads(json.dumps(document, allow_nan=False))["findings"]
    assert finding["module"] == samples.finding_source()
    assert finding["rule"] == "Warp reference, Operators: 'Divide two scalars using floor division.'"
    assert finding["mismatches"] == [
        {
            "buffer": "out",
            "index": [0],
            "expected": {"float32": "3fc00000", "text": "1.5"},
            "actual": {"float32": "3fc00001", "text": "1.5000001"},
            "radius": {"float64": "0000000000000000", "text": "0.0"},
        }
    ]


def test_the_report_names_the_next_command(tmp_path: Path) -> None:
    document = report_document(samples.campaign(tmp_path / "campaign"))
    assert document["next"].endswith(f" {tmp_path}/campaign/findings/{SIGNATURE}/repro.py")


def test_the_newest_campaign_is_the_one_written_last(tmp_path: Path) -> None:
    for place, name in enumerate(("b", "c", "a")):
        Store.create(tmp_path / name, 7, {}, {}, {}).close()
        os.utime(tmp_path / name / "campaign.sqlite", (place, place))
    assert newest_campaign(tmp_path) == tmp_path / "a"


def test_no_campaign_at_all_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no campaign yet; start one with: python -m fuzzer"):
        newest_campaign(tmp_path / "campaigns")
