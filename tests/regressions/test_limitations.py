"""Every known divergence has a minimal case: it meets its place, the installed Warp shows it, nothing hides behind it.

A test that says that Warp no longer shows a limitation is good news: its entry gets the version as ``until``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path

import numpy as np
import pytest

from grammar.check import check
from oracle.comparison import compare
from oracle.judge import judge
from oracle.limitations.catalogue import Limitation, installed, limitations, limitations_for, worked_around
from oracle.records import Executed, Failed, Judgement, Outcome, TestCase, Verdict
from oracle.reference import STRICT, Expectation, interpret
from oracle.warp.native import WarpCpu
from oracle.warp.session import start
from tests.regressions.minimal import minimal

FOLDER = Path(__file__).parent
WRONG = [item for item in limitations() if item.kind == "wrong_value"]
OPEN = [item for item in WRONG if item.identifier == "branched-constant"]
STATED = [item for item in WRONG if item not in OPEN]
FAILING = [item for item in limitations() if item.kind == "compile_error"]
WORDED = [item for item in FAILING if item.failure]
REWRITABLE = [item for item in limitations() if item.workaround is not None]


SAID = {
    "unequal-composites": "invalid operands to binary expression ('wp::vec_t<3, wp::float32>' and",
    "unequal-composites nvrtc": 'no operator "!=" matches these operands',
    "half-comparison": "use of overloaded operator '<' is ambiguous (with operand types 'wp::float16'",
    "half-comparison nvrtc": 'more than one operator "==" matches these operands:',
    "half-comparison nvrtc wide": 'conversion function from "wp::float16" (aka "wp::half") to a built-in type',
    "chained-elements": "Cannot chain comparisons of unequal types: <class 'float32'> < wp.ref[float32].",
    "sliced-elements": "Incorrect number of indices specified for array indexing, got 3 indices for",
    "unpacked-elements": "Error, assigning to existing symbol first (wp.ref[float32]) with different type (float32)",
    "half-comparison nvrtc constant": 'conversion function from "const wp::float16" to a built-in type applies:',
    "unpacked-elements augmented": "augmented assignment to `v` (wp.ref[int32]) produces different type (int32)",
    "unpacked-elements other": "assigning to existing symbol v (<class 'int32'>) with different type (wp.ref[int32])",
    "half-to-bool": "ambiguous conversion for functional-style cast from 'wp::float16' (aka 'half') to 'bool'",
    "half-to-bool adjoint": "ambiguous conversion for functional-style cast from 'float16' (aka 'half') to 'bool'",
    "half-to-bool nvrtc": 'more than one conversion function from "wp::float16" (aka "wp::half") to "__nv_bool"',
    "half-matrix-conversion": "operator '+=' is ambiguous (with operand types 'float' and 'const wp::half')",
    "half-matrix-conversion nvrtc": 'conversion function from "const wp::half" to a built-in type applies:',
    "stored-component-index": "no matching function for call to 'adj_assign_inplace'",
    "stored-component-index nvrtc": 'no instance of overloaded function "wp::adj_assign_inplace" matches',
    "long-boolean": "use of undeclared identifier 'Truell'",
    "long-boolean nvrtc": 'identifier "Truell" is undefined',
    "retyped-constant": "total[0] = total[0] + j + C ;Input types must be the same, got ['int32', 'int64']",
    "retyped-constant overload": "Couldn't find function overload for 'min' that matched inputs with types: [float64",
    "retyped-constant variable": "assigning to existing symbol x (int32) with different type (<class 'int64'>)",
    "augmented-field-elements": "Couldn't find function overload for 'extract' that matched inputs with types: [array(",
    "named-vector": "Couldn't find function overload for 'norm_l1' that matched inputs with types: [vec2f]",
}
"""What compilers say of each limitation, and Warp's code generator. The first word names it."""


