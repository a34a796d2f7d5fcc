"""Hunts seen from outside: what is concluded from them, with hunts that are played by small programs."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from fuzzer.campaigns.hunting import start_worker
from fuzzer.processes.pool import Finished, Task, run_alone
from grammar.errors import UserError
from reports.standing import Ended
from reports.store import Store
from tests.quality import bench, hunts, kills, power, processes
from tests.quality.rows import Facts
from tests.reports import samples

FAULT = '''\
"""A cross product of the wrong sign."""

CLASS = "native_forward"
LAYER = "native"
OBSERVED_BY = "{observed_by}"
NEEDS = ["cross"]
DIFFICULTY = "easy"


def apply():
    raise RuntimeError("reading the constants runs nothing")
'''

WITH_FAULT = '''\
"""Plays the tool: sets a variable that the reproducers look at."""

import os
import signal
import subprocess
import sys

os.environ["FAULT"] = sys.argv[1]
command = subprocess.Popen(sys.argv[3:])
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.exit(command.wait())
'''

HUNT = '''\
"""Plays a hunt that fills three buckets: fault or not, only with the fault, and never again."""

import json
import os
import signal
import sys
import time
from pathlib import Path

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a process in the background may have inherited ignored
out = Path(sys.argv[sys.argv.index("--out") + 1])
shown = "1 if 'FAULT' in os.environ else 0"
codes = {"always": "1", "wrong": shown, "gone": "0", "late": shown}
for name, code in codes.items():
    (out / "findings" / name).mkdir(parents=True)
    (out / "findings" / name / "repro.py").write_text(f"import os, sys\\nsys.exit({code})\\n")
seconds = {"always": 1.0, "wrong": 41.5, "gone": 2.0, "late": 60.0}
names = ("late", "wrong", "gone", "always")
found = [
    {"signature": name, "folder": f"findings/{name}", "first_seen": seconds[name], "layer": "front_end"}
    for name in names
]
(out / "summary.json").write_text(json.dumps({"findings": found}))
try:
    time.sleep(float(os.environ["LASTS"]))
except KeyboardInterrupt:
    sys.exit(130)
sys.exit(1)
'''


@pytest.fixture
def faults(tmp_path: Path) -> Path:
    folder = tmp_path / "faults"
    folder.mkdir()
    (folder / "with_fault").write_text(WITH_FAULT)
    (folder / "cross.py").write_text(FAULT.replace("{observed_by}", "forward"))
    (folder / "adjoint.py").write_text(FAULT.replace("{observed_by}", "gradient"))
    (folder / "no_fault.py").write_text("x = 1\n")
    return folder


def settings(faults: Path) -> dict[str, Any]:
    given = {"seconds": 1, "workers": 1, "faults": str(faults)}
    return power.MEASUREMENT.settings(1.0, given)


def play(monkeypatch: pytest.MonkeyPatch, path: Path, program: str) -> None:
    """Let a small program play every hunt."""
    path.write_text(program)
    monkeypatch.setattr(power, "hunt_command", lambda *flags: [sys.executable, str(path), *map(str, flags)])


def test_constants_are_read_without_running_the_fault(faults: Path) -> None:
    assert power.facts_of(faults / "cross.py") == {
        "CLASS": "native_forward",
        "LAYER": "native",
        "OBSERVED_BY": "forward",
        "NEEDS": ["cross"],
        "DIFFICULTY": "easy",
    }
    assert power.facts_of(faults / "no_fault.py") is None


def test_a_folder_without_faults_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no folder of faults"):
        power.pieces({"faults": str(tmp_path), "hunted": 1})


@pytest.mark.parametrize(("lasts", "code"), [("0", 1), ("600", 130)])
def test_found_is_what_fails_with_the_fault_and_passes_without(
    faults: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts: str, code: int
) -> None:
    monkeypatch.delenv("FAULT", raising=False)
    monkeypatch.setenv("LASTS", lasts)
    play(monkeypatch, tmp_path / "hunt.py", HUNT)
    adjoint, cross = map(power.measure, power.pieces(settings(faults)))
    assert (adjoint["found"], adjoint["exit_code"]) == (None, None)
    assert cross["found"] == {"seconds": 41.5, "bucket": "wrong", "layer": "front_end"}
    assert (cross["buckets"], cross["exit_code"]) == (4, code)
    conclusion = power.conclude({}, [adjoint, cross])
    claims = {claim.what: claim for claim in conclusion.claims}
    assert claims["faults found"].measured == "100.0 % of 1"
    assert claims["layer named right"].measured == "0.0 % of 1"
    assert claims["faults out of scope today"].measured == "1"
    assert [line[4] for line in conclusion.listings[0].lines] == ["out of scope: gradient", "42 s"]


def test_the_layer_of_a_bucket_is_compared_with_where_the_fault_is() -> None:
    constants = {"CLASS": "native_forward", "LAYER": "native", "OBSERVED_BY": "forward", "DIFFICULTY": "easy"}
    found = {"seconds": 1.0, "bucket": "b", "layer": "native"}
    cross: Facts = {"fault": "cross", "constants": constants, "found": found, "buckets": 1, "exit_code": 1}
    other = cross | {"found": found | {"layer": "optimiser"}}
    conclusion = power.conclude({}, [cross, other, cross | {"found": None}])
    claims = {claim.what: claim for claim in conclusion.claims}
    assert claims["layer named right"].measured == "50.0 % of 2"
    assert [line[5] for line in conclusion.listings[0].lines] == ["native", "optimiser", ""]


def test_hunts_for_faults_are_told_which_engines_to_use(
    faults: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo = "import sys\nprint(sys.argv[sys.argv.index('--engines') + 1])\nsys.exit(2)\n"
    play(monkeypatch, tmp_path / "hunt.py", echo)
    assert power.measure(power.pieces(settings(faults))[1])["said"] == "warp-text,warp-cpu\n"
    native = power.NATIVE.settings(1.0, {"seconds": 1, "workers": 1, "faults": str(faults)})
    assert power.measure(power.pieces(native)[1])["said"] == "warp-cpu\n"


def test_a_hunt_that_fails_finds_nothing_and_is_named(
    faults: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, tmp_path / "hunt.py", "import sys\nprint('the disk is full')\nsys.exit(2)\n")
    cross = power.measure(power.pieces(settings(faults))[1])
    conclusion = power.conclude({}, [cross])
    claims = {claim.what: claim for claim in conclusion.claims}
    assert (claims["hunts that failed"].measured, claims["hunts that failed"].met) == ("cross", False)
    assert conclusion.listings[0].lines[0][4] == "the hunt failed with 2: the disk is full"


def test_descendants_are_seen_until_they_end() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    (child,) = processes.descendants(parent.pid)
    assert child != parent.pid
    assert processes.alive(child)
    assert processes.resident(child) > 1_000_000
    assert "print(1" in processes.command_line(child)
    parent.communicate(b"\n")
    assert not processes.alive(child)
    assert (processes.resident(child), processes.command_line(child)) == (0, "")


def test_a_program_that_runs_out_of_time_is_killed_with_its_children() -> None:
    script = "import os, time; pid = os.fork(); print(os.getpid(), flush=True); time.sleep(600)"
    ended = processes.run([sys.executable, "-c", script], 1.0)
    assert ended.code == 124
    numbers = list(map(int, ended.said.split()))
    assert len(numbers) == 2
    patience = time.monotonic() + 30.0  # a child that nobody waits for takes a moment to go
    while any(map(processes.alive, numbers)) and time.monotonic() < patience:
        time.sleep(0.01)
    assert not any(map(processes.alive, numbers))


def test_a_worker_that_was_killed_while_idle_costs_nothing() -> None:
    facts = kills.kill_idle({}, random.Random(0))
    assert facts["wrong"] == []


def test_one_kill_that_costs_something_is_a_target_missed() -> None:
    facts: list[Facts] = [{"whom": whom, "what": "", "wrong": []} for whom in ("parent", "worker", "idle")]
    assert [claim.met for claim in kills.conclude({}, facts).claims] == [True, True, True]
    facts[1] = {"whom": "worker", "what": "", "wrong": ["the hunt ended with 2"]}
    assert [claim.met for claim in kills.conclude({}, facts).claims] == [True, False, True]


def test_batches_that_a_store_lost_are_counted(tmp_path: Path) -> None:
    assert kills._lost(tmp_path, frozenset()) == []
    assert kills._lost(tmp_path, frozenset({1}))[0].startswith("the store does not open")
    assert (hunts.batches_of(tmp_path), hunts.kernels_of(tmp_path)) == (frozenset(), 0)


@pytest.mark.parametrize(
    ("code", "failure", "compared", "well"),
    [
        (0, "", True, True),
        (1, "", True, True),
        (2, "", False, True),
        (2, "no room", False, False),
        (130, "", True, False),
    ],
)
def test_a_hunt_may_end_without_a_comparison_but_not_by_a_failure(
    code: int, failure: str, compared: bool, well: bool, tmp_path: Path
) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        if compared:
            store.record_batch(samples.batch(0))
        store.finish(Ended.FAILED if failure else Ended.TIME, 9.0, {}, 0, failure)
    assert hunts.ended_by_itself(code, tmp_path) == well
    assert not hunts.ended_by_itself(2, tmp_path / "none")


@pytest.mark.slow
@pytest.mark.warp
@pytest.mark.parametrize("whom", ["parent", "worker"])
def test_a_real_hunt_survives_a_kill(whom: str) -> None:
    facts = kills.measure({"seed": 1, "workers": 2, "resumed": 8, "whom": whom, "number": 0})
    assert facts["wrong"] == []


@pytest.mark.parametrize(("late", "met"), [(1.3, [True, True, None]), (1.4, [True, False, None])])
def test_memory_is_compared_with_that_after_a_tenth(late: float, met: list[bool | None]) -> None:
    peaks = [[0, 90], [90, 100], [120, 110], [1000, round(100 * late)]]
    claims = hunts.memory_claims(1000, peaks)
    assert claims[1].measured == f"{late:.2f}"
    assert [claim.met for claim in claims] == met


def test_memory_of_a_hunt_that_ended_early_says_nothing() -> None:
    assert [claim.met for claim in hunts.memory_claims(1000, [[10, 100]])] == [False, False, None]


def test_a_hunt_is_watched_until_it_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "hunt.py"
    path.write_text(HUNT)
    monkeypatch.setenv("LASTS", "0.5")
    monkeypatch.setattr(hunts, "hunt_command", lambda *flags: [sys.executable, str(path), *map(str, flags)])
    monkeypatch.setattr(hunts, "LOOK", 0.05)
    facts = hunts.measure_campaign({"seconds": 1, "seed": 0, "workers": 1})
    assert (facts["exit_code"], sorted(facts["reproducers"])) == (1, ["always", "gone", "late", "wrong"])
    assert facts["peaks"][-1][1] > 1_000_000
    assert [finding["signature"] for finding in facts["summary"]["findings"]] == ["late", "wrong", "gone", "always"]


def test_a_hunt_that_failed_is_shown_with_what_it_said() -> None:
    (claim,) = hunts.conclude_campaign({}, [{"exit_code": 2, "said": "the disk is full\n"}]).claims
    assert (claim.measured, claim.met) == ("2: the disk is full", False)


RUNS = {
    bench.TEXT: bench.Run({"warp_codegen": 0.5, "warp_text": 0.25}, 0.25),
    bench.PLAIN: bench.Run({"warp_codegen": 1.0, "warp_compile": 2.5, "warp_launch": 0.5}, 1.0),
    bench.USUAL: bench.Run({"warp_codegen": 1.0, "warp_compile": 5.5, "warp_launch": 0.5}, 1.0),
}


def test_ratios_are_to_what_warp_takes_alone() -> None:
    seconds = {"generate": 1.0, **RUNS[bench.PLAIN].engine}
    working = {"generate": 0.2, "warp_codegen": 0.1, "warp_compile": 0.45, "warp_launch": 0.05}
    shares = {"startup": 0.1, "idle": 0.1, **working}
    summary = {"time_share": shares, "kernels": {"executed": 80}, "seconds": 20.0, "per_second": 4.0}
    found = bench.document(bench.Steps(100, seconds, RUNS), summary)
    assert found["floor_per_kernel"] == 0.04
    assert found["ratio"]["generate"] == 0.25
    assert found["per_second"]["warp_compile"] == 40.0
    assert found["hunt"]["outside_warp"] == pytest.approx(0.25)
    assert found["limited_by"] == "warp_compile"


@pytest.mark.warp
def test_the_steps_are_measured_on_the_same_kernels() -> None:
    ending = run_alone(Task(bench.measure_steps, (0, 3), 120.0), start_worker)
    assert isinstance(ending, Finished)
    assert ending.value.kernels == 3
    assert set(ending.value.seconds) == {"generate", "interpret once", "emit and parse", *bench.FLOOR, "judge"}
    assert all(spent > 0 for spent in ending.value.seconds.values())
    assert list(ending.value.runs) == [bench.TEXT, bench.PLAIN, bench.USUAL]
    assert set(ending.value.runs[bench.TEXT].engine) == {"warp_codegen", "warp_text"}
    assert all(run.total > 0 for run in ending.value.runs.values())


def test_ways_to_execute_are_compared_by_kernels_per_second_all_included() -> None:
    claims = bench.claims_of(bench.Steps(120, {"generate": 1.0}, RUNS))
    assert [claim.measured for claim in claims] == [
        "12.0 times",
        "60.0",
        "4.0 times",
        "20.0",
        "13.3",
        "3.0 times",
        "4.5 times",
    ]
    assert [claim.met for claim in claims] == [True, True, None, None, None, True, True]
    claims = bench.claims_of(bench.Steps(119, {"generate": 10.0}, RUNS))
    assert [claim.met for claim in claims] == [True, False, None, None, None, False, False]
