"""Text to tree and back: hand-typed trees, laws over arbitrary trees, and Python's own parser as a second opinion."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings

from grammar import emit, parse
from grammar import nodes as n
from grammar.check import check
from grammar.nodes import NODES
from grammar.syntax import SyntaxRefused
from grammar.trees import walk

from .trees import OPERATORS, expressions, modules

A, B, C, D = (n.Name(name) for name in "abcd")


def expression(text: str) -> n.Expr:
    """Parse one expression: the value of a binding."""
    (binding,) = parse(f"value = ({text})").definitions
    assert isinstance(binding, n.Binding)
    return binding.value


def statement(text: str) -> n.Statement:
    """Parse one statement, in a kernel."""
    indented = "\n".join(f"    {line}" for line in text.splitlines())
    (kernel,) = parse(f"@wp.kernel\ndef k():\n{indented}\n").definitions
    assert isinstance(kernel, n.KernelDef)
    (found,) = kernel.body.statements
    return found


def block(*statements: n.Statement) -> n.Block:
    return n.Block(statements)


EXPRESSIONS = {
    "a": A,
    "12": n.IntLiteral(12),
    "0xFf": n.IntLiteral(255),
    "0b101": n.IntLiteral(5),
    "00": n.IntLiteral(0),
    "1.5": n.FloatLiteral(1.5),
    "2.": n.FloatLiteral(2.0),
    ".25": n.FloatLiteral(0.25),
    "1e3": n.FloatLiteral(1000.0),
    "2.5E-1": n.FloatLiteral(0.25),
    "True": n.TrueLiteral(),
    "False": n.FalseLiteral(),
    "-1": n.Unary("-", n.IntLiteral(1)),
    "-a ** b": n.Unary("-", n.Power(A, "**", B)),
    "(-a) ** b": n.Power(n.Unary("-", A), "**", B),
    "a ** -b": n.Power(A, "**", n.Unary("-", B)),
    "a ** b ** c": n.Power(A, "**", n.Power(B, "**", C)),
    "a - b - c": n.Sum(n.Sum(A, "-", B), "-", C),
    "a - (b - c)": n.Sum(A, "-", n.Sum(B, "-", C)),
    "a + b * c": n.Sum(A, "+", n.Product(B, "*", C)),
    "a @ b // c % d": n.Product(n.Product(n.Product(A, "@", B), "//", C), "%", D),
    "a | b ^ c & d": n.BitOr(A, "|", n.BitXor(B, "^", n.BitAnd(C, "&", D))),
    "a << b + c >> d": n.Shift(n.Shift(A, "<<", n.Sum(B, "+", C)), ">>", D),
    "~a & b": n.BitAnd(n.Unary("~", A), "&", B),
    "a < b": n.Compare(A, "<", B),
    "a < b <= c": n.ChainedCompare((A, B, C), ("<", "<=")),
    "(a < b) <= c": n.Compare(n.Compare(A, "<", B), "<=", C),
    "not a == b": n.NotOp(n.Compare(A, "==", B)),
    "(not a) == b": n.Compare(n.NotOp(A), "==", B),
    "a or b or c": n.OrOp((A, B, C)),
    "(a or b) or c": n.OrOp((n.OrOp((A, B)), C)),
    "a or b and not c": n.OrOp((A, n.AndOp((B, n.NotOp(C))))),
    "a and (b or c)": n.AndOp((A, n.OrOp((B, C)))),
    "a if b else c if d else a": n.Conditional(A, B, n.Conditional(C, D, A)),
    "(a if b else c) if d else a": n.Conditional(n.Conditional(A, B, C), D, A),
    "a if (b if c else d) else a": n.Conditional(A, n.Conditional(B, C, D), A),
    "wp.sin(a)": n.Call(n.Attribute(n.Name("wp"), "sin"), (A,)),
    "a()": n.Call(A, ()),
    "a(b, c=d,)": n.Call(A, (B, n.Keyword("c", D))),
    "a[b]": n.Subscript(A, (B,)),
    "a[b, c][d]": n.Subscript(n.Subscript(A, (B, C)), (D,)),
    "a[b].x": n.Attribute(n.Subscript(A, (B,)), "x"),
    "a[:]": n.Subscript(A, (n.Slice(n.Absent(), n.Absent()),)),
    "a[b:, :c]": n.Subscript(A, (n.Slice(B, n.Absent()), n.Slice(n.Absent(), C))),
    "a[::-1]": n.Subscript(A, (n.StepSlice(n.Absent(), n.Absent(), n.Unary("-", n.IntLiteral(1))),)),
    "a[b:c:]": n.Subscript(A, (n.StepSlice(B, C, n.Absent()),)),
    "a, b": n.TupleExpr((A, B)),
    "a(shape=(b, c))": n.Call(A, (n.Keyword("shape", n.TupleExpr((B, C))),)),
    "(1).x": n.Attribute(n.IntLiteral(1), "x"),
    "nota or inb": n.OrOp((n.Name("nota"), n.Name("inb"))),
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_parses_to_its_tree(text: str) -> None:
    assert expression(text) == EXPRESSIONS[text]


STATEMENTS = {
    "a": n.ExprStmt(A),
    "a = b": n.Assign(A, B),
    "a[b].x = c": n.Assign(n.Attribute(n.Subscript(A, (B,)), "x"), C),
    "a = (b, c)": n.Assign(A, n.TupleExpr((B, C))),
    "a, b = b, a": n.TupleAssign((A, B), n.TupleExpr((B, A))),
    "a, b = c()": n.TupleAssign((A, B), n.Call(C, ())),
    "a **= b": n.AugAssign(A, "**=", B),
    "a[b] >>= c": n.AugAssign(n.Subscript(A, (B,)), ">>=", C),
    "return": n.ReturnStmt(),
    "return a": n.ReturnValue(A),
    "return a, b": n.ReturnValues((A, B)),
    "return (a, b)": n.ReturnValue(n.TupleExpr((A, B))),
    "break": n.BreakStmt(),
    "continue": n.ContinueStmt(),
    "pass": n.PassStmt(),
    "while a:\n    pass": n.WhileStmt(A, block(n.PassStmt())),
    "for a in range(b):\n    pass": n.ForStmt(A, n.Call(n.Name("range"), (B,)), block(n.PassStmt())),
    "if a:\n    pass": n.IfStmt(A, block(n.PassStmt())),
    "if a:\n    pass\nelse:\n    a\n    b": n.IfStmt(
        A, block(n.PassStmt()), n.ElseBranch(block(n.ExprStmt(A), n.ExprStmt(B)))
    ),
    "if a:\n    pass\nelif b:\n    a\nelse:\n    b": n.IfStmt(
        A,
        block(n.PassStmt()),
        n.ElifBranch(B, block(n.ExprStmt(A)), n.ElseBranch(block(n.ExprStmt(B)))),
    ),
}


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_statement_parses_to_its_tree(text: str) -> None:
    assert statement(text) == STATEMENTS[text]


EVERY_PRODUCTION = """\
from typing import Any
import warp as wp

