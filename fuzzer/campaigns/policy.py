"""Which engines run which test cases of a batch, and which of their judgements need a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fuzzer.campaigns.schedule import Order, sweep_of, sweep_start
from oracle.records import Judgement, Verdict

NATIVE_SHARE = 4
"""Every so many deep batches are run natively too, where the text is executed: that costs several times as much."""

NVRTC_SHARE = 7
"""Every so many batches are compiled for CUDA too, where that engine is used: it costs as much as native execution.

No multiple of 3, so that deep batches and those of the sweep are compiled alike.
"""


def has_turn(engine: str, order: Order) -> bool:
    """Say whether an engine runs anything of a batch; one that is alone runs all."""
    return engine != "nvrtc" or order.settings.engines == ("nvrtc",) or order.batch % NVRTC_SHARE == NVRTC_SHARE // 2


def takes_all(engine: str, order: Order) -> bool:
    """Say whether an engine runs all of a batch: native execution leaves most deep batches to the text alone.

    It runs the sweeps, since there the native library is what is tested, and a share of the others.
    """
    if engine != "warp-cpu" or "warp-text" not in order.settings.engines or order.batch % NATIVE_SHARE == 0:
        return True
    return sweep_start(order.batch, len(sweep_of(order.settings))) is not None


def doubtful(judgements: Mapping[int, list[Judgement]]) -> list[int]:
    """Give the positions that native execution has to decide: what the text departs on, and what it cannot tell."""
    clear = (Verdict.AGREE, Verdict.KNOWN)
    return [position for position, several in judgements.items() if any(j.verdict not in clear for j in several)]


def settled(several: list[Judgement]) -> list[Judgement]:
    """Take a text for ill typed only if a compiler refuses it for a reason that is not known: else it was not read."""
    if any(j.verdict is Verdict.DISCREPANCY and j.kind == "compile_error" for j in several):
        return several
    return [replace(j, verdict=Verdict.UNSUPPORTED, kind="") if j.kind == "ill_typed_text" else j for j in several]


def to_look_into(several: list[Judgement]) -> list[Judgement]:
    """Give the discrepancies of a test case that need a person: one for what text and native execution both show.

    Native execution knows nothing of the CUDA text: what is wrong there is another defect.
    """
    found = {judgement.engine: judgement for judgement in several if judgement.verdict is Verdict.DISCREPANCY}
    text, native = found.get("warp-text"), found.get("warp-cpu")
    if text and native and text.target != "cuda":
        del found["warp-cpu" if text.kind == "ill_typed_text" else "warp-text"]
    return list(found.values())
