"""Signatures: families of overloads, written as patterns that unify with types.

``x: vec[n, Float], y: vec[n, Float] -> Float`` stands for a dot product of vectors of any length and any float type.
A pattern is one of these:

- ``Float``: a scalar type of a class (:data:`CLASSES`), or ``int32``: this one.
- ``vec[n, C]``, ``mat[r, c, C]``, ``quat[C]``: a type of a family, with lengths (letters or numbers) and a class of
  scalar types.
- ``const[n]``: an argument that is written as a number; ``type[C]``: one that is written as a type.
- ``place[P]``: an element of an array that the operation changes, of a type that fits ``P``.
- ``float32 = 1.0``: a type, and the number that a call may leave out.

A word or letter stands for one and the same type or length wherever it occurs in a signature; a digit behind the name
of a class makes a further variable of that class (``Scalar2``). The last parameter may be several:
``*_parts[n]: C`` are n arguments, and ``*_parts[size]: C`` as many as the result has scalars. A parameter whose name
begins with an underscore is positional only.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from grammar.types import BOOL, FAMILIES, FLOATS, INTS, SCALAR_BY_NAME, Composite, Scalar, Type

Binding = dict[str, Any]
"""What the variables of a signature stand for: scalar types by the words of their classes, lengths by letters."""

CLASSES: dict[str, tuple[Scalar, ...]] = {
    "Scalar": (*INTS, *FLOATS),
    "Any": (BOOL, *INTS, *FLOATS),
    "Int": INTS,
    "Float": FLOATS,
    "Signed": tuple(t for t in INTS if t.kind == "int"),
    "Wide": tuple(t for t in (*INTS, *FLOATS) if t.bits >= 32 or t.is_float),
    "Ordered": tuple(t for t in (*INTS, *FLOATS) if t.bits >= 32),
    **{name: (scalar,) for name, scalar in SCALAR_BY_NAME.items()},
}
"""The scalar types that a word may stand for."""

LENGTHS = (2, 3, 4)
"""The lengths that stand for all others in a sample."""

SIZE = "size"


@dataclass(frozen=True)
class Constant(Type):
    """What a parameter takes that is written as a number."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Denoted(Type):
    """What a parameter takes that is written as a type."""

    type: Type

    def __str__(self) -> str:
        return str(self.type)


@dataclass(frozen=True)
class Pattern:
    """What types a parameter or a result may have."""

    def unify(self, type_: Type, binding: Binding) -> bool:
        """Say whether a type fits what the variables stand for; those that were free stand for its parts then."""
        raise NotImplementedError

    def type(self, binding: Binding) -> Type | None:
        """The type that the pattern is once its variables stand for something; None while some are free."""
        raise NotImplementedError


@dataclass(frozen=True)
class ScalarPattern(Pattern):
    """A scalar type of a class."""

    word: str
    members: tuple[Scalar, ...]

    def unify(self, type_: Type, binding: Binding) -> bool:
        if self.word in binding:
            return binding[self.word] is type_
        if type_ not in self.members:
            return False
        binding[self.word] = type_
        return True

    def type(self, binding: Binding) -> Scalar | None:
        return self.members[0] if len(self.members) == 1 else binding.get(self.word)


@dataclass(frozen=True)
class CompositePattern(Pattern):
    """A type of a family."""

    family: type[Composite]
    lengths: tuple[str, ...]
    scalar: ScalarPattern

    def unify(self, type_: Type, binding: Binding) -> bool:
        if not isinstance(type_, Composite) or type(type_) is not self.family:
            return False
        if not self.scalar.unify(type_.scalar, binding):
            return False
        return all(map(_unify_length, self.lengths, type_.lengths, itertools.repeat(binding)))

    def type(self, binding: Binding) -> Type | None:
        scalar = self.scalar.type(binding)
        lengths = [_length(length, binding) for length in self.lengths]
        if scalar is None or None in lengths:
            return None
        return self.family.of(tuple(filter(None, lengths)), scalar)


@dataclass(frozen=True)
class ConstantPattern(Pattern):
    """A number that is a length."""

    length: str

    def unify(self, type_: Type, binding: Binding) -> bool:
        return isinstance(type_, Constant) and _unify_length(self.length, type_.value, binding)

    def type(self, binding: Binding) -> Type | None:
        length = _length(self.length, binding)
        return None if length is None else Constant(length)


@dataclass(frozen=True)
class TypePattern(Pattern):
    """A type that is written as an argument."""

    inner: Pattern

    def unify(self, type_: Type, binding: Binding) -> bool:
        return isinstance(type_, Denoted) and self.inner.unify(type_.type, binding)

    def type(self, binding: Binding) -> Type | None:
        inner = self.inner.type(binding)
        return None if inner is None else Denoted(inner)


