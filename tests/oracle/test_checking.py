"""A person's own kernel under the oracle: what is said of right, known, undefined and foreign ones, and in which line.

The kernels, and the lines that messages are to name, are in :mod:`tests.oracle.own_kernels`.
"""

from __future__ import annotations

import inspect
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import warp as wp
from warp._src import codegen, context

import oracle
from grammar import UserError, emit
from oracle import check_kernel
from oracle.records import Judgement, Options, Verdict
from oracle.warp.sources import source_of

from . import operator_kernels as operators
from . import own_kernels as own

pytestmark = pytest.mark.warp

FILE = "own_kernels.py"


def line_of(marker: str) -> str:
    """Return the place of the line that ends with a comment, as messages name it."""
    lines = Path(own.__file__).read_text(encoding="utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, start=1) if line.endswith(f"# {marker}"))
    return f"{FILE}, line {number}"


def refusal(kernel: Any, *inputs: Any, dim: Any = 1) -> str:
    """Return the sentence with which a kernel or its inputs are refused."""
    with pytest.raises(UserError) as refused:
        check_kernel(kernel, inputs, dim)
    return str(refused.value)


def test_a_right_kernel_agrees_and_its_inputs_are_left_alone() -> None:
    out = np.zeros(3, np.float32)
    judgement = check_kernel(own.doubled, [np.array([1, 2, 3], np.float32), out], 3)
    assert (judgement.verdict, judgement.engine, judgement.elements) == (Verdict.AGREE, "warp-cpu", 6)
    assert (judgement.exact, judgement.farthest) == (6, None)
    assert out.tolist() == [0.0, 0.0, 0.0]


def test_the_float_that_comes_nearest_to_its_bound_is_named() -> None:
    inputs = [np.array([0.1, 0.2], np.float32), np.zeros(1, np.float32)]
    judgement = check_kernel(own.blended, inputs, 1)  # a product and a sum may be fused
    assert judgement.verdict is Verdict.AGREE
    assert judgement.farthest is not None
    assert (judgement.farthest.buffer, judgement.farthest.index) == ("out", (0,))
    assert 0 < judgement.loosest < 2.0**-22


def test_inputs_may_be_given_by_name() -> None:
    named = {"out": np.zeros(3, np.float32), "a": np.array([1, 2, 3], np.float32)}
    assert check_kernel(own.doubled, named, 3).verdict is Verdict.AGREE


def test_additions_and_subtractions_of_several_threads_and_components_of_one_element_are_no_race() -> None:
    x = np.array([[0, 0, 0], [2, 0, 0], [2, 3, 0], [0, 3, 1]], np.float32)
    judgement = check_kernel(own.springs, [x, 1.0, np.zeros_like(x), np.zeros((2, 3), np.float32)], 3)
    assert (judgement.verdict, judgement.elements) == (Verdict.AGREE, 30), judgement


def test_what_a_kernel_captures_becomes_part_of_its_module() -> None:
    inputs = [np.ones((2, 3)), np.zeros((2, 3)), (1.5, 2, 3), True, np.uint8(250)]
    judgement = check_kernel(own.factory(0.75), inputs, (2, 3))
    assert (judgement.verdict, judgement.elements) == (Verdict.AGREE, 12), judgement
    assert check_kernel(own.factory(0.5), inputs, (2, 3)).verdict is Verdict.AGREE


@pytest.mark.parametrize("mask", [np.array([1, 0], np.int32), None])
def test_an_array_may_be_left_out_and_builtins_written_in_python_are_builtins(mask: Any) -> None:
    inputs = [np.full((2, 3), 2.0, np.float32), mask, np.zeros(2, np.float32)]
    judgement = check_kernel(own.undecorated, inputs, 2)
    assert judgement.verdict is Verdict.AGREE, judgement


def test_a_function_of_the_file_overloads_an_operator() -> None:
    """2 - 1 is 201 by the function, 201 - 3 is 20103, less 1 is 2010301; i - 7 is no operation of it."""
    judgement = check_kernel(operators.below, [np.array([2.0], np.float32), np.zeros(1, np.float32)], 1)
    assert judgement.verdict is Verdict.AGREE, judgement
    text = emit(source_of(operators.below).typing.module)
    assert "def sub(a: float, b: float) -> float:\n" in text
    assert "def add(" not in text  # it takes no value of the language


def test_what_overloads_an_operator_keeps_the_name_that_it_has_where_it_does() -> None:
    assert "def div(x: float, y: float) -> float:\n" in emit(source_of(operators.of_another_name).typing.module)
    assert "def div" not in emit(source_of(own.undecorated).typing.module)


def test_an_operator_that_is_not_the_same_in_all_functions_is_refused() -> None:
    said = "warpsmith does not support that div is an operator here and something else elsewhere yet: def between"
    with pytest.raises(UserError, match=rf"^operator_kernels.py, line \d+: {said}"):
        source_of(operators.between)


def test_a_captured_vector_of_any_length_brings_the_definition_of_its_type() -> None:
    text = emit(source_of(own.weighted).typing.module)
    assert "vec9 = wp.types.vector(length=9, dtype=wp.float32)\n" in text
    assert f"WEIGHTS = vec9({', '.join(['wp.float32(0.5)'] * 9)})\n" in text


def test_captured_names_are_written_as_constants_and_give_way_to_variables() -> None:
    source = source_of(own.factory(0.75))
    text = emit(source.typing.module)
    assert "SCALE = wp.float64(-0.1)\n" in text
    assert "OFFSETS = wp.vec2d(wp.float64(0.5), wp.float64(-0.25))\n" in text
    assert "count_ = 3\n" in text
    assert "captured = 0.75\n" in text
    assert "mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)\n" in text
    assert f"pi = {math.pi}\n" in text
    assert "HUGE = wp.inf\n" in text
    assert "wp.min(HUGE, wp.pi)" in text
    assert "def shifted(x: wp.float64, by: int) -> wp.float64:\n    count = 2\n" in text


def test_a_kernel_is_compiled_with_its_own_options() -> None:
    plain = Options(fuse_fp=True, optimization_level=None)
    assert source_of(own.doubled).options == plain
    assert source_of(own.factory(1.0)).options == Options(enable_backward=False, fuse_fp=True, optimization_level=None)


def test_an_array_given_twice_is_one_array() -> None:
    a = np.array([1, 2, 3], np.int32)
    assert check_kernel(own.summed, [a, np.zeros(1, np.int32)], 3).verdict is Verdict.AGREE
    assert check_kernel(own.summed, [a, a], 3).kind == "data_race"


def test_without_a_compiler_for_the_cpu_nothing_can_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wp, "is_cpu_available", lambda: False)
    judgement = check_kernel(own.doubled, [np.ones(1, np.float32), np.ones(1, np.float32)], 1)
    assert judgement.verdict is Verdict.UNSUPPORTED
    assert judgement.message == "this build of Warp has no LLVM, so it cannot compile for the CPU"


