"""What each batch of a campaign is: deep kernels or the next items of the sweep, its options, and its time limit.

Batch ``b`` is a pure function of the seed, ``b``, the grammar and the settings. Options are drawn per batch, so that
one module holds test cases of equal options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from fuzzer.generation.cases import Recipe
from fuzzer.generation.choices import Choices
from fuzzer.generation.profiles import load_weights
from fuzzer.generation.sweep import sweep_order
from fuzzer.campaigns.settings import CATEGORIES, Settings
from grammar.errors import UserError
from grammar.language import load
from oracle.records import Failed, Options

BATCH = 40
"""Test cases per module: compiling kernels together costs a fraction of compiling them one by one."""

#: Option sets and how often a batch is compiled with them. O0 without fusing is the cheapest, and exact; the others are
#: ways users compile, and take up to ten times as long. Each set costs a worker a precompiled header once, so there are
#: few.
OPTIONS: tuple[tuple[Options, int], ...] = (
    (Options(), 84),
    (Options(fuse_fp=True, optimization_level=None), 4),
    (Options(optimization_level=2), 4),
    (Options(max_unroll=4), 4),
    (Options(mode="debug"), 4),
)

BATCH_SECONDS = 90.0
"""Time limit of a batch that is compiled without optimising: about five times what it takes on a busy machine."""

OPTIMISED_SECONDS = 300.0
"""Time limit of a batch that is optimised."""

ISOLATED_SECONDS = 600.0
"""Time limit of a batch that is run again in children: it may be compiled some times over."""


@dataclass(frozen=True)
class Order:
    """A batch to be hunted; ``isolated`` after something took its process down: then engines run in children.

    The GPU cannot be used in a child; ``failed`` says which kernels took a process down there, and how.
    """

    settings: Settings
    batch: int
    failed: Mapping[int, Failed]
    isolated: bool = False


@cache
def recipe_of(settings: Settings) -> Recipe:
    """Load grammar and weights as the settings say.

    Raises:
        UserError: A file cannot be read, or says something that is not ours.
    """
    try:
        text = settings.grammar.read_text(encoding="utf-8") if settings.grammar else None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the grammar {settings.grammar} cannot be read: {error}") from error
    categories = tuple(c for c in CATEGORIES if c in settings.only) or CATEGORIES
    only = frozenset(settings.only) - set(CATEGORIES)
    return Recipe(load(text), load_weights(settings.weights), categories, only)


@cache
def sweep_of(settings: Settings) -> tuple[str, ...]:
    """Return the items of the sweep in the order of their turns."""
    return tuple(sweep_order(settings.seed, recipe_of(settings)))


def sweep_start(batch: int, items: int) -> int | None:
    """Return the position in the sweep that a batch starts at; None for a batch of deep kernels.

    Two of three batches sweep until every item had its turn, so that a short hunt meets each operation; from then on
    one of three does, with other values each time round.
    """
    if not items:
        return None
    third, turn = divmod(batch, 3)
    swept = (2 * third + max(turn - 1, 0)) * BATCH
    if swept < items:
        return swept if turn else None
    return None if turn else third * BATCH


def batch_options(seed: int, batch: int) -> Options:
    """Draw the options of a batch."""
    return Choices.seeded(seed, "options", batch).weighted([o for o, _ in OPTIONS], [w for _, w in OPTIONS])


def time_limit(order: Order) -> float:
    """Return the seconds after which a batch counts as hanging."""
    if order.isolated:
        return ISOLATED_SECONDS
    return (
        OPTIMISED_SECONDS if batch_options(order.settings.seed, order.batch).optimization_level != 0 else BATCH_SECONDS
    )
