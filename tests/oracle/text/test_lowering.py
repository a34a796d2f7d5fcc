"""The primitives of the text, each executed with hand-typed values, and refused or ill typed where it is misused."""

from __future__ import annotations

from typing import Any

import pytest

from grammar.types import BOOL, FLOAT32, INT32, UINT32, UINT64, Matrix, Quaternion, Vector

from .texts import executed, failed, refused, spelled

VEC3, MAT22 = Vector(3, FLOAT32), Matrix(2, 2, FLOAT32)
NUMBERS = """
const wp::int32 var_0 = 0;
const wp::int32 var_1 = 1;
const wp::int32 var_2 = 2;
const wp::int32 var_3 = 3;
const wp::int32 var_minus = -1;
"""


def test_load_and_store_go_through_addresses() -> None:
    forward = """
    var_p = wp::address(var_a, var_minus);
    var_v = wp::load(var_p);
    wp::array_store(var_o, var_1, var_v);
    """
    variables = f"{NUMBERS}\nwp::float32* var_p;\nwp::float32 var_v;"
    assert executed(forward, variables, a=(FLOAT32, [1, 2, 3]), o=(FLOAT32, [0, 0])) == [0, 3]


def test_a_load_sees_what_was_stored_after_the_address_was_taken() -> None:
    forward = """
    var_p = wp::address(var_o, var_0);
    wp::array_store(var_o, var_0, var_n);
    var_v = wp::load(var_p);
    wp::array_store(var_o, var_1, var_v);
    """
    variables = f"{NUMBERS}\nwp::int32* var_p;\nwp::int32 var_v;"
    assert executed(forward, variables, n=7, o=(INT32, [1, 2])) == [7, 7]


def test_addresses_take_an_index_per_dimension() -> None:
    forward = """
    var_p = wp::address(var_o, var_1, var_minus);
    var_v = wp::load(var_p);
    wp::array_store(var_o, var_0, var_1, var_v);
    """
    variables = f"{NUMBERS}\nwp::int32* var_p;\nwp::int32 var_v;"
    assert executed(forward, variables, o=(INT32, [[1, 2, 3], [4, 5, 6]])) == [[1, 6, 3], [4, 5, 6]]


def test_copy_and_assign_give_a_variable_a_value() -> None:
    forward = """
    var_v = wp::copy(var_n);
    wp::assign(var_w, var_v);
    wp::assign(var_v, var_3);
    wp::array_store(var_o, var_0, var_v);
    wp::array_store(var_o, var_1, var_w);
    """
    assert executed(forward, f"{NUMBERS}\nwp::int32 var_v;\nwp::int32 var_w;", n=7, o=(INT32, [0, 0])) == [3, 7]


@pytest.mark.parametrize(("condition", "chosen"), [("true", 3), ("false", 2)])
def test_where_picks_a_side(condition: str, chosen: int) -> None:
    forward = "var_v = wp::where(var_c, var_3, var_2);\nwp::array_store(var_o, var_0, var_v);"
    variables = f"{NUMBERS}\nconst bool var_c = {condition};\nwp::int32 var_v;"
    assert executed(forward, variables, o=(INT32, [0])) == [chosen]


@pytest.mark.parametrize(("condition", "sides"), [("true", "var_3, var_unset"), ("false", "var_unset, var_3")])
def test_where_does_not_look_at_the_side_it_does_not_pick(condition: str, sides: str) -> None:
    forward = f"var_v = wp::where(var_c, {sides});\nwp::array_store(var_o, var_0, var_v);"
    variables = f"{NUMBERS}\nconst bool var_c = {condition};\nwp::int32 var_v;\nwp::int32 var_unset;"
    assert executed(forward, variables, o=(INT32, [0])) == [3]


@pytest.mark.parametrize(("number", "chosen"), [(0, 2), (-1, 3), (7, 3)])
def test_where_takes_any_number_but_zero_for_true(number: int, chosen: int) -> None:
    forward = "var_v = wp::where(var_n, var_3, var_2);\nwp::array_store(var_o, var_0, var_v);"
    assert executed(forward, f"{NUMBERS}\nwp::int32 var_v;", n=number, o=(INT32, [0])) == [chosen]


