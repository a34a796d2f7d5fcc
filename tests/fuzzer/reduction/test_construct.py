"""Names of buckets: what a reduced test case is about, equal for one cause and different for another."""

from __future__ import annotations

import numpy as np
import pytest

from fuzzer.reduction.construct import operations, productions, rule_of, signature_of, words_of
from grammar.check import check
from oracle.records import Judgement, Mismatch, TestCase, Verdict
from tests.fuzzer.reduction.faults import case_of

KERNEL = """
import warp as wp


@wp.kernel
def {name}(a: wp.array[{type}], o: wp.array[{type}]):
    {statement}
"""


def about(statement: str, type_: str = "int", name: str = "k") -> TestCase:
    return case_of(KERNEL.format(statement=statement, type=type_, name=name), (1,), [1, 2], [0, 0])


def wrong(buffer: str = "o") -> Judgement:
    mismatch = Mismatch(buffer, (0,), np.int32(1), np.int32(2), 0.0)
    return Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value", "1 of 4 elements", (mismatch,))


def failed(message: str) -> Judgement:
    return Judgement(Verdict.DISCREPANCY, "warp-cpu", "compile_error", message)


def construct(statement: str, type_: str = "int") -> tuple[str, str]:
    signature = signature_of(about(statement, type_), wrong(), "native")
    return signature.construct, signature.dtype


@pytest.mark.parametrize(
    ("statement", "type_", "expected"),
    [
        ("o[0] = a[0] % a[1]", "int", ("mod.int", "int32")),
        ("o[0] = a[0] // a[1] - a[1]", "wp.int64", ("floordiv.int sub", "int64")),
        ("o[0] = wp.sin(a[0])", "float", ("sin", "float32")),
        ("for j in range(2):\n        o[0] = j", "int", ("for_stmt", "int32")),
        ("o[0] += a[0]", "int", ("add aug_assign element", "int32")),
        ("if a[0] < 0 < a[1] <= 3:\n        o[0] = 1", "int", ("le lt chained_compare if_stmt", "int32")),
        ("o[0] = a[0]", "wp.uint8", ("kernel", "uint8")),
        ("o[0] = a[0:1][0]", "int", ("slice", "int32")),
    ],
)
def test_a_bucket_is_named_by_operations_then_productions(
    statement: str, type_: str, expected: tuple[str, str]
) -> None:
    assert construct(statement, type_) == expected


def test_a_name_has_four_words_at_most() -> None:
    words, _ = construct("o[0] = wp.min(a[0], a[1]) * 3 + a[0] % 2 - (a[1] if a[0] == 0 else 4)")
    assert words == "add eq min mod.int"


def test_the_folder_of_a_bucket_can_be_read_and_differs_with_every_field() -> None:
    signature = signature_of(about("o[0] = a[0] % a[1]"), wrong(), "native")
    assert signature.name.startswith("wrong_value-native-mod-int-int32-".replace("_", "-"))
    others = [
        signature_of(about("o[0] = a[0] % a[1]"), wrong(), "front_end"),
        signature_of(about("o[0] = a[0] / a[1]"), wrong(), "native"),
        signature_of(about("o[0] = a[0] % a[1]", "wp.int64"), wrong(), "native"),
        signature_of(about("o[0] = a[0] % a[1]"), failed("no member"), "native"),
        signature_of(about("o[0] = a[0] % a[1]"), failed("no type"), "native"),
    ]
    assert len({signature.name, *(other.name for other in others)}) == 6


def test_what_differs_by_chance_does_not_make_another_bucket() -> None:
    one = signature_of(about("o[0] = a[0] % a[1]"), wrong(), "native")
    more = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value", "2 of 4 elements", wrong("a").mismatches)
    assert signature_of(about("o[1] = a[1] % 1"), more, "native") == one


def test_messages_about_other_names_numbers_and_lines_are_of_one_bucket() -> None:
    case = about("o[0] = a[0] % a[1]")
    first = failed("Error while parsing function \"k0\": v3 = a[0] + x ;Input types must be the same, got ['int32']")
    other = failed("Error while parsing function \"k11\": o[7] = f(v12) ;Input types must be the same, got ['float64']")
    assert signature_of(case, first, "front_end") == signature_of(case, other, "front_end")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("use of undeclared identifier 'var_17'", "use of undeclared identifier"),
        ("no member named 'x'; did you mean 'y'?", "no member named ; did you mean ?"),
        ("use of undeclared identifier 'True'; did you mean 'true'?", "use of undeclared identifier ; did you mean ?"),
        ('Error while parsing function "k": a = b ;No such overload (int32, float32)', "No such overload"),
        ("operator is ambiguous (with operand types 'half' and 'float')", "operator is ambiguous"),
        ("", ""),
    ],
)
def test_the_words_of_a_message_are_those_that_stay(message: str, expected: str) -> None:
    assert words_of(message) == expected


def test_the_operations_of_a_chain_of_comparisons_count_too() -> None:
    typing = check(about("if a[0] < 0 < a[1] <= 3:\n        o[0] = 1").module)
    assert [op.key for op in operations(typing)] == ["le", "lt"]


def test_what_every_kernel_has_says_nothing() -> None:
    assert productions(about("i = wp.tid()\n    o[i] = -a[i] + 2 * a[0]")) == set()
    assert productions(about("while a[0] > 3 and True:\n        break")) == {"while_stmt", "and_op", "break_stmt"}


def rule(statement: str) -> str:
    return rule_of(about(statement), "wrong_value")


def test_the_rule_is_that_of_the_form_or_else_of_the_operation() -> None:
    assert rule("for j in range(2):\n        o[0] = a[0] % 2").startswith("Python: a for loop over range")
    assert rule("o[0] = a[0] % a[1]").startswith("Warp's reference, mod: ")
    assert rule("o[0] = a[0]").startswith("Where Warp's documentation is silent")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("for j in range(2):\n        o[0] = j if a[0] > 1 else 2", "only the chosen branch of a conditional"),
        ("if a[0] > 0 or a[1] > 0:\n        o[0] = 1", "of a or b, b is evaluated only if a is false"),
        ("for j in range(2):\n        if a[0] > j:\n            break", "break ends the innermost loop"),
        ("if a[0] > 0:\n        return\n    o[0] += 1", "a return statement ends the function"),
        ("if a[0] > 0:\n        o[0] += 1", "x op= y assigns x op y"),
    ],
)
def test_of_several_forms_the_rarest_gives_the_rule(statement: str, said: str) -> None:
    assert said in rule(statement)


def test_a_rule_of_python_is_not_broken_by_the_text_for_a_target() -> None:
    assert rule_of(about("i, j = 1, a[0]\n    o[i] = j"), "target_mismatch").startswith("The texts for cpu and cuda")
