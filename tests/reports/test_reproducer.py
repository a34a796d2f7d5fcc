from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grammar import emit, parse
from grammar.types import FLOAT32
from oracle.records import (
    Buffer,
    BufferRef,
    Finding,
    Launch,
    Mismatch,
    Options,
    Signature,
    TestCase,
    TextDifference,
    TextExcerpt,
)
from oracle.reference import interpret
from reports import reproducer
from reports.reproducer import report_text, reproducer_text, write_finding
from tests.oracle.struct_kernels import everything
from tests.reports import samples


def run(folder: Path, finding: Finding) -> subprocess.CompletedProcess[str]:
    """Write the folder of a finding and run its reproducer, which has the kernel cache of the tests."""
    write_finding(folder, finding, {"warp": "1.19.0"})
    command = [sys.executable, "repro.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def expecting(name: str, index: tuple[int, ...], value: Any) -> Finding:
    """The sample finding, with another value expected at one place."""
    array = samples.expected()[name]
    array[index] = value
    return replace(samples.finding(), expected=samples.expected() | {name: array})


def of_kind(kind: str, body: str) -> Finding:
    """A finding of a kernel with one statement, about which nothing but the kind is known."""
    source = (
        f"import warp as wp\n\n\n@wp.kernel\ndef k(out: wp.array(dtype=wp.float32)):\n    i = wp.tid()\n    {body}\n"
    )
    case = TestCase(
        parse(source),
        (Buffer.of("out", FLOAT32, np.zeros(4, np.float32)),),
        (Launch("k", (4,), (BufferRef("out"),)),),
        Options(enable_backward=False),
    )
    signature = Signature(kind, "native", "store", "float32")
    return replace(samples.finding(), signature=signature, case=case, expected={}, mismatches=(), message="it failed")


def test_the_folder_of_a_bucket_has_its_three_files(tmp_path: Path) -> None:
    write_finding(tmp_path / "bucket", samples.finding(), {"warp": "1.19.0"})
    assert sorted(path.name for path in (tmp_path / "bucket").iterdir()) == ["case.json", "report.md", "repro.py"]


def test_the_reproducer_holds_the_module_as_it_is_and_imports_warp_and_numpy_only() -> None:
    text = reproducer_text(samples.finding())
    assert f"\nimport numpy as np\n{samples.finding_source()}\n\nwp.set_module_options(\n" in text
    imports = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert sorted(name.name for node in imports for name in node.names) == ["numpy", "sys", "traceback", "warp"]


def test_inputs_are_readable_and_exact() -> None:
    text = reproducer_text(samples.finding())
    assert '"a": np.array([0x3fc00000, 0x7fc00abc, 0x80000000, 0x7f800000], dtype=np.uint32).view(np.float32),' in text
    assert '"out": np.array([0.0, 0.0, 0.0, 0.0], dtype=np.float32),' in text
    assert '"n": np.array([-9223372036854775808, 0, 7, 4611686018427387904], dtype=np.int64),' in text


def test_arrays_lie_in_memory_as_they_did() -> None:
    text = reproducer_text(samples.finding())
    assert 'buffers["a"] = ReproBuffer(INPUTS["a"], wp.float32, (-4,))  # reversed' in text
    assert 'buffers["v"] = ReproBuffer(INPUTS["v"], wp.vec3, (12, 48))  # transposed' in text
    assert 'buffers["m"] = ReproBuffer(INPUTS["m"], wp.types.matrix(shape=(2, 2), dtype=wp.int32), (32,))' in text
    assert 'buffers["b"] = ReproBuffer(INPUTS["b"], wp.bool, (1,))  # contiguous' in text


def test_options_that_are_not_set_are_left_to_warp() -> None:
    text = reproducer_text(replace(samples.finding(), case=replace(samples.case(), options=Options(mode="debug"))))
    assert '        "mode": "debug",\n' in text
    assert "cpu_compiler_flags" not in text


def test_a_kernel_that_is_called_as_the_code_around_it_is_renamed() -> None:
    case = of_kind("crash", "out[i] = 1.0").case
    module = parse(emit(case.module).replace("def k(", "def repro_main("))
    named = replace(case, module=module, launches=(replace(case.launches[0], kernel="repro_main"),))
    text = reproducer_text(replace(of_kind("crash", "pass"), case=named))
    assert "def repro_main_of_module(out: wp.array(dtype=wp.float32)):" in text
    assert "        repro_main_of_module,\n" in text


def test_no_text_of_a_finding_becomes_code() -> None:
    hostile = 'x"""\nraise SystemExit(5)\n"""\\'
    signature = replace(samples.finding().signature, construct=hostile)
    finding = replace(samples.finding(), signature=signature, rule=hostile, message=hostile, evidence=hostile)
    tree = ast.parse(reproducer_text(finding))
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))


