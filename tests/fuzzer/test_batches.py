"""Which batches sweep, which engine runs what of them, and what becomes of a draft of ours that is wrong."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence

import pytest

from fuzzer import batches
from fuzzer.batches import (
    BATCH,
    NVRTC_SHARE,
    Hunted,
    Order,
    batch_options,
    doubtful,
    engines_for,
    hunt_batch,
    recipe_of,
    settled,
    sweep_start,
    takes_all,
    time_limit,
    to_look_into,
)
from fuzzer.campaign import raise_ours
from fuzzer.generation.cases import deep_case
from fuzzer.reduction.isolation import Isolated
from fuzzer.settings import Settings
from grammar import parse
from grammar.check import TypeRefused, check
from oracle.records import Executed, Failed, Judgement, Outcome, Refused, TestCase, Verdict
from oracle.reference import interpret


def test_two_of_three_batches_sweep_until_every_item_had_its_turn() -> None:
    assert [sweep_start(batch, 4 * BATCH) for batch in range(6)] == [None, 0, BATCH, None, 2 * BATCH, 3 * BATCH]


def test_one_of_three_batches_sweeps_when_every_item_had_its_turn() -> None:
    assert [sweep_start(batch, 4 * BATCH) is None for batch in range(6, 12)] == [False, True, True, False, True, True]


def test_later_rounds_of_the_sweep_reach_every_item_too() -> None:
    items = 4 * BATCH
    starts = {sweep_start(batch, items) for batch in range(6, 18)} - {None}
    assert {start % items for start in starts if start is not None} == {0, BATCH, 2 * BATCH, 3 * BATCH}


def test_a_last_batch_of_the_sweep_that_is_not_full_still_has_its_turn() -> None:
    assert [sweep_start(batch, BATCH + 1) for batch in range(3)] == [None, 0, BATCH]


def test_nothing_to_sweep_leaves_deep_batches_only() -> None:
    assert [sweep_start(batch, 0) for batch in range(4)] == [None] * 4


def test_batches_compiled_for_cuda_are_deep_ones_and_sweeps() -> None:
    compiled = [batch for batch in range(6 * NVRTC_SHARE) if batch % NVRTC_SHARE == NVRTC_SHARE // 2]
    assert {sweep_start(batch, 100 * BATCH) is None for batch in compiled} == {True, False}


def test_a_batch_that_is_optimised_may_take_longer() -> None:
    orders = [Order(Settings(seconds=60, seed=11, workers=2), batch, {}) for batch in range(60)]
    limits = {batch_options(11, order.batch).optimization_level: time_limit(order) for order in orders}
    assert limits == {0: 90.0, 2: 300.0, None: 300.0}


def test_an_ill_typed_draft_in_a_worker_is_a_defect_of_ours_and_no_wrong_usage() -> None:
    try:
        check(parse("import warp as wp\n@wp.kernel\ndef k(a: wp.array[int]):\n    a[0] = 1.0\n"))
    except TypeRefused:
        text = traceback.format_exc()
    with pytest.raises(RuntimeError, match="TypeRefused: a place of type int32 cannot take float32"):
        raise_ours(text)


# Which engine runs what, and what becomes of what they find.


def order(batch: int, *engines: str, isolated: bool = False) -> Order:
    return Order(Settings(seconds=60, seed=1, workers=1, engines=engines), batch, {}, isolated)


BOTH = ("warp-text", "warp-cpu")


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that two of the first three batches go through."""
    monkeypatch.setattr(batches, "_sweep", lambda settings: ("item",) * 2 * BATCH)


@pytest.mark.usefixtures("sweep")
def test_native_execution_runs_sweeps_and_a_share_of_the_deep_batches_where_the_text_is_executed() -> None:
    assert [sweep_start(batch, 2 * BATCH) is None for batch in range(10)] == [
        *(True, False, False),
        *(False, True, True),
        *(False, True, True),
        False,
    ]
    assert [takes_all("warp-cpu", order(batch, *BOTH)) for batch in range(10)] == [
        *(True, True, True),
        *(True, True, False),
        *(True, False, True),
        True,
    ]


@pytest.mark.usefixtures("sweep")
@pytest.mark.parametrize("engine", ["warp-text", "nvrtc", "cuda"])
def test_other_engines_run_all_of_a_batch(engine: str) -> None:
    assert all(takes_all(engine, order(batch, *BOTH, engine)) for batch in range(10))


@pytest.mark.usefixtures("sweep")
def test_native_execution_runs_everything_where_the_text_is_not_executed() -> None:
    assert all(takes_all("warp-cpu", order(batch, "warp-cpu", "nvrtc")) for batch in range(10))


def judgement(verdict: Verdict, engine: str = "warp-text", kind: str = "") -> Judgement:
    return Judgement(verdict, engine, kind or ("wrong_value" if verdict is Verdict.DISCREPANCY else ""))


