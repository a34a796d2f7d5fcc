"""What is made of a discrepancy: where it is reduced, which layer it is put down to, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from fuzzer.campaigns import investigation
from fuzzer.campaigns.investigation import (
    SEEN_ONCE,
    Investigation,
    apart,
    by_engine,
    by_text,
    evidence_for,
    investigate,
    layer_of,
    share_symbol,
    unreduced,
)
from fuzzer.reduction.construct import words_of
from fuzzer.processes.isolation import Isolated
from grammar import emit, parse
from grammar import nodes as n
from grammar.check import check
from grammar.trees import walk
from oracle.judge import judge
from oracle.records import (
    Engine,
    Executed,
    Failed,
    Judgement,
    Options,
    Outcome,
    Refused,
    TestCase,
    TextExcerpt,
    Verdict,
)
from oracle.reference import interpret
from reports.batch_records import Discrepancy
from tests.oracle.kernels import case_of, kernel

Wrong = Callable[[TestCase], Outcome | None]
FOREVER = float("inf")


class Fake:
    """An engine that gives what the reference says, where it is not told to give something else."""

    def __init__(self, name: str, wrong: Wrong = lambda case: None) -> None:
        self.name = name
        self.wrong = wrong
        self.runs = 0

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        self.runs += len(batch)
        return [self.wrong(case) or Executed(interpret(case).arrays) for case in batch]


def multiplied(case: TestCase) -> Outcome | None:
    """Products are off by one."""
    return off(case) if any(isinstance(x, n.BinaryOp) and x.operator == "*" for x in walk(case.module)) else None


def added(case: TestCase) -> Outcome | None:
    """Sums are off by one."""
    return off(case) if any(isinstance(x, n.BinaryOp) and x.operator == "+" for x in walk(case.module)) else None


def off(case: TestCase) -> Outcome:
    return Executed({name: array + 1 for name, array in interpret(case).arrays.items()})


def failing(kind: str, message: str = "it failed") -> Wrong:
    return lambda case: Failed(kind, message)


def optimised(case: TestCase) -> Outcome | None:
    """Wrong only where it is optimised."""
    return off(case) if case.options.optimization_level == 2 else None


def a_case() -> TestCase:
    return case_of(
        kernel("a: wp.array[int], o: wp.array[int]", "o[0] = a[0] * 3 + a[1]\no[1] = a[1] + 4"), a=[2, 5], o=[0, 0]
    )


def shown(engine: Fake, case: TestCase) -> Judgement:
    [outcome] = engine.run([case])
    return judge(case, engine.name, outcome, interpret(case))


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Callable[[Fake, Fake], None]:
    """Take these for text and native execution."""

    def take(text: Fake, native: Fake) -> None:
        named: Mapping[str, Engine] = {"warp-text": text, "warp-cpu": native}
        monkeypatch.setattr(investigation, "engine_named", lambda name, kind="": named[name])
        monkeypatch.setattr(investigation, "share_symbol", lambda case: False)

    return take


Take = Callable[[Fake, Fake], None]


# Where it is reduced.


def test_what_the_text_shows_too_is_reduced_with_the_text(engines: Take) -> None:
    text, native = Fake("warp-text", multiplied), Fake("warp-cpu", multiplied)
    engines(text, native)
    case, judgement = a_case(), shown(native, a_case())
    native.runs = 0
    found = by_text(case, judgement, native, FOREVER)
    assert found is not None
    reduced, confirmed = found
    assert "*" in emit(reduced.module)
    assert "+" not in emit(reduced.module)
    assert (confirmed.verdict, confirmed.engine, confirmed.kind) == (Verdict.DISCREPANCY, "warp-cpu", "wrong_value")
    assert native.runs == 1
    assert text.runs > 10


def test_what_the_text_does_not_show_is_not_reduced_with_it(engines: Take) -> None:
    text, native = Fake("warp-text"), Fake("warp-cpu", multiplied)
    engines(text, native)
    assert by_text(a_case(), shown(native, a_case()), native, FOREVER) is None
    assert text.runs == 1


def test_what_native_execution_no_longer_shows_counts_for_nothing(engines: Take) -> None:
    def both(case: TestCase) -> Outcome | None:
        return multiplied(case) and added(case)

    native = Fake("warp-cpu", both)
    engines(Fake("warp-text", multiplied), native)
    assert by_text(a_case(), shown(native, a_case()), native, FOREVER) is None


def test_what_fails_otherwise_in_the_text_is_not_the_same(engines: Take) -> None:
    native = Fake("warp-cpu", multiplied)
    engines(Fake("warp-text", failing("hang")), native)
    assert by_text(a_case(), shown(native, a_case()), native, FOREVER) is None


@pytest.mark.parametrize(
    ("engine", "wrong"),
    [
        ("warp-cpu", failing("crash")),
        ("warp-cpu", failing("compile_error")),
        ("warp-text", multiplied),
        ("cuda", multiplied),
    ],
)
def test_only_wrong_values_of_native_execution_are_reduced_with_the_text(
    engine: str, wrong: Wrong, engines: Take
) -> None:
    text = Fake("warp-text", wrong)
    shows = Fake(engine, wrong)
    engines(text, shows)
    assert by_text(a_case(), shown(shows, a_case()), shows, FOREVER) is None
    assert text.runs == 0


def test_it_is_reduced_with_the_engine_that_shows_it() -> None:
    native = Fake("warp-cpu", added)
    case, judgement = by_engine(a_case(), shown(native, a_case()), native, FOREVER)
    assert "*" not in emit(case.module)
    assert "+" in emit(case.module)
    assert judgement.kind == "wrong_value"


def test_what_code_generation_refuses_is_reduced_without_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    message = 'Error while parsing function "k": x ;it is refused'
    native = Fake("warp-cpu", failing("compile_error", message))
    monkeypatch.setattr(investigation, "generated", lambda cases: [Failed("compile_error", message) for _ in cases])
    judgement = shown(native, a_case())
    native.runs = 0
    by_engine(a_case(), judgement, native, FOREVER)
    assert native.runs == 0


# Which layer departs first.


@pytest.mark.parametrize(("target", "layer"), [("cuda", "cuda_text"), ("cpu", "front_end")])
@pytest.mark.parametrize("engine", [None, Fake("warp-text")])
def test_the_layer_of_a_mismatch_of_targets_is_that_of_the_text_that_departs(
    engine: Fake | None, target: str, layer: str
) -> None:
    judgement = Judgement(Verdict.DISCREPANCY, "warp-text", "target_mismatch", target=target)
    assert layer_of(a_case(), judgement, engine) == layer


@pytest.mark.parametrize("engine", ["warp-text", "warp-cpu", "nvrtc"])
def test_the_layer_of_a_refusal_is_the_front_end(engine: str) -> None:
    judgement = Judgement(Verdict.DISCREPANCY, engine, "compile_error", 'Error while parsing function "k": x')
    assert layer_of(a_case(), judgement, Fake(engine)) == "front_end"


@pytest.mark.parametrize(
    ("engine", "layer"), [("warp-text", "front_end"), ("warp-cpu", "native"), ("nvrtc", "nvrtc"), ("cuda", "gpu")]
)
def test_without_an_engine_the_layer_is_that_of_what_showed_it(engine: str, layer: str) -> None:
    assert layer_of(a_case(), Judgement(Verdict.DISCREPANCY, engine, "wrong_value"), None) == layer


@pytest.mark.parametrize(("engine", "layer"), [("warp-text", "front_end"), ("nvrtc", "nvrtc"), ("cuda", "gpu")])
def test_nothing_is_run_for_the_layer_of_other_engines(engine: str, layer: str, engines: Take) -> None:
    text, native = Fake("warp-text", multiplied), Fake("warp-cpu", multiplied)
    engines(text, native)
    assert layer_of(a_case(), Judgement(Verdict.DISCREPANCY, engine, "wrong_value"), Fake(engine)) == layer
    assert text.runs == native.runs == 0


OPTIMISED = Options(optimization_level=2)


@pytest.mark.parametrize(
    ("text", "native", "options", "layer"),
    [
        (multiplied, multiplied, Options(), "front_end"),
        (multiplied, multiplied, OPTIMISED, "front_end"),
        (failing("hang"), multiplied, Options(), "front_end"),
        (lambda case: None, multiplied, Options(), "native"),
        (lambda case: None, multiplied, OPTIMISED, "native"),
        (lambda case: None, optimised, OPTIMISED, "optimiser"),
        (lambda case: Refused("not read: x", 3), multiplied, Options(), "front_end"),
        (lambda case: Refused("not read: x", 3), multiplied, OPTIMISED, "front_end"),
        (lambda case: Refused("not read: x", 3), optimised, OPTIMISED, "optimiser"),
        (lambda case: None, failing("compile_error"), OPTIMISED, "native"),
    ],
)
def test_the_layer_is_the_first_that_departs(
    text: Wrong, native: Wrong, options: Options, layer: str, engines: Take
) -> None:
    engine = Fake("warp-cpu", native)
    engines(Fake("warp-text", text), engine)
    case = replace(a_case(), options=options)
    assert layer_of(case, shown(engine, case), engine) == layer


# Kernels that are taken for one.

TWO = """import warp as wp


