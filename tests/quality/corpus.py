"""The row ``corpus``: how fast pairs and verified records are made, what they are made of, and that they come again.

Commands run as processes of their own, as a user runs them. The rate of the pipeline is set against Warp's bare code
generation of the same kernels in the same process.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.corpus.making import fresh_kernels
from fuzzer.corpus.orders import Form, Order
from fuzzer.corpus.specs import drafts
from fuzzer.generation.cases import accepted_case, deep_case
from fuzzer.processes.pool import Task, run_alone, value_of
from grammar import emit
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Options
from reports.corpus.clusters import KEPT, Clusters, set_apart
from reports.corpus.corpus_records import Device
from reports.corpus.encoding import documents
from reports.corpus.fingerprints import fingerprint
from tests.quality import processes, rows
from tests.quality.hunts import hunt_command
from tests.quality.rows import SOURCES, Claim, Conclusion, Facts, Listing, Measurement, Settings

BOTH: tuple[Device, ...] = ("cpu", "cuda")

SECONDS = 7200.0
"""Time limit of one command."""

LOOK = 0.5
"""Seconds between two looks at the memory of a command's processes."""

MEGABYTE = 2**20

AROUND = 100
"""Kernels whose bare code generation is timed before and after a command."""

CHUNK, PART = 8, 40
"""Kernels that a worker makes at a time, as ``generate`` and ``export`` do."""


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each thing that is measured."""
    return [{**settings, "what": what} for what in MEASURES]


def measure(piece: Settings) -> Facts:
    """Measure one thing."""
    return MEASURES[piece["what"]](piece) | {"what": piece["what"]}


def measure_rates(piece: Settings) -> Facts:
    """Time bare code generation and the pipeline on the same kernels, in one worker."""
    found: Facts = value_of(run_alone(Task(rates, (piece["seed"], piece["rated"]), SECONDS), start_worker))
    return found


def rates(asked: tuple[int, int]) -> Facts:
    """Return the seconds for C++ alone and for both targets, chunk by chunk in turn, so that both meet the same
    machine."""
    from oracle.warp.internals import emit_texts
    from oracle.warp.modules import defined
    from oracle.warp.text import NAME

    seed, kernels = asked
    seconds = {f"{what} {name}": 0.0 for what in ("bare", "made") for name in ("cpu", "both")}
    drafts(Order(seed, CATEGORIES, kernels, kernels + 1, Form(BOTH)))  # what is set up once
    for first in range(0, kernels, CHUNK):
        stop = min(first + CHUNK, kernels)
        order = Order(seed, CATEGORIES, first, stop, Form(()))
        texts = [emit(accepted_case(seed, i, order.recipe(i))[0].module) for i in range(first, stop)]
        for name, targets in (("cpu", BOTH[:1]), ("both", BOTH)):
            start = time.perf_counter()
            for text in texts:
                with defined([text], Options(), NAME):
                    emit_texts(NAME, *targets)
            seconds[f"bare {name}"] += time.perf_counter() - start
            start = time.perf_counter()
            drafts(replace(order, form=Form(targets)))
            seconds[f"made {name}"] += time.perf_counter() - start
    return {"kernels": kernels, "seconds": seconds}


def measure_verified(piece: Settings) -> Facts:
    """Time how kernels are executed and judged by the text engine, and how an export makes them, in one worker."""
    found: Facts = value_of(run_alone(Task(verified_rates, (piece["seed"], piece["verified"]), SECONDS), start_worker))
    return found


def verified_rates(asked: tuple[int, int]) -> Facts:
    """Return the seconds of both, part by part in turn; both generate the kernels too."""
    seed, kernels = asked
    engine = engine_types()["warp-text"]()
    seconds = {"judged": 0.0, "exported": 0.0}
    fresh_kernels(Order(seed, CATEGORIES, 0, PART, Form(BOTH)))  # what is set up once, also for native execution
    for first in range(0, kernels, PART):
        order = Order(seed, CATEGORIES, first, min(first + PART, kernels), Form(BOTH))
        start = time.perf_counter()
        made = [deep_case(seed, index, order.recipe(index)).defined for index in range(order.first, order.stop)]
        outcomes = engine.run([item.case for item in made])
        for item, outcome in zip(made, outcomes, strict=True):
            judge(item.case, engine.name, outcome, item.expectation)
        seconds["judged"] += time.perf_counter() - start
        start = time.perf_counter()
        fresh_kernels(order)
        seconds["exported"] += time.perf_counter() - start
    return {"kernels": kernels, "seconds": seconds}


def measure_scaling(piece: Settings) -> Facts:
    """Time the whole command ``generate`` for both targets with one worker and with two; the files must be the same.

    Each runs twice, in such an order that a machine that becomes slower, or faster, favours neither.
    """
    seconds, digests = {"1": 0.0, "2": 0.0}, set()
    for workers in ("1", "2", "2", "1"):
        flags = ("generate", "--count", piece["scaled"], "--seed", piece["seed"], "--workers", workers)
        run = _timed(*flags, out="pairs.jsonl")
        seconds[workers] += run["seconds"]
        digests.add(run["digest"])
    return {"seconds": seconds, "files": len(digests)}


def measure_command(piece: Settings) -> Facts:
    """Time the command that makes many pairs, and before and after it bare code generation, in one worker."""
    flags = ("generate", "--count", piece["pairs"], "--seed", piece["seed"], "--workers", 2)
    about = {**piece, "rated": AROUND}
    before = measure_rates(about)
    facts = _timed(*flags, out="pairs.jsonl")
    bare = sum(rates["seconds"]["bare both"] for rates in (before, measure_rates(about)))
    return {"kernels": piece["pairs"], "bare": 2 * AROUND / bare} | facts


def measure_files(piece: Settings) -> Facts:
    """Time the export of verified records into a file for each device, and watch its memory."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = {device: folder / f"{device}.jsonl" for device in BOTH}
        flags: list[object] = ["export", "--seed", piece["seed"], "--stats-out", folder / "stats.json"]
        for device, path in files.items():
            flags += [f"--target-mb-{device}", piece["megabytes"], f"--out-{device}", path]
        facts = _watched(flags, folder)
        if facts["exit_code"] == 0:
            facts["statistics"] = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
            facts["bytes"] = {device: path.stat().st_size for device, path in files.items()}
            facts["left"] = levels_of(files["cpu"])
        return facts


