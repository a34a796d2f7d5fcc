"""What a fresh process does with a discrepancy: see whether it recurs alone, reduce it, and name its bucket.

What does not recur is ``nondeterministic`` and is kept as it was. What took its process down before runs in children of
this one.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fuzzer.batches import Discrepancy, attributed
from fuzzer.reduction.construct import rule_of, signature_of
from fuzzer.reduction.isolation import DEADLY, Isolated
from fuzzer.reduction.problem import Problem
from oracle.judge import judge
from oracle.records import Engine, Failed, Finding, Judgement, Options, Outcome, Refused, TestCase, Verdict
from oracle.reference import STRICT, WEAK, interpret

REFUSED = "Error while parsing function"
"""How a refusal of Warp's code generation begins."""

RECURRED = "recurred alone in a fresh process"
SEEN_ONCE = "seen once, in its batch; not alone"
CUT_SHORT = "seen in its batch; not reduced, because what ran to reduce it did not end by itself"

LAYERS = {"warp-cpu": "native", "nvrtc": "nvrtc", "cuda": "gpu"}


@dataclass(frozen=True)
class Investigation:
    """A discrepancy to look into, and the seconds that its reduction may take."""

    discrepancy: Discrepancy
    seconds: float


def investigate(order: Investigation) -> Finding:
    """Confirm, reduce and name a discrepancy in a fresh process."""
    case, judgement = order.discrepancy.case, order.discrepancy.judgement
    engine = engine_named(judgement.engine, judgement.kind)
    again = judged_alone(engine, case)
    if again.verdict is not Verdict.DISCREPANCY or again.kind != judgement.kind:
        return _finding(case, replace(judgement, kind="nondeterministic"), SEEN_ONCE)
    run = generated if again.message.startswith(REFUSED) else engine.run
    problem = Problem(case, again, run, time.monotonic() + order.seconds)
    problem.reduce()
    return _finding(problem.case, problem.judgement, RECURRED, engine)


def generated(cases: Sequence[TestCase]) -> list[Outcome]:
    """Only generate code: enough to see a refusal, and a hundred times cheaper than compiling."""
    from oracle.warp.text import accepts

    refusals = accepts(cases, "cpu")
    return [Refused("accepted") if message is None else Failed("compile_error", message) for message in refusals]


def engine_named(name: str, kind: str = "") -> Engine:
    """Make an engine by its name; for what fails with a deadly kind it runs in children."""
    from oracle.warp.cuda import Cuda
    from oracle.warp.native import WarpCpu
    from oracle.warp.nvrtc import Nvrtc

    engines: dict[str, type[WarpCpu | Nvrtc | Cuda]] = {"warp-cpu": WarpCpu, "nvrtc": Nvrtc, "cuda": Cuda}
    return Isolated(name, engines[name]) if kind in DEADLY else engines[name]()


def judged_alone(engine: Engine, case: TestCase) -> Judgement:
    """Run one case in one engine and judge it."""
    outcomes: Sequence[Outcome] = engine.run([case])
    return attributed(case, judge(case, engine.name, outcomes[0], interpret(case)), engine)


def layer_of(case: TestCase, judgement: Judgement, engine: Engine | None) -> str:
    """Say which layer departs first, as far as the engines of today can tell."""
    if judgement.kind == "compile_error" and judgement.engine == "warp-cpu":
        return "front_end" if judgement.message.startswith(REFUSED) else "native"
    plain = Options()
    if engine is not None and judgement.engine == "warp-cpu" and case.options != plain:
        relaxed = judged_alone(engine, replace(case, options=plain))
        if relaxed.verdict is not Verdict.DISCREPANCY:
            return "optimiser"
    return LAYERS[judgement.engine]


def _finding(case: TestCase, judgement: Judgement, evidence: str, engine: Engine | None = None) -> Finding:
    bounds = interpret(case, STRICT if case.options.exact and judgement.engine == "warp-cpu" else WEAK)
    return Finding(
        signature=signature_of(case, judgement, layer_of(case, judgement, engine)),
        case=case,
        engine=judgement.engine,
        mismatches=judgement.mismatches,
        message=judgement.message,
        rule=rule_of(case),
        evidence=evidence,
        expected=bounds.arrays,
        radii=bounds.radii,
    )


def unreduced(discrepancy: Discrepancy, evidence: str) -> Finding:
    """Name a discrepancy as it was found; it runs nothing."""
    return _finding(discrepancy.case, discrepancy.judgement, evidence)
