"""The row ``text``: the text that Warp emits, executed in Python, gives what its native code gives, bit by bit.

The batches of a hunt, deep kernels and sweeps alike, are run twice with the options that were drawn for them: by their
text, and natively. Where all buffers are equal bit by bit, no judge is asked; else both outcomes are judged by the
reference, so that what differs lies within bounds, is a known limitation, or remains unexplained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from fuzzer.campaigns.hunting import generate_batch
from fuzzer.campaigns.policy import settled
from fuzzer.campaigns.reach import covered_by
from fuzzer.campaigns.schedule import BATCH
from fuzzer.campaigns.settings import Settings as HuntSettings
from fuzzer.generation.repair import Defined
from fuzzer.processes.isolation import Isolated
from grammar.ops import TABLE
from oracle.engines import engine_types
from oracle.judge import UNPROMISED, judge
from oracle.records import Engine, Executed, Failed, Judgement, Outcome, Verdict
from tests.quality import rows
from tests.quality.agreement import SHOWN, alike, by_frequency, is_fixed, same_buffers
from tests.quality.rows import SOURCES, Claim, Conclusion, Facts, Listing, Measurement, Settings

EQUAL, WITHIN, KNOWN, UNEXPLAINED, UNREAD = "equal", "within bounds", "known", "unexplained", "not read"
BEHIND = "behind a known limitation"

REASONED = (KNOWN, BEHIND, UNREAD, WITHIN)
"""Endings whose reasons are counted."""

Ending = tuple[str, str]
"""What became of a kernel, and why."""


def pieces(settings: Settings) -> list[Settings]:
    """Cut the kernels into batches."""
    return rows.chunks(settings, "kernels", BATCH)


def measure(piece: Settings) -> Facts:
    """Run a batch both ways and count how its kernels ended; native execution is in a child, for it may die."""
    hunt = HuntSettings(seconds=1, seed=piece["seed"], workers=1)
    items = islice(generate_batch(hunt, piece["start"] // BATCH), piece["stop"] - piece["start"])
    made = [item.defined for item in items if not isinstance(item, str)]
    text, native = engine_types()["warp-text"](), Isolated("warp-cpu", engine_types()["warp-cpu"])
    cases = [defined.case for defined in made]
    outcomes = list(zip(text.run(cases), native.run_all(cases), strict=True)) if cases else []
    endings = [ending_of(d, both, (text, native)) for d, both in zip(made, outcomes, strict=True)]
    return facts_of(made, outcomes, endings)


def ending_of(defined: Defined, outcomes: tuple[Outcome, Outcome], engines: tuple[Engine, Engine]) -> Ending:
    """Say what a kernel's outcomes, by text and natively, come to."""
    by_text, natively = outcomes
    if (
        isinstance(by_text, Executed)
        and isinstance(natively, Executed)
        and same_buffers(by_text.arrays, natively.arrays)
    ):
        return EQUAL, ""
    judged = settled([_judged(defined, outcome, engine) for outcome, engine in zip(outcomes, engines, strict=True)])
    wrong = [j for j in judged if j.verdict in (Verdict.INVALID, Verdict.UNCOMPARED, Verdict.DISCREPANCY)]
    if wrong and all(j.message.endswith(UNPROMISED) for j in wrong):
        return BEHIND, ", ".join(sorted({j.message.removesuffix(UNPROMISED).strip() for j in wrong}))
    if wrong:
        return UNEXPLAINED, "; ".join(f"{j.engine}: {j.kind} {j.message}" for j in wrong)
    if judged[0].verdict is Verdict.UNSUPPORTED and not isinstance(natively, Failed):
        return UNREAD, alike(judged[0].message.partition(": ")[2])
    limitations = sorted({j.limitation for j in judged if j.limitation})
    if limitations:
        return KNOWN, ", ".join(limitations)
    return WITHIN, "not fused" if defined.case.options.exact else "fused"


def _judged(defined: Defined, outcome: Outcome, engine: Engine) -> Judgement:
    return judge(defined.case, engine.name, outcome, defined.expectation)


