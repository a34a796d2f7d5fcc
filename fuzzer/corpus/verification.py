"""Kernels executed and judged for the corpus: by the text that Warp emits, and a share of them natively.

Which engines verify a kernel follows from its index and from what the text shows, never from time, so that the same
kernels give the same records.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from fuzzer.corpus.orders import Native
from fuzzer.corpus.recording import UNVERIFIED, Agreement, Verification
from fuzzer.generation.repair import Defined
from fuzzer.processes.isolation import Isolated
from oracle.engines import engine_types, engines_of
from oracle.judge import deviation, judge
from oracle.records import Engine, Executed, Judgement, Outcome, TestCase, Verdict
from reports.case_documents import array_document
from reports.corpus.corpus_records import Status

NATIVE, PERIOD = range(10, 20), 160
"""Which kernels of so many are compiled and run natively too, as are those that the text engine cannot tell of. Ten
together take half as long as one by one; an export of a few compiles nothing."""

STATUSES: Mapping[Verdict, Status] = {
    Verdict.AGREE: "accepted",
    Verdict.KNOWN: "known",
    Verdict.DISCREPANCY: "discrepancy",
}
"""What a record is, by the most interesting verdict of its engines."""

TEXT_AND_NATIVE = next((facts.uncompiled, facts.name) for facts in engines_of("cpu") if facts.uncompiled)
"""What executes the C++ text, and what executes it compiled."""

Verdicts = Mapping[int, list[tuple[Judgement, Outcome]]]


def verified(
    made: Sequence[Defined], native: Native, *, isolated: bool, wanted: Collection[int] = ()
) -> list[Verification]:
    """Execute and judge kernels, in a worker process.

    Args:
        made: The kernels, of equal options, with their provenance.
        native: Which of them are run natively too.
        wanted: The places of some that are so in any case, unless none are.
        isolated: Whether native execution runs in children of this process, since something took one down before.
    """
    found: Verdicts = defaultdict(list)
    text, compiled = TEXT_AND_NATIVE
    _judge(engine_types()[text](), range(len(made)), made, found)
    if native != "none":
        share = {place for place, item in enumerate(made) if _is_drawn(item.case) or _is_open(found[place])}
        places = sorted(range(len(made)) if native == "all" else share.union(wanted))
        _judge(_native(compiled, isolated), places, made, found)
    return [_verification(item, found[place]) for place, item in enumerate(made)]


def _native(name: str, isolated: bool) -> Engine:
    factory = engine_types()[name]
    return Isolated(name, factory) if isolated else factory()


def _is_drawn(case: TestCase) -> bool:
    assert case.provenance is not None
    return case.provenance.index % PERIOD in NATIVE


def _is_open(judged: Sequence[tuple[Judgement, Outcome]]) -> bool:
    return all(judgement.verdict not in STATUSES for judgement, _ in judged)


def _judge(engine: Engine, places: Sequence[int], made: Sequence[Defined], found: Verdicts) -> None:
    cases = [made[place].case for place in places]
    outcomes = engine.run_all(cases) if isinstance(engine, Isolated) else engine.run(cases) if cases else []
    for place, outcome in zip(places, outcomes, strict=True):
        item = made[place]
        found[place].append((judge(item.case, engine.name, outcome, item.expectation), outcome))


def _verification(item: Defined, judged: Sequence[tuple[Judgement, Outcome]]) -> Verification:
    worst = max(judgement.verdict for judgement, _ in judged)
    if worst not in STATUSES:
        return UNVERIFIED
    return Verification(
        status=STATUSES[worst],
        outputs=json.dumps({name: array_document(array) for name, array in item.expectation.arrays.items()}),
        agreements=tuple(
            Agreement(judgement.engine, *deviation(item.case, judgement.engine, outcome, item.expectation))
            for judgement, outcome in judged
            if judgement.verdict is Verdict.AGREE and isinstance(outcome, Executed)
        ),
    )
