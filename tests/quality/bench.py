"""The bench: what a hunt costs beside Warp itself, as ratios on the same modules in the same run.

``python -m tests.quality.bench`` generates and interprets deep kernels, has Warp define, generate, compile and launch
the same modules at O0 (the floor that no fuzzer of Warp can go below), and then runs a short hunt. Rates depend on the
machine; ratios to the floor hardly do.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fuzzer.batches import BATCH, start_worker
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.pool import Finished, Task, run_alone
from grammar import emit, parse
from grammar.errors import UserError
from oracle.judge import judge
from oracle.reference import interpret
from reports.files import json_text
from tests.quality import processes
from tests.quality.hunts import ENDINGS, SLACK, by_size, hunt_command

LIMIT = 3600.0
"""Seconds after which the measurement of steps is given up."""

FLOOR = ("warp_codegen", "warp_compile", "warp_launch")
WAITING = ("idle", "startup")


@dataclass(frozen=True)
class Steps:
    """Seconds that each step took for so many kernels."""

    kernels: int
    seconds: dict[str, float]

    @property
    def floor(self) -> float:
        """The seconds of Warp alone."""
        return sum(self.seconds[name] for name in FLOOR)


def measure_steps(order: tuple[int, int]) -> Steps:
    """Generate kernels, interpret, parse, run and judge them, one step after the other; in a worker with Warp."""
    from oracle.warp.native import WarpCpu

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
    engine = WarpCpu()
    engine.run([made[0].case])  # the precompiled header of these options is made once per worker
    engine.seconds.clear()
    cases = [defined.case for defined in made]
    outcomes = [outcome for at in range(0, kernels, BATCH) for outcome in engine.run(cases[at : at + BATCH])]
    seconds.update({name: engine.seconds[name] for name in FLOOR})
    start = clock()
    for defined, outcome in zip(made, outcomes, strict=True):
        judge(defined.case, engine.name, outcome, defined.expectation)
    seconds["judge"] = clock() - start
    return Steps(kernels, seconds)


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
    hunt = found["hunt"]
    shares = Table(title=f"a hunt of {hunt['seconds']:.0f} s", title_justify="left")
    shares.add_column("time of workers")
    shares.add_column("share", justify="right")
    for name, part in by_size(hunt["time_share"]):
        shares.add_row(name, f"{part:.1%}")
    console.print(steps, shares)
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
    program()