def levels_of(path: Path) -> dict[str, int]:
    """Compare the records of a file for one device once more; give how many there are of each level of duplicates."""
    clusters = Clusters()
    for document in documents(path):
        apart = set_apart(document["features"], document["category"])
        clusters.take(document["id"], fingerprint(document["python_source"]), apart=apart)
    return {str(level): count for level, count in clusters.counts.items()}


def measure_regeneration(piece: Settings) -> Facts:
    """Export the same kernels with one worker and with two, and compare the digests of all files."""
    digests = []
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "dataset"
            flags = (
                "export",
                "--count",
                piece["regenerated"],
                "--seed",
                piece["seed"],
                "--workers",
                workers,
                "--out",
                out,
            )
            ended = processes.run(hunt_command(*flags), SECONDS)
            digests.append((out / "SHA256SUMS").read_text() if ended.code == 0 else ended.said[-2000:])
    return {"same": digests[0] == digests[1], "files": len(digests[0].splitlines())}


def _timed(*flags: object, out: str) -> Facts:
    """Run a command to its end; give its seconds, and the size and the digest of its file."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / out
        start = time.perf_counter()
        ended = processes.run(hunt_command(*flags, "--out", path), SECONDS)
        seconds = time.perf_counter() - start
        if ended.code:
            raise RuntimeError(f"{flags} ended with {ended.code}: {ended.said[-2000:]}")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"seconds": seconds, "bytes": path.stat().st_size, "digest": digest}


def _watched(flags: Sequence[object], folder: Path) -> Facts:
    """Run a command and give its seconds, its exit code, and the most memory that one of its processes held."""
    peak = 0
    start = time.perf_counter()
    with processes.running(hunt_command(*flags), folder / "log") as program:
        while program.poll() is None:
            alive = [program.pid, *processes.descendants(program.pid)]
            peak = max(peak, *map(processes.resident, alive))
            time.sleep(LOOK)
        code = program.returncode
    said = (folder / "log").read_text(errors="replace")[-2000:] if code else ""
    return {"exit_code": code, "seconds": time.perf_counter() - start, "peak": peak, "said": said}


MEASURES: dict[str, Callable[[Settings], Facts]] = {
    "rates": measure_rates,
    "judged": measure_verified,
    "scaling": measure_scaling,
    "command": measure_command,
    "files": measure_files,
    "regeneration": measure_regeneration,
}


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Compare each with what it should be."""
    found = {x["what"]: x for x in facts}
    claims = (
        *_of_rates(found["rates"]),
        _of_verified(found["judged"]),
        *_of_scaling(found["scaling"]),
        *_of_command(found["command"]),
        *_of_files(found["files"]),
        rows.all_of("exports on 1 and on 2 workers that give the same bytes", int(found["regeneration"]["same"]), 1),
    )
    statistics = found["files"].get("statistics", {})
    names = ("devices", "splits", "categories", "verified_by", "gates")
    listings = tuple(
        Listing(f"{name} of the two files", (name, "count"), tuple((k, f"{v:,}") for k, v in statistics[name].items()))
        for name in names
        if name in statistics
    )
    return Conclusion(claims, (*listings, _before(statistics)) if "dropped" in statistics else listings)


