"""What a fresh process does with a discrepancy: see whether it recurs alone, reduce it, and name its bucket.

The process is used once, so nothing that ran before can be the cause. What does not recur is ``nondeterministic`` and
is kept as it was.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fuzzer.batches import Discrepancy, attributed
from fuzzer.reduction.construct import rule_of, signature_of
from fuzzer.reduction.problem import Problem
from fuzzer.worker import mark
from oracle.judge import judge
from oracle.records import Engine, Failed, Finding, Judgement, Options, Outcome, Refused, TestCase, Verdict
from oracle.reference import STRICT, WEAK, interpret

REFUSED = "Error while parsing function"
"""How a refusal of Warp's code generation begins."""

RECURRED = "recurred alone in a fresh process"
SEEN_ONCE = "seen once, in its batch; not alone"

LAYERS = {"warp-cpu": "native", "nvrtc": "nvrtc", "cuda": "gpu"}


@dataclass(frozen=True)
class Investigation:
    """A discrepancy to look into, and the seconds that its reduction may take."""

    discrepancy: Discrepancy
    seconds: float


def investigate(order: Investigation) -> Finding:
    """Confirm, reduce and name a discrepancy in a fresh process."""
    case, judgement = order.discrepancy.case, order.discrepancy.judgement
    engine = engine_named(judgement.engine)
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


def fails_alone(case: TestCase) -> Judgement:
    """Run a case that took its process down once more, alone; whoever waits sees whether it does again."""
    mark("warp-cpu 0")
    return judged_alone(engine_named("warp-cpu"), case)


def engine_named(name: str) -> Engine:
    """Make an engine by its name."""
    from oracle.warp.cuda import Cuda
    from oracle.warp.native import WarpCpu
    from oracle.warp.nvrtc import Nvrtc

    engines: dict[str, type[WarpCpu | Nvrtc | Cuda]] = {"warp-cpu": WarpCpu, "nvrtc": Nvrtc, "cuda": Cuda}
    return engines[name]()


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


def failure_finding(case: TestCase, judgement: Judgement) -> Finding:
    """Name a crash or hang without running it: nothing of it can be run in this process."""
    alone = judgement.kind != "nondeterministic"
    return _finding(case, judgement, RECURRED if alone else SEEN_ONCE)
