"""What Lark says of the grammar: productions, holes, what fits where, and what remains when something is removed."""

from __future__ import annotations

import re

import pytest

from grammar import UserError, language
from grammar.language import OWN_TEXT, Production, load
from grammar.nodes import NODES
from grammar.syntax import _EMITTERS

FRAME = ("block", "field", "module", "name", "parameters")
"""Productions that are rules of their own: without them nothing can be written."""

COMPANIONS = {
    "call": {"keyword"},
    "func_def": {"returns"},
    "if_stmt": {"elif_branch", "else_branch"},
    "struct_def": {"field"},
    "subscript": {"slice", "step_slice", "absent"},
}
"""Productions that go with another one, because they stand in it only."""

OPERATORS_OF = {
    "aug_assign": "_augmented",
    "bit_and": "_bit_and",
    "bit_or": "_bit_or",
    "bit_xor": "_bit_xor",
    "power": "_power",
    "product": "_product",
    "shift": "_shift",
    "sum": "_sum",
    "unary": "_unary",
}

EXPRESSIONS = {
    *("and_op", "attribute", "bit_and", "bit_or", "bit_xor", "call", "chained_compare", "compare", "conditional"),
    *("false_literal", "float_literal", "int_literal", "name", "not_op", "or_op", "power", "product", "shift"),
    *("subscript", "sum", "true_literal", "tuple_expr", "unary"),
}
PRIMARIES = {"attribute", "call", "false_literal", "float_literal", "int_literal", "name", "subscript", "true_literal"}


def without(ending: str) -> str:
    """Return the grammar without the one alternative whose line ends so; a rule then begins with its next one."""
    lines = OWN_TEXT.splitlines()
    (at,) = (i for i, line in enumerate(lines) if line.endswith(ending))
    head, colon, _ = lines[at].partition(":")
    if not lines[at].startswith("    |"):
        lines[at + 1] = re.sub(r"^    \|", head + colon, lines[at + 1])
    return "\n".join(lines[:at] + lines[at + 1 :])


def without_operator(rule: str, symbol: str) -> str:
    start = OWN_TEXT.index(f"!{rule}:")
    end = OWN_TEXT.find("\n!", start + 1)
    end = end if end > 0 else OWN_TEXT.index("\n\n_KERNEL", start)
    kept = [s for s in re.findall(r'"(.+?)"', OWN_TEXT[start:end]) if s != symbol]
    return OWN_TEXT[:start] + f"!{rule}: " + " | ".join(f'"{s}"' for s in kept) + OWN_TEXT[end:]


def test_every_node_class_is_a_production_and_every_production_a_node_class() -> None:
    assert set(language().productions) == set(NODES)


def test_every_production_has_an_emitter() -> None:
    assert set(_EMITTERS) == set(NODES.values())


def test_every_production_stands_on_a_line_of_its_own() -> None:
    labels = re.findall(r"-> (\w+)$", OWN_TEXT, re.MULTILINE)
    assert sorted([*labels, "block", "field", "module", "parameters"]) == sorted(NODES)


@pytest.mark.parametrize("name", sorted(set(NODES) - set(FRAME)))
def test_a_removed_line_removes_exactly_that_production(name: str) -> None:
    reduced = load(without(f"-> {name}"))
    gone = {name} | COMPANIONS.get(name, set())
    assert set(reduced.productions) == set(NODES) - gone
    assert all(gone.isdisjoint(fitting) for fitting in reduced.fits.values())
    lost = {OPERATORS_OF[name]} if name in OPERATORS_OF else set()
    assert set(language().operators) - set(reduced.operators) == lost


@pytest.mark.parametrize("rule", re.findall(r"^[?!]?(\w+):", OWN_TEXT, re.MULTILINE))
def test_a_grammar_without_the_first_line_of_a_rule_is_refused_in_one_sentence(rule: str) -> None:
    text = re.sub(rf"^[?!]?{rule}: .*\n", "", OWN_TEXT, flags=re.MULTILINE)
    with pytest.raises(UserError) as refusal:
        load(text)
    assert re.fullmatch(r"the grammar does not load: .*; compare it with grammar/kernel.lark", str(refusal.value))


ENDS = [(rule, s[end]) for rule, s in language().operators.items() if len(s) > 1 for end in (0, -1)]


@pytest.mark.parametrize(("rule", "symbol"), ENDS)
def test_a_removed_operator_is_the_only_form_that_goes(rule: str, symbol: str) -> None:
    reduced = load(without_operator(rule, symbol))
    assert set(language().forms) - set(reduced.forms) == {f"{rule[1:]} {symbol}"}
    assert set(reduced.forms) <= set(language().forms)


def test_forms_are_productions_and_operators() -> None:
    forms = language().forms
    assert len(forms) == 59 + 35
    assert {"while_stmt", "sum +", "compare !=", "augmented **=", "unary ~"} <= set(forms)


def test_operators_are_read_from_their_rules() -> None:
    assert language().operators == {
        "_augmented": ("+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^=", "<<=", ">>="),
        "_bit_and": ("&",),
        "_bit_or": ("|",),
        "_bit_xor": ("^",),
        "_compare": ("<", "<=", ">", ">=", "==", "!="),
        "_power": ("**",),
        "_product": ("*", "/", "//", "%", "@"),
        "_shift": ("<<", ">>"),
        "_sum": ("+", "-"),
        "_unary": ("-", "+", "~"),
    }


