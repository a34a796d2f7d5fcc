"""Every known divergence has a minimal case: it meets its place, the installed Warp shows it, nothing hides behind it.

A test that says that Warp no longer shows a limitation is good news: the version is to be taken out of its entry.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module, metadata
from pathlib import Path

import numpy as np
import pytest

from fuzzer.batches import attributed
from grammar.check import check
from oracle.judge import compare, judge
from oracle.limitations import Limitation, installed, limitations, worked_around
from oracle.records import Executed, Failed, Judgement, Outcome, TestCase, Verdict
from oracle.reference import STRICT, Expectation, interpret
from oracle.warp.native import WarpCpu
from oracle.warp.session import start
from tests.regressions.minimal import minimal

FOLDER = Path(__file__).parent
WRONG = [item for item in limitations() if item.kind == "wrong_value"]
STATED = [item for item in WRONG if item.alternative is not None]
UNSTATED = [item for item in WRONG if item.alternative is None]
FAILING = [item for item in limitations() if item.failure]
REWRITABLE = [item for item in limitations() if item.workaround is not None]


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
    return f"Warp {version} no longer shows {limitation.title!r}: take {version} out of the versions of {entry}"


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
def test_warp_fails_with_the_words_of_the_limitation(limitation: Limitation, engine: WarpCpu) -> None:
    case = minimal_case(limitation)
    [outcome] = engine.run([case])
    assert isinstance(outcome, Failed), fixed(limitation)
    assert limitation.failure in outcome.message
    assert known_as(judge(case, engine.name, outcome, interpret(case))) == limitation.identifier


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
    assert compare(outcome, instead_of(minimal_case(limitation), limitation))[0] == []


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
    wrong = Executed(tampered(right, case.buffers[-1].name))
    judgement = judge(case, "warp-cpu", wrong, interpret(case))
    assert judgement.verdict is Verdict.DISCREPANCY
    assert known_as(attributed(case, judgement, Canned(Executed(right)))) == limitation.identifier
    assert attributed(case, judgement, Canned(wrong)).verdict is Verdict.DISCREPANCY


@shown(FAILING)
@pytest.mark.parametrize(
    "outcome",
    [Failed("compile_error", "expected ';' after expression"), Failed("crash", "{words}")],
    ids=["words", "kind"],
)
def test_another_failure_at_the_same_place_is_not_known(limitation: Limitation, outcome: Failed) -> None:
    case = minimal_case(limitation)
    failed = replace(outcome, message=outcome.message.format(words=limitation.failure))
    assert judge(case, "warp-cpu", failed, interpret(case)).verdict is Verdict.DISCREPANCY


@shown([item for item in FAILING if item in REWRITABLE])
def test_the_words_of_a_limitation_elsewhere_are_not_known(limitation: Limitation) -> None:
    case = rewritten_case(limitation)
    failed = Failed("compile_error", limitation.failure)
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
