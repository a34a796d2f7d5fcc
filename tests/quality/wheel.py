"""The row ``wheel``: kernels of Warp's own tests, executed by their text, give what they give natively, bit by bit.

The modules are those of the installed wheel and run as they are, each in a process of its own (see
:mod:`tests.quality.wheel_worker`). They use all of Warp, of which the text engine knows a part: what it does not know
is refused by name and counted.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.quality import processes, rows
from tests.quality.agreement import by_frequency
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings

LEFT_OUT = {
    "test_array_subclass": "replaces parts of Warp while it launches, also under whoever watches",
    "test_examples": "starts programs of its own, which are not watched",
    "test_large": "needs 8 GB of memory",
}
"""Modules that are not run, and why."""

TAIL = 1000
"""Characters kept of what a module said that did not end by itself."""

EXECUTED = ("equal", "different", "rounded", "known")
"""Endings of launches that were executed twice."""

LISTED = {
    "different": "executions that differ",
    "rounded": "executions that differ where bits are not fixed",
    "fault": "undefined by their text",
    "defect": "launches at which the text engine failed",
}
"""Endings of launches that are kept one by one, with the kernel and what was seen, and their titles."""


def modules_of_wheel() -> list[str]:
    """Name the test modules of the installed Warp, without importing it."""
    found = importlib.util.find_spec("warp")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "tests"
    return sorted(path.stem for path in folder.glob("test_*.py") if path.stem not in LEFT_OUT)


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each module, every so many of them where not all are wanted."""
    names = modules_of_wheel()
    chosen = names[:: math.ceil(len(names) / settings["modules"])]
    return [{"module": name, "seconds": settings["seconds_each"]} for name in chosen]


def measure(piece: Settings) -> Facts:
    """Run a module and count what became of its launches."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, log = Path(scratch) / "warp", Path(scratch) / "launches.jsonl"
        folder.mkdir()
        command = [sys.executable, "-m", "tests.quality.wheel_worker", piece["module"], str(folder), str(log)]
        ended = processes.run(command, piece["seconds"])
        launches = launches_of(log)
    reasons: dict[str, Counter[str]] = {"refused": Counter(), "skipped": Counter(), "known": Counter()}
    for launch in launches:
        if launch["what"] in reasons:
            reasons[launch["what"]][launch["why"]] += 1
    listed = [(x["what"], x["kernel"], x["why"]) for x in launches if x["what"] in LISTED]
    return {
        "module": piece["module"],
        "exit_code": ended.code,
        "said": ended.said[-TAIL:] if ended.code else "",
        "endings": Counter(launch["what"] for launch in launches),
        "reasons": reasons,
        "listed": [list(line) for line in unlike(listed)],
    }


def unlike(listed: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Leave out what is listed already; of launches whose bits are not fixed, all but the first of a kernel."""
    found: dict[tuple[str, ...], tuple[str, str, str]] = {}
    for line in listed:
        found.setdefault(line[:2] if line[0] == "rounded" else line, line)
    return list(found.values())


def launches_of(log: Path) -> list[dict[str, str]]:
    """Read what a process wrote of its launches, which may have ended within a line."""
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Add up all modules."""
    endings = sum((Counter(x["endings"]) for x in facts), Counter[str]())
    refused, skipped, known = (
        sum((Counter(x["reasons"][what]) for x in facts), Counter[str]()) for what in ("refused", "skipped", "known")
    )
    executed = sum(endings[what] for what in EXECUTED)
    ended = sum(x["exit_code"] == 0 for x in facts)
    claims = (
        Claim("launches", f"{endings.total():,} in {len(facts):,} modules"),
        Claim("executed by their text and natively", rows.share(executed, endings.total())),
        rows.none_of("executions that differ though IEEE 754 fixes every bit", endings["different"], executed),
        Claim("that differ and call functions whose last bits nothing fixes", rows.share(endings["rounded"], executed)),
        Claim("that differ as a known limitation says", rows.share(endings["known"], executed)),
        Claim("that do something undefined by their text", rows.share(endings["fault"], endings.total())),
        Claim("refused by the text engine", rows.share(endings["refused"], endings.total())),
        Claim("too large, too many or not forward", rows.share(endings["skipped"], endings.total())),
        rows.none_of("launches at which the text engine failed", endings["defect"], endings.total()),
        Claim("modules that ended by themselves", f"{ended:,} of {len(facts):,}"),
    )
    listings = (
        *(
            Listing(title, ("module", "kernel", "what was seen"), _listed(facts, what))
            for what, title in LISTED.items()
        ),
        Listing("refused by the text engine", ("reason", "launches"), by_frequency(refused)),
        Listing("known limitations", ("limitation", "launches"), by_frequency(known)),
        Listing("not executed again", ("reason", "launches"), by_frequency(skipped)),
        Listing("modules", ("module", "executed", "equal", "refused", "exit code", "said"), tuple(map(_line, facts))),
    )
    return Conclusion(claims, listings)


def _listed(facts: Sequence[Facts], wanted: str) -> tuple[tuple[str, ...], ...]:
    return tuple((x["module"], kernel, why) for x in facts for what, kernel, why in x["listed"] if what == wanted)


def _line(facts: Facts) -> tuple[str, ...]:
    endings: Counter[str] = Counter(facts["endings"])
    said = facts["said"].strip().splitlines()[-1:]
    counts = (sum(endings[what] for what in EXECUTED), endings["equal"], endings["refused"], facts["exit_code"])
    return (facts["module"], *(f"{count:,}" for count in counts), *(said or [""]))


MEASUREMENT = Measurement(
    name="wheel",
    counts={"modules": len(modules_of_wheel())},
    fixed={"seconds_each": 900},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    sources=("grammar", "oracle", "tests/quality/agreement.py", "tests/quality/wheel_worker.py"),
)
