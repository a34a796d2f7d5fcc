"""Pairs at the speed of Warp's code generation: kernels that nothing has interpreted, and the code that they become.

They are well typed and end, but what they compute may be undefined, and parts of them may do nothing: the records say
``unverified``.
"""

from __future__ import annotations

from fuzzer.corpus.orders import Order
from fuzzer.corpus.recording import SharedSymbol, records_of
from fuzzer.generation.cases import accepted_case
from reports.corpus.corpus_records import CorpusRecord


def drafts(order: Order) -> list[tuple[CorpusRecord, ...]]:
    """Make the pairs of an order, in a worker process: of each kernel that has one, a record for each device."""
    return [pair for index in range(order.first, order.stop) if (pair := draft(order, index))]


def draft(order: Order, index: int) -> tuple[CorpusRecord, ...]:
    """Make the pair of a kernel of an order.

    One that Warp's code generation refuses has none, nor has one whose code differs between processes.
    """
    from oracle.warp.modules import WarpFailed

    case, typing = accepted_case(order.seed, index, order.recipe(index))
    try:
        return records_of(case, typing, order.form.devices, order.form.scope)
    except (WarpFailed, SharedSymbol):
        return ()