def each(items: Sequence[Limitation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("limitation", items, ids=[item.identifier for item in items])


def shown(items: Sequence[Limitation]) -> pytest.MarkDecorator:
    """Those of the installed Warp: what another version does is not written down."""
    return each([item for item in items if item in installed()])


def minimal_case(limitation: Limitation) -> TestCase:
    case: TestCase = import_module(f"tests.regressions.{limitation.regression}").CASE
    return case


def rewritten_case(limitation: Limitation) -> TestCase:
    """The case with every place written in the equivalent form."""
    case = minimal_case(limitation)
    module, typing = case.module, check(case.module)
    while (found := worked_around(module, typing, [limitation])) is not None:
        module, typing = found
    return replace(case, module=module)


def instead_of(case: TestCase, limitation: Limitation) -> Expectation:
    """What Warp computes instead, as the limitation states it."""
    assert limitation.alternative is not None
    return interpret(case, STRICT, departure=limitation.alternative(case))


def fixed(limitation: Limitation) -> str:
    """What is to be done where a case is right."""
    version = metadata.version("warp-lang")
    entry = f"[{limitation.identifier}] of oracle/limitations/limitations.toml"
    return f"Warp {version} no longer shows {limitation.title!r}: write until = {version!r} into {entry}"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarpCpu]:
    with pytest.MonkeyPatch.context() as patch:  # start() moves temporary files: they are to be back where they were
        patch.setattr(tempfile, "tempdir", tempfile.tempdir)
        patch.setenv("TMPDIR", tempfile.gettempdir())
        start(tmp_path_factory.mktemp("kernels"))
        yield WarpCpu()


@pytest.fixture(scope="module")
def outcomes(engine: WarpCpu) -> Mapping[str, Outcome]:
    """All that Warp compiles, as one module: cases with wrong values, and every equivalent form."""
    cases = {item.identifier: minimal_case(item) for item in WRONG}
    cases |= {f"{item.identifier} rewritten": rewritten_case(item) for item in REWRITABLE}
    return dict(zip(cases, engine.run(list(cases.values())), strict=True))


@pytest.mark.warp
@pytest.mark.usefixtures("capfd")  # what a compiler prints is read from a file
@shown(FAILING)
def test_warp_fails_with_the_words_of_the_limitation_and_of_no_other(limitation: Limitation, engine: WarpCpu) -> None:
    case = minimal_case(limitation)
    [outcome] = engine.run([case])
    assert isinstance(outcome, Failed), fixed(limitation)
    told = [item for item in WORDED if re.search(item.failure, outcome.message)]
    assert told == ([limitation] if limitation.failure else [])
    judgement = judge(case, engine.name, outcome, interpret(case))
    assert known_as(judgement) == limitation.identifier


@pytest.mark.warp
@shown(WRONG)
def test_warp_gives_the_wrong_values_of_the_limitation(limitation: Limitation, outcomes: Mapping[str, Outcome]) -> None:
    case = minimal_case(limitation)
    judgement = judge(case, "warp-cpu", outcomes[limitation.identifier], interpret(case))
    assert judgement.verdict is not Verdict.AGREE, fixed(limitation)
    assert known_as(judgement) == limitation.identifier


@pytest.mark.warp
@shown(STATED)
def test_warp_gives_exactly_what_the_alternative_gives(limitation: Limitation, outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes[limitation.identifier]
    assert isinstance(outcome, Executed)
    assert compare(outcome, instead_of(minimal_case(limitation), limitation)).mismatches == ()


@pytest.mark.warp
@shown(REWRITABLE)
def test_warp_gets_the_equivalent_form_right(limitation: Limitation, outcomes: Mapping[str, Outcome]) -> None:
    case = rewritten_case(limitation)
    judgement = judge(case, "warp-cpu", outcomes[f"{limitation.identifier} rewritten"], interpret(case))
    assert judgement.verdict is Verdict.AGREE, judgement


def test_every_limitation_has_a_minimal_case_and_every_case_a_limitation() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"minimal", Path(__file__).stem}
    assert files == {item.regression for item in limitations()}
    assert len(files) == len(limitations())


@each(limitations())
def test_the_minimal_case_meets_its_places(limitation: Limitation) -> None:
    case = minimal_case(limitation)
    assert list(limitation.places(check(case.module)))
    assert interpret(case).radii.keys() <= {buffer.name for buffer in case.buffers}


@each(REWRITABLE)
def test_the_equivalent_form_means_the_same_and_has_no_place_left(limitation: Limitation) -> None:
    case = rewritten_case(limitation)
    assert list(limitation.places(check(case.module))) == []
    expected = interpret(minimal_case(limitation)).arrays
    assert {name: array.tobytes() for name, array in interpret(case).arrays.items()} == {
        name: array.tobytes() for name, array in expected.items()
    }


@each(WRONG)
def test_what_is_wrong_by_a_limitation_is_stated(limitation: Limitation) -> None:
    assert limitation.alternative is not None


@shown(STATED)
def test_a_second_deviation_behind_an_alternative_is_not_known(limitation: Limitation) -> None:
    case = minimal_case(limitation)
    bounds = instead_of(case, limitation)
    instead, expected = dict(bounds.arrays), interpret(case)
    for name, radii in bounds.radii.items():
        instead[name] = np.where(
            np.isinf(radii), 0, instead[name]
        )  # the alternative bounds nothing: any number will do
    assert known_as(judge(case, "warp-cpu", Executed(instead), expected)) == limitation.identifier
    for name, at in fixed_elements(bounds):
        wrong = tampered(instead, name, at)
        verdict = judge(case, "warp-cpu", Executed(wrong), expected).verdict
        is_right = all(np.array_equal(wrong[key], array, equal_nan=True) for key, array in expected.arrays.items())
        assert verdict is (Verdict.AGREE if is_right else Verdict.DISCREPANCY), (name, at)


def fixed_elements(bounds: Expectation) -> Iterator[tuple[str, int]]:
    """The elements that may not be anything, as the place in their buffer."""
    for name, array in bounds.arrays.items():
        free = np.isinf(bounds.radii[name]).reshape(-1) if name in bounds.radii else np.zeros(array.size, bool)
        yield from ((name, at) for at in range(array.size) if not free[at])


@pytest.mark.skipif("branched-constant" not in {x.identifier for x in installed()}, reason="not in this Warp")
@pytest.mark.parametrize(
    ("rounds", "out", "verdict"),
    [
        ([0], [-123, 2], "branched-constant"),
        ([0], [7, 2], "AGREE: "),
        ([0], [7, 3], "DISCREPANCY: 1 of 3 elements lie outside their bounds"),
        ([0], [-123, 3], "DISCREPANCY: 2 of 3 elements lie outside their bounds"),
        ([1], [-123, 2], "DISCREPANCY: 2 of 3 elements lie outside their bounds"),
    ],
    ids=["what was never set", "by chance right", "another element", "another one beside it", "an input beside it"],
)
def test_of_what_was_never_set_only_what_depends_on_it_may_depart(
    rounds: list[int], out: list[int], verdict: str
) -> None:
    case = import_module("tests.regressions.branched_constant").CASE
    outcome = Executed({"rounds": np.array(rounds, np.int32), "out": np.array(out, np.int32)})
    assert known_as(judge(case, "warp-cpu", outcome, interpret(case))) == verdict


@shown(OPEN)
@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("uninitialised_read", Verdict.KNOWN),
        ("crash", Verdict.KNOWN),
        ("compile_error", Verdict.DISCREPANCY),
        ("ill_typed_text", Verdict.DISCREPANCY),
    ],
)
def test_what_nothing_is_promised_of_may_fail_as_such(limitation: Limitation, kind: str, verdict: Verdict) -> None:
    case = minimal_case(limitation)
    assert judge(case, "warp-text", Failed(kind, "it went wrong"), interpret(case)).verdict is verdict


