"""What is true of an engine, whoever asks: the frozen record that everything but the engine itself reads."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

Device = Literal["cpu", "cuda"]


@dataclass(frozen=True, kw_only=True)
class EngineFacts:
    """The facts of one engine.

    Attributes:
        name: What ``--engines``, judgements and reports call it.
        implementation: Where its class is found, as ``module:class``; only that imports Warp.
        layer: The layer of Warp that a departure names, unless more is known of it.
        devices: Whose code it judges.
        runs_on: What Warp calls the device that a reproducer launches on.
        architecture: The CUDA architecture that it compiles for, where it compiles and runs nothing; else None.
        exact: Whether it gives operations the reference's own meaning, so that no operation can depart: every bit is
            compared, unless an operation is there that Warp itself writes as a kernel function.
        ordered: Whether threads run in launch order, so that values returned by atomics can be compared.
        shows: The layers whose defects it shows; empty for all.
        uncompiled: The engine that executes the same code before it is compiled, many times as fast; "" for none.
        deep_share: Of the deep batches that the uncompiled code is executed of, it runs one in so many; of the others
            what that cannot decide.
        share: It runs one batch in so many, if it is not the only engine.
        in_children: Whether it can run in a child of a worker, after something has taken a worker down.
        times: The keys of its time in a summary.
    """

    name: str
    implementation: str
    layer: str
    devices: tuple[Device, ...]
    runs_on: str = "cpu"
    architecture: int | None = None
    exact: bool = False
    ordered: bool = False
    shows: frozenset[str] = frozenset()
    uncompiled: str = ""
    deep_share: int = 1
    share: int = 1
    in_children: bool = True
    times: tuple[str, ...]

    @property
    def executes(self) -> bool:
        """Whether it executes what it judges, and does not only compile it."""
        return self.architecture is None

    def load(self) -> Any:
        """Import its class."""
        module, _, name = self.implementation.partition(":")
        return getattr(import_module(module), name)
