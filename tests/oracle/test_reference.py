"""What kernels mean: for each production a kernel with hand-typed inputs and outputs, and each way to mean nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grammar import emit, parse
from grammar.nodes import IfStmt
from grammar.trees import walk
from grammar.types import INT32
from oracle.records import Buffer, BufferRef, Launch, TestCase
from oracle.reference import STRICT, WEAK, interpret

from .kernels import case_of, expected, fault, kernel, run

OUT = "out: wp.array[int]"
FLOATS = "a: wp.array[float], out: wp.array[float]"
ZEROS = [0] * 6


def ints(body: str, before: str = "", **given: Any) -> list[int]:
    """Run a kernel of one thread with an int argument ``i`` that fills ``out``."""
    found: list[int] = run(f"i: int, {OUT}", body, before, **{"i": 3, "out": ZEROS, **given})["out"]
    return found


def counted(*bounds: str) -> list[int]:
    """Run a loop that writes down its counters, the number of rounds first."""
    body = f"s = int(0)\nfor j in range({', '.join(bounds)}):\n    s += 1\n    out[s] = j\nout[0] = s"
    return ints(body, out=[-9] * 6)


# Loops


def test_a_range_counts_from_zero_up_to_its_end() -> None:
    assert counted("4") == [4, 0, 1, 2, 3, -9]


def test_a_range_counts_from_its_first_argument() -> None:
    assert counted("-1", "i") == [4, -1, 0, 1, 2, -9]


def test_a_range_counts_in_steps() -> None:
    assert counted("1", "8", "i") == [3, 1, 4, 7, -9, -9]


def test_a_range_counts_down() -> None:
    assert counted("i", "-2", "-2") == [3, 3, 1, -1, -9, -9]


@pytest.mark.parametrize("bounds", [("0",), ("-3",), ("i", "i"), ("i", "0"), ("0", "i", "-1"), ("5", "1", "2")])
def test_an_empty_range_runs_no_round(bounds: tuple[str, ...]) -> None:
    assert counted(*bounds) == [0, -9, -9, -9, -9, -9]


def test_the_bounds_of_a_range_are_evaluated_once() -> None:
    body = "m = int(2)\ns = int(0)\nfor j in range(m):\n    m = m + 5\n    s += 1\nout[0] = s\nout[1] = m"
    assert ints(body)[:2] == [2, 12]


def test_after_a_loop_the_counter_keeps_its_last_value() -> None:
    assert ints("for j in range(i):\n    pass\nout[0] = j")[0] == 2


def test_changing_the_counter_does_not_change_the_next_round() -> None:
    assert ints("s = int(0)\nfor j in range(i):\n    j = j * 10\n    s += j\nout[0] = s\nout[1] = j")[:2] == [30, 20]


def test_break_ends_the_innermost_loop() -> None:
    inner = "    for q in range(5):\n        if q > j:\n            break\n        s += 1"
    body = f"s = int(0)\nfor j in range(i):\n{inner}\nout[0] = s"
    assert ints(body)[0] == 6


def test_continue_begins_the_next_round() -> None:
    assert ints("s = int(0)\nfor j in range(6):\n    if j % 2 == 0:\n        continue\n    s += j\nout[0] = s")[0] == 9


def test_a_while_loop_runs_as_long_as_its_condition_holds() -> None:
    assert ints("s = int(100)\nc = int(0)\nwhile s > i:\n    s //= 2\n    c += 1\nout[0] = s\nout[1] = c")[:2] == [3, 5]


def test_a_while_loop_whose_condition_is_false_runs_no_round() -> None:
    assert ints("while i < 0:\n    out[0] = 1\nout[1] = 2")[:2] == [0, 2]


def test_break_and_continue_work_in_while_loops() -> None:
    body = (
        "c = int(0)\ns = int(0)\nwhile True:\n    c += 1\n    if c == 2:\n        continue\n"
        "    if c > 4:\n        break\n    s += c\nout[0] = s\nout[1] = c"
    )
    assert ints(body)[:2] == [8, 5]


def test_return_leaves_the_kernel_from_inside_loops() -> None:
    inner = "    while True:\n        out[j] = 7\n        if j == 1:\n            return\n        break"
    body = f"for j in range(i):\n{inner}\nout[5] = 1"
    assert ints(body) == [7, 7, 0, 0, 0, 0]


def test_return_ends_one_thread_only() -> None:
    body = "t = wp.tid()\nif t == 1:\n    return\nout[t] = t + 10"
    assert run(OUT, body, dims=3, out=[0, 0, 0]) == {"out": [10, 0, 12]}


# Branches and choices


@pytest.mark.parametrize(("i", "branch"), [(5, 1), (3, 2), (1, 3), (0, 4)])
def test_the_first_branch_whose_condition_holds_is_taken(i: int, branch: int) -> None:
    body = "if i > 4:\n    out[0] = 1\nelif i > 2:\n    out[0] = 2\nelif i:\n    out[0] = 3\nelse:\n    out[0] = 4"
    assert ints(body, i=i)[0] == branch


def test_an_if_without_else_may_do_nothing() -> None:
    assert ints("if i == 2:\n    out[0] = 1")[0] == 0


@pytest.mark.parametrize(
    ("condition", "taken"),
    [("i", 1), ("0", 0), ("0.0", 0), ("-0.0", 0), ("1e-30", 1), ("i - 3", 0), ("wp.uint8(0)", 0), ("False", 0)],
)
def test_a_condition_may_be_any_scalar(condition: str, taken: int) -> None:
    assert ints(f"if {condition}:\n    out[0] = 1")[0] == taken


def test_a_nan_is_true() -> None:
    assert run(FLOATS, "if a[0]:\n    out[0] = 1.0", a=[np.nan], out=[0.0])["out"] == [1.0]


def test_a_choice_evaluates_only_the_chosen_branch() -> None:
    assert ints("out[0] = i if i > 2 else i / 0\nout[1] = i / 0 if i > 3 else -i")[:2] == [3, -3]


def test_a_nested_choice_belongs_to_the_right() -> None:
    assert ints("out[0] = 1 if i == 1 else 2 if i == 2 else 3")[0] == 3


def test_and_stops_at_the_first_false_operand() -> None:
    assert ints("if i > 5 and i / 0 == 1:\n    out[0] = 1\nout[1] = int(i and True and 2)")[:2] == [0, 1]


def test_or_stops_at_the_first_true_operand() -> None:
    assert ints("if i > 2 or i / 0 == 1:\n    out[0] = 1\nout[1] = int(False or 0 or 0.0)")[:2] == [1, 0]


def test_and_and_or_give_truth_values() -> None:
    assert ints("y = i and 7\nif y == True:\n    out[0] = 1\nz = 0 or i\nif z == True:\n    out[1] = 1")[:2] == [1, 1]


OPTIONAL = f"m: wp.array[int], {OUT}"


@pytest.mark.parametrize(("m", "content"), [([5], [1, 5, 7, 0]), (None, [2, 0, 8, 1])])
def test_an_array_is_true_where_it_is_given(m: Any, content: list[int]) -> None:
    before = "@wp.func\ndef f(a: wp.array[int]) -> int:\n    if not a:\n        return 8\n    return 7\n"
    body = "if m:\n    out[0] = 1\nelse:\n    out[0] = 2\nout[1] = m[0] if m else 0\nout[2] = f(m)\n"
    body += "if out and not (m and m[0] > 0):\n    out[3] = 1"
    assert run(OPTIONAL, body, before, m=m, out=[0] * 4)["out"] == content


@pytest.mark.parametrize(
    ("m", "body", "reason", "source"),
    [
        ([], "if m:\n    out[0] = 1", "truth of an array without elements", "m"),
        ([1], "b = m[1:]\nif not b:\n    out[0] = 1", "truth of an array without elements", "b"),
        (None, "out[0] = m[0]", "index out of range", "m[0]"),
        (None, "b = m[1:]\nif b:\n    out[0] = 1", "slice of an array that is not given", "m[1:]"),
    ],
)
def test_there_is_nothing_in_an_array_that_is_not_given(m: Any, body: str, reason: str, source: str) -> None:
    assert fault(OPTIONAL, body, m=m, out=[0]) == (reason, source)


def test_not_negates_the_truth_of_an_int() -> None:
    assert ints("out[0] = int(not i)\nout[1] = int(not 0)\nout[2] = int(not not i)")[:3] == [0, 1, 1]


def test_an_effect_behind_a_decided_operand_does_not_happen() -> None:
    before = "@wp.func\ndef noted(out: wp.array[int], at: int):\n    out[at] = 1\n    return True\n"
    body = "a = i > 9 and noted(out, 0)\nb = i < 9 or noted(out, 1)\nc = noted(out, 2) and i > 9 and noted(out, 3)"
    assert ints(body, before) == [0, 0, 1, 0, 0, 0]


def test_a_chain_holds_where_every_link_holds() -> None:
    body = "out[0] = int(1 < i < 5)\nout[1] = int(1 < i < 3)\nout[2] = int(3 == i != 4)\nout[3] = int(5 > i >= 3 > 2)"
    assert ints(body)[:4] == [1, 0, 1, 1]


def test_a_chain_stops_at_the_first_false_link_and_evaluates_each_operand_once() -> None:
    before = "@wp.func\ndef noted(out: wp.array[int], at: int):\n    out[at] += 1\n    return at\n"
    body = "a = noted(out, 3) < noted(out, 2) < noted(out, 1)\nb = 0 < noted(out, 4) < 5"
    assert ints(body, before) == [0, 0, 1, 1, 1, 0]


# Names, tuples, components


def test_tuples_are_assigned_at_once() -> None:
    body = (
        "a = 1\nb = 2\nc = i\na, b, c = b, c, a\nout[0] = a\nout[1] = b\nout[2] = c\nx, y = (a + 1, b)\nout[3] = x - y"
    )
    assert ints(body)[:4] == [2, 3, 1, 0]


def test_a_vector_is_copied_on_assignment() -> None:
    body = "v = wp.vec2i(1, i)\nw = v\nw.x = 7\nout[0] = v.x\nout[1] = w.x\nout[2] = w[1]"
    assert ints(body)[:3] == [1, 7, 3]


def test_components_are_read_by_letter_and_by_index_from_either_end() -> None:
    body = "v = wp.vec4i(1, 2, 3, 4)\nout[0] = v.x\nout[1] = v.w\nout[2] = v[i]\nout[3] = v[-i]\nout[4] = v[-1]"
    assert ints(body)[:5] == [1, 4, 4, 2, 4]


def test_components_of_matrices_are_read_and_written_in_every_form() -> None:
    before = "mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)\n"
    body = (
        "m = mat22i(1, 2, i, 4)\nm[0, 1] = 20\nm[1][-1] = 40\nout[0] = m[0, 0]\nout[1] = m[0][1]\nout[2] = m[-1, 0]\n"
        "out[3] = m[1].y\nm[0] = wp.vec2i(8, 9)\nm[1].x = 5\nout[4] = m[0, 1]\nout[5] = m[1, 0]"
    )
    assert ints(body, before) == [1, 20, 3, 40, 9, 5]


def test_a_component_takes_augmented_assignment() -> None:
    body = "v = wp.vec3i(1, 2, i)\nv.x += 5\nv[1] *= v[2]\nv[-1] -= 1\nout[0] = v.x\nout[1] = v.y\nout[2] = v.z"
    assert ints(body)[:3] == [6, 6, 2]


def test_components_of_array_elements_are_stored_and_updated() -> None:
    signature = "v: wp.array[wp.vec2], m: wp.array[wp.mat22]"
    body = (
        "v[0].x = 1.0\nv[0][1] = 2.0\nv[1].y += 0.5\nm[0][0, 1] = 3.0\nm[0][1][0] = 4.0\n"
        "m[0][1] = wp.vec2(5.0, 6.0)\nm[0][0, 0] -= 1.0"
    )
    after = run(signature, body, v=[[0, 0], [7, 8]], m=[[[0, 0], [0, 0]]])
    assert after == {"v": [[1, 2], [7, 8.5]], "m": [[[-1, 3], [5, 6]]]}


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("s += 3", 13),
        ("s -= 3", 7),
        ("s *= 3", 30),
        ("s /= -3", -3),
        ("s //= -3", -4),
        ("s %= -3", 1),
        ("s &= 6", 2),
        ("s |= 5", 15),
        ("s ^= 3", 9),
        ("s <<= 2", 40),
        ("s >>= 1", 5),
    ],
)
def test_augmented_assignment_means_operation_and_assignment(statement: str, value: int) -> None:
    assert ints(f"s = i\n{statement}\nout[0] = s", i=10)[0] == value
    assert ints(f"out[1] = i\n{statement.replace('s ', 'out[1] ', 1)}", i=10)[1] == value


def test_augmented_assignment_of_floats_has_powers_and_true_division() -> None:
    body = "s = a[0]\ns /= 4.0\ns **= 2.0\nout[0] = s\nout[1] **= 3.0\nout[1] /= 2.0"
    assert run(FLOATS, body, a=[2.0], out=[0.0, 2.0])["out"] == [0.25, 4.0]


def test_the_target_of_an_augmented_assignment_is_evaluated_once() -> None:
    before = "@wp.func\ndef noted(out: wp.array[int], at: int):\n    out[5] += 1\n    return at\n"
    body = "out[noted(out, 2)] *= 5\nout[noted(out, 3)] += 5\nv = wp.vec2i(1, 2)\nv[noted(out, 1)] //= 2\nout[0] = v[1]"
    assert ints(body, before, out=[0, 0, 3, 1, 0, 0]) == [1, 0, 15, 6, 0, 3]


def test_the_target_of_an_assignment_is_evaluated_once_and_after_the_value() -> None:
    before = "@wp.func\ndef next(c: wp.array[int]):\n    c[0] += 1\n    return c[0]\n"
    signature = "c: wp.array[int], v: wp.array[wp.vec3i]"
    after = run(signature, "v[next(c)][next(c) - 2] = next(c)", before, c=[0], v=[[0] * 3] * 4)
    assert after == {"c": [3], "v": [[0, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]]}


# Arrays


def test_indices_count_from_either_end_and_may_be_of_any_int_type() -> None:
    body = "out[-1] = out[0] + out[wp.uint8(1)] + out[wp.int64(-5)]\nout[wp.int16(-2)] = i"
    assert ints(body, out=[1, 20, 300, 0, 0, 0]) == [1, 20, 300, 0, 3, 41]


def test_an_array_may_be_indexed_in_one_or_several_steps() -> None:
    signature = f"g: wp.array2d[int], {OUT}"
    body = "out[0] = g[1, 2]\nout[1] = g[1][2]\nrow = g[-1]\nout[2] = row[0]\nrow[1] = 9\ng[0][0] = 8"
    after = run(signature, body, g=[[1, 2, 3], [4, 5, 6]], out=[0] * 3)
    assert after == {"g": [[8, 2, 3], [4, 9, 6]], "out": [6, 6, 4]}


def test_arrays_of_three_and_four_dimensions_are_in_row_major_order() -> None:
    signature = f"g: wp.array3d[int], q: wp.array4d[int], {OUT}"
    body = "out[0] = g[1, 0, 1]\nout[1] = g[1][1][0]\nout[2] = q[0, 1, 0, 1]\nout[3] = q[0, 1][1, 0]"
    cube, four = [[[0, 1], [2, 3]], [[4, 5], [6, 7]]], [[[[10, 11], [12, 13]], [[14, 15], [16, 17]]]]
    assert run(signature, body, g=cube, q=four, out=[0] * 4)["out"] == [5, 6, 15, 16]


@pytest.mark.parametrize(
    ("piece", "content"),
    [
        ("a[1:4]", [11, 12, 13]),
        ("a[:2]", [10, 11]),
        ("a[-2:]", [13, 14]),
        ("a[::2]", [10, 12, 14]),
        ("a[::-1]", [14, 13, 12, 11, 10]),
        ("a[3:0:-1]", [13, 12, 11]),
        ("a[3::-2]", [13, 11]),
        ("a[1:99]", [11, 12, 13, 14]),
        ("a[i:i + 1]", [13]),
        ("a[1:4][::-1]", [13, 12, 11]),
        ("a[::2][1:]", [12, 14]),
    ],
)
def test_a_slice_is_a_view(piece: str, content: list[int]) -> None:
    body = "".join(f"out[{at}] = b[{at}]\n" for at in range(len(content))) + "b[0] = 99"
    after = run(f"i: int, a: wp.array[int], {OUT}", f"b = {piece}\n{body}", i=3, a=[10, 11, 12, 13, 14], out=ZEROS)
    assert after["out"][: len(content)] == content
    assert after["a"] == [99 if value == content[0] else value for value in (10, 11, 12, 13, 14)]


def test_slices_and_indices_mix_over_several_dimensions() -> None:
    signature = f"g: wp.array2d[int], {OUT}"
    body = (
        "c = g[:, 1]\nout[0] = c[0]\nout[1] = c[1]\nr = g[1, ::-1]\nout[2] = r[0]\n"
        "b = g[1:, 1:]\nout[3] = b[0, 1]\nw = b[0]\nout[4] = w[0]\ng[0:1, 2][0] = 7\nout[5] = g[1:][0][2]"
    )
    after = run(signature, body, g=[[1, 2, 3], [4, 5, 6]], out=ZEROS)
    assert after == {"g": [[1, 2, 7], [4, 5, 6]], "out": [2, 5, 6, 6, 5, 6]}


def test_a_slice_of_a_slice_that_leaves_dimensions_means_what_python_means() -> None:
    body = "out[0] = g[1:3][0][1]\nout[1] = g[1:3][1, 0]\ng[1:3][0][2] = 50"
    after = run(f"g: wp.array2d[int], {OUT}", body, g=[[0, 1, 2], [3, 4, 5], [6, 7, 8]], out=[0, 0])
    assert after == {"g": [[0, 1, 2], [3, 4, 50], [6, 7, 8]], "out": [4, 6]}


def test_assigning_an_array_names_the_same_storage() -> None:
    assert ints("b = out\nb[0] = 5\nout[1] = b[0] + 1\nif i > 2:\n    b = out[2:]\nb[0] = 9") == [5, 6, 9, 0, 0, 0]


def test_two_parameters_may_share_one_buffer() -> None:
    module = kernel("a: wp.array[int], b: wp.array[int]", "a[0] = 5\nb[1] = a[0] + b[0]")
    buffer = Buffer.of("x", INT32, np.array([1, 2], np.int32))
    case = TestCase(module, (buffer,), (Launch("k", (1,), (BufferRef("x"), BufferRef("x"))),))
    assert interpret(case).arrays["x"].tolist() == [5, 10]


# Threads and launches


def test_thread_indices_have_one_value_per_dimension_and_the_last_varies_fastest() -> None:
    assert run("o: wp.array[int]", "i = wp.tid()\no[i] = i", dims=3, o=[9] * 3) == {"o": [0, 1, 2]}
    two = run(
        "o: wp.array2d[int], c: wp.array[int]",
        "i, j = wp.tid()\no[i, j] = wp.atomic_add(c, 0, 1)",
        dims=(2, 3),
        o=[[9] * 3] * 2,
        c=[0],
    )
    assert two["o"] == [[0, 1, 2], [3, 4, 5]]
    three = run(
        "o: wp.array3d[int]", "i, j, q = wp.tid()\no[i, j, q] = 100 * i + 10 * j + q", dims=(1, 2, 2), o=[[[0, 0]] * 2]
    )
    assert three == {"o": [[[0, 1], [10, 11]]]}
    four = run(
        "o: wp.array4d[int]", "i, j, q, r = wp.tid()\no[i, j, q, r] = r - q", dims=(1, 1, 2, 2), o=[[[[0, 0]] * 2]]
    )
    assert four == {"o": [[[[0, 1], [-1, 0]]]]}


def test_launches_run_in_order_and_see_what_earlier_ones_wrote() -> None:
    module = parse(
        "import warp as wp\n@wp.kernel\ndef first(a: wp.array[int]):\n    i = wp.tid()\n    a[i] = i + 1\n"
        "@wp.kernel\ndef second(a: wp.array[int]):\n    i = wp.tid()\n    a[i] = a[1 - i] * 10\n"
    )
    case = case_of(module, 2, "first", a=[0, 0])
    again = TestCase(module, case.buffers, (case.launches[0], Launch("second", (1,), case.launches[0].arguments)))
    assert interpret(again).arrays["a"].tolist() == [20, 2]


def test_each_thread_starts_from_the_arguments() -> None:
    body = "t = wp.tid()\ns = s + t\nw = v\nw.x += s\nv = w\nout[t] = s + v.x"
    assert run(f"s: int, v: wp.vec2i, {OUT}", body, dims=3, s=10, v=(1, 2), out=[0, 0, 0])["out"] == [21, 23, 25]


# Functions, constants, factories


def test_arguments_are_bound_by_position_keyword_and_default() -> None:
    before = "@wp.func\ndef f(a: int, b: int = 20, c: int = -300):\n    return a * 10000 + b * 10 + c\n"
    body = "out[0] = f(1)\nout[1] = f(1, 2)\nout[2] = f(1, c=3)\nout[3] = f(c=1, a=2, b=3)"
    assert ints(body, before)[:4] == [9900, 9720, 10203, 20031]


def test_a_function_may_return_several_values() -> None:
    before = "@wp.func\ndef f(a: int):\n    return a // 2, a % 2\n@wp.func\ndef g(a: int):\n    return f(a)\n"
    assert ints("x, y = f(i)\nout[0] = x\nout[1] = y\nx, y = g(i + 1)\nout[2] = x\nout[3] = y", before)[:4] == [
        1,
        1,
        2,
        0,
    ]


def test_a_function_returns_from_inside_loops_and_branches() -> None:
    before = (
        "@wp.func\ndef f(a: int):\n    for j in range(a):\n        if j * j > a:\n            return j\n"
        "    if a < 0:\n        return -1\n    else:\n        return 0\n"
    )
    assert ints("out[0] = f(5)\nout[1] = f(-5)\nout[2] = f(1)", before)[:3] == [3, -1, 0]


def test_values_are_passed_by_value_and_arrays_as_handles() -> None:
    before = (
        "@wp.func\ndef f(x: int, v: wp.vec2i, a: wp.array[int]):\n    x += 1\n    w = v\n    w.x = 50\n"
        "    a[0] = x + w.x\n    return x\n"
    )
    body = "y = i\nv = wp.vec2i(1, 2)\nout[1] = f(y, v, out)\nout[2] = y\nout[3] = v.x"
    assert ints(body, before)[:4] == [54, 4, 3, 1]


def test_a_function_may_return_nothing_at_its_end_or_before() -> None:
    before = (
        "@wp.func\ndef f(a: wp.array[int], i: int) -> None:\n    if i == 1:\n        return\n    a[i] = i + 7\n"
        "@wp.func\ndef g(a: wp.array[int], i: int) -> int:\n    f(a, i)\n    return a[i]\n"
    )
    body = "f(out, 0)\nf(out, 1)\nf(out, i=2)\nout[4] = g(out, 3)"
    assert ints(body, before, out=[-1] * 5) == [7, -1, 9, 10, 10]


def test_names_of_a_function_are_its_own() -> None:
    before = "@wp.func\ndef f(a: int):\n    s = a * 2\n    return s\n"
    assert ints("s = i\na = 7\nt = f(s)\nout[0] = s\nout[1] = a\nout[2] = t", before)[:3] == [3, 7, 6]


def test_arguments_are_evaluated_in_the_order_they_are_written() -> None:
    before = (
        "@wp.func\ndef next(c: wp.array[int]):\n    c[0] += 1\n    return c[0]\n"
        "@wp.func\ndef f(a: int, b: int):\n    return a * 10 + b\n"
    )
    signature = f"c: wp.array[int], {OUT}"
    body = "out[0] = f(b=next(c), a=next(c))\nout[1] = wp.clamp(9, high=next(c) + 2, low=next(c))"
    assert run(signature, body, before, c=[0], out=[0, 0])["out"] == [21, 5]


def test_constants_keep_their_type_and_precision() -> None:
    before = (
        "BIG = wp.constant(wp.int64(9007199254740993))\nLOW = wp.int64(-9223372036854775808)\n"
        "TOP = wp.uint64(18446744073709551615)\nTENTH = wp.constant(wp.float64(-0.1))\nSINGLE = 0.1\n"
        "SMALL = wp.int8(-7)\nV = wp.vec2d(wp.float64(0.1), wp.float64(2.0))\nAGAIN = BIG\nFLAG = True\n"
    )
    signature = "s: wp.array[wp.int64], u: wp.array[wp.uint64], d: wp.array[wp.float64], f: wp.array[float]"
    body = (
        "s[0] = BIG\ns[1] = LOW\ns[2] = wp.int64(SMALL)\ns[3] = AGAIN\nu[0] = TOP\nd[0] = TENTH\nd[1] = V.x\n"
        "d[2] = wp.float64(SINGLE)\nf[0] = SINGLE\nif FLAG:\n    f[1] = SINGLE * 3.0"
    )
    after = run(signature, body, before, s=[0] * 4, u=[0], d=[0.0] * 3, f=[0.0] * 2)
    assert after["s"] == [9007199254740993, -9223372036854775808, -7, 9007199254740993]
    assert after["u"] == [18446744073709551615]
    assert after["d"] == [-0.1, 0.1, 0.1]
    assert after["f"] == [0.10000000149011612, 0.30000001192092896]


def test_predefined_constants_are_floats_of_single_precision() -> None:
    body = "a[0] = wp.pi\na[1] = -wp.PI * 2.0\na[2] = wp.inf\na[3] = -wp.INF\na[4] = wp.LN2"
    after = run("a: wp.array[float]", body, a=[0.0] * 5)
    assert after["a"] == [3.1415927410125732, -6.2831854820251465, np.inf, -np.inf, 0.6931471824645996]


def test_constants_without_a_type_keep_their_precision_in_64_bit_constructors_only() -> None:
    before = "C = wp.constant(0.1)\nD = C\nE = -D\nT = wp.float32(0.1)\nF = wp.float64(wp.pi)\n"
    body = (
        "d[0] = wp.float64(C)\nd[1] = wp.float64(-D)\nd[2] = wp.float64(E)\nd[3] = wp.float64(T)\n"
        "d[4] = wp.float64(wp.pi)\nd[5] = wp.float64(-wp.PI)\nd[6] = F\nd[7] = wp.float64(C + 0.0)\n"
        "s = C\nd[8] = wp.float64(s)\nd[9] = wp.float64(-wp.inf)"
    )
    single, pi = 0.10000000149011612, 3.141592653589793
    after = run("d: wp.array[wp.float64]", body, before, d=[0.0] * 10)
    assert after["d"] == [0.1, -0.1, -0.1, single, pi, -pi, pi, single, single, -np.inf]


def test_what_a_factory_captures_without_a_type_keeps_its_precision_in_each_of_its_kernels() -> None:
    module = parse(
        "import warp as wp\n"
        "def make(s):\n    @wp.kernel\n    def k(d: wp.array[wp.float64]):\n"
        "        d[0] = d[0] * wp.float64(10.0) + wp.float64(-s)\n    return k\n"
        "first = make(0.1)\nsecond = make(0.3)\n"
    )
    assert interpret(case_of(module, 1, "first", "second", d=[0.0])).arrays["d"].tolist() == [-1.3]


def test_literals_in_64_bit_constructors_keep_their_precision() -> None:
    signature = "s: wp.array[wp.int64], d: wp.array[wp.float64]"
    body = "s[0] = wp.int64(-9223372036854775808)\nd[0] = wp.float64(0.1)\nd[1] = wp.float64(-0.1)\n"
    body += "d[2] = wp.float64(0.05 + 0.05)"
    after = run(signature, body, s=[0], d=[0.0] * 3)
    assert after == {"s": [-9223372036854775808], "d": [0.1, -0.1, 0.10000000149011612]}


def test_kernels_of_a_factory_capture_their_own_values() -> None:
    module = parse(
        "import warp as wp\nSCALE = 4.0\n"
        "def make(factor, shift):\n    @wp.kernel\n    def k(a: wp.array[float]):\n"
        "        a[0] = a[0] * factor + shift.y\n    return k\n"
        "first = make(0.5, wp.vec2(0.0, 1.0))\nsecond = make(SCALE, wp.vec2(9.0, -1.0))\n"
    )
    assert interpret(case_of(module, 1, "first", "second", a=[6.0])).arrays["a"].tolist() == [15.0]


# Operators that functions overload


SUB = "@wp.func\ndef sub(a: float, b: float) -> float:\n    return a * 100.0 + b\n"


def test_a_function_named_like_an_operators_builtin_is_what_the_operator_means_for_its_types() -> None:
    body = "x = a[0]\na[1] = x - 1.0\nx -= 3.0\na[2] = x\na[3] = -a[0]\na[4] = float(7 - 5)\na[5] = sub(1.0, 2.0)"
    assert run("a: wp.array[float]", body, SUB, a=[2.0] * 6)["a"] == [2.0, 201.0, 203.0, -2.0, 2.0, 102.0]


def test_the_functions_of_a_module_mean_its_operators_too_and_defaults_are_given() -> None:
    before = "@wp.func\ndef mul(a: int, b: int, c: int = 7) -> int:\n    return a + b + c\n"
    before += "@wp.func\ndef f(a: int) -> int:\n    return a * 10\n"
    assert ints("out[0] = f(i)\nout[1] *= 5\nout[2] = i * i * i", before, out=[0, 1, 0]) == [20, 13, 23]


def test_the_operands_of_an_overloaded_operator_are_evaluated_once_from_left_to_right() -> None:
    before = "@wp.func\ndef mod(a: int, b: int) -> int:\n    return a * 10 + b\n"
    before += "@wp.func\ndef next(c: wp.array[int]) -> int:\n    c[0] += 1\n    return c[0]\n"
    body = "out[0] = next(c) % next(c)\nb = out[next(c) - 2 :]\nb[next(c) - 4] %= next(c)"
    assert run(f"c: wp.array[int], {OUT}", body, before, c=[0], out=[0, 9])["out"] == [12, 95]


# Atomics


def test_atomics_return_what_was_there_before() -> None:
    body = "out[0] = wp.atomic_add(c, 0, 5)\nout[1] = wp.atomic_sub(c, 0, 2)\n"
    body += "out[2] = wp.atomic_max(c, 0, 50)\nout[3] = wp.atomic_min(c, 0, 7)"
    assert run(f"c: wp.array[int], {OUT}", body, c=[10], out=[0] * 4) == {"c": [7], "out": [10, 15, 13, 50]}


def test_atomics_of_many_threads_add_up() -> None:
    body = "i = wp.tid()\nc[i % 2] += i\nwp.atomic_sub(d, 0, i)\nm[0] |= 1 << i\ne[0, i % 2] -= 1"
    after = run(
        "c: wp.array[int], d: wp.array[int], m: wp.array[int], e: wp.array2d[int]",
        body,
        dims=5,
        c=[100, 200],
        d=[0],
        m=[0],
        e=[[0, 0]],
    )
    assert after == {"c": [106, 204], "d": [-10], "m": [31], "e": [[-3, -2]]}


def test_atomics_take_vectors_and_matrices() -> None:
    body = "v[0] += u\nwp.atomic_max(v, 1, u)\nm[0] -= wp.mat22(1.0, 2.0, 3.0, 4.0)"
    after = run(
        "u: wp.vec2, v: wp.array[wp.vec2], m: wp.array[wp.mat22]",
        body,
        u=(1, -2),
        v=[[1, 1], [5, -9]],
        m=[[[0, 0], [0, 0]]],
    )
    assert after["v"] == [[2, -1], [5, -2]]
    assert after["m"] == [[[-1, -2], [-3, -4]]]


def test_the_order_of_threads_matters_only_where_a_returned_value_is_used_and_shared() -> None:
    signature = f"c: wp.array[int], {OUT}"
    given: dict[str, Any] = {"c": [0, 0, 0], "out": [0, 0, 0], "dims": 3}
    assert expected(signature, "i = wp.tid()\nout[i] = wp.atomic_add(c, 0, 1)", **given).order_matters
    assert not expected(signature, "i = wp.tid()\nout[i] = wp.atomic_add(c, i, 1)", **given).order_matters
    assert not expected(signature, "i = wp.tid()\nwp.atomic_add(c, 0, 1)", **given).order_matters
    assert not expected(signature, "i = wp.tid()\nc[0] += 1", **given).order_matters


def test_a_used_value_of_an_earlier_launch_is_not_forgotten() -> None:
    module = parse(
        f"import warp as wp\n@wp.kernel\ndef first(c: wp.array[int], {OUT}):\n    i = wp.tid()\n"
        f"    out[i] = wp.atomic_add(c, 0, 1)\n@wp.kernel\ndef second({OUT}):\n    i = wp.tid()\n    out[i] = 0\n"
    )
    assert interpret(case_of(module, 2, "first", "second", c=[0], out=[0, 0])).order_matters


# Arithmetic in exact types


@pytest.mark.parametrize(
    ("type_", "expression", "value"),
    [
        ("wp.int8", "wp.int8(127) + wp.int8(1)", -128),
        ("wp.int8", "wp.int8(-128) - wp.int8(1)", 127),
        ("wp.int8", "wp.int8(-128) * wp.int8(3)", -128),
        ("wp.int8", "-wp.int8(-128)", -128),
        ("wp.int16", "wp.int16(32767) + wp.int16(2)", -32767),
        ("wp.uint8", "wp.uint8(3) - wp.uint8(5)", 254),
        ("wp.uint8", "~wp.uint8(1)", 254),
        ("wp.uint16", "wp.uint16(65535) * wp.uint16(65535)", 1),
        ("wp.uint32", "wp.uint32(0) - wp.uint32(1)", 4294967295),
        ("wp.uint32", "-wp.uint32(5)", 4294967291),
        ("wp.uint64", "wp.uint64(18446744073709551615) + wp.uint64(2)", 1),
        ("wp.uint64", "wp.uint64(1) << wp.uint64(63)", 9223372036854775808),
        ("wp.int64", "wp.int64(3000000000) * wp.int64(3)", 9000000000),
        ("wp.int32", "2147483647 + 0", 2147483647),
        ("wp.int32", "-2147483647 - 1", -2147483648),
        ("wp.int32", "-7 / 2", -3),
        ("wp.int32", "-7 // 2", -4),
        ("wp.int32", "-7 % 3", -1),
        ("wp.int32", "7 % -3", 1),
        ("wp.int32", "-7 >> 1", -4),
        ("wp.int32", "5 & -2 | 8 ^ 1", 13),
        ("wp.int32", "int(-2.9)", -2),
        ("wp.int32", "int(~wp.uint32(0))", -1),
        ("wp.uint8", "wp.uint8(-1)", 255),
        ("wp.int8", "wp.int8(200)", -56),
        ("wp.float32", "0.1 + 0.2", 0.30000001192092896),
        ("wp.float32", "16777216.0 + 1.0", 16777216.0),
        ("wp.float32", "1.0 / 3.0", 0.3333333432674408),
        ("wp.float32", "3e38 * 10.0", np.inf),
        ("wp.float32", "-2.0 / 0.0", -np.inf),
        ("wp.float32", "-7.5 % 3.0", -1.5),
        ("wp.float32", "-7.5 // 3.0", -3.0),
        ("wp.float32", "float(16777217)", 16777216.0),
        ("wp.float64", "wp.float64(0.1) + wp.float64(0.2)", 0.30000000000000004),
        ("wp.float64", "wp.float64(0.1)", 0.1),
        ("wp.float64", "wp.float64(16777217)", 16777217.0),
        ("wp.float16", "wp.float16(2048.0) + wp.float16(1.0)", 2048.0),
        ("wp.float16", "wp.float16(1.0) / wp.float16(3.0)", 0.333251953125),
        ("wp.float16", "wp.float16(65504.0) * wp.float16(2.0)", np.inf),
        ("wp.bool", "bool(0.5)", True),
        ("wp.bool", "wp.float64(0.1) == 0.1", False),
        ("wp.bool", "wp.int64(-1) < wp.uint64(1)", True),
        ("wp.bool", "16777217 == 16777216.0", False),
    ],
)
def test_arithmetic_is_that_of_the_exact_type(type_: str, expression: str, value: Any) -> None:
    assert run(f"out: wp.array[{type_}]", f"out[0] = {expression}", out=[0])["out"] == [value]


def test_zero_keeps_its_sign() -> None:
    after = expected(FLOATS, "out[0] = -a[0]\nout[1] = a[0] * -1.0\nout[2] = 0.0 - a[0]", a=[0.0], out=[1.0] * 3)
    assert np.signbit(after.arrays["out"]).tolist() == [True, True, False]


def test_a_nan_is_unequal_to_everything() -> None:
    body = "n = a[0]\nout[0] = float(n == n)\nout[1] = float(n != n)\nout[2] = float(n < 1.0 or n >= 1.0)"
    assert run(FLOATS, body, a=[np.nan], out=[9.0] * 3)["out"] == [0.0, 1.0, 0.0]


def test_values_go_through_arrays_unchanged() -> None:
    after = expected(FLOATS, "i = wp.tid()\nout[i] = a[i]", dims=4, a=[np.nan, -0.0, 1e-45, -np.inf], out=[0.0] * 4)
    assert after.arrays["out"].view(np.uint32).tolist() == [0x7FC00000, 0x80000000, 1, 0xFF800000]


# What the reference notes beside the values


def test_executed_and_decided_say_what_happened_in_some_thread() -> None:
    module = kernel(OUT, "i = wp.tid()\nif i > 0:\n    out[i] = i * 2\nelse:\n    pass\nif i > 9:\n    out[0] = -i")
    found = interpret(case_of(module, 2, out=[0, 0]))
    first, second = (node for node in walk(module) if isinstance(node, IfStmt))
    assert found.decided[id(first)] == {True, False}
    assert found.decided[id(second)] == {False}
    operations = {emit(node): id(node) in found.executed for node in walk(module) if id(node) in found.typing.overloads}
    assert operations == {"i > 0": True, "i * 2": True, "i > 9": True, "-i": False}


def test_inputs_are_left_as_they_are() -> None:
    case = case_of(kernel(OUT, "out[0] = 5"), out=[1, 2])
    interpret(case)
    assert case.buffers[0].data.tolist() == [1, 2]


def test_the_same_case_gives_the_same_expectation_twice() -> None:
    case = case_of(kernel(FLOATS, "out[0] = wp.sin(a[0]) * 3.0"), a=[1.25], out=[0.0])
    first, second = interpret(case), interpret(case)
    assert first.arrays["out"].tobytes() == second.arrays["out"].tobytes()
    assert first.radii["out"].tobytes() == second.radii["out"].tobytes()


# Undefined behaviour: the reason and the node

UNDEFINED: dict[str, tuple[str, dict[str, Any], str, str | None]] = {
    "overflow of int32": ("out[0] = 5 + i * 3", {"i": 2**30}, "integer overflow", "i * 3"),
    "overflow of int32 downwards": ("out[0] = -i - 2", {"i": 2**31 - 1}, "integer overflow", "-i - 2"),
    "overflow of a negation": ("out[0] = -(i - 1)", {"i": -(2**31) + 1}, "integer overflow", "-(i - 1)"),
    "overflow of int64": (
        "y = wp.int64(i) * wp.int64(9223372036854775807)",
        {},
        "integer overflow",
        "wp.int64(i) * wp.int64(9223372036854775807)",
    ),
    "overflow in an augmented assignment": ("i *= i", {"i": 65536}, "integer overflow", "i *= i"),
    "overflow of an element": ("out[0] += i", {"i": 1, "out": [2**31 - 1]}, "integer overflow", "out[0] += i"),
    "overflow of an atomic": (
        "wp.atomic_add(out, 0, i)",
        {"i": 1, "out": [2**31 - 1]},
        "integer overflow",
        "wp.atomic_add(out, 0, i)",
    ),
    "division by zero": ("out[0] = 1 + 7 / (i - 3)", {}, "integer division by zero", "7 / (i - 3)"),
    "floor division by zero": ("out[0] = 7 // (i - 3)", {}, "integer division by zero", "7 // (i - 3)"),
    "remainder of zero": ("i %= 0", {}, "integer division by zero", "i %= 0"),
    "smallest int divided by -1": (
        "out[0] = i / -1",
        {"i": -(2**31)},
        "the smallest integer divided by -1 overflows",
        "i / -1",
    ),
    "shift by the width": ("out[0] = 1 << i", {"i": 32}, "shift count out of range", "1 << i"),
    "shift by a negative count": ("out[0] = 1 >> -i", {}, "shift count out of range", "1 >> -i"),
    "the smallest integer negated": ("out[0] = - -2147483648", {}, "integer overflow", "--2147483648"),
    "shift of a negative value out of range": ("out[0] = -i << 30", {}, "integer overflow", "-i << 30"),
    "conversion out of range": ("out[0] = int(1e10)", {}, "conversion out of range of int32", "int(10000000000.0)"),
    "conversion of a negative float to unsigned": (
        "y = wp.uint8(-1.0)",
        {},
        "conversion out of range of uint8",
        "wp.uint8(-1.0)",
    ),
    "index beyond the end": ("out[0] = out[i + 3]", {}, "index out of range", "out[i + 3]"),
    "index before the beginning": ("out[-7] = i", {}, "index out of range", "out[-7]"),
    "index of an atomic": ("wp.atomic_add(out, 6, 1)", {}, "index out of range", "wp.atomic_add(out, 6, 1)"),
    "index into an empty slice": ("b = out[3:3]\nb[0] = i", {}, "index out of range", "b[0]"),
    "index of a vector": ("v = wp.vec3i(1)\nout[0] = v[i]", {}, "index out of range", "v[i]"),
    "index of a vector stored to": ("v = wp.vec3i(1)\nv[-i - 1] = 2", {}, "index out of range", "v[-i - 1]"),
    "index of a matrix": ("m = wp.mat22(1.0)\ny = m[1, i]", {}, "index out of range", "m[1, i]"),
    "index of a matrix stored to": ("m = wp.mat22(1.0)\nm[i, 0] += 2.0", {}, "index out of range", "m[i, 0]"),
    "unset variable": ("if i > 9:\n    y = 1\nout[0] = y + 1", {}, "variable not set on this path", "y"),
    "unset counter of an empty loop": (
        "for j in range(i):\n    pass\nout[0] = j",
        {"i": 0},
        "variable not set on this path",
        "j",
    ),
    "unset variable that is updated": ("if i > 9:\n    y = i\ny += 1", {}, "variable not set on this path", "y += 1"),
    "unset vector whose component is set": (
        "if i > 9:\n    v = wp.vec2i(1)\nv.x = 1",
        {},
        "variable not set on this path",
        "v.x",
    ),
    "step of zero": ("for j in range(0, 3, i - 3):\n    pass", {}, "step of zero", "range(0, 3, i - 3)"),
    "slice with a step of zero": ("b = out[::i - 3]", {}, "step of zero", "::i - 3"),
    "loop without end": ("while True:\n    pass", {}, "too many steps", None),
    "loop of too many rounds": ("for j in range(2000000000):\n    pass", {}, "too many steps", None),
}


@pytest.mark.parametrize("what", UNDEFINED)
def test_undefined_behaviour_is_named_with_its_node(what: str) -> None:
    body, given, reason, at = UNDEFINED[what]
    found, source = fault(f"i: int, {OUT}", body, **{"i": 3, "out": ZEROS, **given})
    assert found == reason
    assert at in (None, source)


def test_a_function_that_ends_without_a_value_is_undefined_at_its_call() -> None:
    before = "@wp.func\ndef f(a: int):\n    if a > 9:\n        return a\n"
    assert fault(f"i: int, {OUT}", "out[0] = 1 + f(i)", before, i=3, out=[0]) == (
        "function ends without a value",
        "f(i)",
    )
    assert run(f"i: int, {OUT}", "out[0] = 1 + f(i)", before, i=10, out=[0])["out"] == [11]


def test_a_fault_inside_a_function_is_named_inside_it() -> None:
    before = "@wp.func\ndef f(a: int):\n    return 1 / a\n"
    assert fault(OUT, "out[0] = f(0)", before, out=[0]) == ("integer division by zero", "1 / a")


@pytest.mark.parametrize(
    ("body", "dims"),
    [
        ("i = wp.tid()", (2, 2)),
        ("i, j = wp.tid()", (2,)),
        ("i, j, q = wp.tid()", (1, 1)),
        ("x = 1 + wp.tid()", (1, 1, 1)),
    ],
)
def test_a_thread_index_of_another_dimension_than_the_launch_is_undefined(body: str, dims: tuple[int, ...]) -> None:
    assert fault(OUT, body, dims=dims, out=[0]) == ("thread index of another dimension than the launch", "wp.tid()")


def test_a_statement_that_is_not_reached_is_not_judged() -> None:
    assert ints("if i == 0:\n    out[99] = 1 / 0\nout[0] = 1")[0] == 1


# Fragile decisions

SUM = "out[0] = a[0] * a[1] + a[2]"
#: a * b is exact in no float32, and the sum cancels: fused, it is 2**-24 instead of 0.
CLOSE = [1.0 + 2.0**-12, 1.0 + 2.0**-12, -(1.0 + 2.0**-11)]

FRAGILE = {
    "comparison": ("if a[0] * a[1] > a[3]:\n    out[0] = 1.0", "a[0] * a[1] > a[3]"),
    "chained comparison": ("if 0.0 < a[0] * a[1] <= a[3]:\n    out[0] = 1.0", "0.0 < a[0] * a[1] <= a[3]"),
    "choice": ("out[0] = 1.0 if a[0] * a[1] == a[3] else 2.0", "a[0] * a[1] == a[3]"),
    "truth of a float": ("if a[0] * a[1] + a[2]:\n    out[0] = 1.0", "a[0] * a[1] + a[2]"),
    "truth of an operand": ("y = True and a[0] * a[1] + a[2]", "a[0] * a[1] + a[2]"),
    "conversion to an int": ("y = int(a[0] * a[1] * 1.0 / a[3])", "int(a[0] * a[1] * 1.0 / a[3])"),
    "floor": ("out[0] = wp.floor(a[0] * a[1] / a[3])", "wp.floor(a[0] * a[1] / a[3])"),
}


@pytest.mark.parametrize("what", FRAGILE)
def test_a_decision_within_the_bound_is_fragile_in_the_weak_regime_only(what: str) -> None:
    body, at = FRAGILE[what]
    product = float(np.float32(CLOSE[0]) * np.float32(CLOSE[1]))
    given: dict[str, Any] = {"a": [*CLOSE, product], "out": [0.0]}
    assert fault(FLOATS, body, regime=WEAK, **given) == ("fragile decision", at)
    assert expected(FLOATS, body, regime=STRICT, **given).radii["out"].tolist() == [0.0]


def test_a_decision_far_from_the_bound_is_not_fragile() -> None:
    body = "if a[0] * a[1] > a[2]:\n    out[0] = 1.0"
    assert expected(FLOATS, body, regime=WEAK, a=CLOSE, out=[0.0]).arrays["out"].tolist() == [1.0]


def test_the_weak_regime_covers_a_fused_sum_and_the_strict_one_is_exact() -> None:
    fused, unfused = 2.0**-24, 0.0
    weak = expected(FLOATS, SUM, regime=WEAK, a=CLOSE, out=[0.0])
    assert weak.arrays["out"].tolist() == [unfused]
    assert fused <= weak.radii["out"][0] < 2.0**-20
    assert expected(FLOATS, SUM, regime=STRICT, a=CLOSE, out=[0.0]).radii["out"].tolist() == [0.0]


def test_a_radius_travels_through_variables_components_arrays_and_functions() -> None:
    before = "@wp.func\ndef f(x: float):\n    return x, 1.0\n"
    body = (
        "p = a[0] * a[1]\nq, r = f(p)\nv = wp.vec2(2.0)\nv.y = q\nw = v\nout[0] = w.y\nout[1] = w.x\nout[2] = r\n"
        "out[3] = p if p > 0.5 else r\nb[0] = w\nout[4] = b[0][1]\nout[5] = b[0].x"
    )
    found = expected(
        "a: wp.array[float], b: wp.array[wp.vec2], out: wp.array[float]",
        body,
        before,
        regime=WEAK,
        a=CLOSE,
        b=[[0, 0]],
        out=ZEROS,
    )
    half_ulp = 2.0**-24
    assert found.radii["out"] == pytest.approx([half_ulp, 0, 0, half_ulp, half_ulp, 0], rel=1e-9)
    assert found.radii["b"] == pytest.approx(np.array([[0, half_ulp]]), rel=1e-9)


def test_radii_come_with_float_arrays_only() -> None:
    signature = "n: wp.array[int], f: wp.array[float], v: wp.array2d[wp.vec3d], b: wp.array[bool]"
    found = expected(signature, "n[0] = 1", n=[0], f=[0.0, 0.0], v=[[[0, 0, 0]] * 2], b=[True])
    assert {name: radii.shape for name, radii in found.radii.items()} == {"f": (2,), "v": (1, 2, 3)}
    assert all(radii.dtype == np.float64 for radii in found.radii.values())


def test_arrays_without_elements_keep_their_shape() -> None:
    found = expected(
        "n: wp.array2d[int], v: wp.array[wp.vec3], m: wp.array[wp.mat22]",
        "pass",
        n=np.zeros((0, 3)),
        v=np.zeros((0, 3)),
        m=np.zeros((0, 2, 2)),
    )
    assert [found.arrays[name].shape for name in "nvm"] == [(0, 3), (0, 3), (0, 2, 2)]
    assert found.radii["v"].shape == (0, 3)


def test_a_launch_without_threads_does_nothing() -> None:
    assert run(OUT, "out[0] = 1 / 0", dims=0, out=[4])["out"] == [4]


def test_what_a_call_of_a_builtin_leaves_out_is_its_default() -> None:
    body = "o[0] = wp.norm_huber(v[0])\no[1] = wp.norm_huber(v[0], 2.0)\no[2] = wp.norm_huber(v[0], 1.0)"
    found = run("v: wp.array[wp.vec2], o: wp.array[float]", body, v=[[3.0, 4.0]], o=[0.0] * 3)
    assert found["o"] == [4.5, 8.0, 4.5]
