"""The composition of a corpus, counted while its records pass by: what ``dataset_stats.json`` holds.

Memory grows with the number of distinct values (names, sizes, clusters), not with the records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reports.corpus.corpus_records import CorpusRecord

COUNTED: Mapping[str, Callable[[CorpusRecord], Iterable[str]]] = {
    "splits": lambda record: (record.split,),
    "devices": lambda record: (record.device,),
    "statuses": lambda record: (record.status,),
    "categories": lambda record: (record.category,),
    "verified_by": lambda record: record.verified_by,
    "builtins": lambda record: record.builtins,
    "features": lambda record: record.features,
    "origins": lambda record: ("generated" if record.origin == "generated" else "people",),
    "licences": lambda record: (record.licence,),
    "options": lambda record: (record.options,),
    "generator_versions": lambda record: (record.generator_version,),
    "grammar_hashes": lambda record: (record.grammar_hash,),
    "warp_versions": lambda record: (record.warp_version,),
}
"""What is counted in records: the values of a record, by the name that the statistics give them."""

MEASURES: Mapping[str, Callable[[CorpusRecord], int]] = {
    "statements": lambda record: record.statements,
    "expressions": lambda record: record.expressions,
    "depth": lambda record: record.depth,
    "source_characters": lambda record: len(record.python_source),
    "code_characters": lambda record: len(record.generated_code),
}
"""What is measured in each record."""

DRAWN = ("statements", "expressions", "depth")
"""Measures whose values are few enough to be listed one by one, for plots."""

QUANTILES = {
    "smallest": 0.0,
    "quarter": 0.25,
    "median": 0.5,
    "three_quarters": 0.75,
    "95_percent": 0.95,
    "largest": 1.0,
}
"""By name, the share of records that are at most so large (the largest of them is the quantile)."""


class Statistics:
    """What is known of the records so far."""

    def __init__(self) -> None:
        self.records = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        self._measures: dict[str, Counter[int]] = {name: Counter() for name in MEASURES}
        self._clusters: Counter[tuple[str, str]] = Counter()
        self._gradients = 0
        self._closest: CorpusRecord | None = None

    def add(self, record: CorpusRecord) -> None:
        """Count one record."""
        self.records += 1
        for name, values_of in COUNTED.items():
            self._counts[name].update(values_of(record))
        for name, measure in MEASURES.items():
            self._measures[name][measure(record)] += 1
        self._clusters[record.cluster_id, record.device] += 1
        self._gradients += record.grad_verified
        if record.status == "accepted" and share_of_bound(record) > share_of_bound(self._closest):
            self._closest = record

    def document(self, dropped: Mapping[str, int]) -> dict[str, Any]:
        """Return the statistics as a JSON document; at least one record was added.

        Counts go from the most frequent value to the rarest, and by name where they are equal. The sizes of clusters
        are in kernels, all else is in records. ``deviation`` is that of the accepted record which came closest to its
        bound: None where no float of an accepted record deviates.

        Args:
            dropped: How many kernels each level of duplicates has dropped, and how many other reasons have.
        """
        return {
            "records": self.records,
            **{name: _by_frequency(counts) for name, counts in self._counts.items()},
            "gradients_verified": self._gradients,
            "measures": {name: _measure(name, values) for name, values in self._measures.items()},
            "clusters": self._cluster_sizes(),
            "deviation": self._deviation(),
            "dropped": dict(dropped),
        }

    def _cluster_sizes(self) -> dict[str, Any]:
        """Count the kernels of each cluster, which have a record for each device."""
        kernels: dict[str, int] = {}
        for (cluster, _), records in self._clusters.items():
            kernels[cluster] = max(records, kernels.get(cluster, 0))
        sizes = Counter(kernels.values())
        return {
            "count": len(kernels),
            "largest": max(sizes),
            "by_size": {str(size): sizes[size] for size in sorted(sizes)},
        }

    def _deviation(self) -> dict[str, Any] | None:
        record = self._closest
        if record is None:
            return None
        share = share_of_bound(record)
        return {"share_of_bound": share, "max_deviation": record.max_deviation, "bound": record.bound, "id": record.id}


def share_of_bound(record: CorpusRecord | None) -> float:
    """Return the largest deviation of an accepted record as a share of what is allowed there; 0 where there is none."""
    if record is None or not record.max_deviation or not record.bound:
        return 0.0
    return record.max_deviation / record.bound


def quantile(values: Counter[int], share: float) -> int:
    """Return the smallest value that at least this share of the counted ones does not exceed."""
    left = share * values.total()
    for value in sorted(values):
        left -= values[value]
        if left <= 0:
            return value
    raise ValueError("there is no value, or the share is above 1")


def _measure(name: str, values: Counter[int]) -> dict[str, Any]:
    summary: dict[str, Any] = {word: quantile(values, share) for word, share in QUANTILES.items()}
    summary["mean"] = sum(value * count for value, count in values.items()) / values.total()
    if name in DRAWN:
        summary["by_value"] = {str(value): values[value] for value in sorted(values)}
    return summary


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
