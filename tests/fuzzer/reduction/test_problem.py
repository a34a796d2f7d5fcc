"""The reducer: it ends at a known minimum, and every step on the way is smaller, typed, defined and fails alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import islice, pairwise

import pytest

from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.reduction.problem import BATCH, expectation_of, same_failure, sort_key
from fuzzer.reduction.unreferenced import unreferenced_dropped
from grammar import Module, emit, parse
from grammar import nodes as n
from grammar.check import check
from grammar.trees import size, walk
from oracle.records import Judgement, Options, Outcome, TestCase, Verdict
from oracle.reference import interpret
from tests.fuzzer.reduction.faults import Fault, Recorded, case_of, failing_where, first_judgement, reduced, wrong_where


def remainder(module: Module) -> bool:
    return any(isinstance(node, n.Product) and node.operator == "%" for node in walk(module))


def loop(module: Module) -> bool:
    return any(isinstance(node, n.ForStmt) for node in walk(module))


def nested_branch(module: Module) -> bool:
    ifs = [node for node in walk(module) if isinstance(node, n.IfStmt)]
    return any(isinstance(below, n.IfStmt) for node in ifs for below in walk(node.body))


def component(module: Module) -> bool:
    return any(isinstance(node, n.Attribute) and node.attribute == "y" for node in walk(module))


FAULTS: dict[str, Fault] = {f.__name__: f for f in (remainder, loop, nested_branch, component)}

START = """
import warp as wp

SCALE = wp.constant(3)
UNUSED = 2.5


@wp.func
def f(x: int, y: int = 2):
    z = x + y
    return z


def make(factor):
    @wp.kernel
    def inner(a: wp.array2d[int], v: wp.array2d[wp.vec3], p: float, out: wp.array2d[int], w: wp.array2d[float]):
        i, j = wp.tid()
        first, second, third = a[i, j], f(a[i, j]), v[i, j]
        total = first
        for k0 in range(3):
            total += k0 * second
            if total > 4:
                total -= 1
                if second > 2:
                    total += factor % 5
                else:
                    total += 2
        length = third.y * p
        while total > 50:
            total = total / 2
        w[i, j] = length
        out[i, j] = f(total, y=SCALE)

    return inner


k = make(7)
"""

#: What is left of START for each fault: no node of it can go.
MINIMA = {
    "remainder": """
@wp.kernel
def inner(a: wp.array2d[int]):
    total = 0 % 1
""",
    "loop": """
@wp.kernel
def inner(out: wp.array2d[int]):
    for k0 in range(0):
        pass
""",
    "nested_branch": """
@wp.kernel
def inner(a: wp.array2d[int]):
    if True:
        if True:
            pass
""",
    "component": """
@wp.kernel
def inner(a: wp.array2d[int], v: wp.array2d[wp.vec3]):
    length = v[0, 0].y
""",
}


def start() -> TestCase:
    a, v = [[1, 2, 3], [4, 5, 6]], [[[1, 2, 3]] * 3] * 2
    zeros = [[0, 0, 0], [0, 0, 0]]
    return case_of(START, (2, 3), a, v, 1.5, zeros, zeros, options=Options(max_unroll=4))


@cache
def ended(name: str) -> Recorded:
    return reduced(start(), wrong_where(FAULTS[name]))


@pytest.mark.parametrize("name", FAULTS)
def test_it_ends_at_the_known_minimum(name: str) -> None:
    case = ended(name).case
    assert emit(case.module) == "import warp as wp\n\n" + MINIMA[name]
    assert case.options == Options()
    assert [launch.dims for launch in case.launches] == [(1, 1)]
    assert {buffer.layout for buffer in case.buffers} == {"contiguous"}
    assert {buffer.data.any() for buffer in case.buffers} == {False}


@pytest.mark.parametrize("name", FAULTS)
def test_every_accepted_step_is_smaller_typed_defined_and_fails_alike(name: str) -> None:
    run = wrong_where(FAULTS[name])
    steps = ended(name).accepted
    assert len(steps) > 10
    for before, after in pairwise(steps):
        assert sort_key(after) < sort_key(before)
        assert set(check(after.module).kernels) >= {launch.kernel for launch in after.launches}
        assert interpret(after).arrays.keys() == {buffer.name for buffer in after.buffers}
        assert first_judgement(after, run).verdict is Verdict.DISCREPANCY
        nodes = [id(node) for node in walk(after.module)]
        assert len(nodes) == len(set(nodes))


@pytest.mark.parametrize("name", FAULTS)
def test_the_same_case_is_reduced_in_the_same_steps(name: str) -> None:
    again = reduced(start(), wrong_where(FAULTS[name]))
    assert [sort_key(case) for case in again.accepted] == [sort_key(case) for case in ended(name).accepted]


def test_generated_kernels_with_a_loop_are_reduced_to_little_more_than_a_loop() -> None:
    run = wrong_where(kernel_loop)
    made = (deep_case(0, index, Recipe(categories=("loops",))).defined.case for index in range(40))
    failing = (case for case in made if first_judgement(case, run).verdict is Verdict.DISCREPANCY)
    sizes = [size(reduced(case, run).case.module) for case in islice(failing, 8)]
    assert len(sizes) == 8
    assert max(sizes) <= 30


def kernel_loop(module: Module) -> bool:
    return any(loop(n.Module((d,))) for d in module.definitions if isinstance(d, n.KernelDef | n.FactoryDef))


def test_what_is_reduced_already_stays_as_it_is() -> None:
    case = ended("loop").case
    assert reduced(case, wrong_where(loop)).accepted == [case]


def test_nothing_is_tried_after_the_deadline() -> None:
    tried: list[int] = []

    def run(batch: Sequence[TestCase]) -> Sequence[Outcome]:
        tried.append(len(batch))
        return wrong_where(loop)(batch)

    problem = reduced(start(), run, deadline=-math.inf)
    assert len(problem.accepted) == 1
    assert tried == [1]  # the first judgement


def test_candidates_are_run_in_small_batches_of_equal_options() -> None:
    first = start()
    batches: list[Sequence[TestCase]] = []

    def run(batch: Sequence[TestCase]) -> Sequence[Outcome]:
        batches.append(batch)
        return wrong_where(lambda module: module == first.module)(batch)

    assert len(reduced(first, run).accepted) > 1
    assert max(map(len, batches)) == BATCH
    assert all(len({case.options for case in batch}) == 1 for batch in batches)


def test_a_failure_keeps_its_words_while_its_names_change() -> None:
    def words(case: TestCase) -> str:
        names = [node.id for node in walk(case.module) if isinstance(node, n.Name)]
        return "no loop" if not loop(case.module) else f"cannot unroll '{names[-1]}' of {size(case.module)} nodes"

    run = failing_where(lambda module: loop(module) or remainder(module), words)
    problem = reduced(start(), run)
    assert problem.judgement.message.startswith("cannot unroll")
    assert emit(problem.case.module).endswith("range(0):\n        pass\n")


@pytest.mark.parametrize(("kind", "buffers"), [("compile_error", 0), ("crash", 0), ("overflow", 1)])
def test_what_can_only_show_in_values_keeps_a_buffer(kind: str, buffers: int) -> None:
    problem = reduced(plain("x = 7 % 3"), failing_where(remainder, lambda case: "", kind))
    assert len(problem.case.buffers) == buffers


FAILED = Judgement(Verdict.DISCREPANCY, "warp-cpu", "compile_error", "no member 'v1' in 3 types; did you mean 'v2'")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (FAILED, True),
        (replace(FAILED, message="no member 'a' in 17 types; did you mean 'bcd'"), True),
        (replace(FAILED, message="no type 'v1' in 3 members"), False),
        (replace(FAILED, kind="crash"), False),
        (replace(FAILED, verdict=Verdict.KNOWN), False),
        (replace(FAILED, verdict=Verdict.AGREE), False),
        (replace(FAILED, target="cuda"), False),
    ],
)
def test_a_candidate_fails_alike_if_kind_and_words_agree(found: Judgement, expected: bool) -> None:
    assert same_failure(found, FAILED) is expected


def test_wrong_values_are_alike_whatever_is_said_of_them() -> None:
    wrong = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value", "3 of 9 elements lie outside their bounds")
    assert same_failure(replace(wrong, message="1 of 1 elements lie outside their bounds"), wrong)
    assert not same_failure(replace(wrong, verdict=Verdict.UNCOMPARED), wrong)


PLAIN = """
import warp as wp