def test_the_settings_of_the_process_are_as_they_were() -> None:
    before = (wp.config.kernel_cache_dir, wp.config.log_level)
    check_kernel(own.doubled, [np.ones(1, np.float32), np.ones(1, np.float32)], 1)
    assert (wp.config.kernel_cache_dir, wp.config.log_level) == before
    assert not list(Path(str(before[0])).glob("wp_batch*"))


# The program that is judged is the one that a launch runs


def test_the_text_is_what_warp_read_even_if_the_file_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "getsourcelines", lambda function: (["def doubled(a: int):\n", "    pass\n"], 1))
    inputs = [np.ones(1, np.float32), np.ones(1, np.float32)]
    assert check_kernel(own.doubled, inputs, 1).verdict is Verdict.AGREE


def launched(kernel: wp.Kernel, count: int) -> list[int]:
    out = wp.zeros(count, dtype=wp.int32, device="cpu")
    wp.launch(kernel, 1, [out], device="cpu")
    return list(map(int, out.numpy()))


def test_a_global_that_changes_after_a_launch_is_judged_as_the_launch_had_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launched(own.capturing, 6) == [0, 0, 0, 0, 0, 6]
    monkeypatch.setattr(own, "HEIGHT", 7)
    assert check_kernel(own.capturing, [np.zeros(6, np.int32)], 1).verdict is Verdict.AGREE
    assert launched(own.capturing, 6) == [0, 0, 0, 0, 0, 6]

    monkeypatch.setattr(own.capturing.adj, "symbols", {})  # as where the code came from the kernel cache
    judgement = check_kernel(own.capturing, [np.zeros(6, np.int32)], 1)
    assert judgement.verdict is Verdict.UNCOMPARED
    assert judgement.message.startswith("what the kernel captures has changed since Warp generated its code")

    own.capturing.module.unload()
    assert check_kernel(own.capturing, [np.zeros(8, np.int32)], 1).verdict is Verdict.AGREE