def test_what_the_text_departs_on_or_cannot_tell_is_doubtful() -> None:
    verdicts = enumerate(Verdict)
    assert doubtful({position: [judgement(verdict)] for position, verdict in verdicts}) == [
        Verdict.INVALID,
        Verdict.UNSUPPORTED,
        Verdict.UNCOMPARED,
        Verdict.DISCREPANCY,
    ]


def test_one_judgement_that_is_not_clear_makes_a_case_doubtful() -> None:
    clear, unclear = judgement(Verdict.AGREE), judgement(Verdict.UNCOMPARED)
    assert doubtful({4: [clear, clear], 7: [clear, unclear], 9: [unclear, clear]}) == [7, 9]


ILL_TYPED = judgement(Verdict.DISCREPANCY, kind="ill_typed_text")
REFUSED = judgement(Verdict.DISCREPANCY, "warp-cpu", "compile_error")
KNOWN = judgement(Verdict.KNOWN, "warp-cpu", "compile_error")
AGREED = judgement(Verdict.AGREE, "warp-cpu")
NOT_READ = Judgement(Verdict.UNSUPPORTED, "warp-text")


@pytest.mark.parametrize("compiler", ["warp-cpu", "nvrtc"])
def test_a_text_is_ill_typed_where_a_compiler_refuses_it(compiler: str) -> None:
    refused = judgement(Verdict.DISCREPANCY, compiler, "compile_error")
    assert settled([ILL_TYPED, refused]) == [ILL_TYPED, refused]
    assert settled([refused, ILL_TYPED]) == [refused, ILL_TYPED]


@pytest.mark.parametrize("others", [[], [AGREED], [KNOWN], [judgement(Verdict.DISCREPANCY, "warp-cpu", "crash")]])
def test_a_text_that_no_compiler_refuses_for_an_unknown_reason_was_not_read(others: list[Judgement]) -> None:
    assert settled([ILL_TYPED, *others]) == [NOT_READ, *others]


def test_what_is_not_ill_typed_is_settled_as_it_is() -> None:
    several = [judgement(Verdict.DISCREPANCY), AGREED, judgement(Verdict.DISCREPANCY, "nvrtc", "compile_error")]
    assert settled(several) == several


def test_what_a_text_that_was_not_read_said_is_kept() -> None:
    message = "line 57: float32 = add(float32, int32)"
    said = Judgement(Verdict.DISCREPANCY, "warp-text", "ill_typed_text", message)
    assert settled([said]) == [Judgement(Verdict.UNSUPPORTED, "warp-text", "", message)]


def test_what_both_show_is_looked_into_where_it_is_executed() -> None:
    native = judgement(Verdict.DISCREPANCY, "warp-cpu")
    assert to_look_into([judgement(Verdict.DISCREPANCY), native]) == [native]


def test_what_is_ill_typed_is_looked_into_in_the_text() -> None:
    assert to_look_into([ILL_TYPED, REFUSED]) == [ILL_TYPED]


@pytest.mark.parametrize("shown", [judgement(Verdict.DISCREPANCY), judgement(Verdict.DISCREPANCY, "warp-cpu")])
def test_what_one_shows_is_looked_into_there(shown: Judgement) -> None:
    other = AGREED if shown.engine == "warp-text" else judgement(Verdict.AGREE)
    assert to_look_into([shown, other]) == [shown]
    assert to_look_into([other, shown]) == [shown]


def test_what_other_engines_show_is_looked_into_besides() -> None:
    native, compiled = judgement(Verdict.DISCREPANCY, "warp-cpu"), judgement(Verdict.DISCREPANCY, "nvrtc")
    assert to_look_into([judgement(Verdict.DISCREPANCY), native, compiled]) == [native, compiled]


def test_what_is_known_agrees_or_was_not_compared_needs_no_one() -> None:
    assert to_look_into([judgement(verdict) for verdict in Verdict if verdict is not Verdict.DISCREPANCY]) == []


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
        monkeypatch.setattr(batches, "generate_batch", lambda settings, batch: iter(cases))
        monkeypatch.setattr(batches, "engines_for", lambda order: engines)
        return hunt_batch(order(batch, *BOTH)), [engine.ran for engine in engines]

    return hunt


def looked_into(found: Hunted) -> list[tuple[int, str, str]]:
    """The discrepancies of a batch: the index of each case, the engine, and the kind."""
    return [
        (d.case.provenance.index, d.judgement.engine, d.judgement.kind)
        for d in found.discrepancies
        if d.case.provenance
    ]


@pytest.mark.usefixtures("sweep")
def test_a_batch_whose_texts_agree_is_not_executed_natively(
    hunted: Callable[..., tuple[Hunted, list[list[int]]]],
) -> None:
    found, ran = hunted(5, {}, {})
    assert ran == [[0, 1, 2, 3, 4, 5], []]
    assert found.discrepancies == ()


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
    monkeypatch.setattr(batches, "engine_types", lambda: made)
    return made


ALL = ("cuda", "nvrtc", "warp-cpu", "warp-text")


@pytest.mark.usefixtures("factories")
def test_the_text_comes_before_what_it_decides() -> None:
    assert [engine.name for engine in engines_for(order(NVRTC_SHARE // 2, *ALL))] == [
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
