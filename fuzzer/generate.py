"""Kernels without running them: as records for a file, and as :class:`KernelSpec` for a program.

Kernel ``i`` is the deep kernel of a seed and ``i`` in its category (given categories take turns): fully defined by the
reference, but compiled and executed by nothing, so its record says ``unverified``. Records are made in worker processes
and written in order, so that the number of workers does not show.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.repair import Defined
from fuzzer.pool import Ending, Finished, Task, Workers
from fuzzer.settings import CATEGORIES, checked_categories
from grammar import emit
from grammar import nodes as n
from grammar.check import Typing, written
from grammar.errors import UserError
from grammar.trees import walk
from reports.cases import case_document
from reports.files import Write, whole_file

CHUNK = 8  # kernels per task: about half a second of work
CHUNK_SECONDS = 600.0  # far beyond what a chunk takes, so that a defect of ours cannot hang the command
AHEAD = 2  # tasks per worker that are handed in, so that none waits


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
    names = checked_categories(categories)
    return [_spec(_defined(seed, index, names)) for index in range(n)]


def write_kernels(*, count: int, category: str | None, seed: int, workers: int, out: Path | None) -> None:
    """Generate kernels and write their records, one JSON document a line, to a file or to standard output.

    Raises:
        UserError: The file cannot be written, or the disk is full; then there is no file.
    """
    waiting = Console(stderr=True)
    lines = _lines(Order(seed, (category,) if category else CATEGORIES, 0, count), workers)
    with whole_file(out) if out else _standard_output() as write:
        for line in track(lines, "generating", count, console=waiting, transient=True, disable=not waiting.is_terminal):
            write(line)


@contextmanager
def _standard_output() -> Iterator[Write]:
    try:
        yield lambda text: print(text, end="")  # noqa: T201  # this is what the command was asked to print
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter would try again at its end
        raise UserError(f"standard output cannot be written: {error.strerror}; choose a file with --out") from error


@dataclass(frozen=True)
class Order:
    """Kernels to be made: those of a seed from index ``first`` up to ``stop``."""

    seed: int
    categories: tuple[str, ...]
    first: int
    stop: int


def _lines(order: Order, workers: int) -> Iterator[str]:
    """Make records in worker processes and give them in order."""
    bounds = [*range(order.first, order.stop, CHUNK), order.stop]
    chunks = (Order(order.seed, order.categories, *pair) for pair in pairwise(bounds))
    done: dict[int, list[str]] = {}
    following = order.first
    with Workers(workers, _nothing) as pool:
        for chunk in islice(chunks, AHEAD * workers):
            pool.submit(Task(make_lines, chunk, CHUNK_SECONDS))
        for ending in pool.endings():
            for chunk in islice(chunks, 1):
                pool.submit(Task(make_lines, chunk, CHUNK_SECONDS))
            done[ending.task.argument.first] = _made(ending)
            while following in done:
                made = done.pop(following)
                yield from made
                following += len(made)


def _nothing(folder: Path) -> None:
    """What a worker needs before its first task."""


def _made(ending: Ending) -> list[str]:
    if not isinstance(ending, Finished):
        raise RuntimeError(f"a worker failed: {ending}")
    return ending.value  # type: ignore[no-any-return]  # of make_lines


def make_lines(order: Order) -> list[str]:
    """Make the records of an order: one JSON document each, with a newline."""
    indices = range(order.first, order.stop)
    return [json.dumps(_record(order.seed, i, order.categories), allow_nan=False) + "\n" for i in indices]


def _record(seed: int, index: int, categories: Sequence[str]) -> dict[str, Any]:
    defined = _defined(seed, index, categories)
    spec, document = asdict(_spec(defined)), case_document(defined.case)
    return {
        "id": hashlib.sha256(spec["python_source"].encode()).hexdigest(),
        "status": "unverified",
        "index": index,
        **spec,
        "inputs": document["buffers"],
        "launches": document["launches"],
    }


def _defined(seed: int, index: int, categories: Sequence[str]) -> Defined:
    return deep_case(seed, index, Recipe(categories=(categories[index % len(categories)],))).defined


def _spec(defined: Defined) -> KernelSpec:
    case, typing = defined.case, defined.expectation.typing
    assert case.provenance is not None
    kernel = typing.kernels[case.launches[0].kernel]
    return KernelSpec(
        name=case.launches[0].kernel,
        category=case.provenance.category,
        description=described(typing),
        arg_types={name: emit(written(type_)) for name, type_ in zip(kernel.names, kernel.types, strict=True)},
        python_source=emit(case.module),
        seed=case.provenance.seed,
    )


#: What a description counts, in this order.
COUNTED: dict[str, tuple[type[n.Node], ...]] = {
    "kernel": (n.KernelDef,),
    "function": (n.FuncDef,),
    "statement": (n.Statement,),
    "loop": (n.ForStmt, n.WhileStmt),
    "condition": (n.IfStmt, n.ElifBranch, n.Conditional),
}

MENTIONED = 4  # operations in a description


def described(typing: Typing) -> str:
    """Describe a module: ``1 kernel, 14 statements, 2 loops; sin, min``, the builtins by how often they occur."""
    nodes = list(walk(typing.module))
    counts = {word: sum(isinstance(node, classes) for node in nodes) for word, classes in COUNTED.items()}
    constructs = ", ".join(f"{count} {word}{'s' * (count > 1)}" for word, count in counts.items() if count)
    operations = (overload.op for overload in typing.overloads.values())
    used = Counter(op.name for op in operations if not op.is_operator and op.group not in ("Casts", "Constructors"))
    builtins = ", ".join(sorted(used, key=lambda name: (-used[name], name))[:MENTIONED])
    return f"{constructs}; {builtins}" if builtins else constructs
