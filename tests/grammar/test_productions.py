"""The table of productions: each has its facts, and what is derived from them."""

from __future__ import annotations

import dataclasses

import pytest

from grammar import nodes as n
from grammar.check import dotted
from grammar.language import load
from grammar.nodes import NODES
from grammar.productions import PRODUCTIONS, assigned_names, root_name, targets
from grammar.syntax import emit, parse, parse_expression
from grammar.trees import walk_statements


def test_every_production_of_the_grammar_has_its_facts_and_nothing_else_has() -> None:
    assert set(PRODUCTIONS) == set(load().productions) == set(NODES)


def test_what_a_production_assigns_is_a_field_of_its_node() -> None:
    for name, facts in PRODUCTIONS.items():
        fields = {field.name for field in dataclasses.fields(NODES[name])}
        assert not facts.assigns or facts.assigns in fields, name


def test_the_company_of_a_production_is_made_of_others() -> None:
    for name, facts in PRODUCTIONS.items():
        assert name not in facts.company
        assert set(facts.company) <= set(PRODUCTIONS), name


def test_what_acts_is_a_statement() -> None:
    assert all(issubclass(NODES[name], n.Statement) for name, facts in PRODUCTIONS.items() if facts.acts)


BODY = """
import warp as wp


@wp.kernel
def k(a: wp.array[wp.vec3], o: wp.array[float]):
    x = 1
    x, y = y, x
    a[x].y += 2.0
    for j in range(x):
        o[j] = a[j][1]
    while x > 3:
        break
"""


def test_the_targets_of_statements_are_what_they_bind_or_change() -> None:
    found = [emit(target) for node in walk_statements(parse(BODY)) for target in targets(node)]
    assert found == ["x", "x", "y", "a[x].y", "j", "o[j]"]
    assert list(assigned_names(parse(BODY))) == ["x", "x", "y", "j"]


@pytest.mark.parametrize(
    ("text", "root"), [("x", "x"), ("a[i].x", "a"), ("a[i][2].y", "a"), ("f(x)[1]", None), ("1", None)]
)
def test_the_root_of_a_target_is_the_variable_that_it_belongs_to(text: str, root: str | None) -> None:
    assert root_name(parse_expression(text)) == root
    assert root_name(dotted("v.x")) == "v"
