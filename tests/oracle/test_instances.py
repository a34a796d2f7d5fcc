"""Instances: one definition with several typings, through typing, reference, text, native execution and repair."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fuzzer.campaigns.schedule import recipe_of
from fuzzer.generation.cases import deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.pruning import needed
from fuzzer.generation.repair import make_defined
from grammar import emit, parse
from grammar import nodes as n
from grammar.check import TypeRefused, Typing, check
from grammar.language import load
from grammar.trees import walk
from grammar.types import FLOAT32, FLOAT64, INT32, Type, Vector
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
    buffers = [Buffer.of("a", FLOAT32, np.array([1, 2, 3], np.float32))]
    buffers += [Buffer.of(f"o{name}", FLOAT32, np.zeros(3, np.float32)) for name in names]
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


GENERIC = """
from typing import Any
import warp as wp


@wp.func
def summed(x: Any, y: Any, n: int = 3):
    z = x + y
    for q in range(n):
        z = z + y
    return z


@wp.func
def doubled(x: Any):
    return summed(x, x)


@wp.kernel
def k(
    a: wp.array[float],
    b: wp.array[int],
    c: wp.array[wp.vec2],
    x: wp.array[float],
    y: wp.array[int],
    z: wp.array[wp.vec2],
):
    i = wp.tid()
    x[i] = summed(a[i], 1.0) + doubled(a[i])
    y[i] = summed(b[i], 1, 0) + doubled(b[i])
    z[i] = summed(c[i], c[i])
"""


def a_generic_case() -> TestCase:
    floats, ints = np.array([1, 2], np.float32), np.array([1, 2], np.int32)
    vectors = np.array([[0, 1], [2, 3]], np.float32)
    buffers = (
        Buffer.of("a", FLOAT32, floats),
        Buffer.of("b", INT32, ints),
        Buffer.of("c", Vector(2, FLOAT32), vectors),
        Buffer.of("x", FLOAT32, np.zeros_like(floats)),
        Buffer.of("y", INT32, np.zeros_like(ints)),
        Buffer.of("z", Vector(2, FLOAT32), np.zeros_like(vectors)),
    )
    launch = Launch("k", (2,), tuple(BufferRef(buffer.name) for buffer in buffers))
    return TestCase(parse(GENERIC), buffers, (launch,))


def test_a_generic_function_has_an_instance_for_the_types_of_each_call() -> None:
    functions = check(parse(GENERIC)).functions
    assert {name: str(function.result) for name, function in functions.items()} == {
        "summed(float32, float32, int32)": "float32",
        "doubled(float32)": "float32",
        "summed(int32, int32, int32)": "int32",
        "doubled(int32)": "int32",
        "summed(vec2<float32>, vec2<float32>, int32)": "vec2<float32>",
    }


def test_a_generic_function_that_is_never_called_means_nothing() -> None:
    text = "from typing import Any\nimport warp as wp\n@wp.func\ndef f(x: Any):\n    return x + nothing\n"
    assert check(parse(text)).functions == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("@wp.func\ndef f(x: Any):\n    return f(x)\n", "f calls itself"),
        ("@wp.func\ndef f(x: Any):\n    return x + 1.0\n", "no operation '+' for int32, float32"),
        ("@wp.func\ndef f(x: Any) -> float:\n    return x\n", "f returns int32, not float32"),
        ("@wp.func\ndef add(x: Any, y: Any):\n    return x\n", "generic functions that overload an operator"),
        ("@wp.kernel\ndef g(x: Any):\n    pass\n", "generic kernels"),
    ],
)
def test_a_generic_function_is_refused_where_an_instance_breaks_a_rule(text: str, reason: str) -> None:
    kernel = "@wp.kernel\ndef k(o: wp.array[int]):\n    o[0] = f(o[0])\n"
    with pytest.raises(TypeRefused, match=re.escape(reason)):
        check(parse(f"from typing import Any\nimport warp as wp\n{text}{kernel}"))


def test_keywords_in_a_call_of_a_generic_function_are_not_supported() -> None:
    with pytest.raises(TypeRefused, match="keywords in a call of a generic function"):
        check(parse(GENERIC.replace("summed(c[i], c[i])", "summed(c[i], y=c[i])")))


def test_only_any_is_imported_by_its_name() -> None:
    with pytest.raises(TypeRefused, match="a module imports Any from typing, and no other name"):
        check(parse("from typing import List\nimport warp as wp\n"))


@pytest.mark.warp
@pytest.mark.parametrize("engine", ["warp-text", "warp-cpu"])
def test_engines_agree_on_a_generic_function_called_with_three_types(engine: str) -> None:
    case = a_generic_case()
    expectation = interpret(case)
    assert [expectation.arrays[name].tolist() for name in "xyz"] == [
        [10.0, 16.0],
        [7, 13],
        [[0.0, 5.0], [10.0, 15.0]],
    ]
    [outcome] = engine_types()[engine]().run([case])
    assert judge(case, engine, outcome, expectation).verdict is Verdict.AGREE


def test_some_generated_functions_are_generic_and_called_with_several_types() -> None:
    recipe = recipe_of(order(0).settings)
    typings = [deep_case(77, index, recipe).defined.case.typed() for index in range(0, 300, 2)]
    called = [[key for key in typing.functions if "(" in key] for typing in typings]
    assert sum(map(bool, called)) >= 5
    assert any(len({key.partition("(")[0] for key in keys}) < len(keys) for keys in called)


def test_some_generated_factories_make_kernels_of_two_typings() -> None:
    recipe = recipe_of(order(0).settings)
    cases = [deep_case(3, index, recipe).defined.case for index in range(120)]
    assert sum(bool(case.typed().originals) for case in cases) >= 2


def test_definitions_that_a_generic_function_needs_are_kept_when_a_case_is_reduced() -> None:
    case = a_generic_case()
    assert needed(case.module.definitions, ["k"]) == list(case.module.definitions)
    assert needed(case.module.definitions, []) == [n.ImportStmt("warp", "wp")]


def test_what_one_instance_refuses_is_a_node_of_the_module() -> None:
    module = parse(
        FACTORY.replace("x = x * 2.0", "x = x * s").replace("k3 = make(wp.constant(wp.float64(0.25)))\n", "")
    )
    with pytest.raises(TypeRefused) as refused:
        check(module)
    assert any(node is refused.value.node for node in walk(module))
