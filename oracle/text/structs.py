"""The structs that an emitted text defines: their fields, and whether they are made as is known.

Source of the form: the template of structs in Warp 1.19's code generator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from oracle.text.faults import Departure, Target, Unread
from oracle.text.prologues import unlike
from oracle.text.source import FIELD, Field, Section
from oracle.text.spelling import Record, TextType, type_named

_BEGINNING = re.compile(r"\nstruct (\w+)\n\{\n")
_END = "\n}\n\n\n"


@dataclass(frozen=True)
class Definition:
    """A struct as the text defines it: its fields, and all lines from its name to the last of its own functions."""

    name: str
    fields: Sequence[Field]
    section: Section


@lru_cache(maxsize=2)
def definitions(text: str) -> Mapping[str, Definition]:
    """Find the structs of a text by name, in order; those of the arguments of kernels are none of them."""
    found: dict[str, Definition] = {}
    for beginning in _BEGINNING.finditer(f"\n{text}"):
        start, end = beginning.start(), text.find(_END, beginning.start())
        section = Section(text.count("\n", 0, start) + 1, text[start : end + 2])
        found[beginning[1]] = Definition(beginning[1], tuple(_fields(section)), section)
    return found


def _fields(section: Section) -> Iterator[Field]:
    for line in section.lines()[2:]:
        match = FIELD.fullmatch(line.text)
        if match is None:
            return
        yield Field(line.number, match[1], match[2])


@lru_cache(maxsize=2)
def records(text: str) -> Mapping[str, Record]:
    """Read the types that the structs of a text are, by name.

    Raises:
        Unread: A field has a type that is not known.
    """
    found: dict[str, Record] = {}
    for name, definition in definitions(text).items():
        found[name] = Record(name, tuple((field.name, _type_of(field, found)) for field in definition.fields))
    return found


def _type_of(field: Field, known: Mapping[str, Record]) -> TextType:
    try:
        return type_named(field.type, known)
    except Unread as unread:
        raise Unread(unread.what, field.line) from None


def unknown_structs(text: str, target: Target) -> Iterator[Departure]:
    """Say where a struct of a text is not made as is known: of zeros, and of a value for each field."""
    for definition in definitions(text).values():
        form = tuple(_form(definition))
        yield from unlike(definition.section.lines()[: len(form)], form, target, definition.name)


def _form(definition: Definition) -> Iterator[str]:
    name, fields = definition.name, definition.fields
    yield from (f"struct {name}", "{", *(f"{field.type} {field.name};" for field in fields), f"{name}() = default;")
    first, *others = (f"{field.type} const& {field.name}" for field in fields)
    parameters = [f"CUDA_CALLABLE {name}({first}", *(f"{other} = {{}}" for other in others)]
    parameters[-1] += ")"
    yield from ",\n".join(parameters).splitlines()
    yield from (f"{', ' if at else ': '}{field.name}{{{field.name}}}" for at, field in enumerate(fields))
    yield from ("{", "}")
