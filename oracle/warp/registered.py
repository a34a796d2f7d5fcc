"""What Warp's registered signatures say of a call: for tests that the table of operations agrees with Warp's own."""

from __future__ import annotations

from collections.abc import Sequence

import warp as wp

from grammar.types import Array, Element
from oracle.warp import internals
from oracle.warp.value_types import language_type, warp_type


def registered_result(name: str, parameters: Sequence[Array | Element]) -> Element | None:
    """Return the type of a call of a builtin (``add``, ``dot``, ``atomic_add``) by Warp's registered signatures.

    None where no signature takes these parameter types, or the result is no type of the language.

    Raises:
        KeyError: Warp registers no builtin of that name (comparisons and constructors of named types are none).
    """
    result = internals.registered_result(name, [_warp_type(parameter) for parameter in parameters])
    return None if result is None else language_type(result)


def _warp_type(type_: Array | Element) -> object:
    if isinstance(type_, Array):
        return wp.array(dtype=warp_type(type_.element), ndim=type_.ndim)
    return warp_type(type_)