def _unify_length(length: str, found: int, binding: Binding) -> bool:
    return found == (int(length) if length.isdigit() else binding.setdefault(length, found))


def _length(length: str, binding: Binding) -> int | None:
    return int(length) if length.isdigit() else binding.get(length)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a signature.

    Attributes:
        name: Its name.
        pattern: The types that it takes.
        count: Where it is several arguments, how many; else "".
        is_place: Whether the operation changes it.
        default: What it is where a call leaves it out; None where no call may.
    """

    name: str
    pattern: Pattern
    count: str = ""
    is_place: bool = False
    default: float | None = None


@dataclass(frozen=True)
class Signature:
    """A family of overloads; see the module docstring for how it is written."""

    text: str
    parameters: tuple[Parameter, ...]
    result: Pattern

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Parse the text of a signature.

        Raises:
            ValueError: Some part of it is not understood.
        """
        parameters, arrow, result = text.partition("->")
        if not arrow:
            raise ValueError(f"the signature {text!r} has no '->'")
        try:
            found = tuple(_parameter(part.strip()) for part in _parts(parameters))
            return cls(text, found, _pattern(result.strip()))
        except ValueError as error:
            raise ValueError(f"the signature {text!r} is not understood: {error}") from error

    def __post_init__(self) -> None:
        if any(parameter.count for parameter in self.parameters[:-1]):
            raise ValueError("only the last parameter may be several")
        if any(parameter.default is None for parameter in self.parameters[len(self.parameters) - self.optional :]):
            raise ValueError("a parameter with a default stands before one without")

    @cached_property
    def optional(self) -> int:
        """How many of the last parameters a call may leave out."""
        return sum(parameter.default is not None for parameter in self.parameters)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    def match(self, arguments: Sequence[Type], result: Type | None = None) -> Binding | None:
        """Find what the variables stand for in a call, by the types of its arguments and the result, if it is known.

        None where the call does not fit.
        """
        binding: Binding = {}
        if result is not None and not self.result.unify(result, binding):
            return None
        fixed = len(self.parameters) - self.is_variadic
        if len(arguments) < fixed or (len(arguments) > fixed and not self.is_variadic):
            return None
        pairs = zip(self.expanded(len(arguments)), arguments, strict=True)
        if not all(parameter.pattern.unify(type_, binding) for parameter, type_ in pairs):
            return None
        further = len(arguments) - fixed
        if self.is_variadic and self.parameters[-1].count != SIZE:
            binding.setdefault(self.parameters[-1].count, further)
        if self.is_variadic and self._count(binding) != further:
            return None
        return None if self.result.type(binding) is None else binding

    def completed(self, operands: Sequence[Type], result: Type) -> tuple[Type, ...] | None:
        """List all arguments, those that are written as numbers and types too, by the operands and the result."""
        binding: Binding = {}
        if not self.result.unify(result, binding):
            return None
        given = iter(operands)
        single = [p.pattern for p in self.parameters if not p.count]
        written = [
            p.type(binding) if isinstance(p, ConstantPattern | TypePattern) else next(given, None) for p in single
        ]
        arguments = (*(type_ for type_ in written if type_ is not None), *given)
        return arguments if self.match(arguments, result) is not None else None

    @cached_property
    def is_variadic(self) -> bool:
        """Whether the last parameter is several."""
        return bool(self.parameters) and bool(self.parameters[-1].count)

    def expanded(self, count: int) -> list[Parameter]:
        """List the parameter of each of so many arguments."""
        return [self.parameters[min(at, len(self.parameters) - 1)] for at in range(count)]

    def arguments(self, binding: Binding) -> tuple[Type, ...] | None:
        """The types of all arguments; None while some variable is free."""
        types = [parameter.pattern.type(binding) for parameter in self.parameters]
        if self.is_variadic:
            types[-1:] = types[-1:] * (self._count(binding) or 0)
        return None if None in types else tuple(types)  # type: ignore[arg-type]  # None is none of them

    def giving(self, result: Type, among: Collection[Type]) -> Iterator[tuple[Type, ...]]:
        """List the arguments that lead to a result, of types among some."""
        binding: Binding = {}
        if self.result.unify(result, binding):
            for bound in self._completed(binding, among):
                arguments = self.arguments(bound)
                if arguments is not None and all(not _is_value(a) or a in among for a in arguments):
                    yield arguments

    def _completed(self, binding: Binding, among: Collection[Type], at: int = 0) -> Iterator[Binding]:
        if at == len(self.parameters):
            yield binding
            return
        pattern = self.parameters[at].pattern
        known = pattern.type(binding)
        for type_ in among if known is None else (known,):
            bound = dict(binding)
            if pattern.unify(type_, bound):
                yield from self._completed(bound, among, at + 1)

    def samples(self) -> Iterator[Binding]:
        """List bindings that stand for all: all combinations of scalar types, and lengths by turns."""
        words, letters = self._variables
        scalars = list(itertools.product(*(CLASSES[_class_of(word)] for word in words)))
        lengths = _sampled_lengths(len(letters))
        for turn in range(max(len(scalars), len(lengths))):
            types, sizes = scalars[turn % len(scalars)], lengths[turn % len(lengths)]
            yield {**dict(zip(words, types, strict=True)), **dict(zip(letters, sizes, strict=True))}

    @cached_property
    def _variables(self) -> tuple[list[str], list[str]]:
        patterns = [*(parameter.pattern for parameter in self.parameters), self.result]
        leaves = [leaf for pattern in patterns for leaf in _leaves(pattern)]
        words = dict.fromkeys(leaf.word for leaf in leaves if isinstance(leaf, ScalarPattern))
        counts = [parameter.count for parameter in self.parameters if parameter.count not in ("", SIZE)]
        letters = dict.fromkeys([*(leaf for leaf in leaves if isinstance(leaf, str)), *counts])
        return list(words), [letter for letter in letters if not letter.isdigit()]

    def _count(self, binding: Binding) -> int | None:
        """How many arguments the last parameter takes; None where nothing says it."""
        count = self.parameters[-1].count
        if count != SIZE:
            return _length(count, binding)
        result = self.result.type(binding)
        return result.size if isinstance(result, Composite) else None


