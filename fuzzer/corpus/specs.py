"""Generated kernels for programs: :class:`KernelSpec`, and the code that Warp generates from one.

Kernel ``i`` of a seed is in the category whose turn it is. Nothing has interpreted, compiled or executed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, get_args

from fuzzer.corpus.measures import measured
from fuzzer.corpus.orders import Form, Order
from fuzzer.corpus.recording import described_arguments, records_of
from fuzzer.generation.cases import accepted_case
from fuzzer.settings import CATEGORIES, checked_categories
from grammar import emit, parse
from grammar.check import Typing, check
from grammar.errors import UserError, unknown_name
from oracle.records import Launch, Provenance, TestCase
from reports.corpus.records import CorpusRecord, Device

FORM = Form(())
"""Of an order that nothing is recorded of."""


@dataclass(frozen=True)
class KernelSpec:
    """A generated kernel.

    Attributes:
        name: Its name in the module; where the module has several kernels, the one that is launched first.
        category: One of ``fuzzer.settings.CATEGORIES``.
        description: What it is made of, in a few words.
        arg_types: The type of each parameter, as it is written: ``{"a0": "wp.array2d[wp.vec3]"}``.
        python_source: The module: constants, functions and kernels.
        seed: What it was drawn from.
    """

    name: str
    category: str
    description: str
    arg_types: dict[str, str]
    python_source: str
    seed: int


def generate_kernel(category: str, seed: int) -> KernelSpec:
    """Generate the first kernel of a category and a seed; raises UserError where there is no such category."""
    return generate_kernels(1, [category], seed)[0]


def generate_kernels(n: int, categories: Sequence[str] = CATEGORIES, seed: int = 0) -> list[KernelSpec]:
    """Generate ``n`` kernels, the categories taking turns.

    Raises:
        UserError: There is no such category.
    """
    order = Order(seed, checked_categories(categories), 0, n, FORM)
    return [_spec(*accepted_case(seed, index, order.recipe(index))) for index in range(n)]


def synthesize_pair(spec: KernelSpec, device: str = "cpu") -> CorpusRecord:
    """Give a kernel and the code that Warp generates from it, as an unverified record.

    The source is parsed with the grammar; nothing in it is executed but by Warp's code generation.

    Args:
        spec: The kernel, from :func:`generate_kernel` or written by hand in the same language.
        device: ``cpu`` for C++ or ``cuda`` for CUDA; neither needs a GPU.

    Raises:
        UserError: There is no such device, or the source is not in the language of the grammar.
        WarpFailed: Warp's code generation refuses the kernel.
    """
    if device not in get_args(Device):
        raise unknown_name("device", device, get_args(Device))
    module = parse(spec.python_source)
    typing = check(module)
    if spec.name not in typing.kernels:
        raise UserError(f"the source of the spec has no kernel {spec.name!r}")
    provenance = Provenance(spec.seed, -1, spec.category)
    case = TestCase(module, (), (Launch(spec.name, (1,), ()),), provenance=provenance)
    [record] = records_of(case, typing, (cast(Device, device),))
    return record


def synthesize_batch(n: int, seed: int = 0, device: str = "cpu") -> list[CorpusRecord]:
    """Generate ``n`` kernels and give the code that Warp generates from each; see :func:`synthesize_pair`."""
    return [synthesize_pair(spec, device) for spec in generate_kernels(n, seed=seed)]


def _spec(case: TestCase, typing: Typing) -> KernelSpec:
    assert case.provenance is not None
    kernel, source = typing.kernels[case.launches[0].kernel], emit(case.module)
    arguments = (argument.partition(": ") for argument in described_arguments(kernel))
    return KernelSpec(
        name=case.launches[0].kernel,
        category=case.provenance.category,
        description=measured(source).description,
        arg_types={name: type_ for name, _, type_ in arguments},
        python_source=source,
        seed=case.provenance.seed,
    )
