"""Mutants of the reference: each can be planted and is gone afterwards; detectors notice them and spare the control."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fuzzer.batches import start_worker
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.pool import Finished, Task, run_alone
from grammar.nodes import Conditional, ForStmt
from grammar.ops import TABLE
from oracle.records import Executed
from oracle.reference import expressions, statements
from oracle.reference.memory import View
from tests.quality.mutation import MEASUREMENT, MUTANTS, NOTHING, agreed, conclude, noticed_by_hunt, noticed_by_tests


def test_there_are_enough_mutants_of_each_kind() -> None:
    assert len(MUTANTS) > 100
    assert sum(name.partition(":")[0] in TABLE for name in MUTANTS) >= 60


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_gone_afterwards(name: str) -> None:
    before = ({key: op.value for key, op in TABLE.items()}, dict(expressions._EVALUATE), dict(statements._EXECUTE))
    with MUTANTS[name].planted():
        pass
    assert before == ({key: op.value for key, op in TABLE.items()}, expressions._EVALUATE, statements._EXECUTE)


def test_a_mutant_of_an_operation_changes_its_value() -> None:
    with MUTANTS["mod.int: floors"].planted():
        assert TABLE["mod.int"].value(-7, 2) == 1
    assert TABLE["mod.int"].value(-7, 2) == -1


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("for_stmt: the end is included", lambda: statements._EXECUTE[ForStmt]),
        ("conditional: branches swapped", lambda: expressions._EVALUATE[Conditional]),
        ("select: the step of a slice is ignored", lambda: View.select),
        ("in_range: nothing wraps", lambda: expressions.in_range),
    ],
)
def test_a_mutant_of_a_rule_changes_its_place(name: str, place: Callable[[], object]) -> None:
    right = place()
    with MUTANTS[name].planted():
        assert place() is not right
    assert place() is right


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
    assert noticed_by_tests(NOTHING.name, ("tests/grammar/ops/test_spreads.py",)) == ""


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
