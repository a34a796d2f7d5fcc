"""The command ``export``: verified kernels with their generated code as a dataset, or as one file for each device.

The kernels are those that a campaign accepted, or freshly generated ones. Workers make them in parts, which are kept
until the export is finished: the same command goes on where an interrupted one was, and gives the same bytes. Kernels
of a person's source tree come as they are, unverified.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from fuzzer.corpus.assembly import Assembly
from fuzzer.corpus.gates import Promise, passed
from fuzzer.corpus.harvest import harvested
from fuzzer.corpus.making import Made, fresh_kernels, stored_kernels
from fuzzer.corpus.orders import Order, StoredOrder
from fuzzer.corpus.overlap import wheel_kernels
from fuzzer.corpus.parts import Parts
from fuzzer.corpus.production import produced
from fuzzer.corpus.recording import scoped
from fuzzer.corpus.request import Request
from fuzzer.progress import Step
from fuzzer.settings import CATEGORIES
from grammar.errors import UserError
from oracle.records import Verdict
from reports import files
from reports.corpus.dataset import finish
from reports.corpus.fingerprints import fingerprint
from reports.corpus.record_files import Offer, limited_file
from reports.corpus.records import CorpusRecord, Device
from reports.corpus.schemas import schema_of
from reports.corpus.shards import Shards, sharded
from reports.corpus.statistics import Statistics
from reports.store import Store

CHUNK = 40
"""Kernels of a part: those that run natively are compiled together, and a worker is busy for seconds."""


def export(request: Request, step: Step) -> dict[str, Any]:
    """Make, execute, select and write the kernels of an export; give the document of its statistics.

    ``step`` is told how many kernels were kept, and how many records checked.

    Raises:
        UserError: A file cannot be written or read, a library is missing, or there is nothing to export. What was made
            so far is kept for the next try, and nothing unfinished looks whole.
        GateClosed: A record is not what the export promises.
    """
    statistics = Statistics()
    assembly = Assembly(frozenset if request.harvest else wheel_kernels)
    with ExitStack() as stack:
        outputs = Outputs(request, stack)
        kernels = stack.enter_context(closing(_kernels(request)))
        for records in assembly.kept(kernels):
            step("kernels kept", 1)
            for record in filter(outputs.write, records):
                statistics.add(record)
            if outputs.are_full:
                break
        if not statistics.records:
            raise UserError(f"there is no record to export: of {assembly.kernels} kernels none was left")
    document = statistics.document(assembly.dropped) | {"kernels": assembly.kernels}
    document["gates"] = _gated(request, outputs, lambda count: step("records checked", count))
    _finish(request, outputs, document)
    return document


class Outputs:
    """The files that records are written to, which have their names once the stack is left.

    Args:
        request: Which files.
        stack: What closes them.

    Raises:
        UserError: A file cannot be written, or a library is missing; so does :meth:`write`.
    """

    def __init__(self, request: Request, stack: ExitStack) -> None:
        self._request = request
        schema = schema_of(request.schema)
        self.shards: Shards | None = None
        if request.out is not None:
            self.shards = stack.enter_context(sharded(request.out, schema, request.suffix))
        self._offers: dict[Device, Offer] = {
            device: stack.enter_context(limited_file(target.path, schema, target.megabytes))
            for device, target in request.targets.items()
        }

    @property
    def are_full(self) -> bool:
        """Whether no file takes another record."""
        return self.shards is None and not self._offers

    def write(self, record: CorpusRecord) -> bool:
        """Write a record to the files that take it; says whether there was one."""
        offer = self._offers.get(record.device)
        if offer is not None and not offer(record):
            del self._offers[record.device]
        if self.shards is not None:
            self.shards.write(record)
        return self.shards is not None or offer is not None

    @property
    def paths(self) -> list[Path]:
        """The finished files."""
        shards = self.shards.complete if self.shards is not None else ()
        folder = self._request.out
        return [
            *(folder / shard.path for shard in shards if folder is not None),
            *(target.path for target in self._request.targets.values()),
        ]


def _kernels(request: Request) -> Generator[Made]:
    if request.harvest is not None:
        yield from _harvested(request)
        return
    parts = Parts(request.parts, request.dependencies)
    if request.campaign is not None:
        yield from produced(_stored_orders(request), stored_kernels, parts, request.workers)
    else:
        yield from produced(_fresh_orders(request), fresh_kernels, parts, request.workers)


def _fresh_orders(request: Request) -> Iterator[Order]:
    for first in itertools.count(0, CHUNK):
        if request.count is not None and first >= request.count:
            return
        stop = first + CHUNK if request.count is None else min(first + CHUNK, request.count)
        yield Order(request.seed, CATEGORIES, first, stop, request.form)


def _stored_orders(request: Request) -> Iterator[StoredOrder]:
    assert request.campaign is not None
    with closing(Store.open(request.campaign)) as store:
        kernels = itertools.islice(store.kernels(Verdict.AGREE), request.count)
        chunk = tuple(itertools.islice(kernels, CHUNK))
        if not chunk:
            raise UserError(f"{request.campaign} has no kernel that its engines agreed on, so nothing can be exported")
        while chunk:
            yield StoredOrder(chunk, request.form)
            chunk = tuple(itertools.islice(kernels, CHUNK))


def _harvested(request: Request) -> Iterator[Made]:
    assert request.harvest is not None
    harvest = harvested(request.harvest, request.form.devices, request.workers)
    for _, group in itertools.groupby(harvest, key=lambda record: record.origin):
        records = tuple(scoped(record, request.form.scope) for record in group)
        yield Made(records[0].cluster_id, fingerprint(records[0].python_source).text(), (), records)
    for left in harvest.left_out:
        yield Made("", "", (), (), left.reason)


def _gated(request: Request, outputs: Outputs, step: Callable[[int], None]) -> Mapping[str, int]:
    """Read everything again."""
    ours = request.harvest is None
    promise = Promise(whole=request.schema == "full", ours=ours, seeded=ours and request.campaign is None)
    return dict(passed(outputs.paths, request.workers, step, promise))


def _finish(request: Request, outputs: Outputs, document: dict[str, Any]) -> None:
    if request.out is not None and outputs.shards is not None:
        finish(
            request.out,
            shards=outputs.shards.complete,
            statistics=document,
            schema=schema_of(request.schema),
            settings=request.settings,
            versions=request.versions,
        )
    if request.stats_out is not None:
        files.write_json(request.stats_out, document)
    if request.harvest is None:
        Parts(request.parts, request.dependencies).remove()
