"""A person's own kernel, launched as it stands: the object itself, in its module, as code that may be built already.

Warp writes the values that a kernel captures into its code when it builds the module, which is before the first launch.
Later changes of a global do not reach a module that is loaded (Warp's manual, "Code Generation"). So what a launch runs
may be another program than what the source means now: :func:`captured_by` says which one.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import warp as wp

from oracle.records import Failed, Outcome, TestCase
from oracle.warp import internals
from oracle.warp.internals import Captured, as_generated, as_they_are
from oracle.warp.launches import launched
from oracle.warp.modules import WarpFailed, warp_failures
from oracle.warp.session import apart, complaint, printing, quietly

_serial = itertools.count()


@contextmanager
def undisturbed(kernel: wp.Kernel) -> Iterator[None]:
    """Let a kernel be built and launched, quietly, within the block; afterwards its module is as it was before."""
    with quietly(), internals.left_as_it_is(kernel.module):
        yield


def captured_by(kernel: wp.Kernel) -> Captured | None:
    """Say what a kernel and its functions capture in the code that a launch runs; None where that is not known.

    Two programs are known: that with the values of now, and that with those that Warp wrote when it last generated code
    in this process. Warp's own hash tells whether it is one of them; a generic kernel has none, nor code.
    """
    if kernel.is_generic:
        return as_they_are
    try:
        with warp_failures():
            candidates = [as_generated, as_they_are] if internals.is_loaded(kernel.module) else [as_they_are]
            return next((captured for captured in candidates if internals.would_run(kernel, captured)), None)
    except WarpFailed:  # what cannot be hashed is not loaded: the build will say why
        return as_they_are


def run(kernel: wp.Kernel, case: TestCase) -> Outcome:
    """Build the module of a kernel unless that was done, and launch the kernel, the only one of the test case."""
    failure = _failure(kernel.module)
    return failure or launched(case, lambda name: kernel, "cpu", finish=lambda: None)


def run_alone(kernel: wp.Kernel, captured: Captured, case: TestCase) -> Outcome:
    """Run a kernel in a module that has nothing else, built anew."""
    lone = internals.alone(kernel)
    lone.module.name += f"_alone{next(_serial)}"  # what is loaded is found by the names of modules and kernels
    with apart(), internals.resolving(captured):
        return run(lone, case)


def _failure(module: wp.Module) -> Failed | None:
    """Build and load a module, and say why that is not possible where it is not."""
    with printing() as printed:
        try:
            with warp_failures():
                internals.load_for_cpu(module)
        except WarpFailed as failure:
            return Failed("compile_error", complaint(printed()) or str(failure))
    return None
