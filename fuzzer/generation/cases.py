"""Test case i of a hunt: a pure function of seed, index, grammar and settings.

Deep kernels are drawn under a swarm profile and repaired until they are defined. A draft that cannot be repaired is
discarded and the next draft of the same index is tried, so that every index has a test case.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fuzzer.generation import rules  # noqa: F401  # importing registers the typing rules
from fuzzer.generation.choices import Choices
from fuzzer.generation.driver import DeadEnd, Generator
from fuzzer.generation.liveliness import enlivened
from fuzzer.generation.modules import draft_case
from fuzzer.generation.profiles import Weights, draw_profile, own_weights
from fuzzer.generation.repair import Defined, Discarded, make_defined
from fuzzer.settings import CATEGORIES
from grammar import language as own_language
from grammar.errors import UserError
from grammar.productions import Language
from oracle.records import Provenance

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
    discarded: list[str] = []
    for draft in range(MAX_DRAFTS):
        choices = Choices.seeded(seed, index, draft)
        try:
            return Generated(drawn_case(choices, Provenance(seed, index, ""), recipe), tuple(discarded))
        except (DeadEnd, Discarded) as reason:
            discarded.append(str(reason))
    raise UserError(f"the grammar and settings leave no kernel that could be generated: {discarded[-1]}")


def drawn_case(choices: Choices, provenance: Provenance, recipe: Recipe) -> Defined:
    """Draw one test case from choices and make it defined.

    Raises:
        DeadEnd: The draft met a hole that nothing fits.
        Discarded: The draft could not be repaired.
    """
    category = choices.pick(recipe.categories)
    profile = draw_profile(choices, recipe.weights, category, recipe.only)
    generator = Generator(recipe.language, choices, profile)
    case = draft_case(generator, Provenance(provenance.seed, provenance.index, category))
    return enlivened(make_defined(case, choices, recipe.language), choices, recipe.language)
