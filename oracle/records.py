"""The records that pass between generator, engines, judge and reports: test case, outcome, verdict, signature.

All are frozen; none knows how it is made or stored. See the package docstring for the words.
"""

from __future__ import annotations

import enum
import hashlib
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from grammar import emit
from grammar.check import Typing, check
from grammar.nodes import Module
from grammar.types import Element, Type

NumpyArray = np.ndarray[Any, Any]
FloatArray = np.ndarray[Any, np.dtype[np.float64]]

MAX_STEPS = 4_000
"""Statements that a generated test case may execute in all its threads: far more than it needs."""

LAYOUTS = ("contiguous", "strided", "reversed", "transposed")


@dataclass(frozen=True)
class BufferRef:
    """An argument of a launch that is a buffer of the test case, by name."""

    name: str


@dataclass(frozen=True, eq=False)
class Buffer:
    """One array that launches read and write: its logical content, and how it lies in memory.

    Attributes:
        name: Its name in the test case.
        element: The type of its elements.
        columns: One array of scalars for each leaf of the element type, in order. It has the array's own shape followed
            by that of the leaf (() for a scalar, (3,) for a vec3, (2, 2) for a mat22), and is C-contiguous.
        layout: How an engine lays the elements out: ``contiguous``; ``strided`` (every second element along the last
            array axis of a larger allocation); ``reversed`` (negative stride along the first array axis);
            ``transposed`` (array axes in reverse order in memory).
        handles: One array of :class:`BufferRef`, or of None for an array that is not given, for each part of the
            element type that is an array, in order; it has the array's own shape.
    """

    name: str
    element: Element
    columns: tuple[NumpyArray, ...]
    layout: str = "contiguous"
    handles: tuple[NumpyArray, ...] = ()

    @classmethod
    def of(cls, name: str, element: Element, data: NumpyArray, layout: str = "contiguous") -> Buffer:
        """The buffer of elements that are made of one scalar type."""
        return cls(name, element, (data,), layout)

    @property
    def data(self) -> NumpyArray:
        """The content of a buffer whose elements are made of one scalar type; raises ValueError for any other."""
        [column] = self.columns
        return column

    @property
    def named(self) -> dict[str, NumpyArray]:
        """Its columns by name: that of the buffer, followed by that of the leaf."""
        return {f"{self.name}{leaf.suffix}": x for leaf, x in zip(self.element.leaves, self.columns, strict=True)}

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's own shape, without the shape of an element."""
        if self.handles:
            outer: tuple[int, ...] = self.handles[0].shape
            return outer
        shape: tuple[int, ...] = self.columns[0].shape
        return shape[: len(shape) - len(self.element.leaves[0].extents)]

    def changed(self, change: Callable[[NumpyArray], NumpyArray]) -> Buffer:
        """The buffer with every column changed in the same way, such as cut along an axis of the array."""
        columns, handles = (tuple(map(change, arrays)) for arrays in (self.columns, self.handles))
        return replace(self, columns=columns, handles=handles)

    @property
    def refers_to(self) -> frozenset[str]:
        """The names of the buffers that its elements have as arrays."""
        return frozenset(ref.name for column in self.handles for ref in column.flat if ref is not None)


def in_order(buffers: Iterable[Buffer]) -> list[Buffer]:
    """Put buffers behind those that they refer to: there is an order, since no element type has arrays of itself."""
    return sorted(buffers, key=lambda buffer: _depth(buffer.element))


def _depth(type_: Type) -> int:
    """How many arrays lie within each other in a type."""
    return max((_depth(handle.type.element) + 1 for handle in type_.handles), default=0)


@dataclass(frozen=True)
class Launch:
    """One launch: the kernel's name in the module, one to four dimensions, one argument per kernel parameter.

    An argument is a :class:`BufferRef`, None for an array that is not given, or a value (see ``grammar.ops.record``) of
    the parameter's type; so is each field of a struct.
    """

    kernel: str
    dims: tuple[int, ...]
    arguments: tuple[Any, ...]

    @property
    def refers_to(self) -> frozenset[str]:
        """The names of the buffers among its arguments, and among the fields of its arguments."""
        return frozenset(_referred(self.arguments))

    def threads(self) -> Iterator[tuple[int, ...]]:
        """Yield the indices of its threads in launch order: the last one varies fastest.

        They are made one by one (``itertools.product`` lays out every dimension first), however many there are.
        """
        for number in range(math.prod(self.dims)):
            yield tuple(reversed(list(self._reversed_indices(number))))

    def _reversed_indices(self, number: int) -> Iterator[int]:
        for length in reversed(self.dims):
            number, index = divmod(number, length)
            yield index


def _referred(argument: Any) -> Iterator[str]:
    if isinstance(argument, BufferRef):
        yield argument.name
    elif isinstance(argument, tuple):
        for part in argument:
            yield from _referred(part)


