"""Whether a generated kernel is one that comes with Warp, up to its names and the values of its literals.

Kernels are compared one by one, each with the functions and constants that it needs, by the structural fingerprint. The
kernels that come with Warp are read by worker processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.progress import Step
from fuzzer.corpus.origins import located
from fuzzer.corpus.written_kernels import kernels_of
from fuzzer.processes.ordered import in_order
from fuzzer.processes.pool import Task, Workers, value_of
from grammar import nodes as n
from grammar import parse
from grammar.check import TypeRefused, dotted, written
from grammar.check.annotations import annotated_type, named_type
from grammar.syntax import SyntaxRefused
from grammar.trees import NamedDefinition, callee_name, transform, walk
from reports.corpus.fingerprints import structural_identity

Definitions = Mapping[str, n.Definition]


def identities_in(files: Iterable[Path]) -> frozenset[str]:
    """Return the structural identities of the kernels in Python files; nothing is executed."""
    return frozenset(_identities(files))


def _identities(files: Iterable[Path]) -> Iterator[str]:
    for kernel in chain.from_iterable(map(kernels_of, files)):
        with suppress(SyntaxRefused):
            yield structural_identity(lone_kernels(parse(kernel.text))[-1])


def lone_kernels(module: n.Module) -> list[n.Module]:
    """Return each kernel of a module as a module of its own, written alike whoever wrote it.

    A kernel that a factory makes stands there once, its parameters of the factory as names of nothing.
    """
    definitions = {d.name: d for d in module.definitions if isinstance(d, NamedDefinition)}
    made = (d.definition if isinstance(d, n.FactoryDef) else d for d in module.definitions)
    return [
        transform(n.Module(tuple(_needed(kernel, definitions))), _written_alike)
        for kernel in made
        if isinstance(kernel, n.KernelDef)
    ]


def _needed(kernel: n.Definition, definitions: Definitions) -> Iterator[n.Definition]:
    """Return a definition after all that its names mean, each after what it needs itself."""
    given: set[str] = set()

    def below(definition: n.Definition) -> Iterator[n.Definition]:
        for node in walk(definition):
            if isinstance(node, n.Name) and node.id in definitions and node.id not in given:
                given.add(node.id)
                yield from below(definitions[node.id])
        yield definition

    return below(kernel)


def _written_alike(node: n.Node) -> n.Node:
    """Write a type under one of its names, and as an annotation in one of its forms."""
    match node:
        case n.Name() | n.Attribute() if type_ := named_type(callee_name(node), {}):
            return dotted(type_.written)
        case n.Subscript() | n.Call():
            try:
                return written(annotated_type(node, {}))
            except TypeRefused:
                return node
    return node


CHUNK = 8  # files per task: less than half a second of work
SECONDS = 300.0  # for one task: far beyond what it takes


def wheel_kernels(workers: int, step: Step) -> frozenset[str]:
    """Return the structural identities of the kernels in the installed Warp; nothing is executed.

    It takes some ten seconds of processor time. ``step`` is told how many more files were read.

    Raises:
        UserError: Warp is not installed.
    """
    return frozenset().union(*_wheel_identities(workers, step))


def _wheel_identities(workers: int, step: Step) -> Iterator[frozenset[str]]:
    files = located("warp").files
    tasks = (Task(identities_in, files[first : first + CHUNK], SECONDS) for first in range(0, len(files), CHUNK))
    with Workers(workers, start_worker) as pool:
        for ending in in_order(tasks, pool):
            yield value_of(ending)
            step("files of Warp read", len(ending.task.argument), len(files))
