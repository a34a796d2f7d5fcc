"""The engines by their facts, the cheapest first: one file and one line here for each.

Nothing here imports Warp; :func:`engine_types` does, when it is called.
"""

from __future__ import annotations

from typing import Any

from oracle.engines import cuda, nvrtc, warp_cpu, warp_text
from oracle.engines.facts import Device, EngineFacts

__all__ = [
    "ENGINES",
    "Device",
    "EngineFacts",
    "compiled_by",
    "engine_types",
    "engines_available",
    "engines_of",
    "facts_of",
]

ENGINES: tuple[EngineFacts, ...] = (
    warp_text.FACTS,
    warp_cpu.FACTS,
    nvrtc.FACTS,
    cuda.FACTS,
)


def facts_of(name: str) -> EngineFacts:
    """The facts of the engine of that name; raises KeyError where there is none."""
    return {facts.name: facts for facts in ENGINES}[name]


def engines_of(device: Device) -> tuple[EngineFacts, ...]:
    """List the engines that judge the code for a device."""
    return tuple(facts for facts in ENGINES if device in facts.devices)


def compiled_by(name: str) -> EngineFacts | None:
    """Find the engine that executes, compiled, what another one executes before that; None where there is none."""
    return next((facts for facts in ENGINES if facts.uncompiled == name), None)


def engine_types() -> dict[str, Any]:
    """Import the classes of the engines, by name."""
    return {facts.name: facts.load() for facts in ENGINES}


def engines_available() -> dict[str, tuple[bool, str]]:
    """Say for each engine, by name, whether it works in this process, and why or why not.

    Call it where :func:`oracle.warp.session.start` was called.
    """
    return {name: engine.available() for name, engine in engine_types().items()}
