"""Repair: a draft that is not defined becomes defined by a change at the node at fault, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from fuzzer.generation import repair
from fuzzer.generation.choices import Choices
from fuzzer.generation.repair import MAX_REPAIRS, Discarded, make_defined, repaired
from grammar import Module, emit, language, parse
from grammar import nodes as n
from grammar.check import check
from grammar.language import OWN_TEXT, load
from grammar.trees import walk
from grammar.types import FLOAT32, INT32
from oracle.limitations.catalogue import limitations
from oracle.records import Buffer, BufferRef, Launch, TestCase
from oracle.reference import Undefined, interpret

FRAME = """
import warp as wp


@wp.kernel
def k(a: wp.array[int], x: wp.array[float], o: wp.array[int], b: wp.array[int]):
    i = wp.tid()
    before = a[i] + 1
{fault}
    b[i] = before
"""

#: What is wrong, as the reference calls it, and statements that are.
FAULTS = {
    "overflow of a product": ("integer overflow", "o[i] = a[i] * 2147483647"),
    "overflow of a sum": ("integer overflow", "o[i] = 2147483647 + a[i]"),
    "overflow in a condition": ("integer overflow", "if a[i] * 2147483647 > 3:\n        o[i] = 1"),
    "overflow of an augmented assignment": ("integer overflow", "o[i] = before\n    o[i] *= 2147483647"),
    "division by zero": ("integer division by zero", "o[i] = a[i] / (a[i] - a[i])"),
    "floor division by zero": ("integer division by zero", "o[i] = a[i] // (a[i] - a[i])"),
    "remainder by zero": ("integer division by zero", "o[i] = a[i] % (a[i] - a[i])"),
    "shift by too much": ("shift count out of range", "o[i] = 1 << (a[i] + 40)"),
    "shift by a negative amount": ("shift count out of range", "o[i] = a[i] >> (a[i] - 9)"),
    "index beyond the end": ("index out of range", "o[i] = a[i + 7]"),
    "index before the start": ("index out of range", "o[i] = a[i - 90]"),
    "store beyond the end": ("index out of range", "o[i + 7] = a[i]"),
    "two threads store": ("data race", "o[i / 2] = a[i]"),
    "a thread reads what another stores": ("data race", "o[i] = o[(i + 1) % 4]"),
    "conversion of what is too large": ("conversion out of range of int32", "o[i] = wp.int32(x[i] * 1.0e20)"),
    "conversion of what may not be a number": ("fragile decision", "o[i] = wp.int32(wp.sqrt(-2.0 - wp.sin(x[i])))"),
    "a decision within the bounds": ("fragile decision", "if wp.sin(x[i]) == wp.sin(x[i]):\n        o[i] = 1"),
    "too many rounds": ("too many steps", "for j in range(100000):\n        o[i] = j"),
    "a loop without end": ("too many steps", "while a[i] > 0:\n        o[i] = 3"),
    "a step of zero": ("step of zero", "for j in range(0, 5, a[i] - a[i]):\n        o[i] = j"),
}


def draft(fault: str) -> TestCase:
    """A test case of four threads; the fault is a statement, its inner lines indented as they are to be."""
    buffers = (
        Buffer.of("a", INT32, np.array([2, 3, 4, 5], np.int32)),
        Buffer.of("x", FLOAT32, np.array([0.5, 1.5, 2.5, 3.5], np.float32)),
        Buffer.of("o", INT32, np.zeros(4, np.int32)),
        Buffer.of("b", INT32, np.zeros(4, np.int32)),
    )
    module = parse(FRAME.format(fault=f"    {fault}"))
    return TestCase(module, buffers, (Launch("k", (4,), tuple(map(BufferRef, "axob"))),))


def statements(module: Module) -> tuple[n.Statement, ...]:
    kernel = module.definitions[-1]
    assert isinstance(kernel, n.KernelDef)
    return kernel.body.statements


@pytest.mark.parametrize("name", FAULTS)
def test_the_reference_names_what_is_wrong(name: str) -> None:
    reason, fault = FAULTS[name]
    with pytest.raises(Undefined) as caught:
        interpret(draft(fault))
    assert caught.value.reason == reason


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", FAULTS)
def test_only_the_statement_at_fault_is_changed(name: str, seed: int) -> None:
    reason, fault = FAULTS[name]
    case = draft(fault)
    defined = make_defined(case, Choices.seeded(seed), language())
    assert defined.reasons[0] == reason
    assert defined.repairs == len(defined.reasons)
    assert defined.case.buffers == case.buffers
    assert defined.case.launches == case.launches
    *before, wrong, last = statements(case.module)
    changed = statements(defined.case.module)
    assert changed[: len(before)] == tuple(before)
    assert changed[-1] == last
    assert wrong not in changed
    assert len(changed) <= len(before) + 2


@pytest.mark.parametrize("name", FAULTS)
def test_a_repaired_draft_is_well_typed_and_means_what_its_text_means(name: str) -> None:
    defined = make_defined(draft(FAULTS[name][1]), Choices.seeded(0), language())
    again = interpret(TestCase(parse(emit(defined.case.module)), defined.case.buffers, defined.case.launches))
    assert again.arrays["o"].tolist() == defined.expectation.arrays["o"].tolist()
    assert again.arrays["b"].tolist() == [3, 4, 5, 6]
    nodes = [id(node) for node in walk(defined.case.module)]
    assert len(nodes) == len(set(nodes))


def test_a_defined_draft_stays_as_it_is() -> None:
    case = draft("o[i] = a[i] * 3")
    defined = make_defined(case, Choices.seeded(0), language())
    assert defined.case.module is case.module
    assert (defined.repairs, defined.reasons) == (0, ())
    assert defined.expectation.arrays["o"].tolist() == [6, 9, 12, 15]


def test_the_same_choices_give_the_same_repair() -> None:
    for _, fault in FAULTS.values():
        one, other = (make_defined(draft(fault), Choices.seeded(3), language()) for _ in range(2))
        assert emit(one.case.module) == emit(other.case.module)


def test_repairs_differ_with_the_choices() -> None:
    made = {
        emit(make_defined(draft("o[i] = a[i] * 2147483647"), Choices.seeded(s), language()).case.module)
        for s in range(20)
    }
    assert len(made) >= 4


def test_a_repair_uses_no_production_that_the_grammar_lacks() -> None:
    lines = [line for line in OWN_TEXT.splitlines() if not line.endswith(("-> bit_and", "-> bit_xor", "-> product"))]
    smaller = load("\n".join(lines) + "\n")
    for seed in range(10):
        defined = make_defined(draft("o[i] = 2147483647 + a[i]"), Choices.seeded(seed), smaller)
        assert not any(isinstance(node, n.BitAnd | n.BitXor | n.Product) for node in walk(defined.case.module))


def test_an_atomic_that_goes_wrong_has_another_operand_or_is_deleted() -> None:
    case = draft("wp.atomic_add(o, a[i] + 7, 1)")
    with pytest.raises(Undefined) as caught:
        interpret(case)
    first, second, _, last = statements(case.module)
    operands = set()
    for seed in range(20):
        module = repaired(case, check(case.module), caught.value, Choices.seeded(seed), language())[0].module
        if statements(module) != (first, second, last):
            text = emit(statements(module)[2])
            assert text.startswith("wp.atomic_add(o, a[i] + 7, wp.int32(")
            operands.add(text)
    assert 2 <= len(operands) <= 5


def test_a_target_that_threads_race_for_is_deleted_with_its_statement() -> None:
    case = draft("o[i / 2] = a[i]")
    for seed in range(10):
        defined = make_defined(case, Choices.seeded(seed), language())
        assert len(statements(defined.case.module)) == 3
        assert defined.reasons == ("data race",)


def test_a_draft_that_stays_undefined_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    case = draft("o[i] = a[i + 7]")
    tried: list[TestCase] = []

    def unchanged(case: TestCase, typing: object, *_: object) -> tuple[TestCase, object]:
        tried.append(case)
        return case, typing

    monkeypatch.setattr(repair, "repaired", unchanged)
    with pytest.raises(Discarded, match="index out of range"):
        make_defined(case, Choices.seeded(0), language())
    assert len(tried) == MAX_REPAIRS + 1


def test_a_place_where_warp_fails_is_written_in_its_equivalent_form() -> None:
    case = draft("u, before = before, a[i]\n    for j in range(2):\n        u ^= j\n    o[i] = u")
    assert "unpacked-names" in {item.identifier for item in limitations()}
    defined = make_defined(case, Choices.replaying([]), language())
    assert emit(statements(defined.case.module)[2]) == "u, before = +before, +a[i]"
    assert (defined.repairs, defined.reasons) == (0, ())


def test_a_share_of_drafts_goes_where_warp_fails_all_the_same() -> None:
    case = draft("u, before = before, a[i]\n    o[i] = u")
    defined = make_defined(case, Choices.replaying([99]), language())
    assert defined.case.module is case.module


def test_a_repair_leaves_no_assignment_of_a_variable_to_itself() -> None:
    case = draft("before = before * 2147483647")
    for seed in range(20):
        third = statements(make_defined(case, Choices.seeded(seed), language()).case.module)[2]
        assert emit(third) != "before = before"


def test_a_left_shift_that_overflows_becomes_a_right_shift_by_the_same_amount() -> None:
    case = draft("o[i] = (0 - a[i]) << 30")
    assert emit(statements(make_defined(case, Choices.seeded(0), language()).case.module)[2]) == "o[i] = 0 - a[i] >> 30"
