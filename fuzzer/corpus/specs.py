"""Generated kernels for programs: :class:`KernelSpec`, and the code that Warp generates from one.

Kernel ``i`` of a seed is in the category whose turn it is. Nothing has interpreted, compiled or executed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import cast, get_args

from fuzzer.campaigns.settings import CATEGORIES, checked_categories, checked_count
from fuzzer.corpus.measures import measured
from fuzzer.corpus.orders import Order
from fuzzer.corpus.origins import UNKNOWN
from fuzzer.corpus.recording import SharedSymbol, described_arguments, records_of
from fuzzer.generation.cases import Recipe, accepted_case
from grammar import parse
from grammar.check import check
from grammar.errors import UserError, unknown_name
from oracle.records import Launch, Provenance, TestCase
from reports.corpus.corpus_records import CorpusRecord, Device


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


TRIES = 20
"""Kernels that are tried for each that is wanted; of one in a hundred there is no code."""

BY_HAND = -1
"""The index of a kernel that a person wrote."""


@dataclass(frozen=True)
class KernelSpec:
    """A kernel: generated, or written by hand in the same language.

    Attributes:
        name: Its name in the module; where the module has several kernels, the one that is launched first.
        category: One of ``fuzzer.campaigns.settings.CATEGORIES``.
        description: What it is made of, in a few words.
        arg_types: The type of each parameter, as it is written: ``{"a0": "wp.array2d[wp.vec3]"}``.
        python_source: The module: constants, functions and kernels.
        seed: What it was drawn from, with ``index``.
        index: Its number among the kernels of that seed: ``generate_kernel(category, seed, index)`` gives it again.
            BY_HAND for one that a person wrote.
    """

    name: str
    category: str
    description: str
    arg_types: dict[str, str]
    python_source: str
    seed: int
    index: int = BY_HAND


def generate_kernel(category: str, seed: int, index: int = 0) -> KernelSpec:
    """Generate a kernel of a category and a seed, the first one if no index is given.

    Raises:
        UserError: There is no such category, or the index is negative.
    """
    if index < 0:
        raise UserError(f"there is no kernel {index} of a seed: the first one is 0")
    case, typing = accepted_case(seed, index, Recipe(categories=checked_categories([category])))
    kernel, source = typing.kernels[case.launches[0].kernel], case.source
    arguments = (argument.partition(": ") for argument in described_arguments(kernel))
    return KernelSpec(
        name=case.launches[0].kernel,
        category=category,
        description=measured(case.source).description,
        arg_types={name: type_ for name, _, type_ in arguments},
        python_source=source,
        seed=seed,
        index=index,
    )


def generate_kernels(n: int, categories: str | Sequence[str] = CATEGORIES, seed: int = 0) -> list[KernelSpec]:
    """Generate ``n`` kernels of a category, or of several that take turns.

    Raises:
        UserError: There is no such category, or ``n`` is negative.
    """
    return list(islice(_kernels(checked_categories(categories), seed), checked_count(n)))


def synthesize_pair(spec: KernelSpec, device: str = "cpu") -> CorpusRecord:
    """Return a kernel and the code that Warp generates from it, as an unverified record.

    The source is parsed with the grammar; nothing in it is executed but by Warp's code generation. As in a harvest
    ``launch`` and ``inputs`` are empty lists, since a spec does not say how its kernel is launched. The record of one
    that a person wrote has the name of the kernel as its origin, and no known licence.

    Args:
        spec: The kernel, from :func:`generate_kernel` or written by hand in the same language.
        device: ``cpu`` for C++ or ``cuda`` for CUDA; neither needs a GPU.

    Raises:
        UserError: There is no such device, or the source is not in the language of the grammar.
        WarpFailed: Warp's code generation refuses the kernel.
        SharedSymbol: Warp takes two kernels in the source for one, and which one differs between processes.
    """
    if device not in get_args(Device):
        raise unknown_name("device", device, get_args(Device))
    module = parse(spec.python_source)
    typing = check(module)
    if spec.name not in typing.kernels:
        raise UserError(f"the source of the spec has no kernel {spec.name!r}")
    provenance = Provenance(spec.seed, spec.index, spec.category)
    case = TestCase(module, (), (Launch(spec.name, (1,), ()),), provenance=provenance)
    [record] = records_of(case, typing, (cast(Device, device),))
    record = replace(record, launch="[]")
    return replace(record, origin=spec.name, licence=UNKNOWN) if spec.index == BY_HAND else record


def synthesize_batch(n: int, seed: int = 0, device: str = "cpu") -> list[CorpusRecord]:
    """Generate kernels, the categories taking turns, and give the code that Warp generates from each.

    One that has none (see :func:`synthesize_pair`) is replaced by the next; the ``index`` of a record says which it is.

    Raises:
        UserError: There is no such device, ``n`` is negative, or Warp refuses nearly all kernels.
    """
    tries = islice(_kernels(CATEGORIES, seed), TRIES * checked_count(n))
    records = list(islice(filter(None, (_pair_or_none(spec, device) for spec in tries)), n))
    if len(records) < n:
        raise UserError(f"Warp generates code of {len(records)} of {TRIES * n} kernels only")
    return records


def _pair_or_none(spec: KernelSpec, device: str) -> CorpusRecord | None:
    from oracle.warp.modules import WarpFailed

    try:
        return synthesize_pair(spec, device)
    except (WarpFailed, SharedSymbol):
        return None


def _kernels(categories: Sequence[str], seed: int) -> Iterator[KernelSpec]:
    """Return the kernels of a seed without end, the categories taking turns."""
    return (generate_kernel(category, seed, index) for index, category in enumerate(cycle(categories)))