@pytest.mark.warp
def test_structs_are_made_and_compared_field_by_field(tmp_path: Path) -> None:
    case = everything()
    expected = dict(interpret(case).arrays)
    finding = replace(samples.finding(), case=case, expected=expected, radii={}, mismatches=())
    assert run(tmp_path / "right", finding).returncode == 0
    wrong = expected | {"c.inner.m": expected["c.inner.m"] + 1}
    ended = run(tmp_path / "wrong", replace(finding, expected=wrong))
    assert (ended.returncode, ended.stdout.count("c.inner.m[")) == (1, 8)


def test_a_finding_without_expectation_has_no_reproducer() -> None:
    with pytest.raises(ValueError, match="a finding of kind wrong_value without expected values cannot be reproduced"):
        reproducer_text(replace(samples.finding(), expected={}))


def test_what_differs_from_run_to_run_is_run_again() -> None:
    signature = replace(samples.finding().signature, kind="nondeterministic")
    text = reproducer_text(replace(samples.finding(), signature=signature))
    assert "wrong = max(repro_wrong() for _ in range(20))\n" in text


def test_the_report_has_five_parts() -> None:
    text = report_text(samples.finding(), {"warp": "1.19.0", "python": "3.11.4"})
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# wrong_value in front_end: floordiv (int32)",
        "## Minimal kernel",
        "## Steps to reproduce",
        "## Expected, and why",
        "## Actual",
        "## Versions",
    ]
    for part in (
        samples.finding_source(),
        "wp.launch(scaled, dim=(4,), inputs=[a, 0.5, out])",
        "python repro.py",
        "out[0] = 1.5 (0x3fc00000)",
        "The rule: Warp reference, Operators: 'Divide two scalars using floor division.'",
        "Allowed deviation: none: every bit has to be as expected.",
        "out[0] = 1.5000001 (0x3fc00001), 1 ULP from the expected value",
        "- python 3.11.4",
    ):
        assert part in text


def test_nothing_in_a_report_closes_its_fence() -> None:
    assert reproducer.fenced("a\n```\nb") == "````\na\n```\nb\n````"


@pytest.mark.warp
def test_a_right_expectation_ends_with_0(tmp_path: Path) -> None:
    ended = run(tmp_path, samples.finding())
    assert ended.stdout.endswith("everything is as expected\n")
    assert ended.returncode == 0


WRONG: list[tuple[str, tuple[int, ...], Any, str]] = [
    ("out", (0,), np.float32(1.5000001), "expected 1.5000001 (bits 0x3fc00001), bound 0"),
    ("out", (2,), np.float32(0.0), "expected 0.0 (bits 0x0), bound 0\n    actual   -0.0 (bits 0x80000000)"),
    ("out", (1,), np.float32(0.0), "actual   nan (bits 0x7fc00abc)"),
    ("v", (3, 1, 2), np.float32(18.0), "v[3, 1, 2]:\n    expected 18.0 (bits 0x41900000)"),
    ("m", (0, 1, 1), np.int32(7), "m[0, 1, 1]:\n    expected 7 (bits 0x7), bound 0\n    actual   6 (bits 0x6)"),
    ("b", (0,), np.True_, "b[0]:\n    expected True (bits 0x1), bound 0\n    actual   False (bits 0x0)"),
    ("h", (0,), np.float16(0.2001), "actual   0.2 (bits 0x3266)"),
    ("n", (0,), -(2**63), "actual   -9223372036854775805 (bits 0x8000000000000003)"),
]


@pytest.mark.warp
def test_each_wrong_expectation_is_shown_and_they_end_with_1(tmp_path: Path) -> None:
    expected = samples.expected()
    for name, index, value, _ in WRONG:
        expected[name][index] = value
    ended = run(tmp_path, replace(samples.finding(), expected=expected))
    assert [shown for *_, shown in WRONG if shown not in ended.stdout] == []
    assert ended.stdout.endswith(f"wrong values: {len(WRONG)}\n")
    assert ended.returncode == 1