SCALE = wp.constant(0.5)
mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)


@wp.func
def halved(x: float, y: float = -2.0) -> float:
    if x > y:
        return x * SCALE
    elif x == 1e+22:
        return 0.1
    else:
        return (x + y) * 3.0


@wp.struct
class Pair:
    first: wp.int8
    second: wp.array2d[wp.vec3]


@wp.func
def both(x: int):
    return x, not True


def make(factor):
    @wp.kernel
    def scaled(a: wp.array2d[float], n: int) -> None:
        i, j = wp.tid()
        q = a[0:n, j]
        q[0] += factor if False else a[i, ::-2][j]
        for t in range(1, n):
            while 1 < t <= n or t and not n:
                t <<= ~t & 3 | 4 ^ t >> 1
                break
            continue
        a[i, j] = a[i, j] ** -2.0
        pass
        wp.atomic_add(a, i, j, halved(1.0, y=2.0))
        v = wp.vec2(1.0)
        v.x = (v * 2.0).y
        return

    return scaled


first = make(0.25)
second = make(0.5)
"""


def test_a_module_is_printed_exactly_as_it_is_written_by_hand() -> None:
    assert emit(parse(EVERY_PRODUCTION)) == EVERY_PRODUCTION


def test_the_module_above_holds_every_production() -> None:
    assert {type(node) for node in walk(parse(EVERY_PRODUCTION))} == set(NODES.values())


def test_a_module_parses_to_its_definitions() -> None:
    tree = parse("import warp as wp\nN = 3\n@wp.func\ndef f(x: float = 1.0) -> int:\n    return 1\n")
    parameters = n.Parameters((n.DefaultParameter("x", n.Name("float"), n.FloatLiteral(1.0)),))
    assert tree == n.Module(
        (
            n.ImportStmt("warp", "wp"),
            n.Binding("N", n.IntLiteral(3)),
            n.FuncDef("f", parameters, n.Returns(n.Name("int")), block(n.ReturnValue(n.IntLiteral(1)))),
        )
    )


def test_a_factory_parses_to_the_kernel_it_defines() -> None:
    tree = parse("def make(s, t):\n    @wp.kernel\n    def k(x: int):\n        pass\n    return k\n")
    kernel = n.KernelDef("k", n.Parameters((n.Parameter("x", n.Name("int")),)), n.NoReturns(), block(n.PassStmt()))
    parameters = n.Parameters((n.FreeParameter("s"), n.FreeParameter("t")))
    assert tree == n.Module((n.FactoryDef("make", parameters, kernel, n.Name("k")),))


def test_a_function_without_a_return_annotation_says_so() -> None:
    (function,) = parse("@wp.func\ndef f():\n    return 1\n").definitions
    assert function == n.FuncDef("f", n.Parameters(()), n.NoReturns(), block(n.ReturnValue(n.IntLiteral(1))))


def test_kernels_and_functions_may_say_that_they_return_nothing() -> None:
    rows = ["@wp.kernel", "def k() -> None:", "    pass", "", "", "@wp.func", "def f() -> None:", "    return", ""]
    module = parse("\n".join(rows))
    assert [getattr(definition, "returns", None) for definition in module.definitions] == [n.ReturnsNone()] * 2
    assert emit(module) == "\n".join(rows)


X, Y = n.Name("x"), n.Name("y")


@pytest.mark.parametrize(
    ("text", "tree", "printed"),
    [
        ("x, = y,", n.TupleAssign((X,), n.TupleExpr((Y,))), "x, = y,"),
        ("x, y, = (y, x,)", n.TupleAssign((X, Y), n.TupleExpr((Y, X))), "x, y = y, x"),
        ("x = (y,)", n.Assign(X, n.TupleExpr((Y,))), "x = (y,)"),
        ("x = (y)", n.Assign(X, Y), "x = y"),
    ],
)
def test_a_comma_may_end_a_tuple_and_makes_one_of_a_single_item(text: str, tree: n.Statement, printed: str) -> None:
    assert statement(text) == tree
    assert emit(tree) == printed


@given(modules)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_printed_parses_to_the_same_module(module: n.Module) -> None:
    assert parse(emit(module)) == module


@given(modules)
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_printed_is_python(module: n.Module) -> None:
    ast.parse(emit(module))


@given(expressions)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_every_expression_survives_printing_and_parsing(tree: n.Expr) -> None:
    assert expression(emit(tree)) == tree


@given(expressions)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_python_reads_every_expression_as_we_mean_it(tree: n.Expr) -> None:
    python = ast.parse(emit(tree), mode="eval").body
    assert ast.dump(python) == ast.dump(translated(tree))


ONE_OF_EACH: list[n.Expr] = [
    A,
    n.IntLiteral(1),
    n.FloatLiteral(1.0),
    n.TrueLiteral(),
    n.FalseLiteral(),
    n.Conditional(B, C, D),
    n.OrOp((B, C)),
    n.AndOp((B, C)),
    n.NotOp(B),
    n.Compare(B, "<", C),
    n.ChainedCompare((B, C, D), ("<", "==")),
    n.BitOr(B, "|", C),
    n.BitXor(B, "^", C),
    n.BitAnd(B, "&", C),
    n.Shift(B, "<<", C),
    n.Sum(B, "-", C),
    n.Product(B, "%", C),
    n.Unary("-", B),
    n.Power(B, "**", C),
    n.Attribute(B, "x"),
    n.Subscript(B, (C, D)),
    n.Call(B, (C, n.Keyword("k", D))),
    n.TupleExpr((B, C)),
]


def infix(cls: type[n.BinaryOp], symbol: str, left: n.Expr, right: n.Expr) -> n.Expr:
    return cls(left, symbol, right)


AROUND: dict[str, Callable[[n.Expr], n.Expr]] = {
    "? if b else c": lambda x: n.Conditional(x, B, C),
    "a if ? else c": lambda x: n.Conditional(A, x, C),
    "a if b else ?": lambda x: n.Conditional(A, B, x),
    "? or b": lambda x: n.OrOp((x, B)),
    "a or ?": lambda x: n.OrOp((A, x)),
    "? and b": lambda x: n.AndOp((x, B)),
    "a and ?": lambda x: n.AndOp((A, x)),
    "not ?": n.NotOp,
    "? < b < c": lambda x: n.ChainedCompare((x, B, C), ("<", "<")),
    "a < ? < c": lambda x: n.ChainedCompare((A, x, C), ("<", "<")),
    "a < b < ?": lambda x: n.ChainedCompare((A, B, x), ("<", "<")),
    **{f"? {s[0]} b": partial(infix, cls, s[0], right=B) for cls, s in OPERATORS.items()},
    **{f"a {s[-1]} ?": partial(infix, cls, s[-1], A) for cls, s in OPERATORS.items()},
    "-?": lambda x: n.Unary("-", x),
    "?.x": lambda x: n.Attribute(x, "x"),
    "?[b]": lambda x: n.Subscript(x, (B,)),
    "a[?]": lambda x: n.Subscript(A, (x,)),
    "a[b, ?]": lambda x: n.Subscript(A, (B, x)),
    "a[?:c]": lambda x: n.Subscript(A, (n.Slice(x, C),)),
    "a[b:?]": lambda x: n.Subscript(A, (n.Slice(B, x),)),
    "a[::?]": lambda x: n.Subscript(A, (n.StepSlice(n.Absent(), n.Absent(), x),)),
    "?(b)": lambda x: n.Call(x, (B,)),
    "a(?)": lambda x: n.Call(A, (x,)),
    "a(k=?)": lambda x: n.Call(A, (n.Keyword("k", x),)),
    "?, b": lambda x: n.TupleExpr((x, B)),
    "a, ?": lambda x: n.TupleExpr((A, x)),
}


@pytest.mark.parametrize("hole", AROUND)
def test_every_production_in_every_hole_means_the_same_to_us_and_to_python(hole: str) -> None:
    trees = [AROUND[hole](inner) for inner in ONE_OF_EACH]
    texts = [emit(tree) for tree in trees]
    bindings = parse("".join(f"value = ({text})\n" for text in texts)).definitions
    assert [binding.value for binding in bindings if isinstance(binding, n.Binding)] == trees
    assert [ast.dump(ast.parse(text, mode="eval").body) for text in texts] == [ast.dump(translated(x)) for x in trees]


SYMBOLS: dict[str, ast.operator | ast.unaryop | ast.cmpop] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "%": ast.Mod(),
    "@": ast.MatMult(),
    "**": ast.Pow(),
    "|": ast.BitOr(),
    "^": ast.BitXor(),
    "&": ast.BitAnd(),
    "<<": ast.LShift(),
    ">>": ast.RShift(),
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "==": ast.Eq(),
    "!=": ast.NotEq(),
}
SIGNS: dict[str, ast.unaryop] = {"-": ast.USub(), "+": ast.UAdd(), "~": ast.Invert()}
LOAD = ast.Load()


def translated(tree: n.Node) -> ast.expr:
    """Say with Python's own nodes what a tree means, without any text in between."""
    match tree:
        case n.Name(id):
            return ast.Name(id, LOAD)
        case n.IntLiteral(value) | n.FloatLiteral(value):
            return ast.Constant(value)
        case n.TrueLiteral() | n.FalseLiteral():
            return ast.Constant(isinstance(tree, n.TrueLiteral))
        case n.Unary(symbol, operand):
            return ast.UnaryOp(SIGNS[symbol], translated(operand))
        case n.NotOp(operand):
            return ast.UnaryOp(ast.Not(), translated(operand))
        case n.OrOp(operands) | n.AndOp(operands):
            operator = ast.Or() if isinstance(tree, n.OrOp) else ast.And()
            return ast.BoolOp(operator, [*map(translated, operands)])
        case n.Compare(left, symbol, right):
            return ast.Compare(translated(left), [SYMBOLS[symbol]], [translated(right)])  # type: ignore[list-item]  # by symbol
        case n.ChainedCompare(operands, symbols):
            first, *rest = map(translated, operands)
            return ast.Compare(first, [SYMBOLS[symbol] for symbol in symbols], rest)  # type: ignore[misc]  # by symbol
        case n.BinaryOp(left, symbol, right):
            return ast.BinOp(translated(left), SYMBOLS[symbol], translated(right))  # type: ignore[arg-type]  # by symbol
        case n.Conditional(value, condition, otherwise):
            return ast.IfExp(translated(condition), translated(value), translated(otherwise))
        case n.Attribute(value, attribute):
            return ast.Attribute(translated(value), attribute, LOAD)
        case n.Subscript(value, indices):
            found = [*map(translated, indices)]
            return ast.Subscript(translated(value), found[0] if len(found) == 1 else ast.Tuple(found, LOAD), LOAD)
        case n.Slice(lower, upper):
            return ast.Slice(bound(lower), bound(upper))
        case n.StepSlice(lower, upper, step):
            return ast.Slice(bound(lower), bound(upper), bound(step))
        case n.Call(function, arguments):
            keywords = [
                ast.keyword(item.name, translated(item.value)) for item in arguments if isinstance(item, n.Keyword)
            ]
            positional = [translated(item) for item in arguments if isinstance(item, n.Expr)]
            return ast.Call(translated(function), positional, keywords)
        case n.TupleExpr(items):
            return ast.Tuple([*map(translated, items)], LOAD)
    raise AssertionError(tree)


