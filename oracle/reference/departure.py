"""How an engine is known to depart from the Op table: other values of some operations, or no bound on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from grammar.ops.record import Overload, Value

GARBAGES = 4
"""How many values are tried where there may be any."""


@dataclass(frozen=True)
class Departure:
    """Meanings that replace those of the table, and keys of operations whose value is not bounded.

    With ``eager_chains`` a chained comparison evaluates all its operands before it compares. ``bindings`` are forms in
    which names are bound as :mod:`oracle.reference.bindings` says. With ``garbage``, one of the numbers below
    :data:`GARBAGES`, what they leave unset is something; each number makes it something else.

    Meanings are found by the key of an overload (``lt(int32, uint32)``) or of an operation (``neg``).
    """

    meanings: Mapping[str, Callable[..., Value]] = field(default_factory=dict)
    unbounded: frozenset[str] = frozenset()
    eager_chains: bool = False
    bindings: frozenset[str] = frozenset()
    garbage: int | None = None

    def meaning(self, overload: Overload) -> Callable[..., Value]:
        """Return what computes the value of an overload."""
        return self.meanings.get(overload.key) or self.meanings.get(overload.op.key) or overload.value

    def joined(self, other: Departure) -> Departure:
        """Return the departure that has what this one and another one have."""
        eager = self.eager_chains or other.eager_chains
        meanings, unbounded = {**self.meanings, **other.meanings}, self.unbounded | other.unbounded
        return Departure(meanings, unbounded, eager, self.bindings | other.bindings)


NONE = Departure()
