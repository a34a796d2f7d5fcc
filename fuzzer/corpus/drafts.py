"""Pairs at the speed of Warp's code generation: kernels that nothing has interpreted, and the code that they become.

They are well typed and end, but what they compute may be undefined, and parts of them may do nothing: the records say
``unverified``.
"""

from __future__ import annotations

from fuzzer.corpus.orders import Order
from fuzzer.corpus.recording import SharedSymbol, records_of
from fuzzer.generation.cases import accepted_case
from reports.corpus.records import CorpusRecord


def drafts(order: Order) -> list[tuple[CorpusRecord, ...]]:
    """Make the pairs of an order, in a worker process: a record for each device.

    A kernel that Warp's code generation refuses has none, nor has one whose code differs between processes.
    """
    return [_draft(order, index) for index in range(order.first, order.stop)]


def _draft(order: Order, index: int) -> tuple[CorpusRecord, ...]:
    from oracle.warp.modules import WarpFailed

    case, typing = accepted_case(order.seed, index, order.recipe(index))
    try:
        return records_of(case, typing, order.form.devices, order.form.scope)
    except (WarpFailed, SharedSymbol):
        return ()