@shown(STATED)
@pytest.mark.parametrize("kind", ["uninitialised_read", "overflow", "out_of_bounds", "crash"])
def test_a_failure_that_an_alternative_does_not_lead_to_is_not_known(limitation: Limitation, kind: str) -> None:
    case = minimal_case(limitation)
    assert judge(case, "warp-text", Failed(kind, "it went wrong"), interpret(case)).verdict is Verdict.DISCREPANCY


@pytest.mark.parametrize("message", SAID.values(), ids=SAID)
def test_the_words_of_both_compilers_are_those_of_one_limitation(message: str, request: pytest.FixtureRequest) -> None:
    told = [item.identifier for item in WORDED if re.search(item.failure, message)]
    assert told == [request.node.callspec.id.split()[0]]


SEVERAL_AT_ONCE = """
import warp as wp


@wp.kernel
def k(x: wp.array2d[float], m: wp.array[wp.mat22], o: wp.array[float]):
    stored = m[0]
    stored[0].x = 1.0
    a, b = x[0, 0], o[2]
    p, q = a, b
    p = stored[0, 0]
    for i in range(2):
        p *= 2.0
    o[0] = x[0:2][0][1] + p
    o[1] = -q
"""


@pytest.mark.skipif(
    not {"negative-zero", "unpacked-names", "sliced-rows", "row-component"} <= {x.identifier for x in installed()},
    reason="not in this Warp",
)
@pytest.mark.parametrize(
    ("o", "expected"),
    [
        ([7, -0.0, 0], "sliced-rows"),
        ([2, -0.0, 0], "row-component"),
        ([6, 0.0, 0], "negative-zero"),
        ([3, 0.0, 0], "negative-zero + unpacked-names + unpacked-references + sliced-rows + row-component"),
        ([3, 0.0, 1], "DISCREPANCY: 3 of 11 elements lie outside their bounds"),
    ],
)
def test_a_deviation_is_attributed_to_what_makes_the_difference(o: list[float], expected: str) -> None:
    case = minimal(SEVERAL_AT_ONCE, x=[[1, 2], [3, 4]], m=[[[0, 0], [0, 0]]], o=[5, 6, 0])
    outcome = dict(interpret(case).arrays) | {"o": np.array(o, np.float32)}
    assert known_as(judge(case, "warp-cpu", Executed(outcome), interpret(case))) == expected


