"""What stands before the functions of a text: the header that declares operations, and the macros that statements use.

Source of the forms: the templates of modules in Warp 1.19's code generator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from oracle.text.faults import LANGUAGES, Departure, Line, Target

HEADER = '#include "builtin.h"'
"""What declares all that begins with ``wp::``."""

_CASTS = {
    "float": "(x) cast_float(x)",
    "adj_float": "(x, adj_x, adj_ret) adj_cast_float(x, adj_x, adj_ret)",
    "int": "(x) cast_int(x)",
    "adj_int": "(x, adj_x, adj_ret) adj_cast_int(x, adj_x, adj_ret)",
}
_AXES = {dimensions: ", ".join("xyzw"[:dimensions]) for dimensions in (2, 3, 4)}


def _macros(linear: str, index: str) -> Mapping[str, str]:
    """Return what follows the name of each macro, for the ways in which a target numbers its threads."""
    several = {f"builtin_tid{count}d": f"({axes}) wp::tid({axes}, {index}, dim)" for count, axes in _AXES.items()}
    return {"builtin_tid1d": f"() {linear}"} | several | _CASTS


MACROS: Mapping[Target, Mapping[str, str]] = {
    "cpu": _macros("wp::linear_tid<wp_linear_tid>(task_index, dim)", "task_index"),
    "cuda": _macros("wp::tid(_idx, dim)", "_idx"),
}
"""What is defined for each target: the coordinates of a thread, in the order of the axes, and Python's conversions."""

_MACRO = re.compile(rf"\n#define ({'|'.join(MACROS['cpu'])})\b(.*)")


def unknown_header(text: str, target: Target) -> Iterator[Departure]:
    """Say where a text lacks the header, or defines a macro that it uses in no known way, or not at all."""
    if HEADER not in text:
        yield Departure(f"no line of the {LANGUAGES[target]} text says {HEADER!r}", target, HEADER, "")
    missing = dict(MACROS[target])
    for found in _MACRO.finditer(f"\n{text}"):
        known = MACROS[target][found[1]]
        missing.pop(found[1], None)
        if found[2] != known and _is_used(found[1], text):
            line = Line(text.count("\n", 0, found.start()) + 1, found[0].strip())
            yield Departure.from_line(line, target, found[1], f"#define {found[1]}{known}")
    for name, known in missing.items():
        if _is_used(name, text):
            yield Departure(
                f"the {LANGUAGES[target]} text uses {name!r} and does not define it",
                target,
                f"#define {name}{known}",
                "",
            )


def _is_used(name: str, text: str) -> bool:
    """Whether a macro is called, elsewhere than in a directive or a comment."""
    return re.search(rf"^(?!\s*(?:#|//)).*\b{name}\(", text, re.MULTILINE) is not None
