"""The command ``export``: verified kernels with their generated code as a dataset, or as one file for each device.

The kernels are those that a campaign accepted, or freshly generated ones. Workers make them in parts, which are kept
until the export is finished: the same command goes on where an interrupted one was, and gives the same bytes. Kernels
of a person's source tree come as they are, unverified, and are made anew each time: what they are depends on all that
their modules import, which no part could be told by.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from fuzzer.campaigns.progress import Step
from fuzzer.corpus.assembly import Assembly
from fuzzer.corpus.folders import own_folders
from fuzzer.corpus.gates import NOT_DONE, Promise, passed
from fuzzer.corpus.harvest import Harvest
from fuzzer.corpus.making import Made, fresh_kernels, stored_kernels
from fuzzer.corpus.orders import Order, StoredOrder
from fuzzer.corpus.overlap import wheel_kernels
from fuzzer.corpus.production import Parts, produced
from fuzzer.corpus.recording import Scope, scoped
from fuzzer.corpus.request import Request
from fuzzer.corpus.unfinished import Outputs, Unfinished, unfinished
from grammar.errors import UserError
from oracle.records import Verdict
from reports.corpus.dataset import finish
from reports.corpus.fingerprints import fingerprint
from reports.corpus.schemas import schema_of
from reports.corpus.statistics import Statistics
from reports.store import Store

CHUNK = 40
"""Kernels of a part: those that run natively are compiled together, and a worker is busy for seconds."""


def export(request: Request, step: Step) -> dict[str, Any]:
    """Make, execute, select and write the kernels of an export; give the document of its statistics.

    ``step`` is told how many files of Warp were read, how many kernels made, and how many records checked.

    Raises:
        UserError: A target is taken, a file cannot be written or read, a library is missing, there is nothing to
            export, or a record is not what the export promises. What was there stays as it was, what was made so far
            is kept for the next try, and nothing unfinished looks whole.
    """
    with unfinished(request) as export:
        document = export.statistics
        if document is None:
            document = _made(export, step)
            export.complete(document)
        export.give_names()
    return document


def _made(export: Unfinished, step: Step) -> dict[str, Any]:
    """Write everything under temporary names, and give the statistics."""
    request = export.request
    with ExitStack() as stack:
        outputs = Outputs(export, stack)
        document = _written(request, export.parts, outputs, step)
        outputs.finish()
        document["gates"] = _gated(request, outputs, lambda count: step("records checked", count, document["records"]))
        document["gates_not_done"] = dict(NOT_DONE[request.source])
        outputs.write_statistics(document)
    if outputs.shards is not None:
        finish(
            export.dataset,
            shards=outputs.shards.complete,
            statistics=document,
            schema=schema_of(request.schema),
            settings=request.settings,
            versions=request.versions,
        )
    return document


def _written(request: Request, parts: Parts, outputs: Outputs, step: Step) -> dict[str, Any]:
    """Write the records of the kernels that are kept, and give their statistics."""
    statistics = Statistics()
    in_wheel = None if request.harvest else partial(wheel_kernels, request.workers, step)
    assembly = Assembly(in_wheel, request.splits)
    percent = 0
    with closing(_kernels(request, parts, step)) as kernels:
        for records in assembly.kept(kernels):
            for record in filter(outputs.write, records):
                statistics.add(record)
            if outputs.are_limited:
                step("percent of the files", outputs.percent - percent, 100)
                percent = outputs.percent
            if outputs.are_full:
                break
    if not statistics.records:
        raise UserError(f"there is no record to export: of {assembly.kernels} kernels none was left")
    return statistics.document(assembly.dropped) | {"kernels": assembly.kernels}


def _gated(request: Request, outputs: Outputs, step: Callable[[int], None]) -> dict[str, int]:
    """Read everything again."""
    promise = Promise(request.source, request.form, own_folders(), request.categories)
    found = passed(outputs.parts, outputs.whole, request.workers, step, promise)
    return {str(gate): count for gate, count in found.items()}


def _kernels(request: Request, parts: Parts, step: Step) -> Generator[Made]:
    if request.harvest is not None:
        harvest = Harvest(request.harvest, request.form.devices, request.workers, step)
        yield from _harvested(harvest, request.form.scope)
        return
    of_campaign = _stored_orders(request), stored_kernels
    orders, make = of_campaign if request.campaign is not None else (_fresh_orders(request), fresh_kernels)
    total = _total(request)
    with closing(produced(orders, make, parts, request.workers)) as kernels:
        for made in kernels:
            if total is not None:
                step("kernels made", 1, total)
            yield made


def _total(request: Request) -> int | None:
    """Return how many kernels will be made; None where files end the export."""
    if request.campaign is None:
        return request.count
    with closing(Store.open(request.campaign)) as store:
        counts = store.categories(Verdict.AGREE)
    there = sum(count for category, count in counts.items() if not request.only or category in request.only)
    return there if request.count is None else min(there, request.count)


def _fresh_orders(request: Request) -> Iterator[Order]:
    for first in itertools.count(0, CHUNK):
        if request.count is not None and first >= request.count:
            return
        stop = first + CHUNK if request.count is None else min(first + CHUNK, request.count)
        yield Order(request.seed, request.categories, first, stop, request.form)


def _stored_orders(request: Request) -> Iterator[StoredOrder]:
    assert request.campaign is not None
    with closing(Store.open(request.campaign)) as store:
        agreed = store.kernels(Verdict.AGREE)
        wanted = (kernel for kernel in agreed if not request.only or kernel.category in request.only)
        kernels = itertools.islice(wanted, request.count)
        chunk = tuple(itertools.islice(kernels, CHUNK))
        if not chunk:
            of = f" of {', '.join(request.only)}" if request.only else ""
            raise UserError(
                f"{request.campaign} has no kernel{of} that its engines agreed on, so nothing can be exported"
            )
        while chunk:
            yield StoredOrder(chunk, request.form)
            chunk = tuple(itertools.islice(kernels, CHUNK))


def _harvested(harvest: Harvest, scope: Scope) -> Iterator[Made]:
    for _, group in itertools.groupby(harvest, key=lambda record: record.origin):
        records = tuple(scoped(record, scope) for record in group)
        yield Made(records[0].cluster_id, fingerprint(records[0].python_source).text(), (), records)
    for left in harvest.left_out:
        yield Made("", "", (), (), left.reason)
