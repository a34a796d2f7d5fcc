"""The row ``names``: how many names of the Op table occur in many generated kernels, which are not executed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.corpus.orders import Form, Order
from fuzzer.generation.cases import accepted_case
from grammar.ops import TABLE
from tests.quality import rows
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings

PIECE = 2_000
"""Kernels per piece: less than a minute of work."""

SHOWN = 40
"""Names that are shown of those that never occur."""


def pieces(settings: Settings) -> list[Settings]:
    """Cut the indices into ranges."""
    return rows.chunks(settings, "kernels", PIECE)


def measure(piece: Settings) -> Facts:
    """Generate kernels and count the names that they use."""
    order = Order(piece["seed"], CATEGORIES, piece["start"], piece["stop"], Form(()))
    counts: Counter[str] = Counter()
    for index in range(order.first, order.stop):
        _, typing = accepted_case(order.seed, index, order.recipe(index))
        counts.update({overload.op.name for overload in typing.overloads.values()})
        counts.update({call.overload.op.name for call in typing.atomics.values()})
    return {"kernels": order.stop - order.first, "counts": dict(counts)}


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Compare with the table."""
    counts = sum((Counter(x["counts"]) for x in facts), Counter[str]())
    names = {op.name for op in TABLE.values()}
    missing = sorted(names - counts.keys())
    claims = (
        rows.at_least("names of the Op table that occur", len(names) - len(missing), len(names), 95),
        Claim("kernels looked at", f"{sum(x['kernels'] for x in facts):,}"),
    )
    listings = (
        Listing("names that never occur", ("name",), tuple((name,) for name in missing[:SHOWN])),
        Listing("the rarest names", ("name", "kernels"), tuple((n, f"{c:,}") for n, c in counts.most_common()[-10:])),
    )
    return Conclusion(claims, listings)


MEASUREMENT = Measurement(
    name="names",
    counts={"kernels": 100_000},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
)