@pytest.mark.parametrize(("number", "negated"), [(0, True), (2, False)])
def test_unot_negates_any_number(number: int, negated: bool) -> None:
    forward = "var_c = wp::unot(var_n);\nwp::array_store(var_o, var_0, var_c);"
    assert executed(forward, f"{NUMBERS}\nbool var_c;", n=number, o=(BOOL, [not negated])) == [negated]


def test_an_array_is_true_where_there_is_one() -> None:
    forward = """
    var_c = wp::unot(var_a);
    wp::array_store(var_o, var_0, var_c);
    var_c = var_a;
    wp::array_store(var_o, var_1, var_c);
    var_c = wp::where(var_a, var_yes, var_no);
    wp::array_store(var_o, var_2, var_c);
    """
    variables = f"{NUMBERS}\nbool var_c;\nconst bool var_yes = true;\nconst bool var_no = false;"
    given = executed(forward, variables, a=(FLOAT32, [1]), o=(BOOL, [False] * 3))
    missing = executed(forward, variables, a=(FLOAT32, None), o=(BOOL, [False] * 3))
    assert (given, missing) == ([False, True, True], [True, False, False])


@pytest.mark.parametrize(("index", "component"), [("var_0", 1), ("var_2", 3), ("var_minus", 3)])
def test_extract_gives_a_component(index: str, component: float) -> None:
    forward = f"""
    var_p = wp::address(var_v, var_0);
    var_w = wp::load(var_p);
    var_x = wp::extract(var_w, {index});
    wp::array_store(var_o, var_0, var_x);
    """
    variables = f"{NUMBERS}\nwp::vec_t<3, wp::float32>* var_p;\nwp::vec_t<3, wp::float32> var_w;\nwp::float32 var_x;"
    assert executed(forward, variables, v=(VEC3, [[1, 2, 3]]), o=(FLOAT32, [0])) == [component]


MATRIX = f"""{NUMBERS}
wp::mat_t<2, 2, wp::float32>* var_p;
wp::mat_t<2, 2, wp::float32> var_m;
wp::vec_t<2, wp::float32> var_r;
wp::float32 var_x;
const wp::float32 var_f = 9.0;
"""
LOADED = "var_p = wp::address(var_o, var_0);\nvar_m = wp::load(var_p);\n"
STORED = "\nwp::array_store(var_o, var_0, var_m);"
MATRICES: Any = (MAT22, [[[1, 2], [3, 4]]])


@pytest.mark.parametrize(
    ("lines", "content"),
    [
        ("wp::assign_inplace(var_m, var_1, var_0, var_f);", [[1, 2], [9, 4]]),
        ("wp::assign_inplace(var_m, var_minus, var_minus, var_f);", [[1, 2], [3, 9]]),
        ("var_r = wp::extract(var_m, var_0);\nwp::assign_inplace(var_m, var_1, var_r);", [[1, 2], [1, 2]]),
        (
            "var_x = wp::extract(var_m, var_0, var_1);\nwp::assign_inplace(var_m, var_0, var_0, var_x);",
            [[2, 2], [3, 4]],
        ),
        ("wp::add_inplace(var_m, var_0, var_1, var_f);", [[1, 11], [3, 4]]),
        ("wp::sub_inplace(var_m, var_1, var_1, var_f);", [[1, 2], [3, -5]]),
        ("var_r = wp::extract(var_m, var_0);\nwp::add_inplace(var_m, var_1, var_r);", [[1, 2], [4, 6]]),
        ("var_r = wp::extract(var_m, var_1);\nwp::assign_inplace(var_r, var_0, var_f);", [[1, 2], [3, 4]]),
    ],
)
def test_parts_change_in_place_and_in_no_other_variable(lines: str, content: list[list[float]]) -> None:
    assert executed(LOADED + lines + STORED, MATRIX, o=MATRICES) == [content]


