"""What a worker process makes of kernels for the corpus: each is executed and judged before it becomes records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fuzzer.campaigns.stored import expectation_of
from fuzzer.corpus.identities import identity_of
from fuzzer.corpus.orders import Form, Order, StoredOrder
from fuzzer.corpus.overlap import lone_kernels
from fuzzer.corpus.recording import SharedSymbol, Verification, records_of
from fuzzer.corpus.verification import TEXT_AND_NATIVE, verified
from fuzzer.generation.cases import deep_case
from fuzzer.generation.repair import Defined
from oracle.records import Options, TestCase, Verdict
from reports.batch_records import KernelRecord
from reports.corpus.corpus_records import CorpusRecord
from reports.corpus.fingerprints import fingerprint, structural_identity

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
