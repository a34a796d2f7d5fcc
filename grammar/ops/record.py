"""The record of one operation, and the table that everything else is derived from.

An :class:`Op` says what one operator or builtin of Warp *is*: its types, its value, where that value is defined, and
how exact it must be. Parser, type checker, generator, interpreters, judge, coverage page and tests read the table;
none keeps a list of its own. Adding a builtin is one call of :func:`op` in one file of this package.

What a value is (the same everywhere): a float is a NumPy scalar of the exact type, an integer a Python int, a bool a
Python bool, a vector a tuple of scalars, a matrix a tuple of row tuples.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grammar.ops.domains import Domain
from grammar.ops.signatures import Signature
from grammar.types import Element, Scalar, Type

Value = Any
"""A scalar, a tuple of scalars (vector) or a tuple of tuples (matrix); see the module docstring."""

Radius = Any
"""How far a value may lie from the exact one: a Python float >= 0, or tuples of them in the shape of the value."""


Fact = Any
"""What an operation is in some respect: a function, or a :class:`ByOverload` that makes it of the types of a call."""


@dataclass(frozen=True)
class ByOverload:
    """A fact of an operation that depends on the types of a call: ``of`` makes it of an overload."""

    of: Callable[[Overload], Any]


@dataclass(frozen=True, eq=False)
class Overload:
    """One instance of an Op: the types of its arguments and its result. There is one object of each.

    ``arguments`` are the types of all arguments; some of them are written as numbers or types, and are no operands.
    """

    op: Op
    names: tuple[str, ...]
    arguments: tuple[Type, ...]
    result: Element

    def __reduce__(self) -> Any:
        """Pickle by what it is an overload of, so that it stays one object per process."""
        return (_overload_of, (self.op.key, self.arguments, self.result))

    @cached_property
    def parameters(self) -> tuple[Element, ...]:
        """The types of the operands."""
        return tuple(type_ for type_ in self.arguments if isinstance(type_, Element))

    @cached_property
    def scalar(self) -> Scalar:
        """The scalar type of the first operand, or else of the result."""
        return (*self.parameters, self.result)[0].scalar

    @cached_property
    def key(self) -> str:
        """Name this overload, as coverage and reports do: ``add(float32, float32)``, ``vector.fill(int32)``."""
        return f"{self.op.key}({', '.join(map(str, self.arguments))})"

    @cached_property
    def optional(self) -> int:
        """How many of the last arguments a call may leave out."""
        return next((s.optional for s in self.op.signatures if s.names == self.names), 0)

    @cached_property
    def called(self) -> str:
        """What a call names: ``wp.sin``, and the type itself where a value of it is made."""
        return self.result.written if self.op.makes_type else self.op.symbol

    @cached_property
    def value(self) -> Callable[..., Value]:
        """Operands in, value out; see :class:`Op`."""
        return self._own(self.op.value)  # type: ignore[no-any-return]

    @cached_property
    def domain(self) -> Domain | None:
        """Where it is defined; None for everywhere."""
        return self._own(self.op.domain)  # type: ignore[no-any-return]

    @cached_property
    def spread(self) -> Callable[[Sequence[Value], Sequence[Radius], Value], Radius]:
        """How radii of the operands become a radius of the value."""
        return self._own(self.op.spread)  # type: ignore[no-any-return]

    def _own(self, fact: Any) -> Any:
        return fact.of(self) if isinstance(fact, ByOverload) else fact

    @cached_property
    def float_name(self) -> str | None:
        """The name of the float type that the result is made of; None for integers and bools."""
        scalar = self.result.scalar
        return scalar.name if scalar.is_float else None

    @cached_property
    def sweep_key(self) -> str:
        """Name the operation and the scalar type, which is the unit of the sweep."""
        return f"{self.op.key}[{self.scalar}]"

    @cached_property
    def rounds(self) -> bool:
        """Whether a result may be rounded, so that it may differ between engines for exact operands."""
        return self.float_name is not None and self.op.rounding is not EXACT


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
    """A hand-typed instance of an Op's meaning.

    ``dtype`` is the scalar type that it is about, that of the first argument; ``made`` that of the value, where the
    arguments do not say it.
    """

    arguments: tuple[Any, ...]
    value: Any
    dtype: str = ""
    made: str = ""


@dataclass(frozen=True, kw_only=True)
class Op:
    """What one Warp operation is: its types, its value, where it is defined, and how exact it must be.

    Attributes:
        name: The key in Warp's documentation (``floordiv``); operators have one too.
        variant: Tells apart families of one name that differ in meaning (``int``, ``float``).
        group: The group of Warp's reference: ``Scalar Math``, ``Vector Math``, ``Operators``, ``Utility``, ``Casts``.
        spelling: How it is written, with a hole per parameter: ``{0} // {1}`` or ``wp.sin({0})``; ``{type}(...)`` is a
            call of the type that the result has.
        signatures: The overload families (see :mod:`grammar.ops.signatures`).
        weight: How often it is drawn: 1 is rare, 4 is usual, 10 is frequent. More of what depends on all of its
            operands, less of what forgets most of them: what a kernel computes has to reach its outputs.
        keeps: Whether nothing of its operands is lost, so that kernels can be put together with it.
        chooses: Whether it gives one of its operands, or something between them.
        value: Values in, value out. Integers come out exact; the caller wraps or checks them by type, and silences
            NumPy's warnings. This, the domain and the spread may depend on the overload.
        domain: Where it is defined; None for everywhere.
        rounding: How exact the result must be.
        spread: ``(values, radii, value) -> radius``: how radii of the operands become a radius of the value, before the
            rounding of the operation itself is added, rounded outward.
        source: The sentence of Warp's reference that fixes the meaning.
        examples: Hand-typed, edges first.
    """

    name: str
    variant: str = ""
    group: str
    spelling: str
    signatures: tuple[Signature, ...]
    weight: int
    value: Fact
    domain: Fact
    rounding: Rounding
    spread: Fact
    source: str
    examples: tuple[Example, ...]
    keeps: bool = False
    chooses: bool = False

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

    @cached_property
    def is_operator(self) -> bool:
        """Whether it is written with an operator symbol instead of a call."""
        return "(" not in self.spelling

    @cached_property
    def makes_type(self) -> bool:
        """Whether it is written as a call of the type that its result has."""
        return self.spelling.startswith("{type}")

    @cached_property
    def updates(self) -> bool:
        """Whether it changes an element of an array."""
        return any(parameter.is_place for signature in self.signatures for parameter in signature.parameters)

    @cached_property
    def symbol(self) -> str:
        """The operator symbol, or the name in the ``wp`` namespace."""
        return re.sub(r"\{\d\}", "", self.spelling).strip() if self.is_operator else self.spelling.split("(")[0]

    def match(self, arguments: Sequence[Type], result: Type | None = None) -> Overload | None:
        """Find the overload of a call, by the types of its arguments and of its result, if that is known."""
        for signature in self.signatures:
            binding = signature.match(arguments, result)
            if binding is not None:
                return self._overload(signature, tuple(arguments), signature.result.type(binding))
        return None

    def applied(self, operands: Sequence[Type], result: Type) -> Overload | None:
        """Find the overload of operands and a result, which say what else is written."""
        for signature in self.signatures:
            arguments = signature.completed(operands, result)
            if arguments is not None:
                return self._overload(signature, arguments, result)
        return None

    def giving(self, result: Type, among: Collection[Type]) -> list[Overload]:
        """List the overloads with a result, and operands of types among some."""
        if not any(signature.result.unify(result, {}) for signature in self.signatures):
            return []
        found = ((s, arguments) for s in self.signatures for arguments in s.giving(result, among))
        return list(dict.fromkeys(self._overload(signature, arguments, result) for signature, arguments in found))

    @cached_property
    def samples(self) -> tuple[Overload, ...]:
        """The overloads that stand for all, in a fixed order: every scalar type occurs in every place."""
        found = ((s, binding) for s in self.signatures for binding in s.samples())
        return tuple(dict.fromkeys(self._overload(s, s.arguments(b), s.result.type(b)) for s, b in found))

    def _overload(self, signature: Signature, arguments: tuple[Type, ...] | None, result: Type | None) -> Overload:
        assert arguments is not None
        assert isinstance(result, Element)
        key = (arguments, result)
        if key not in self._overloads:
            self._overloads[key] = Overload(self, signature.names, arguments, result)
        return self._overloads[key]

    @cached_property
    def _overloads(self) -> dict[tuple[tuple[Type, ...], Type], Overload]:
        return {}


TABLE: dict[str, Op] = {}
"""All operations by key, in the order of definition."""


def op(
    name: str,
    *signatures: str,
    variant: str = "",
    group: str,
    spelling: str,
    weight: int = 4,
    value: Fact,
    domain: Fact = None,
    rounding: Rounding = EXACT,
    spread: Fact,
    source: str,
    examples: Sequence[tuple[Any, ...]] = (),
    keeps: bool = False,
    chooses: bool = False,
) -> Op:
    """Define an operation and enter it in the table; see :class:`Op` for the meaning of the fields.

    Raises:
        ValueError: The key is taken, or a signature is not understood.
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
        source=source,
        examples=tuple(Example(*example) for example in examples),
        keeps=keeps,
        chooses=chooses,
    )
    if record.key in TABLE:
        raise ValueError(f"two operations are called {record.key!r}")
    TABLE[record.key] = record
    return record


def _overload_of(key: str, arguments: tuple[Type, ...], result: Type) -> Overload:
    found = find(key).match(arguments, result)
    assert found is not None
    return found


def find(key: str) -> Op:
    """Return the operation of that key; raises KeyError when there is none."""
    return TABLE[key]
