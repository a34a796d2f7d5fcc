"""What writes a function: the names its lines refer to, the types of its variables, and how it is told from others."""

from __future__ import annotations

import numpy as np
import pytest

from grammar.types import FLOAT32, INT32, Matrix, Vector
from oracle.text.faults import Unread
from oracle.text.source import Function, functions
from oracle.text.spelling import Handle
from oracle.text.writer import Callee, Writer, key_of, results_of

from .texts import function


def only(text: str) -> Function:
    [[found]] = functions(text).values()
    return found


BOTH = only(
    function(
        "both_0",
        "void",
        "wp::int32 var_x\nwp::array_t<wp::float32> var_a\nwp::float32 & ret_0\nwp::int32 & ret_1",
        "return;",
        """
        wp::float32 var_0;
        const wp::int32 var_1 = 7;
        const wp::float32 var_2 = 0.5;
        wp::vec_t<2, wp::int32> var_3;
        """,
    )
)
ONE = only(function("one_0", "wp::int32", "wp::int32 var_x", "return var_x;"))


def test_functions_are_told_apart_by_name_and_types_of_parameters() -> None:
    assert key_of(ONE, {}) == ("one_0", (INT32,))
    assert key_of(BOTH, {}) == ("both_0", (INT32, Handle(FLOAT32), FLOAT32, INT32))


def test_results_are_what_is_returned_or_given_in_references() -> None:
    assert results_of(ONE, {}) == (INT32,)
    assert results_of(BOTH, {}) == (FLOAT32, INT32)
    assert results_of(only(function("none_0", "void", "wp::int32 var_x", "return;")), {}) == ()


def test_others_call_a_function_by_its_python_name() -> None:
    assert Callee.of(ONE, "one", {}) == Callee("one", 1, INT32)
    assert Callee.of(BOTH, "both", {}) == Callee("both", 2, None)


def test_variables_are_declared_before_the_first_statement() -> None:
    writer = Writer(BOTH, {}, {})
    writer.declare()
    assert writer.types == {
        "var_x": INT32,
        "var_a": Handle(FLOAT32),
        "ret_0": FLOAT32,
        "ret_1": INT32,
        "var_0": FLOAT32,
        "var_1": INT32,
        "var_2": FLOAT32,
        "var_3": Vector(2, INT32),
    }
    assert writer.written.lines == [
        "    var_1 = 7",
        "    var_2 = constant_0",
        "    ret_0 = ret_1 = var_0 = var_3 = UNSET",
    ]
    assert writer.namespace == {"constant_0": np.float32(0.5)}


def test_each_line_remembers_the_line_of_the_text() -> None:
    writer = Writer(ONE, {}, {})
    writer.at = 12
    writer.line("pass")
    writer.blocks.append("if")
    writer.at = 14
    writer.line("return")
    assert writer.written.lines == ["    pass", "        return"]
    assert writer.written.origins == [12, 14]


def test_what_is_bound_keeps_its_name_or_gets_a_number() -> None:
    writer = Writer(ONE, {}, {"add": len})
    assert [writer.bound("add", len), writer.bound("add", abs), writer.bound("add", min), writer.bound("add", abs)] == [
        "add",
        "add_1",
        "add_2",
        "add_1",
    ]
    assert writer.namespace == {"add": len, "add_1": abs, "add_2": min}


def test_numbers_bound_one_after_the_other_have_names_of_their_own() -> None:
    writer = Writer(ONE, {}, {})
    names = [writer.bound("float32", len), writer.literal("1.0", FLOAT32), writer.bound("float32", abs)]
    names += [writer.literal("2.0", FLOAT32), writer.bound("float32", min)]
    assert len(set(names)) == 5
    assert [writer.namespace[name] for name in names] == [len, 1.0, abs, 2.0, min]


def test_integers_are_written_as_they_are() -> None:
    assert Writer(ONE, {}, {}).literal("-7ll", INT32) == "-7"


def test_what_is_not_known_carries_the_current_line() -> None:
    writer = Writer(ONE, {}, {})
    writer.at = 31
    with pytest.raises(Unread) as unread:
        writer.type_of("var_q")
    assert (unread.value.what, unread.value.line) == ("the variable var_q", 31)
    with pytest.raises(Unread) as unread:
        writer.literal("planted", FLOAT32)
    assert (unread.value.what, unread.value.line) == ("the literal planted of type float32", 31)


def test_the_first_conflict_stays() -> None:
    writer = Writer(BOTH, {}, {})
    writer.declare()
    assert writer.conflict is None
    writer.at = 5
    writer.same("var_0", "ret_0")
    writer.whole_numbers(["var_x", "ret_1"])
    writer.condition("var_a")
    assert writer.conflict is None
    writer.whole_numbers(["var_0"])
    writer.at = 6
    writer.same("var_0", "var_x")
    writer.condition("var_3")
    assert writer.conflict is not None
    assert (writer.conflict.message, writer.conflict.line) == ("float32 in the place of an integer", 5)


@pytest.mark.parametrize("type_", [Vector(2, INT32), Matrix(2, 2, FLOAT32)])
def test_vectors_and_matrices_are_no_conditions(type_: Vector | Matrix) -> None:
    writer = Writer(ONE, {}, {}, types={"var_v": type_})
    writer.condition("var_v")
    assert writer.conflict is not None
    assert writer.conflict.message == f"{type_} as a condition"