def test_a_loaded_value_is_not_the_element() -> None:
    assert executed(f"{LOADED}wp::assign_inplace(var_m, var_1, var_0, var_f);", MATRIX, o=MATRICES) == [
        [[1, 2], [3, 4]]
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [("bit_and", [4, 7]), ("bit_or", [14, 7]), ("bit_xor", [10, 7]), ("add", [18, 7]), ("sub", [-6, 7])],
)
def test_components_of_integers_change_in_place(name: str, content: list[int]) -> None:
    forward = f"""
    var_p = wp::address(var_o, var_0);
    var_v = wp::load(var_p);
    wp::{name}_inplace(var_v, var_0, var_n);
    wp::array_store(var_o, var_0, var_v);
    """
    variables = f"{NUMBERS}\nwp::vec_t<2, wp::int32>* var_p;\nwp::vec_t<2, wp::int32> var_v;"
    assert executed(forward, variables, n=12, o=(Vector(2, INT32), [[6, 7]])) == [content]


COUNTED = """
var_r = wp::range({arguments});
start_for_0:;
if (iter_cmp(var_r) == 0) goto end_for_0;
var_i = wp::iter_next(var_r);
var_was = wp::atomic_add(var_o, var_0, var_1);
wp::array_store(var_o, var_was, var_i);
goto start_for_0;
end_for_0:;
"""


@pytest.mark.parametrize(
    ("arguments", "rounds"),
    [
        ("var_3", [0, 1, 2]),
        ("var_1, var_3", [1, 2]),
        ("var_3, var_minus, var_back", [3, 1]),
        ("var_3, var_1", []),
        ("var_0, var_3, var_minus", []),
    ],
)
def test_ranges_count_as_python_does(arguments: str, rounds: list[int]) -> None:
    variables = f"{NUMBERS}\nconst wp::int32 var_back = -2;\nwp::range_t var_r;\nwp::int32 var_i;\nwp::int32 var_was;"
    found = executed(COUNTED.format(arguments=arguments), variables, o=(INT32, [1, 0, 0, 0]))
    assert found == [1 + len(rounds), *rounds, *[0] * (3 - len(rounds))]


OMITTED = """
const wp::int32 var_no_start = 2147483647;
const wp::int32 var_no_stop = -2147483648;
"""


@pytest.mark.parametrize(
    ("bounds", "first"),
    [
        ("var_no_start, var_no_stop, var_1", 1),
        ("var_no_start, var_no_stop, var_minus", 4),
        ("var_2, var_no_stop, var_1", 3),
        ("var_minus, var_no_stop, var_1", 4),
        ("var_no_start, var_minus, var_1", 1),
        ("var_1, var_3, var_1", 2),
    ],
)
def test_a_view_may_omit_bounds(bounds: str, first: int) -> None:
    forward = f"""
    var_s = wp::slice_t({bounds});
    var_w = wp::view(var_o, var_s);
    wp::array_store(var_w, var_0, var_n);
    """
    variables = f"{NUMBERS}{OMITTED}wp::slice_t var_s;\nwp::array_t<wp::int32> var_w;"
    assert executed(forward, variables, n=9, o=(INT32, [1, 2, 3, 4])).index(9) == first - 1


def test_a_view_takes_indices_and_slices() -> None:
    forward = """
    var_s = wp::slice_t(var_no_start, var_no_stop, var_1);
    var_column = wp::view(var_o, var_s, var_1);
    var_row = wp::view(var_o, var_minus);
    wp::array_store(var_column, var_0, var_n);
    wp::array_store(var_row, var_0, var_n);
    """
    variables = (
        f"{NUMBERS}{OMITTED}wp::slice_t var_s;\nwp::array_t<wp::int32> var_column;\nwp::array_t<wp::int32> var_row;"
    )
    assert executed(forward, variables, n=9, o=(INT32, [[1, 2], [3, 4]])) == [[1, 9], [9, 4]]


@pytest.mark.parametrize(
    ("name", "content", "before"),
    [("add", 7, 5), ("sub", 3, 5), ("min", 2, 5), ("max", 5, 5), ("and", 0, 5), ("or", 7, 5), ("xor", 7, 5)],
)
def test_an_atomic_gives_the_old_value(name: str, content: int, before: int) -> None:
    forward = f"""
    var_was = wp::atomic_{name}(var_o, var_0, var_2);
    wp::array_store(var_o, var_1, var_was);
    """
    assert executed(forward, f"{NUMBERS}\nwp::int32 var_was;", o=(INT32, [5, 0])) == [content, before]


def test_an_atomic_may_leave_its_value_unused() -> None:
    forward = "wp::atomic_add(var_o, var_1, var_0, var_2);"
    assert executed(forward, NUMBERS, o=(INT32, [[1, 2], [3, 4]])) == [[1, 2], [5, 4]]