PRODUCTIONS = [
    Production("conditional", "expr", ("or_test", "or_test", "expr")),
    Production("sum", "sum", ("sum", "_sum", "product")),
    Production("power", "power", ("primary", "_power", "factor")),
    Production("unary", "factor", ("_unary", "factor")),
    Production("or_op", "or_test", ("and_test", "and_test"), repeats=True),
    Production("chained_compare", "comparison", ("bit_or", "_compare", "bit_or", "_compare", "bit_or"), repeats=True),
    Production("call", "primary", ("primary", "argument", "argument"), repeats=True),
    Production("subscript", "primary", ("primary", "index", "index"), repeats=True),
    Production("step_slice", "index", ("bound", "bound", "bound")),
    Production("absent", "bound", ()),
    Production("name", "name", ("NAME",)),
    Production("if_stmt", "statement", ("expr", "block", "orelse")),
    Production("for_stmt", "statement", ("name", "expr", "block")),
    Production("tuple_assign", "simple", ("name", "name", "name", "values"), repeats=True),
    Production("block", "block", ("statement",), repeats=True),
    Production("kernel_def", "definition", ("NAME", "parameters", "nothing", "block")),
    Production("factory_def", "definition", ("NAME", "parameters", "definition", "expr")),
]


@pytest.mark.parametrize("production", PRODUCTIONS, ids=lambda production: production.name)
def test_the_holes_of_a_production_are_its_kept_symbols(production: Production) -> None:
    assert language().productions[production.name] == production


FITS = {
    "expr": EXPRESSIONS,
    "or_test": EXPRESSIONS,
    "primary": EXPRESSIONS,
    "values": EXPRESSIONS,
    "bound": EXPRESSIONS | {"absent"},
    "argument": EXPRESSIONS | {"keyword"},
    "index": EXPRESSIONS | {"slice", "step_slice"},
    "name": {"name"},
    "orelse": {"elif_branch", "else_branch"},
    "returns": {"no_returns", "returns", "returns_none"},
    "nothing": {"no_returns", "returns_none"},
    "definition": {"binding", "factory_def", "func_def", "import_from", "import_stmt", "kernel_def", "struct_def"},
    "statement": {
        *("assign", "aug_assign", "break_stmt", "continue_stmt", "expr_stmt", "for_stmt", "if_stmt", "pass_stmt"),
        *("return_stmt", "return_value", "return_values", "tuple_assign", "while_stmt"),
    },
}


@pytest.mark.parametrize("hole", FITS)
def test_what_fits_a_hole_ignores_layers_of_precedence(hole: str) -> None:
    assert set(language().fits[hole]) == FITS[hole]
    assert list(language().fits[hole]) == sorted(FITS[hole])


BARE = {
    "primary": PRIMARIES,
    "power": PRIMARIES | {"power"},
    "factor": PRIMARIES | {"power", "unary"},
    "product": PRIMARIES | {"power", "unary", "product"},
    "sum": PRIMARIES | {"power", "unary", "product", "sum"},
    "not_test": EXPRESSIONS - {"conditional", "or_op", "and_op", "tuple_expr"},
    "or_test": EXPRESSIONS - {"conditional", "tuple_expr"},
    "expr": EXPRESSIONS - {"tuple_expr"},
    "values": EXPRESSIONS,
}


@pytest.mark.parametrize("hole", BARE)
def test_what_stands_bare_in_a_hole_binds_at_least_as_tightly(hole: str) -> None:
    assert language().bare[hole] == BARE[hole]


REFUSED = {
    "": "the grammar does not load: Using an undefined rule: NonTerminal('module'); "
    "compare it with grammar/kernel.lark",
    "what is this": "the grammar does not load: Expecting rule or terminal definition (missing colon), "
    "at line 1 column 6; compare it with grammar/kernel.lark",
    "module: statement": "the grammar does not load: Rule 'statement' used but not defined (in rule module); "
    "compare it with grammar/kernel.lark",
    "module: /(/": "the grammar does not load: Cannot compile token __ANON_0: '('; compare it with grammar/kernel.lark",
    'module: try\ntry: "try" -> try_stmt': "the grammar has a production 'try_stmt' that this program does not know",
}


@pytest.mark.parametrize("rule", ['try: "try"', '?try: "try" expr -> try_stmt', "name_of: NAME"])
def test_a_rule_that_nothing_leads_to_is_refused_where_it_is_not_ours(rule: str) -> None:
    name = rule.lstrip("?").partition(":")[0]
    sentence = f"the grammar has a rule {name!r} that this program does not know; remove it"
    with pytest.raises(UserError, match=re.escape(sentence)):
        load(f"{OWN_TEXT}\n{rule}\n")


def test_a_rule_of_ours_that_nothing_leads_to_any_more_is_accepted() -> None:
    reduced = load(without("-> if_stmt"))
    assert "orelse" in reduced.rules
    assert "else_branch" not in reduced.productions


@pytest.mark.parametrize("text", REFUSED)
def test_a_grammar_that_is_not_ours_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(UserError) as refusal:
        load(text)
    assert str(refusal.value) == REFUSED[text]
