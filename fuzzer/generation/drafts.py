"""Putting a test case together: constants, functions, kernels (perhaps from a factory), buffers and launches.

This is the part of a module that is not drawn hole by hole: its skeleton. What is optional in it (functions, defaults,
constants, factories) appears only where the grammar has the production.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product
from typing import cast

from fuzzer.generation.driver import DeadEnd, Generator, Plan
from fuzzer.generation.inputs import draw_buffer, draw_dims, draw_value
from fuzzer.generation.literals import draw_literal, literal_node
from fuzzer.generation.pruning import needed, pruned, reads
from fuzzer.generation.rules.assignments import bind_call, dynamic
from fuzzer.generation.rules.bodies import body_statements, observed
from fuzzer.generation.scope import ArrayFacts, FunctionFacts, Scope
from fuzzer.generation.structs import Bundle, Parameters, draw_bundle, draw_structs
from fuzzer.generation.wants import Nested, Part, Value
from grammar import nodes as n
from grammar.check import TypeRefused, check, dotted, type_definitions, written
from grammar.check.overloading import overloading_names
from grammar.ops.record import Overload
from grammar.ops.table import operator_overload, updates
from grammar.productions import root_name, targets
from grammar.trees import walk, walk_statements
from grammar.types import BOOL, FLOAT16, FLOAT32, FLOAT64, INT32, Array, Element, Scalar, Struct, Tuple, Type
from oracle.records import Buffer, BufferRef, Launch, Options, Provenance, TestCase

COORDINATES = ("i", "j", "k", "l")
TALLIED = 85
"""Percent of kernels that tell which of their inner blocks a thread ran."""

BARE = (INT32, FLOAT32)
"""The types that literals have by themselves."""

CALLED = 70
"""Percent of the functions of a module that a kernel calls whatever else it does."""

OVERLOADING = 5
"""Percent of modules with functions in which the first one overloads an operator."""

OVERLOADED = 40
"""The weight of an operation whose operator is overloaded, where 4 is usual: kernels should use it."""

GENERIC = 20
"""Percent of the functions whose parameters take any type, where the grammar has that."""

RETYPED = 25
"""Percent of the factories whose second kernel captures values of other types than the first one."""

STRUCTURED = 20
"""Percent of the modules with a struct of values."""

BUNDLED = 15
"""Percent of the kernels of which some parameters are the fields of one."""

OPTIONAL = 20
"""Percent of kernels with an array that may not be given."""


@dataclass
class Draft:
    """A module under construction, with its buffers and launches."""

    generator: Generator
    definitions: list[n.Node] = field(default_factory=list)
    constants: dict[str, Type] = field(default_factory=dict)
    bundles: list[Struct] = field(default_factory=list)
    buffers: list[Buffer] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)


def draft_case(g: Generator, provenance: Provenance) -> TestCase:
    """Draft a test case: well typed, but not yet known to be defined.

    Raises:
        DeadEnd: The grammar lacks something that no module can do without.
    """
    draft = Draft(g)
    if g.has("struct_def", "field") and g.choices.chance(STRUCTURED):
        g.profile = replace(g.profile, palette=(*g.profile.palette, *draw_structs(g)))
    _constants(draft)
    for _ in range(g.choices.weighted((0, 1, 2), (4, 4, 2)) if g.has("func_def") else 0):
        _function(draft)
    _kernel(draft)
    if g.choices.chance(15):
        _kernel(draft)
    return finished(draft, provenance)


def finished(draft: Draft, provenance: Provenance) -> TestCase:
    """Close a draft: the import comes first, then the types that are defined; what no launched kernel needs goes."""
    g = draft.generator
    types = map(g.permitted, type_definitions((*g.profile.palette, *draft.bundles)))
    used = needed([*types, *draft.definitions], {launch.kernel for launch in draft.launches})
    is_generic = any(node == n.Name("Any") for definition in used for node in walk(definition))
    head: list[n.Node] = [g.build("import_from", Plan(["typing", "Any"]))] if is_generic else []
    head += [g.build("import_stmt", Plan(["warp", "wp"]))]
    module = cast(n.Module, g.build("module", Plan([*head, *used])))
    return TestCase(module, tuple(draft.buffers), tuple(draft.launches), Options(), provenance)


def _constants(draft: Draft) -> None:
    g = draft.generator
    if not g.has("binding"):
        return
    values = [t for t in g.profile.palette if isinstance(t, Element) and t != BOOL and not t.fields]
    types = [t for t in values if isinstance(t, Scalar) or t.scalar != FLOAT16]  # which Warp cannot make uninitialised
    for _ in range(g.choices.weighted((0, 1, 2), (5, 3, 2))):
        type_ = g.choices.pick(types)
        name = g.new_name("C")
        draft.definitions.append(g.build("binding", Plan([name, _constant_value(g, type_)])))
        draft.constants[name] = type_


def _constant_value(g: Generator, type_: Element) -> n.Expr:
    """A constant: a bare number of the default types, or a typed value in ``wp.constant``."""
    if isinstance(type_, Scalar):
        literal = literal_node(draw_literal(g.choices, type_))
        if type_ in BARE and g.choices.chance(50):
            return literal
        value = n.Call(dotted(type_.written), (literal,))
    else:
        value = n.Call(dotted(type_.written), _components(g, type_))
    return n.Call(dotted("wp.constant"), (value,))


def _components(g: Generator, type_: Element) -> tuple[n.Expr, ...]:
    literals = [literal_node(draw_literal(g.choices, type_.scalar)) for _ in range(type_.size)]
    if type_.scalar in BARE:
        return tuple(literals)
    return tuple(n.Call(dotted(type_.scalar.written), (literal,)) for literal in literals)


def _function(draft: Draft) -> None:
    g = draft.generator
    types = [t for t in g.profile.palette if t != BOOL]
    first = not g.functions  # what overloads an operator stands before all that is written with it
    operator = _overload(g) if first and g.choices.chance(OVERLOADING) else None
    g.overloading = operator.op.name if operator else ""
    count = g.choices.integer(1, 3)
    required = operator.parameters if operator else tuple(g.choices.pick(types) for _ in range(count))
    is_generic = operator is None and g.has("import_from", "no_returns") and g.choices.chance(GENERIC)
    required = required[:1] * count if is_generic else required
    defaults = [] if operator or is_generic else _defaults(g)
    parameters = required + tuple(type_ for type_, _ in defaults)
    results = [g.choices.pick(required) for _ in range(g.choices.weighted((1, 2, 3), (6, 3, 1)))]
    results[0] = defaults[-1][0] if defaults else results[0]
    results = [operator.result] if operator else results
    silent = "no_returns" in g.language.productions  # a function need not say what it gives
    several = len(results) > 1 and g.has("return_values") and silent and not is_generic
    result: Type = Tuple(tuple(results)) if several else results[0]
    name, names = g.overloading or g.new_name("f"), [g.new_name("p") for _ in parameters]
    g.scope = Scope(in_kernel=False)
    for constant, type_ in draft.constants.items():
        g.scope.bind(constant, type_, data=False, fixed=True)
    for parameter, type_ in zip(names, parameters, strict=True):
        g.scope.bind(parameter, type_, data=True, fixed=True)
    g.budget = g.choices.integer(1, 4)
    g.scope.returned = result.items if isinstance(result, Tuple) else (result,)
    statements = body_statements(g, g.budget, jump=False)
    statements += _early_return(g, result)
    statements += [_return(g, result, [*_due(names, len(required), statements), *g.scope.assignable()])]
    statements = pruned(statements, frozenset())
    literals = [None] * len(required) + [literal for _, literal in defaults]
    signature = g.build(
        "parameters", Plan([_parameter(g, *facts) for facts in zip(names, parameters, literals, strict=True)])
    )
    if is_generic:
        signature = g.build("parameters", Plan([g.build("parameter", Plan([p, n.Name("Any")])) for p in names]))
    declared = not several and not is_generic and (not silent or (g.has("returns") and g.choices.chance(50)))
    returns = g.build("returns", Plan([written(result)])) if declared else g.build("no_returns", Plan([]))
    draft.definitions.append(g.build("func_def", Plan([name, signature, returns, g.block(statements)])))
    g.functions[name] = FunctionFacts(name, tuple(names), parameters, len(defaults), result, is_generic)
    for other in types if is_generic else ():
        if other != required[0] and (given := _given_for(draft, name, (other,) * count)):
            key = f"{name} of {other}"
            g.functions[key] = FunctionFacts(name, tuple(names), (other,) * count, 0, given, is_generic)
    g.overloading = ""
    if operator:
        g.profile = replace(g.profile, operations={**g.profile.operations, operator.op.name: OVERLOADED})
        g.operations.clear()


def _given_for(draft: Draft, function: str, types: tuple[Type, ...]) -> Type | None:
    """Find what a generic function gives for arguments of some types; None where it does not take them."""
    names = [f"p{position}" for position in range(len(types))]
    parameters = tuple(n.Parameter(name, written(type_)) for name, type_ in zip(names, types, strict=True))
    call = n.ReturnValue(n.Call(n.Name(function), tuple(map(n.Name, names))))
    caller = n.FuncDef("caller", n.Parameters(parameters), n.NoReturns(), n.Block((call,)))
    imports = (n.ImportFrom("typing", "Any"), n.ImportStmt("warp", "wp"))
    head = (*imports, *type_definitions(draft.generator.profile.palette))
    definitions = (d for d in draft.definitions if isinstance(d, n.Definition))
    try:
        typing = check(n.Module((*head, *definitions, caller)))
    except TypeRefused:
        return None
    return typing.functions["caller"].result


def _overload(g: Generator) -> Overload | None:
    """Draw the operator that a function overloads, and for what; None where the palette has none.

    Not addition, which kernels are put together with, nor what guards divisors, nor what indices are made of.
    """
    types = [t for t in g.profile.palette if t not in (BOOL, INT32)]
    found: list[Overload] = []
    for symbol in overloading_names():
        if symbol in ("+", "&", "|", "@"):
            continue
        for operands in product(types, repeat=2):
            overload = operator_overload(symbol, operands)
            if overload and overload.result in types and operator_overload("@", operands) is None:
                found.append(overload)
    return g.choices.pick(found) if found else None


def _due(names: Sequence[str], required: int, statements: Sequence[n.Node]) -> list[str]:
    """The parameters that a function's value must depend on: those not read so far, and all that have defaults."""
    read = frozenset().union(*map(reads, statements))
    return [name for name in names[:required] if name not in read] + [*names[required:]]


