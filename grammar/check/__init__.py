"""The type checker: ``check(module)`` gives a :class:`Typing`, or refuses with the rule that is broken and where."""

from grammar.check.annotations import (
    annotated_type,
    dotted,
    named_type,
    type_definitions,
    written,
    written_argument,
    written_uniform,
)
from grammar.check.modules import check, refusals
from grammar.check.record import Function, Kernel, TypeRefused, Typing, UserCall

__all__ = [
    "Function",
    "Kernel",
    "TypeRefused",
    "Typing",
    "UserCall",
    "annotated_type",
    "check",
    "dotted",
    "named_type",
    "refusals",
    "type_definitions",
    "written",
    "written_argument",
    "written_uniform",
]
