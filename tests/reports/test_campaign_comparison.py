"""Two campaigns are compared by what both could have found; of the rest it is said why it cannot be told."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from oracle.records import Verdict
from reports.batch_records import BatchRecord, KernelRecord
from reports.campaign_comparison import EARLIER, LATER, comparison_document, render_comparison
from reports.store import Store
from tests.reports import samples

FOUND = samples.finding()
NAME = FOUND.signature.name
NUMBER = 2  # of the finding's kernel
SETTINGS = {"device": "cpu", "engines": ["warp-cpu"], "only": [], "weights": None, "grammar": None}
VERSIONS = {"warp": "1.19.0", "warpsmith": "0.1.0"}

DEPARTS = samples.kernel(NUMBER, Verdict.DISCREPANCY, "wrong_value")
AGREES = samples.kernel(NUMBER, Verdict.AGREE)
MEETS = samples.kernel(3, Verdict.KNOWN, "tan32")


def campaign(
    folder: Path,
    kernels: Sequence[KernelRecord],
    seed: int = 7,
    settings: dict[str, Any] = SETTINGS,
    versions: dict[str, str] = VERSIONS,
) -> Path:
    """A campaign of some kernels, with a bucket where one departs."""
    with Store.create(folder, seed, versions, settings, {}) as store:
        store.record_batch(BatchRecord(0, tuple(kernels), elapsed=10.0))
        if any(kernel.verdict is Verdict.DISCREPANCY and kernel.index == NUMBER for kernel in kernels):
            store.record_finding(FOUND, 5.0)
    return folder


def groups(document: dict[str, Any], key: str) -> dict[str, list[str]]:
    """The names in each group that is not empty."""
    names = ("new", "gone", "still_there", "not_comparable")
    return {name: [entry[key] for entry in document[name]] for name in names if document[name]}


@pytest.mark.parametrize(
    ("kernel", "group", "why"),
    [
        (AGREES, "gone", "its kernel agrees on warp-cpu"),
        (
            samples.kernel(NUMBER, Verdict.KNOWN, "tan32"),
            "gone",
            "its kernel departs as the known divergence tan32 says",
        ),
        (
            samples.kernel(NUMBER, Verdict.UNCOMPARED, "every output is NaN"),
            "not_comparable",
            "its kernel was not compared on warp-cpu",
        ),
        (
            replace(AGREES, verdicts=(replace(AGREES.verdicts[0], engine="warp-text"),)),
            "not_comparable",
            "its kernel did not run on warp-cpu",
        ),
        (replace(AGREES, text_hash="other"), "not_comparable", "another kernel has its number, 2"),
        (MEETS, "not_comparable", "the hunt did not come as far as its kernel, number 2"),
    ],
)
def test_a_finding_is_gone_only_where_its_very_kernel_ran_and_did_not_depart(
    kernel: KernelRecord, group: str, why: str, tmp_path: Path
) -> None:
    before, after = campaign(tmp_path / "before", [DEPARTS]), campaign(tmp_path / "after", [kernel])
    document = comparison_document(before, after)
    assert groups(document, "signature") == {group: [NAME]}
    assert (document[group][0]["seen"], document[group][0]["why"]) == (EARLIER, f"{LATER} {why}")


def test_a_finding_whose_kernel_departs_there_too_but_has_no_bucket_is_not_gone(tmp_path: Path) -> None:
    before = campaign(tmp_path / "before", [DEPARTS])
    with Store.create(tmp_path / "after", 7, VERSIONS, SETTINGS, {}) as store:
        store.record_batch(BatchRecord(0, (DEPARTS,), elapsed=10.0))
    (entry,) = comparison_document(before, tmp_path / "after")["not_comparable"]
    assert entry["why"] == "in the later campaign its kernel departs too, for another finding or not looked into"


def test_a_finding_is_new_only_where_the_earlier_campaign_ran_its_kernel(tmp_path: Path) -> None:
    agreed, found = campaign(tmp_path / "agreed", [AGREES]), campaign(tmp_path / "found", [DEPARTS])
    short = campaign(tmp_path / "short", [MEETS])
    assert groups(comparison_document(agreed, found), "signature") == {"new": [NAME]}
    assert groups(comparison_document(short, found), "signature") == {"not_comparable": [NAME]}
    assert groups(comparison_document(found, found), "signature") == {"still_there": [NAME]}


@pytest.mark.parametrize(
    ("changed", "differs", "why"),
    [
        ({"seed": 8}, {"seed": [7, 8]}, "its kernel was not made, for these differ: seed"),
        (
            {"settings": SETTINGS | {"only": ["math"], "weights": "w.toml"}},
            {"only": [[], ["math"]], "weights": [None, "w.toml"]},
            "its kernel was not made, for these differ: only, weights",
        ),
        (
            {"versions": VERSIONS | {"warpsmith": "0.2.0"}},
            {"warpsmith": ["0.1.0", "0.2.0"]},
            "its kernel was not made, for these differ: warpsmith",
        ),
        (
            {"versions": VERSIONS | {"warp": "1.20.0"}},
            {"warp": ["1.19.0", "1.20.0"]},
            "the hunt did not come as far as its kernel, number 2",
        ),
        (
            {"settings": SETTINGS | {"device": "both"}},
            {"device": ["cpu", "both"]},
            "the hunt did not come as far as its kernel, number 2",
        ),
    ],
)
def test_what_differs_is_said_and_is_the_reason_where_it_made_other_kernels(
    changed: dict[str, Any], differs: dict[str, Any], why: str, tmp_path: Path
) -> None:
    document = comparison_document(
        campaign(tmp_path / "before", [DEPARTS]), campaign(tmp_path / "after", [MEETS], **changed)
    )
    assert document["differs"] == differs
    assert [entry["why"] for entry in document["not_comparable"]] == [f"{LATER} {why}"]


@pytest.mark.parametrize(
    ("kernel", "group"),
    [
        (samples.kernel(3, Verdict.AGREE), "gone"),
        (MEETS, "still_there"),
        (AGREES, "not_comparable"),
    ],
)
def test_known_divergences_are_compared_in_the_same_way(kernel: KernelRecord, group: str, tmp_path: Path) -> None:
    before, after = campaign(tmp_path / "before", [MEETS]), campaign(tmp_path / "after", [kernel])
    assert groups(comparison_document(before, after)["limitations"], "limitation") == {group: ["tan32"]}


def test_a_comparison_is_shown_with_its_counts_at_the_end(tmp_path: Path) -> None:
    before = campaign(tmp_path / "before", [DEPARTS, MEETS])
    after = campaign(tmp_path / "after", [AGREES], settings=SETTINGS | {"engines": ["warp-cpu", "nvrtc"]})
    console = Console(file=io.StringIO(), width=80)
    render_comparison(before, after, console)
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        f"before: {before}",
        f"after:  {after}",
        "engines differs: warp-cpu before, warp-cpu, nvrtc after",
        "",
        f"gone           {NAME} (seen once): in the later campaign its kernel agrees on warp-cpu",
        "not comparable known divergence tan32 (seen once):"
        " in the later campaign the hunt did not come as far as its kernel, number 3",
        "Findings: 0 new, 1 gone, 0 still there, 0 not comparable.",
        "Known divergences: 0 new, 0 gone, 0 still there, 1 not comparable.",
    ]
    json.dumps(comparison_document(before, after), allow_nan=False)


def test_a_finding_that_is_not_reduced_says_so_when_campaigns_are_compared(tmp_path: Path) -> None:
    for name in ("before", "after"):
        with Store.create(tmp_path / name, 7, VERSIONS, SETTINGS, {}) as store:
            store.record_finding(replace(FOUND, unfinished=True), 5.0)
    console = Console(file=io.StringIO(), width=80)
    render_comparison(tmp_path / "before", tmp_path / "after", console)
    assert isinstance(console.file, io.StringIO)
    assert f"still there    {NAME} (seen once, unfinished)" in console.file.getvalue()
