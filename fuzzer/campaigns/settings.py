"""The settings of a hunt: what its flags say, in one frozen record, and the names that flags may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grammar.errors import UserError, unknown_name
from oracle.engines import ENGINES

DEVICES = ("cpu", "cuda", "both")

USUAL_ENGINE = "warp-cpu"
"""What runs a test case that no engine is known to have failed on."""


def engine_names(device: str) -> tuple[str, ...]:
    """Name the engines for one of DEVICES, the cheapest first."""
    return tuple(facts.name for facts in ENGINES if device == "both" or device in facts.devices)


SCOPES = ("full", "kernel")
"""How much of the generated code a record of the corpus has: the whole text, or the two functions of the kernel."""

NATIVE = ("all", "share", "none")
"""Which kernels of an export are run natively too: all, a share and what the text does not decide, or none."""

FORMATS = {"jsonl": ".jsonl.zst", "parquet": ".parquet"}
"""The formats of a dataset, and how its files end."""

CATEGORIES = (
    "arithmetic",
    "vector",
    "matrix",
    "control_flow",
    "loops",
    "nested_loop",
    "multi_conditional",
    "math",
    "atomic",
    "scalar_param",
    "combined",
)


def checked_count(kernels: int) -> int:
    """Return a number of kernels as it is; raises UserError where it is negative."""
    if kernels < 0:
        raise UserError(f"a number of kernels cannot be negative, and {kernels} is")
    return kernels


def checked_categories(categories: str | Sequence[str]) -> tuple[str, ...]:
    """Return categories, or a single one, as they are; raises UserError where there is none, or an unknown one."""
    names = (categories,) if isinstance(categories, str) else tuple(categories)
    if not names:
        raise UserError(f"name at least one category: {', '.join(CATEGORIES)}")
    for name in names:
        if name not in CATEGORIES:
            raise unknown_name("category", name, CATEGORIES)
    return names


INTERRUPTED = 130
"""Exit code after an interrupt: 128 and the number of SIGINT, as shells have it."""

CAMPAIGNS = Path("campaigns")
"""The folder of all campaigns, in the working folder."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One hunt, as asked for.

    Attributes:
        seconds: How long to hunt, wall time.
        seed: Kernel ``i`` is a function of the seed, ``i``, the grammar and these settings.
        workers: How many processes run Warp.
        device: One of DEVICES: whose code is judged.
        engines: Names of the engines to use; empty for all that work here.
        only: Categories, productions and groups of operations to stay with; empty for all.
        weights: A TOML file with weights of productions and operations.
        grammar: A copy of the grammar to use instead of the package's own.
        out: The campaign's folder; None for a new one under ``campaigns``.
        resume: The folder of a campaign to continue, whose own seed and settings then hold, but for ``seconds``.
        json: Print the summary as one JSON document, and nothing else, on standard output.
    """

    seconds: float
    seed: int
    workers: int
    device: str = "both"
    engines: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    weights: Path | None = None
    grammar: Path | None = None
    out: Path | None = None
    resume: Path | None = None
    json: bool = False
