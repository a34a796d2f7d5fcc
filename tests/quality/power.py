"""The rows ``power`` and ``power-native``: how many faults that are planted in Warp a short hunt finds, and how fast.

A fault counts as found if the ``repro.py`` of some bucket exits 1 with the fault and 0 without it; the time is when
that bucket was first recorded, and the hunt is over then. Buckets that appear without the fault do not count. The
folder of faults brings the tool that plants them; its README.md says what the constants of a fault mean.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fuzzer.campaigns.settings import INTERRUPTED
from grammar.errors import UserError
from tests.quality.hunts import ENDINGS, LOOK, SLACK, flags_of, hunt_command
from tests.quality.processes import run, running, waited
from tests.quality.rows import SOURCES, Claim, Conclusion, Facts, Listing, Measurement, Settings, share

CONSTANTS = ("CLASS", "LAYER", "OBSERVED_BY", "NEEDS", "DIFFICULTY")

LAYERS = {"front_end": "front_end", "native": "native", "cuda_text": "cuda_text", "cache": "cache"}
"""Where a fault is planted, as its LAYER says, and the layer of a bucket that names that place."""

IN_SCOPE = {"forward": ("warp-text", "warp-cpu"), "compile": ("warp-text", "warp-cpu"), "cuda": ("warp-text",)}
"""What must first differ, and the engines that see it: gradients are not judged yet."""

REPRO_SECONDS = 120.0
"""Time limit of one reproducer: far more than compiling and running one kernel takes."""


def facts_of(path: Path) -> dict[str, Any] | None:
    """Read a fault's constants without running it; None if the file is no fault."""
    found: dict[str, Any] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in CONSTANTS:
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found if "CLASS" in found else None


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each fault of the folder.

    Raises:
        UserError: The folder has no faults, or not the tool that plants them.
    """
    folder = Path(settings["faults"])
    faults = [path for path in sorted(folder.glob("*.py")) if facts_of(path) is not None]
    if not faults or not (folder / "with_fault").is_file():
        raise UserError(f"{folder} is no folder of faults: it needs the tool with_fault and one file per fault")
    chosen = faults[:: max(1, round(len(faults) / settings["hunted"]))]
    return [{**settings, "fault": x.stem, "digest": hashlib.sha256(x.read_bytes()).hexdigest()[:12]} for x in chosen]


def measure(piece: Settings) -> Facts:
    """Hunt with one fault planted until a reproducer exits 1 with the fault and 0 without, or time is up."""
    path = Path(piece["faults"]) / f"{piece['fault']}.py"
    facts: Facts = {
        "fault": piece["fault"],
        "constants": facts_of(path),
        "found": None,
        "buckets": 0,
        "exit_code": None,
    }
    if not in_scope(facts, piece):
        return facts
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / "campaign", Path(scratch) / "log"
        command = hunt_command(*flags_of(piece), "--engines", piece["engines"], "--out", folder)
        with running(_planted(path, command), log) as hunt:
            shown = _first_shown(path, hunt, folder, time.monotonic() + piece["seconds"] + SLACK)
            facts["exit_code"] = _ended(hunt)
        if facts["exit_code"] not in (*ENDINGS, INTERRUPTED):
            return facts | {"said": log.read_text(errors="replace")[-2000:]}
        buckets = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["findings"]
    names = {"seconds": "first_seen", "bucket": "signature", "layer": "layer"}
    found = [{name: x[word] for name, word in names.items()} for x in buckets if folder / x["folder"] == shown]
    return facts | {"found": found[0] if found else None, "buckets": len(buckets)}


def _first_shown(fault: Path, hunt: subprocess.Popen[bytes], campaign: Path, deadline: float) -> Path | None:
    """Try reproducers as they come, until one shows the fault or all are tried; gives the folder of its bucket."""
    tried: set[tuple[int, Path]] = set()
    while True:
        over = hunt.poll() is not None or time.monotonic() > deadline
        written = {(path.stat().st_mtime_ns, path) for path in campaign.glob("findings/*/repro.py")}
        for _, path in sorted(written - tried):
            if _shows(fault, path):
                return path.parent
        if over:
            return None
        tried |= written
        time.sleep(LOOK)


def _ended(hunt: subprocess.Popen[bytes]) -> int:
    """Interrupt a hunt, if it runs still, and give the code that it ends with; 124 where it does not end."""
    if hunt.poll() is None:
        os.killpg(hunt.pid, signal.SIGINT)
    return waited(hunt, SLACK)


def in_scope(facts: Facts, settings: Settings) -> bool:
    """Say whether one of the engines sees what first differs."""
    seeing = IN_SCOPE.get(facts["constants"]["OBSERVED_BY"], ())
    return not set(seeing).isdisjoint(settings["engines"].split(","))


def _planted(fault: Path, command: Sequence[str]) -> list[str]:
    """Return the command that runs a command with a fault planted."""
    return [sys.executable, str(fault.parent / "with_fault"), str(fault), "--", *command]


def _shows(fault: Path, repro: Path) -> bool:
    """Say whether a reproducer exits 1 with the fault and 0 without it."""
    command = [sys.executable, str(repro)]
    with_it = run(_planted(fault, command), REPRO_SECONDS).code
    return with_it == 1 and run(command, REPRO_SECONDS).code == 0


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Count the faults found, by what they are, and those whose place the bucket names."""
    hunted = [x for x in facts if x["exit_code"] is not None]
    failed = [x["fault"] for x in hunted if "said" in x]
    found = [x for x in hunted if x["found"] is not None]
    claims = (
        Claim("faults found", _share(hunted)),
        *(Claim(f"of the {word} ones", _share(hunted, word)) for word in ("easy", "medium", "hard")),
        Claim("layer named right", share(sum(map(_is_named_right, found)), len(found))),
        Claim("hunts that failed", ", ".join(failed) or "none", "none", not failed),
        Claim("faults out of scope today", f"{len(facts) - len(hunted)}"),
    )
    columns = ("fault", "class", "layer", "difficulty", "found after", "named", "buckets", "bucket")
    return Conclusion(claims, (Listing("faults", columns, tuple(map(_line, facts))),))