def make(s0):
    @wp.kernel
    def k(a: wp.array[int], o: wp.array[int]):
        o[0] = a[0] * s0

    return k


k1 = make(3)
k2 = make(4)
"""


def two(*launches: str) -> TestCase:
    return case_of(parse(TWO), 1, *launches, a=[2], o=[0])


def together(case: TestCase) -> Outcome | None:
    """Wrong where kernels stand in one module."""
    return off(case) if len(check(case.module).kernels) > 1 else None


@pytest.mark.parametrize(
    ("shared", "wrong", "layer"),
    [
        (True, together, "cache"),
        (False, together, "front_end"),
        (True, multiplied, "front_end"),
        (True, failing("compile_error"), "front_end"),
    ],
)
@pytest.mark.parametrize("name", ["warp-text", "warp-cpu"])
def test_kernels_of_one_symbol_that_are_right_apart_are_put_down_to_the_cache(
    name: str, shared: bool, wrong: Wrong, layer: str, engines: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Fake(name, wrong)
    engines(Fake("warp-text", wrong), engine)
    monkeypatch.setattr(investigation, "share_symbol", lambda case: shared)
    case = two("k1", "k2")
    assert layer_of(case, shown(engine, case), engine) == layer


def test_each_launch_stands_apart_on_what_was_left_before_it() -> None:
    source = TWO.replace("a[0] * s0", "o[0] * s0 + a[0]")
    found = list(apart(case_of(parse(source), 1, "k1", "k2", "k1", a=[2], o=[1])))
    assert [[launch.kernel for launch in lone.launches] for lone in found] == [["k1"], ["k2"], ["k1"]]
    assert [list(check(lone.module).kernels) for lone in found] == [["k1"], ["k2"], ["k1"]]
    assert [[(b.name, b.data.tolist()) for b in lone.buffers] for lone in found] == [
        [("a", [2]), ("o", [1])],
        [("a", [2]), ("o", [5])],
        [("a", [2]), ("o", [22])],
    ]


@pytest.mark.warp
def test_only_kernels_of_equal_constants_share_a_symbol() -> None:
    assert not share_symbol(two("k1", "k2"))
    assert share_symbol(case_of(parse(TWO.replace("make(4)", "make(3)")), 1, "k1", "k2", a=[2], o=[0]))


@pytest.mark.warp
def test_a_hash_that_does_not_see_a_constant_is_found_in_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    from warp._src.context import ModuleHasher

    monkeypatch.setattr(ModuleHasher, "get_constant_bytes", lambda self, value: b"")
    case = case_of(parse(TWO.replace("o[0] =", "o[s0 - 3] =")), 1, "k1", "k2", a=[2], o=[0, 0])
    text = investigation.engine_named("warp-text")
    judgement = investigation.judged_alone(text, case)
    assert (judgement.verdict, judgement.kind) == (Verdict.DISCREPANCY, "wrong_value")
    assert layer_of(case, judgement, text) == "cache"


# How sure it is.


@pytest.fixture
def compiler(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Say whether native execution works here."""

    def works(answer: bool) -> None:
        class Native:
            @staticmethod
            def available() -> tuple[bool, str]:
                return answer, "said so"

        monkeypatch.setattr(investigation, "engine_types", lambda: {"warp-cpu": Native})

    return works


