"""Types by their names: ``vec3``, ``mat22d``, ``vec5ub``, as types spell themselves, and a few other spellings."""

from __future__ import annotations

import re
from functools import cache

from grammar.types.elements import Element
from grammar.types.families import SUFFIXES, Matrix, Quaternion, Vector
from grammar.types.scalars import SCALAR_BY_NAME

_COMPOSITE = re.compile(rf"(vec|mat|quat)([1-9]\d*)?(?:x([1-9]\d*))?({'|'.join(filter(None, SUFFIXES))}|)")


@cache
def element_named(name: str) -> Element | None:
    """Find the type of a name, whether Warp has it or a module defines it; None where there is none."""
    if name in SCALAR_BY_NAME:
        return SCALAR_BY_NAME[name]
    match = _COMPOSITE.fullmatch(name)
    if match is None:
        return None
    family, digits, columns, suffix = match.groups()
    scalar = SCALAR_BY_NAME[SUFFIXES[suffix]]
    match family, digits, columns:
        case "vec", str(length), None:
            return Vector(int(length), scalar)
        case "mat", str(rows), str(columns):
            return Matrix(int(rows), int(columns), scalar)
        case "mat", str(sizes), None if len(sizes) == 2:
            return Matrix(int(sizes[0]), int(sizes[1]), scalar)
        case "quat", None, None if scalar.is_float:
            return Quaternion(scalar)
    return None


def predefined(name: str) -> Element | None:
    """Find the type that Warp has under a name: ``vec3`` of ``wp.vec3``; None where it has none."""
    found = element_named(name)
    return found if found is not None and found.is_predefined else None