@pytest.mark.warp
@pytest.mark.parametrize(("radius", "code"), [(2.0**-22, 0), (2.0**-24, 1), (np.inf, 0)])
def test_a_value_within_its_bound_is_as_expected(tmp_path: Path, radius: float, code: int) -> None:
    radii = {"out": np.array([radius, 0.0, 0.0, 0.0])}
    ended = run(tmp_path, replace(expecting("out", (0,), np.float32(1.5000001)), radii=radii))
    assert ended.returncode == code


@pytest.mark.warp
def test_a_module_that_does_not_build_ends_with_1(tmp_path: Path) -> None:
    ended = run(tmp_path, of_kind("compile_error", "out[i] = 1.0 + 1"))
    assert "expected: the module builds\nactual: " in ended.stdout
    assert ended.returncode == 1


@pytest.mark.warp
def test_a_module_that_builds_ends_with_0(tmp_path: Path) -> None:
    assert run(tmp_path, of_kind("compile_error", "out[i] = 1.0")).returncode == 0


@pytest.mark.warp
def test_a_module_that_nvrtc_takes_ends_with_0(tmp_path: Path) -> None:
    ended = run(tmp_path, replace(of_kind("compile_error", "out[i] = 1.0"), engine="nvrtc"))
    assert ended.stdout.endswith("the module builds, as expected\n")
    assert ended.returncode == 0


@pytest.mark.warp
@pytest.mark.parametrize(
    ("target", "expected", "actual", "counts", "code"),
    [
        ("cuda", "_idx <= dim.size;", "_idx < dim.size;", (0, 1), 1),
        ("cuda", "_idx < dim.size;", "_idx <= dim.size;", (0, 1), 0),
        ("cuda", "", "wp::array_store(var_out, var_0, var_1);", (0, 1), 1),
        ("cuda", "", "wp::array_store(var_out, var_0, var_1);", (0, 2), 0),
        ("cuda", "var_0 = builtin_tid1d(); // out[i]", "", (1, 0), 1),
        ("cuda", "builtin_tid1d();", "", (0, 0), 0),
        ("cpu", "wp::array_put(", "wp::array_store(var_out, var_0, var_1);", (0, 1), 1),
    ],
    ids=["there", "mended", "too much", "less of it", "missing", "added", "in the C++ text"],
)
def test_a_difference_between_texts_is_looked_for_in_the_text(
    target: str, expected: str, actual: str, counts: tuple[int, int], code: int, tmp_path: Path
) -> None:
    difference = TextDifference(target, expected, actual, *counts)
    ended = run(tmp_path, replace(of_kind("target_mismatch", "out[i] = 1.0"), difference=difference))
    assert ended.returncode == code
    words = f"expected in the text: {expected or 'nothing'}\nactual: {actual or 'nothing'}\n"
    assert ended.stdout.endswith(words if code else "the text is as expected\n")


BODY = (
    "wp::int32 var_0; const wp::float32 var_1 = 1.0; var_0 = builtin_tid1d(); wp::array_store(var_out, var_0, var_1);"
)