def _defaults(g: Generator) -> list[tuple[Scalar, n.Expr]]:
    """Draw the defaulted parameters of a function, all different: of types that a bare literal has."""
    types = [t for t in (INT32, FLOAT32) if t in g.profile.palette]
    if not g.has("default_parameter") or not g.choices.chance(45):
        return []
    type_ = g.choices.pick(types)
    numbers = g.choices.shuffled((2, 3, 5, 7))[: g.choices.weighted((1, 2, 3), (2, 4, 1))]
    return [(type_, literal_node(number if type_ == INT32 else number + 0.5)) for number in numbers]


def _parameter(g: Generator, name: str, type_: Type, default: n.Expr | None) -> n.Node:
    if default is not None:
        return g.build("default_parameter", Plan([name, written(type_), default]))
    return g.build("parameter", Plan([name, written(type_)]))


def _return(g: Generator, result: Type, used: Sequence[str] = ()) -> n.Node:
    """Return values of the result's types; they depend on the variables named, each the first one of its type."""
    types = result.items if isinstance(result, Tuple) else (result,)
    values: list[Part] = [Value(type_, "data") for type_ in types]
    for name in used if g.has("sum") else ():
        if (type_ := g.scope.variables[name]) in types and not type_.fields:
            at = types.index(type_)
            values[at] = Nested("sum", (values[at], "+", n.Name(name)))
    production = "return_values" if isinstance(result, Tuple) else "return_value"
    return g.build(production, Plan(values), 3)