def _is_named_right(facts: Facts) -> bool:
    return bool(facts["found"]["layer"] == LAYERS.get(facts["constants"]["LAYER"]))


def _share(hunted: Sequence[Facts], difficulty: str = "") -> str:
    such = [x for x in hunted if difficulty in ("", x["constants"].get("DIFFICULTY"))]
    return share(sum(x["found"] is not None for x in such), len(such))


def _line(facts: Facts) -> tuple[str, ...]:
    constants, found = facts["constants"], facts["found"]
    when = f"{found['seconds']:.0f} s" if found else "not found"
    if facts["exit_code"] is None:
        when = f"out of scope: {constants['OBSERVED_BY']}"
    elif "said" in facts:
        when = f"the hunt failed with {facts['exit_code']}: {facts['said'].strip().splitlines()[-1]}"
    words = (constants["CLASS"], constants["LAYER"], constants.get("DIFFICULTY", ""))
    named, bucket = (found["layer"], found["bucket"]) if found else ("", "")
    return (facts["fault"], *words, when, named, str(facts["buckets"]), bucket)


MEASUREMENT = Measurement(
    name="power",
    counts={"hunted": 1_000},
    fixed={"seed": 0, "seconds": 120, "workers": 2, "faults": "", "engines": "warp-text,warp-cpu"},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    together=False,
    sources=(*SOURCES, "reports", "tests/quality/processes.py", "tests/quality/hunts.py"),
)

NATIVE = replace(MEASUREMENT, name="power-native", fixed={**MEASUREMENT.fixed, "engines": "warp-cpu"})
"""The same without the text, so that times can be compared."""