def bound(tree: n.Node) -> ast.expr | None:
    return None if isinstance(tree, n.Absent) else translated(tree)


SAME_TREE = {
    "comments": "# first\na = 1  # at the end\n\n    # indented\nb = 2 # last",
    "blank lines": "\n\na = 1\n\n\nb = 2\n\n",
    "line ends of Windows": "a = 1\r\n# between\r\nb = 2\r\n",
    "a continued line": "a \\\n  = 1\nb = \\\r\n 2\n",
    "an open bracket": "a = (\n    1 # one\n)\nb = 2",
    "tabs and form feeds": "a\t=\t1\nb =\f2\n",
    "no newline at the end": "a = 1\nb = 2",
}


@pytest.mark.parametrize("layout", SAME_TREE)
def test_layout_does_not_matter(layout: str) -> None:
    assert parse(SAME_TREE[layout]) == n.Module((n.Binding("a", n.IntLiteral(1)), n.Binding("b", n.IntLiteral(2))))


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "   # nothing\n\n"])
def test_a_text_without_definitions_is_an_empty_module(text: str) -> None:
    assert parse(text) == n.Module(())


def test_blocks_may_be_indented_by_tabs_and_differ_in_depth() -> None:
    text = "@wp.kernel\ndef k():\n\tif a:\n\t\tpass\n\t# comment\n\tb\n"
    assert emit(parse(text)) == "@wp.kernel\ndef k():\n    if a:\n        pass\n    b\n"


