"""Which split a kernel is in: by its cluster, except where it is set apart.

Near duplicates share a cluster, and a cluster lies in one split, drawn by the hash of its id: so a kernel's split does
not depend on how many others there are. The split ``composition`` asks another question: does who learned each of two
constructs alone also master both together? It takes every kernel that combines a pair of HELD_OUT, so no other has one.
The split ``sweep`` takes all others of that category: a few statements around one operation or form, as a campaign goes
through all of them, and often more than the rest. All members of a cluster agree about that: of near duplicates that do
not, :meth:`Clusters.take` drops the later one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from reports.corpus.corpus_records import Split

HELD_OUT: dict[tuple[str, str], str] = {
    ("factory_def", "return_values"): "values captured by a closure, beside functions that return several values",
    ("return_stmt", "slice"): "a thread that ends early, beside views of arrays",
    ("break_stmt", "return_value"): "a loop that is left early, beside functions that return a value",
}
"""Pairs of productions that only the split ``composition`` has together in a module, and what they combine.

Of 600 generated kernels each construct is in 6 to 40 %, each pair in 1.5 to 2.2 %, and 5.5 % combine one of the pairs.
"""

SWEEP = "sweep"
"""The category, and the split, of kernels that try out one operation or form each."""

VALIDATION_PERCENT, TEST_PERCENT = 5, 5  # of the clusters that are not set apart; 90 % are left for training


def is_held_out(features: Collection[str]) -> bool:
    """Say whether a kernel with these productions combines a pair that is held out."""
    return any(first in features and second in features for first, second in HELD_OUT)


def set_apart(features: Collection[str], category: str) -> Split | None:
    """Return the split that a kernel is set apart for; None where its cluster decides."""
    if is_held_out(features):
        return "composition"
    return "sweep" if category == SWEEP else None


def split_of(cluster_id: str, apart: Split | None) -> Split:
    """Return the split of a kernel that ``Clusters`` kept, set apart or not: the same for all of its cluster."""
    if apart:
        return apart
    drawn = int.from_bytes(hashlib.blake2b(cluster_id.encode(), digest_size=8).digest(), "big") % 100
    if drawn < TEST_PERCENT:
        return "test"
    return "validation" if drawn < TEST_PERCENT + VALIDATION_PERCENT else "train"