def test_an_atomic_of_vectors_combines_components() -> None:
    forward = """
    var_p = wp::address(var_v, var_0);
    var_w = wp::load(var_p);
    var_was = wp::atomic_max(var_o, var_0, var_w);
    """
    variables = f"""{NUMBERS}
    wp::vec_t<3, wp::float32>* var_p;
    wp::vec_t<3, wp::float32> var_w;
    wp::vec_t<3, wp::float32> var_was;
    """
    assert executed(forward, variables, v=(VEC3, [[1, 5, 3]]), o=(VEC3, [[2, 4, 3]])) == [[2, 5, 3]]


def test_an_update_of_quaternions_combines_components() -> None:
    forward = """
    var_p = wp::address(var_v, var_0);
    var_w = wp::load(var_p);
    var_was = wp::atomic_sub(var_o, var_0, var_w);
    """
    variables = f"""{NUMBERS}
    wp::quat_t<wp::float32>* var_p;
    wp::quat_t<wp::float32> var_w;
    wp::quat_t<wp::float32> var_was;
    """
    quaternion = Quaternion(FLOAT32)
    assert executed(forward, variables, v=(quaternion, [[1, 5, 3, 0]]), o=(quaternion, [[2, 4, 3, 1]])) == [
        [1, -1, 0, 1]
    ]


@pytest.mark.parametrize(
    ("path", "value", "content"),
    [
        ("row_ref(var_1)", "var_r", [[1, 2], [8, 8]]),
        ("element_ref(var_1, var_0)", "var_f", [[1, 2], [9, 4]]),
        ("row_ref(var_0).component_ref(var_minus)", "var_f", [[1, 9], [3, 4]]),
    ],
)
def test_a_part_of_an_element_is_stored(path: str, value: str, content: list[list[float]]) -> None:
    forward = f"""
    var_r = wp::vec_t<2, wp::float32>(var_eight);
    wp::store(&(wp::index(var_o, var_0).{path}), {value});
    """
    assert executed(forward, f"{MATRIX}const wp::float32 var_eight = 8.0;", o=MATRICES) == [content]


def test_a_component_of_an_element_is_stored() -> None:
    forward = "wp::store(&(wp::index(var_o, var_1).component_ref(var_0)), var_x);"
    variables = f"{NUMBERS}\nconst wp::float32 var_x = 7.0;"
    assert executed(forward, variables, o=(VEC3, [[1, 2, 3], [4, 5, 6]])) == [[1, 2, 3], [7, 5, 6]]


@pytest.mark.parametrize(
    ("name", "content"), [("add", [8, 5, 6]), ("sub", [0, 5, 6]), ("min", [4, 5, 6]), ("max", [4, 5, 6])]
)
def test_a_part_of_an_element_is_updated(name: str, content: list[float]) -> None:
    place = "[&](auto& _e) -> auto& { return _e.component_ref(var_0); }"
    forward = f"wp::array_atomic_{name}_slot(var_o, var_x, {place}, var_1);"
    variables = f"{NUMBERS}\nconst wp::float32 var_x = 4.0;"
    assert executed(forward, variables, o=(VEC3, [[1, 2, 3], [4, 5, 6]])) == [[1, 2, 3], content]


@pytest.mark.parametrize(
    ("path", "type_", "value", "content"),
    [
        ("var_1", "wp::vec_t<2, wp::float32>", "var_r", [[1, 2], [8, 8]]),
        ("var_1, var_0", "wp::float32", "var_f", [[1, 2], [9, 4]]),
    ],
)
def test_a_reference_into_an_element_leads_to_a_part(
    path: str, type_: str, value: str, content: list[list[float]]
) -> None:
    forward = f"""
    var_r = wp::vec_t<2, wp::float32>(var_eight);
    var_p = wp::address(var_o, var_0);
    var_q = wp::indexref(var_p, {path});
    wp::store(var_q, {value});
    """
    variables = f"{MATRIX}const wp::float32 var_eight = 8.0;\n{type_}* var_q;"
    assert executed(forward, variables, o=MATRICES) == [content]


