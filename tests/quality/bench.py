"""The bench: what a hunt costs beside Warp itself, as ratios on the same modules in the same run.

``python -m tests.quality.bench`` generates and interprets deep kernels, has Warp define, generate, compile and launch
the same modules at O0 (the floor that native execution cannot go below), executes their text, compiles them as users
do, and then runs a short hunt. Rates depend on the machine; ratios hardly do.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.schedule import BATCH
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.repair import Defined
from fuzzer.processes.pool import Finished, Task, run_alone
from grammar import emit, parse
from grammar.errors import UserError
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Options
from oracle.reference import interpret
from reports.files import json_text
from tests.quality import processes
from tests.quality.hunts import ENDINGS, SLACK, by_size, hunt_command
from tests.quality.rows import Claim

LIMIT = 3600.0
"""Seconds after which the measurement of steps is given up."""

FLOOR = ("warp_codegen", "warp_compile", "warp_launch")
WAITING = ("idle", "startup")

TEXT, PLAIN, USUAL = "the text", "native execution at O0", "native execution at Warp's defaults"
RUNS: dict[str, tuple[str, Options]] = {
    TEXT: ("warp-text", Options()),
    PLAIN: ("warp-cpu", Options()),
    USUAL: ("warp-cpu", Options(fuse_fp=True, optimization_level=None)),
}
"""The ways to execute that are compared: an engine, and the options it gets."""


@dataclass(frozen=True)
class Run:
    """Seconds that one way to execute took for all kernels: of the engine, by what they were spent on, and to judge."""

    engine: dict[str, float]
    judge: float

    @property
    def total(self) -> float:
        """All of its seconds."""
        return sum(self.engine.values()) + self.judge


@dataclass(frozen=True)
class Steps:
    """Seconds that each step took for so many kernels, and each way to execute them."""

    kernels: int
    seconds: dict[str, float]
    runs: dict[str, Run]

    @property
    def floor(self) -> float:
        """The seconds of Warp alone."""
        return sum(self.runs[PLAIN].engine[name] for name in FLOOR)

    def rate(self, run: str) -> float:
        """Return the kernels per second where one process generates, interprets, executes and judges each."""
        return self.kernels / self.spent(run)

    def spent(self, run: str) -> float:
        """Return the seconds in which one process generates, interprets, executes and judges all of them."""
        return self.seconds["generate"] + self.runs[run].total


def measure_steps(order: tuple[int, int]) -> Steps:
    """Generate kernels, interpret, parse, run and judge them, one step after the other; in a worker with Warp."""
    seed, kernels = order
    seconds: dict[str, float] = {}
    clock = time.perf_counter
    start = clock()
    made = [deep_case(seed, index, Recipe()).defined for index in range(kernels)]
    seconds["generate"] = clock() - start
    start = clock()
    for defined in made:
        interpret(defined.case)
    seconds["interpret once"] = clock() - start
    start = clock()
    for defined in made:
        parse(emit(defined.case.module))
    seconds["emit and parse"] = clock() - start
    runs = {name: measure_run(engine, options, made) for name, (engine, options) in RUNS.items()}
    seconds.update({name: runs[PLAIN].engine[name] for name in FLOOR})
    seconds["judge"] = runs[PLAIN].judge
    return Steps(kernels, seconds, runs)


def measure_run(name: str, options: Options, made: Sequence[Defined]) -> Run:
    """Execute kernels in batches with an engine, at these options, and judge them; in a worker with Warp."""
    engine = engine_types()[name]()
    cases = [replace(defined.case, options=options) for defined in made]
    engine.run(cases[:1])  # the precompiled header of these options is made once per worker
    engine.seconds.clear()
    outcomes = [outcome for at in range(0, len(cases), BATCH) for outcome in engine.run(cases[at : at + BATCH])]
    start = time.perf_counter()
    for case, defined, outcome in zip(cases, made, outcomes, strict=True):
        judge(case, name, outcome, defined.expectation)
    return Run(dict(engine.seconds), time.perf_counter() - start)


def claims_of(steps: Steps) -> tuple[Claim, ...]:
    """Compare the ways to execute with each other; a rate counts generation, reference, execution and judgement."""
    text, plain = steps.runs[TEXT].engine, steps.runs[PLAIN].engine
    rates = {name: steps.rate(name) for name in RUNS}
    multiple = steps.spent(TEXT) / text["warp_codegen"]
    compiling = plain["warp_compile"] + plain["warp_launch"]
    return (
        _times(
            f"compiling and launching at O0 in batches of {BATCH}, against the text", compiling, text["warp_text"], 5
        ),
        Claim(f"kernels judged per second and core by {TEXT}", f"{rates[TEXT]:.1f}", ">= 60", rates[TEXT] >= 60),
        Claim(
            f"time of a kernel judged by {TEXT}, against Warp's code generation for both targets in it",
            f"{multiple:.1f} times",
        ),
        *(Claim(f"kernels judged per second and core by {name}", f"{rates[name]:.1f}") for name in (PLAIN, USUAL)),
        _times(f"kernels judged by {TEXT}, against {PLAIN}", rates[TEXT], rates[PLAIN], 2),
        _times(f"kernels judged by {TEXT}, against {USUAL}", rates[TEXT], rates[USUAL], 4),
    )


def _times(what: str, one: float, other: float, target: float) -> Claim:
    return Claim(what, f"{one / other:.1f} times", f">= {target:g}", one >= target * other)


def measure_hunt(seconds: int, seed: int, workers: int) -> dict[str, Any]:
    """Run a short hunt and give its summary.

    Raises:
        UserError: It failed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "campaign"
        flags = ("--seconds", seconds, "--seed", seed, "--workers", workers, "--engines", "warp-cpu", "--out", folder)
        ended = processes.run(hunt_command(*flags), seconds + SLACK)
        if ended.code not in ENDINGS:
            raise UserError(f"the hunt to be measured ended with exit code {ended.code}: {ended.said[-500:]}")
        summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        return summary


