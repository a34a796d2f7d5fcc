"""Choices: the same decisions for the same seed, record or source, and what the simplest decision is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzer.generation.choices import Choices

CALLS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "integer": st.tuples(st.integers(-(2**70), 0), st.integers(0, 2**70)),
    "chance": st.tuples(st.integers(0, 100)),
    "pick": st.tuples(st.lists(st.text(), min_size=1)),
    "weighted": st.lists(st.tuples(st.text(), st.integers(1, 50)), min_size=1).map(
        lambda x: tuple(zip(*x, strict=True))
    ),
    "subset": st.tuples(st.lists(st.integers()), st.integers(0, 100)),
    "shuffled": st.tuples(st.lists(st.integers())),
}
PROGRAMS = st.lists(st.one_of([st.tuples(st.just(name), arguments) for name, arguments in CALLS.items()]))


def decisions(choices: Choices, program: list[tuple[str, tuple[Any, ...]]]) -> list[Any]:
    return [getattr(choices, name)(*arguments) for name, arguments in program]


def seeded(*seed: int | str) -> list[int]:
    choices = Choices.seeded(*seed)
    return [choices.integer(0, 999) for _ in range(5)]


def test_a_seed_gives_the_same_decisions_on_every_machine() -> None:
    assert seeded(0) == [247, 144, 370, 849, 95]
    assert seeded(7, "sweep", 3) == [786, 1, 317, 919, 73]


def test_other_seeds_give_other_decisions() -> None:
    seeds = [(0,), (1,), (0, 0), (0, "0"), ("00",), (0, 1), (1, 0)]
    assert len({tuple(seeded(*seed)) for seed in seeds}) == 7


@given(st.integers(0, 2**32), PROGRAMS)
def test_a_record_replays_every_decision(seed: int, program: list[tuple[str, tuple[Any, ...]]]) -> None:
    first = Choices.seeded(seed)
    made = decisions(first, program)
    again = Choices.replaying(first.record)
    assert decisions(again, program) == made
    assert again.record == first.record


@given(st.lists(st.integers()), PROGRAMS)
def test_any_record_gives_decisions_in_range(record: list[int], program: list[tuple[str, tuple[Any, ...]]]) -> None:
    choices = Choices.replaying(record)
    for (name, arguments), made in zip(program, decisions(choices, program), strict=True):
        match name:
            case "integer":
                assert arguments[0] <= made <= arguments[1]
            case "pick" | "weighted":
                assert made in arguments[0]
            case "shuffled":
                assert sorted(made) == sorted(arguments[0])


def test_a_record_that_ends_goes_on_with_the_simplest_decisions() -> None:
    choices = Choices.replaying([2])
    assert choices.pick("abc") == "c"
    assert choices.pick("abc") == "a"
    assert choices.integer(-3, 3) == -3
    assert choices.chance(99) is False
    assert choices.weighted("xyz", (1, 2, 3)) == "x"
    assert choices.subset("xyz", 50) == []
    assert choices.shuffled("xyz") == ["x", "y", "z"]


def test_a_recorded_number_outside_a_range_becomes_its_nearest_end() -> None:
    choices = Choices.replaying([100, -100])
    assert choices.integer(0, 7) == 7
    assert choices.integer(0, 7) == 0
    assert choices.record == [7, 0]


CHANCES = [
    (0, 99, False),
    (1, 98, False),
    (1, 99, True),
    (50, 49, False),
    (50, 50, True),
    (99, 0, False),
    (100, 0, True),
]


@pytest.mark.parametrize(("percent", "drawn", "expected"), CHANCES)
def test_a_chance_holds_in_as_many_of_a_hundred_cases(percent: int, drawn: int, expected: bool) -> None:
    assert Choices.replaying([drawn]).chance(percent) is expected


def test_items_are_drawn_as_often_as_they_weigh() -> None:
    drawn = [Choices.replaying([number]).weighted("abc", (2, 1, 3)) for number in range(1, 7)]
    assert "".join(drawn) == "aabccc"


def test_an_item_without_weight_is_never_drawn() -> None:
    drawn = [Choices.replaying([number]).weighted("abcd", (0, 2, 0, 1)) for number in range(-1, 9)]
    assert set(drawn) == {"b", "d"}


def test_a_subset_keeps_the_order_of_the_items() -> None:
    assert Choices.replaying([99, 0, 99]).subset("xyz", 50) == ["x", "z"]


def test_nothing_to_pick_from_is_an_error_of_the_caller() -> None:
    with pytest.raises((IndexError, ValueError)):
        Choices.seeded(0).pick([])