@pytest.mark.parametrize("engine", ["warp-cpu", "nvrtc", "cuda"])
def test_what_was_compiled_has_recurred(engine: str, engines: Take) -> None:
    engines(Fake("warp-text"), Fake("warp-cpu"))
    judgement = Judgement(Verdict.DISCREPANCY, engine, "wrong_value")
    assert evidence_for(a_case(), judgement) == ("recurred alone in a fresh process", False)


def test_it_is_said_that_the_text_was_not_read(engines: Take) -> None:
    engines(Fake("warp-text", lambda case: Refused("not read: the statement if (true) {", 3)), Fake("warp-cpu"))
    judgement = Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value")
    assert evidence_for(a_case(), judgement) == (
        "recurred alone in a fresh process; the text that Warp emits was not executed, since not all of it is known of "
        "this version: not read: the statement if (true) {, at line 3 of the text",
        False,
    )


@pytest.mark.parametrize(
    ("native", "evidence", "alone"),
    [
        (lambda case: None, "agrees with the reference", True),
        (lambda case: Refused("no tiles"), "says nothing", True),
        (multiplied, "departs too", False),
        (failing("compile_error"), "departs too", False),
    ],
)
def test_what_the_text_shows_is_run_natively(
    native: Wrong, evidence: str, alone: bool, engines: Take, compiler: Callable[[bool], None]
) -> None:
    compiler(True)
    engines(Fake("warp-text", multiplied), Fake("warp-cpu", native))
    judgement = Judgement(Verdict.DISCREPANCY, "warp-text", "wrong_value")
    assert evidence_for(a_case(), judgement) == (
        f"recurred alone in a fresh process, in the text that Warp emits; native execution {evidence}",
        alone,
    )