def _sampled_lengths(count: int) -> list[tuple[int, ...]]:
    """List lengths for so many letters: all alike, for each length that stands for others, and all different."""
    alike = [(length,) * count for length in LENGTHS if count] or [()]
    return [*alike, (*LENGTHS, *LENGTHS)[:count]] if count > 1 else alike


def _is_value(argument: Type) -> bool:
    return not isinstance(argument, Constant | Denoted)


def _leaves(pattern: Pattern) -> Iterator[ScalarPattern | str]:
    match pattern:
        case ScalarPattern():
            yield pattern
        case CompositePattern(_, lengths, scalar):
            yield from lengths
            yield scalar
        case ConstantPattern(length):
            yield length
        case TypePattern(inner):
            yield from _leaves(inner)


def _parts(text: str) -> list[str]:
    """Split at the commas that stand outside of brackets."""
    return [part for part in re.split(r",(?![^\[]*\])", text) if part.strip()] if text.strip() else []


def _parameter(text: str) -> Parameter:
    match = re.fullmatch(r"(\*?)(\w+)(?:\[(\w+)\])?:\s*(\S.*)", text)
    if match is None or bool(match[1]) != bool(match[3]):
        raise ValueError(f"{text!r} is no parameter")
    written, equals, default = (part.strip() for part in match[4].partition("="))
    place = re.fullmatch(r"place\[(.*)\]", written)
    pattern = _pattern(place[1] if place else written)
    if equals and (match[3] or pattern.type({}) is None):
        raise ValueError(f"the default of {match[2]!r} has no one type")
    return Parameter(match[2], pattern, match[3] or "", place is not None, float(default) if equals else None)


def _pattern(text: str) -> Pattern:
    head, bracket, rest = text.partition("[")
    if not bracket:
        return ScalarPattern(text, CLASSES[_class_of(text)])
    if not rest.endswith("]"):
        raise ValueError(f"{text!r} is no pattern")
    inner = [part.strip() for part in rest[:-1].split(",")]
    if head == "const" and len(inner) == 1:
        return ConstantPattern(_letter(inner[0]))
    if head == "type" and len(inner) == 1:
        return TypePattern(_pattern(inner[0]))
    family = next((one for one in FAMILIES if one.family == head), None)
    if family is None or len(inner) != family.rank + 1:
        raise ValueError(f"{text!r} is no pattern")
    scalar = _pattern(inner[-1])
    if not isinstance(scalar, ScalarPattern):
        raise ValueError(f"{inner[-1]!r} is no class of scalar types")
    return CompositePattern(family, tuple(map(_letter, inner[:-1])), scalar)


def _letter(text: str) -> str:
    if not re.fullmatch(r"[a-z]|[1-9]\d*", text):
        raise ValueError(f"{text!r} is no length")
    return text


def _class_of(word: str) -> str:
    """The class of a word: its own, or the one before the digit that makes it a further variable."""
    for name in (word, word[:-1] if word[-1:].isdigit() else ""):
        if name in CLASSES:
            return name
    raise ValueError(f"{word!r} is no class of scalar types")
