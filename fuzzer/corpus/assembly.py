"""What an export keeps of what was made: no duplicates, none of Warp's own kernels, each in a cluster and a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache

from fuzzer.corpus.making import Made
from reports.corpus.clusters import KEPT, Clusters, set_apart, split_of
from reports.corpus.corpus_records import SPLITS, CorpusRecord, Split
from reports.corpus.fingerprints import Fingerprint

IN_WARP = "in the Warp wheel"
"""Why a kernel is left out that comes with Warp too."""

OTHER_SPLIT = "in another split"
"""Why a kernel is left out whose split was not asked for."""


class Assembly:
    """Decides kernel by kernel, in order; ``left_out`` counts why kernels have no records.

    Args:
        in_wheel: Gives the structural identities of the kernels that come with Warp, asked once there is a kernel,
            since it takes seconds to find them; None where kernels are not compared with those.
        splits: Those whose kernels are kept. Which one a kernel is in does not depend on them.
    """

    def __init__(self, in_wheel: Callable[[], Collection[str]] | None, splits: Collection[Split] = SPLITS) -> None:
        self.left_out: Counter[str] = Counter({IN_WARP: 0} if in_wheel else {})
        self.kernels = 0
        self._clusters = Clusters()
        self._splits = splits
        self._in_wheel = cache(in_wheel) if in_wheel else None

    def kept(self, made: Iterable[Made]) -> Iterator[tuple[CorpusRecord, ...]]:
        """Yield the records of the kernels that are kept, those of one kernel together."""
        for item in made:
            self.kernels += 1
            records = self._records(item)
            if records:
                yield records

    def _records(self, made: Made) -> tuple[CorpusRecord, ...]:
        if made.left_out:
            self.left_out[made.left_out] += 1
        if not made.records:
            return ()
        if self._in_wheel and any(shape in self._in_wheel() for shape in made.shapes):
            self.left_out[IN_WARP] += 1
            return ()
        apart = set_apart(made.records[0].features, made.records[0].category)
        placement = self._clusters.take(made.identity, Fingerprint.of_text(made.fingerprint), apart=apart)
        if not placement.kept:
            return ()
        split = split_of(placement.cluster_id, apart)
        if split not in self._splits:
            self.left_out[OTHER_SPLIT] += 1
            return ()
        return tuple(replace(record, cluster_id=placement.cluster_id, split=split) for record in made.records)

    @property
    def dropped(self) -> dict[str, int]:
        """How many kernels each level of duplicates has dropped, and how many were left out for another reason."""
        levels = {str(level): count for level, count in self._clusters.counts.items() if level not in KEPT}
        return {**levels, **dict(sorted(self.left_out.items()))}
