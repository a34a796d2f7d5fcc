"""Every form that a statement or declaration may have becomes one record; nothing else passes for one."""

from __future__ import annotations

import pytest

from oracle.text.faults import Line, Unread
from oracle.text.statements import (
    FORMS,
    Beyond,
    Call,
    Close,
    Compare,
    Connect,
    Continue,
    Copy,
    Declaration,
    Exhausted,
    Goto,
    Item,
    Label,
    Open,
    Refer,
    ReferOn,
    ReferPart,
    Return,
    SetPart,
    Statement,
    Step,
    StorePart,
    Unless,
    UpdatePart,
    View,
    declarations,
    statements,
)

READ: list[tuple[str, Statement]] = [
    ("var_2 = wp::add(var_0, var_1);", Call(9, "var_2", "wp::", "add", "", ("var_0", "var_1"))),
    ("var_0 = wp::vec_t<3, wp::float32>();", Call(9, "var_0", "wp::", "vec_t", "3, wp::float32", ())),
    (
        "var_2 = wp::mat_t<2, 2, wp::float32>(var_0);",
        Call(9, "var_2", "wp::", "mat_t", "2, 2, wp::float32", ("var_0",)),
    ),
    (
        "var_3 = wp::matrix_from_rows<wp::float32>(var_1, var_2);",
        Call(9, "var_3", "wp::", "matrix_from_rows", "wp::float32", ("var_1", "var_2")),
    ),
    ("wp::array_store(var_o, var_0, var_1);", Call(9, "", "wp::", "array_store", "", ("var_o", "var_0", "var_1"))),
    ("var_1 = bool(var_0);", Call(9, "var_1", "", "bool", "", ("var_0",))),
    ("f_0(var_x, ret_0);", Call(9, "", "", "f_0", "", ("var_x", "ret_0"))),
    ("var_0 = builtin_tid1d();", Call(9, "var_0", "", "builtin_tid1d", "", ())),
    ("builtin_tid2d(var_0, var_1);", Call(9, "", "", "builtin_tid2d", "", ("var_0", "var_1"))),
    ("var_2 = (var_0 < var_1);", Compare(9, "var_2", (("var_0", "<", "var_1"),))),
    ("var_2 = (var_0 >= var_1);", Compare(9, "var_2", (("var_0", ">=", "var_1"),))),
    (
        "var_3 = ((var_0 == var_1) && (var_1 != var_2));",
        Compare(9, "var_3", (("var_0", "==", "var_1"), ("var_1", "!=", "var_2"))),
    ),
    (
        "var_4 = (((var_0 < var_1) && (var_1 <= var_2)) && (var_2 > var_3));",
        Compare(9, "var_4", (("var_0", "<", "var_1"), ("var_1", "<=", "var_2"), ("var_2", ">", "var_3"))),
    ),
    ("var_2 = var_2 && var_1;", Connect(9, "var_2", "var_2", "&&", "var_1")),
    ("var_2 = var_0 || var_1;", Connect(9, "var_2", "var_0", "||", "var_1")),
    ("ret_0 = var_1;", Copy(9, "ret_0", "var_1")),
    ("var_1 = -7ll;", Copy(9, "var_1", "-7ll")),
    ("var_1 = 1e-05;", Copy(9, "var_1", "1e-05")),
    ("var_1 = &(wp::index(var_a, var_0));", Refer(9, "var_1", "var_a", ("var_0",), ())),
    (
        "var_1 = &(wp::index(var_a, var_0, var_2).component_ref(var_3));",
        Refer(9, "var_1", "var_a", ("var_0", "var_2"), ("var_3",)),
    ),
    (
        "wp::store(&(wp::index(var_a, var_0).row_ref(var_1).component_ref(var_2)), var_3);",
        StorePart(9, "var_a", ("var_0",), ("var_1", "var_2"), "var_3"),
    ),
    (
        "wp::store(&(wp::index(var_a, var_0).element_ref(var_1, var_2)), var_3);",
        StorePart(9, "var_a", ("var_0",), ("var_1", "var_2"), "var_3"),
    ),
    (
        "wp::array_atomic_sub_slot(var_a, var_1, [&](auto& _e) -> auto& { return _e.component_ref(var_2); }, var_0);",
        UpdatePart(9, "atomic_sub", "var_a", "var_1", ("var_2",), ("var_0",)),
    ),
    (
        "wp::store(&(wp::index(var_a, var_0).inner.m.element_ref(var_1, var_2)), var_3);",
        StorePart(9, "var_a", ("var_0",), (".inner", ".m", "var_1", "var_2"), "var_3"),
    ),
    (
        "wp::array_atomic_add_slot(var_a, var_1, [&](auto& _e) -> auto& { return _e.v.component_ref(var_2); }, var_0);",
        UpdatePart(9, "atomic_add", "var_a", "var_1", (".v", "var_2"), ("var_0",)),
    ),
    ("var_1 = &((var_s).v);", ReferPart(9, "var_1", "var_s", (".v",))),
    ("var_1 = &(((var_s).inner).m);", ReferPart(9, "var_1", "var_s", (".inner", ".m"))),
    ("var_1 = &(var_s.inner.w);", ReferPart(9, "var_1", "var_s", (".inner", ".w"))),
    (
        "var_1 = &((((*wp::address(var_a, var_0, var_2))).inner).m);",
        ReferPart(9, "var_1", "var_a", (Item(("var_0", "var_2")), ".inner", ".m")),
    ),
    (
        "var_1 = &(((*wp::address(((*wp::address((var_s).a, var_0))).b, var_2, var_3))).c);",
        ReferPart(9, "var_1", "var_s", (".a", Item(("var_0",)), ".b", Item(("var_2", "var_3")), ".c")),
    ),
    (
        "var_1 = &(((*wp::address(wp::view((var_s).a, var_0), var_2))).c);",
        ReferPart(9, "var_1", "var_s", (".a", View(("var_0",)), Item(("var_2",)), ".c")),
    ),
    ("var_1 = &(var_0->f);", ReferOn(9, "var_1", "var_0", (".f",))),
    ("var_s.inner.w = var_1;", SetPart(9, "var_s", (".inner", ".w"), "var_1")),
    (
        "wp::store(&(wp::index(*(var_4), var_0).m), var_3);",
        StorePart(9, "*(var_4)", ("var_0",), (".m",), "var_3"),
    ),
    ("if (var_1) {", Open(9, "var_1", False)),
    ("if (!var_1) {", Open(9, "var_1", True)),
    ("}", Close(9)),
    ("start_for_0:;", Label(9, "start_for_0")),
    ("goto end_while_2;", Goto(9, "end_while_2")),
    ("if (iter_cmp(var_3) == 0) goto end_for_0;", Exhausted(9, "var_3", "end_for_0")),
    ("if ((var_3) == false) goto end_while_0;", Unless(9, "var_3", "end_while_0")),
    ("if (var_3 >= 100) goto end_for_0;", Beyond(9, "var_3", ">=", "100", "end_for_0")),
    ("if (var_3 <= -1) goto end_for_0;", Beyond(9, "var_3", "<=", "-1", "end_for_0")),
    ("var_3 += -2;", Step(9, "var_3", "-2")),
    ("return;", Return(9, "")),
    ("return var_3;", Return(9, "var_3")),
    ("continue;", Continue(9)),
]


