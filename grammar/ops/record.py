"""The record of one operation, and the table that everything else is derived from.

An :class:`Op` says what one operator or builtin of Warp *is*: its types, its value, where that value is defined, and
how exact it must be. Parser, type checker, generator, interpreters, judge, coverage page and tests read the table;
none keeps a list of its own. Adding a builtin is one call of :func:`op` in one file of this package.

What a value is (the same everywhere): a float is a NumPy scalar of the exact type, an integer a Python int, a bool a
Python bool, a vector a tuple of scalars, a matrix a tuple of row tuples.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grammar.ops.domains import Domain
from grammar.types import BOOL, FLOATS, INT32, INTS, SCALAR_BY_NAME, Matrix, Scalar, Type, Vector

Value = Any
"""A scalar, a tuple of scalars (vector) or a tuple of tuples (matrix); see the module docstring."""

Radius = Any
"""How far a value may lie from the exact one: a Python float >= 0, or tuples of them in the shape of the value."""

LENGTHS = (2, 3, 4)
COMPOSITE_SCALARS = (*FLOATS, INT32)

#: Scalar classes a signature may name. One name stands for one and the same type within a signature; a trailing digit
#: makes a further variable of the class (``Scalar2``).
CLASSES: dict[str, tuple[Scalar, ...]] = {
    "Scalar": (*INTS, *FLOATS),
    "Any": (BOOL, *INTS, *FLOATS),
    "Int": INTS,
    "Float": FLOATS,
    "Signed": tuple(t for t in INTS if t.kind == "int"),
    "Wide": tuple(t for t in (*INTS, *FLOATS) if t.bits >= 32 or t.is_float),
    "Composite": COMPOSITE_SCALARS,
    "CompositeInt": tuple(t for t in COMPOSITE_SCALARS if t.is_integer),
    **{name: (scalar,) for name, scalar in SCALAR_BY_NAME.items()},
}


@dataclass(frozen=True)
class Overload:
    """One concrete instance of an Op: parameter types and result type, with every variable of the signature bound."""

    op: Op
    names: tuple[str, ...]
    parameters: tuple[Type, ...]
    result: Type
    scalar: Scalar

    @property
    def key(self) -> str:
        """Name this overload, as coverage and reports do: ``add(float32, float32)``."""
        return f"{self.op.key}({', '.join(map(str, self.parameters))})"

    @cached_property
    def float_name(self) -> str | None:
        """The name of the float type that the result is made of; None for integers and bools."""
        scalar = self.result.scalar
        return scalar.name if scalar.is_float else None

    @property
    def sweep_key(self) -> str:
        """Name the documented signature times the scalar type, which is the unit of the sweep."""
        return f"{self.op.key}[{self.scalar}]"

    @cached_property
    def rounds(self) -> bool:
        """Whether a result may be rounded, so that it may differ between engines for exact operands."""
        return self.float_name is not None and self.op.rounding is not EXACT


@dataclass(frozen=True)
class Signature:
    """A family of overloads, parsed from text such as ``x: vec[n, Float], y: vec[n, Float] -> Float``.

    ``vec[n, C]`` and ``mat[r, c, C]`` take a length variable (a letter) or a number, and a scalar class. ``array[e]``
    is an array of any element type named by a class; its number of dimensions is the number of index parameters. A
    parameter whose name begins with an underscore is positional only.
    """

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    result: str

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Parse the text of a signature; raises ValueError where it is malformed."""
        parameters, arrow, result = text.partition("->")
        if not arrow:
            raise ValueError(f"signature without '->': {text!r}")
        pairs = re.findall(r"(\w+):\s*(\w+(?:\[[^\]]*\])?)", parameters)
        return cls(tuple(name for name, _ in pairs), tuple(pattern for _, pattern in pairs), result.strip())

    def bindings(self) -> Iterator[dict[str, Any]]:
        """Give every assignment of types and lengths to the variables of this signature, in a fixed order."""
        words = dict.fromkeys(re.findall(r"\w+", " ".join((*self.patterns, self.result))))
        variables = [(word, _choices(word)) for word in words if _choices(word)]
        for values in itertools.product(*(choices for _, choices in variables)):
            yield dict(zip((word for word, _ in variables), values, strict=True))

    def instance(self, op: Op, binding: dict[str, Any]) -> Overload:
        """Bind the variables and give the overload."""
        parameters = tuple(_type(pattern, binding) for pattern in self.patterns)
        result = _type(self.result, binding)
        return Overload(op, self.names, parameters, result, (parameters[0] if parameters else result).scalar)


def _choices(word: str) -> Sequence[Any]:
    if word in ("vec", "mat"):
        return ()
    if len(word) == 1 and word.isalpha():
        return LENGTHS
    return CLASSES.get(word) or CLASSES.get(word.rstrip("0123456789")) or ()


def _type(pattern: str, binding: dict[str, Any]) -> Type:
    head, _, rest = pattern.partition("[")
    if not rest:
        return binding[head]  # type: ignore[no-any-return]  # a Scalar, by construction of bindings()
    *sizes, scalar = (part.strip() for part in rest.rstrip("]").split(","))
    lengths = tuple(int(size) if size.isdigit() else binding[size] for size in sizes)
    if head == "vec":
        return Vector(lengths[0], binding[scalar])
    return Matrix(lengths[0], lengths[1], binding[scalar])


