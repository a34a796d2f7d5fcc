"""What a smaller test case has no more use for: buffers that nothing refers to, and kernels that are not launched."""

from __future__ import annotations

from dataclasses import replace

from grammar import nodes as n
from oracle.records import TestCase


def unreferenced_dropped(case: TestCase) -> TestCase:
    """Leave out buffers that no launch has as an argument, and kernels that no launch runs, also those of factories.

    A kernel that stays is launched, and its outputs judged: with what is never run, a defect may come and go.
    """
    used = case.referred
    run = {launch.kernel for launch in case.launches}
    factories = {d.name for d in case.module.definitions if isinstance(d, n.FactoryDef)}
    kept = tuple(d for d in case.module.definitions if _kernel_name(d, factories) in (None, *run))
    return replace(case, module=n.Module(kept), buffers=tuple(b for b in case.buffers if b.name in used))


def _kernel_name(definition: n.Definition, factories: set[str]) -> str | None:
    match definition:
        case n.KernelDef(name):
            return name
        case n.Binding(name, n.Call(n.Name(factory))) if factory in factories:
            return name
    return None
