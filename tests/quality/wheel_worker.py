"""Runs a test module of Warp's own wheel, and executes each kernel that it launches a second time, by its text.

``python -m tests.quality.wheel_worker MODULE FOLDER LOG`` hooks ``wp.launch``: the memory of arrays is copied, Warp
runs the kernel natively, unoptimised and without fusing, and its C++ text runs on the copy. What came of a launch is a
line of JSON in the log, written at once, because a test may take its process down. Tests may fail: they are not ours.
"""

from __future__ import annotations

import importlib
import inspect
import json
import math
import os
import re
import sys
import traceback
import unittest
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

import numpy as np
import warp as wp

from fuzzer.processes.worker import die_with_parent
from grammar import Module
from grammar.ops import TABLE
from grammar.types import Element
from oracle.records import Buffer, BufferRef, Executed, Failed, Launch, Outcome, Refused, TestCase
from oracle.text.execution import run
from oracle.text.runtime import Array
from oracle.text.source import argument_fields
from oracle.warp.internals import emit_kernel
from oracle.warp.session import start
from oracle.warp.value_types import language_type
from tests.quality.agreement import alike, is_fixed, same_bits

T = TypeVar("T")

PLAIN = {"fuse_fp": False, "fast_math": False, "optimization_level": 0}
"""The options of a module with which native execution has to be equal bit by bit."""

MOST_THREADS = 4096
MOST_ELEMENTS = 1_000_000
MOST_LAUNCHES = 20
"""Launches of one kernel that are executed again: some tests iterate thousands of times."""

FIXED = {op.name for op in TABLE.values() if is_fixed(op)}
"""Names of operations whose bits are fixed for some types: a product of matrices is called like one of numbers."""

LOOSE = {op.name for op in TABLE.values()} - FIXED
"""Names of operations whose last bits nothing fixes, whatever their types."""

LOOSE_OF_MATRICES = {op.name for op in TABLE.values() if not is_fixed(op)} & FIXED
"""Names of operations whose last bits nothing fixes for matrices."""

SPOKEN = re.compile(r"^ *(?:wp::)?(?:expect_\w+|print|printf)\(.*\);$", re.MULTILINE)
"""Statements that compare or print what Warp's tests look at: they change no array, so they are left out."""

LINE = re.compile(r"^line \d+: ")

EQUAL, DIFFERENT, ROUNDED, KNOWN, FAULT = "equal", "different", "rounded", "known", "fault"
REFUSED, SKIPPED, DEFECT = "refused", "skipped", "defect"


@dataclass(frozen=True)
class Ending:
    """What became of a launch.

    ``equal`` or ``different`` where it was executed twice; ``rounded`` where it differs, but calls functions whose last
    bits nothing fixes; ``known`` where it differs as a known limitation says; ``fault`` where its text does something
    undefined; ``refused`` where it needs something that the text engine does not know; ``skipped`` where it is too
    large or not forward; ``defect`` where we failed.
    """

    what: str
    why: str = ""


class Passed(Exception):
    """A launch is not executed by its text: ``ending`` says why."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(why)
        self.ending = Ending(what, why)


@dataclass(frozen=True)
class Snapshot:
    """An array that is an argument of a launch, and what it held before."""

    array: Any
    buffer: Buffer

    @property
    def place(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Where its elements lie: arrays that are the same memory in the same order have the same place."""
        return self.array.ptr, tuple(self.array.shape), tuple(self.array.strides)

    @property
    def extent(self) -> tuple[int, int]:
        """Its first byte, and the first one behind it."""
        reaches = [(n - 1) * step for n, step in zip(self.array.shape, self.array.strides, strict=True)]
        inner = math.prod(self.buffer.element.extents) * self.buffer.element.scalar.dtype.itemsize
        first = self.array.ptr + sum(reach for reach in reaches if reach < 0)
        return first, self.array.ptr + sum(reach for reach in reaches if reach > 0) + inner