def _early_return(g: Generator, result: Type) -> list[n.Node]:
    if not g.has("if_stmt") or not g.choices.chance(30):
        return []
    body = g.block([_return(g, result)])
    return [g.build("if_stmt", Plan([Value(BOOL, "condition"), body]), 3)]


def _kernel(draft: Draft) -> None:
    g = draft.generator
    g.dims = draw_dims(g.choices, 4 if g.has("tuple_assign") else 1)
    g.arrays, g.outputs = [], {}
    g.scope = Scope(in_kernel=True, coordinates=COORDINATES[: len(g.dims)])
    for constant, type_ in draft.constants.items():
        g.scope.bind(constant, type_, data=False, fixed=True)
    captured = _captured(g)
    scalars = _scalar_parameters(g)
    _input_arrays(g)
    head = [_thread_index(g), *_converted(g, captured), *_first_loads(g), *_tally(g)]
    g.budget = g.profile.statements
    body = [*_first_calls(g), *body_statements(g, g.budget, jump=False), *observed(g)]
    statements = pruned([*head, *body], _telling(g, body))
    used = frozenset().union(*map(reads, statements))
    g.arrays = [facts for facts in g.arrays if facts.name in used]
    scalars = {name: type_ for name, type_ in scalars.items() if name in used}
    parameters: Parameters = [*((facts.name, facts.type) for facts in g.arrays), *scalars.items()]
    bundle = _bundle(draft, parameters)
    if bundle:
        parameters, statements = bundle.parameters(parameters), bundle.statements(statements)
    signature = g.build("parameters", Plan([_parameter(g, name, type_, None) for name, type_ in parameters]))
    name = g.new_name("k")
    kernel = g.build("kernel_def", Plan([name, signature, _nothing(g), g.block(statements)]))
    for instance in _defined(draft, kernel, captured):
        _launch(draft, instance, scalars, bundle)


