"""What a fresh process does with a discrepancy: see whether it recurs alone, reduce it, and name its bucket.

What does not recur is ``nondeterministic`` and is kept as it was. What took its process down before runs in children of
this one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fuzzer.reduction.construct import rule_of, signature_of
from fuzzer.processes.isolation import DEADLY, Isolated
from fuzzer.reduction.unreferenced import unreferenced_dropped
from fuzzer.reduction.problem import Problem
from oracle.judge import judge, regime_of
from oracle.records import (
    Engine,
    Failed,
    Finding,
    Judgement,
    Options,
    Outcome,
    Refused,
    TestCase,
    TextDifference,
    TextExcerpt,
    Verdict,
)
from oracle.reference import interpret
from oracle.engines import compiled_by, engine_types, facts_of
from reports.batch_records import Discrepancy

REFUSED = "Error while parsing function"
"""How a refusal of Warp's code generation begins."""

RECURRED = "recurred alone in a fresh process"
UNREAD = f"{RECURRED}; the text that Warp emits was not executed, since not all of it is known of this version: "
IN_TEXT = f"{RECURRED}, in the text that Warp emits; native execution "
BETWEEN_TEXTS = f"{RECURRED}, in the texts that Warp emits for cpu and cuda; neither was executed"
SAYS = {
    Verdict.AGREE: "agrees with the reference",
    Verdict.DISCREPANCY: "departs too",
    Verdict.KNOWN: "departs as a known divergence does",
}
SEEN_ONCE = "seen once, in its batch; not alone"
CUT_SHORT = "seen in its batch; not reduced, because what ran to reduce it did not end by itself"
NO_TIME = "seen in its batch; there was no time to run it alone and to reduce it"


@dataclass(frozen=True)
class Investigation:
    """A discrepancy to look into, and the seconds that its reduction may take; ``hurried`` where it would have more."""

    discrepancy: Discrepancy
    seconds: float
    hurried: bool = False


def investigate(order: Investigation) -> Finding:
    """Confirm, reduce and name a discrepancy in a fresh process."""
    case, judgement = order.discrepancy.case, order.discrepancy.judgement
    engine = engine_named(judgement.engine, judgement.kind)
    again = judged_alone(engine, case)
    if not _departs_alike(again, judgement):
        return _finding(case, replace(judgement, kind="nondeterministic"), SEEN_ONCE)
    deadline = time.monotonic() + order.seconds
    case, judgement = by_text(case, again, engine, deadline) or by_engine(case, again, engine, deadline)
    unfinished = order.hurried and time.monotonic() >= deadline
    evidence, alone = evidence_for(case, judgement)
    finding = replace(_finding(case, judgement, evidence, engine), unfinished=unfinished)
    return replace(finding, excerpt=within_text(case, judgement)) if alone else finding


def by_engine(case: TestCase, judgement: Judgement, engine: Engine, deadline: float) -> tuple[TestCase, Judgement]:
    """Reduce with the engine that shows it; where code generation refuses, nothing needs to be compiled."""
    run = generated if judgement.message.startswith(REFUSED) else engine.run
    problem = Problem(case, judgement, run, deadline)
    problem.reduce()
    return problem.case, problem.judgement


def by_text(case: TestCase, judgement: Judgement, engine: Engine, deadline: float) -> tuple[TestCase, Judgement] | None:
    """Reduce what native execution shows with the text that is emitted, if that shows it too: many times as fast.

    None where it does not, or where native execution no longer shows what is left.
    """
    uncompiled = facts_of(judgement.engine).uncompiled
    if not uncompiled or judgement.kind != "wrong_value":
        return None
    text = engine_named(uncompiled)
    seen = judged_alone(text, case)
    if not _departs_alike(seen, judgement):
        return None
    reduced, _ = by_engine(case, seen, text, deadline)
    confirmed = judged_alone(engine, reduced)
    return (reduced, confirmed) if _departs_alike(confirmed, judgement) else None


def evidence_for(case: TestCase, judgement: Judgement) -> tuple[str, bool]:
    """Say how sure a finding is, and whether nothing shows it but executing the text: so it is run natively.

    What native execution shows is run in the text.
    """
    if uncompiled := facts_of(judgement.engine).uncompiled:
        text = judged_alone(engine_named(uncompiled), case)
        return (UNREAD + text.said if text.verdict is Verdict.UNSUPPORTED else RECURRED), False
    compiled = compiled_by(judgement.engine)
    if compiled is None:
        return RECURRED, False
    if judgement.kind == "target_mismatch":
        return BETWEEN_TEXTS, False
    refused = judgement.kind == "compile_error"
    if not engine_types()[compiled.name].available()[0]:
        return IN_TEXT + "is not possible here", not refused
    verdict = judged_alone(engine_named(compiled.name), case).verdict
    return IN_TEXT + SAYS.get(verdict, "says nothing"), not refused and verdict is not Verdict.DISCREPANCY