def test_a_check_does_not_fix_what_a_later_launch_captures(monkeypatch: pytest.MonkeyPatch) -> None:
    own.capturing.module.unload()
    assert check_kernel(own.capturing, [np.zeros(6, np.int32)], 1).verdict is Verdict.AGREE
    monkeypatch.setattr(own, "HEIGHT", 1)
    assert launched(own.capturing, 2) == [0, 2]


def test_a_check_is_not_recorded_on_a_tape() -> None:
    with wp.Tape() as tape:
        check_kernel(own.capturing, [np.zeros(8, np.int32)], 1)
    assert not tape.launches


def test_two_kernels_that_warp_takes_for_one_depart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context.ModuleHasher, "get_constant_bytes", lambda self, value: b"")
    kernels = [own.mixed_up(0.5), own.mixed_up(0.25)]
    wrong, right = sorted(
        (check_kernel(kernel, [np.zeros(1, np.float32)], 1) for kernel in kernels),
        key=lambda judgement: -judgement.verdict,
    )
    assert right.verdict is Verdict.AGREE
    assert (wrong.verdict, wrong.kind, wrong.layer) == (Verdict.DISCREPANCY, "wrong_value", "cache")
    assert wrong.message == (
        "1 of 1 elements lie outside their bounds; in a module of its own the kernel agrees, "
        "so that Warp takes it for another one"
    )


def test_what_is_wrong_with_another_kernel_of_its_module_is_not_held_against_a_kernel() -> None:
    judgement = check_kernel(own.innocent, [np.zeros(1, np.float32)], 1)
    assert judgement.verdict is Verdict.UNCOMPARED
    assert judgement.message.startswith(
        "Warp does not build the module of the kernel, because of something else in it: "
        'Error while parsing function "breaking"'
    )


# Names keep their meanings


def test_members_of_an_enumeration_are_numbers() -> None:
    inputs = [np.array([0, 5], np.int32), np.zeros(2, np.int32)]
    assert check_kernel(own.classified, inputs, 2).verdict is Verdict.AGREE


def test_an_atomic_that_a_function_may_overload_is_refused() -> None:
    said = "Warp's manual does not say whether a function sub overloads this operator"
    assert refusal(own.overloading_sub()) == f"{line_of('overloaded in place')}: {said}: out[i] -= sub(1.0, 1.0)"


def test_a_function_that_overloads_nothing_where_it_is_called_overloads_nothing() -> None:
    inputs = [np.array([2.0], np.float32), np.zeros(1, np.float32)]
    judgement = check_kernel(own.calling_sub(), inputs, 1)
    assert judgement.verdict is Verdict.AGREE
    assert "def sub_(a: float, b: float)" in emit(source_of(own.calling_sub()).typing.module)


# Departures


def test_a_departure_that_nothing_explains_is_a_discrepancy(monkeypatch: pytest.MonkeyPatch) -> None:
    written = codegen.constant_str
    monkeypatch.setattr(codegen, "constant_str", lambda x: "78.0f" if x == 77.0 else written(x))
    judgement = check_kernel(own.planted, [np.zeros(2, np.float32)], 2)
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, "wrong_value")
    assert judgement.message == "2 of 2 elements lie outside their bounds"
    assert [(m.buffer, m.index, m.expected, m.actual) for m in judgement.mismatches] == [
        ("out", (0,), 77.0, 78.0),
        ("out", (1,), 77.0, 78.0),
    ]


