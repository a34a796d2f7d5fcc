"""The row ``determinism``: a hunt's batches are the same bytes for any number of workers and any ``PYTHONHASHSEED``.

Each piece runs this file as a program of its own, under a hash seed of its own, and keeps the digest that it prints.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from fuzzer.campaigns.hunting import generate_batch
from fuzzer.campaigns.schedule import BATCH
from fuzzer.campaigns.settings import Settings as HuntSettings
from fuzzer.processes.pool import Finished, Task, Workers
from reports.case_documents import case_document
from tests.quality import rows
from tests.quality.rows import ROOT, Claim, Conclusion, Facts, Listing, Measurement, Settings

RUNS = ((1, "0"), (2, "0"), (1, "4294967295"), (2, "1"))
"""Workers and hash seeds: each differs from the first run in one of them, or in both."""


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each run."""
    return [{**settings, "workers": workers, "hash_seed": hash_seed} for workers, hash_seed in RUNS]


def measure(piece: Settings) -> Facts:
    """Generate in a process of its own."""
    arguments = [str(piece[name]) for name in ("kernels", "seed", "workers")]
    command = [sys.executable, "-m", "tests.quality.determinism", *arguments]
    environment = os.environ | {"PYTHONHASHSEED": piece["hash_seed"]}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{ended.stderr}")
    return {"digest": ended.stdout.strip(), "run": f"{piece['workers']} workers, hash seed {piece['hash_seed']}"}


def digest(kernels: int, seed: int, workers: int) -> str:
    """Hash so many test cases of a hunt, deep and sweep alternating, generated in worker processes."""
    found: dict[int, str] = {}
    with Workers(workers, no_setup) as pool:
        for batch in range(math.ceil(kernels / BATCH)):
            pool.submit(Task(batch_digest, (seed, batch), 600.0))
        for ending in pool.endings():
            if not isinstance(ending, Finished):
                raise RuntimeError(f"batch {ending.task.argument} could not be generated: {ending}")
            found[ending.task.argument[1]] = ending.value
    return combined(found)


def combined(found: dict[int, str]) -> str:
    """Hash the digests of batches, in the order of the batches."""
    return hashlib.sha256(json.dumps(sorted(found.items())).encode()).hexdigest()


def no_setup(folder: Path) -> None:
    """Start a worker that needs nothing."""


def batch_digest(order: tuple[int, int]) -> str:
    """Hash a batch: module texts, buffers, launches and options, and why there is none where there is none."""
    seed, batch = order
    settings = HuntSettings(seconds=1, seed=seed, workers=1)
    digest = hashlib.sha256()
    for item in generate_batch(settings, batch):
        document = item if isinstance(item, str) else case_document(item.defined.case)
        digest.update(json.dumps(document).encode())
        if not isinstance(item, str):
            arrays = item.defined.expectation.arrays
            digest.update(b"".join(name.encode() + array.tobytes() for name, array in arrays.items()))
    return digest.hexdigest()


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """All digests must be one."""
    same = sum(x["digest"] == facts[0]["digest"] for x in facts)
    kernels = math.ceil(settings["kernels"] / BATCH) * BATCH
    claims = (
        rows.all_of("runs that give the same bytes", same, len(RUNS)),
        Claim("test cases of each run", f"{kernels}"),
    )
    lines = tuple((x["run"], x["digest"][:16]) for x in facts)
    return Conclusion(claims, (Listing("digests", ("run", "digest"), lines),))


MEASUREMENT = Measurement(
    name="determinism",
    counts={"kernels": 500},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    together=False,
)

if __name__ == "__main__":
    from tests.quality import determinism  # by its own name, since workers do not import the main module

    sys.stdout.write(determinism.digest(*map(int, sys.argv[1:4])) + "\n")
