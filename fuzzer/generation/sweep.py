"""The finite sweep: every documented signature times scalar type on edge values, and every form of the grammar.

A sweep item is one test case. An *operation item* applies all overloads of one signature and scalar type (all
lengths) to edge values, one kernel each, and again with literal and captured operands. A *form item* is a small
kernel drawn until it contains one production or operator. Items are ordered by the seed, so that short hunts see
different ones first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from fuzzer.generation.cases import Generated, Recipe
from fuzzer.generation.choices import Choices
from fuzzer.generation.drafts import draft_case
from fuzzer.generation.driver import DeadEnd, Generator
from fuzzer.generation.literals import draw_literal, edge_values, literal_node, plain_value
from fuzzer.generation.profiles import Profile, draw_profile
from fuzzer.generation.repair import Discarded, make_defined
from grammar import nodes as n
from grammar.check import Typing, dotted, type_definitions, written, written_argument
from grammar.language import Language
from grammar.nodes import NODES
from grammar.ops.balls import Ball
from grammar.ops.record import TABLE, Overload, Value
from grammar.productions import PRODUCTIONS
from grammar.trees import copy, walk
from grammar.types import BOOL, Array, Element, Scalar
from oracle.limitations.catalogue import limitations_for
from oracle.records import Buffer, BufferRef, Launch, Options, Provenance, TestCase
from oracle.reference import WEAK, Undefined
from oracle.reference.statements import BodyInterpreter

THREADS = 40
"""Operand tuples per kernel: enough for all pairs of the most telling edges."""

PATIENCE = 60
"""Draws in a row that give no new defined operands, before an item takes those it has."""

ALIKE = 25
"""Percent of vectors and matrices whose components are all the same. So some are zero, and some are operands of what
has to be defined in each: of sixteen that are drawn one by one hardly ever all are numbers of bits to shift by."""

FORM_DRAFTS = 80
"""Drafts of a form item before it gives none: the rarest (``@=`` needs two square matrices) stand in one of twenty."""

OFTEN = 60
"""The weight of the form that an item is about: several times that of the most frequent production."""


@cache
def operation_items() -> dict[str, tuple[Overload, ...]]:
    """The overloads of each documented signature times scalar type, by key."""
    found: dict[str, list[Overload]] = {}
    for op in TABLE.values():
        for overload in op.samples:
            found.setdefault(overload.sweep_key, []).append(overload)
    return {key: tuple(overloads) for key, overloads in found.items()}


def sweep_keys(recipe: Recipe) -> list[str]:
    """Return the keys of all items that the grammar and ``--only`` allow, in a fixed order."""
    only = recipe.only
    operations = [key for key, overloads in operation_items().items() if not only or _named(overloads[0], only)]
    forms = [form for form in recipe.language.forms if not only or form.split()[0] in only]
    return [*operations, *(f"form {form}" for form in forms)]


def _named(overload: Overload, only: frozenset[str]) -> bool:
    return overload.op.name in only or overload.op.group.lower().replace(" ", "_") in only


def sweep_order(seed: int, recipe: Recipe) -> list[str]:
    """Return the keys in the order of a hunt."""
    return Choices.seeded(seed, "sweep").shuffled(sweep_keys(recipe))


def sweep_case(seed: int, index: int, key: str, recipe: Recipe) -> Generated:
    """Generate the test case of a sweep item.

    Raises:
        Discarded: Nothing defined could be made of it under this grammar, or Warp is known to fail there.
    """
    provenance = Provenance(seed, index, "sweep", key)
    if key.startswith("form "):
        return _form_case(seed, index, key.removeprefix("form "), recipe, provenance)
    choices = Choices.seeded(seed, index, key)
    case = operation_case(choices, operation_items()[key], recipe.language, provenance)
    if not recipe.language.covers(case.module):
        raise Discarded(f"the grammar lacks a form that {key} is written with")
    defined = make_defined(case, choices, recipe.language)
    if all(overload.sweep_key != key for overload in defined.expectation.typing.overloads.values()):
        known = [item.identifier for item in limitations_for(case.typed()) if item.alternative is None]
        raise Discarded(f"{key} is avoided: {' and '.join(known)}")
    return Generated(defined, ())


def _form_case(seed: int, index: int, form: str, recipe: Recipe, provenance: Provenance) -> Generated:
    discarded: list[str] = []
    for draft in range(FORM_DRAFTS):
        choices = Choices.seeded(seed, index, form, draft)
        profile = _about(form, recipe, choices)
        try:
            case = draft_case(Generator(recipe.language, choices, profile), provenance)
            defined = make_defined(case, choices, recipe.language)
        except (DeadEnd, Discarded) as reason:
            discarded.append(str(reason))
            continue
        if contains(defined.case.module, form, recipe.language):
            return Generated(defined, tuple(discarded))
    raise Discarded(f"no kernel with {form} in {FORM_DRAFTS} drafts")


def _about(form: str, recipe: Recipe, choices: Choices) -> Profile:
    """Draw the profile of a small kernel that has a form often."""
    name, symbol = production_of(form, recipe.language), form.partition(" ")[2]
    symbol = symbol.removesuffix("=") if name == "aug_assign" else symbol
    fitting = [c for c in recipe.categories if symbol != "@" or "matrix" in recipe.weights.categories[c]["types"]]
    profile = draw_profile(choices, recipe.weights, choices.pick(fitting or recipe.categories))
    productions = {p: max(weight, 1) for p, weight in profile.productions.items()} | {name: OFTEN}
    productions |= {company: OFTEN // 2 for company in PRODUCTIONS[name].company}
    operations = {op.name: OFTEN for op in TABLE.values() if op.is_operator and op.symbol == symbol}
    return replace(profile, productions=productions, operations={**profile.operations, **operations}, statements=6)


def production_of(form: str, language: Language) -> str:
    """Return the production that a form is, or whose operator it is: ``sum +`` -> ``sum``."""
    name = form.partition(" ")[0]
    if name in language.productions:
        return name
    return next(p.name for p in language.productions.values() if f"_{name}" in p.holes)


def contains(module: n.Node, form: str, language: Language) -> bool:
    """Say whether a tree has a node of a production, or one with an operator."""
    name, _, symbol = form.partition(" ")
    cls = NODES[production_of(form, language)]
    for node in walk(module):
        if isinstance(node, cls) and (not symbol or symbol in _symbols(node)):
            return True
    return not symbol and name == "module"


def _symbols(node: Any) -> Sequence[str]:
    return node.operators if isinstance(node, n.ChainedCompare) else (node.operator,)


def operation_case(
    choices: Choices, overloads: Sequence[Overload], language: Language, provenance: Provenance
) -> TestCase:
    """Make a module with a kernel per overload, and the buffers and launches that apply it to edge values.

    Raises:
        Discarded: The grammar lacks the operator, or no operands are defined.
    """
    definitions: list[n.Definition] = [n.ImportStmt("warp", "wp")]
    buffers: list[Buffer] = []
    launches: list[Launch] = []
    types = dict.fromkeys(t for o in overloads for t in (*o.parameters, o.result))
    definitions += type_definitions(types)
    for number, overload in enumerate(overloads):
        for constants, kernel, data in _kernels(choices, overload, f"{number}", language):
            definitions += [*constants, kernel]
            buffers += data
            launches.append(Launch(kernel.name, _dims(data), tuple(BufferRef(b.name) for b in data)))
    if not launches:
        raise Discarded(f"no defined operands for {provenance.origin}")
    return TestCase(n.Module(tuple(definitions)), tuple(buffers), tuple(launches), Options(), provenance)


def _dims(buffers: Sequence[Buffer]) -> tuple[int, ...]:
    return buffers[0].shape[:1]


Kernels = Iterator[tuple[list[n.Definition], n.KernelDef, list[Buffer]]]


def _kernels(choices: Choices, overload: Overload, name: str, language: Language) -> Kernels:
    rows = operand_rows(choices, overload)
    if not rows:
        return
    if overload.op.updates:
        yield [], *_atomic_kernel(overload, name, rows)
        return
    elements = tuple(t for t in overload.parameters if not isinstance(t, Array))
    yield [], *_elementwise(overload, name, rows, language, {})
    for position in range(len(elements)) if len(elements) == 2 else ():
        constants, operand, value = _fixed_operand(choices, elements[position], f"{name}_{position}")
        if operand is None:
            continue
        pinned = [(*row[:position], value, *row[position + 1 :]) for row in rows]
        kept = [row for row in pinned if is_defined(overload, row)]
        if kept:
            yield constants, *_elementwise(overload, f"{name}_{position}", kept, language, {position: operand})


def _fixed_operand(choices: Choices, type_: Any, name: str) -> tuple[list[n.Definition], n.Expr | None, Value]:
    """A literal or a captured constant of a scalar type, and its value."""
    if not isinstance(type_, Scalar) or type_ == BOOL:
        return [], None, None
    number = draw_literal(choices, type_)
    value = type_.dtype.type(number) if type_.is_float else int(number)
    literal = literal_node(number)
    typed = literal if type_.name in ("int32", "float32") else n.Call(dotted(f"wp.{type_.name}"), (literal,))
    if choices.chance(50):
        constant = n.Binding(f"C{name}", n.Call(dotted("wp.constant"), (typed,)))
        return [constant], n.Name(f"C{name}"), value
    return [], typed, value


def _elementwise(
    overload: Overload, name: str, rows: Sequence[tuple[Value, ...]], language: Language, fixed: dict[int, n.Expr]
) -> tuple[n.KernelDef, list[Buffer]]:
    """``o[i] = op(a[i], b[i])``, some operands replaced by fixed expressions."""
    inputs = {p: f"a{name}_{p}" for p in range(len(overload.parameters)) if p not in fixed}
    operands = [fixed[p] if p in fixed else _at_thread(inputs[p]) for p in range(len(overload.parameters))]
    output = f"o{name}"
    store = n.Assign(_at_thread(output), application(overload, operands, language))
    element = overload.result
    buffers = [_buffer(name_, overload.parameters[p], [row[p] for row in rows]) for p, name_ in inputs.items()]
    assert isinstance(element, Element)
    blank = np.zeros((len(rows), *element.extents), dtype=element.scalar.dtype)
    buffers.append(Buffer.of(output, element, blank))
    return _kernel(f"k{name}", buffers, [store]), buffers


def _atomic_kernel(
    overload: Overload, name: str, rows: Sequence[tuple[Value, ...]]
) -> tuple[n.KernelDef, list[Buffer]]:
    """Each thread updates one of three elements, and another of its own whose returned value it stores."""
    element = overload.result
    assert isinstance(element, Element)
    atomic = dotted(f"wp.{overload.op.name}")
    value = _at_thread(f"a{name}")
    shared = n.Call(atomic, (n.Name(f"s{name}"), n.Product(n.Name("i"), "%", n.IntLiteral(3)), value))
    own = n.Call(copy(atomic), (n.Name(f"b{name}"), n.Name("i"), copy(value)))
    tame = [row[1] for row in rows if _small(row[1])][:THREADS] or [row[1] for row in rows][:1]
    start = [row[0] for row in rows][: len(tame)]
    buffers = [
        _buffer(f"a{name}", element, tame),
        _buffer(f"s{name}", element, [tame[0]] * 3),
        _buffer(
            f"b{name}", element, [s if is_defined(overload, (s, v)) else v for s, v in zip(start, tame, strict=True)]
        ),
        Buffer.of(f"o{name}", element, np.zeros((len(tame), *element.extents), dtype=element.scalar.dtype)),
    ]
    statements: list[n.Statement] = [n.ExprStmt(shared), n.Assign(_at_thread(f"o{name}"), own)]
    return _kernel(f"k{name}", buffers, statements), buffers


def _small(value: Value) -> bool:
    flat = np.asarray(value, dtype=np.float64).reshape(-1)
    return bool(np.all(np.abs(flat) < 2.0**20))


def _kernel(name: str, buffers: Sequence[Buffer], statements: Sequence[n.Statement]) -> n.KernelDef:
    parameters = tuple(n.Parameter(b.name, written(Array(b.element, 1))) for b in buffers)
    index = n.Assign(n.Name("i"), n.Call(dotted("wp.tid"), ()))
    return n.KernelDef(name, n.Parameters(parameters), n.NoReturns(), n.Block((index, *statements)))


def _at_thread(array: str) -> n.Subscript:
    return n.Subscript(n.Name(array), (n.Name("i"),))


def _buffer(name: str, element: Any, values: Sequence[Value]) -> Buffer:
    return Buffer.of(name, element, np.array(values, dtype=element.scalar.dtype))


def application(overload: Overload, operands: Sequence[n.Expr], language: Language) -> n.Expr:
    """Write an operation applied to operands.

    Raises:
        Discarded: The grammar does not have its operator.
    """
    op = overload.op
    if not op.is_operator:
        given = iter(operands)
        return n.Call(dotted(overload.called), tuple(written_argument(t) or next(given) for t in overload.arguments))
    for production in language.productions.values():
        symbols = [s for hole in production.holes for s in language.operators.get(hole, ())]
        holes = len([hole for hole in production.holes if hole not in language.operators])
        node = NODES[production.name]
        if op.symbol in symbols and holes == len(operands) and issubclass(node, n.Expr):
            return node.of(op.symbol, operands[0]) if holes == 1 else node.of(operands[0], op.symbol, operands[1])
    raise Discarded(f"the grammar has no operator {op.symbol}")


def operand_rows(choices: Choices, overload: Overload) -> list[tuple[Value, ...]]:
    """Draw operand tuples on which an operation is defined and bounded: edges of every operand, then plain values."""
    elements = overload.parameters
    rows: dict[str, tuple[Value, ...]] = {}
    barren = 0
    while len(rows) < THREADS and barren < PATIENCE:
        row = _mended(overload, tuple(_edge(choices, t) for t in elements))
        barren += 1
        if repr(row) not in rows and is_defined(overload, row):
            rows[repr(row)] = row
            barren = 0
    return list(rows.values())


def _mended(overload: Overload, row: tuple[Value, ...]) -> tuple[Value, ...]:
    """Put what an operation demands in the place of an operand that would hardly ever be drawn so."""
    domain = overload.domain
    if domain is None or domain.mended is None:
        return row
    with np.errstate(all="ignore"):
        return (*row[: domain.operand], domain.mended(row[domain.operand]), *row[domain.operand + 1 :])


def _edge(choices: Choices, type_: Any) -> Value:
    if type_.parts and choices.chance(ALIKE):
        return type_.filled(_edge(choices, type_.scalar))
    if type_.parts:
        return tuple(_edge(choices, part) for part in type_.parts)
    if choices.chance(60):
        return choices.pick(edge_values(type_))
    return plain_value(choices, type_, wild=False)


@cache
def _calculator() -> BodyInterpreter:
    return BodyInterpreter(Typing(n.Module(())), WEAK)


def is_defined(overload: Overload, row: tuple[Value, ...]) -> bool:
    """Say whether an operation is defined on operands, and its value bounded."""
    try:
        with np.errstate(all="ignore"):
            _calculator().apply(n.PassStmt(), overload, [*map(Ball, row)])
    except Undefined:
        return False
    return True
