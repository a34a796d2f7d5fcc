"""The operations of the kernel language: one record per builtin and operator, one file per group.

*Op*: what an operation is. *Overload*: one instance with concrete types. *Signature*: the family it belongs to.
The tables define themselves on import; :mod:`grammar.ops.table` derives what readers look up.
"""

from importlib import import_module

from grammar.ops.record import (
    EXACT,
    IEEE,
    PRODUCT,
    SELECTION,
    TABLE,
    UNORDERED,
    Op,
    Overload,
    Rounding,
    find,
)
from grammar.ops.signatures import Signature

TABLES = ("casts", "operators", "scalar_math", "utility", "composites", "atomics", "vector_math", "quaternions")
"""The files that define operations, in the order of the table."""

for _name in TABLES:
    import_module(f"grammar.ops.{_name}")

__all__ = [
    "EXACT",
    "IEEE",
    "PRODUCT",
    "SELECTION",
    "TABLE",
    "TABLES",
    "UNORDERED",
    "Op",
    "Overload",
    "Rounding",
    "Signature",
    "find",
]