def _bundle(draft: Draft, parameters: Parameters) -> Bundle | None:
    """Make some parameters the fields of one; None for most kernels."""
    g = draft.generator
    if not g.has("struct_def", "field", "attribute") or not g.choices.chance(BUNDLED):
        return None
    bundle = draw_bundle(g, parameters)
    if bundle:
        draft.bundles.append(bundle.struct)
        draft.definitions += [bundle.helper] if bundle.helper else []
    return bundle


def _nothing(g: Generator) -> n.Node:
    """Say that a kernel gives nothing, which most leave unsaid."""
    said = "no_returns" not in g.language.productions or (g.has("returns_none") and g.choices.chance(10))
    return g.build("returns_none" if said else "no_returns", Plan([]))


def _telling(g: Generator, body: Sequence[n.Node]) -> frozenset[str]:
    """The arrays worth observing: not those of variables that no statement changes, unless there are no others."""
    changed = {
        root_name(target) for statement in body for node in walk_statements(statement) for target in targets(node)
    }
    own = {facts.name for facts in g.arrays if facts.role in ("own", "shared")}
    idle = {facts.name for name, facts in g.outputs.items() if name not in changed}
    return frozenset(own - idle or own)


@dataclass(frozen=True)
class Captured:
    """What the kernels of a factory capture: names, and their types in the first kernel and in the second."""

    types: dict[str, Scalar]
    others: dict[str, Scalar]