def _departs_alike(found: Judgement, wanted: Judgement) -> bool:
    return found.verdict is Verdict.DISCREPANCY and found.kind == wanted.kind


def between_texts(case: TestCase) -> TextDifference | None:
    """Say where the texts for the two targets differ."""
    from oracle.warp.emitted import text_difference

    return text_difference(case)


def within_text(case: TestCase, judgement: Judgement) -> TextExcerpt:
    """Return what the C++ text says where it goes wrong."""
    from oracle.warp.emitted import text_excerpt

    return text_excerpt(case, judgement.line)


def generated(cases: Sequence[TestCase]) -> list[Outcome]:
    """Only generate code: enough to see a refusal, and a hundred times cheaper than compiling."""
    from oracle.warp.text import accepts

    refusals = accepts(cases, "cpu")
    return [Refused("accepted") if message is None else Failed("compile_error", message) for message in refusals]


def engine_named(name: str, kind: str = "") -> Engine:
    """Make an engine by its name; for what fails natively with a deadly kind it runs in children."""
    factory = engine_types()[name]
    return Isolated(name, factory) if kind in DEADLY and compiled_by(name) is None else factory()


def judged_alone(engine: Engine, case: TestCase) -> Judgement:
    """Run one case in one engine and judge it."""
    outcomes: Sequence[Outcome] = engine.run([case])
    return judge(case, engine.name, outcomes[0], interpret(case))


def layer_of(case: TestCase, judgement: Judgement, engine: Engine | None) -> str:
    """Say which layer departs first: the text, what is compiled of it as it stands, or what an optimiser makes of that.

    Before all of them comes the cache, which keeps code under hashes of kernels. Without an engine nothing is run, and
    the layer is that of the engine that showed it.

    What departs from the C++ text is the CUDA text, and what departs from what is known of the C++ text is the front
    end. A text that is not read cannot be told from what is compiled of it by executing both. But of this version of
    Warp all is read that it emits for what is generated here, so what is not read is a form that its front end has not
    had.
    """
    if judgement.kind == "target_mismatch":
        return "cuda_text" if judgement.target == "cuda" else "front_end"
    if judgement.message.startswith(REFUSED):
        return "front_end"
    facts = facts_of(judgement.engine)
    if engine is None:
        return facts.layer
    if judgement.kind != "compile_error" and are_mixed_up(case, engine):
        return "cache"
    if not facts.uncompiled:
        return facts.layer
    text = judged_alone(engine_named(facts.uncompiled), case).verdict
    if text is Verdict.DISCREPANCY:
        return "front_end"
    plain = Options()
    if case.options != plain and judgement.kind != "compile_error":
        relaxed = judged_alone(engine, replace(case, options=plain))
        if relaxed.verdict is not Verdict.DISCREPANCY:
            return "optimiser"
    return "front_end" if text is Verdict.UNSUPPORTED else facts.layer


def are_mixed_up(case: TestCase, engine: Engine) -> bool:
    """Say whether different kernels are taken for one: they share a symbol, and each agrees in a module of its own.

    Kernels that are the same share one rightly; what is wrong with them is wrong in each by itself.
    """
    return share_symbol(case) and all(
        judged_alone(engine, lone).verdict is not Verdict.DISCREPANCY for lone in apart(case)
    )


def share_symbol(case: TestCase) -> bool:
    """Say whether two kernels have one symbol in the text, which is made of their names and hashes."""
    from oracle.warp.text import generate

    symbols = generate(case).symbols.values()
    return len(set(symbols)) < len(symbols)


def apart(case: TestCase) -> Iterator[TestCase]:
    """Yield each launch as a test case of its own, with its kernel alone, on what the launches before it leave."""
    contents = case.contents
    for launch in case.launches:
        buffers = tuple(replace(b, columns=tuple(contents[name] for name in b.named)) for b in case.buffers)
        lone = unreferenced_dropped(replace(case, buffers=buffers, launches=(launch,)))
        yield lone
        contents |= interpret(lone).arrays


def _finding(case: TestCase, judgement: Judgement, evidence: str, engine: Engine | None = None) -> Finding:
    bounds = interpret(case, regime_of(case, judgement.engine))
    return Finding(
        signature=signature_of(case, judgement, layer_of(case, judgement, engine)),
        case=case,
        engine=judgement.engine,
        mismatches=judgement.mismatches,
        message=judgement.said,
        rule=rule_of(case, judgement.kind),
        evidence=evidence,
        expected=bounds.arrays,
        radii=bounds.radii,
        difference=between_texts(case) if engine and judgement.kind == "target_mismatch" else None,
    )


def unreduced(discrepancy: Discrepancy, evidence: str) -> Finding:
    """Name a discrepancy as it was found; it runs nothing."""
    return _finding(discrepancy.case, discrepancy.judgement, evidence)
