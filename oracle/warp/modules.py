"""Test cases as Warp modules: defined from text, merged by renaming, dropped when done.

Warp reads the source of a kernel through ``linecache``, so a text needs no file, only an entry there under a name in
angle brackets. Each text gets a namespace of its own with one and the same ``__name__``, which makes them one Warp
module: one compilation. Renaming keeps them apart where Warp goes by name (its hashes of kernels include the name).
"""

from __future__ import annotations

import dataclasses
import itertools
import linecache
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import warp as wp

from grammar import Module, emit, module_names, rename
from grammar.check.overloading import overloading_functions
from oracle.records import Options, TestCase
from oracle.warp import internals
from oracle.warp.session import complaint

Namespace = dict[str, Any]

_serial = itertools.count()


class WarpFailed(Exception):
    """Warp, or a compiler behind it, did not take what it was given.

    The message is one normalised line. ``suspects`` are the places in a merged module that a compiler complained about.
    """

    def __init__(self, message: str, suspects: frozenset[int] = frozenset()) -> None:
        super().__init__(message)
        self.suspects = suspects


@contextmanager
def warp_failures() -> Iterator[None]:
    """Turn whatever Warp raises in the block into :class:`WarpFailed`.

    A full disk or exhausted memory is not Warp's doing and passes.
    """
    try:
        yield
    except (OSError, MemoryError, WarpFailed):
        raise
    except Exception as problem:
        raise WarpFailed(complaint(str(problem)) or type(problem).__name__) from problem


@dataclass(frozen=True, eq=False)
class Defined:
    """A Warp module that was defined from texts, and the namespace of each text."""

    module: wp.Module
    namespaces: tuple[Namespace, ...]

    def kernel(self, place: int, name: str) -> wp.Kernel:
        """Return a kernel of the test case at that place in :func:`merged` by its name in the test case."""
        kernel: wp.Kernel = self.namespaces[place][_prefix(place) + name]
        return kernel

    def suspects(self, complaints: str) -> frozenset[int]:
        """Find the places of test cases in whose source or generated text a compiler complains about a line.

        A line of generated text belongs to the last renamed name before it. A place may be missing, or innocent.
        """
        found = set(re.findall(rf"<{self.module.name} (\d+)>", complaints))
        numbers = set(re.findall(rf"wp_{self.module.name}_\w+\.(?:cpp|cu)[:(](\d+)", complaints))
        for path in _cached(self.module.name, "/*.c*"):
            owners: list[str] = []
            for number, line in enumerate(path.read_text().splitlines(), start=1):
                owners = re.findall(r"case(\d+)_", line) or owners
                if str(number) in numbers:
                    found.update(owners[-1:])
        return frozenset(map(int, found))


@contextmanager
def defined(texts: Sequence[str], options: Options, name: str) -> Iterator[Defined]:
    """Define texts as one Warp module for the length of the block.

    Raises:
        WarpFailed: Warp refuses a definition.
        SyntaxError: A text is not Python.
    """
    files = [f"<{name} {place}>" for place in range(len(texts))]
    try:
        with internals.names_of_its_own():
            module = wp.get_module(name)
            module.options.update(dataclasses.asdict(options))
            namespaces = tuple(_execute(text, name, file) for text, file in zip(texts, files, strict=True))
            module.mark_modified()
            yield Defined(module, namespaces)
    finally:
        internals.drop(name)
        for file in files:
            linecache.cache.pop(file, None)
        for folder in _cached(name):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def merged(cases: Sequence[TestCase]) -> Iterator[Defined]:
    """Define test cases of equal options as one Warp module for the length of the block.

    The names that a case binds at module level get a prefix with its place in the sequence, but for those of functions
    that overload operators: such a case stands alone (see :func:`is_apart`). Raises as :func:`defined`.
    """
    options = cases[0].options
    if any(case.options != options for case in cases):
        raise ValueError("the test cases of a batch need equal options")
    if len(cases) > 1 and any(map(is_apart, cases)):
        raise ValueError("a test case that overloads operators needs a module of its own")
    texts = [emit(_renamed(case.module, place)) for place, case in enumerate(cases)]
    with defined(texts, options, f"batch{next(_serial)}") as module:
        yield module


def is_apart(case: TestCase) -> bool:
    """Say whether a case needs a module of its own: it names functions so that they overload operators."""
    return bool(overloading_functions(case.module))


def _renamed(module: Module, place: int) -> Module:
    kept = overloading_functions(module)
    return rename(module, {name: _prefix(place) + name for name in module_names(module) if name not in kept})


def _prefix(place: int) -> str:
    return f"case{place}_"


def _cached(name: str, below: str = "") -> Iterator[Path]:
    """Find what Warp keeps in its cache for the module of that name."""
    return Path(str(wp.config.kernel_cache_dir)).glob(f"wp_{name}_*{below}")


def _execute(text: str, name: str, file: str) -> Namespace:
    code = compile(text, file, "exec", dont_inherit=True)  # its annotations are no strings, as those here are
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: Namespace = {"__name__": name}
    with warp_failures():
        exec(code, namespace)
    return namespace
