"""What a worker process makes of kernels for the corpus: each is executed and judged before it becomes records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fuzzer.corpus.identities import identity_of
from fuzzer.corpus.orders import Form, Order, StoredOrder
from fuzzer.corpus.overlap import lone_kernels
from fuzzer.corpus.recording import SharedSymbol, Verification, records_of
from fuzzer.corpus.verification import verified
from fuzzer.generation.cases import deep_case
from fuzzer.generation.repair import Defined
from fuzzer.stored import expectation_of
from oracle.records import Options
from reports.batches import KernelRecord
from reports.corpus.fingerprints import fingerprint, structural_identity
from reports.corpus.records import CorpusRecord

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
    return _made(kernels, order.form, isolated=order.isolated)


def stored_kernels(order: StoredOrder) -> list[Made]:
    """Execute and judge kernels of a campaign once more, all with the options that a corpus has."""
    return _made([_defined(kernel) for kernel in order.kernels], order.form, isolated=order.isolated)


def _defined(kernel: KernelRecord) -> Defined:
    case = replace(kernel.case, options=Options())
    return Defined(case, expectation_of(case, f"kernel {kernel.index} of the campaign"), 0, ())


def _made(kernels: Sequence[Defined], form: Form, *, isolated: bool) -> list[Made]:
    identities = [identity_of(item.case) for item in kernels]
    found = verified(kernels, isolated=isolated)
    return [_one(*of, form) for of in zip(kernels, identities, found, strict=True)]


def _one(item: Defined, identity: str, verification: Verification, form: Form) -> Made:
    if verification.status != "accepted":
        return Made(identity, "", (), (), verification.status)
    devices = tuple(filter(verification.of, form.devices))
    if not devices:
        return Made(identity, "", (), (), ONE_DEVICE)
    try:
        records = records_of(item.case, item.expectation.typing, devices, form.scope, verification)
    except SharedSymbol:
        return Made(identity, "", (), (), SHARED)
    shapes = tuple(map(structural_identity, lone_kernels(item.case.module)))
    left_out = "" if devices == form.devices else ONE_DEVICE
    return Made(identity, fingerprint(item.case.module).text(), shapes, records, left_out)