def test_a_reference_to_a_row_leads_on_to_its_component() -> None:
    forward = """
    var_p = wp::address(var_o, var_0);
    var_q = wp::indexref(var_p, var_1);
    var_s = wp::indexref(var_q, var_0);
    wp::store(var_s, var_f);
    """
    variables = f"{MATRIX}wp::vec_t<2, wp::float32>* var_q;\nwp::float32* var_s;"
    assert executed(forward, variables, o=MATRICES) == [[[1, 2], [9, 4]]]


def test_the_place_of_an_element_can_be_taken() -> None:
    forward = """
    var_p = &(wp::index(var_o, var_minus));
    var_x = wp::load(var_p);
    wp::array_store(var_o, var_0, var_x);
    """
    assert executed(forward, f"{NUMBERS}\nwp::int32* var_p;\nwp::int32 var_x;", o=(INT32, [1, 2])) == [2, 2]


@pytest.mark.parametrize(
    ("path", "element", "blank", "stored"),
    [
        ("row_ref(var_1)", Vector(2, FLOAT32), [0, 0], [3, 4]),
        ("element_ref(var_1, var_0)", FLOAT32, 0, 3),
        ("row_ref(var_0).component_ref(var_minus)", FLOAT32, 0, 2),
    ],
)
def test_the_place_of_a_part_can_be_taken(path: str, element: Any, blank: Any, stored: Any) -> None:
    forward = f"""
    var_q = &(wp::index(var_a, var_0).{path});
    var_y = wp::load(var_q);
    wp::array_store(var_o, var_0, var_y);
    """
    variables = f"{MATRIX}{spelled(element)}* var_q;\n{spelled(element)} var_y;"
    assert executed(forward, variables, a=MATRICES, o=(element, [blank])) == [stored]


def test_what_is_stored_later_is_found_at_the_place_of_a_part() -> None:
    forward = """
    var_p = &(wp::index(var_o, var_0).component_ref(var_1));
    wp::store(&(wp::index(var_o, var_0).component_ref(var_1)), var_f);
    var_x = wp::load(var_p);
    wp::store(&(wp::index(var_o, var_0).component_ref(var_2)), var_x);
    """
    variables = f"{NUMBERS}\nconst wp::float32 var_f = 8.0;\nwp::float32* var_p;\nwp::float32 var_x;"
    assert executed(forward, variables, o=(VEC3, [[1, 2, 3]])) == [[1, 8, 8]]


def test_a_part_beyond_its_element_has_no_place() -> None:
    forward = "var_p = &(wp::index(var_o, var_0).component_ref(var_3));"
    found = failed(forward, f"{NUMBERS}\nwp::float32* var_p;", o=(VEC3, [[1, 2, 3]]))
    assert (found.kind, found.message) == ("out_of_bounds", f"index 3 of 3 elements, at line `{forward}` of the text")


SLOT = "[&](auto& _e) -> auto& { return _e.component_ref(var_0); }"

OWN = f"""{NUMBERS}
const wp::float32 var_f = 1.0;
wp::float32 var_x;
wp::int32 var_i;
bool var_c;
wp::range_t var_r;
wp::slice_t var_s;
wp::int32* var_p;
wp::vec_t<3, wp::float32>* var_pv;
wp::vec_t<3, wp::float32> var_v;
wp::mat_t<2, 2, wp::float32> var_m;
wp::array_t<wp::float32> var_w;
"""


