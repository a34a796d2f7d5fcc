"""What worker processes are asked to make records of: some kernels of a seed, or some of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fuzzer.corpus.recording import Scope
from fuzzer.generation.cases import Recipe
from reports.batch_records import KernelRecord
from reports.corpus.corpus_records import Device

Native = Literal["all", "share", "none"]
"""One of ``fuzzer.campaigns.settings.NATIVE``."""


def devices_of(device: str) -> tuple[Device, ...]:
    """Return the devices that a flag names: ``cpu``, ``cuda`` or ``both``."""
    return tuple(name for name in get_args(Device) if device in (name, "both"))


@dataclass(frozen=True)
class Form:
    """What becomes of a kernel: a record for each device, with so much of the generated code, verified so far."""

    devices: tuple[Device, ...]
    scope: Scope = "full"
    native: Native = "share"


@dataclass(frozen=True)
class Order:
    """Kernels of a seed, from index ``first`` up to ``stop``; the categories take turns.

    After something took a process down, what is native runs ``isolated``, in children.
    """

    seed: int
    categories: tuple[str, ...]
    first: int
    stop: int
    form: Form
    isolated: bool = False

    def recipe(self, index: int) -> Recipe:
        """Return the recipe of a kernel: all of the language, in the category whose turn it is."""
        return Recipe(categories=(self.categories[index % len(self.categories)],))


@dataclass(frozen=True)
class StoredOrder:
    """Kernels of a campaign, as its store has them."""

    kernels: tuple[KernelRecord, ...]
    form: Form
    isolated: bool = False


AnyOrder = Order | StoredOrder
