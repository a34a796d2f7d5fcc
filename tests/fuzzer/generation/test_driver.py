"""The driver and the typing rules: every production has one, and none serves a want of another type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from fuzzer.generation import rules  # noqa: F401  # importing registers the typing rules
from fuzzer.generation.choices import Choices
from fuzzer.generation.driver import RULES, DeadEnd, Generator, Plan, is_idle
from fuzzer.generation.profiles import Profile, own_weights
from fuzzer.generation.rules.assignments import dynamic
from fuzzer.generation.scope import ArrayFacts, Scope
from fuzzer.generation.wants import USES, Index, Nested, Statement, Symbol, Value
from grammar import emit, language
from grammar import nodes as n
from grammar.check import TypeRefused, check, dotted, type_definitions, written
from grammar.language import OWN_TEXT, Language, load
from grammar.nodes import NODES
from grammar.ops.record import TABLE
from grammar.syntax import parse_expression
from grammar.trees import walk
from grammar.types import BOOL, FLOAT32, FLOAT64, FLOATS, INT32, SCALARS, Array, Matrix, Scalar, Type, Vector
from tests.elements import ELEMENTS

#: Productions that no rule draws, and what builds them instead.
BUILT_BY_OTHERS = {
    "module": "modules.finished",
    "import_stmt": "drafts.finished",
    "import_from": "drafts.finished",
    "binding": "modules: constants and instances of factories",
    "struct_def": "drafts.finished",
    "field": "drafts.finished",
    "kernel_def": "modules._kernel",
    "func_def": "modules._function",
    "factory_def": "modules._defined",
    "parameters": "modules: signatures",
    "parameter": "modules: signatures",
    "default_parameter": "modules: signatures of functions",
    "free_parameter": "modules: signatures of factories",
    "returns": "modules._function",
    "returns_none": "modules._kernel",
    "no_returns": "modules._undeclared",
    "return_value": "modules._return: a function ends in one",
    "return_values": "modules._return: a function ends in one",
    "return_stmt": "statements._jump: the body of an if may end in a jump",
    "break_stmt": "statements._jump",
    "continue_stmt": "statements._jump",
    "slice": "expressions._written_bounds: the subscript that reads a slice draws it",
    "step_slice": "expressions._written_bounds",
    "absent": "expressions._written_bounds: a bound that is left out",
    "keyword": "expressions._with_keywords: the call draws it",
}

THREADS = 5


def palette(scalar: Scalar) -> tuple[Type, ...]:
    composites = (Vector(3, scalar), Matrix(2, 2, scalar), Vector(2, scalar)) if scalar in (*FLOATS, INT32) else ()
    return tuple(dict.fromkeys((scalar, INT32, BOOL, *composites)))


def generator(seed: int, types: tuple[Type, ...], grammar: Language | None = None) -> Generator:
    """A generator in a kernel that has a variable ``v_0`` and an input array ``a0`` of every type, in order."""
    operations = {op.name: 1 for op in TABLE.values()}
    profile = Profile("combined", types, dict.fromkeys(NODES, 2), operations, statements=5, depth=3, wild=False)
    scope = Scope(in_kernel=True, coordinates=("i",))
    g = Generator(grammar or language(), Choices.seeded(seed), profile, scope, dims=(THREADS,), budget=8)
    scope.bind("i", INT32, data=True, fixed=True)
    scope.ranges["i"] = (0, THREADS - 1)
    for number, type_ in enumerate(types):
        assert isinstance(type_, Scalar | Vector | Matrix)
        scope.bind(f"v_{number}", type_, data=True)
        scope.arrays[f"a{number}"] = ArrayFacts(f"a{number}", Array(type_, 1), (THREADS,), "input")
    g.arrays = list(scope.arrays.values())
    return g


def kernel_with(g: Generator, statements: list[n.Node]) -> n.Module:
    """A module whose one kernel holds the statements, behind those that bind the variables in scope."""
    aliases = type_definitions(g.profile.palette)
    parameters = tuple(n.Parameter(facts.name, written(facts.type)) for facts in g.arrays)
    loads = [
        n.Assign(n.Name(f"v_{number}"), n.Subscript(n.Name(f"a{number}"), (n.Name("i"),)))
        for number in range(len(g.profile.palette))
    ]
    index = n.Assign(n.Name("i"), n.Call(dotted("wp.tid"), ()))
    body = n.Block((index, *loads, *statements))  # type: ignore[arg-type]  # statements, as the driver types them
    return n.Module(
        (n.ImportStmt("warp", "wp"), *aliases, n.KernelDef("k", n.Parameters(parameters), n.NoReturns(), body))
    )


def served(seed: int, scalar: Scalar) -> Iterator[tuple[str, Generator, n.Expr, Type]]:
    """What each rule of expressions makes of a want of each type and use."""
    types = palette(scalar)
    for (name, kind), rule in RULES.items():
        if kind is Value:
            for number, type_ in enumerate(types):
                g = generator(seed + number, types)
                use = g.choices.pick(USES)
                plan = rule(g, g.language.productions[name], Value(type_, use), 3)
                try:
                    made = None if plan is None else g.build(name, plan, 3)
                except DeadEnd:
                    continue
                if made is not None:
                    assert isinstance(made, n.Expr)
                    yield name, g, made, type_


def test_every_production_has_a_typing_rule_or_is_built_by_others() -> None:
    drawn = {name for name, _ in RULES}
    assert drawn | set(BUILT_BY_OTHERS) == set(language().productions)
    assert drawn & set(BUILT_BY_OTHERS) == set()


def test_every_production_has_a_weight_and_every_weight_a_production() -> None:
    weights = own_weights().productions
    assert set(weights) == set(language().productions)
    assert min(weights.values()) > 0


@pytest.mark.parametrize("scalar", SCALARS, ids=str)
def test_no_rule_serves_a_want_of_another_type(scalar: Scalar) -> None:
    for name, g, made, type_ in served(11, scalar):
        module = kernel_with(g, [*g.before, n.Assign(n.Name("x"), made)])
        assert check(module).type_of(made) == type_, f"{name}: {emit(made)}"


def test_every_rule_of_expressions_serves_some_want() -> None:
    found = {name for scalar in (FLOAT32, INT32) for seed in range(6) for name, *_ in served(seed, scalar)}
    assert found == {name for name, kind in RULES if kind is Value}


@pytest.mark.parametrize("scalar", SCALARS, ids=str)
def test_a_generated_expression_has_the_type_that_was_wanted(scalar: Scalar) -> None:
    types = palette(scalar)
    for seed in range(3):
        g = generator(seed, types)
        wanted = [Value(type_, use) for type_ in types for use in USES]
        made = [g.expression(want) for want in wanted]
        assigned = [n.Assign(n.Name(f"x{number}"), expr) for number, expr in enumerate(made)]
        typing = check(kernel_with(g, assigned))  # type: ignore[arg-type]  # assignments all
        assert [typing.type_of(expr) for expr in made] == [want.type for want in wanted]


def test_constructors_are_called_without_names() -> None:
    production = language().productions["call"]
    called = Counter[str]()
    for seed in range(400):
        g = generator(seed, palette(INT32))
        plan = RULES["call", Value](g, production, Value(Matrix(2, 2, INT32)), 3)
        assert plan is not None
        function, *arguments = plan.parts
        named = any(isinstance(part, Nested) and part.production == "keyword" for part in arguments)
        called[emit(function) + " with names" * named] += 1  # type: ignore[arg-type]  # a node
    assert called["mat22i"] > 100
    assert called["mat22i with names"] == 0
    assert called["wp.transpose with names"] > 0


@pytest.mark.parametrize("length", [1, 2, 5, 9])
def test_an_index_is_an_integer_in_range_whatever_the_thread(length: int) -> None:
    for seed in range(20):
        g = generator(seed, palette(FLOAT32))
        made = g.fill("index", Index(length), 2)
        assert isinstance(made, n.Expr)
        typing = check(kernel_with(g, [n.Assign(n.Name("x"), made)]))
        found = typing.type_of(made)
        assert isinstance(found, Scalar)
        assert found.is_integer
        match made:
            case n.IntLiteral(value):
                assert value < length
            case n.Unary("-", n.IntLiteral(value)):
                assert 1 <= value <= length
            case n.Name():
                assert length >= THREADS


def test_generated_statements_are_well_typed() -> None:
    made: Counter[type] = Counter()
    for seed in range(60):
        g = generator(seed, palette(FLOAT64 if seed % 2 else INT32))
        statement = g.fill("statement", Statement(), 3)
        check(kernel_with(g, [*g.before, statement]))
        made[type(statement)] += 1
    assert {n.Assign, n.AugAssign, n.TupleAssign, n.IfStmt, n.ForStmt, n.WhileStmt} <= set(made)


def without(line: str) -> Language:
    """The grammar without one line of text."""
    [found] = [candidate for candidate in OWN_TEXT.splitlines() if candidate.strip() == line]
    return load(OWN_TEXT.replace(found + "\n", ""))


def test_a_production_that_is_not_in_the_grammar_is_not_generated() -> None:
    grammar = without('| or_test "if" or_test "else" expr      -> conditional')
    g = generator(0, palette(FLOAT32), grammar)
    with pytest.raises(DeadEnd, match="the grammar has no conditional"):
        g.build("conditional", Plan([]))
    with pytest.raises(DeadEnd, match="a part is not in this grammar"):
        g.permitted(n.Unary("-", n.Conditional(n.Name("x"), n.TrueLiteral(), n.Name("y"))))
    assert not g.has("name", "conditional")
    assert "conditional" not in grammar.fits["expr"]


def test_an_operator_that_is_not_in_the_grammar_is_not_generated() -> None:
    g = generator(0, palette(INT32), without('| "%"'))
    with pytest.raises(DeadEnd, match="no operator"):
        g.build("product", Plan([n.Name("i"), Symbol(("%",)), n.IntLiteral(2)]))
    with pytest.raises(DeadEnd, match="the grammar has no operator %"):
        g.build("product", Plan([n.Name("i"), "%", n.IntLiteral(2)]))
    assert isinstance(g.build("product", Plan([n.Name("i"), "*", n.IntLiteral(2)])), n.Product)


def test_a_production_of_weight_zero_is_not_drawn() -> None:
    g = generator(0, palette(FLOAT32))
    off = {name: 0 for name in NODES} | {"name": 1}
    g.profile = Profile("combined", palette(FLOAT32), off, {}, statements=5, depth=3, wild=False)
    assert isinstance(g.expression(Value(FLOAT32)), n.Name)


def test_a_hole_that_nothing_fits_is_a_dead_end() -> None:
    g = generator(0, palette(FLOAT32))
    with pytest.raises(DeadEnd, match="nothing fits expr"):
        g.expression(Value(Array(FLOAT32, 1)))


def test_a_dead_end_inside_a_rule_is_left_for_another_production(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(g: Generator, *_: object) -> Plan:
        g.before.append(n.PassStmt())
        raise DeadEnd("stuck")

    for name, kind in list(RULES):
        if kind is Value and name != "name":
            monkeypatch.setitem(RULES, (name, kind), stuck)
    g = generator(0, palette(FLOAT32))
    assert isinstance(g.expression(Value(FLOAT32)), n.Name)
    assert g.before == []


IDLE = ["x - x", "x / x", "x % (x | 1)", "x < x", "x and x", "wp.min(x, x)", "wp.clamp(x, y, x)", "x if y else x"]
IDLE += ["x if y else (x if z else y)"]
TELLING = ["x + x", "x * x", "x - y", "x % (y | 1)", "wp.min(x, y)", "wp.vec2(x, x)", "x if y else z", "-x"]


@pytest.mark.parametrize(("text", "idle"), [*((text, True) for text in IDLE), *((text, False) for text in TELLING)])
def test_equal_operands_make_an_expression_idle_unless_they_add_up(text: str, idle: bool) -> None:
    assert is_idle(parse_expression(text)) is idle


def test_no_expression_that_is_drawn_is_idle() -> None:
    for seed in range(100):
        made = generator(seed, palette(INT32)).expression(Value(INT32, "data"))
        assert not any(is_idle(node) for node in walk(made)), emit(made)


def test_a_small_int_is_a_counter_a_remainder_or_masked() -> None:
    for seed in range(100):
        made = generator(seed, palette(INT32)).expression(Value(INT32, "small"))
        assert isinstance(made, n.Name | n.Product | n.BitAnd)


def test_a_divisor_is_not_zero_and_a_shift_is_short_mostly_by_construction() -> None:
    made = []
    for seed in range(100):
        g = generator(seed, palette(INT32))
        made.append(g.expression(Value(INT32, "data"), 4))
    divisors = [x.right for e in made for x in walk(e) if isinstance(x, n.Product) and x.operator in ("/", "//", "%")]
    safe = [x for x in divisors if isinstance(x, n.BitOr) or (isinstance(x, n.IntLiteral) and x.value)]
    assert len(divisors) >= 20
    assert len(safe) >= 0.8 * len(divisors)


@pytest.mark.parametrize(
    ("written_so", "type_", "wrapped"),
    [
        ("-1.5", FLOAT32, "wp.float32(-1.5)"),
        ("-wp.PI", FLOAT32, "wp.float32(-wp.PI)"),
        ("v_0 if v_2 else 2.0", FLOAT32, "wp.float32(v_0 if v_2 else 2.0)"),
        ("v_0 + 1.5", FLOAT32, "v_0 + 1.5"),
        ("C0 if True else v_1", Vector(3, FLOAT32), "wp.vec3(C0 if True else v_1)"),
        ("C0 if v_2 else v_1", Vector(3, FLOAT32), "C0 if v_2 else v_1"),
        ("-C0", Vector(3, FLOAT32), "-C0"),
    ],
)
def test_what_warp_takes_as_a_constant_is_cast_before_a_loop_may_change_it(
    written_so: str, type_: Type, wrapped: str
) -> None:
    g = generator(0, palette(FLOAT32))
    g.scope.bind("C0", Vector(3, FLOAT32), data=False, fixed=True)
    assert emit(dynamic(g, parse_expression(written_so), type_)) == wrapped


def test_parts_are_built_in_order_and_then_the_scope_changes() -> None:
    g = generator(0, palette(FLOAT32))
    seen: list[str] = []

    def late() -> n.Expr:
        seen.append("late")
        return n.IntLiteral(1)

    plan = Plan([Nested("unary", ("-", n.IntLiteral(2))), "*", late], lambda: seen.append("then"))
    assert emit(g.build("product", plan)) == "-2 * 1"
    assert seen == ["late", "then"]


def test_new_names_are_new() -> None:
    g = generator(0, palette(FLOAT32))
    assert [g.new_name("v"), g.new_name("v"), g.new_name("f"), g.new_name("v")] == ["v0", "v1", "f0", "v2"]


def test_an_own_array_has_an_element_per_thread() -> None:
    g = generator(0, palette(FLOAT32))
    facts = g.own_array(Vector(3, FLOAT32))
    assert (facts.name, str(facts.type), facts.shape, facts.role) == ("o0", "array1d<vec3<float32>>", (THREADS,), "own")
    assert g.arrays[-1] is facts
    assert g.scope.arrays["o0"] is facts


def test_an_empty_block_gets_a_pass() -> None:
    assert emit(generator(0, palette(FLOAT32)).block([])) == "pass"


def test_the_kernel_that_these_tests_check_in_refuses_what_is_ill_typed() -> None:
    g = generator(0, palette(FLOAT32))
    wrong = n.Assign(n.Name("x"), n.Sum(n.Name("v_0"), "+", n.Name("v_1")))
    with pytest.raises(TypeRefused):
        check(kernel_with(g, [wrong]))


def test_the_palettes_of_these_tests_cover_every_scalar_type() -> None:
    assert {t for scalar in SCALARS for t in palette(scalar)} >= set(SCALARS)
    assert {t for scalar in SCALARS for t in palette(scalar)} <= set(ELEMENTS)