def document(steps: Steps, summary: dict[str, Any]) -> dict[str, Any]:
    """Put everything together; ratios are seconds per second of the floor."""
    shares = summary["time_share"]
    working = 1.0 - sum(shares[name] for name in WAITING)
    within = sum(shares[name] for name in FLOOR)
    return {
        "kernels": steps.kernels,
        "seconds": steps.seconds,
        "floor_per_kernel": steps.floor / steps.kernels,
        "per_second": {name: steps.kernels / spent for name, spent in steps.seconds.items()},
        "ratio": {name: spent / steps.floor for name, spent in steps.seconds.items()},
        "runs": {name: {**run.engine, "judge": run.judge} for name, run in steps.runs.items()},
        "claims": [asdict(claim) for claim in claims_of(steps)],
        "hunt": {
            "executed": summary["kernels"]["executed"],
            "seconds": summary["seconds"],
            "per_second": summary["per_second"],
            "time_share": shares,
            "outside_warp": (working - within) / working if working > 0 else 0.0,
        },
        "limited_by": max(shares, key=lambda name: float(shares[name])),
    }


def render(found: dict[str, Any], console: Console) -> None:
    """Show the steps beside the floor, and the hunt."""
    steps = Table(title=f"{found['kernels']} deep kernels, one process", title_justify="left")
    for column in ("step", "kernels per second", "of the floor"):
        steps.add_column(column, justify="left" if column == "step" else "right")
    for name, rate in found["per_second"].items():
        steps.add_row(name, f"{rate:,.1f}", f"{found['ratio'][name]:.1%}", style="dim" if name in FLOOR else "")
    claims = Table(title="generated, interpreted, executed and judged", title_justify="left")
    for column in ("what", "measured", "target", "verdict"):
        claims.add_column(column)
    for claim in found["claims"]:
        verdict = {True: "met", False: "not met", None: ""}[claim["met"]]
        claims.add_row(claim["what"], claim["measured"], claim["target"], verdict)
    hunt = found["hunt"]
    shares = Table(title=f"a hunt of {hunt['seconds']:.0f} s", title_justify="left")
    shares.add_column("time of workers")
    shares.add_column("share", justify="right")
    for name, part in by_size(hunt["time_share"]):
        shares.add_row(name, f"{part:.1%}")
    console.print(steps, claims, shares)
    console.print(
        f"The floor is {found['floor_per_kernel'] * 1000:.0f} ms per kernel: Warp alone, at O0, in batches of {BATCH}."
    )
    console.print(f"The hunt executed {hunt['executed']:,} kernels, {hunt['per_second']:.2f} per second.")
    console.print(f"Outside Warp: {hunt['outside_warp']:.1%} of the time in which workers worked.")
    console.print(f"What limits it: {found['limited_by']}, {hunt['time_share'][found['limited_by']]:.1%} of all.")


@click.command()
@click.option("--kernels", default=400, show_default=True, metavar="N", help="How many kernels each step takes.")
@click.option("--seconds", default=60, show_default=True, metavar="N", help="How long the hunt takes.")
@click.option("--workers", default=2, show_default=True, metavar="N", help="How many workers the hunt has.")
@click.option("--seed", default=0, show_default=True, metavar="N", help="What all random choices follow from.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def program(kernels: int, seconds: int, workers: int, seed: int, as_json: bool) -> None:
    """Measure what a hunt costs beside Warp itself."""
    ending = run_alone(Task(measure_steps, (seed, kernels), LIMIT), start_worker)
    if not isinstance(ending, Finished):
        raise RuntimeError(f"the steps could not be measured: {ending}")
    found = document(ending.value, measure_hunt(seconds, seed, workers))
    if as_json:
        sys.stdout.write(json_text(found))
    else:
        render(found, Console())


if __name__ == "__main__":
    from tests.quality import bench  # by its own name, since workers do not import the main module

    bench.program()
