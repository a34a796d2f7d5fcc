"""The row ``bounds``: the reference's float values lie as near to the exact ones as its radii take for granted."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from grammar.ops import TABLE
from grammar.types import FLOATS, SCALAR_BY_NAME, Scalar
from tests.quality import rows
from tests.quality.bounds import EXACT, worst_ulps
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings


def rounded_operations() -> list[tuple[str, Scalar]]:
    """Return every operation on floats that rounds and whose exact value mpmath gives, with each of its float types."""
    found = []
    for op in TABLE.values():
        if op.name in EXACT:
            floats = {overload.parameters[0] for overload in op.samples} & set(FLOATS)
            found += [(op.key, scalar) for scalar in FLOATS if scalar in floats]
    return found


def pieces(settings: Settings) -> list[Settings]:
    """Make a piece of each operation and float type."""
    return [{**settings, "operation": key, "scalar": scalar.name} for key, scalar in rounded_operations()]


def measure(piece: Settings) -> Facts:
    """Compare the values of one operation with the exact ones."""
    scalar = SCALAR_BY_NAME[piece["scalar"]]
    worst = worst_ulps(TABLE[piece["operation"]], scalar, piece["inputs"], piece["seed"])
    return {"name": f"{piece['operation']}[{scalar}]", **worst._asdict()}


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """No bound may be exceeded; how much of a bound is used says how tight it is."""
    within = sum(x["ulps"] <= x["bound"] for x in facts)
    tightness = statistics.median(x["tightness"] for x in facts)
    claims = (
        rows.all_of("operations and float types whose bound holds", within, len(rounded_operations())),
        Claim("values compared", f"{sum(x['compared'] for x in facts):,}"),
        Claim("median share of its bound that a value uses", f"{tightness:.2f}"),
    )
    worst = sorted(facts, key=lambda x: -x["ulps"] / x["bound"])
    lines = tuple(
        (x["name"], f"{x['ulps']:.4f}", f"{x['bound']:.4f}", f"{x['tightness']:.3f}", f"{x['compared']:,}")
        for x in worst
    )
    columns = ("operation", "worst distance in ULP", "bound", "median share of the bound", "compared")
    return Conclusion(claims, (Listing("distances from the exact value", columns, lines),))


MEASUREMENT = Measurement(
    name="bounds",
    counts={"inputs": 100_000},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    sources=("grammar", "tests/quality/bounds.py"),
)
