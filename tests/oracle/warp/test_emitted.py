"""The engine that executes emitted text: right on right texts, and a fault planted in a text is seen for what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from grammar import parse
from oracle.judge import judge
from oracle.records import (
    LAYOUTS,
    Executed,
    Failed,
    Judgement,
    Options,
    Outcome,
    Refused,
    TestCase,
    TextDifference,
    Verdict,
)
from oracle.reference import interpret
from oracle.warp import emitted
from oracle.warp.emitted import WarpText, text_difference, text_excerpt
from oracle.warp.internals import defined_modules
from oracle.warp.text import Texts, generate
from tests.oracle.kernels import case_of
from tests.oracle.text import constructs

from .cases import SMOKE_RESULT, factory, scaled, smoke, stored_at

pytestmark = pytest.mark.warp

Change = Callable[[str], str]


def contents(outcome: Outcome, name: str = "out") -> Any:
    assert isinstance(outcome, Executed), outcome
    return outcome.arrays[name].tolist()


def judged(case: TestCase) -> Judgement:
    [outcome] = WarpText().run([case])
    return judge(case, "warp-text", outcome, interpret(case))


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change, Change], None]:
    """Change the texts that Warp emits, the C++ one and the CUDA one."""

    def planted(cpp: Change, cuda: Change) -> None:
        def changed(case: TestCase) -> Texts:
            texts = generate(case)
            found = replace(texts, cpp=cpp(texts.cpp), cuda=cuda(texts.cuda))
            assert found != texts, "the fault has no place in this text"
            return found

        monkeypatch.setattr(emitted, "generate", changed)

    return planted


def unchanged(text: str) -> str:
    return text


def replacing(old: str, new: str) -> Change:
    """Change what a pattern matches, wherever it stands."""
    return lambda text: re.sub(old, new, text)


# Right texts.


def test_it_works_everywhere_and_takes_every_case() -> None:
    assert WarpText.available() == (True, "Warp emits text without a compiler or a GPU")
    assert WarpText.name == "warp-text"
    assert WarpText().unsupported(smoke()) is None


def test_it_passes_the_smoke_case_in_every_layout() -> None:
    outcomes = WarpText().run([smoke(layout) for layout in LAYOUTS])
    assert [contents(outcome) for outcome in outcomes] == [SMOKE_RESULT] * 4


def test_buffers_that_no_launch_writes_come_back_unchanged() -> None:
    [outcome] = WarpText().run([smoke("reversed")])
    assert contents(outcome, "a") == [[1, 2, 3], [4, 5, 6]]
    assert isinstance(outcome, Executed)
    assert outcome.arrays["b"].shape == (2, 3, 3)
    assert outcome.arrays["b"].dtype == np.float32


def test_kernels_of_a_factory_with_other_constants_are_other_kernels() -> None:
    [outcome] = WarpText().run([factory()])
    assert contents(outcome, "b") == [1024.0]
    assert contents(outcome) == [1040.0]


@pytest.mark.parametrize("name", constructs.cases())
def test_every_construct_agrees_with_the_reference(name: str) -> None:
    judgement = judged(constructs.cases()[name])
    assert judgement.verdict is Verdict.AGREE, judgement
    assert judgement.exact == judgement.elements > 0


@pytest.mark.parametrize(
    "options",
    [
        Options(enable_backward=False),
        Options(mode="debug"),
        Options(lineinfo=True),
        Options(max_unroll=2),
        Options(block_dim=64),
        Options(default_grid_stride=False),
        Options(fuse_fp=True, optimization_level=2),
    ],
)
def test_the_texts_of_a_kernel_do_not_differ_whatever_the_options(options: Options) -> None:
    for case in constructs.cases().values():
        judgement = judged(replace(case, options=options))
        assert judgement.verdict is Verdict.AGREE, judgement


def test_cases_of_unequal_options_may_be_in_one_batch() -> None:
    outcomes = WarpText().run([smoke(), smoke(options=Options(fuse_fp=True))])
    assert [contents(outcome) for outcome in outcomes] == [SMOKE_RESULT] * 2


def test_a_kernel_that_code_generation_refuses_is_named_and_the_others_run() -> None:
    first, refused, last = WarpText().run([scaled("2.0"), scaled("2"), scaled("4.0")])
    assert [contents(first), contents(last)] == [[2, 4], [4, 8]]
    assert isinstance(refused, Failed)
    assert refused.kind == "compile_error"
    assert 'function "k"' in refused.message
    assert "Input types must be the same, got ['float32', 'int32']" in refused.message


def test_a_write_outside_is_seen_with_its_line() -> None:
    [outcome] = WarpText().run([stored_at("n")])
    assert isinstance(outcome, Failed)
    assert outcome.kind == "out_of_bounds"
    assert outcome.message == "index 3 of 3 elements"
    assert outcome.line is not None
    assert (
        generate(stored_at("n"))
        .cpp.splitlines()[outcome.line - 1]
        .strip()
        .startswith("wp::array_store(var_out, var_n, ")
    )


def test_a_negative_index_within_the_array_is_not_outside() -> None:
    [outcome] = WarpText().run([stored_at("-n")])
    assert contents(outcome) == [1, 0, 0]


def test_each_case_is_announced() -> None:
    marks: list[int | None] = []
    WarpText(marks.append).run([scaled("2.0"), scaled("2"), scaled("3.0")])
    assert marks == [0, 1, 2]


def test_time_is_counted_by_what_it_was_spent_on() -> None:
    engine = WarpText()
    engine.run([scaled("2.0")])
    assert sorted(engine.seconds) == ["warp_codegen", "warp_text"]
    assert all(seconds > 0 for seconds in engine.seconds.values())


def test_modules_are_dropped_after_each_case() -> None:
    engine = WarpText()
    engine.run([scaled("2.0"), factory()])
    before = defined_modules()
    for _ in range(5):
        engine.run([scaled("2.0"), scaled("2"), factory()])
    assert defined_modules() == before


# Texts that are wrong on both targets alike.

KERNEL = """
import warp as wp