def test_what_code_generation_refuses_is_not_in_the_text(engines: Take, compiler: Callable[[bool], None]) -> None:
    compiler(True)
    engines(Fake("warp-text"), Fake("warp-cpu"))
    _, alone = evidence_for(a_case(), Judgement(Verdict.DISCREPANCY, "warp-text", "compile_error"))
    assert not alone


def test_for_a_mismatch_of_targets_nothing_is_executed(engines: Take) -> None:
    native = Fake("warp-cpu")
    engines(Fake("warp-text"), native)
    judgement = Judgement(Verdict.DISCREPANCY, "warp-text", "target_mismatch", "line 1")
    assert evidence_for(a_case(), judgement) == (
        "recurred alone in a fresh process, in the texts that Warp emits for cpu and cuda; neither was executed",
        False,
    )
    assert native.runs == 0


def test_without_native_execution_the_text_stands_alone(engines: Take, compiler: Callable[[bool], None]) -> None:
    compiler(False)
    native = Fake("warp-cpu")
    engines(Fake("warp-text", multiplied), native)
    judgement = Judgement(Verdict.DISCREPANCY, "warp-text", "wrong_value")
    assert evidence_for(a_case(), judgement) == (
        "recurred alone in a fresh process, in the text that Warp emits; native execution is not possible here",
        True,
    )
    assert native.runs == 0


# The whole of it.


def order(judgement: Judgement, case: TestCase) -> Investigation:
    return Investigation(Discrepancy(case, judgement), 60.0)


def test_a_discrepancy_of_both_becomes_a_finding_of_the_front_end(engines: Take) -> None:
    native = Fake("warp-cpu", multiplied)
    engines(Fake("warp-text", multiplied), native)
    found = investigate(order(shown(native, a_case()), a_case()))
    assert (found.engine, found.signature.kind, found.signature.layer) == ("warp-cpu", "wrong_value", "front_end")
    assert found.evidence == "recurred alone in a fresh process"
    assert "+" not in emit(found.case.module)
    assert check(found.case.module).kernels


