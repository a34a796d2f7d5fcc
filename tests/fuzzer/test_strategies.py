"""Kernels drawn by Hypothesis: always defined, in the categories asked for, and small once they have shrunk."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.strategies import kernels, thinned
from grammar import nodes as n
from grammar.check import check
from grammar.errors import UserError
from grammar.trees import size, walk
from oracle.records import TestCase
from oracle.reference import interpret

QUICK = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
SHRINKING = settings(QUICK, max_examples=100, phases=[Phase.generate, Phase.shrink])

SMALL = 60
"""Nodes: twice what was measured (15 to 30 for seven kinds of statement), since generation changes."""


def loops(case: TestCase) -> list[n.Node]:
    """The loops of kernels; one in a function keeps what is needed to call it."""
    kernels = [item for item in case.module.definitions if isinstance(item, n.KernelDef)]
    return [node for kernel in kernels for node in walk(kernel) if isinstance(node, n.ForStmt)]


@QUICK
@given(kernels())
def test_every_kernel_is_defined_and_writes_something(case: TestCase) -> None:
    assert case.provenance is None
    assert case.launches
    interpret(case)


@QUICK
@given(kernels(("matrix",)))
def test_unused_parameters_are_left_out(case: TestCase) -> None:
    for definition in case.module.definitions:
        if isinstance(definition, n.KernelDef):
            used = {node.id for node in walk(definition.body) if isinstance(node, n.Name)}
            assert {item.name for item in definition.parameters.items} <= used


def test_a_failing_example_shrinks_to_a_small_kernel() -> None:
    failing: list[TestCase] = []

    @SHRINKING
    @given(kernels(["loops", "vector"]))
    def no_loops(case: TestCase) -> None:
        if loops(case):
            failing.append(case)
            raise AssertionError("a loop")

    with pytest.raises(AssertionError, match="a loop") as caught:
        no_loops()
    assert max(size(case.module) for case in failing) > 2 * SMALL
    assert size(failing[-1].module) < SMALL
    assert "    for " in caught.value.__notes__[0], "the source is shown"


def test_the_simplest_decisions_leave_one_kernel_without_a_body() -> None:
    whole = deep_case(3, 0, Recipe(categories=("loops",))).defined.case
    smallest = thinned(whole, Choices.replaying([]))
    assert len(smallest.launches) == 1
    assert not [node for node in walk(smallest.module) if isinstance(node, n.ForStmt | n.IfStmt | n.FuncDef)]
    assert thinned(whole, Choices(lambda low, high: high)).module == whole.module


def test_plain_statements_stay_and_are_well_typed() -> None:
    whole = deep_case(3, 0, Recipe(categories=("math",))).defined.case
    plain = thinned(whole, Choices(lambda low, high: 1))
    check(plain.module)
    assert size(plain.module) < size(whole.module)
    counts = [sum(isinstance(node, n.Statement) for node in walk(case.module)) for case in (whole, plain)]
    assert counts[0] == counts[1]


def test_an_unknown_category_is_a_sentence() -> None:
    with pytest.raises(UserError, match=r"there is no category 'lops': did you mean 'loops'\?"):
        kernels(["lops"])


def test_a_missing_hypothesis_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(UserError, match="pip install hypothesis"):
        kernels()
