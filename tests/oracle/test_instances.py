"""Instances: one definition with several typings, through typing, reference, text, native execution and repair."""

from __future__ import annotations

import numpy as np
import pytest

from fuzzer.campaigns.schedule import recipe_of
from fuzzer.generation.cases import deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.repair import make_defined
from grammar import emit, parse
from grammar.check import Typing, check
from grammar.language import load
from grammar.trees import walk
from grammar.types import FLOAT32, FLOAT64, INT32, Type
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Buffer, BufferRef, Launch, TestCase, Verdict
from oracle.reference import interpret
from reports.case_documents import case_document, case_of
from tests.fuzzer.orders import order

FACTORY = """
import warp as wp


def make(s):
    @wp.kernel
    def k(a: wp.array[float], o: wp.array[float]):
        i = wp.tid()
        x = wp.float32(s)
        y = s
        if y > y - y:
            x = x * 2.0
        o[i] = a[i] + x
    return k


k1 = make(2.5)
k2 = make(3)
k3 = make(wp.constant(wp.float64(0.25)))
k4 = make(4)
"""


def a_case() -> TestCase:
    names = ("k1", "k2", "k3", "k4")
    buffers = [Buffer("a", FLOAT32, np.array([1, 2, 3], np.float32))]
    buffers += [Buffer(f"o{name}", FLOAT32, np.zeros(3, np.float32)) for name in names]
    launches = tuple(Launch(name, (3,), (BufferRef("a"), BufferRef(f"o{name}"))) for name in names)
    return TestCase(parse(FACTORY), tuple(buffers), launches)


def type_of_y(typing: Typing, kernel: str) -> Type:
    body = typing.kernels[kernel].definition.body
    return next(typing.types[id(node)] for node in walk(body) if id(node) in typing.types and emit(node) == "y")


def test_each_kernel_of_a_factory_is_typed_with_what_it_captures() -> None:
    typing = check(parse(FACTORY))
    assert [type_of_y(typing, name) for name in ("k1", "k2", "k3", "k4")] == [FLOAT32, INT32, FLOAT64, INT32]


def test_kernels_that_are_typed_alike_share_a_tree_and_the_others_lead_back_to_the_module() -> None:
    typing = check(parse(FACTORY))
    trees = [typing.kernels[name].definition for name in ("k1", "k2", "k3", "k4")]
    assert trees[1] is trees[3]
    assert len({id(tree) for tree in trees}) == 3
    assert all(typing.original(tree) is trees[0] for tree in trees)


def test_the_reference_runs_each_kernel_with_its_own_typing() -> None:
    arrays = interpret(a_case()).arrays
    assert [arrays[name].tolist() for name in ("ok1", "ok2", "ok3", "ok4")] == [
        [6.0, 7.0, 8.0],
        [7.0, 8.0, 9.0],
        [1.5, 2.5, 3.5],
        [9.0, 10.0, 11.0],
    ]


def test_a_case_with_such_a_factory_is_stored_and_read() -> None:
    case = a_case()
    assert case_document(case_of(case_document(case), "it")) == case_document(case)


@pytest.mark.warp
@pytest.mark.parametrize("engine", ["warp-text", "warp-cpu"])
def test_engines_agree_on_the_kernels_of_such_a_factory(engine: str) -> None:
    case = a_case()
    [outcome] = engine_types()[engine]().run([case])
    assert judge(case, engine, outcome, interpret(case)).verdict is Verdict.AGREE


def test_what_is_undefined_in_one_instance_is_repaired_in_the_definition() -> None:
    text = FACTORY.replace("y = s", "y = s\n        n = 7 / int(s)").replace("make(3)", "make(0)")
    text = text.replace("o[i] = a[i] + x", "o[i] = a[i] + x + float(n)")
    case = a_case()
    defined = make_defined(TestCase(parse(text), case.buffers, case.launches), Choices.seeded(1), load())
    assert defined.repairs >= 1
    assert len(check(defined.case.module).kernels) == 4


def test_some_generated_factories_make_kernels_of_two_typings() -> None:
    recipe = recipe_of(order(0).settings)
    cases = [deep_case(3, index, recipe).defined.case for index in range(120)]
    assert sum(bool(case.typed().originals) for case in cases) >= 2