def test_a_decorator_may_name_the_whole_package() -> None:
    assert emit(parse("@ warp . kernel\ndef k():\n    pass")) == "@wp.kernel\ndef k():\n    pass\n"


def test_operators_in_the_tree_are_plain_strings() -> None:
    tree = expression("a < -b <= c + d")
    words = [getattr(node, "operator", "") for node in walk(tree)] + [*getattr(tree, "operators", ())]
    assert {type(word) for word in words} == {str}


def test_an_infinite_literal_is_printed_as_one_that_reads_as_infinity() -> None:
    assert emit(expression("1e999")) == "1e999"


REFUSED = {
    "x = $": (1, 5, "x = $"),
    "x = 'text'": (1, 5, "x = 'text'"),
    "a = 1\nx = [1, 2]": (2, 5, "x = [1, 2]"),
    "x = 1 )": (1, 7, "x = 1 )"),
    "x = 010": (1, 5, "x = 010"),
    "x": (1, 2, "x"),
    "x = lambda": (1, 5, "x = lambda"),
    "class = 1": (1, 1, "class = 1"),
    "x = a.if": (1, 7, "x = a.if"),
    "x = a is b": (1, 7, "x = a is b"),
    "@wp.kernel\ndef k():\n    assert x\n": (3, 5, "assert x"),
    "@wp.kernel\ndef k():\n    'docstring'\n": (3, 5, "'docstring'"),
    "@wp.kernel\ndef k():\n    if x:\n": (3, 10, "if x:"),
    "@wp.kernel\ndef k():\n    f(1\n": (3, 8, "f(1"),
    "@wp.kernel\ndef k():\n        a = 1\n    b = 2\n": (4, 5, "b = 2"),
    "@wp.kernel\ndef k():\n    x = y = 1\n": (3, 11, "x = y = 1"),
    "@wp.kernel\ndef k():\n    for i, j in f:\n        pass\n": (3, 10, "for i, j in f:"),
    "@wp.kernel\ndef k():\n    a[0], b = 1, 2\n": (3, 9, "a[0], b = 1, 2"),
    "@wp.kernel(enable_backward=False)\ndef k():\n    pass\n": (1, 11, "@wp.kernel(enable_backward=False)"),
    "@wp.func_native\ndef k():\n    pass\n": (1, 1, "@wp.func_native"),
    "def f():\n    return 1\n": (2, 5, "return 1"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_refusal_is_one_sentence_with_line_and_column(text: str) -> None:
    line, column, source = REFUSED[text]
    with pytest.raises(SyntaxRefused) as refusal:
        parse(text)
    assert str(refusal.value) == f"line {line}, column {column}: not in the language: {source!r}"


GLUED = {
    "v = 1and 2": True,
    "v = 0and 2": True,
    "v = 1.and 2": True,
    "v = 0x1for 2": True,
    "v = (x)and(y)": True,
    "v = x if(y)else(z)": True,
    "v = 1if x else-2": True,
    "v = 1and2": False,
    "v = 1 and2": False,
    "v = x andy": False,
    "v = xand y": False,
    "v = 0or 2": False,
    "v = True andx": False,
    "v = 1 if1 else 2": False,
    "v = 1 ifx else 2": False,
    "v = 1 if x else2": False,
    "import warp aswp": False,
    "@wp.kernel\ndefk():\n    pass": False,
    "@wp.kernel\ndef k():\n    for i inrange(3):\n        pass": False,
    "@wp.func\ndef f(x: int):\n    return(x)": True,
    "@wp.func\ndef f(x: int):\n    return-x": True,
    "def make(n):\n    @wp.kernel\n    def k():\n        pass\n    returnk": False,
}


@pytest.mark.parametrize("text", GLUED)
@pytest.mark.filterwarnings("ignore")  # Python will refuse glued numbers one day
def test_words_are_told_apart_where_python_tells_them_apart(text: str) -> None:
    assert (outcome_of(text) == "a module") is GLUED[text]
    if GLUED[text]:
        ast.parse(text)
    elif "returnk" not in text:  # which Python takes for a call
        with pytest.raises(SyntaxError):
            ast.parse(text)


def test_a_number_of_too_many_digits_is_refused_in_one_sentence() -> None:
    with pytest.raises(SyntaxRefused, match=r"^a number of more than 4300 digits is not in the language$"):
        parse("x = " + "9" * 5000)


NESTED = {
    "parentheses": ("x = " + 3000 * "(" + "1" + 3000 * ")", True),
    "98 unary operators": ("x = " + 97 * "-" + "1", True),
    "99 unary operators": ("x = " + 98 * "-" + "1", False),
    "unary operators": ("x = " + 3000 * "-" + "1", False),
    "calls": ("x = " + 3000 * "f(" + "1" + 3000 * ")", False),
    "terms": ("x = " + 3000 * "1 + " + "1", False),
    "branches": ("@wp.kernel\ndef k():\n    if a:\n        b\n" + 3000 * "    elif a:\n        b\n", False),
}


@pytest.mark.parametrize("form", NESTED)
def test_what_is_nested_too_deeply_is_refused_in_one_sentence(form: str) -> None:
    text, taken = NESTED[form]
    sentence = "a text nested more than 100 deep is not in the language"
    assert outcome_of(text) == ("a module" if taken else sentence)


@pytest.mark.parametrize("form", ["wp.sin({})", "-{}", "{} + 1.0", "1.0 if {} < 1.0 else 1.0"])
def test_what_is_just_not_too_deep_can_be_checked_and_printed(form: str) -> None:
    taken = text = "1.0"
    while outcome_of(module := f"import warp as wp\n@wp.func\ndef f():\n    return {text}\n") == "a module":
        taken, text = module, form.format(text if form in ("-{}", "{} + 1.0") else f"({text})")
    tree = parse(taken)
    check(tree)
    assert parse(emit(tree)) == tree


def test_a_text_that_is_too_long_is_refused_in_one_sentence() -> None:
    with pytest.raises(SyntaxRefused, match=r"^a text of more than 262144 characters is not in the language$"):
        parse("x = 1\n" * 50_000)


def outcome_of(text: str) -> str:
    try:
        parse(text)
    except SyntaxRefused as refusal:
        return "a place" if str(refusal).startswith("line ") else str(refusal)
    return "a module"


@given(modules)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_text_parses_or_is_refused(module: n.Module) -> None:
    text = emit(module)
    for cut in range(0, len(text), max(1, len(text) // 7)):
        for damaged in (text[:cut], text[cut:], text[:cut] + ")" + text[cut:], text[:cut] + "\n  " + text[cut:]):
            assert outcome_of(damaged) in ("a module", "a place")