@pytest.fixture
def quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quote the message in place of the text, which is not made here."""
    monkeypatch.setattr(
        investigation, "within_text", lambda case, judgement: TextExcerpt((judgement.message,), f"{judgement.line}")
    )


@pytest.mark.usefixtures("quoted")
def test_a_discrepancy_of_the_text_alone_quotes_the_text(engines: Take, compiler: Callable[[bool], None]) -> None:
    compiler(True)
    text = Fake("warp-text", lambda case: Failed("uninitialised_read", "it has no value", 7))
    native = Fake("warp-cpu")
    engines(text, native)
    found = investigate(order(shown(text, a_case()), a_case()))
    assert found.excerpt == TextExcerpt(("it has no value",), "7")
    assert found.message == "it has no value, at line 7 of the text"
    native.wrong = off
    assert investigate(order(shown(text, a_case()), a_case())).excerpt is None


@pytest.mark.usefixtures("quoted")
def test_a_discrepancy_of_the_text_alone_says_so(engines: Take, compiler: Callable[[bool], None]) -> None:
    compiler(True)
    text = Fake("warp-text", multiplied)
    engines(text, Fake("warp-cpu"))
    found = investigate(order(shown(text, a_case()), a_case()))
    assert (found.engine, found.signature.layer) == ("warp-text", "front_end")
    assert found.evidence.endswith("native execution agrees with the reference")


def test_what_does_not_recur_is_kept_as_it_was(engines: Take) -> None:
    engines(Fake("warp-text"), Fake("warp-cpu"))
    found = investigate(order(shown(Fake("warp-text", multiplied), a_case()), a_case()))
    assert (found.signature.kind, found.evidence) == ("nondeterministic", SEEN_ONCE)
    assert found.case.module == a_case().module


def test_what_was_not_looked_into_is_named_by_what_showed_it() -> None:
    found = unreduced(Discrepancy(a_case(), shown(Fake("warp-text", multiplied), a_case())), "cut short")
    assert (found.signature.layer, found.evidence) == ("front_end", "cut short")


# Engines by name.


@pytest.mark.parametrize("kind", ["crash", "hang", "wrong_value", ""])
def test_the_text_runs_in_this_process_whatever_it_shows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {"warp-text": lambda: Fake("warp-text")}
    monkeypatch.setattr(investigation, "engine_types", lambda: made)
    assert isinstance(investigation.engine_named("warp-text", kind), Fake)


@pytest.mark.parametrize(("kind", "isolated"), [("crash", True), ("hang", True), ("wrong_value", False)])
def test_what_is_deadly_runs_in_children(kind: str, isolated: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {"warp-cpu": lambda: Fake("warp-cpu")}
    monkeypatch.setattr(investigation, "engine_types", lambda: made)
    assert isinstance(investigation.engine_named("warp-cpu", kind), Isolated) is isolated


# Words of a message, which name a bucket and are to stay while a case shrinks.


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            "line 66 of the C++ text of 'k_6b0a2715_cpu_kernel_forward' says 'var_2 = wp::sub(var_0, var_1);', "
            "line 59 of the CUDA text 'var_2 = wp::sub(var_1, var_0);'",
            "line of the ++ text of says , line of the CUDA text",
        ),
        ("'k_6b0a2715' has one target backward", "has one target backward"),
        ("index 3 of 3 elements, at line 57 of the text", "index of elements, at line of the text"),
        (
            "a variable is used that has no value yet, at line 5 of the text",
            "variable is used that has no value yet, at line of the text",
        ),
        ("more than 200000 rounds of loops, at line 41 of the text", "more than rounds of loops, at line of the text"),
    ],
)
def test_the_words_of_a_message_do_not_depend_on_the_case(message: str, words: str) -> None:
    assert words_of(message) == words[:60]
    other = message.replace("6b0a2715", "00cc11dd").replace("var_", "var_p").replace("57", "1234")
    assert words_of(other) == words_of(message)
