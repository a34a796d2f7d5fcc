"""The row ``mutants``: a mistake planted in our own reference is noticed, by a hunt or by the tests.

The hunt is cheap, because Warp runs once: the outcomes of some batches that agree with the right reference are judged
again by the mistaken one, and one that no longer agrees has noticed it. The tests run in a process of their own, for
half a minute and more, so they are asked about those mutants alone that the hunt does not notice.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

from fuzzer.campaigns.hunting import generate_batch
from fuzzer.campaigns.settings import Settings as HuntSettings
from fuzzer.generation.repair import Defined
from oracle.judge import judge
from oracle.records import Outcome, Verdict
from oracle.reference import Undefined, interpret
from tests.quality import rows
from tests.quality.mutants import Mutant
from tests.quality.operation_mutants import OPERATION_MUTANTS
from tests.quality.rows import ROOT, SOURCES, Claim, Conclusion, Facts, Listing, Measurement, Settings
from tests.quality.rule_mutants import RULE_MUTANTS

NOTHING = Mutant("nothing", contextlib.nullcontext)
"""The control: what notices this one notices nothing else either."""

MUTANTS: dict[str, Mutant] = {mutant.name: mutant for mutant in (NOTHING, *OPERATION_MUTANTS, *RULE_MUTANTS)}

TESTS = ("tests/grammar", "tests/oracle")
"""The tests that are asked: those of what mutants change. Tests that run Warp are left out."""

FEW = 10
"""Mutants per piece: a worker runs Warp once for all its pieces."""

Agreed = tuple[Defined, Outcome]


def pieces(settings: Settings) -> list[Settings]:
    """Cut the mutants into groups, every so many of them where not all are wanted."""
    real = [name for name in MUTANTS if name != NOTHING.name]
    names = [NOTHING.name, *real[:: max(1, round(len(real) / settings["mutants"]))]]
    hunt = {name: settings[name] for name in ("batches", "seed")}
    return [{**hunt, "mutants": names[start : start + FEW]} for start in range(0, len(names), FEW)]


def measure(piece: Settings) -> Facts:
    """Ask the hunt about each mutant of a group, and the tests about each that it does not notice."""
    found = agreed(piece["seed"], piece["batches"])
    noticed = {}
    for name in piece["mutants"]:
        by_hunt = noticed_by_hunt(MUTANTS[name], found)
        noticed[name] = {"hunt": by_hunt, "tests": "" if by_hunt else noticed_by_tests(name)}
    return {"noticed": noticed, "cases": len(found)}


@cache
def agreed(seed: int, batches: int) -> tuple[Agreed, ...]:
    """Run the first batches of a hunt and give the test cases whose outcome agrees with the reference."""
    from oracle.warp.native import WarpCpu

    found: list[Agreed] = []
    for batch in range(batches):
        settings = HuntSettings(seconds=1, seed=seed, workers=1)
        made = [item.defined for item in generate_batch(settings, batch) if not isinstance(item, str)]
        for defined, outcome in zip(made, WarpCpu().run([item.case for item in made]), strict=True):
            if judge(defined.case, WarpCpu.name, outcome, defined.expectation).verdict is Verdict.AGREE:
                found.append((defined, outcome))
    return tuple(found)


def noticed_by_hunt(mutant: Mutant, found: Sequence[Agreed]) -> str:
    """Judge outcomes with a mutant planted; gives the first case that no longer agrees, "" if all do."""
    for defined, outcome in found:
        with mutant.planted():
            if not _agrees(defined, outcome):
                provenance = defined.case.provenance
                return f"{provenance.origin} {provenance.index}" if provenance else "a case"
    return ""


def _agrees(defined: Defined, outcome: Outcome) -> bool:
    try:
        expectation = interpret(defined.case)
        return judge(defined.case, "warp-cpu", outcome, expectation).verdict is Verdict.AGREE
    except (Undefined, TypeError, ValueError, AttributeError, ArithmeticError, LookupError, AssertionError):
        return False  # a mistaken reference may fail in any way, which is noticed at once


def noticed_by_tests(name: str, tests: Sequence[str] = TESTS) -> str:
    """Run the tests with a mutant planted until one fails; gives that test, "" if none does."""
    options = [
        "-x",
        "-q",
        "-m",
        "not warp and not slow and not cuda",
        "-p",
        "no:cacheprovider",
        "--no-header",
        "--tb=no",
        "-rfE",
    ]
    command = [sys.executable, "-m", "pytest", "-p", "tests.quality.planted", *options, *tests]
    environment = os.environ | {"MUTANT": name}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if ended.returncode and not failed:
        raise RuntimeError(f"the tests could not be run:\n{ended.stdout}{ended.stderr}")
    return failed[0].split(" - ")[0].partition(" ")[2] if failed else ""


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Count the mutants that anything noticed."""
    noticed = {name: by for x in facts for name, by in x["noticed"].items()}
    lines = tuple((name, by["hunt"] or "-", by["tests"] or "-") for name, by in noticed.items())
    control = noticed.pop(NOTHING.name)
    unhunted = [name for name, by in noticed.items() if not by["hunt"]]
    missed = [name for name in unhunted if not noticed[name]["tests"]]
    claims = (
        Claim(
            "what notices the control",
            ", ".join(filter(None, control.values())) or "nothing",
            "nothing",
            not any(control.values()),
        ),
        rows.at_least("mutants that are noticed", len(noticed) - len(missed), len(noticed), 95),
        Claim("by the hunt", rows.share(len(noticed) - len(unhunted), len(noticed))),
        Claim("of the others by the tests", rows.share(len(unhunted) - len(missed), len(unhunted))),
        Claim("test cases that are judged again", f"{min(x['cases'] for x in facts)}"),
        Claim("not noticed", ", ".join(missed) or "none"),
    )
    return Conclusion(claims, (Listing("who noticed a mutant first", ("mutant", "hunt", "tests"), lines),))


PARTS = ("mutants", "operation_mutants", "rule_mutants", "mistakes", "planted")

MEASUREMENT = Measurement(
    name="mutants",
    counts={"mutants": len(MUTANTS) - 1, "batches": 24},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    sources=(*SOURCES, *TESTS, *(f"tests/quality/{name}.py" for name in PARTS)),
)
