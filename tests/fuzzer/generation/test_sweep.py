"""The sweep: every operation and every form of the grammar is an item, and an item is a test case about just that."""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
import pytest

from fuzzer.campaigns.reach import covered_by
from fuzzer.generation.cases import Recipe
from fuzzer.generation.choices import Choices
from fuzzer.generation.literals import edge_values
from fuzzer.generation.repair import Defined, Discarded
from fuzzer.generation.sweep import (
    THREADS,
    is_defined,
    operand_rows,
    operation_items,
    sweep_case,
    sweep_keys,
    sweep_order,
)
from grammar import emit, language, parse
from grammar.language import OWN_TEXT, load
from grammar.ops.record import TABLE, Overload
from grammar.types import BOOL, FLOAT32, INT32
from oracle.limitations.catalogue import limitations

KEYS = sweep_keys(Recipe())
SAMPLE = sorted(random.Random(0).sample(KEYS, 150))
KNOWN = {limitation.identifier for limitation in limitations()}


def defined_case(key: str, index: int = 0) -> Defined:
    return sweep_case(0, index, key, Recipe()).defined


def made(key: str) -> Defined | str:
    """The test case of an item, or the reason why there is none."""
    try:
        return defined_case(key)
    except Discarded as reason:
        return str(reason)


def shows(key: str) -> None:
    """Check that an item's test case is about the item, parses back, and says where it comes from.

    The only reason to give none is that Warp is known to fail there.
    """
    defined = made(key)
    if isinstance(defined, str):
        assert set(defined.removeprefix(f"{key} is avoided: ").split(" and ")) <= KNOWN
        return
    operations, forms = Counter[str](), Counter[str]()
    covered_by(defined, operations, forms)
    assert key.removeprefix("form ") in (forms if key.startswith("form ") else operations)
    assert parse(emit(defined.case.module)) == defined.case.module
    assert defined.case.provenance is not None
    assert defined.case.provenance.origin == key


def test_every_overload_and_every_form_is_in_one_item() -> None:
    overloads = [overload.key for items in operation_items().values() for overload in items]
    assert sorted(overloads) == sorted(overload.key for op in TABLE.values() for overload in op.samples)
    assert set(KEYS) == set(operation_items()) | {f"form {form}" for form in language().forms}
    assert len(KEYS) == len(set(KEYS))


def test_a_seed_orders_all_items_in_its_own_way() -> None:
    first, second = sweep_order(0, Recipe()), sweep_order(1, Recipe())
    assert sorted(first) == sorted(second) == sorted(KEYS)
    assert first != second
    assert sweep_order(0, Recipe()) == first


@pytest.mark.parametrize("key", SAMPLE)
def test_an_item_gives_a_test_case_about_itself(key: str) -> None:
    shows(key)


@pytest.mark.slow
def test_all_items_give_test_cases_about_themselves() -> None:
    for key in KEYS:
        shows(key)


def test_the_same_item_gives_the_same_test_case_again() -> None:
    for key in ("ne[uint8]", "matrix.convert[int32]", "dot[float16]", "atomic_max[uint64]", "form while_stmt"):
        one, other = defined_case(key, 7), defined_case(key, 7)
        assert emit(one.case.module) == emit(other.case.module)
        assert [b.data.tobytes() for b in one.case.buffers] == [b.data.tobytes() for b in other.case.buffers]


def test_an_operation_is_applied_to_many_edges_and_to_literals_or_constants() -> None:
    case = defined_case(overload_of("add(int32, int32)").sweep_key).case
    kernels = re.findall(r"def (\w+)", emit(case.module))
    assert len(kernels) == 3
    assert case.launches[0].dims == (THREADS,)
    first = next(b for b in case.buffers if b.name == "a0_0")
    assert {-(2**31), 2**31 - 1, 0, -1} & set(first.data.tolist())


def test_an_item_whose_operator_is_not_in_the_grammar_says_so() -> None:
    lines = [line for line in OWN_TEXT.splitlines() if line.strip() != '| "%"']
    with pytest.raises(Discarded, match="the grammar has no operator %"):
        sweep_case(0, 0, overload_of("mod.int(int32, int32)").sweep_key, Recipe(language=load("\n".join(lines) + "\n")))


@pytest.mark.parametrize("form", ["compare ==", "augmented @=", "product @", "continue_stmt"])
def test_a_rare_form_is_found_all_the_same(form: str) -> None:
    for index in range(3):
        forms = Counter[str]()
        covered_by(defined_case(f"form {form}", index), Counter(), forms)
        assert forms[form] > 0


def test_an_operation_where_warp_is_known_to_fail_is_avoided_with_that_reason() -> None:
    with pytest.raises(Discarded, match=r"ne\.vec\[float32\] is avoided: unequal-composites"):
        defined_case("ne.vec[float32]")


def test_a_form_that_is_not_in_the_grammar_is_no_item() -> None:
    lines = [line for line in OWN_TEXT.splitlines() if not line.endswith("-> while_stmt")]
    keys = sweep_keys(Recipe(language=load("\n".join(lines) + "\n")))
    assert set(KEYS) - set(keys) == {"form while_stmt"}


def test_only_keeps_the_items_that_it_names() -> None:
    keys = sweep_keys(Recipe(only=frozenset({"floordiv", "for_stmt"})))
    assert keys[-1] == "form for_stmt"
    assert {overload.op.name for key in keys[:-1] for overload in operation_items()[key]} == {"floordiv"}


def test_only_keeps_the_items_of_a_group_that_it_names() -> None:
    keys = sweep_keys(Recipe(only=frozenset({"vector_math"})))
    assert {overload.op.group for key in keys for overload in operation_items()[key]} == {"Vector Math"}
    assert len(keys) == sum(items[0].op.group == "Vector Math" for items in operation_items().values())


def overload_of(key: str) -> Overload:
    return next(o for op in TABLE.values() for o in op.samples if o.key == key)


def test_operands_are_defined_and_none_repeats() -> None:
    rows = operand_rows(Choices.seeded(0), overload_of("mod.int(int32, int32)"))
    assert len(rows) == THREADS
    assert len(set(rows)) == THREADS
    assert all(divisor != 0 for _, divisor in rows)


@pytest.mark.parametrize("key", ["lshift.mat[int32]", "rshift.mat[int32]", "matrix.convert[int32]"])
def test_what_must_be_defined_in_each_component_has_operands(key: str) -> None:
    for overload in operation_items()[key]:
        assert len(operand_rows(Choices.seeded(0), overload)) > 3


@pytest.mark.parametrize(
    ("key", "row", "expected"),
    [
        ("add(int32, int32)", (2**31 - 1, 0), True),
        ("add(int32, int32)", (2**31 - 1, 1), False),
        ("mod.int(int32, int32)", (7, 0), False),
        ("int32(float32)", (np.float32(1e9),), True),
        ("int32(float32)", (np.float32(3e9),), False),
        ("int32(float32)", (np.float32("nan"),), False),
    ],
)
def test_it_is_known_on_which_operands_an_operation_is_defined(
    key: str, row: tuple[object, ...], expected: bool
) -> None:
    assert is_defined(overload_of(key), row) is expected


def test_edges_hold_the_ends_of_every_range() -> None:
    assert edge_values(BOOL) == [False, True]
    assert {-(2**31), 2**31 - 1, 0, -1} <= set(edge_values(INT32))
    assert {0.0, np.inf, -np.inf, float(np.finfo(np.float32).max)} <= set(map(float, edge_values(FLOAT32)))
