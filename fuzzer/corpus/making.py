"""What a worker process makes of kernels for the corpus: each is executed and judged before it becomes records.

Which engines verify a kernel follows from its index and from what the text shows, never from time, so that the same
kernels give the same records.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from fuzzer.campaigns.stored import expectation_of
from fuzzer.corpus.orders import Form, Native, Order, StoredOrder
from fuzzer.corpus.overlap import lone_kernels
from fuzzer.corpus.recording import UNVERIFIED, Agreement, SharedSymbol, Verification, identity_of, records_of
from fuzzer.generation.cases import deep_case
from fuzzer.generation.repair import Defined
from fuzzer.processes.isolation import Isolated
from oracle.engines import engine_types, engines_of
from oracle.judge import deviation, judge
from oracle.records import Engine, Executed, Judgement, Options, Outcome, TestCase, Verdict
from reports.batch_records import KernelRecord
from reports.case_documents import array_document
from reports.corpus.corpus_records import CorpusRecord, Status
from reports.corpus.fingerprints import fingerprint, structural_identity

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


SHARED = "two kernels of one hash"
"""Why a kernel is left out whose code differs between processes."""

ONE_DEVICE = "not executed for one device"
"""Why a kernel has no record for a device whose code nothing has executed or compared."""


@dataclass(frozen=True)
class Made:
    """A kernel and its records, or why it has none.

    Attributes:
        identity: The id of the kernel, for all devices.
        fingerprint: What it is compared by: the text of a ``reports.corpus.fingerprints.Fingerprint``.
        shapes: The structural identities of its single kernels, to be compared with those of the Warp wheel.
        records: One for each device; none where it is left out.
        left_out: Why it is, for a device or for all: its status, SHARED or ONE_DEVICE; "" where it is not.
    """

    identity: str
    fingerprint: str
    shapes: tuple[str, ...]
    records: tuple[CorpusRecord, ...]
    left_out: str = ""


def fresh_kernels(order: Order) -> list[Made]:
    """Make, execute and judge the kernels of an order."""
    indices = range(order.first, order.stop)
    kernels = [deep_case(order.seed, index, order.recipe(index)).defined for index in indices]
    return _made(kernels, verified(kernels, order.form.native, isolated=order.isolated), order.form)


def stored_kernels(order: StoredOrder) -> list[Made]:
    """Execute and judge kernels of a campaign once more, all with the options that a corpus has.

    What a campaign has seen at other options holds for those: where it has run a kernel natively at them, so does this.
    """
    stored = [kernel.case for kernel in order.kernels]
    kernels = [_defined(kernel.index, case) for kernel, case in zip(order.kernels, stored, strict=True)]
    agreed = list(map(_agreed, order.kernels))
    same = [case.options == Options() for case in stored]
    _, native = TEXT_AND_NATIVE
    wanted = [place for place, engines in enumerate(agreed) if native in engines and not same[place]]
    found = verified(kernels, order.form.native, isolated=order.isolated, wanted=wanted)
    found = [
        replace(item, before=engines) if is_same else item
        for item, engines, is_same in zip(found, agreed, same, strict=True)
    ]
    return _made(kernels, found, order.form)


def _defined(index: int, stored: TestCase) -> Defined:
    case = replace(stored, options=Options())
    return Defined(case, expectation_of(case, f"kernel {index} of the campaign"), 0, ())


def _agreed(kernel: KernelRecord) -> tuple[str, ...]:
    """Name the engines that executed a kernel of a campaign and agreed."""
    return tuple(verdict.engine for verdict in kernel.verdicts if verdict.verdict is Verdict.AGREE)


def _made(kernels: Sequence[Defined], found: Sequence[Verification], form: Form) -> list[Made]:
    identities = [identity_of(item.case) for item in kernels]
    return [_one(*of, form) for of in zip(kernels, identities, found, strict=True)]


def _one(item: Defined, identity: str, verification: Verification, form: Form) -> Made:
    if verification.status != "accepted":
        return Made(identity, "", (), (), verification.status)
    devices = tuple(filter(verification.engines, form.devices))
    if not devices:
        return Made(identity, "", (), (), ONE_DEVICE)
    try:
        records = records_of(item.case, item.expectation.typing, devices, form.scope, verification)
    except SharedSymbol:
        return Made(identity, "", (), (), SHARED)
    shapes = tuple(map(structural_identity, lone_kernels(item.case.module)))
    left_out = "" if devices == form.devices else ONE_DEVICE
    return Made(identity, fingerprint(item.case.module).text(), shapes, records, left_out)
