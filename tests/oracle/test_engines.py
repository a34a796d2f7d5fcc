"""The registry of engines: the facts of each, and that a further one needs nothing but its facts, class and line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oracle.engines import ENGINES, EngineFacts, compiled_by, engine_types, engines_of, facts_of

ROOT = Path(__file__).parents[2]


def test_the_engines_of_a_device_come_with_the_cheapest_first() -> None:
    assert [facts.name for facts in engines_of("cpu")] == ["warp-text", "warp-cpu"]
    assert [facts.name for facts in engines_of("cuda")] == ["warp-text", "nvrtc", "cuda"]


def test_what_is_executed_before_it_is_compiled_is_known_from_both_sides() -> None:
    assert facts_of("warp-cpu").uncompiled == "warp-text"
    assert compiled_by("warp-text") is facts_of("warp-cpu")
    assert compiled_by("cuda") is None


def test_what_only_compiles_executes_nothing() -> None:
    assert [facts.name for facts in ENGINES if not facts.executes] == ["nvrtc"]


def test_no_two_engines_share_a_name_or_a_key_of_their_time() -> None:
    keys = [key for facts in ENGINES for key in facts.times]
    assert len({facts.name for facts in ENGINES}) == len(ENGINES)
    assert len(set(keys)) == len(keys)


@pytest.mark.warp
@pytest.mark.parametrize("facts", ENGINES, ids=lambda facts: facts.name)
def test_a_class_has_the_name_that_its_facts_say(facts: EngineFacts) -> None:
    assert engine_types()[facts.name].name == facts.name


def test_a_further_engine_goes_through_a_hunt_with_its_facts_its_class_and_its_line(tmp_path: Path) -> None:
    """Batches, judge, policy, store, summary, report and reproducer take it as they take the others."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fuzzer.stand_in", str(tmp_path / "campaign")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    said = json.loads((tmp_path / "campaign" / "said.json").read_text(encoding="utf-8"))
    assert (said["layer"], said["reproducer"]) == ("optimiser", True)
    assert said["kernels"] > 10
    assert said["share"] > 0.1
    assert "wrong value in the optimiser" in ended.stdout
