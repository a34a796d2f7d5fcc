"""The row ``generation``: deep kernels and every sweep item are valid, defined, accepted by Warp, and worth running."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from fuzzer.generation.cases import Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.repair import Defined, Discarded
from fuzzer.generation.sweep import operation_case, operation_items, sweep_case, sweep_keys
from grammar import emit, language, parse
from grammar.check import TypeRefused, check
from grammar.ops import TABLE
from oracle.judge import judge
from oracle.limitations.catalogue import avoided
from oracle.records import Failed, Provenance, TestCase, Verdict
from oracle.reference import Undefined, interpret
from tests.quality import rows
from tests.quality.deepness import reach, shape_of
from tests.quality.removal import forms_of
from tests.quality.rows import Claim, Conclusion, Facts, Listing, Measurement, Settings

PIECE = 250
"""Kernels per piece: about half a minute of work."""

TARGETS = ("cpu", "cuda")
WRONG = ("unlike", "undefined", "ill typed", "barren")
"""What may be wrong with a test case: it parses back to another tree, is undefined or ill typed, or there is none."""

SHOWN = 40
"""Names that a listing shows of what is missing."""


def pieces(settings: Settings) -> list[Settings]:
    """Cut the indices of deep kernels and the keys of the sweep into ranges."""
    deep = {"seed": settings["seed"], "kernels": settings["kernels"], "kind": "deep"}
    items = min(settings["items"], len(sweep_keys(Recipe())))
    sweep = {"seed": settings["seed"], "kernels": items, "kind": "sweep"}
    return [*rows.chunks(deep, "kernels", PIECE), *rows.chunks(sweep, "kernels", PIECE // 4)]


def measure(piece: Settings) -> Facts:
    """Generate the test cases of a range and look at each."""
    made, barren, ill_typed, discarded = _generated(piece)
    forms: Counter[str] = Counter()
    reached: dict[str, list[int]] = {}
    for defined in made:
        forms.update(forms_of(defined) & set(language().forms))
        for name, (part, whole) in reach(defined).items() if piece["kind"] == "deep" else ():
            sums = reached.setdefault(name, [0, 0])
            reached[name] = [sums[0] + part, sums[1] + whole]
    shapes = [shape_of(defined) for defined in made] if piece["kind"] == "deep" else []
    return {
        "kernels": len(made),
        "barren": barren,
        "ill typed": ill_typed,
        "discarded": discarded,
        "unlike": [_name(defined.case) for defined in made if not _parses_back(defined)],
        "undefined": [_name(defined.case) for defined in made if not _stays_defined(defined)],
        "refusals": {target: _refusals(made, target) for target in TARGETS},
        "forms": forms,
        "overloads": sorted({o.key for defined in made for o in _overloads(defined)}),
        "reach": reached,
        "shape": {name: [shape[name] for shape in shapes] for name in (shapes[0] if shapes else ())},
    }


def _generated(piece: Settings) -> tuple[list[Defined], list[str], list[str], int]:
    """The defined test cases, the items that gave none, those that were ill typed, the number of discarded drafts."""
    recipe, discarded = Recipe(), 0
    made: list[Defined] = []
    barren: list[str] = []
    ill_typed: list[str] = []
    keys = sweep_keys(recipe)
    for index in range(piece["start"], piece["stop"]):
        deep = piece["kind"] == "deep"
        name = f"deep {index}" if deep else keys[index]
        try:
            found = deep_case(piece["seed"], index, recipe) if deep else sweep_case(piece["seed"], index, name, recipe)
        except Discarded as reason:
            barren.append(f"{name}: {reason}")
        except TypeRefused as refusal:
            ill_typed.append(f"{name}: {refusal}")
        else:
            made.append(found.defined)
            discarded += len(found.discarded)
    return made, barren, ill_typed, discarded


def _overloads(defined: Defined) -> Iterable[Any]:
    typing = defined.expectation.typing
    yield from typing.overloads.values()
    yield from (overload for links in typing.links.values() for overload in links)
    yield from (call.overload for call in typing.atomics.values())


def _name(case: TestCase) -> str:
    return f"{case.provenance.index} {case.provenance.origin}" if case.provenance else ""


def _parses_back(defined: Defined) -> bool:
    return parse(emit(defined.case.module)) == defined.case.module


def _stays_defined(defined: Defined) -> bool:
    """Whether the text, interpreted anew, is defined and gives the same bytes."""
    case = replace(defined.case, module=parse(emit(defined.case.module)))
    try:
        again = interpret(case).arrays
    except Undefined:
        return False
    return all(again[name].tobytes() == array.tobytes() for name, array in defined.expectation.arrays.items())


def _refusals(made: Sequence[Defined], target: str) -> list[list[str]]:
    """What code generation refuses: which test case, the limitation that says so ("" for none), the message."""
    from oracle.warp.text import accepts

    refusals = accepts([defined.case for defined in made], "cpu" if target == "cpu" else "cuda")
    found = []
    for defined, message in zip(made, refusals, strict=True):
        if message is not None:
            judgement = judge(defined.case, "warp-cpu", Failed("compile_error", message), defined.expectation)
            known = judgement.limitation if judgement.verdict is Verdict.KNOWN else ""
            found.append([_name(defined.case), known, message])
    return found


def conclude(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    """Add up all ranges."""
    kernels = sum(x["kernels"] for x in facts)
    claims = [
        rows.all_of("test cases that parse back to the same tree", kernels - _count(facts, "unlike"), kernels),
        rows.all_of("test cases whose text is fully defined", kernels - _count(facts, "undefined"), kernels),
        rows.none_of("drafts that are ill typed", _count(facts, "ill typed"), kernels),
        Claim("sweep items that gave no test case", f"{_count(facts, 'barren')}"),
    ]
    for target in TARGETS:
        refused = [refusal for x in facts for refusal in x["refusals"][target]]
        known = sum(bool(limitation) for _, limitation, _ in refused)
        claims += [
            Claim(f"accepted for {target}", rows.share(kernels - len(refused), kernels)),
            rows.all_of(
                f"accepted for {target}, or refused as a limitation says", kernels - len(refused) + known, kernels
            ),
        ]
    forms, overloads = set().union(*(x["forms"] for x in facts)), set().union(*(x["overloads"] for x in facts))
    every = {overload.key for op in TABLE.values() for overload in op.samples}
    spared = spared_overloads()
    claims += [
        rows.all_of("productions and operators that occur", len(forms), len(language().forms)),
        Claim("overloads of operations that occur", rows.share(len(overloads & every), len(every))),
        rows.all_of("overloads that occur, or that a limitation is about", len(overloads & every | spared), len(every)),
    ]
    missing = [*(f"form {form}" for form in language().forms if form not in forms), *sorted(every - overloads - spared)]
    listings = (
        *_shape(facts),
        _refused(facts),
        *(
            _names(title, [name for x in facts for name in x[title]])
            for title in ("unlike", "undefined", "ill typed", "barren")
        ),
        _names("never occurs", missing),
    )
    return Conclusion((*claims, *_quality(facts)), listings)


def spared_overloads() -> set[str]:
    """Return the overloads whose types alone make Warp fail as is known: the generator goes there rarely."""
    spared: set[str] = set()
    for key, overloads in operation_items().items():
        with suppress(Discarded):
            case = operation_case(Choices.seeded(0, key), overloads, language(), Provenance(0, 0, "sweep", key))
            typing = check(case.module)
            places = [place for limitation in avoided() for place in limitation.places(typing)]
            spared |= {typing.overloads[id(place)].key for place in places if id(place) in typing.overloads}
    return spared


def _count(facts: Sequence[Facts], name: str) -> int:
    return sum(len(x[name]) for x in facts)


def _quality(facts: Sequence[Facts]) -> list[Claim]:
    def sums(name: str) -> tuple[int, int]:
        found = [x["reach"][name] for x in facts if name in x["reach"]]
        return sum(part for part, _ in found), sum(whole for _, whole in found)

    statements = [count for x in facts for count in x["shape"].get("statements", ())]
    median = statistics.median(statements) if statements else 0
    both = "branches taken both ways"
    return [
        Claim("median statements of a deep kernel", f"{median:g}", ">= 12", median >= 12),
        *(rows.at_least(name, *sums(name), percent) for name, percent in LEAST.items()),
        *(rows.at_most(name, *sums(name), percent) for name, percent in MOST.items()),
        Claim(both, rows.share(*sums(both))),
    ]


LEAST = {"control flow that depends on data": 70, "statements executed": 85, "operators executed": 70}
MOST = {"outputs equal in all threads": 10, "float outputs not finite": 5}


def _shape(facts: Sequence[Facts]) -> tuple[Listing, Listing]:
    deep = [x for x in facts if x["shape"]]
    names = list(deep[0]["shape"]) if deep else []
    lines = [(name, *rows.quantiles([count for x in deep for count in x["shape"][name]])) for name in names]
    kernels = sum(x["kernels"] for x in deep)
    lines.append(("discarded drafts, in all", "", f"{sum(x['discarded'] for x in deep)}", ""))
    use: Counter[str] = Counter()
    for x in deep:
        use.update(x["forms"])
    used = tuple((form, rows.share(use[form], kernels)) for form in sorted(language().forms, key=lambda f: -use[f]))
    shape = Listing("what deep kernels are", ("what", "10th percentile", "median", "90th percentile"), tuple(lines))
    return shape, Listing("deep kernels that use a form", ("form", "share"), used)


def _refused(facts: Sequence[Facts]) -> Listing:
    counts: Counter[tuple[str, str, str]] = Counter()
    for x in facts:
        for target in TARGETS:
            counts.update((target, known or "none", message) for _, known, message in x["refusals"][target])
    lines = tuple((f"{count}", *key) for key, count in counts.most_common(SHOWN))
    return Listing("refused by code generation", ("count", "target", "limitation", "message"), lines)


def _names(title: str, names: Sequence[str]) -> Listing:
    shown = [*names[:SHOWN], f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else names
    return Listing(title, ("name",), tuple((name,) for name in shown))


MEASUREMENT = Measurement(
    name="generation",
    counts={"kernels": 10_000, "items": 10_000},
    fixed={"seed": 0},
    pieces=pieces,
    measure=measure,
    conclude=conclude,
    sources=(*rows.SOURCES, "tests/quality/deepness.py"),
)
