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
from oracle.attribution import attributed
from oracle.comparison import compare
from oracle.judge import judge
from oracle.limitations import Limitation, installed, limitations, limitations_for, worked_around
from oracle.records import Executed, Failed, Judgement, Outcome, TestCase, Verdict
from oracle.reference import STRICT, Expectation, interpret
from oracle.warp.native import WarpCpu
from oracle.warp.session import start
from tests.regressions.minimal import minimal

FOLDER = Path(__file__).parent
WRONG = [item for item in limitations() if item.kind == "wrong_value"]
STATED = [item for item in WRONG if item.alternative is not None]
FAILING = [item for item in limitations() if item.kind == "compile_error"]
WORDED = [item for item in FAILING if item.failure]
UNSTATED = [item for item in limitations() if item.alternative is None and not item.failure]
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
    entry = f"[{limitation.identifier}] of oracle/limitations.toml"
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
    assert known_as(attributed(case, judgement, engine)) == limitation.identifier


@pytest.mark.warp
@shown(WRONG)
def test_warp_gives_the_wrong_values_of_the_limitation(
    limitation: Limitation, engine: WarpCpu, outcomes: Mapping[str, Outcome]
) -> None:
    case = minimal_case(limitation)
    judgement = judge(case, engine.name, outcomes[limitation.identifier], interpret(case))
    assert judgement.verdict is not Verdict.AGREE, fixed(limitation)
    assert known_as(attributed(case, judgement, engine)) == limitation.identifier


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


@shown(STATED)
def test_a_second_deviation_behind_an_alternative_is_not_known(limitation: Limitation) -> None:
    case = minimal_case(limitation)
    bounds = instead_of(case, limitation)
    instead = dict(bounds.arrays)
    for name, radii in bounds.radii.items():
        instead[name] = np.where(
            np.isinf(radii), 0, instead[name]
        )  # the alternative bounds nothing: any number will do
    assert known_as(judge(case, "warp-cpu", Executed(instead), interpret(case))) == limitation.identifier
    wrong = tampered(instead, case.buffers[-1].name)
    assert judge(case, "warp-cpu", Executed(wrong), interpret(case)).verdict is Verdict.DISCREPANCY


class Canned:
    """An engine that gives an outcome made beforehand."""

    name = "warp-cpu"

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        return [self.outcome for _ in batch]


@shown(UNSTATED)
def test_a_deviation_that_the_equivalent_form_shows_too_is_not_known(limitation: Limitation) -> None:
    case = minimal_case(limitation)
    right = interpret(case).arrays
    wrong: Outcome = Failed(limitation.kind, "it went wrong")
    if limitation in WRONG:
        wrong = Executed(tampered(right, case.buffers[-1].name))
    judgement = judge(case, "warp-cpu", wrong, interpret(case))
    assert judgement.verdict is Verdict.DISCREPANCY
    assert known_as(attributed(case, judgement, Canned(Executed(right)))) == limitation.identifier
    assert attributed(case, judgement, Canned(wrong)).verdict is Verdict.DISCREPANCY
    may_be_garbage = any(item in WRONG and item in UNSTATED for item in limitations_for(check(case.module)))
    for kind in ("uninitialised_read", "overflow", "out_of_bounds"):
        garbage = attributed(case, replace(judgement, kind=kind), Canned(Executed(right)))
        assert garbage.verdict is (Verdict.KNOWN if may_be_garbage else Verdict.DISCREPANCY)
    crash = replace(judgement, kind="crash")
    assert attributed(case, crash, Canned(Executed(right))) == crash


@pytest.mark.parametrize("message", SAID.values(), ids=SAID)
def test_the_words_of_both_compilers_are_those_of_one_limitation(message: str, request: pytest.FixtureRequest) -> None:
    told = [item.identifier for item in WORDED if re.search(item.failure, message)]
    assert told == [request.node.callspec.id.split()[0]]


class Departing:
    """An engine that gives one outcome where some limitations have a place, and another where they have none."""

    name = "warp-cpu"

    def __init__(self, departs_at: set[str], right: Executed, wrong: Executed) -> None:
        self.places = [item.places for item in limitations() if item.identifier in departs_at]
        self.right, self.wrong = right, wrong

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        typings = [check(case.module) for case in batch]
        return [self.wrong if any(list(at(typing)) for at in self.places) else self.right for typing in typings]


SEVERAL_AT_ONCE = """
import warp as wp


@wp.kernel
def k(x: wp.array2d[float], m: wp.array[wp.mat22], o: wp.array[float]):
    stored = m[0]
    stored[0].x = 1.0
    a, b = x[0, 0], o[2]
    p, q = a, b
    for i in range(2):
        p *= 1.0
    o[0] = x[0:2][0][1] + p
    o[1] = -q
"""


@pytest.mark.skipif(
    not {"negative-zero", "unpacked-names", "sliced-rows", "row-component"} <= {x.identifier for x in installed()},
    reason="not in this Warp",
)
@pytest.mark.parametrize(
    ("departs_at", "expected"),
    [
        ({"sliced-rows"}, "sliced-rows"),
        ({"row-component"}, "row-component"),
        ({"unpacked-names"}, "unpacked-names"),
        ({"sliced-rows", "unpacked-names"}, "unpacked-names + unpacked-references + sliced-rows + row-component"),
    ],
)
@pytest.mark.parametrize("negated", [-0.0, 0.0])
def test_a_deviation_is_attributed_to_what_makes_the_difference(
    departs_at: set[str], expected: str, negated: float
) -> None:
    case = minimal(SEVERAL_AT_ONCE, x=[[1, 2], [3, 4]], m=[[[0, 0], [0, 0]]], o=[5, 6, 0])
    right = dict(interpret(case).arrays)
    wrong = Executed(tampered(right, "o"))
    right["o"] = np.array([3, negated, 0], np.float32)
    judgement = judge(case, "warp-cpu", wrong, interpret(case))
    engine = Departing(departs_at, Executed(right), wrong)
    beside = " + negative-zero" if str(negated) == "0.0" else ""
    assert known_as(attributed(case, judgement, engine)) == expected + beside


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


def tampered(arrays: Mapping[str, np.ndarray], buffer: str) -> dict[str, np.ndarray]:
    """The content of buffers with the last element of one changed."""
    changed = arrays[buffer].copy()
    changed.reshape(-1)[-1:] = ~changed.reshape(-1)[-1:] if changed.dtype == bool else changed.reshape(-1)[-1:] + 1
    return {**arrays, buffer: changed}


def known_as(judgement: Judgement) -> str:
    """The limitation that a judgement names; "" if it is not KNOWN."""
    return (
        judgement.limitation if judgement.verdict is Verdict.KNOWN else f"{judgement.verdict.name}: {judgement.message}"
    )
