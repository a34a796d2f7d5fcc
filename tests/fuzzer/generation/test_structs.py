"""Generated structs: what they are made of, and that kernels over them are defined, as others are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from fuzzer.generation import drafts
from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.driver import Generator
from fuzzer.generation.profiles import draw_profile, own_weights
from fuzzer.generation.repair import Defined
from fuzzer.generation.structs import draw_structs
from grammar import emit, language, parse
from grammar import nodes as n
from grammar.check import Typing, check
from grammar.check.statements import array_of_place, is_field
from grammar.language import load
from grammar.productions import targets
from grammar.trees import walk
from grammar.types import Array
from oracle.reference import interpret

KERNELS = 150


@pytest.fixture(scope="module")
def defined() -> Iterator[list[Defined]]:
    """Kernels of modules that have structs wherever they may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "STRUCTURED", 100)
        patch.setattr(drafts, "BUNDLED", 60)
        made = [deep_case(4, index, Recipe()).defined for index in range(KERNELS)]
        yield [one for one in made if any(isinstance(d, n.StructDef) for d in one.case.module.definitions)]


def test_most_kernels_have_a_struct_where_all_may(defined: list[Defined]) -> None:
    assert len(defined) > KERNELS // 3


def test_they_parse_back_and_are_defined(defined: list[Defined]) -> None:
    for one in defined:
        assert parse(emit(one.case.module)) == one.case.module
        assert interpret(one.case).arrays.keys() == one.case.contents.keys()


FORMS = {
    "a struct parameter": lambda t: any(type_.fields for k in t.kernels.values() for type_ in k.types),
    "an array of structs": lambda t: any(
        isinstance(type_, Array) and type_.element.fields for k in t.kernels.values() for type_ in k.types
    ),
    "an array in a struct": lambda t: any(struct.handles for struct in t.structs.values()),
    "an array in an element": lambda t: any(
        isinstance(type_, Array) and type_.element.handles for k in t.kernels.values() for type_ in k.types
    ),
    "a struct in a struct": lambda t: any(part.fields for struct in t.structs.values() for part in struct.parts),
    "a field read": lambda t: any(is_field(node, t) for node in t.nodes_of(n.Attribute)),
    "a field of an element stored": lambda t: any(
        is_field(x, t) and array_of_place(x, t) for x in stored(t) if isinstance(x, n.Attribute)
    ),
    "a component of a field stored": lambda t: any(
        is_field(x.value, t) for x in stored(t) if isinstance(x, n.Subscript | n.Attribute)
    ),
    "a struct made of its fields": lambda t: any(call.arguments for call in t.constructions.values()),
    "a struct of zeros": lambda t: any(not call.arguments for call in t.constructions.values()),
    "a function that takes a struct": lambda t: any(type_.fields for f in t.functions.values() for type_ in f.types),
    "a function that gives a struct": lambda t: any(f.result and f.result.fields for f in t.functions.values()),
}


def stored(typing: Typing) -> Iterator[n.Expr]:
    return (target for node in typing.nodes for target in targets(node))


@pytest.mark.parametrize("form", FORMS)
def test_every_use_of_structs_is_generated(form: str, defined: list[Defined]) -> None:
    assert any(FORMS[form](one.expectation.typing) for one in defined)


@cache
def profile_of(seed: int) -> Generator:
    choices = Choices.seeded(seed)
    return Generator(language(), choices, draw_profile(choices, own_weights(), "combined"))


def test_a_struct_of_values_has_fields_of_the_palette_and_no_arrays() -> None:
    depths = set()
    for seed in range(40):
        g = profile_of(seed)
        structs = draw_structs(g)
        depths.add(len(structs))
        allowed = {*g.profile.palette, *structs[:-1]}
        assert all(part in allowed for struct in structs for part in struct.parts)
        assert not any(struct.handles for struct in structs)
    assert depths == {1, 2}


def test_a_kernel_of_a_grammar_without_structs_has_none() -> None:
    text = "\n".join(line for line in language().text.splitlines() if not line.endswith("-> struct_def"))
    for index in range(20):
        case = deep_case(4, index, Recipe(language=load(text))).defined.case
        assert not any(isinstance(node, n.StructDef) for node in walk(case.module))
        assert check(case.module).structs == {}