class Watched:
    """``wp.launch``, and a log of what became of each launch."""

    def __init__(self, log: TextIO) -> None:
        self._native = wp.launch
        self._signature = inspect.signature(wp.launch)
        self._log = log
        self._launches: Counter[str] = Counter()

    def launch(self, *given: Any, **named: Any) -> Any:
        """Launch natively, and then by the text. What is wrong with a call is for Warp to say."""
        try:
            call = self._signature.bind(*given, **named)
        except TypeError:
            return self._native(*given, **named)
        call.apply_defaults()
        kernel = call.arguments["kernel"]
        if not isinstance(kernel, wp.Kernel):
            return self._native(*given, **named)
        if wp.get_device(call.arguments["device"]).is_capturing:  # Warp runs it later, or never
            self._tell(kernel, Ending(SKIPPED, "launched while a graph is captured"))
            return self._native(*given, **named)
        compile_plainly(kernel.module)
        before = attempted(lambda: snapshots_of(call.arguments))
        answer = self._native(*given, **named)
        ending = before if isinstance(before, Ending) else attempted(lambda: self._again(call.arguments, before))
        self._tell(kernel, ending)
        return answer

    def _tell(self, kernel: Any, ending: Ending) -> None:
        self._log.write(json.dumps({"kernel": kernel.key, **asdict(ending)}) + "\n")

    def _again(self, call: Mapping[str, Any], snapshots: Mapping[int, Snapshot]) -> Ending:
        values = [*call["inputs"], *call["outputs"]]
        kernel = concrete(call["kernel"], values)
        self._launches[kernel.get_mangled_name()] += 1
        if self._launches[kernel.get_mangled_name()] > MOST_LAUNCHES:
            raise Passed(SKIPPED, f"more than {MOST_LAUNCHES} launches of one kernel")
        dims = dimensions(call["dim"], kernel.adj.kernel_dim)
        arguments = tuple(
            BufferRef(snapshots[at].buffer.name) if at in snapshots else value_of(value, parameter.type)
            for at, (value, parameter) in enumerate(zip(values, kernel.adj.args, strict=True))
        )
        text = SPOKEN.sub("", emit_kernel(kernel).text)
        (symbol,) = argument_fields(text)
        buffers = {snapshot.buffer.name: snapshot.buffer for snapshot in snapshots.values()}
        case = TestCase(Module(()), tuple(buffers.values()), (Launch(symbol, dims, arguments),))
        outcome = run(case, text, {symbol: symbol})
        return explained(ending_of(outcome, list(snapshots.values())), outcome, text, list(snapshots.values()))


def attempted(step: Callable[[], T]) -> T | Ending:
    """Take a step of our own; nothing that it raises may reach Warp's test."""
    try:
        return step()
    except Passed as passed:
        return passed.ending
    except Exception as defect:
        frame = traceback.extract_tb(defect.__traceback__)[-1]
        return Ending(DEFECT, f"{type(defect).__name__}: {defect} ({Path(frame.filename).name}, {frame.name})")


def compile_plainly(module: Any) -> None:
    """Return a module the options with which native execution has to be equal."""
    if any(module.options[name] != value for name, value in PLAIN.items()):
        module.options.update(PLAIN)
        module.mark_modified()


def concrete(kernel: Any, values: Sequence[Any]) -> Any:
    """Return the kernel that a launch with these arguments runs, which a generic one has made by then."""
    return wp.overload(kernel, kernel.infer_argument_types(values)) if kernel.is_generic else kernel


def dimensions(dim: Any, known: int) -> tuple[int, ...]:
    """Return the dimensions of a launch as the kernel sees them: missing ones are 1."""
    given = tuple(map(int, dim)) if isinstance(dim, Sequence | np.ndarray) else (int(dim),)
    if len(given) > known:
        raise Passed(SKIPPED, "more dimensions than a thread has indices")
    return given + (1,) * (known - len(given))


def snapshots_of(call: Mapping[str, Any]) -> dict[int, Snapshot]:
    """Copy the arrays of a launch, by their positions in its arguments.

    Raises:
        Passed: It is not executed again, for a reason that shows before.
    """
    for name in ("adjoint", "record_cmd"):
        if call[name]:
            raise Passed(SKIPPED, f"launched with {name}")
    dim = call["dim"]
    if math.prod(dim if isinstance(dim, Sequence | np.ndarray) else (dim,)) > MOST_THREADS:
        raise Passed(SKIPPED, f"more than {MOST_THREADS} threads")
    found: dict[int, Snapshot] = {}
    for at, value in enumerate([*call["inputs"], *call["outputs"]]):
        if isinstance(value, wp.array):
            found[at] = _placed(_snapshot(value, f"b{at}"), found.values())
    if not found:
        raise Passed(SKIPPED, "no array, so nothing to compare")
    return found


def _snapshot(array: Any, name: str) -> Snapshot:
    element = element_of(array.dtype)
    if element is None:
        raise Passed(REFUSED, f"an array of {named(array.dtype)}")
    if array.size > MOST_ELEMENTS:
        raise Passed(SKIPPED, f"an array of more than {MOST_ELEMENTS} elements")
    if any(step == 0 and length > 1 for step, length in zip(array.strides, array.shape, strict=True)):
        raise Passed(REFUSED, "an array with several elements at one place")
    return Snapshot(array, Buffer.of(name, element, np.array(array.numpy(), order="C")))