@pytest.mark.parametrize(
    ("line", "conflict"),
    [
        ("var_x = wp::load(var_p);", "float32 of Pointer(element="),
        ("var_x = wp::load(var_o);", "float32 of Handle(element="),
        ("var_p = wp::address(var_a, var_0);", "of Handle(element="),
        ("var_p = wp::address(var_o, var_f);", "float32 in the place of an integer"),
        ("var_p = wp::address(var_v, var_0);", "of vec3<float32>"),
        ("var_x = wp::copy(var_i);", "var_x is float32, var_i is int32"),
        ("wp::assign(var_x, var_i);", "var_x is float32, var_i is int32"),
        ("var_x = wp::where(var_c, var_f, var_0);", "var_x is float32, var_0 is int32"),
        ("var_x = wp::where(var_c, var_0, var_f);", "var_x is float32, var_0 is int32"),
        ("var_i = wp::extract(var_v, var_0);", "int32 as a part of vec3<float32>"),
        ("var_x = wp::extract(var_v, var_0, var_1);", "float32 as a part of vec3<float32>"),
        ("var_x = wp::extract(var_m, var_0);", "float32 as a part of mat22<float32>"),
        ("var_v = wp::extract(var_v);", "vec3<float32> as a part of vec3<float32>"),
        ("var_x = wp::extract(var_f, var_0);", "float32 as a part of float32"),
        ("var_x = wp::extract(var_v, var_f);", "float32 in the place of an integer"),
        ("wp::assign_inplace(var_v, var_0, var_i);", "int32 as a part of vec3<float32>"),
        ("wp::add_inplace(var_m, var_0, var_f);", "float32 as a part of mat22<float32>"),
        ("var_r = wp::range(var_f);", "wp::range of ['float32']"),
        ("var_i = wp::range(var_3);", "wp::range of ['int32']"),
        ("var_x = wp::iter_next(var_r);", "float32 as the counter of a range"),
        ("var_i = wp::iter_next(var_0);", "int32 as the counter of a range"),
        ("var_s = wp::slice_t(var_f, var_0, var_1);", "float32 in the place of an integer"),
        ("var_i = wp::slice_t(var_0, var_0, var_1);", "int32 as a slice"),
        ("var_w = wp::view(var_o, var_0);", "var_w is Handle(element="),
        ("var_w = wp::view(var_a, var_f);", "float32 in the place of an integer"),
        ("var_w = wp::view(var_a, var_v);", "vec3<float32> in the place of an integer"),
        ("wp::array_store(var_a, var_0, var_1);", "int32 as an element of Handle(element="),
        ("wp::array_store(var_v, var_0, var_f);", "float32 as an element of vec3<float32>"),
        ("wp::array_store(var_a, var_f, var_f);", "float32 in the place of an integer"),
        ("var_i = wp::atomic_add(var_a, var_0, var_1);", "int32 as an element of Handle(element="),
        ("var_p = &(wp::index(var_a, var_0));", "in an element of Handle(element="),
        ("var_p = &(wp::index(var_i, var_0));", "in an element of int32"),
        ("var_p = wp::indexref(var_pv, var_0);", "to a part of vec3<float32>"),
        ("wp::store(var_p, var_f);", "float32 where int32 is"),
        ("wp::store(&(wp::index(var_a, var_0).component_ref(var_0)), var_f);", "float32 in an element of Handle("),
        (f"wp::array_atomic_add_slot(var_vs, var_1, {SLOT}, var_0);", "int32 in an element of Handle("),
        (f"wp::array_atomic_add_slot(var_vs, var_f, {SLOT}, var_f);", "float32 in the place of an integer"),
    ],
)
def test_types_that_do_not_fit_are_a_conflict_in_that_line(line: str, conflict: str) -> None:
    found = failed(line, OWN, a=(FLOAT32, [0]), vs=(VEC3, [[0, 0, 0]]), o=(INT32, [0]))
    assert found.kind == "ill_typed_text"
    assert found.message.endswith(f", at line `{line}` of the text")
    assert conflict in found.message


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("var_x = wp::load(var_q);", "not read: the variable var_q"),
        ("var_x = wp::load(var_p, var_0);", "not read: wp::load of 2 arguments"),
        ("var_x = wp::where(var_c, var_f);", "not read: wp::where of 2 arguments"),
        ("var_x = wp::copy();", "not read: wp::copy of 0 arguments"),
        ("var_r = wp::range();", "not read: wp::range of 0 arguments"),
        ("var_r = wp::range(var_0, var_3, var_1, var_1);", "not read: wp::range of 4 arguments"),
        ("var_i = wp::iter_next();", "not read: wp::iter_next of 0 arguments"),
        ("var_s = wp::slice_t(var_0, var_3);", "not read: wp::slice_t of 2 arguments"),
        ("var_p = wp::address();", "not read: wp::address of 0 arguments"),
        ("wp::array_store();", "not read: wp::array_store of 0 arguments"),
        ("var_p = wp::indexref(var_v, var_0);", "not read: wp::indexref of vec3<float32>"),
        ("wp::store(var_v, var_f);", "not read: wp::store to vec3<float32>"),
        ("wp::array_store(var_o, var_q, var_0);", "not read: the variable var_q"),
        ("wp::array_store(var_o, var_0, var_q);", "not read: the variable var_q"),
        ("var_x = wp::where(var_v, var_f, var_f);", "not read: wp::where on vec3<float32>"),
        ("var_c = wp::unot(var_v);", "not read: wp::unot of vec3<float32>"),
        ("var_i = wp::unot(var_c);", "not read: wp::unot of bool"),
        ("wp::bit_and_inplace(var_v, var_0, var_f);", "not read: wp::bit_and_inplace of float32"),
        ("var_c = wp::atomic_max(var_b, var_0, var_c);", "not read: wp::atomic_max of bool"),
        ("var_i = wp::load<wp::int32>(var_p);", "not read: load<wp::int32>"),
        (
            f"wp::array_atomic_xor_slot(var_vs, var_f, {SLOT}, var_0);",
            "not read: wp::atomic_xor of float32",
        ),
        (f"wp::array_atomic_exch_slot(var_vs, var_f, {SLOT}, var_0);", "not read: wp::atomic_exch of float32"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(line: str, reason: str) -> None:
    arrays: Any = {"a": (FLOAT32, [0]), "b": (BOOL, [False]), "vs": (VEC3, [[0, 0, 0]]), "o": (INT32, [0])}
    assert refused(line, OWN, **arrays) == (reason, line)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("var_i = wp::load(var_p);", "a variable is used that has no value yet"),
        ("var_p = wp::address(var_o, var_3);", "index 3 of 2 elements"),
        ("wp::array_store(var_o, var_2, var_1);", "index 2 of 2 elements"),
        ("wp::store(var_p, var_0);", "a variable is used that has no value yet"),
        ("wp::array_store(var_o, var_0, var_i);", "a variable is used that has no value yet"),
        ("wp::array_store(var_o, var_i, var_0);", "a variable is used that has no value yet"),
        ("var_x = wp::where(var_c, var_f, var_f);", "a variable is used that has no value yet"),
        ("var_c = wp::unot(var_c);", "a variable is used that has no value yet"),
        ("var_x = wp::extract(var_v, var_0);", "a variable is used that has no value yet"),
        ("wp::assign_inplace(var_v, var_0, var_f);", "a variable is used that has no value yet"),
        ("var_i = wp::atomic_add(var_o, var_0, var_i);", "a variable is used that has no value yet"),
        ("var_r = wp::range(var_i);", "a variable is used that has no value yet"),
        ("var_i = wp::iter_next(var_r);", "a variable is used that has no value yet"),
        ("var_w = wp::view(var_w, var_0);", "a variable is used that has no value yet"),
        ("var_r = wp::range(var_0, var_3, var_0);", "a range with step 0"),
        ("wp::store(&(wp::index(var_vs, var_0).component_ref(var_3)), var_f);", "index 3 of 3 elements"),
        ("wp::store(&(wp::index(var_vs, var_1).component_ref(var_0)), var_f);", "index 1 of 1 elements"),
    ],
)
def test_what_is_undefined_fails_with_its_line(line: str, message: str) -> None:
    found = failed(line, OWN, vs=(VEC3, [[0, 0, 0]]), o=(INT32, [0, 0]))
    assert found.message == f"{message}, at line `{line}` of the text"


@pytest.mark.parametrize(
    ("element", "content", "total"), [(UINT32, 4294967290, 4), (UINT64, 18446744073709551615, 9), (FLOAT32, 0.5, 10.5)]
)
def test_atomics_stay_in_their_type(element: Any, content: Any, total: Any) -> None:
    forward = "wp::atomic_add(var_o, var_0, var_n);"
    variables = f"const wp::int32 var_0 = 0;\nconst wp::{element} var_n = 10;"
    assert executed(forward, variables, o=(element, [content])) == [total]


def test_an_atomic_that_overflows_is_a_fault() -> None:
    found = failed("wp::atomic_add(var_o, var_0, var_1);", NUMBERS, o=(INT32, [2147483647]))
    assert (found.kind, found.message) == (
        "overflow",
        "2147483648 is no int32, at line `wp::atomic_add(var_o, var_0, var_1);` of the text",
    )
