"""Splits: by the cluster alone, except for what is held out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.nodes import NODES
from reports.corpus.clusters import HELD_OUT, is_held_out, set_apart, split_of
from reports.corpus.corpus_records import Split

PAIRS = [("factory_def", "return_values"), ("return_stmt", "slice"), ("break_stmt", "return_value")]


def test_the_clusters_are_shared_out_ninety_to_five_to_five() -> None:
    shared = Counter(split_of(f"cluster {number}", None) for number in range(10_000))
    assert shared == {"train": 9049, "validation": 463, "test": 488}


@pytest.mark.parametrize(("cluster_id", "split"), [("cluster 0", "train"), ("cluster 21", "validation"), ("g", "test")])
def test_a_cluster_stays_where_it_was_yesterday(cluster_id: str, split: str) -> None:
    assert split_of(cluster_id, set_apart(("assign",), "math")) == split


@pytest.mark.parametrize(
    ("features", "category", "split"),
    [
        (("assign",), "math", None),
        (("assign",), "", None),
        (("assign",), "sweep", "sweep"),
        (("return_stmt", "slice"), "math", "composition"),
        (("return_stmt", "slice"), "sweep", "composition"),
    ],
)
def test_a_kernel_is_set_apart_by_what_it_combines_or_else_by_its_category(
    features: tuple[str, ...], category: str, split: Split | None
) -> None:
    assert set_apart(features, category) == split


@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_a_pair_that_is_held_out_is_in_one_split(pair: tuple[str, str]) -> None:
    assert {split_of(f"cluster {n}", set_apart(("assign", *pair, "while_stmt"), "math")) for n in range(100)} == {
        "composition"
    }


@pytest.mark.parametrize("construct", sorted({construct for pair in PAIRS for construct in pair}))
def test_each_construct_alone_is_for_training_too(construct: str) -> None:
    assert "train" in {
        split_of(f"cluster {n}", set_apart(("assign", construct, "while_stmt"), "math")) for n in range(100)
    }


def test_what_is_held_out_are_productions() -> None:
    assert list(HELD_OUT) == PAIRS
    assert {construct for pair in HELD_OUT for construct in pair} <= NODES.keys()


categories = st.sampled_from(("math", "loops", "sweep", ""))


@given(st.text(), st.frozensets(st.sampled_from([construct for pair in PAIRS for construct in pair])), categories)
def test_no_other_split_combines_what_is_held_out(cluster_id: str, features: frozenset[str], category: str) -> None:
    combined = any(features.issuperset(pair) for pair in PAIRS)
    assert is_held_out(features) == combined
    assert (split_of(cluster_id, set_apart(features, category)) == "composition") == combined