@dataclass(frozen=True)
class Rounding:
    """How exact the result of an Op must be, in ULP of the result's type.

    ``ulps`` maps a float type's name to the largest allowed distance from the correctly rounded value, per engine
    family: ``strict`` (compiled for the host, neither fused nor approximated) and ``weak`` (any engine). ``source``
    says where the numbers come from. Where ``is_open``, the documentation leaves something open, such as an order of
    evaluation, and ``spread`` covers it, also when all radii are zero.
    """

    strict: dict[str, float]
    weak: dict[str, float]
    source: str
    is_open: bool = False

    def __hash__(self) -> int:
        return id(self)


#: No rounding at all: the result is one of the operands, an integer, a bool, or exact by construction.
EXACT = Rounding({}, {}, "no rounding takes place")

#: One correctly rounded operation. Fusing rounds the sum of a fused product too, so that only products may differ.
IEEE = Rounding({}, {}, "IEEE 754-2019, 5.4.1: correctly rounded")

#: The same for a product, which contraction may keep whole: neither its rounding nor its overflow need take place.
PRODUCT = Rounding(
    {},
    {"float16": 0.5, "float32": 0.5, "float64": 0.5},
    "IEEE 754-2019, 5.4.1: fusedMultiplyAdd rounds, and overflows, once",
)

#: No order of evaluation is promised: ``spread`` covers every order and contraction.
UNORDERED = Rounding({}, {}, "Warp's reference promises no order of evaluation", is_open=True)

#: One of the operands, which may be either of two zeros: they compare equal.
SELECTION = Rounding({}, {}, "Warp's reference, copysign: wp.min(-0.0, +0.0) is implementation-defined", is_open=True)


@dataclass(frozen=True)
class Example:
    """A hand-typed instance of an Op's meaning: arguments, the value, and the scalar type it is about."""

    arguments: tuple[Any, ...]
    value: Any
    dtype: str = ""


@dataclass(frozen=True, kw_only=True)
class Op:
    """What one Warp operation is: its types, its value, where it is defined, and how exact it must be.

    Attributes:
        name: The key in Warp's documentation (``floordiv``); operators have one too.
        variant: Tells apart families of one name that differ in meaning (``int``, ``float``).
        group: The group of Warp's reference: ``Scalar Math``, ``Vector Math``, ``Operators``, ``Utility``, ``Casts``.
        spelling: How it is written, with a hole per parameter: ``{0} // {1}`` or ``wp.sin({0})``.
        signatures: The overload families, as text (see :class:`Signature`).
        weight: How often it is drawn: 1 is rare, 4 is usual, 10 is frequent.
        value: Values in, value out. Integers come out exact; the caller wraps or checks them by type, and silences
            NumPy's warnings.
        domain: Where it is defined; None for everywhere.
        rounding: How exact the result must be.
        spread: ``(values, radii, value) -> radius``: how radii of the operands become a radius of the value, before the
            rounding of the operation itself is added, rounded outward.
        effect: None for a pure operation; the atomics' read-modify-write otherwise.
        source: The sentence of Warp's reference that fixes the meaning.
        examples: Hand-typed, edges first.
    """

    name: str
    variant: str = ""
    group: str
    spelling: str
    signatures: tuple[Signature, ...]
    weight: int
    value: Callable[..., Value]
    domain: Domain | None
    rounding: Rounding
    spread: Callable[[Sequence[Value], Sequence[Radius], Value], Radius]
    effect: str | None = None
    source: str
    examples: tuple[Example, ...]

    def __hash__(self) -> int:
        return hash((self.name, self.variant))

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Op) and self.key == other.key)

    def __reduce__(self) -> Any:
        """Pickle by key, so that an Op stays one object per process."""
        return (find, (self.key,))

    @cached_property
    def key(self) -> str:
        """The identity of this Op: its name, with the variant where there is one."""
        return f"{self.name}.{self.variant}" if self.variant else self.name

    @property
    def is_operator(self) -> bool:
        """Whether it is written with an operator symbol instead of a call."""
        return "(" not in self.spelling

    @cached_property
    def symbol(self) -> str:
        """The operator symbol, or the name in the ``wp`` namespace."""
        return re.sub(r"\{\d\}", "", self.spelling).strip() if self.is_operator else self.spelling.split("(")[0]

    @cached_property
    def overloads(self) -> tuple[Overload, ...]:
        """Every concrete overload, in a fixed order."""
        return tuple(s.instance(self, binding) for s in self.signatures for binding in s.bindings())


TABLE: dict[str, Op] = {}
"""All operations by key, in the order of definition."""


def op(
    name: str,
    *signatures: str,
    variant: str = "",
    group: str,
    spelling: str,
    weight: int = 4,
    value: Callable[..., Value],
    domain: Domain | None = None,
    rounding: Rounding = EXACT,
    spread: Callable[[Sequence[Value], Sequence[Radius], Value], Radius],
    effect: str | None = None,
    source: str,
    examples: Sequence[tuple[Any, ...]] = (),
) -> Op:
    """Define an operation and enter it in the table; see :class:`Op` for the meaning of the fields.

    Raises:
        ValueError: The key is taken, or a signature is malformed.
    """
    record = Op(
        name=name,
        variant=variant,
        group=group,
        spelling=spelling,
        signatures=tuple(map(Signature.parse, signatures)),
        weight=weight,
        value=value,
        domain=domain,
        rounding=rounding,
        spread=spread,
        effect=effect,
        source=source,
        examples=tuple(Example(*example) for example in examples),
    )
    if record.key in TABLE:
        raise ValueError(f"two operations are called {record.key!r}")
    TABLE[record.key] = record
    return record


def find(key: str) -> Op:
    """Give the operation of that key; raises KeyError when there is none."""
    return TABLE[key]