@dataclass(frozen=True)
class Options:
    """How a module is compiled. The names are Warp's module options; None leaves Warp's default."""

    enable_backward: bool = True
    fuse_fp: bool = False
    optimization_level: int | None = 0
    cpu_compiler_flags: str | None = None
    mode: str = "release"
    max_unroll: int = 16
    lineinfo: bool = False
    block_dim: int = 256
    default_grid_stride: bool = True

    @property
    def exact(self) -> bool:
        """Whether compiled code must be bit-equal wherever IEEE 754 fixes the result."""
        return not self.fuse_fp


TRUSTED_OPTIONS: Mapping[str, Collection[Any]] = {
    **dict.fromkeys(("enable_backward", "fuse_fp", "lineinfo", "default_grid_stride"), (False, True)),
    "optimization_level": (None, 0, 1, 2, 3),
    "cpu_compiler_flags": (None,),  # a flag of Clang can name a file to be written
    "mode": ("release", "debug"),
    "max_unroll": range(257),  # sixteen times Warp's default: what is unrolled is text
    "block_dim": range(1, 1025),  # CUDA's largest block
}
"""The values that each of the Options may have in a test case that is read from somewhere: all that ours can have."""


@dataclass(frozen=True)
class Provenance:
    """Where a test case came from: enough to make it again with the same version."""

    seed: int
    index: int
    category: str
    origin: str = "deep"


@dataclass(frozen=True, eq=False)
class TestCase:
    """One closed module with its inputs, its ordered launches and the options it is compiled with.

    The reference gives up after so many ``steps``, statements of all its threads.
    """

    __test__ = False

    module: Module
    buffers: tuple[Buffer, ...]
    launches: tuple[Launch, ...]
    options: Options = Options()
    provenance: Provenance | None = None
    steps: int = MAX_STEPS

    def typed(self) -> Typing:
        """Type its module as its options say.

        Raises:
            TypeRefused: It breaks a rule.
        """
        return check(self.module, self.options.max_unroll, backward=self.options.enable_backward)

    @property
    def contents(self) -> dict[str, NumpyArray]:
        """What its buffers hold before the first launch: their columns, by name."""
        return {name: column for buffer in self.buffers for name, column in buffer.named.items()}

    @property
    def referred(self) -> frozenset[str]:
        """The names of the buffers that launches have as arguments, or as a part of one, or as a part of an element."""
        found = frozenset(name for launch in self.launches for name in launch.refers_to)
        for buffer in reversed(in_order(self.buffers)):
            found |= buffer.refers_to if buffer.name in found else frozenset()
        return found

    @cached_property
    def source(self) -> str:
        """The text of its module, written once."""
        return emit(self.module)


@dataclass(frozen=True, eq=False)
class Executed:
    """The test case ran: the final content of every buffer, its columns by name (see ``Buffer.named``)."""

    arrays: Mapping[str, NumpyArray]


@dataclass(frozen=True)
class Compiled:
    """The engine compiled the test case and runs nothing: all that it can say."""


@dataclass(frozen=True)
class Failed:
    """The engine failed on this test case: ``kind`` is one of KINDS (compile_error, crash, hang, out_of_bounds).

    ``line`` is that of the C++ text where it failed. ``target`` says of a target_mismatch which text departs from what
    is known of it, or from the other (cpu or cuda).
    """

    kind: str
    message: str
    line: int | None = None
    target: str = ""


@dataclass(frozen=True)
class Refused:
    """The engine does not take this test case, and says why, and in which line of the C++ text."""

    reason: str
    line: int | None = None


Outcome = Executed | Compiled | Failed | Refused


class Engine(Protocol):
    """Something that runs test cases."""

    name: str

    def unsupported(self, case: TestCase) -> str | None:
        """Say before running why this engine does not take the case; None if it does."""
        ...

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        """Run a batch of test cases of equal options; one outcome per case, in order.

        Raises whatever goes wrong in the engine itself: a defect of ours is never an outcome.
        """
        ...


class Verdict(enum.IntEnum):
    """The oracle's answer, in order of interest."""

    INVALID = 0  # the test case is at fault: a defect of ours, or a person's own kernel
    UNSUPPORTED = 1  # said before running, or refused by name
    UNCOMPARED = 2  # ran, but no comparison was possible
    AGREE = 3  # everything lies within the bounds
    KNOWN = 4  # differs exactly as a limitation says
    DISCREPANCY = 5  # needs a person


KINDS = (
    "wrong_value",
    "wrong_gradient",
    "compile_error",
    "crash",
    "hang",
    "nondeterministic",
    "uninitialised_read",
    "out_of_bounds",
    "overflow",
    "ill_typed_text",
    "target_mismatch",
    "data_race",
    "misaligned",
)
"""What can be wrong with a test case that Warp ran.

``overflow``: an integer leaves its type, in arithmetic, a shift or a conversion; but a division by zero is a ``crash``,
which is what it ends in.
"""

LAYERS = ("front_end", "cuda_text", "native", "optimiser", "nvrtc", "cache", "gpu")


MOST_SHOWN = 5
"""Elements that a person sees of a judgement at first."""


