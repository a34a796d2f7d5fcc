"""Hypothesis strategies for well-formed trees: every production of an expression, a statement and a definition."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import strategies as st

from grammar import nodes as n

OPERATORS: dict[type[n.BinaryOp], tuple[str, ...]] = {
    n.Compare: ("<", "<=", ">", ">=", "==", "!="),
    n.BitOr: ("|",),
    n.BitXor: ("^",),
    n.BitAnd: ("&",),
    n.Shift: ("<<", ">>"),
    n.Sum: ("+", "-"),
    n.Product: ("*", "/", "//", "%", "@"),
    n.Power: ("**",),
}
AUGMENTED = ("+=", "-=", "*=", "/=", "//=", "%=", "**=", "@=", "&=", "|=", "^=", "<<=", ">>=")

words = st.sampled_from(("a", "b", "x1", "_q", "wp", "iffy", "notes", "größe"))
names = st.builds(n.Name, words)
leaves = st.one_of(
    names,
    st.builds(n.IntLiteral, st.integers(0, 2**70)),
    st.builds(n.FloatLiteral, st.floats(min_value=0.0, allow_nan=False)),
    st.builds(n.TrueLiteral),
    st.builds(n.FalseLiteral),
)


def several(items: st.SearchStrategy[n.Expr], least: int = 2) -> st.SearchStrategy[tuple[n.Expr, ...]]:
    return st.lists(items, min_size=least, max_size=least + 1).map(tuple)


def binary(cls: type[n.BinaryOp], operand: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    return st.builds(cls, operand, st.sampled_from(OPERATORS[cls]), operand)


def chained(operand: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    compared = st.lists(st.tuples(st.sampled_from(OPERATORS[n.Compare]), operand), min_size=2, max_size=3)
    return st.builds(
        lambda first, rest: n.ChainedCompare((first, *(x for _, x in rest)), tuple(o for o, _ in rest)),
        operand,
        compared,
    )


def called(operand: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    keywords = st.lists(st.builds(n.Keyword, words, operand), max_size=2, unique_by=lambda keyword: keyword.name)
    arguments = st.builds(lambda a, b: (*a, *b), st.lists(operand, max_size=2), keywords)
    return st.builds(n.Call, operand, arguments)


def subscripted(operand: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    bound = operand | st.builds(n.Absent)
    index = st.one_of(operand, st.builds(n.Slice, bound, bound), st.builds(n.StepSlice, bound, bound, bound))
    return st.builds(n.Subscript, operand, st.lists(index, min_size=1, max_size=2).map(tuple))


def larger(operand: st.SearchStrategy[n.Expr]) -> st.SearchStrategy[n.Expr]:
    return st.one_of(
        *(binary(cls, operand) for cls in OPERATORS),
        chained(operand),
        called(operand),
        subscripted(operand),
        st.builds(n.Attribute, operand, words),
        st.builds(n.Unary, st.sampled_from("-+~"), operand),
        st.builds(n.NotOp, operand),
        st.builds(n.AndOp, several(operand)),
        st.builds(n.OrOp, several(operand)),
        st.builds(n.Conditional, operand, operand, operand),
        st.builds(n.TupleExpr, several(operand, 1)),
    )


expressions: st.SearchStrategy[n.Expr] = st.recursive(leaves, larger, max_leaves=12)
small = st.recursive(leaves, larger, max_leaves=3)
places = st.one_of(names, st.builds(n.Attribute, small, words), subscripted(small))
simple_statements: st.SearchStrategy[n.Statement] = st.one_of(
    st.builds(n.ExprStmt, small),
    st.builds(n.Assign, places, small),
    st.builds(n.TupleAssign, several(names, 1), small),
    st.builds(n.AugAssign, places, st.sampled_from(AUGMENTED), small),
    st.builds(n.ReturnStmt),
    st.builds(n.ReturnValue, small),
    st.builds(n.ReturnValues, several(small)),
    st.builds(n.BreakStmt),
    st.builds(n.ContinueStmt),
    st.builds(n.PassStmt),
)


def compound(statement: st.SearchStrategy[n.Statement]) -> st.SearchStrategy[n.Statement]:
    block = st.builds(n.Block, st.lists(statement, min_size=1, max_size=2).map(tuple))
    last = st.none() | st.builds(n.ElseBranch, block)
    orelse = last | st.builds(n.ElifBranch, small, block, last)
    return st.one_of(
        st.builds(n.IfStmt, small, block, orelse),
        st.builds(n.ForStmt, names, small, block),
        st.builds(n.WhileStmt, small, block),
    )


blocks = st.builds(
    n.Block,
    st.lists(st.recursive(simple_statements, compound, max_leaves=4), min_size=1, max_size=3).map(tuple),
)


def _in_order(items: Iterable[n.Parameter | n.DefaultParameter | n.FreeParameter]) -> n.Parameters:
    return n.Parameters(tuple(sorted(items, key=lambda item: isinstance(item, n.DefaultParameter))))


parameters = st.builds(
    _in_order,
    st.lists(
        st.one_of(
            st.builds(n.Parameter, words, small),
            st.builds(n.DefaultParameter, words, small, small),
            st.builds(n.FreeParameter, words),
        ),
        max_size=3,
    ),
)
nothing = st.builds(n.NoReturns) | st.builds(n.ReturnsNone)
kernels = st.builds(n.KernelDef, words, parameters, nothing, blocks)
functions = st.builds(n.FuncDef, words, parameters, nothing | st.builds(n.Returns, small), blocks)
bindings = st.builds(n.Binding, words, small)
imports = st.builds(n.ImportStmt, words, words) | st.builds(n.ImportFrom, words, words)
factories = st.builds(n.FactoryDef, words, parameters, kernels | functions | bindings, small)
definitions: st.SearchStrategy[n.Definition] = st.one_of(imports, bindings, kernels, functions, factories)
modules = st.builds(n.Module, st.lists(definitions, max_size=4).map(tuple))