def _captured(g: Generator) -> Captured:
    """Draw what a factory captures; nothing where there is no factory."""
    if not g.has("factory_def", "free_parameter", "binding") or not g.choices.chance(20):
        return Captured({}, {})
    palette = [t for t in (FLOAT32, FLOAT64, INT32) if t in g.profile.palette] or [INT32]
    types = {g.new_name("s"): g.choices.pick(palette) for _ in range(g.choices.integer(1, 2))}
    others = dict(types)
    if g.choices.chance(RETYPED):
        others |= {name: g.choices.pick([t for t in (FLOAT32, FLOAT64, INT32) if t != types[name]]) for name in types}
    for name, type_ in types.items():
        if others[name] == type_:
            g.scope.bind(name, type_, data=True, fixed=True)
    return Captured(types, others)


def _converted(g: Generator, captured: Captured) -> list[n.Node]:
    """Bind what has another type in another kernel to variables that have one type in both."""
    statements: list[n.Node] = []
    for name, type_ in captured.types.items():
        if captured.others[name] != type_:
            variable = g.new_name("v")
            statements.append(
                g.build("assign", Plan([n.Name(variable), n.Call(dotted(type_.written), (n.Name(name),))]))
            )
            g.scope.bind(variable, type_, data=True)
    return statements


def _defined(draft: Draft, kernel: n.Node, captured: Captured) -> list[str]:
    """Define a kernel at module level, or a factory and two kernels of it that differ a little; gives their names."""
    g = draft.generator
    assert isinstance(kernel, n.KernelDef)
    if not captured.types:
        draft.definitions.append(kernel)
        return [kernel.name]
    free = g.build("parameters", Plan([g.build("free_parameter", Plan([name])) for name in captured.types]))
    factory = g.new_name("make")
    draft.definitions.append(g.build("factory_def", Plan([factory, free, kernel, n.Name(kernel.name)])))
    instances = []
    numbers = [draw_literal(g.choices, type_) for type_ in captured.types.values()]
    for shift, types in enumerate((captured.types, captured.others)):
        arguments = [_capture(type_, number, shift) for type_, number in zip(types.values(), numbers, strict=True)]
        instances.append(g.new_name("k"))
        call = n.Call(n.Name(factory), tuple(arguments))
        draft.definitions.append(g.build("binding", Plan([instances[-1], call])))
    return instances


def _capture(type_: Scalar, number: float, shift: int) -> n.Expr:
    """The captured value of an instance: a thousandth more for the second one."""
    if type_.is_integer:
        return n.IntLiteral(min(int(number), 1000) + shift)
    literal = n.FloatLiteral(round(float(number), 6) + shift / 1000)
    if type_ == FLOAT32:
        return literal
    return n.Call(dotted("wp.constant"), (n.Call(dotted(f"wp.{type_.name}"), (literal,)),))


def _scalar_parameters(g: Generator) -> dict[str, Type]:
    most = 4 if g.profile.category == "scalar_param" else 2
    types = [t for t in g.profile.palette if t != BOOL]
    count = g.choices.integer(2 if most == 4 else 0, most)
    parameters = {g.new_name("p"): g.choices.pick(types) for _ in range(count)}
    for name, type_ in parameters.items():
        g.scope.bind(name, type_, data=True, fixed=True)
    return parameters


def _input_arrays(g: Generator) -> None:
    """Declare inputs: one per type of the palette, sometimes of another shape than the launch; and other arrays."""
    elements = [t for t in g.profile.palette if isinstance(t, Element)]
    for type_ in elements:
        if type_ == BOOL and g.choices.chance(70):
            continue
        shape = g.dims if g.choices.chance(70) else draw_dims(g.choices)
        _declare(g, ArrayFacts(g.new_name("a"), Array(type_, len(shape)), shape, "input"))
    if g.has("conditional", "not_op") and g.choices.chance(OPTIONAL):
        type_, shape = g.choices.pick(elements), draw_dims(g.choices)
        _declare(g, ArrayFacts(g.new_name("m"), Array(type_, len(shape)), shape, "optional"))
    if g.profile.category == "atomic" or g.choices.chance(30):
        for _ in range(g.choices.integer(1, 2)):
            _shared_array(g)