@pytest.mark.parametrize(("text", "statement"), READ, ids=[text for text, _ in READ])
def test_a_statement_is_read(text: str, statement: Statement) -> None:
    [read] = statements([Line(9, text)])
    assert (type(read), read) == (type(statement), statement)


def test_every_form_is_among_those_above() -> None:
    assert len({next(at for at, (form, _) in enumerate(FORMS) if form.fullmatch(text)) for text, _ in READ}) == len(
        FORMS
    )


@pytest.mark.parametrize(("text", "statement"), READ, ids=[text for text, _ in READ])
def test_one_form_alone_fits_a_statement(text: str, statement: Statement) -> None:
    assert sum(form.fullmatch(text) is not None for form, _ in FORMS) == 1


@pytest.mark.parametrize(
    "text",
    [
        "var_2 = wp::add(var_0, var_1)",
        "var_2 = wp::add(var_0, wp::neg(var_1));",
        "var_2 = wp::add(var_0, 1);;",
        "var_2 = (var_0 = var_1);",
        "var_2 = (var_0 ! var_1);",
        "var_2 = (var_0 <> var_1);",
        "var_2 = ((var_0 < var_1) || (var_1 < var_2));",
        "var_2 = var_0 & var_1;",
        "var_2 = var_0 + var_1;",
        "var_2 += var_0;",
        "var_2.c += var_0;",
        "*var_2 = var_0;",
        "var_2 = *var_0;",
        "if (var_0) goto end_for_0;",
        "if (var_0) return;",
        "else {",
        "for (;;) {",
        "wp::store(&(wp::index(var_a, var_0)[var_1]), var_2);",
        "var_1 = {};",
        'printf("%d", var_0);',
        "wp::float32 var_0;",
    ],
)
def test_another_form_is_named_with_its_line(text: str) -> None:
    with pytest.raises(Unread) as unread:
        list(statements([Line(3, "}"), Line(4, text)]))
    assert (unread.value.what, unread.value.line) == (f"the statement {text}", 4)


@pytest.mark.parametrize(
    ("text", "declaration"),
    [
        ("wp::float32 var_0;", Declaration(False, "wp::float32", "var_0", "")),
        ("bool var_0;", Declaration(False, "bool", "var_0", "")),
        ("wp::float32* var_0;", Declaration(False, "wp::float32*", "var_0", "")),
        ("wp::vec_t<3, wp::float32> var_0;", Declaration(False, "wp::vec_t<3, wp::float32>", "var_0", "")),
        ("const wp::int64 var_0 = -7ll;", Declaration(True, "wp::int64", "var_0", "-7ll")),
        ("const wp::float32 var_0 = INFINITY;", Declaration(True, "wp::float32", "var_0", "INFINITY")),
        (
            "wp::array_t<wp::vec_t<3, wp::float32>> var_a = _wp_args->a;",
            Declaration(False, "wp::array_t<wp::vec_t<3, wp::float32>>", "var_a", "_wp_args->a"),
        ),
    ],
)
def test_a_declaration_is_read(text: str, declaration: Declaration) -> None:
    assert list(declarations([Line(5, text)])) == [(5, declaration)]


@pytest.mark.parametrize(
    "text", ["var_0", "wp::float32 var_0", "wp::float32 var_0[3];", "}", "wp::float32 var_0, var_1"]
)
def test_what_is_no_declaration_is_named_with_its_line(text: str) -> None:
    with pytest.raises(Unread) as unread:
        list(declarations([Line(8, text)]))
    assert (unread.value.what, unread.value.line) == (f"the declaration {text}", 8)
