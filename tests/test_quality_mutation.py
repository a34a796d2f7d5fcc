"""Mutants of the reference: each can be planted and is gone afterwards; detectors notice them and spare the control."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from fuzzer.campaigns.hunting import start_worker
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.literals import edge_values
from fuzzer.processes.pool import Finished, Task, run_alone
from grammar import parse
from grammar.ops import TABLE, Overload
from grammar.ops.record import Value
from grammar.types import Matrix, Type, Vector
from oracle.records import Executed, TestCase
from oracle.reference import Undefined, interpret
from tests.oracle.kernels import case_of
from tests.quality.mutation import MEASUREMENT, MUTANTS, NOTHING, agreed, conclude, noticed_by_hunt, noticed_by_tests


def test_there_are_enough_mutants_of_each_kind() -> None:
    assert len(MUTANTS) > 100
    assert sum(name.partition(":")[0] in TABLE for name in MUTANTS) >= 60


OPERATIONS = [name for name in MUTANTS if name.partition(":")[0] in TABLE]
RULES = [name for name in MUTANTS if name not in (*OPERATIONS, NOTHING.name)]


def values(key: str) -> list[str]:
    """What an operation gives for edge values of some of its types; an exception by its name."""
    return [_value(overload, row) for overload, rows in _operands(key) for row in rows]


@cache
def _operands(key: str) -> list[tuple[Overload, list[tuple[Value, ...]]]]:
    op, choices = TABLE[key], Choices.seeded(0, key)
    some = (*op.samples[:: len(op.samples) // 4 + 1], op.samples[-1])
    types = {o: (o.result, o.result) if op.updates else o.parameters for o in some}
    rows = {o: [tuple(_operand(choices, t) for t in types[o]) for _ in range(100)] for o in some}
    for overload in some:
        if len(set(types[overload])) == 1:
            rows[overload] += [(row[0],) * len(row) for row in rows[overload]]
    return [(o, [row for row in rows[o] if not o.domain or o.domain(o.scalar, *row) is None]) for o in some]


def _operand(choices: Choices, type_: Type) -> Value:
    if isinstance(type_, Matrix):
        return tuple(_operand(choices, type_.row) for _ in range(type_.rows))
    if isinstance(type_, Vector):
        return tuple(_operand(choices, type_.scalar) for _ in range(type_.length))
    return choices.pick(edge_values(type_.scalar))


def _value(overload: Overload, row: tuple[Value, ...]) -> str:
    try:
        return repr(overload.value(*row))
    except (ArithmeticError, ValueError) as error:
        return type(error).__name__


def test_each_mutant_of_an_operation_changes_its_value_and_is_gone_afterwards() -> None:
    idle = []
    for name in OPERATIONS:
        key = name.partition(":")[0]
        before = values(key)
        with MUTANTS[name].planted():
            idle += [name] if values(key) == before else []
        assert values(key) == before, name
    assert idle == []


EVERYTHING = """
import warp as wp

@wp.func
def less(a: int, b: int = 2, c: int = 7):
    if a > 100:
        return a, 1
    return a - b, c

def make(m):
    @wp.kernel
    def k(a: wp.array[int], o: wp.array2d[int], f: wp.array[wp.float64], v: wp.array[wp.vec3]):
        i, j = wp.tid()
        n = int(0)
        for p in range(1, 10, 2):
            if p == 3:
                continue
            if p == 7:
                break
            n += p
        for q in range(9, 4, -2):
            n = n * 3 + q
        for p in range(2):
            n += 10
        while n > 100:
            n -= 40
        if i > j:
            n += 1000
        elif a[j] > 3:
            n += 2000
        else:
            n += 4000
        x, y = less(n)
        z, w = less(c=x, a=y)
        x, y = y, x
        r = m if x < y else 5
        if 1 < j < 1 or i == 5 or not (i == 1 and j == 0):
            r += 1
        if i == 0 and j > 0:
            r += 10
        if i == 1 and True:
            r += 100
        if 0 < j < 1:
            r += 200
        u = v[i * 2 + j]
        u[1] = float(r)
        u[-1] = 4.0
        s = a[1:5:2]
        o[i, j] = x * 7 + y * 11 + z * 3 + w * 5 + r + s[0] * 13 + s[-1] * 17 + a[-2] + a[5]
        o[i + 2, j] = wp.atomic_add(o, i + 4, j, n)
        v[i * 2 + j] = u
        if i == 1 and j == 1:
            return
        f[i * 2 + j] = wp.float64(0.1) + wp.float64(u[0] - u[-1])
        o[i + 6, j] = int(wp.uint8(n)) + int(wp.uint8(200) + wp.uint8(100))
    return k

