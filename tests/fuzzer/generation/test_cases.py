"""Deep test cases: every index gives one, a function of seed and index alone, well formed and defined."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.generation.cases import Generated, Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.drafts import draft_case
from fuzzer.generation.driver import DeadEnd, Generator
from fuzzer.generation.profiles import draw_profile, own_weights
from fuzzer.generation.pruning import reads
from grammar import emit, language, parse
from grammar import nodes as n
from grammar.check import check
from grammar.errors import UserError
from grammar.language import OWN_TEXT, load
from grammar.trees import walk
from oracle.records import Provenance, TestCase
from oracle.reference import STRICT, interpret
from reports.case_documents import case_document

ROOT = Path(__file__).parents[3]
COUNT = 200


@cache
def deep(index: int) -> Generated:
    return deep_case(0, index, Recipe())


def every_case() -> list[TestCase]:
    return [deep(index).defined.case for index in range(COUNT)]


def digest(case: TestCase) -> str:
    return hashlib.sha256(json.dumps(case_document(case)).encode()).hexdigest()


def test_every_index_gives_a_test_case_that_says_where_it_comes_from() -> None:
    provenances = [case.provenance for case in every_case()]
    assert [p.index for p in provenances if p is not None] == list(range(COUNT))
    assert {(p.seed, p.origin) for p in provenances if p is not None} == {(0, "deep")}


def test_the_text_of_a_kernel_parses_to_its_tree() -> None:
    for case in every_case():
        assert parse(emit(case.module)) == case.module


def test_every_node_is_an_object_of_its_own() -> None:
    for case in every_case():
        nodes = [id(node) for node in walk(case.module)]
        assert len(nodes) == len(set(nodes)), emit(case.module)


def test_a_test_case_is_well_typed_and_its_launches_fit_its_kernels() -> None:
    for case in every_case():
        kernels = check(case.module).kernels
        assert {launch.kernel for launch in case.launches} == set(kernels)
        assert [len(x.arguments) for x in case.launches] == [len(kernels[x.kernel].names) for x in case.launches]


def test_a_test_case_is_defined_and_its_text_means_the_same() -> None:
    for index in range(COUNT):
        defined = deep(index).defined
        again = interpret(replace(defined.case, module=parse(emit(defined.case.module))))
        expected = defined.expectation.arrays
        assert {name: array.tobytes() for name, array in again.arrays.items()} == {
            name: array.tobytes() for name, array in expected.items()
        }


def test_the_strict_regime_never_allows_more_than_the_weak_one() -> None:
    for index in range(0, COUNT, 4):
        defined = deep(index).defined
        strict = interpret(defined.case, STRICT, defined.expectation.typing).radii
        assert all((strict[name] <= weak).all() for name, weak in defined.expectation.radii.items())


def test_the_same_index_gives_the_same_bytes_again() -> None:
    for index in range(0, COUNT, 5):
        assert digest(deep_case(0, index, Recipe()).defined.case) == digest(deep(index).defined.case)


def test_another_seed_and_another_index_give_another_test_case() -> None:
    others = [deep_case(1, index, Recipe()).defined.case.module for index in range(5)]
    assert len({emit(module) for module in [*others, *(case.module for case in every_case()[:5])]}) == 10


DIGESTS = """
from tests.fuzzer.generation.test_cases import deep, digest
print([digest(deep(index).defined.case) for index in range(8)])
"""


@pytest.mark.parametrize("hash_seed", ["1", "4294967295"])
def test_a_test_case_does_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", DIGESTS],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == f"{[digest(deep(index).defined.case) for index in range(8)]}\n"


#: What most kernels of a category have.
TYPICAL = {
    "control_flow": n.IfStmt,
    "loops": n.ForStmt,
    "nested_loop": n.ForStmt,
    "multi_conditional": n.IfStmt,
    "arithmetic": n.BinaryOp,
    "math": n.Call,
    "vector": n.Attribute,
    "matrix": n.Subscript,
}


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_gives_test_cases_of_its_kind(category: str) -> None:
    made = [deep_case(0, index, Recipe(categories=(category,))).defined.case for index in range(6)]
    assert {case.provenance.category for case in made if case.provenance} == {category}
    kinds = [{type(node) for node in walk(case.module)} for case in made]
    wanted = TYPICAL.get(category, n.Assign)
    assert sum(any(issubclass(kind, wanted) for kind in found) for found in kinds) >= 4
    if category == "arithmetic":
        assert not any({n.ForStmt, n.WhileStmt} & found for found in kinds)


def test_deep_kernels_have_every_kind_of_statement() -> None:
    found = {type(node) for case in every_case() for node in walk(case.module)}
    assert {cls for cls in n.NODES.values() if issubclass(cls, n.Statement)} - found == set()


def drafts(count: int = COUNT) -> Iterator[n.Module]:
    """Drafts of which nothing was repaired yet, by index."""
    for index in range(count):
        choices = Choices.seeded(0, index)
        profile = draw_profile(choices, own_weights(), choices.pick(CATEGORIES))
        with suppress(DeadEnd):
            yield draft_case(Generator(language(), choices, profile), Provenance(0, index, "")).module


def test_functions_overload_operators_and_kernels_use_them() -> None:
    typings = map(check, drafts(500))
    by_operator = {
        typing.user_calls[id(node)].function
        for typing in typings
        for node in walk(typing.module)
        if isinstance(node, n.BinaryOp | n.AugAssign) and id(node) in typing.user_calls
    }
    assert len(by_operator) >= 2


def test_every_parameter_of_a_drafted_kernel_is_used() -> None:
    for module in drafts():
        for kernel in walk(module):
            if isinstance(kernel, n.KernelDef):
                used = reads(kernel.body)
                assert {parameter.name for parameter in kernel.parameters.items} <= used, emit(kernel)


def test_no_statement_of_a_draft_leaves_its_target_as_it_is() -> None:
    for module in drafts():
        assigned = [node for node in walk(module) if isinstance(node, n.Assign)]
        assert all(node.target != node.value for node in assigned), emit(module)


def test_a_thread_that_returns_early_stores_the_variables_it_has_to_the_arrays_of_those_that_go_on() -> None:
    returning = 0
    for kernel in (node for module in drafts() for node in walk(module) if isinstance(node, n.KernelDef)):
        bound: set[str] = set()
        final = last_stores(kernel)
        for statement in kernel.body.statements:
            for block in (block.statements for block in walk(statement) if isinstance(block, n.Block)):
                if isinstance(block[-1], n.ReturnStmt):
                    returning += 1
                    due = {target for name, target in final.items() if name in bound}
                    assert due <= {emit(x.target) for x in block if isinstance(x, n.Assign)}, emit(kernel)
            if isinstance(statement, n.Assign) and isinstance(statement.target, n.Name):
                bound.add(statement.target.id)
    assert returning >= 3


def last_stores(kernel: n.KernelDef) -> dict[str, str]:
    """The stores of variables that a kernel ends with: the variable and the place."""
    found: dict[str, str] = {}
    for statement in reversed(kernel.body.statements):
        match statement:
            case n.Assign(n.Subscript() as place, n.Name(name)):
                found[name] = emit(place)
            case _:
                break
    return found


def test_only_narrows_what_kernels_are_made_of() -> None:
    recipe = Recipe(only=frozenset({"if_stmt", "add"}))
    for index in range(5):
        case = deep_case(0, index, recipe).defined.case
        assert not any(isinstance(node, n.ForStmt | n.WhileStmt | n.Conditional) for node in walk(case.module))


def test_a_weight_of_zero_removes_a_production() -> None:
    productions = {**own_weights().productions, "while_stmt": 0, "for_stmt": 0}
    recipe = Recipe(weights=replace(own_weights(), productions=productions))
    for index in range(10):
        case = deep_case(0, index, recipe).defined.case
        assert not any(isinstance(node, n.ForStmt | n.WhileStmt) for node in walk(case.module))


def test_a_grammar_without_kernels_is_refused_in_a_sentence() -> None:
    lines = [line for line in OWN_TEXT.splitlines() if not line.endswith("-> kernel_def")]
    with pytest.raises(UserError, match="leave no kernel that could be generated: the grammar has no kernel_def"):
        deep_case(0, 0, Recipe(language=load("\n".join(lines) + "\n")))


def test_drafts_that_are_given_up_are_counted_with_their_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = iter(["no room", "no name"])

    def reluctant(*arguments: object) -> TestCase:
        for reason in drafts:
            raise DeadEnd(reason)
        return draft_case(*arguments)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr("fuzzer.generation.cases.draft_case", reluctant)
    assert deep_case(0, 0, Recipe()).discarded[:2] == ("no room", "no name")
