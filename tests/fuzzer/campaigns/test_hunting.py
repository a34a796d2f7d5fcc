"""What a worker does with a batch, and what becomes of a draft of ours that is wrong."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

import pytest

from fuzzer.campaigns import hunting
from fuzzer.campaigns.hunting import KERNEL_SECONDS, Clock, Hunted, engines_for, hunt_batch
from fuzzer.generation.cases import Generated, deep_case
from fuzzer.processes.pool import raise_ours
from fuzzer.processes.isolation import HANG, Isolated
from fuzzer.campaigns.schedule import BATCH_SECONDS, recipe_of
from grammar import parse
from grammar.check import TypeRefused, check
from oracle.engines import facts_of
from oracle.engines.nvrtc import FACTS as NVRTC
from oracle.records import Executed, Failed, Outcome, Refused, TestCase, Verdict
from oracle.reference import interpret
from tests.fuzzer.orders import BOTH, order

SHARE = NVRTC.share


def test_an_ill_typed_draft_in_a_worker_is_a_defect_of_ours_and_no_wrong_usage() -> None:
    try:
        check(parse("import warp as wp\n@wp.kernel\ndef k(a: wp.array[int]):\n    a[0] = 1.0\n"))
    except TypeRefused:
        text = traceback.format_exc()
    with pytest.raises(RuntimeError, match="TypeRefused: a place of type int32 cannot take float32"):
        raise_ours(text)


class Watched:
    """An engine that gives what the reference says but for some cases, and keeps which cases it ran."""

    def __init__(self, name: str, wrong: Mapping[int, Outcome]) -> None:
        self.name = name
        self.wrong = wrong
        self.ran: list[int] = []

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        indices = [case.provenance.index for case in batch if case.provenance is not None]
        self.ran += indices
        return [
            self.wrong.get(index, Executed(interpret(case).arrays)) for index, case in zip(indices, batch, strict=True)
        ]


@pytest.fixture
def hunted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Hunted, list[list[int]]]]:
    """Hunt a batch of six deep kernels with two engines, each wrong as said; gives what each engine ran, too."""

    def hunt(batch: int, text: Mapping[int, Outcome], native: Mapping[int, Outcome]) -> tuple[Hunted, list[list[int]]]:
        engines = [Watched("warp-text", text), Watched("warp-cpu", native)]
        cases = [deep_case(1, index, recipe_of(order(0).settings)) for index in range(6)]
        monkeypatch.setattr(hunting, "generate_batch", lambda settings, batch: iter(cases))
        monkeypatch.setattr(hunting, "engines_for", lambda order: engines)
        return hunt_batch(order(batch, *BOTH)), [engine.ran for engine in engines]

    return hunt


def looked_into(found: Hunted) -> list[tuple[int, str, str]]:
    """The discrepancies of a batch: the index of each case, the engine, and the kind."""
    return [
        (d.case.provenance.index, d.judgement.engine, d.judgement.kind)
        for d in found.record.discrepancies
        if d.case.provenance
    ]


@pytest.mark.usefixtures("sweep")
def test_a_batch_whose_texts_agree_is_not_executed_natively(
    hunted: Callable[..., tuple[Hunted, list[list[int]]]],
) -> None:
    found, ran = hunted(5, {}, {})
    assert ran == [[0, 1, 2, 3, 4, 5], []]
    assert found.record.discrepancies == ()


@pytest.mark.usefixtures("sweep")
def test_a_batch_of_the_share_is_executed_natively_too(hunted: Callable[..., tuple[Hunted, list[list[int]]]]) -> None:
    _, ran = hunted(8, {}, {})
    assert ran == [[0, 1, 2, 3, 4, 5]] * 2


@pytest.mark.usefixtures("sweep")
def test_native_execution_decides_what_the_text_leaves_open(
    hunted: Callable[..., tuple[Hunted, list[list[int]]]],
) -> None:
    text = {1: Failed("hang", "it hangs"), 2: Refused("not read: wp::x", 9), 4: Failed("ill_typed_text", "line 9: x")}
    found, ran = hunted(5, text, {2: Failed("crash", "it died")})
    assert ran == [[0, 1, 2, 3, 4, 5], [1, 2, 4]]
    assert looked_into(found) == [(1, "warp-text", "hang"), (2, "warp-cpu", "crash")]


@pytest.mark.usefixtures("sweep")
def test_an_ill_typed_text_that_is_not_compiled_is_found_once(
    hunted: Callable[..., tuple[Hunted, list[list[int]]]],
) -> None:
    found, _ = hunted(5, {3: Failed("ill_typed_text", "line 9: x")}, {3: Failed("compile_error", "no such function")})
    assert looked_into(found) == [(3, "warp-text", "ill_typed_text")]


def test_kernels_that_no_engine_takes_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [deep_case(1, index, recipe_of(order(0).settings)) for index in range(2)]
    monkeypatch.setattr(hunting, "generate_batch", lambda settings, batch: iter(cases))
    monkeypatch.setattr(hunting, "engines_for", lambda order: [])
    assert [k.verdict for k in hunt_batch(order(0, "cuda")).record.kernels] == [Verdict.UNSUPPORTED] * 2


class Factory:
    """Makes engines of one name, as the classes of engines do."""

    def __init__(self, name: str, works: bool = True) -> None:
        self.name = name
        self.works = works

    def available(self) -> tuple[bool, str]:
        return self.works, "said so"

    def __call__(self, mark: Callable[[int | None], None]) -> Watched:
        return Watched(self.name, {})


@pytest.fixture
def factories(monkeypatch: pytest.MonkeyPatch) -> dict[str, Factory]:
    made = {name: Factory(name) for name in ("warp-text", "warp-cpu", "nvrtc", "cuda")}
    monkeypatch.setattr(hunting, "engine_types", lambda: made)
    return made


ALL = ("cuda", "nvrtc", "warp-cpu", "warp-text")


@pytest.mark.usefixtures("factories")
def test_the_text_comes_before_what_it_decides() -> None:
    assert [engine.name for engine in engines_for(order(SHARE // 2, *ALL))] == [
        "warp-text",
        "warp-cpu",
        "nvrtc",
        "cuda",
    ]


@pytest.mark.usefixtures("factories")
def test_engines_are_those_asked_for_and_nvrtc_takes_its_share() -> None:
    assert [engine.name for engine in engines_for(order(0, *ALL))] == ["warp-text", "warp-cpu", "cuda"]
    assert [engine.name for engine in engines_for(order(0, "warp-cpu"))] == ["warp-cpu"]


def test_engines_that_do_not_work_here_are_left_out(factories: dict[str, Factory]) -> None:
    factories["warp-cpu"].works = False
    assert [engine.name for engine in engines_for(order(0, *BOTH))] == ["warp-text"]


@pytest.mark.usefixtures("factories")
def test_a_batch_that_took_its_process_down_runs_in_children_but_for_the_gpu() -> None:
    engines = engines_for(order(0, *ALL, isolated=True))
    assert [isinstance(engine, Isolated) for engine in engines] == [True, True, False]


def test_a_culprit_is_not_run_again_on_the_gpu_and_keeps_its_failure() -> None:
    crashed, gpu = Failed("crash", "it died"), Watched("cuda", {})
    cases = {at: deep_case(1, at, recipe_of(order(0).settings)).defined.case for at in range(3)}
    outcomes = hunting._run(gpu, replace(order(0, "cuda"), failed={1: crashed}), cases, Clock())
    assert gpu.ran == [0, 2]
    assert outcomes[1] is crashed
    assert sorted(outcomes) == [0, 1, 2]


def test_what_is_marked_is_the_position_in_the_whole_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[tuple[str, float]] = []
    monkeypatch.setattr(hunting, "mark", lambda text, seconds=0.0: marks.append((text, seconds)))
    marked = hunting._marker("cuda", replace(order(0, "cuda"), failed={0: HANG, 2: HANG}))
    for at in (0, 1, 2, None):
        marked(at)
    assert [text for text, _ in marks] == ["cuda 1", "cuda 3", "cuda 4", "cuda "]
    assert [seconds for _, seconds in marks] == [KERNEL_SECONDS] * 3 + [0.0]


def test_a_kernel_that_hangs_leaves_time_for_the_others_of_its_batch() -> None:
    assert 20 * KERNEL_SECONDS < BATCH_SECONDS


def test_the_time_of_the_reference_is_taken_out_of_what_asks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))  # each look at the clock takes a second
    case, clock = deep_case(1, 0, recipe_of(order(0).settings)).defined.case, Clock()
    before = next(ticks)
    with clock.timing("generate"):
        interpret(case)
        interpret(case)
    with clock.timing("judge"):
        interpret(case)
    with clock.timing("store"):
        pass
    passed = next(ticks) - before - 1
    assert clock.seconds == {"generate": 3.0, "judge": 2.0, "store": 1.0, "reference": 3.0}
    assert sum(clock.seconds.values()) == passed - 3, "but for the seconds from one block to the next"


@pytest.mark.usefixtures("sweep")
def test_a_batch_takes_time_to_generate_interpret_judge_and_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def generated(settings: object, batch: int) -> Iterator[Generated]:
        yield from (deep_case(1, index, recipe_of(order(0).settings)) for index in range(2))

    monkeypatch.setattr(hunting, "generate_batch", generated)
    monkeypatch.setattr(hunting, "engines_for", lambda order: [Watched("warp-text", {})])
    seconds = hunt_batch(order(5, *BOTH)).record.seconds
    assert {what for what in ("generate", "reference", "judge", "store") if seconds[what] > 0} == {
        "generate",
        "reference",
        "judge",
        "store",
    }
