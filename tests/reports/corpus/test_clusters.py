"""Clusters: what is kept of a sequence of kernels, and that the sequence alone decides."""

from __future__ import annotations

import base64
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.corpus.clusters import Clusters, Placement
from reports.corpus.corpus_records import Split
from reports.corpus.fingerprints import Fingerprint


def fingerprint(name: str, family: int = 0, changes: range = range(0), structural: str = "") -> Fingerprint:
    """Make a fingerprint: in a family all numbers are equal but the changed ones, so k changes leave (128 - k) / 128.

    The index looks at the first 32 numbers, so that it finds whatever is changed behind them.
    """
    numbers = np.arange(128, dtype="<u4") + 1000 * family
    numbers[128 - changes.stop : 128 - changes.start] += 500
    return Fingerprint(name, structural or name, base64.b64encode(numbers.tobytes()).decode())


def placed(*fingerprints: Fingerprint, clusters: Clusters | None = None) -> list[Placement]:
    clusters = clusters or Clusters()
    return [clusters.take(taken.exact, taken, apart=None) for taken in fingerprints]


def test_kernels_that_differ_found_clusters() -> None:
    assert placed(fingerprint("a"), fingerprint("b", family=1)) == [Placement("unique", "a"), Placement("unique", "b")]


def test_the_same_text_is_kept_once() -> None:
    again = placed(fingerprint("a"), fingerprint("a"))[1]
    assert again == Placement("exact", "a")
    assert not again.kept


def test_the_same_structure_is_kept_once() -> None:
    renamed = placed(fingerprint("a", structural="s"), fingerprint("b", structural="s"))[1]
    assert renamed == Placement("structural", "a")
    assert not renamed.kept


def test_from_four_fifths_on_kernels_are_nearly_the_same() -> None:
    first, near, far = fingerprint("a"), fingerprint("b", changes=range(25)), fingerprint("c", changes=range(26))
    assert placed(first, near) == [Placement("unique", "a"), Placement("near", "a")]
    assert placed(first, far) == [Placement("unique", "a"), Placement("unique", "c")]
    assert placed(first, near)[1].kept


def test_what_is_near_a_later_kernel_joins_the_cluster_of_the_first() -> None:
    chain = fingerprint("a"), fingerprint("b", changes=range(20)), fingerprint("c", changes=range(40))
    assert placed(*chain)[2] == Placement("near", "a")


def test_a_cluster_keeps_four() -> None:
    many = [fingerprint(name, changes=range(number)) for number, name in enumerate("abcdef")]
    assert [placement.level for placement in placed(*many)] == ["unique", "near", "near", "near", "capped", "capped"]
    assert {placement.cluster_id for placement in placed(*many)} == {"a"}
    assert not placed(*many)[4].kept


def test_what_lies_between_two_clusters_is_dropped() -> None:
    apart = fingerprint("a"), fingerprint("b", changes=range(40)), fingerprint("c", changes=range(20))
    assert placed(*apart)[1] == Placement("unique", "b")
    assert placed(*apart)[2] == Placement("between", "a")
    assert not placed(*apart)[2].kept


@pytest.mark.parametrize(("apart", "other"), [*permutations((None, "composition", "sweep"), 2)])
def test_a_cluster_is_set_apart_as_a_whole_or_not_at_all(apart: Split | None, other: Split | None) -> None:
    clusters = Clusters()
    assert clusters.take("a", fingerprint("a"), apart=apart) == Placement("unique", "a")
    assert clusters.take("b", fingerprint("b", changes=range(1)), apart=other) == Placement("between", "a")
    assert clusters.take("c", fingerprint("c", changes=range(2)), apart=apart) == Placement("near", "a")


def test_a_duplicate_of_a_dropped_kernel_is_dropped() -> None:
    many = [fingerprint(name, changes=range(number)) for number, name in enumerate("abcde")]
    assert placed(*many, fingerprint("e", changes=range(4)))[5] == Placement("exact", "a")


def test_each_level_is_counted() -> None:
    clusters = Clusters()
    assert clusters.counts == {"unique": 0, "near": 0, "exact": 0, "structural": 0, "capped": 0, "between": 0}
    many = [fingerprint(name, changes=range(number)) for number, name in enumerate("abcde")]
    placed(*many, many[0], fingerprint("f", structural="b"), fingerprint("g", changes=range(40)), clusters=clusters)
    placed(fingerprint("h", changes=range(20)), clusters=clusters)
    assert clusters.counts == {"unique": 2, "near": 3, "exact": 1, "structural": 1, "capped": 1, "between": 1}


Sequence = list[tuple[Fingerprint, Split | None]]

taken = st.builds(
    lambda family, start, length, same: fingerprint(
        f"{family} {start} {length}", family, range(start, start + length), same
    ),
    st.integers(0, 2),
    st.integers(0, 40),
    st.integers(0, 40),
    st.sampled_from(("", "", "", "same")),
)
sequences = st.lists(st.tuples(taken, st.sampled_from((None, "composition", "sweep"))), max_size=30)


def all_placed(clusters: Clusters, sequence: Sequence) -> list[Placement]:
    return [clusters.take(one.exact, one, apart=apart) for one, apart in sequence]


@given(sequences, st.integers(0, 30))
def test_a_replay_gives_the_same_state(sequence: Sequence, stop: int) -> None:
    whole, resumed = Clusters(), Clusters()
    placements = all_placed(whole, sequence)
    written = [(Fingerprint.of_text(one.text()), apart) for one, apart in sequence[:stop]]
    assert all_placed(resumed, written) == placements[:stop]
    assert all_placed(resumed, sequence[stop:]) == placements[stop:]
    assert resumed.counts == whole.counts


@given(sequences)
def test_no_two_kernels_of_different_clusters_are_nearly_the_same(
    sequence: Sequence,
) -> None:
    placements = all_placed(Clusters(), sequence)
    kept = [(one, placed_) for (one, _), placed_ in zip(sequence, placements, strict=True) if placed_.kept]
    for (one, its), (other, others) in combinations(kept, 2):
        assert its.cluster_id == others.cluster_id or one.sketch.jaccard(other.sketch) < 0.8


@given(sequences)
def test_all_of_a_cluster_are_set_apart_for_one_split(sequence: Sequence) -> None:
    clusters: dict[str, set[Split | None]] = {}
    placements = all_placed(Clusters(), sequence)
    for (_, apart), placement in zip(sequence, placements, strict=True):
        if placement.kept:
            clusters.setdefault(placement.cluster_id, set()).add(apart)
    assert all(len(values) == 1 for values in clusters.values())
