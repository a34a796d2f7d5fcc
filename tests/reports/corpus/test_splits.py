"""Splits: by the cluster alone, except for what is held out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.nodes import NODES
from reports.corpus.splits import HELD_OUT, is_held_out, split_of

PAIRS = [("factory_def", "return_values"), ("return_stmt", "slice"), ("break_stmt", "return_value")]


def test_the_clusters_are_shared_out_ninety_to_five_to_five() -> None:
    shared = Counter(split_of(f"cluster {number}", ()) for number in range(10_000))
    assert shared == {"train": 9049, "validation": 463, "test": 488}


@pytest.mark.parametrize(("cluster_id", "split"), [("cluster 0", "train"), ("cluster 21", "validation"), ("g", "test")])
def test_a_cluster_stays_where_it_was_yesterday(cluster_id: str, split: str) -> None:
    assert split_of(cluster_id, ("assign",)) == split


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_a_pair_that_is_held_out_is_in_one_split(pair: tuple[str, str]) -> None:
    assert {split_of(f"cluster {number}", ("assign", *pair, "while_stmt")) for number in range(100)} == {"composition"}


@pytest.mark.parametrize("construct", sorted({construct for pair in PAIRS for construct in pair}))
def test_each_construct_alone_is_for_training_too(construct: str) -> None:
    assert "train" in {split_of(f"cluster {number}", ("assign", construct, "while_stmt")) for number in range(100)}


def test_what_is_held_out_are_productions() -> None:
    assert list(HELD_OUT) == PAIRS
    assert {construct for pair in HELD_OUT for construct in pair} <= NODES.keys()


@given(st.text(), st.frozensets(st.sampled_from([construct for pair in PAIRS for construct in pair])))
def test_no_other_split_combines_what_is_held_out(cluster_id: str, features: frozenset[str]) -> None:
    combined = any(features.issuperset(pair) for pair in PAIRS)
    assert is_held_out(features) == combined
    assert (split_of(cluster_id, features) == "composition") == combined


@given(st.text(), st.frozensets(st.sampled_from(sorted(NODES))), st.frozensets(st.sampled_from(sorted(NODES))))
def test_all_of_a_cluster_are_in_one_split(cluster_id: str, one: frozenset[str], other: frozenset[str]) -> None:
    same = is_held_out(one) == is_held_out(other)
    assert (split_of(cluster_id, one) == split_of(cluster_id, other)) == same
