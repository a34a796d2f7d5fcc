"""An engine that stands for one that is added: its facts, its class, and its line in the registry.

Run as a module it goes through a hunt: it gives every output one more than it is, and each room takes it as it is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

import oracle.engines
from oracle.engines import EngineFacts
from oracle.records import Executed, Outcome, TestCase
from oracle.reference import interpret

FACTS = EngineFacts(
    name="stand-in",
    implementation="tests.fuzzer.stand_in:StandIn",
    layer="optimiser",
    devices=("cpu",),
    ordered=True,
    times=("standing",),
)


class StandIn:
    """It executes what the reference executes, and adds one to every number."""

    name = FACTS.name

    def __init__(self, mark: Callable[[int | None], None]) -> None:
        self.seconds: dict[str, float] = {FACTS.times[0]: 0.0}

    @staticmethod
    def available() -> tuple[bool, str]:
        return True, "it needs nothing"

    def unsupported(self, case: TestCase) -> str | None:
        return None

    def run(self, batch: Sequence[TestCase]) -> list[Outcome]:
        self.seconds[FACTS.times[0]] += 2.0
        return [Executed({name: _more(array) for name, array in interpret(case).arrays.items()}) for case in batch]


def _more(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return ~array if array.dtype == np.bool_ else (array + array.dtype.type(1)).astype(array.dtype)


def hunt(folder: Path) -> None:
    """Hunt one batch with the engine alone, record it, and print the report and a reproducer of what it found."""
    from fuzzer.campaigns.hunting import hunt_batch
    from fuzzer.campaigns.investigation import unreduced
    from fuzzer.campaigns.schedule import Order
    from fuzzer.campaigns.settings import Settings, engine_names
    from reports.reproducer import reproducer_text
    from reports.store import Store
    from reports.summary import summary_document
    from reports.terminal import render_report

    assert FACTS.name in engine_names("cpu")
    settings = Settings(seconds=1.0, seed=1, workers=1, engines=(FACTS.name,))
    record = hunt_batch(Order(settings, 0, {})).record
    finding = unreduced(record.discrepancies[0], "seen once")
    with Store.create(folder, 1, {"warp": "none"}, {"engines": [FACTS.name]}, {}) as store:
        store.record_batch(record)
        store.record_finding(finding, 1.0)
        summary = summary_document(store)
    render_report(folder, Console(width=100), verbose=True)
    said = {
        "layer": finding.signature.layer,
        "kernels": summary["engines"]["stand-in"],
        "share": summary["time_share"]["standing"],
        "reproducer": "def repro_main" in reproducer_text(finding),
    }
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    oracle.engines.ENGINES = (*oracle.engines.ENGINES, FACTS)
    with np.errstate(all="ignore"):
        hunt(Path(sys.argv[1]))
