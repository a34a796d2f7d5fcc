"""The operations of the kernel language: one record per builtin and operator, one file per group.

*Op*: what an operation is. *Overload*: one instance with concrete types. *Signature*: the family it belongs to.
The tables define themselves on import; :mod:`grammar.ops.table` derives what readers look up.
"""

from grammar.ops import atomics, casts, composites, operators, scalar_math, utility, vector_math
from grammar.ops.record import EXACT, IEEE, TABLE, UNORDERED, Op, Overload, Rounding, Signature, find

__all__ = [
    "EXACT",
    "IEEE",
    "TABLE",
    "UNORDERED",
    "Op",
    "Overload",
    "Rounding",
    "Signature",
    "atomics",
    "casts",
    "composites",
    "find",
    "operators",
    "scalar_math",
    "utility",
    "vector_math",
]