def _shared_array(g: Generator) -> None:
    atomic = g.choices.weighted(updates(), [op.weight for op in updates()])
    types = [t for t in g.profile.palette if isinstance(t, Element) and atomic.match((t, t))]
    if types:
        type_ = g.choices.pick(types)
        shape = tuple(g.choices.integer(2, 4) for _ in range(g.choices.weighted((1, 2), (3, 1))))
        _declare(g, ArrayFacts(g.new_name("s"), Array(type_, len(shape)), shape, "shared", atomic.name))


def _declare(g: Generator, facts: ArrayFacts) -> None:
    g.arrays.append(facts)
    g.scope.arrays[facts.name] = facts


def _thread_index(g: Generator) -> n.Node:
    names = g.scope.coordinates
    for name, length in zip(names, g.dims, strict=True):
        g.scope.bind(name, INT32, data=True, fixed=True)
        g.scope.ranges[name] = (0, length - 1)
    call = n.Call(dotted("wp.tid"), ())
    if len(names) == 1:
        return g.build("assign", Plan([n.Name(names[0]), call]))
    return g.build("tuple_assign", Plan([*map(n.Name, names), call]))


def _first_loads(g: Generator) -> list[n.Node]:
    """Bind variables of the palette's types to this thread's inputs, so that what follows depends on data."""
    statements: list[n.Node] = []
    for facts in list(g.scope.arrays.values()):
        if facts.role != "input" or not g.choices.chance(85):
            continue
        name, type_ = g.new_name("v"), facts.type.element
        if facts.shape == g.dims:
            value: n.Expr = n.Subscript(n.Name(facts.name), tuple(map(n.Name, g.scope.coordinates)))
        else:
            value = dynamic(g, g.expression(Value(type_), 1), type_)
        statements.append(g.build("assign", Plan([n.Name(name), value])))
        g.scope.bind(name, type_, data=True)
    return statements


def _first_calls(g: Generator) -> list[n.Node]:
    """Bind what most functions of the module give: a short kernel would hardly call them."""
    statements: list[n.Node] = []
    for function in g.functions:
        if g.choices.chance(CALLED):
            with suppress(DeadEnd):
                statements.append(bind_call(g, function))
    return statements


def _tally(g: Generator) -> list[n.Node]:
    """Bind what inner blocks add to, so that it shows which of them ran; what adds nothing is pruned."""
    g.tally = ""
    if not g.has("aug_assign") or not g.choices.chance(TALLIED):
        return []
    g.tally = g.new_name("v")
    g.scope.bind(g.tally, INT32, data=False, fixed=True)
    zero = n.Call(dotted(INT32.written), (n.IntLiteral(0),))
    return [g.build("assign", Plan([n.Name(g.tally), zero]))]


def _launch(draft: Draft, kernel: str, scalars: dict[str, Type], bundle: Bundle | None) -> None:
    """Launch a kernel over buffers of its own."""
    g = draft.generator
    given: dict[str, object] = {}
    for facts in g.arrays:
        if facts.role == "optional" and g.choices.chance(50):
            given[facts.name] = None
            continue
        name = _own_name(draft, facts.name, kernel)
        draft.buffers.append(draw_buffer(g.choices, facts, name, wild=g.profile.wild))
        given[facts.name] = BufferRef(name)
    given |= {name: draw_value(g.choices, type_, wild=False) for name, type_ in scalars.items()}
    if bundle:
        whole, buffers = bundle.argument(g, given, _own_name(draft, bundle.name, kernel))
        draft.buffers += buffers
        given = {name: x for name, x in given.items() if name not in bundle.struct.attributes} | {bundle.name: whole}
    draft.launches.append(Launch(kernel, g.dims, tuple(given.values())))


def _own_name(draft: Draft, name: str, kernel: str) -> str:
    """The name of a buffer of a launch: that of the parameter, unless an earlier launch has it."""
    return name if not any(buffer.name == name for buffer in draft.buffers) else f"{name}_{kernel}"