def facts_of(made: Sequence[Defined], outcomes: Sequence[tuple[Outcome, Outcome]], endings: Sequence[Ending]) -> Facts:
    """Count endings and their reasons, and the operations without fixed bits in what was executed both ways."""
    executed = [all(isinstance(outcome, Executed) for outcome in both) for both in outcomes]
    reasons: dict[str, Counter[str]] = {what: Counter() for what in REASONED}
    operations: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for defined, ran, (what, why) in zip(made, executed, endings, strict=True):
        if what in reasons:
            reasons[what][why] += 1
        if ran:
            operations.update(_operations(defined))
        if what == WITHIN:
            differing.update(_operations(defined))
    return {
        "kernels": len(made),
        "rejected": sum(isinstance(native, Failed) and native.kind == "compile_error" for _, native in outcomes),
        "executed": Counter(what for ran, (what, _) in zip(executed, endings, strict=True) if ran),
        "endings": Counter(what for what, _ in endings),
        "reasons": reasons,
        "unexplained": [[_name(d), why] for d, (what, why) in zip(made, endings, strict=True) if what == UNEXPLAINED],
        "operations": operations,
        "differing": differing,
    }


def _operations(defined: Defined) -> set[str]:
    """The operations in a test case, each with its scalar type, whose last bits nothing fixes."""
    operations: Counter[str] = Counter()
    covered_by(defined, operations, Counter())
    return {name for name in operations if not is_fixed(TABLE[name.partition("[")[0]])}


def _name(defined: Defined) -> str:
    provenance = defined.case.provenance
    return f"{provenance.origin} {provenance.index}" if provenance else "a case"


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Add up all batches."""
    kernels, rejected = sum(x["kernels"] for x in facts), sum(x["rejected"] for x in facts)
    executed, endings = _sum(x["executed"] for x in facts), _sum(x["endings"] for x in facts)
    known, behind, unread, within = (_sum(x["reasons"][name] for x in facts) for name in REASONED)
    differing, operations = _sum(x["differing"] for x in facts), _sum(x["operations"] for x in facts)
    others = executed.total() - executed[EQUAL]
    unexplained = [(name, why) for x in facts for name, why in x["unexplained"]]
    claims = (
        Claim("kernels executed by their text and natively", rows.share(executed.total(), kernels)),
        Claim("of these equal bit by bit in every buffer", rows.share(executed[EQUAL], executed.total())),
        Claim("of the others, within the reference's bounds", rows.share(executed[WITHIN], others)),
        Claim("of the others, explained by a known limitation", rows.share(executed[KNOWN], others)),
        Claim(
            "of the others, behind a known limitation, where nothing is promised", rows.share(executed[BEHIND], others)
        ),
        rows.none_of("kernels whose difference or failure is unexplained", len(unexplained), kernels),
        rows.at_most("accepted kernels that the text engine refuses", endings[UNREAD], kernels - rejected, 0.5),
        Claim("kernels that Warp or its compiler refuses", rows.share(rejected, kernels)),
    )
    shares = sorted(differing, key=lambda name: (-differing[name] / operations[name], name))
    lines = tuple((name, f"{differing[name]:,}", rows.share(differing[name], operations[name])) for name in shares)
    listings = (
        Listing("refused by the text engine", ("reason", "kernels"), by_frequency(unread)),
        Listing("known limitations", ("limitation", "kernels"), by_frequency(known)),
        Listing("behind a known limitation", ("limitation", "kernels"), by_frequency(behind)),
        Listing("differ within bounds", ("compiled", "kernels"), by_frequency(within)),
        Listing(
            "operations without fixed bits in kernels that differ within bounds",
            ("operation", "kernels that differ", "of all with it"),
            lines[:SHOWN],
        ),
        Listing("unexplained", ("kernel", "why"), tuple(unexplained)),
    )
    return Conclusion(claims, listings)


def _sum(counters: Iterable[Mapping[str, int]]) -> Counter[str]:
    return sum(map(Counter, counters), Counter[str]())


MEASUREMENT = Measurement(
    name="text",
    counts={"kernels": 20_000},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    sources=(*SOURCES, "tests/quality/agreement.py"),
)