@pytest.mark.parametrize(
    ("kernel", "inputs", "limitation"),
    [
        (own.unpacked, [np.ones((1, 2), np.float32), np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32)], None),
        (own.widened, [np.zeros(1)], "widened-constant"),
        (own.unequal, [np.ones((2, 3), np.float32), np.zeros(1, np.int32)], "unequal-composites"),
    ],
    ids=["by its workaround", "by its alternative", "by its message"],
)
def test_a_kernel_that_meets_a_known_limitation_is_known(kernel: Any, inputs: Any, limitation: str | None) -> None:
    judgement = check_kernel(kernel, inputs, 1)
    assert judgement.verdict is Verdict.KNOWN, judgement
    assert judgement.limitation == (limitation or "unpacked-names")


# Without a defined meaning


@pytest.mark.parametrize(
    ("kernel", "dim", "kind", "marker", "reason"),
    [
        (
            own.beyond,
            3,
            "out_of_bounds",
            "beyond",
            "index out of range: out[i + 1], in thread 2, where out has the shape (3) and i is 2",
        ),
        (own.racing, 2, "data_race", "racing", "data race: out[0], in thread 1, where out has the shape (3)"),
        (own.unset, 1, "uninitialised_read", "unset", "variable not set on this path: x, in thread 0"),
        (
            own.divided,
            1,
            "",
            "divided",
            "integer division by zero: 1 // out[0], in thread 0, where out has the shape (3)",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_kernel_without_a_defined_meaning_is_invalid(
    kernel: Any, dim: int, kind: str, marker: str, reason: str
) -> None:
    element = np.float32 if kernel is own.beyond else np.int32
    judgement = check_kernel(kernel, [np.zeros(3, element)], dim)
    assert judgement == Judgement(Verdict.INVALID, "reference", kind, f"{line_of(marker)}: {reason}")


def test_what_is_undefined_in_a_function_is_named_there() -> None:
    judgement = check_kernel(own.overflowing, [np.array([2**16], np.int32)], 1)
    said = f"{line_of('squared')}: integer overflow: x * x, in thread 0, where x is 65536"
    assert judgement == Judgement(Verdict.INVALID, "reference", "overflow", said)


def test_a_kernel_that_takes_too_many_steps_is_not_compared() -> None:
    judgement = check_kernel(own.endless, [np.zeros(1, np.int32)], 1)
    assert judgement.verdict is Verdict.UNCOMPARED
    assert judgement.message == (
        f"{line_of('endless')}: the reference stops after 200000 statements: check it with fewer threads: pass"
    )


def test_a_decision_by_rounding_is_not_compared() -> None:
    a = np.array([0.5, np.sin(np.float32(0.5))], np.float32)
    judgement = check_kernel(own.decided, [a, np.zeros(1, np.float32)], 1)
    assert judgement.verdict is Verdict.UNCOMPARED
    assert judgement.message.startswith(f"{line_of('decided')}: the outcome depends on how a value is rounded, ")
    assert check_kernel(own.decided, [a + np.float32(0.1), np.zeros(1, np.float32)], 1).verdict is Verdict.AGREE


# Outside of the language


@pytest.mark.parametrize(
    ("kernel", "sentence"),
    [
        (own.asserting, "warpsmith does not support this yet: assert i < 3"),
        (
            own.rotated,
            "warpsmith does not support the function 'wp.quat_to_matrix' yet: wp.quat_to_matrix(wp.quat_identity())",
        ),
        (own.listed, "warpsmith does not support values of type list yet: LIST"),
        (
            own.large,
            f"an int literal outside int32 stands only directly in wp.int64() or wp.uint64(): 1{'0' * 400}",
        ),
        (own.numpys, "warpsmith does not support values of type float32 yet: NUMPY"),
        (own.structured, "warpsmith does not support the type of this field yet: Pair.turn"),
        (own.generic, "warpsmith does not support arrays of Any yet: wp.array(dtype=Any)"),
        (own.overloading, "warpsmith does not support functions in C++, or with several overloads yet: overloaded"),
        (own.foreign, "warpsmith does not support functions in C++, or with several overloads yet: native"),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.key,
)
def test_a_kernel_outside_of_the_language_is_one_sentence(kernel: Any, sentence: str) -> None:
    assert refusal(kernel, np.zeros(3, np.float32)) == f"{line_of(kernel.key)}: {sentence}"


def state() -> tuple[Any, wp.array]:
    """What ``moving`` is launched with, and an array for what it gives."""
    first, second, given = own.Body(), own.Body(), own.State()
    first.mass, first.position = 3.0, wp.vec3(1.0, 2.0, 3.0)
    second.mass, second.position = 4.0, wp.vec3(0.5, 0.0, -1.0)
    given.bodies, given.first = wp.array([first, second], dtype=own.Body), first
    given.out = wp.zeros((2, 1), dtype=wp.vec3)
    return given, wp.zeros(2, dtype=own.Body)


@pytest.mark.warp
def test_a_kernel_over_structs_with_generic_functions_is_judged_and_its_inputs_stay() -> None:
    given, moved = state()
    judgement = check_kernel(own.moving, [given, moved], 2)
    assert (judgement.verdict, judgement.elements) == (Verdict.AGREE, 22)
    assert not moved.numpy()["mass"].any()
    assert not given.out.numpy().any()


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ((1, None), "the input 'state' of moving is int64 1; it needs to be a struct State"),
        ((None, wp.zeros((2, 2), dtype=own.Body)), r"the input 'moved' of moving is structs of shape \(2, 2\); .*"),
        ((own.Body(), None), "the input 'state' of moving is .*; it needs to be a struct State"),
        ((None, np.zeros(2, np.float32)), r"the input 'moved' of moving is .*; it needs to be Body of shape \(n\)"),
    ],
)
def test_an_input_that_is_no_such_struct_is_one_sentence(inputs: tuple[Any, Any], sentence: str) -> None:
    given, moved = state()
    with pytest.raises(UserError, match=f"(?s)^{sentence}$"):
        check_kernel(own.moving, [inputs[0] or given, moved if inputs[1] is None else inputs[1]], 2)


def test_everything_that_is_not_supported_is_said_at_its_line_and_nothing_twice() -> None:
    assert refusal(own.unsupported).splitlines() == [
        f"{line_of('structured')}: warpsmith does not support the type of this field yet: Pair.turn",
        f"{line_of('tuples')}: warpsmith does not support this yet: return x, [x]",
        f"{line_of('turned')}: warpsmith does not support this type yet: wp.transform",
        f"{line_of('asserted')}: warpsmith does not support this yet: assert i < 3",
        f"{line_of('list')}: warpsmith does not support this yet: many = [1.0, 2.0]",
        f"{line_of('rotation')}: warpsmith does not support the function 'wp.transform_vector' yet: "
        "wp.transform_vector(turn, v)",
        f"{line_of('captured')}: warpsmith does not support values of type list yet: LIST",
    ]


def test_of_a_statement_on_several_lines_the_first_is_named() -> None:
    first = inspect.getsourcelines(own.mixed.func)[1] + 2
    said = refusal(own.mixed, np.zeros(3, np.float32))
    assert said == f"{FILE}, line {first}: no operation '+' for float32, int32: 1.0 + 2"


def test_what_is_no_kernel_is_one_sentence() -> None:
    assert refusal(own.doubled.func) == "a function decorated with @wp.kernel is needed, not function"


RIGHT: dict[str, Any] = {
    "a": np.zeros((2, 1, 3), np.float32),
    "flag": np.True_,
    "small": 255,
    "whole": np.int64(-7),
    "real": 3,
    "v": (1, 2),
    "m": np.array([[1.0, 2.0], [3.0, 4.0]]),
}


# Inputs


def test_inputs_are_numbers_and_numpy_arrays() -> None:
    assert check_kernel(own.taking, list(RIGHT.values()), [1]).verdict is Verdict.AGREE


def test_inputs_may_be_warps() -> None:
    warps = {
        "a": wp.zeros((2, 1), dtype=wp.vec3, device="cpu"),
        "small": wp.uint8(255),
        "real": wp.float16(0.5),
        "v": wp.vec2i(1, 2),
        "m": wp.mat22(1, 2, 3, 4),
    }
    assert check_kernel(own.taking, {**RIGHT, **warps}, [1]).verdict is Verdict.AGREE
    given = [np.zeros(2, np.float16), wp.vec2h(0.5, 0.25)]
    assert check_kernel(own.halves, given, 1).verdict is Verdict.AGREE


@pytest.mark.parametrize(
    ("name", "given", "what", "needed"),
    [
        ("a", np.zeros((2, 3), np.float32), "float32 of shape (2, 3)", "float32 of shape (n, n, 3)"),
        ("a", np.zeros((2, 1, 3)), "float64 of shape (2, 1, 3)", "float32 of shape (n, n, 3)"),
        ("a", np.zeros((2, 1, 2), np.float32), "float32 of shape (2, 1, 2)", "float32 of shape (n, n, 3)"),
        ("a", 1.0, "float64 1.0", "float32 of shape (n, n, 3)"),
        ("flag", 1, "int64 1", "bool"),
        ("small", 256, "int64 256", "uint8"),
        ("small", -1, "int64 -1", "uint8"),
        ("whole", 2**31, "int64 2147483648", "int32"),
        ("whole", 1.0, "float64 1.0", "int32"),
        ("whole", True, "bool True", "int32"),
        ("whole", 10**30, "int 1000000000000000000000000000000", "int32"),
        ("real", "1.0", "str '1.0'", "float32"),
        ("real", None, "NoneType None", "float32"),
        ("v", (1, (2,)), "tuple (1, (2,))", "vec2<int32>"),
        ("v", ["a", "b"], "list ['a', 'b']", "vec2<int32>"),
        ("a", [[1.0], [1.0, 2.0]], "list [[1.0], [1.0, 2.0]]", "float32 of shape (n, n, 3)"),
        ("v", (1, 2, 3), "int64 of shape (3,)", "vec2<int32>"),
        ("m", (1.0, 2.0, 3.0, 4.0), "float64 of shape (4,)", "mat22<float32>"),
        ("m", wp.mat33(*range(9)), "float32 of shape (3, 3)", "mat22<float32>"),
    ],
)
def test_an_input_that_does_not_fit_is_one_sentence(name: str, given: Any, what: str, needed: str) -> None:
    inputs = {**RIGHT, name: given}
    assert refusal(own.taking, *inputs.values()) == f"the input '{name}' of taking is {what}; it needs to be {needed}"


def test_a_missing_input_is_one_sentence() -> None:
    assert refusal(own.doubled, np.zeros(1)) == "doubled needs an input for each of a, out; 1 were given"


def test_an_input_of_another_name_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"^doubled needs inputs named a, out; given were a, y$"):
        check_kernel(own.doubled, {"a": np.zeros(1, np.float32), "y": np.zeros(1, np.float32)}, 1)


@pytest.mark.parametrize(
    ("inputs", "what"),
    [(5, "int64 5"), (np.zeros(2), "float64 of shape (2,)"), ("ab", "str 'ab'"), (None, "NoneType None")],
)
def test_inputs_that_are_no_list_are_one_sentence(inputs: Any, what: str) -> None:
    with pytest.raises(UserError) as refused:
        check_kernel(own.doubled, inputs, 1)
    assert str(refused.value) == f"the inputs of doubled are a list with one for each of a, out, not {what}"


def test_a_launch_that_is_too_large_is_one_sentence() -> None:
    said = refusal(own.doubled, np.zeros(1, np.float32), np.zeros(1, np.float32), dim=(1000, 201))
    assert said == "a launch of 201000 threads is too large to check: 200000 are the most"


@pytest.mark.parametrize("dim", ["x", 2.5, (1, None)])
def test_dimensions_that_are_no_integers_are_one_sentence(dim: Any) -> None:
    said = refusal(own.doubled, np.zeros(1, np.float32), np.zeros(1, np.float32), dim=dim)
    assert said == f"the dimensions of a launch are integers, not {dim!r}"


@pytest.mark.parametrize("dim", [(), (1, 1, 1, 1, 1), -1])
def test_dimensions_that_no_launch_has_are_one_sentence(dim: Any) -> None:
    sentence = refusal(own.doubled, np.zeros(1, np.float32), np.zeros(1, np.float32), dim=dim)
    assert re.fullmatch(r"a launch has one to four dimensions, none of them negative, not \(.*\)", sentence)


def test_a_name_that_the_package_lacks_is_an_attribute_error() -> None:
    assert not hasattr(oracle, "check_kernels")
