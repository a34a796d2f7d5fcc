"""Which engines run which test cases of a batch, and which of their judgements need a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fuzzer.campaigns.schedule import Order, sweep_of, sweep_start
from oracle.engines import ENGINES, EngineFacts, facts_of
from oracle.records import Judgement, Verdict


def has_turn(engine: EngineFacts, order: Order) -> bool:
    """Say whether an engine runs anything of a batch; one that is alone runs all."""
    return order.settings.engines == (engine.name,) or order.batch % engine.share == engine.share // 2


def takes_all(engine: EngineFacts, order: Order) -> bool:
    """Say whether an engine runs all of a batch: it may leave most deep batches to the engine that compiles nothing.

    It runs the sweeps, since there what is compiled is what is tested, and a share of the others.
    """
    if engine.uncompiled not in order.settings.engines or order.batch % engine.deep_share == 0:
        return True
    return sweep_start(order.batch, len(sweep_of(order.settings))) is not None


def doubtful(judgements: Mapping[int, list[Judgement]]) -> list[int]:
    """Return the positions that native execution has to decide: what the text departs on, and what it cannot tell."""
    clear = (Verdict.AGREE, Verdict.KNOWN)
    return [position for position, several in judgements.items() if any(j.verdict not in clear for j in several)]


def settled(several: list[Judgement]) -> list[Judgement]:
    """Take a text for ill typed only if a compiler refuses it for a reason that is not known: else it was not read."""
    if any(j.verdict is Verdict.DISCREPANCY and j.kind == "compile_error" for j in several):
        return several
    return [replace(j, verdict=Verdict.UNSUPPORTED, kind="") if j.kind == "ill_typed_text" else j for j in several]


def to_look_into(several: list[Judgement]) -> list[Judgement]:
    """Return the discrepancies of a test case that need a person: one for what text and native execution both show.

    Native execution knows nothing of the CUDA text: what is wrong there is another defect.
    """
    found = {judgement.engine: judgement for judgement in several if judgement.verdict is Verdict.DISCREPANCY}
    for compiled in list(filter(found.__contains__, (facts.name for facts in ENGINES))):
        uncompiled = facts_of(compiled).uncompiled
        if uncompiled in found and found[uncompiled].target != "cuda":
            del found[compiled if found[uncompiled].kind == "ill_typed_text" else uncompiled]
    return list(found.values())