def _of_rates(facts: Facts) -> list[Claim]:
    claims = []
    for name in ("cpu", "both"):
        bare, made = (facts["seconds"][f"{what} {name}"] for what in ("bare", "made"))
        rate = facts["kernels"] / bare
        what = f"rate of generate for {name}, of bare code generation ({rate:.0f} per second)"
        claims.append(Claim(what, f"{bare / made:.0%}", ">= 60 %", bare >= 0.6 * made))
    return claims


def _of_verified(facts: Facts) -> Claim:
    judged, exported = (facts["seconds"][what] for what in ("judged", "exported"))
    what = f"rate of verified kernels, of those judged by the text ({facts['kernels'] / judged:.0f} per second)"
    return Claim(what, f"{judged / exported:.0%}", ">= 100 %", judged >= exported)


def _of_scaling(facts: Facts) -> list[Claim]:
    gain = facts["seconds"]["1"] / facts["seconds"]["2"]
    return [
        Claim("two workers, times as fast as one", f"{gain:.2f}", ">= 1.7", gain >= 1.7),
        Claim("different files with one and with two workers", str(facts["files"]), "1", facts["files"] == 1),
    ]


def _of_command(facts: Facts) -> list[Claim]:
    kernels, seconds = facts["kernels"], facts["seconds"]
    pairs = len(BOTH) * kernels
    return [
        Claim(f"{kernels:,} kernels, {pairs:,} pairs", f"{seconds:.0f} s, {facts['bytes'] / MEGABYTE:,.0f} MiB"),
        Claim(
            f"kernels per second for both targets on 2 workers, whole process (bare: {facts['bare']:.0f} on each)",
            f"{kernels / seconds:.0f}",
        ),
        Claim(
            "pairs per second, a kernel and its code for one target each",
            f"{pairs / seconds:.0f}",
            ">= 180",
            pairs >= 180 * seconds,
        ),
    ]


def _of_files(facts: Facts) -> list[Claim]:
    if facts["exit_code"]:
        return [Claim("exit code of the export", f"{facts['exit_code']}: {facts['said']}", "0", False)]
    megabytes = {device: count / MEGABYTE for device, count in facts["bytes"].items()}
    records, peak = facts["statistics"]["records"], facts["peak"] / MEGABYTE
    sizes = ", ".join(f"{device} {count:.0f} MiB" for device, count in megabytes.items())
    return [
        Claim("verified export of the two files", f"{records:,} records in {facts['seconds']:.0f} s: {sizes}"),
        Claim("records per second, verified", f"{records / facts['seconds']:.1f}"),
        Claim("peak memory of one process", f"{peak:.0f} MiB", "<= 1,024 MiB", peak <= 1024),
        *_of_categories(facts["statistics"]["categories"]),
        *_of_duplicates(facts["left"]),
    ]


def _of_duplicates(left: dict[str, int]) -> list[Claim]:
    whole = sum(left.values())
    dropped = (level for level in left if level not in KEPT)
    return [rows.none_of(f"records of the cpu file that are duplicates ({x})", left[x], whole) for x in dropped]


def _before(statistics: dict[str, Any]) -> Listing:
    dropped, made = statistics["dropped"], statistics["kernels"]
    lines = tuple((reason, rows.share(count, made)) for reason, count in dropped.items())
    return Listing("kernels left out of the two files", ("why", "of those made"), lines)


def _of_categories(counts: dict[str, Any]) -> list[Claim]:
    rarest = min(counts, key=lambda name: counts[name])
    return [rows.at_least(f"share of the rarest category ({rarest})", counts[rarest], sum(counts.values()), 5)]


MEASUREMENT = Measurement(
    name="corpus",
    counts={"rated": 400, "verified": 400, "scaled": 4_000, "pairs": 10_500, "megabytes": 200, "regenerated": 400},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    together=False,
    sources=(*SOURCES, "reports"),
)
