"""Kernels as a Hypothesis strategy: fully defined test cases, whose failing examples shrink.

A test case is drawn in two steps: one number stands for a whole kernel, as a hunt with that seed makes it; then each
definition and statement of it is kept, made plain or left out, by one decision each, of which leaving out is the
simplest. So shrinking deletes, and is done after some dozens of steps. (Were every decision of the generator one of
Hypothesis', an example would be a thousand choices long, and changing one would change the meaning of all behind it.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fuzzer.campaigns.settings import CATEGORIES, checked_categories
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.repair import Discarded, make_defined
from fuzzer.reduction.passes import drop_parameters, simplest
from grammar import nodes as n
from grammar.check import TypeRefused
from grammar.errors import UserError
from grammar.trees import Path, children, node_at, path_of, walk
from grammar.trees import replace as replaced
from oracle.records import Judgement, TestCase, Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

LEFT_OUT, PLAIN, HIGHEST = 0, 1, 9  # decisions; whatever is higher than PLAIN keeps the statement, which is usual

HIGHEST_NUMBER = 2**32 - 1  # as many whole kernels as there are seeds of a hunt that are drawn

REMEMBERED = 64  # whole kernels: while an example shrinks, its number mostly stays the same


def kernels(categories: Sequence[str] = CATEGORIES) -> SearchStrategy[TestCase]:
    """Return the strategy of fully defined test cases of these categories.

    A test case takes some hundredths of a second, which Hypothesis may find slow (``HealthCheck.too_slow``).

    Raises:
        UserError: There is no such category, or Hypothesis is not installed.
    """
    try:
        from hypothesis import note, reject
        from hypothesis.strategies import composite, integers
    except ModuleNotFoundError as error:
        raise UserError("kernels() draws with Hypothesis, which is missing: pip install hypothesis") from error
    recipe = Recipe(categories=checked_categories(categories))

    @composite
    def drawn(draw: Any) -> TestCase:
        choices = Choices(lambda low, high: draw(integers(low, high)))
        whole = _whole(choices.integer(0, HIGHEST_NUMBER), recipe.categories)
        try:
            case = _without_unused(make_defined(thinned(whole, choices), choices, recipe.language).case)
        except Discarded:
            reject()
        note(case.source)
        return case

    return drawn()


@lru_cache(REMEMBERED)
def _whole(number: int, categories: tuple[str, ...]) -> TestCase:
    return replace(deep_case(number, 0, Recipe(categories=categories)).defined.case, provenance=None)


def thinned(case: TestCase, choices: Choices) -> TestCase:
    """Leave out or make plain what is drawn, where the rest stays well typed; it may not be defined any more.

    Later parts go first, so that nothing uses a part when its turn comes, and no path changes before it is used.
    """
    paths = list(_parts(case.module))
    decisions = [choices.integer(LEFT_OUT, HIGHEST) for _ in paths]
    for path, decision in reversed(list(zip(paths, decisions, strict=True))):
        if decision <= PLAIN:
            smaller = _without(case, path) if decision == LEFT_OUT else _plainer(case, path)
            case = next((candidate for candidate in smaller if _is_typed(candidate)), case)
    return case


def _without_unused(case: TestCase) -> TestCase:
    """Leave out parameters that no body names, with their buffers."""
    while (smaller := next(drop_parameters(case, Judgement(Verdict.AGREE, "")), None)) is not None:
        case = smaller
    return case


def _parts(module: n.Module) -> Iterator[Path]:
    """The paths of all statements, and of all definitions but imports, parents first."""
    for node in walk(module):
        if isinstance(node, n.Definition | n.Statement) and not isinstance(node, n.ImportStmt):
            yield path_of(module, node) or ()


def _is_typed(case: TestCase) -> bool:
    try:
        return {launch.kernel for launch in case.launches} <= set(case.typed().kernels)
    except TypeRefused:
        return False


def _without(case: TestCase, path: Path) -> Iterator[TestCase]:
    """Leave out a statement, or a definition with its launches."""
    owner, position = node_at(case.module, path[:-1]), path[-1]
    if isinstance(owner, n.Block):
        kept = (*owner.statements[:position], *owner.statements[position + 1 :]) or (n.PassStmt(),)
        yield replace(case, module=replaced(case.module, path[:-1], n.Block(kept)))
    elif isinstance(owner, n.Module):
        left_out = owner.definitions[position]
        launches = tuple(launch for launch in case.launches if launch.kernel != getattr(left_out, "name", ""))
        if launches:
            definitions = (*owner.definitions[:position], *owner.definitions[position + 1 :])
            yield replace(case, module=n.Module(definitions), launches=launches)


def _plainer(case: TestCase, path: Path) -> Iterator[TestCase]:
    """Put the simplest values of its type in the place of a statement's last expression, its value or condition."""
    parts = [(position, part) for position, part in enumerate(children(node_at(case.module, path)))]
    position, last = next((item for item in reversed(parts) if isinstance(item[1], n.Expr)), (0, n.PassStmt()))
    type_ = case.typed().types.get(id(last))
    for value in simplest(type_) if type_ is not None else ():
        yield replace(case, module=replaced(case.module, (*path, position), value))