@wp.func
def half(x: float, y: float):
    if x > y:
        return x - y
    return y * 0.5

@wp.kernel
def k(n: int, a: wp.array[float], m: wp.array[wp.mat22], o: wp.array2d[float]):
    i = wp.tid()
    s = float(0.0)
    for j in range(n):
        if j == 2:
            continue
        s += a[j] * half(s, a[i])
    while s > 4.0:
        s = s * 0.5
    v = wp.vec2(s, a[i])
    v[1] = s - 3.0
    m[i][0, 1] = v[1]
    r = 1.0
    if s > 1.0:
        r = 2.0
    if 1.0 < s < 3.5 and i < 3:
        o[i, 0] = v[0]
    else:
        o[i, 0] = -v[0]
    o[i, 1] = s / a[0] * r
    wp.atomic_add(o, 0, 2, a[i])
"""


def kernel() -> TestCase:
    given: Any = {"a": [1.5, 2.5, 3.5, 0.5], "m": [[[1, 2], [3, 4]]] * 4, "o": [[0, 0, 0]] * 4}
    return case_of(parse(KERNEL), 4, n=4, **given)


def test_the_kernel_below_agrees_with_the_reference() -> None:
    judgement = judged(kernel())
    assert (judgement.verdict, judgement.elements, judgement.exact) == (Verdict.AGREE, 32, 32)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"wp::mul\((\w+), (\w+)\)", r"wp::add(\1, \2)"),
        (r"wp::sub\((\w+), (\w+)\)", r"wp::sub(\2, \1)"),
        (r"wp::div\((\w+), (\w+)\)", r"wp::div(\2, \1)"),
        (r"(const wp::float32 \w+) = 0.5;", r"\1 = 0.25;"),
        (r"(const wp::int32 \w+) = 2;", r"\1 = 3;"),
        (r" > ", " < "),
        (r"(\w+) = \(\((\w+) < (\w+)\) && (.*)\);", r"\1 = (\2 < \3);"),
        (r"if \((var_\d+)\) \{", r"if (!\1) {"),
        (r" && (\w+);", r" || \1;"),
        (r"goto start_for_\d+;\n\s*\}", "}"),
        (r"goto start_for_\d+;(\n\s*end_for)", r"\1"),
        (r"goto start_while_\d+;(\n\s*end_while)", r"\1"),
        (r"wp::assign\(var_\d+, var_\d+\);", ""),
        (r"wp::where\((\w+), (\w+), (\w+)\)", r"wp::where(\1, \3, \2)"),
        (r"wp::assign_inplace\((\w+), (\w+), (\w+)\);", ""),
        (r"element_ref\((\w+), (\w+)\)", r"element_ref(\2, \1)"),
        (r"wp::array_store\(var_o, var_0, (\w+), ", r"wp::array_store(var_o, \1, var_0, "),
        (r"wp::atomic_add", "wp::atomic_sub"),
        (r"wp::vec_t<2, wp::float32>\((\w+), (\w+)\)", r"wp::vec_t<2, wp::float32>(\2, \1)"),
        (r"half_0\((\w+), (\w+)\);", r"half_0(\2, \1);"),
        (r"wp::extract\(", "wp::neg("),
    ],
)
def test_a_fault_in_both_texts_departs_from_the_reference(
    old: str, new: str, plant: Callable[[Change, Change], None]
) -> None:
    plant(replacing(old, new), replacing(old, new))
    judgement = judged(kernel())
    assert judgement.verdict is Verdict.DISCREPANCY, judgement


def test_a_wrong_operation_is_a_wrong_value(plant: Callable[[Change, Change], None]) -> None:
    plant(replacing("wp::mul", "wp::sub"), replacing("wp::mul", "wp::sub"))
    judgement = judged(scaled("4.0", [1.0, 2.0]))
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, "wrong_value")
    assert [(m.buffer, m.index, m.expected, m.actual) for m in judgement.mismatches] == [
        ("out", (0,), 4.0, -3.0),
        ("out", (1,), 8.0, -2.0),
    ]


def test_the_last_bit_of_a_product_counts(plant: Callable[[Change, Change], None]) -> None:
    plant(replacing("= 3.0;", "= 3.0000002;"), replacing("= 3.0;", "= 3.0000002;"))
    judgement = judged(scaled("3.0", [1.0]))
    assert [(float(m.expected), float(m.actual)) for m in judgement.mismatches] == [(3.0, 3.000000238418579)]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (r"goto start_while_\d+;", "", "wrong_value"),
        (r"wp::assign\(.*\);(\n\s*goto start_while)", r"\1", "hang"),
        (r"(const wp::float32 \w+) = 4.0;", r"\1 = -4.0;", "hang"),
        (r"\w+ = wp::range\(var_n\);", "", "uninitialised_read"),
        (r"wp::array_store\(var_o, var_0, ", "wp::array_store(var_o, var_n, ", "out_of_bounds"),
        (r"wp::div\((\w+), (\w+)\)", r"wp::div(\1, var_n)", "ill_typed_text"),
    ],
)
def test_a_fault_has_its_kind(old: str, new: str, kind: str, plant: Callable[[Change, Change], None]) -> None:
    plant(replacing(old, new), replacing(old, new))
    judgement = judged(kernel())
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, kind)


# Texts that differ between targets.


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"wp::sub\((\w+), (\w+)\);", r"wp::sub(\2, \1);"),
        (r"= 0.5;", "= 0.25;"),
        (r"half_0\((\w+), (\w+)\);", r"half_0(\2, \1);"),
        (r"wp::adj_sub\((\w+), (\w+), (\w+), (\w+), ", r"wp::adj_sub(\1, \2, \4, \3, "),
        (r"wp::adj_assign\(.*\);\n", ""),
        (r"bool adj_(\d+) = \{\};", r"wp::int32 adj_\1 = {};"),
        (r"continue;", "return;"),
    ],
)
def test_a_fault_in_the_cuda_text_alone_is_a_mismatch_of_targets(
    old: str, new: str, plant: Callable[[Change, Change], None]
) -> None:
    plant(unchanged, replacing(old, new))
    judgement = judged(kernel())
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, "target_mismatch")
    assert re.match(r"line \d+ of the C\+\+ text of '\w+' says '.*', line \d+ of the CUDA text '.*'", judgement.message)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"blockDim.x\) \* static_cast<size_t>\(gridDim.x\)\)", "blockDim.x))"),
        (r"_idx < dim.size;", "_idx <= dim.size;"),
        (r"tid1d\(\) wp::tid\(_idx, dim\)", "tid1d() wp::tid(_idx + 1, dim)"),
    ],
    ids=["the step of the grid-stride loop", "its bound", "the index of a thread"],
)
def test_a_fault_in_how_a_thread_of_cuda_learns_its_index_is_a_mismatch_of_targets(
    old: str, new: str, plant: Callable[[Change, Change], None]
) -> None:
    plant(unchanged, replacing(old, new))
    judgement = judged(kernel())
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, "target_mismatch")
    assert re.match(r"line \d+ of the CUDA text of '.*' says '.*', where '.*' is known", judgement.message)


def test_where_the_texts_differ_is_told_with_how_often_both_lines_are_there(
    plant: Callable[[Change, Change], None],
) -> None:
    plant(unchanged, replacing(r"_idx < dim.size;", "_idx <= dim.size;"))
    assert text_difference(kernel()) == TextDifference("cuda", "_idx < dim.size;", "_idx <= dim.size;", 0, 2)


def test_texts_that_do_not_differ_have_no_difference() -> None:
    assert text_difference(kernel()) is None


def test_an_excerpt_quotes_the_text_of_a_case() -> None:
    found = text_excerpt(scaled("4.0"), 2)
    assert any("wp::array_store(" in body and "//" not in body for body in found.bodies)
    assert found.around.splitlines()[0].startswith("    1 #define")


def test_a_mismatch_of_targets_quotes_both_lines(plant: Callable[[Change, Change], None]) -> None:
    plant(unchanged, replacing("= 4.0;", "= 5.0;"))
    judgement = judged(scaled("4.0"))
    assert re.fullmatch(
        r"line \d+ of the C\+\+ text of 'k_\w+_cpu_kernel_forward' says 'const wp::float32 (\w+) = 4.0;', "
        r"line \d+ of the CUDA text 'const wp::float32 \1 = 5.0;'",
        judgement.message,
    )


def test_a_mismatch_of_targets_goes_before_what_execution_shows(plant: Callable[[Change, Change], None]) -> None:
    plant(replacing("wp::mul", "wp::sub"), unchanged)
    assert judged(scaled("4.0")).kind == "target_mismatch"


# Texts of another Warp.


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("wp::mul", "wp::mul_v2", "wp::mul_v2 of float32"),
        ("wp::array_store", "wp::array_put", "wp::array_put without a target"),
        (r"wp::float32\*", "wp::ref_t<wp::float32>", "the type wp::ref_t<wp::float32>"),
        (r" = _wp_args->out;", "{_wp_args->out};", "the declaration wp::array_t<wp::float32> var_out{_wp_args->out};"),
        (r"// forward", "// body", "k_[0-9a-f]+_cpu_kernel_forward without a forward section"),
    ],
)
def test_a_text_of_another_warp_is_not_judged(
    old: str, new: str, reason: str, plant: Callable[[Change, Change], None]
) -> None:
    plant(replacing(old, new), replacing(old, new))
    [outcome] = WarpText().run([scaled("4.0")])
    assert isinstance(outcome, Refused)
    assert re.fullmatch(f"not read: {reason}", outcome.reason)
    assert judged(scaled("4.0")).verdict is Verdict.UNSUPPORTED


def test_a_kernel_that_one_text_lacks_is_a_mismatch_of_targets(plant: Callable[[Change, Change], None]) -> None:
    plant(replacing("_cpu_kernel_forward", "_cpu_forward_body"), unchanged)
    [outcome] = WarpText().run([scaled("4.0")])
    assert isinstance(outcome, Failed)
    assert outcome.kind == "target_mismatch"
    assert re.fullmatch(r"'k_[0-9a-f]+' has one target forward", outcome.message)


# Every bit.


def test_values_that_are_the_references_own_agree_in_every_bit() -> None:
    case = case_of(parse(SINES), 2, a=[0.5, 0.25], o=[0, 0])
    expectation = interpret(case)
    judgement = judge(case, "warp-text", Executed(expectation.arrays), expectation)
    assert (judgement.verdict, judgement.elements, judgement.exact) == (Verdict.AGREE, 4, 4)
    judgement = judge(case, "warp-cpu", Executed(expectation.arrays), expectation)
    assert (judgement.verdict, judgement.elements, judgement.exact) == (Verdict.AGREE, 4, 2)


SINES = """
import warp as wp

@wp.kernel
def k(a: wp.array[float], o: wp.array[float]):
    i = wp.tid()
    o[i] = wp.sin(a[i])
"""
