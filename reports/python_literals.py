"""Values as Python source that gives them back bit by bit, written so that a person can read it where that is possible.

An array is a nested list of decimal literals; where that would lose a bit (the payload of a NaN), its bit patterns;
where there are too many to read, its bytes in hexadecimal.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from reports import values

READABLE = 256  # scalars: more than that is a wall, and a reduced test case has fewer
WIDTH = 110
INDENT = " " * 8  # of continued lines: an array stands in a dictionary at module level

Literal = Callable[[np.generic], str]
NumpyArray = np.ndarray[Any, Any]


def array_literal(array: NumpyArray) -> str:
    """Write an array as an expression over ``np``; it may have several lines, the later ones indented by eight."""
    dtype = f"np.{array.dtype.name}" if array.dtype != np.bool_ else "np.bool_"
    items = array.reshape(-1)
    if array.size > 4 and items.tobytes() == items[:1].tobytes() * array.size and _exact(items[0]):
        return f"np.full({array.shape}, {_decimal(items[0])}, dtype={dtype})"
    if array.size == 0:
        return f"np.zeros({array.shape}, dtype={dtype})"
    if array.size > READABLE:
        return f"np.frombuffer(bytes.fromhex({_chunks(array.tobytes().hex())}), dtype={dtype}).reshape({array.shape})"
    if all(map(_exact, items)):
        return f"np.array({_nested(array, _decimal)}, dtype={dtype})"
    unsigned = f"np.uint{8 * array.itemsize}"
    return f"np.array({_nested(array, _pattern)}, dtype={unsigned}).view({dtype})"


def value_literal(value: Any) -> str:
    """Write a value or an option as an expression: a literal, or a tuple of them for a vector or a matrix."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(value_literal, value))})"
    if isinstance(value, np.generic) and not _exact(value):
        return f"np.uint{8 * value.itemsize}({_pattern(value)}).view(np.{value.dtype.name})"
    return _decimal(value) if isinstance(value, np.generic) else repr(value)


def quoted(text: str) -> str:
    """Write a text as a Python literal in double quotes."""
    return json.dumps(text)


def comment_lines(text: str) -> list[str]:
    """Break a text of any origin into lines of a comment: no line break of it ends the comment."""
    return [line for paragraph in values.plain(text).splitlines() for line in textwrap.wrap(paragraph, WIDTH) or [""]]


def _decimal(value: np.generic) -> str:
    if value.dtype.kind != "f":
        return str(value)
    if not np.isfinite(value):
        return {"nan": "np.nan", "inf": "np.inf", "-inf": "-np.inf"}[str(value)]
    shortest = str(value)
    return shortest if _same(value.dtype.type(float(shortest)), value) else repr(float(value))


def _pattern(value: np.generic) -> str:
    return f"0x{values.bits(value)}"


def _exact(value: np.generic) -> bool:
    """Say whether the decimal literal gives back every bit: always, except for most NaNs."""
    return not (value.dtype.kind == "f" and np.isnan(value)) or _same(value.dtype.type(np.nan), value)


def _same(left: np.generic, right: np.generic) -> bool:
    return left.tobytes() == right.tobytes()


def _nested(array: NumpyArray, literal: Literal) -> str:
    """Write nested lists, one line per row of the first axis where there are several axes."""
    if array.ndim > 1:
        rows = "".join(f"\n{INDENT}{_nested_line(row, literal)}," for row in array)
        return f"[{rows}\n{INDENT[4:]}]"
    return f"\n{INDENT}".join(textwrap.wrap(_nested_line(array, literal), WIDTH, break_on_hyphens=False))


def _nested_line(part: Any, literal: Literal) -> str:
    if not isinstance(part, np.ndarray):
        return literal(part)
    return f"[{', '.join(_nested_line(item, literal) for item in part)}]"


def _chunks(digits: str) -> str:
    lines = [digits[start : start + WIDTH] for start in range(0, len(digits), WIDTH)]
    return "".join(f'\n{INDENT}"{line}"' for line in lines)