@dataclass(frozen=True)
class Mismatch:
    """One scalar that departs: in which column of a buffer and where, what was expected and seen, the radius allowed.

    Values are NumPy scalars.
    """

    buffer: str
    index: tuple[int, ...]
    expected: Any
    actual: Any
    radius: float

    def __str__(self) -> str:
        """Say it in a line."""
        place = f"{self.buffer}[{', '.join(map(str, self.index))}]"
        if not self.radius:
            return f"{place} is {self.actual!s}; expected is exactly {self.expected!s}"
        away = abs(float(self.actual) - float(self.expected))
        return (
            f"{place} is {self.actual!s}; expected is {self.expected!s}, {away:.2g} away of {self.radius:.2g} allowed"
        )


@dataclass(frozen=True)
class Judgement:
    """What the oracle says of one outcome of one engine.

    ``elements`` counts compared output elements, ``exact`` those of them that had to agree bit by bit, ``uncompared``
    those whose bound is not small against their value; ``loosest`` is the largest bound of a finite element, as a share
    of its value. ``line`` and ``target`` are those of the outcome. ``layer`` is the part of Warp that departs (one
    of LAYERS) where running the kernel has told it already. ``farthest`` is the float within its bound that comes
    nearest to it, if there is one that may differ, where that was asked for.
    """

    verdict: Verdict
    engine: str
    kind: str = ""
    message: str = ""
    mismatches: tuple[Mismatch, ...] = ()
    limitation: str = ""
    elements: int = 0
    exact: int = 0
    uncompared: int = 0
    loosest: float = 0.0
    line: int | None = None
    target: str = ""
    layer: str = ""
    farthest: Mismatch | None = None

    def __str__(self) -> str:
        """Say it to a person: the verdict and its reason, then what shows it, one line each."""
        where = " ".join(word for word in (self.engine, self.layer) if word)
        head = ": ".join(part for part in (f"{self.verdict.name} ({where})", self.kind, self._reason) if part)
        shown = [str(mismatch) for mismatch in self.mismatches[:MOST_SHOWN]]
        if len(self.mismatches) > MOST_SHOWN:
            shown.append(f"... and {len(self.mismatches) - MOST_SHOWN} more")
        if self.farthest:
            shown.append(f"nearest to its bound: {self.farthest}")
        if self.loosest:
            shown.append(f"largest bound: {self.loosest:.2g} of the value")
        if self.uncompared:
            shown.append(f"not compared: {self.uncompared} elements, whose bounds are too large against their values")
        return "\n  ".join([head, *shown])

    @property
    def _reason(self) -> str:
        if self.verdict is Verdict.AGREE:
            return f"{self.elements} elements lie within their bounds, {self.exact} of them bit by bit"
        return ": ".join(part for part in (self.limitation, self.said) if part)

    @property
    def said(self) -> str:
        """The message for a person, with its line; alone it is the same for every line, so that it can be counted."""
        return f"{self.message}, at line {self.line} of the text" if self.line else self.message


@dataclass(frozen=True)
class Signature:
    """What names a bucket, after reduction."""

    kind: str
    layer: str
    construct: str
    dtype: str
    message: str = ""
    agreeing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The folder name of the bucket: readable, and unique by a short hash of all fields."""
        digest = hashlib.sha256(repr(self).encode()).hexdigest()[:8]
        words = re.sub(r"[^A-Za-z0-9]+", "-", f"{self.kind} {self.layer} {self.construct} {self.dtype}").strip("-")
        return f"{words[:70]}-{digest}"


@dataclass(frozen=True)
class TextDifference:
    """What a text for one target (``cpu`` or ``cuda``) says in place of what belongs there, and how often it has both.

    A sequence of white space counts as one blank. "" stands for nothing at all.
    """

    target: str
    expected: str
    actual: str
    expected_count: int
    actual_count: int


@dataclass(frozen=True)
class TextExcerpt:
    """What a C++ text says that goes wrong where it is executed.

    ``bodies`` are what its functions declare and do, one string each, with a blank for each sequence of white space and
    without comments and directives. ``around`` are the lines around the one that fails, as they stand there, each after
    its number; "" where no line is known.
    """

    bodies: tuple[str, ...]
    around: str


@dataclass(frozen=True, eq=False)
class Finding:
    """A confirmed discrepancy with its signature: the reduced test case and what shows it.

    ``expected`` are the columns of buffers as the reference computes them, by name, within ``radii``. ``rule`` is the
    sentence of the documentation that is broken, ``evidence`` how sure it is, in words. ``difference`` is there where
    the two texts of the case differ, ``excerpt`` where nothing but the text that was executed departs. It is
    ``unfinished`` where there was no time to reduce it.
    """

    signature: Signature
    case: TestCase
    engine: str
    mismatches: tuple[Mismatch, ...]
    message: str
    rule: str
    evidence: str
    expected: Mapping[str, NumpyArray] = field(default_factory=dict)
    radii: Mapping[str, FloatArray] = field(default_factory=dict)
    difference: TextDifference | None = None
    excerpt: TextExcerpt | None = None
    seconds: float = 0.0
    unfinished: bool = False
