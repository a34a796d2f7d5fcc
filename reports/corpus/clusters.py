"""Which kernels of a sequence are kept, and in which cluster: decided kernel by kernel, never taken back.

A kernel that nothing kept is nearly the same as founds a cluster; one that is nearly the same as kernels of one cluster
joins it until it is full. The rest is dropped, also what lies between two clusters: so no two kernels of different
clusters are nearly the same (as far as the index finds them, see BANDS), and splits by cluster share nothing. A
placement depends on the fingerprints taken before alone, so taking them again gives the same state. A kernel is taken
once, for all devices.

A cluster lies in one split, drawn by the hash of its id: so a kernel's split does not depend on what else is there. The
exception are kernels that are set apart.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from datasketch import LeanMinHash, MinHashLSH

from reports.corpus.corpus_records import Split
from reports.corpus.fingerprints import PERMUTATIONS, Fingerprint

Level = Literal["unique", "near", "exact", "structural", "capped", "between"]
LEVELS: tuple[Level, ...] = ("unique", "near", "exact", "structural", "capped", "between")
KEPT: tuple[Level, ...] = ("unique", "near")

NEAR = 0.8
"""The similarity from which kernels are nearly the same. Of 600 generated kernels no two exceed 0.25; of those with one
operator changed all lie above it, of those with one statement removed 88 %, with three removed 36 %."""

CAP = 4
"""Kernels of a cluster that are kept: some variants of a program show what a small change does, more weigh too much."""

BANDS, ROWS = 8, 4
"""Of the index: it finds a pair of similarity s with probability 1 - (1 - s^4)^8: 0.985 at 0.8, 0.999 at 0.9, and one
of unrelated kernels (0.06 on average) with 0.0001."""


@dataclass(frozen=True)
class Placement:
    """What was decided of a kernel.

    Attributes:
        level: ``unique``, it founded a cluster; ``near``, it joined one; or why it was dropped: ``exact`` or
            ``structural``, the same was taken before; ``capped``, its cluster is full; ``between``, it is nearly the
            same as kernels of two clusters, or as some that are set apart otherwise.
        cluster_id: The id of the kernel that founded its cluster; of a dropped one, that of the first cluster it meets.
    """

    level: Level
    cluster_id: str

    @property
    def kept(self) -> bool:
        """Whether the kernel belongs into the corpus."""
        return self.level in KEPT


@dataclass
class _Cluster:
    id: str
    apart: Split | None
    kept: int = 0


class Clusters:
    """The kernels taken so far, and ``counts``: how many there are of each level.

    Four kilobytes and a tenth of a millisecond for each kernel: 390 MB and 8 s for 100,000.
    """

    def __init__(self) -> None:
        self.counts: Counter[Level] = Counter(dict.fromkeys(LEVELS, 0))
        self._exact: dict[str, str] = {}
        self._structural: dict[str, str] = {}
        self._sketches: list[LeanMinHash] = []
        self._cluster_of: list[_Cluster] = []
        self._index = MinHashLSH(num_perm=PERMUTATIONS, params=(BANDS, ROWS))

    def take(self, kernel_id: str, fingerprint: Fingerprint, *, apart: Split | None) -> Placement:
        """Decide of the next kernel.

        Args:
            kernel_id: Names its cluster, if it founds one.
            fingerprint: What it is compared by.
            apart: The split that it is set apart for (``splits.set_apart``), as are all or none of a cluster.
        """
        placement = self._placed(kernel_id, fingerprint, apart)
        self._exact.setdefault(fingerprint.exact, placement.cluster_id)
        self._structural.setdefault(fingerprint.structural, placement.cluster_id)
        self.counts[placement.level] += 1
        return placement

    def _placed(self, kernel_id: str, fingerprint: Fingerprint, apart: Split | None) -> Placement:
        if fingerprint.exact in self._exact:
            return Placement("exact", self._exact[fingerprint.exact])
        if fingerprint.structural in self._structural:
            return Placement("structural", self._structural[fingerprint.structural])
        sketch = fingerprint.sketch
        near = [self._cluster_of[number] for number in self._near(sketch)]
        first = near[0] if near else _Cluster(kernel_id, apart)
        if first.apart != apart or any(cluster is not first for cluster in near):
            return Placement("between", first.id)
        if first.kept == CAP:
            return Placement("capped", first.id)
        self._keep(sketch, first)
        return Placement("near" if near else "unique", first.id)

    def _near(self, sketch: LeanMinHash) -> list[int]:
        """Return the numbers of the kept kernels that are nearly the same, the first of them first."""
        return sorted(number for number in self._index.query(sketch) if sketch.jaccard(self._sketches[number]) >= NEAR)

    def _keep(self, sketch: LeanMinHash, cluster: _Cluster) -> None:
        self._index.insert(len(self._sketches), sketch, check_duplication=False)
        self._sketches.append(sketch)
        self._cluster_of.append(cluster)
        cluster.kept += 1


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
