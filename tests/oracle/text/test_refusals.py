"""What is not known in a text is refused with its line; types that do not fit are a conflict in theirs."""

from __future__ import annotations

import pytest

from grammar.types import FLOAT32

from .texts import BOTH, NUMBERS, SIGN, failed, function, refused

OWN = f"""{NUMBERS}
const wp::float32 var_f = 1.0;
wp::float32 var_x;
wp::int32 var_i;
bool var_c;
wp::range_t var_r;
wp::vec_t<3, wp::float32> var_v;
"""


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("var_i = wp::planted_fault(var_0);", "wp::planted_fault of int32"),
        ("wp::planted_fault(var_0);", "wp::planted_fault without a target"),
        ("wp::add(var_0, var_1);", "wp::add without a target"),
        ("var_i = planted_0(var_0);", "the function planted_0"),
        ("planted_0();", "the function planted_0"),
        ("var_q = wp::add(var_0, var_1);", "the variable var_q"),
        ("var_i = wp::add(var_0, var_q);", "the variable var_q"),
        ("var_i = wp::add(var_0, 1);", "the variable 1"),
        ("var_i = var_q;", "the literal var_q of type int32"),
        ("var_i = 1.5;", "the literal 1.5 of type int32"),
        ("var_q = 1;", "the variable var_q"),
        ("var_c = (var_q < var_0);", "the variable var_q"),
        ("var_q = (var_0 < var_0);", "the variable var_q"),
        ("var_c = var_c && var_q;", "the variable var_q"),
        ("var_q += 1;", "the variable var_q"),
        ("if (var_q) {", "the variable var_q"),
        ("return var_q;", "the variable var_q"),
        ("var_q = builtin_tid1d();", "the variable var_q"),
        ("var_p = &(wp::index(var_a, var_0));", "the variable var_p"),
        ("wp::store(&(wp::index(var_q, var_0).component_ref(var_0)), var_f);", "the variable var_q"),
        ("wp::store(&(wp::index(var_a, var_q).component_ref(var_0)), var_f);", "the variable var_q"),
        ("goto end_for_0;", "the jump to end_for_0"),
        ("goto label0;", "the jump to label0"),
        ("continue var_i;", "the statement continue var_i;"),
        ("var_i += 18446744073709551616;", "the literal 18446744073709551616 of type int32"),
        ("if (var_i >= 18446744073709551616) goto end_for_0;", "the literal 18446744073709551616 of type int64"),
        ("if (var_x >= 3) goto end_for_0;", "a counter of type float32"),
        ("label0:;", "the label label0"),
        ("end_for_0:;", "the label end_for_0"),
        ("if (iter_cmp(var_q) == 0) goto end_for_0;", "the variable var_q"),
        ("if ((var_q) == false) goto end_for_0;", "the variable var_q"),
        ("if (var_q >= 3) goto end_for_0;", "the variable var_q"),
        ("var_x += 1;", "a counter of type float32"),
        ("*var_i = var_0;", "the statement *var_i = var_0;"),
        ("var_v = wp::transform_t<wp::float32>(var_f);", "transform_t<wp::float32>"),
        ("var_i = f_0<3>(var_0);", "f_0<3>"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(line: str, reason: str) -> None:
    assert refused(line, OWN, a=(FLOAT32, [0])) == (f"not read: {reason}", line)


@pytest.mark.parametrize(
    ("forward", "reason", "line"),
    [
        ("if (var_c) {", "a loop or block that does not end", "if (var_c) {"),
        ("start_for_0:;", "a loop or block that does not end", "start_for_0:;"),
        ("start_for_0:;\n}", "a block that ends within a loop", "}"),
        ("}", "a block that ends within a loop", "}"),
        ("start_for_0:;\nend_for_1:;", "the label end_for_1", "end_for_1:;"),
        ("start_for_0:;\nif (var_c) {\nend_for_0:;", "the label end_for_0", "end_for_0:;"),
        (
            "start_for_0:;\nstart_for_2:;\ngoto end_for_0;\nend_for_2:;\nend_for_0:;",
            "the jump to end_for_0",
            "goto end_for_0;",
        ),
    ],
)
def test_blocks_and_loops_that_do_not_close_are_refused(forward: str, reason: str, line: str) -> None:
    assert refused(forward, OWN) == (f"not read: {reason}", line)


@pytest.mark.parametrize(
    ("variable", "reason"),
    [
        ("wp::transform_t<wp::float32> var_z;", "the type wp::transform_t<wp::float32>"),
        ("const wp::float32 var_z = planted_fault;", "the literal planted_fault of type float32"),
        ("const wp::vec_t<3, wp::float32> var_z = 1.0;", "the literal 1.0 of type vec3<float32>"),
        ("wp::float32 var_z[3];", "the declaration wp::float32 var_z[3];"),
        ("wp::float32 var_3;", "a second declaration of var_3"),
        ("const wp::int64 var_z = 18446744073709551616;", "the literal 18446744073709551616 of type int64"),
    ],
)
def test_a_declaration_that_is_not_known_is_refused_with_its_line(variable: str, reason: str) -> None:
    assert refused("return;", f"{NUMBERS}\n{variable}") == (f"not read: {reason}", variable)


@pytest.mark.parametrize(
    ("line", "conflict"),
    [
        ("var_x = wp::add(var_f, var_0);", "float32 = add(float32, int32)"),
        ("var_i = wp::add(var_f, var_f);", "int32 = add(float32, float32)"),
        ("var_i = wp::add(var_0);", "int32 = add(int32)"),
        ("var_v = wp::vec_t<3, wp::float32>(var_f, var_f);", "vec3<float32> = vec_t(float32, float32)"),
        ("var_v = wp::vec_t<2, wp::float32>(var_f);", "vec3<float32> = vec_t<2, wp::float32>"),
        ("var_v = wp::vec_t<3, wp::float64>(var_f);", "vec3<float32> = vec_t<3, wp::float64>"),
        ("var_c = bool(var_v);", "bool = bool(vec3<float32>)"),
        ("var_c = (var_v < var_v);", "vec3<float32> < vec3<float32>"),
        ("var_c = (var_v == var_f);", "vec3<float32> == float32"),
        ("var_i = (var_0 < var_1);", "var_i is int32, not bool"),
        ("var_i = var_c && var_c;", "var_i is int32, not bool"),
        ("var_c = var_c && var_v;", "vec3<float32> as a condition"),
        ("var_c = var_v || var_c;", "vec3<float32> as a condition"),
        ("if (var_v) {", "vec3<float32> as a condition"),
        ("var_x = var_i;", "var_x is float32, var_i is int32"),
        ("var_x = builtin_tid1d();", "float32 in the place of an integer"),
        ("return var_i;", "return of int32"),
        ("continue;", "continue outside of a loop"),
        ("var_x = sign_0(var_i);", "float32 = sign_0(int32)"),
        ("var_i = sign_0(var_x);", "int32 = sign_0(float32)"),
        ("var_i = sign_0(var_i, var_i);", "int32 = sign_0(int32, int32)"),
        ("sign_0(var_i, var_i);", "sign_0(int32, int32)"),
        ("both_0(var_i, var_i, var_x);", "both_0(int32, int32, float32)"),
        ("both_0(var_i);", "both_0(int32)"),
        ("var_0 = wp::add(var_1, var_1);", "var_0 is constant"),
        ("var_0 = 1;", "var_0 is constant"),
        ("var_0 = var_1;", "var_0 is constant"),
        ("var_0 += 1;", "var_0 is constant"),
        ("wp::assign(var_0, var_1);", "var_0 is constant"),
        ("both_0(var_0, var_f, var_i);", "var_f is constant"),
        ("builtin_tid2d(var_i, var_0);", "var_0 is constant"),
        ("var_i = both_0(var_i, var_x, var_i);", "int32 = both_0(int32, float32, int32)"),
    ],
)
def test_types_that_do_not_fit_are_a_conflict_in_that_line(line: str, conflict: str) -> None:
    closed = line + "\n}" * line.endswith("{")
    found = failed(closed, OWN, SIGN + BOTH)
    assert (found.kind, found.message) == ("ill_typed_text", f"{conflict}, at line `{line}` of the text")


@pytest.mark.parametrize(
    ("forward", "conflict"),
    [
        ("return var_f;", "return of float32, at line `return var_f;` of the text"),
        ("return;", "return of , at line `return;` of the text"),
    ],
)
def test_a_function_returns_what_it_says(forward: str, conflict: str) -> None:
    gives = function("f_0", "wp::int32", "wp::int32 var_x", forward, "const wp::float32 var_f = 1.0;")
    assert failed("return;", OWN, gives).message == conflict


def test_what_is_not_known_goes_before_what_does_not_fit() -> None:
    forward = "var_x = wp::add(var_f, var_0);\nvar_i = wp::planted_fault(var_0);"
    reason, line = refused(forward, OWN)
    assert (reason, line) == ("not read: wp::planted_fault of int32", "var_i = wp::planted_fault(var_0);")


def test_the_first_conflict_is_told() -> None:
    found = failed("var_x = var_i;\nvar_i = var_x;", OWN)
    assert found.message == "var_x is float32, var_i is int32, at line `var_x = var_i;` of the text"
