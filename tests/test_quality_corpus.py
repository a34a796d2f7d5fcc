"""The rows ``corpus`` and ``names`` conclude what their facts say, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.quality import corpus, names
from tests.quality.rows import Claim

MIB = 2**20
STATISTICS = {
    "records": 4_000,
    "devices": {"cpu": 2_000, "cuda": 2_000},
    "categories": {"math": 2_500, "loops": 1_350, "atomic": 150},
    "kernels": 2_500,
    "dropped": {"exact": 50, "discrepancy": 5},
}


def facts(**changed: dict[str, Any]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        "rates": {
            "kernels": 100,
            "seconds": {"bare cpu": 1.0, "made cpu": 1.5, "bare both": 2.0, "made both": 4.0},
        },
        "judged": {"kernels": 100, "seconds": {"judged": 2.0, "exported": 2.5}},
        "scaling": {"seconds": {"1": 20.0, "2": 10.0}, "files": 1},
        "command": {"kernels": 10_500, "seconds": 100.0, "bare": 75.0, "bytes": 900 * MIB},
        "files": {
            "exit_code": 0,
            "seconds": 100.0,
            "peak": 700 * MIB,
            "bytes": {"cpu": 200 * MIB, "cuda": 201 * MIB},
            "statistics": STATISTICS,
            "left": {"unique": 1_900, "near": 100, "exact": 0, "structural": 0},
        },
        "regeneration": {"same": True, "files": 12},
    }
    return [{"what": what, **of, **changed.get(what, {})} for what, of in found.items()]


def claims(**changed: dict[str, Any]) -> dict[str, Claim]:
    return {claim.what: claim for claim in corpus.conclude({}, facts(**changed)).claims}


def test_there_is_a_piece_for_each_thing_that_is_measured() -> None:
    pieces = corpus.pieces({"seed": 0, "rated": 5})
    assert [piece["what"] for piece in pieces] == ["rates", "judged", "scaling", "command", "files", "regeneration"]
    assert all(piece["rated"] == 5 for piece in pieces)


def test_rates_are_compared_with_bare_code_generation() -> None:
    found = claims()
    cpu = found["rate of generate for cpu, of bare code generation (100 per second)"]
    both = found["rate of generate for both, of bare code generation (50 per second)"]
    assert (cpu.measured, cpu.met) == ("67%", True)
    assert (both.measured, both.met) == ("50%", False)


def test_verified_kernels_are_compared_with_those_that_are_only_judged() -> None:
    verified = "rate of verified kernels, of those judged by the text (50 per second)"
    assert (claims()[verified].measured, claims()[verified].met) == ("80%", False)
    assert claims(judged={"seconds": {"judged": 2.0, "exported": 2.0}})[verified].met


def test_workers_scale_and_give_the_same_file() -> None:
    found = claims()
    assert found["two workers, times as fast as one"].measured == "2.00"
    assert found["different files with one and with two workers"].met
    found = claims(scaling={"seconds": {"1": 20.0, "2": 16.0}, "files": 2})
    assert not found["two workers, times as fast as one"].met
    assert not found["different files with one and with two workers"].met


def test_a_kernel_for_two_targets_is_two_pairs() -> None:
    found = claims()
    assert found["10,500 kernels, 21,000 pairs"].measured == "100 s, 900 MiB"
    kernels = "kernels per second for both targets on 2 workers, whole process (bare: 75 on each)"
    assert found[kernels].measured == "105"
    pairs = "pairs per second, a kernel and its code for one target each"
    assert (found[pairs].measured, found[pairs].met) == ("210", True)
    assert not claims(command={"seconds": 120.0})[pairs].met


def test_files_have_sizes_memory_and_categories() -> None:
    found = claims()
    assert found["verified export of the two files"].measured == "4,000 records in 100 s: cpu 200 MiB, cuda 201 MiB"
    assert found["records per second, verified"].measured == "40.0"
    assert found["peak memory of one process"].met
    assert not found["share of the rarest category (atomic)"].met
    assert not claims(files={"peak": 1_100 * MIB})["peak memory of one process"].met


def test_duplicates_are_counted_before_and_after() -> None:
    assert claims()["records of the cpu file that are duplicates (exact)"].measured == "0 of 2,000"
    left = {"unique": 1_900, "near": 100, "exact": 1, "structural": 0}
    assert not claims(files={"left": left})["records of the cpu file that are duplicates (exact)"].met
    before = corpus.conclude({}, facts()).listings[-1]
    assert before.lines == (("exact", "2.0 % of 2,500"), ("discrepancy", "0.2 % of 2,500"))


def test_levels_of_duplicates_are_found_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    sources = ("import warp as wp\n\nC0 = 1\n", "import warp as wp\n\nC0 = 1\n", "import warp as wp\n\nC1 = 2\n")
    lines = [
        json.dumps({"id": str(i), "features": [], "category": "math", "python_source": text})
        for i, text in enumerate(sources)
    ]
    path.write_text("\n".join(lines) + "\n")
    left = corpus.levels_of(path)
    assert (left["unique"], left["exact"], left["structural"]) == (1, 1, 1)


def test_an_export_that_fails_is_told() -> None:
    found = claims(files={"exit_code": 2, "said": "no room"})
    assert found["exit code of the export"].measured == "2: no room"
    assert found["exit code of the export"].met is False


@pytest.mark.parametrize("same", [True, False])
def test_exports_must_be_the_same_bytes(same: bool) -> None:
    found = claims(regeneration={"same": same, "files": 3})
    assert found["exports on 1 and on 2 workers that give the same bytes"].met is same


def test_names_that_occur_are_counted_over_all_pieces() -> None:
    first, second = names.pieces({"kernels": 4_000, "seed": 0})
    assert (first["start"], first["stop"], second["stop"]) == (0, 2_000, 4_000)
    conclusion = names.conclude(
        {}, [{"kernels": 10, "counts": {"sin": 3, "add": 9}}, {"kernels": 10, "counts": {"sin": 1, "cos": 1}}]
    )
    assert conclusion.claims[0].measured.startswith("2.7 % of ")
    assert conclusion.claims[0].met is False
    assert ("sin", "4") in conclusion.listings[1].lines
    assert ("tan",) in conclusion.listings[0].lines or len(conclusion.listings[0].lines) == names.SHOWN


def test_a_piece_counts_the_operations_of_its_kernels() -> None:
    facts_ = names.measure({"seed": 0, "start": 0, "stop": 3})
    assert facts_["kernels"] == 3
    assert facts_["counts"]["add"] > 0
