"""Liveliness: decisions inside each other divide the threads again, and independently."""

from __future__ import annotations

from fuzzer.generation.choices import Choices
from fuzzer.generation.liveliness import decisions_around, enlivened
from fuzzer.generation.repair import make_defined
from grammar import emit, language
from grammar import nodes as n
from grammar.trees import walk
from tests.fuzzer.generation.test_repair import draft

NESTED = "if a[i] > 90:\n        if a[i] > 91:\n            o[i] = 1\n        elif a[i] > 92:\n            o[i] = 2"


def conditions(module: n.Module) -> list[n.Expr]:
    return [node.condition for node in walk(module) if isinstance(node, n.IfStmt | n.ElifBranch)]


def test_the_decisions_around_a_condition_are_counted() -> None:
    module = draft(NESTED).module
    [kernel] = [node for node in module.definitions if isinstance(node, n.KernelDef)]
    assert [decisions_around(kernel, condition) for condition in conditions(module)] == [0, 1, 2]


def test_conditions_that_never_divide_the_threads_get_a_bit_each_or_a_median() -> None:
    for seed in range(10):
        choices = Choices.seeded(seed)
        lively = enlivened(make_defined(draft(NESTED), choices, language()), choices, language())
        first, second, third = (emit(condition) for condition in conditions(lively.case.module))
        assert "> 9" not in first + second + third
        assert second.split()[:3] == ["i", "&", "2"]
        assert third.split()[:3] == ["i", "&", "1"]
        assert all(len(ways) == 2 for ways in list(lively.expectation.decided.values())[:1])


def test_a_choice_that_always_goes_one_way_is_enlivened_too() -> None:
    case = draft("o[i] = a[i] if a[i] > 90 else 7")
    lively = enlivened(make_defined(case, Choices.seeded(0), language()), Choices.seeded(0), language())
    assert any(len(ways) == 2 for ways in lively.expectation.decided.values())