@pytest.mark.warp
@pytest.mark.parametrize(
    ("bodies", "code"),
    [((BODY,), 1), ((BODY.replace("var_1)", "var_2)"),), 0), ((BODY, "return var_x;"), 0)],
    ids=["there", "mended", "a function mended"],
)
def test_what_goes_wrong_in_the_text_alone_is_looked_for_in_the_text(
    bodies: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    finding = replace(of_kind("uninitialised_read", "out[i] = 1.0"), excerpt=TextExcerpt(bodies, "    7 x = y;"))
    ended = run(tmp_path, finding)
    assert ended.returncode == code
    words = "expected: no variable is read before it has a value\nactual: it failed\n"
    assert ended.stdout.endswith(words if code else "the text is another one\n")


@pytest.mark.warp
def test_values_that_only_executing_the_text_gives_are_printed(tmp_path: Path) -> None:
    mismatches = tuple(Mismatch("out", (at,), np.float32(1.0), np.float32(2.0), 0.0) for at in range(12))
    finding = replace(of_kind("wrong_value", "out[i] = 1.0"), excerpt=TextExcerpt((BODY,), ""), mismatches=mismatches)
    expected, actual = run(tmp_path, finding).stdout.splitlines()[-2:]
    assert expected.startswith("expected: out[0] = 1.0 (0x3f800000); out[1] = 1.0 (0x3f800000); ")
    assert actual.startswith("actual: out[0] = 2.0 (0x40000000), 8,388,608 ULP from the expected value; out[1] = 2.0 ")
    assert actual.endswith("; and 2 more")


@pytest.mark.parametrize(
    "shown",
    [{"difference": TextDifference("cuda", "x = y;", "", 1, 0)}, {"excerpt": TextExcerpt((BODY,), "")}],
    ids=["difference", "excerpt"],
)
def test_scripts_that_look_at_the_text_are_laid_out_as_python_is(shown: dict[str, Any]) -> None:
    text = reproducer_text(replace(of_kind("wrong_value", "out[i] = 1.0"), **shown))
    definitions = [before for before, after in pairwise(text.split("\ndef ")) if after.startswith("repro_")]
    assert len(definitions) == 2
    assert all(before.endswith("\n\n") and not before.endswith("\n\n\n") for before in definitions)
    assert text.endswith('\n\n\nif __name__ == "__main__":\n    sys.exit(repro_main())\n')


def test_the_report_of_what_goes_wrong_in_the_text_quotes_it() -> None:
    finding = replace(of_kind("uninitialised_read", "out[i] = 1.0"), excerpt=TextExcerpt((BODY,), "    7 x = y;"))
    report = report_text(finding, {})
    assert "The text that Warp generates for cpu says there:\n\n```cpp\n    7 x = y;\n```\n" in report
    assert "```\nno variable is read before it has a value\n```" in report


def test_a_report_without_a_line_of_the_text_quotes_nothing() -> None:
    finding = replace(of_kind("wrong_value", "out[i] = 1.0"), excerpt=TextExcerpt((BODY,), ""))
    assert "says there" not in report_text(finding, {})


@pytest.mark.warp
def test_a_text_that_no_compiler_takes_ends_with_1(tmp_path: Path) -> None:
    assert run(tmp_path, of_kind("ill_typed_text", "out[i] = 1.0 + 1")).returncode == 1
    assert run(tmp_path, of_kind("ill_typed_text", "out[i] = 1.0")).returncode == 0


def test_the_report_of_a_difference_between_texts_shows_both() -> None:
    difference = TextDifference("cuda", "x = y;", "", 1, 0)
    report = report_text(replace(of_kind("target_mismatch", "out[i] = 1.0"), difference=difference), {})
    assert "```\nin the text for cuda: x = y;\n```" in report
    assert "## Actual\n\n```\nnothing\n```" in report


@pytest.mark.warp
def test_a_module_that_cannot_be_judged_ends_with_2(tmp_path: Path) -> None:
    finding = of_kind("wrong_value", "out[i] = 1.0 + 1")
    ended = run(tmp_path, replace(finding, expected={"out": np.ones(4, np.float32)}))
    assert ended.returncode == 2


@pytest.mark.warp
def test_a_launch_that_dies_ends_with_1(tmp_path: Path) -> None:
    ended = run(tmp_path, of_kind("crash", "out[i + 2000000000] = 1.0"))
    assert "expected: the launch ends\nactual: exit code -" in ended.stdout
    assert ended.returncode == 1


@pytest.mark.warp
def test_a_launch_that_ends_ends_with_0(tmp_path: Path) -> None:
    ended = run(tmp_path, of_kind("hang", "out[i] = 1.0"))
    assert ended.stdout.endswith("the launch ends, as expected\n")
    assert ended.returncode == 0


@pytest.mark.warp
def test_a_launch_that_takes_too_long_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproducer, "PATIENCE", 0.001)  # no process starts in a millisecond
    ended = run(tmp_path, of_kind("hang", "out[i] = 1.0"))
    assert ended.stdout.endswith("actual: it runs for more than 0.001 seconds\n")
    assert ended.returncode == 1


@pytest.mark.warp
def test_a_write_outside_of_an_array_ends_with_1(tmp_path: Path) -> None:
    ended = run(tmp_path, of_kind("out_of_bounds", "out[i + 1] = 1.0"))
    assert "out:\n    expected the memory around the array as it was\n    actual   it was written\n" in ended.stdout
    assert ended.returncode == 1
    assert run(tmp_path, of_kind("out_of_bounds", "out[i] = 1.0")).returncode == 0