LOST_SIGN = """
import warp as wp

LEAST = wp.constant(wp.int64(-9223372036854775808))


@wp.kernel
def k(o: wp.array[wp.float64]):
    o[0] = wp.float64(LEAST)
"""

WRONG_VECTOR = """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], o: wp.array[wp.vec2]):
    a = v[0]
    b, c = a, v[1]
    b[0] = 9.0
    o[0] = a
    o[1] = c
"""


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        (minimal(LOST_SIGN, o=[0]), [2.0**63]),
        (minimal(WRONG_VECTOR, v=[[1, 2], [3, 4]], o=[[0, 0], [0, 0]]), [[9, 2], [9, 2]]),
        (minimal(WRONG_VECTOR, v=[[1, 2], [3, 4]], o=[[0, 0], [0, 0]]), [[9, 4], [3, 4]]),
    ],
    ids=["the sign of a constant", "the components of another vector", "one component of another vector"],
)
def test_another_cause_beside_a_place_is_not_known(case: TestCase, wrong: list[float]) -> None:
    expected = interpret(case)
    outcome = dict(expected.arrays) | {"o": np.array(wrong, expected.arrays["o"].dtype)}
    assert limitations_for(expected.typing)
    for engine in ("warp-text", "warp-cpu"):
        assert judge(case, engine, Executed(outcome), expected).verdict is Verdict.DISCREPANCY


@shown(WORDED)
@pytest.mark.parametrize("kind", ["compile_error", "crash"])
def test_another_failure_at_the_same_place_is_not_known(limitation: Limitation, kind: str) -> None:
    case = minimal_case(limitation)
    own = [message for name, message in SAID.items() if name.split()[0] == limitation.identifier]
    others = [message for message in SAID.values() if message not in own]
    for message in own if kind == "crash" else ["expected ';' after expression", *others]:
        judgement = judge(case, "warp-cpu", Failed(kind, message), interpret(case))
        assert judgement.verdict is Verdict.DISCREPANCY, message


@shown([item for item in WORDED if item in REWRITABLE])
def test_the_words_of_a_limitation_elsewhere_are_not_known(limitation: Limitation) -> None:
    case = rewritten_case(limitation)
    failed = Failed("compile_error", SAID[limitation.identifier])
    there = minimal_case(limitation)
    assert known_as(judge(there, "warp-cpu", failed, interpret(there))) == limitation.identifier
    assert judge(case, "warp-cpu", failed, interpret(case)).verdict is Verdict.DISCREPANCY


@pytest.mark.skipif(
    not {"negative-zero", "normalized-nan"} <= {x.identifier for x in installed()}, reason="not in this Warp"
)
def test_two_limitations_in_one_kernel_are_known_together() -> None:
    case = minimal(TWO_AT_ONCE, v=[[0, np.nan]], negated=[0, 0], unit=[[0, 0]])
    contents = {"v": [[0, np.nan]], "negated": [0, -1], "unit": [[0, 0]]}
    both = {name: np.array(content, np.float32) for name, content in contents.items()}
    judgement = judge(case, "warp-cpu", Executed(both), interpret(case))
    assert known_as(judgement) == "negative-zero + normalized-nan"
    wrong = tampered(both, "negated")
    assert judge(case, "warp-cpu", Executed(wrong), interpret(case)).verdict is Verdict.DISCREPANCY


TWO_AT_ONCE = """
import warp as wp


@wp.kernel
def k(v: wp.array[wp.vec2], negated: wp.array[float], unit: wp.array[wp.vec2]):
    negated[0] = -v[0][0]
    negated[1] = -1.0
    unit[0] = wp.normalize(v[0])
"""


def tampered(arrays: Mapping[str, np.ndarray], buffer: str, at: int = -1) -> dict[str, np.ndarray]:
    """The content of buffers with an element of one changed, by default the last."""
    changed = arrays[buffer].copy()
    flat = changed.reshape(-1)
    flat[at] = ~flat[at] if changed.dtype == bool else flat[at] + 1 if np.isfinite(flat[at]) else 0
    return {**arrays, buffer: changed}


def known_as(judgement: Judgement) -> str:
    """The limitation that a judgement names; "" if it is not KNOWN."""
    return (
        judgement.limitation if judgement.verdict is Verdict.KNOWN else f"{judgement.verdict.name}: {judgement.message}"
    )
