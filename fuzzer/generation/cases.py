"""Test case i of a hunt: a pure function of seed, index, grammar and settings.

Deep kernels are drawn under a swarm profile and repaired until they are defined. A draft that cannot be repaired is
discarded and the next draft of the same index is tried, so that every index has a test case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.generation import rules  # noqa: F401  # importing registers the typing rules
from fuzzer.generation.choices import Choices
from fuzzer.generation.drafts import draft_case
from fuzzer.generation.driver import DeadEnd, Generator
from fuzzer.generation.liveliness import enlivened
from fuzzer.generation.profiles import Weights, draw_profile, own_weights
from fuzzer.generation.repair import Defined, Discarded, make_accepted, make_defined
from grammar import language as own_language
from grammar.check import Typing
from grammar.errors import UserError
from grammar.language import Language
from oracle.records import Provenance, TestCase

T = TypeVar("T")

MAX_DRAFTS = 20
"""Drafts of one index before generation gives up: far beyond what a sound grammar needs."""


@dataclass(frozen=True)
class Recipe:
    """What all test cases of a hunt share: the grammar, the weights, the categories, and what ``--only`` keeps."""

    language: Language = field(default_factory=own_language)
    weights: Weights = field(default_factory=own_weights)
    categories: tuple[str, ...] = CATEGORIES
    only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Generated:
    """A defined test case, and how many drafts of it were discarded before, by reason."""

    defined: Defined
    discarded: tuple[str, ...]


def deep_case(seed: int, index: int, recipe: Recipe) -> Generated:
    """Generate the deep test case of an index.

    Raises:
        UserError: The grammar or the settings leave nothing that could be generated.
    """
    return Generated(*_first(drawn_case, seed, index, recipe))


def accepted_case(seed: int, index: int, recipe: Recipe) -> tuple[TestCase, Typing]:
    """Generate a test case that Warp takes, as far as is known, in a third of the time: nothing has been interpreted.

    So what it computes may be undefined, and parts of it may do nothing.

    Raises:
        UserError: The grammar or the settings leave nothing that could be generated.
    """

    def made(choices: Choices, provenance: Provenance, recipe: Recipe) -> tuple[TestCase, Typing]:
        return make_accepted(_draft(choices, provenance, recipe), choices, recipe.language)

    return _first(made, seed, index, recipe)[0]


def _first(
    make: Callable[[Choices, Provenance, Recipe], T], seed: int, index: int, recipe: Recipe
) -> tuple[T, tuple[str, ...]]:
    """Return what is made of the first draft of an index that can be used, and why those before could not."""
    discarded: list[str] = []
    for draft in range(MAX_DRAFTS):
        try:
            made = make(Choices.seeded(seed, index, draft), Provenance(seed, index, ""), recipe)
            return made, tuple(discarded)
        except (DeadEnd, Discarded) as reason:
            discarded.append(str(reason))
    raise UserError(f"the grammar and settings leave no kernel that could be generated: {discarded[-1]}")


def drawn_case(choices: Choices, provenance: Provenance, recipe: Recipe) -> Defined:
    """Draw one test case from choices and make it defined.

    Raises:
        DeadEnd: The draft met a hole that nothing fits.
        Discarded: The draft could not be repaired.
    """
    case = _draft(choices, provenance, recipe)
    return enlivened(make_defined(case, choices, recipe.language), choices, recipe.language)


def _draft(choices: Choices, provenance: Provenance, recipe: Recipe) -> TestCase:
    category = choices.pick(recipe.categories)
    profile = draw_profile(choices, recipe.weights, category, recipe.only)
    generator = Generator(recipe.language, choices, profile)
    return draft_case(generator, Provenance(provenance.seed, provenance.index, category))
