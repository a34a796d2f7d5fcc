"""The text that Warp's code generation makes of a test case, or the reason why it makes none. Nothing is compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import warp as wp

from oracle.records import TestCase
from oracle.warp import internals
from oracle.warp.internals import Target
from oracle.warp.modules import Defined, WarpFailed, defined, warp_failures

KEPT = 80
"""Test cases whose texts are kept, those of two batches: executing a kernel and recording it take the same texts."""

NAME = "case"  # of every module defined here, so that a text is a function of its test case alone


@dataclass(frozen=True)
class Texts:
    """The C++ and CUDA text of a test case.

    ``symbols`` maps the name of a kernel in the test case to what the names of its functions in both texts (and in PTX)
    begin with: ``k`` to ``k_1a2b3c4d``, of which ``k_1a2b3c4d_cpu_kernel_forward`` and so on are made.
    """

    cpp: str
    cuda: str
    symbols: Mapping[str, str]


def generate(case: TestCase) -> Texts:
    """Return both texts of a test case; it costs little more than one.

    Raises:
        WarpFailed: Warp's code generation refuses the test case.
    """
    (cpp, cuda), symbols = generated_texts(case, "cpu", "cuda")
    return Texts(cpp, cuda, symbols)


@lru_cache(KEPT)
def generated_texts(case: TestCase, *targets: Target) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Return the texts of a test case for some targets, the same for every call and process, and the symbols in them.

    Raises:
        WarpFailed: Warp's code generation refuses the test case.
    """
    with alone(case) as module, warp_failures():
        texts = internals.emit_texts(NAME, *targets)
        names = module.namespaces[0].items()
        return texts, {name: x.get_mangled_name() for name, x in names if isinstance(x, wp.Kernel)}


def generated_text(case: TestCase, target: Target) -> str:
    """Return the C++ (cpu) or CUDA (cuda) text of a test case; raises as :func:`generated_texts` does."""
    [text], _ = generated_texts(case, target)
    return text


def accepts(cases: Sequence[TestCase], target: Target) -> list[str | None]:
    """Say for each test case why Warp's code generation refuses it, each on its own; None if it does not."""
    return [_refusal(case, target) for case in cases]


@contextmanager
def alone(case: TestCase) -> Iterator[Defined]:
    """Define one test case under its own names for the length of the block; raises WarpFailed if Warp refuses."""
    with defined([case.source], case.options, NAME) as module:
        yield module


def _refusal(case: TestCase, target: Target) -> str | None:
    try:
        generated_text(case, target)
    except WarpFailed as refusal:
        return str(refusal)
    return None
