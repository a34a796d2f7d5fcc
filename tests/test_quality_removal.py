"""Removing a form from the grammar: the text of the copy, and what a hunt with it generates."""

from __future__ import annotations

import pytest

from grammar import language
from grammar.language import OWN_TEXT, load
from tests.quality.removal import MEASUREMENT, is_removed, measure, without

GRAMMAR = """\
// A small one.
start: sum+

?sum: product
    | sum _sum product    -> sum
    | "-" product         -> minus
?product: INT             -> number
    | "(" sum ")"
!_sum: "+"
    | "-"

INT: /[0-9]+/
"""


def test_removing_a_production_removes_its_line() -> None:
    assert '"-" product' not in without(GRAMMAR, "minus")
    assert "-> sum" in without(GRAMMAR, "minus")


def test_the_first_alternative_hands_the_rule_to_the_next() -> None:
    assert '?product: "(" sum ")"\n' in without(GRAMMAR, "number")


def test_removing_one_operator_keeps_the_other() -> None:
    assert '!_sum: "-"\n' in without(GRAMMAR, "sum +")


def test_what_needs_a_rule_that_is_gone_goes_too() -> None:
    text = without(without(GRAMMAR, "sum +"), "sum -")
    assert "-> sum" not in text
    assert "-> minus" in text


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(KeyError):
        without(GRAMMAR, "while_stmt")


@pytest.mark.parametrize("form", [form for form in language().forms if form != "module"][::7])
def test_exactly_the_form_and_what_cannot_be_without_it_goes(form: str) -> None:
    left = set(load(without(OWN_TEXT, form)).forms)
    assert form not in left
    assert left < set(language().forms)


@pytest.mark.parametrize(("form", "kernels", "made"), [("elif_branch", 40, 40), ("sum +", 80, 60)])
def test_a_removed_form_is_in_no_kernel(form: str, kernels: int, made: int) -> None:
    facts = measure({"form": form, "kernels": kernels, "seed": 1})
    assert facts["kernels"] >= made
    assert is_removed(facts)


def test_a_form_that_no_module_can_do_without_is_said_in_a_sentence() -> None:
    facts = measure({"form": "kernel_def", "kernels": 80, "seed": 1})
    assert facts["kernels"] == 0
    assert facts["sentence"].startswith("the grammar and settings leave no kernel that could be generated")


def test_a_form_that_stays_or_breaks_the_kernels_is_not_removed() -> None:
    facts = {"form": "sum +", "kernels": 40, "having": 0, "sentence": "", "ill typed": []}
    assert is_removed(facts)
    assert not is_removed(facts | {"having": 1})
    assert not is_removed(facts | {"ill typed": ["batch 0: no"]})
    assert not is_removed(facts | {"kernels": 0})


@pytest.mark.slow
@pytest.mark.parametrize("form", language().forms)
def test_every_form_can_be_removed(form: str) -> None:
    facts = measure({"form": form, "kernels": 200, "seed": 2})
    assert is_removed(facts), facts


def test_the_proof_looks_at_every_form() -> None:
    pieces = MEASUREMENT.pieces({"kernels": 1, "seed": 0})
    assert [piece["form"] for piece in pieces] == list(language().forms)
