"""Swarm profiles: each kernel draws its own subset of features, so that rare ones are not crowded out.

A profile is the weights of one kernel: productions and operations that it may use, and the palette of types it is
about. Weights come from ``weights.toml`` (or a person's file of the same shape); a category multiplies some of them,
and the swarm switches a random part off. ``--only`` keeps what it names and what nothing can do without.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.generation.choices import Choices
from grammar.errors import UserError, unknown_name
from grammar.nodes import NODES
from grammar.ops.record import TABLE
from grammar.productions import PRODUCTIONS
from grammar.types import BOOL, FLOAT32, FLOAT64, INT32, SCALARS, Matrix, Quaternion, Scalar, Type, Vector

ESSENTIAL = frozenset(name for name, facts in PRODUCTIONS.items() if facts.essential)
"""Productions that no kernel can do without; a swarm never switches them off."""

#: Operations that a swarm never switches off: without them a kernel would mostly forget what it computed.
KEEPING = frozenset(op.name for op in TABLE.values() if op.keeps)

#: The weight of an operation that ``weights.toml`` does not name.
USUAL = 4

#: Statements that are drawn for the body of a kernel, from and to, and how often: most kernels are short, as most that
#: people write are, so that a second has more of them.
SIZES = {(2, 4): 9, (5, 14): 1}

#: Chance that the swarm switches off a production, or an operation (percent).
OFF_PRODUCTION = 20
OFF_OPERATION = 35


@dataclass(frozen=True)
class Weights:
    """A file of weights: per production, per Op (by name), and the categories."""

    productions: Mapping[str, int]
    operations: Mapping[str, int]
    categories: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Profile:
    """What one kernel is made of."""

    category: str
    palette: tuple[Type, ...]
    productions: Mapping[str, int]
    operations: Mapping[str, int]
    statements: int
    depth: int
    wild: bool
    """Whether inputs hold infinities, NaN and extreme values."""


@cache
def own_weights() -> Weights:
    """The project's own weights."""
    return read_weights(
        (resources.files("fuzzer.generation") / "weights.toml").read_text(encoding="utf-8"), "weights.toml"
    )


def load_weights(path: Path | None) -> Weights:
    """Read a person's weights over the project's own.

    Raises:
        UserError: The file cannot be read, or names something unknown.
    """
    if path is None:
        return own_weights()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the weights {path} cannot be read: {error}") from error
    given, own = read_weights(text, str(path)), own_weights()
    return Weights(
        {**own.productions, **given.productions},
        {**own.operations, **given.operations},
        {name: {**facts, **given.categories.get(name, {})} for name, facts in own.categories.items()},
    )


def read_weights(text: str, origin: str) -> Weights:
    """Parse the text of a weights file.

    Raises:
        UserError: It is no TOML, names something that does not exist, or a weight is no whole number >= 0.
    """
    try:
        return _weights(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"the weights {origin} are not valid TOML: {error}") from error
    except UserError as error:
        raise UserError(f"the weights {origin} cannot be used: {error}") from error


def _weights(document: Mapping[str, Any]) -> Weights:
    _table("table", document, ("productions", "operations", "categories"))
    operations = operation_names()
    categories = _table("category", document.get("categories", {}), CATEGORIES)
    return Weights(
        _weighted("production", document.get("productions", {}), NODES),
        _weighted("operation", document.get("operations", {}), operations),
        {name: _category(facts) for name, facts in categories.items()},
    )