def _placed(snapshot: Snapshot, others: Iterable[Snapshot]) -> Snapshot:
    """Return what was copied already, where an array is given twice; refuse what overlaps otherwise."""
    if not snapshot.array.size:
        return snapshot
    for other in others:
        if snapshot.place == other.place and snapshot.buffer.element == other.buffer.element:
            return other
        if other.array.size and max(snapshot.extent[0], other.extent[0]) < min(snapshot.extent[1], other.extent[1]):
            raise Passed(REFUSED, "arrays that overlap")
    return snapshot


def element_of(type_: Any) -> Element | None:
    """Return the language's type of a Warp type; None where it has none."""
    return language_type(type_) if isinstance(type_, type) else None


def named(type_: Any) -> str:
    """Name a type, or the kind of what stands for one."""
    return getattr(type_, "__name__", type(type_).__name__)


def value_of(value: Any, type_: Any) -> Any:
    """Return an argument that is no array as a value of the language (``grammar.ops.record``)."""
    element = element_of(type_)
    if element is None:
        raise Passed(REFUSED, f"an argument that is a {type(value).__name__}")
    items = np.array(_items(value), element.scalar.dtype)
    whole = np.full(element.extents, items.flat[0]) if items.size == 1 else items  # one number fills a vector
    data = whole.reshape(1, *element.extents)
    return Array.of(Buffer.of("", element, data)).values[0]


def _items(value: Any) -> Any:
    return (
        [_items(value[at]) for at in range(len(value))] if hasattr(value, "__len__") else getattr(value, "value", value)
    )


def ending_of(outcome: Outcome, snapshots: Sequence[Snapshot]) -> Ending:
    """Compare what the text made of the copies with what native execution made of the arrays."""
    match outcome:
        case Refused(reason, _):
            return Ending(REFUSED, alike(reason.removeprefix("not read: ")))
        case Failed("ill_typed_text", message):
            return Ending(REFUSED, f"types: {alike(LINE.sub('', message))}")
        case Failed("hang", message):
            return Ending(SKIPPED, message)
        case Failed(kind, message):
            return Ending(FAULT, f"{kind}: {message}")
        case Executed(arrays):
            differing = [found for x in snapshots if (found := _difference(x, arrays[x.buffer.name]))]
            return Ending(DIFFERENT, "; ".join(differing)) if differing else Ending(EQUAL)
    raise TypeError(outcome)


def explained(ending: Ending, outcome: Outcome, text: str, snapshots: Sequence[Snapshot]) -> Ending:
    """Say of two executions that differ whether their text has what is known to differ."""
    called = set(re.findall(r"\bwp::(\w+)\(", text))
    if ending.what != DIFFERENT or not isinstance(outcome, Executed):
        return ending
    if "neg" in called and all(_same_numbers(outcome.arrays[x.buffer.name], x.array.numpy()) for x in snapshots):
        return Ending(KNOWN, "negative-zero")
    loose = called & (LOOSE | LOOSE_OF_MATRICES if "wp::mat_t<" in text else LOOSE)
    return Ending(ROUNDED, f"{', '.join(sorted(loose))}: {ending.why}") if loose else ending


def _same_numbers(one: Any, other: Any) -> bool:
    """Whether all elements are equal but for the signs of zeros."""
    return bool(np.array_equal(one, other, equal_nan=np.asarray(one).dtype.kind == "f"))


def _difference(snapshot: Snapshot, by_text: Any) -> str:
    natively = snapshot.array.numpy()
    places = np.argwhere(~same_bits(by_text, natively))
    if not len(places):
        return ""
    at = tuple(map(int, places[0]))
    return f"{len(places)} of {natively.size}, first {at}: {by_text[at]!r} by the text, {natively[at]!r} natively"


def main(name: str, folder: Path, log: Path) -> None:
    """Run a test module; what Warp writes goes to a folder."""
    die_with_parent(os.getppid())
    start(folder)
    os.chdir(folder)
    with log.open("w", buffering=1) as lines, open(os.devnull, "w") as nowhere:
        wp.launch = Watched(lines).launch
        module = importlib.import_module(f"warp.tests.{name}")
        unittest.TextTestRunner(nowhere).run(unittest.defaultTestLoader.loadTestsFromModule(module))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