first = make(3)
second = make(4)
"""


def outcome(case: TestCase) -> list[str]:
    """What the kernels compute, or why that is not defined."""
    try:
        return [repr(array.tolist()) for array in interpret(case).arrays.values()]
    except Undefined as undefined:
        return [undefined.reason]


def test_each_mutant_of_a_rule_changes_what_kernels_compute_and_is_gone_afterwards() -> None:
    given: dict[str, Any] = {"a": [2, 3, 5, 7, 11, 13], "o": [[0, 0]] * 8, "f": [0] * 4, "v": [[1, 2, 3]] * 4}
    case = case_of(parse(EVERYTHING), (2, 2), "first", "second", **given)
    before, idle = outcome(case), []
    assert len(before) == len(given)
    for name in RULES:
        with MUTANTS[name].planted():
            idle += [name] if outcome(case) == before else []
        assert outcome(case) == before, name
    assert idle == []


def test_a_hunt_notices_a_mutant_and_spares_the_control() -> None:
    made = [deep_case(0, index, Recipe()).defined for index in range(12)]
    found = [(defined, Executed(defined.expectation.arrays)) for defined in made]
    assert noticed_by_hunt(NOTHING, found) == ""
    assert noticed_by_hunt(MUTANTS["add: subtracts"], found).startswith("deep ")


@pytest.mark.warp
@pytest.mark.slow
def test_most_outcomes_of_warp_agree_and_can_be_judged_again() -> None:
    ending = run_alone(Task(count_agreed, None, 120.0), start_worker)
    assert isinstance(ending, Finished)
    assert ending.value >= 30


def count_agreed(_: object) -> int:
    """Run one batch and count what agrees."""
    return len(agreed(0, 1))


def test_tests_notice_a_mutant_and_spare_the_control() -> None:
    tests = ("tests/grammar/ops/test_scalar_ops.py",)
    assert noticed_by_tests("bit_and: is an or", tests).startswith("tests/grammar/ops/test_scalar_ops.py::")
    assert noticed_by_tests(NOTHING.name, ("tests/grammar/test_types.py",)) == ""


def test_tests_that_cannot_be_run_notice_nothing() -> None:
    with pytest.raises(RuntimeError, match="the tests could not be run"):
        noticed_by_tests(NOTHING.name, ("tests/there_is_none.py",))


def test_a_control_that_is_noticed_spoils_the_row() -> None:
    by_none = {"hunt": "", "tests": ""}
    noticed = {NOTHING.name: by_none, "a": {"hunt": "deep 0", "tests": ""}, "b": by_none}
    claims = {claim.what: claim for claim in conclude({}, [{"noticed": noticed, "cases": 40}]).claims}
    assert claims["what notices the control"].met is True
    assert (claims["mutants that are noticed"].measured, claims["not noticed"].measured) == ("50.0 % of 2", "b")
    assert (claims["by the hunt"].measured, claims["of the others by the tests"].measured) == (
        "50.0 % of 2",
        "0.0 % of 1",
    )
    spoiled = noticed | {NOTHING.name: {"hunt": "", "tests": "tests/x.py::test_x"}}
    assert conclude({}, [{"noticed": spoiled, "cases": 40}]).claims[0].met is False


def test_every_piece_has_some_mutants_and_the_first_one_the_control() -> None:
    pieces = MEASUREMENT.pieces({"mutants": 20, "batches": 1, "seed": 0})
    names = [name for piece in pieces for name in piece["mutants"]]
    assert names[0] == NOTHING.name
    assert 15 <= len(names) <= 30