def _table(kind: str, given: Any, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise UserError(f"{given!r} stands where a table belongs")
    _names(kind, list(given), known)
    return given


def _weighted(kind: str, given: Any, known: Collection[str]) -> dict[str, int]:
    weights = _table(kind, given, known)
    for name, weight in weights.items():
        if type(weight) is not int or weight < 0:
            raise UserError(f"the weight of {name!r} is {weight!r}, which is no whole number >= 0")
    return weights


def _names(kind: str, given: Any, known: Collection[str]) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise UserError(f"{given!r} stands where a list of names belongs")
    for name in given:
        if name not in known:
            raise unknown_name(kind, name, known)
    return given


def _category(given: Any) -> dict[str, Any]:
    facts = _table("key of a category", given, ("boost", "types", "without"))
    _weighted("production", facts.get("boost", {}), NODES)
    _names("kind of types", facts.get("types", []), ("scalar", "vector", "matrix", "quaternion"))
    _names("production", facts.get("without", []), NODES)
    return facts


@cache
def operation_names() -> tuple[str, ...]:
    """Return the names of all operations, in alphabetical order."""
    return tuple(sorted({op.name for op in TABLE.values()}))


def draw_profile(choices: Choices, weights: Weights, category: str, only: frozenset[str] = frozenset()) -> Profile:
    """Draw the profile of one kernel of a category."""
    facts = weights.categories[category]
    off = set(facts.get("without", ())) | set(choices.subset(sorted(set(NODES) - ESSENTIAL), OFF_PRODUCTION))
    boost = facts.get("boost", {})
    off -= set(boost)
    productions = {name: weights.productions.get(name, 0) * boost.get(name, 1) for name in sorted(NODES)}
    productions.update({name: 0 for name in off})
    names = operation_names()
    dropped = set(choices.subset(names, OFF_OPERATION)) - KEEPING
    operations = {name: 0 if name in dropped else weights.operations.get(name, USUAL) for name in names}
    profile = Profile(
        category=category,
        palette=draw_palette(choices, facts.get("types", ["scalar"])),
        productions=productions,
        operations=operations,
        statements=choices.integer(*choices.weighted(tuple(SIZES), tuple(SIZES.values()))),
        depth=choices.integer(2, 4),
        wild=choices.chance(8),
    )
    return restricted(profile, only) if only else profile


LENGTHS = {2: 5, 3: 8, 4: 5, 5: 1}
"""The lengths of vectors in a palette, and how often each is drawn."""

SHAPES = {(2, 2): 5, (3, 3): 8, (4, 4): 4, (2, 3): 2, (3, 2): 1, (3, 4): 2, (4, 3): 1}
"""The rows and columns of matrices in a palette, and how often each is drawn."""


def draw_palette(choices: Choices, kinds: list[str]) -> tuple[Type, ...]:
    """Draw the types a kernel is about: int32 and bool always, one or two further scalars, composites by category."""
    first = choices.weighted((FLOAT32, FLOAT64, INT32, *SCALARS), (8, 3, 3, *([1] * len(SCALARS))))
    second = choices.weighted((FLOAT32, *SCALARS), (6, *([1] * len(SCALARS))))
    palette: list[Type] = [first, second, INT32, BOOL]
    scalars = [t for t in (first, second) if t != BOOL] or [FLOAT32]
    floats = [t for t in scalars if t.is_float] or [FLOAT32]
    for kind in kinds:
        if kind == "scalar" or (len(kinds) > 2 and not choices.chance(50)):
            continue
        scalar = choices.pick(floats if kind == "quaternion" else scalars)
        palette += [*_composites(choices, kind, scalar), scalar]
    return tuple(dict.fromkeys(palette))


def _composites(choices: Choices, kind: str, scalar: Scalar) -> list[Type]:
    """Draw a vector type; or a matrix type, with its rows and its columns; or quaternions, with what they rotate."""
    if kind == "quaternion":
        return [Quaternion(scalar), Vector(3, scalar)]
    if kind == "vector":
        return [Vector(choices.weighted(tuple(LENGTHS), tuple(LENGTHS.values())), scalar)]
    rows, columns = choices.weighted(tuple(SHAPES), tuple(SHAPES.values()))
    return [Matrix(rows, columns, scalar), Vector(columns, scalar), Vector(rows, scalar)]


def restricted(profile: Profile, only: frozenset[str]) -> Profile:
    """Keep what ``--only`` names: productions, Op names, Op groups; what it does not speak of stays."""
    operations = {op.name for op in TABLE.values() if op.name in only or op.group.lower().replace(" ", "_") in only}
    productions = set(only) & set(NODES)
    changed = profile
    if operations:
        changed = replace(
            changed, operations={n: (max(w, 1) if n in operations else 0) for n, w in profile.operations.items()}
        )
    if productions:
        keep = productions | ESSENTIAL | {"int_literal", "float_literal"}
        own = own_weights().productions
        kept = {n: (max(w, own.get(n, 1)) if n in keep else 0) for n, w in profile.productions.items()}
        changed = replace(changed, productions=kept)
    return changed