@wp.kernel
def k(a: wp.array[int]):
    {statement}
"""


def plain(statement: str = "a[0] = 1", content: tuple[int, ...] = (0, 1), dims: tuple[int, ...] = (1,)) -> TestCase:
    return case_of(PLAIN.format(statement=statement), dims, content)


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        (plain("a[0] = 1"), plain("a[0] = 1 + 1")),
        (plain("a[0] = 1"), plain("a[0] = 10")),
        (plain("a[0] = 1"), plain("a[0] = 2")),
        (plain(content=(0,)), plain(content=(0, 0))),
        (plain(dims=(1,)), plain(dims=(2,))),
        (plain(content=(0, 0)), plain(content=(0, 1))),
        (plain(content=(1, 1)), plain(content=(2, 1))),
        (plain(content=(2, 1)), plain(content=(-1, 1))),
        (plain(content=(-1, -1)), plain(content=(9, -1))),
        (plain(), replace(plain(), options=Options(max_unroll=4))),
        (replace(plain(), buffers=(replace(plain().buffers[0], layout="contiguous"),)), plain()),
    ],
)
def test_the_order_is_by_nodes_then_inputs_text_and_options(smaller: TestCase, larger: TestCase) -> None:
    assert sort_key(smaller) < sort_key(larger)
    assert not sort_key(larger) < sort_key(smaller)


@pytest.mark.parametrize("statement", ["a[0] = 1.5", "a[7] = 1", "a[wp.tid()] = 2147483647 + a[1]"])
def test_a_candidate_that_is_ill_typed_or_undefined_has_no_expectation(statement: str) -> None:
    assert expectation_of(replace(plain(), module=parse(PLAIN.format(statement=statement)))) is None


def test_a_candidate_that_launches_what_is_not_there_has_no_expectation() -> None:
    module = parse(PLAIN.format(statement="pass").replace("def k", "def other"))
    assert expectation_of(replace(plain(), module=module)) is None


TWO_INSTANCES = """
import warp as wp


def make(factor):
    @wp.kernel
    def inner(out: wp.array[int]):
        out[0] = factor

    return inner


k = make(7)
other = make(8)
"""


def test_a_kernel_that_is_not_launched_leaves_the_module_also_one_of_a_factory() -> None:
    two = case_of(TWO_INSTANCES, (1,), [0])
    alone = unreferenced_dropped(two)
    assert emit(alone.module).rstrip().endswith("k = make(7)")


def test_two_kernels_of_a_factory_stay_launched_where_both_are_needed() -> None:
    def both(module: Module) -> bool:
        return sum(isinstance(x, n.Binding) and isinstance(x.value, n.Call) for x in module.definitions) == 2

    one = case_of(TWO_INSTANCES, (1,), [0])
    other = replace(one.launches[0], kernel="other")
    case = replace(one, launches=(*one.launches, other))
    assert [launch.kernel for launch in reduced(case, wrong_where(both)).case.launches] == ["k", "other"]
