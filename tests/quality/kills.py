"""The row ``kills``: processes of a hunt are killed at random moments, and nothing is lost or left behind.

*parent*: the hunt itself is killed. No process of it stays, its store opens and has every batch that it had before, and
``--resume`` goes on. *worker*: one process below it is killed, busy or idle. The hunt goes on and ends by itself.
*idle*: a worker of a pool is killed between two tasks. The next task ends as if nothing had been.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from fuzzer.processes.pool import Finished, Task, Workers
from grammar.errors import UserError
from reports.store import FILE, Store
from tests.quality import processes, rows
from tests.quality.hunts import SLACK, batches_of, ended_by_itself, hunt_command
from tests.quality.rows import SOURCES, Conclusion, Facts, Listing, Measurement, Settings

LATEST = 30.0
"""Seconds after the start of a hunt until which it is killed: it starts, runs batches and records some by then."""

PATIENCE = 10.0
"""Seconds that orphans are given to notice that their parent died; the kernel tells them at once."""

TICK = 0.05


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each kill."""
    numbers = range(settings["kills"])
    worker = range(max(1, settings["kills"] // 4))
    base = {name: value for name, value in settings.items() if name != "kills"}
    parents = [{**base, "whom": "parent", "number": number} for number in numbers]
    workers = [{**base, "whom": "worker", "number": number} for number in worker]
    return [*parents, *workers, {**base, "whom": "idle", "number": 0}]


def measure(piece: Settings) -> Facts:
    """Kill one process and look at what becomes of the rest."""
    draws = random.Random(f"{piece['seed']} {piece['whom']} {piece['number']}")
    facts = {"parent": kill_parent, "worker": kill_worker, "idle": kill_idle}[piece["whom"]](piece, draws)
    return {"whom": piece["whom"], **facts}


def kill_parent(piece: Settings, draws: random.Random) -> Facts:
    """Kill a hunt and go on with it."""
    moment = draws.uniform(0.5, LATEST)
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / "campaign", Path(scratch) / "log"
        with processes.running(_hunt(piece, folder), log) as hunt:
            time.sleep(moment)
            before, children = batches_of(folder), processes.descendants(hunt.pid)
            os.kill(hunt.pid, signal.SIGKILL)
            hunt.wait()
            left = _left(children)
        wrong = [f"{len(left)} of {len(children)} processes stayed"] if left else []
        wrong += _lost(folder, before)
        if (folder / FILE).exists():
            wrong += _resumed(piece, folder) + _lost(folder, before)
        what = f"killed after {moment:.1f} s with {len(children)} processes and {len(before)} batches"
        return {"what": f"{what}, {len(batches_of(folder))} batches in the end", "wrong": wrong}


def _resumed(piece: Settings, folder: Path) -> list[str]:
    """What is wrong with going on."""
    flags = ("--resume", folder, "--seconds", piece["resumed"], "--workers", piece["workers"])
    ended = processes.run(hunt_command(*flags), piece["resumed"] + SLACK)
    return [] if ended_by_itself(ended.code, folder) else [f"--resume ended with {ended.code}: {ended.said[-1000:]}"]


def _hunt(piece: Settings, folder: Path) -> list[str]:
    flags = ("--seconds", 3600, "--seed", piece["seed"] + piece["number"], "--workers", piece["workers"])
    return hunt_command(*flags, "--out", folder)


def _left(children: Sequence[int]) -> list[int]:
    """The processes that are still there after a while."""
    deadline = time.monotonic() + PATIENCE
    left = list(children)
    while left and time.monotonic() < deadline:
        time.sleep(TICK)
        left = [child for child in left if processes.alive(child)]
    return left


def _lost(folder: Path, before: frozenset[int]) -> list[str]:
    """What a store does not have that it had; nothing where it was not made yet."""
    if not before:
        return []
    try:
        with Store.open(folder) as store:
            missing = before - store.completed_batches()
    except UserError as sentence:
        return [f"the store does not open: {sentence}"]
    return [f"{len(missing)} of {len(before)} batches are gone"] if missing else []


def kill_worker(piece: Settings, draws: random.Random) -> Facts:
    """Kill one process below a hunt, at a random moment; the hunt must end by itself."""
    moment = draws.uniform(3.0, LATEST)
    seconds = LATEST + piece["resumed"]
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / "campaign", Path(scratch) / "log"
        flags = ("--seconds", seconds, "--seed", piece["seed"] + piece["number"], "--workers", piece["workers"])
        with processes.running(hunt_command(*flags, "--out", folder), log) as hunt:
            time.sleep(moment)
            before, (state, victim) = batches_of(folder), _victim(hunt.pid, draws)
            if victim is not None:
                os.kill(victim, signal.SIGKILL)
            code = hunt.wait()
        wrong = [f"the hunt ended with {code}: {log.read_text()[-1000:]}"] if not ended_by_itself(code, folder) else []
        wrong += _lost(folder, before) + (["there was none to kill"] if victim is None else [])
        after = len(batches_of(folder))
        return {
            "what": f"{state} worker killed after {moment:.1f} s, {len(before)} batches then {after}",
            "wrong": wrong,
        }


def _victim(parent: int, draws: random.Random) -> tuple[str, int | None]:
    """Draw a worker, and say whether it is busy: whether it uses the processor for half a second."""
    workers = [child for child in processes.descendants(parent) if "spawn_main" in processes.command_line(child)]
    if not workers:
        return "no", None
    victim = draws.choice(sorted(workers))
    used = processes.processor_seconds(victim)
    time.sleep(0.5)
    return "busy" if processes.processor_seconds(victim) - used > 0.1 else "idle", victim


def kill_idle(piece: Settings, draws: random.Random) -> Facts:
    """Kill a worker of a pool between two tasks."""
    with Workers(1, no_setup) as workers:
        workers.submit(Task(own_number, None, SLACK))
        first = next(workers.endings())
        assert isinstance(first, Finished)
        os.kill(first.value, signal.SIGKILL)
        stayed = _left([first.value])
        workers.submit(Task(own_number, None, SLACK))
        second = next(workers.endings())
    wrong = [] if isinstance(second, Finished) and not stayed else [f"the next task ended as {second}"]
    return {"what": "idle worker of a pool killed between two tasks", "wrong": wrong}


def no_setup(folder: Path) -> None:
    """Start a worker that needs nothing."""


def own_number(_: object) -> int:
    """Return the number of the process that runs this."""
    return os.getpid()


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Nothing may have gone wrong."""
    whats = {"parent": "kills of a hunt that cost nothing", "worker": "kills of a worker that a hunt outlives"}
    whats["idle"] = "kills of an idle worker that its pool outlives"
    claims = []
    for whom, what in whats.items():
        such = [x for x in facts if x["whom"] == whom]
        claims.append(rows.all_of(what, sum(not x["wrong"] for x in such), len(such)))
    lines = tuple((x["whom"], x["what"], "; ".join(x["wrong"])) for x in facts)
    return Conclusion(tuple(claims), (Listing("kills", ("whom", "what", "what went wrong"), lines),))


MEASUREMENT = Measurement(
    name="kills",
    counts={"kills": 20},
    fixed={"seed": 0, "workers": 2, "resumed": 10},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    together=False,
    sources=(*SOURCES, "reports", "tests/quality/processes.py", "tests/quality/hunts.py"),
)
