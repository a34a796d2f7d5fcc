"""Walking and changing trees: by identity, by path, from the leaves up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from grammar import emit, module_names, parse, rename
from grammar import nodes as n
from grammar.nodes import Node
from grammar.trees import (
    callee_name,
    children,
    copy,
    node_at,
    path_of,
    replace,
    size,
    transform,
    walk,
    walk_statements,
    with_children,
)

from .trees import expressions, modules

A, B = n.Name("a"), n.Name("b")
QUIET = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])


def test_children_come_in_the_order_of_the_source() -> None:
    value, condition, otherwise = n.IntLiteral(1), n.TrueLiteral(), n.IntLiteral(2)
    assert children(n.Conditional(value, condition, otherwise)) == [value, condition, otherwise]
    keyword = n.Keyword("x", B)
    assert children(n.Call(A, (B, keyword))) == [A, B, keyword]
    assert children(n.ForStmt(A, B, n.Block((n.PassStmt(),)))) == [A, B, n.Block((n.PassStmt(),))]
    assert children(n.Slice(n.Absent(), B)) == [n.Absent(), B]
    assert children(n.IfStmt(A, n.Block((n.PassStmt(),)))) == [A, n.Block((n.PassStmt(),))]
    assert children(A) == []


def test_a_walk_gives_parents_first_and_left_before_right() -> None:
    left, right = n.Unary("-", A), n.Subscript(B, (n.IntLiteral(0),))
    tree = n.Sum(left, "+", right)
    assert list(walk(tree)) == [tree, left, A, right, B, n.IntLiteral(0)]
    assert size(tree) == 6


def test_a_walk_over_statements_leaves_expressions_out() -> None:
    first, last = n.Assign(A, n.Sum(A, "+", B)), n.ExprStmt(n.Call(A, (B,)))
    body, otherwise = n.Block((first,)), n.ElseBranch(n.Block((last,)))
    branch = n.IfStmt(n.Compare(A, "<", B), body, otherwise)
    assert list(walk_statements(branch)) == [branch, body, first, otherwise, otherwise.body, last]


def test_a_path_is_found_by_identity_and_not_by_equality() -> None:
    first, second = n.Name("x"), n.Name("x")
    tree = n.Sum(n.Unary("-", first), "+", second)
    assert path_of(tree, first) == (0, 0)
    assert path_of(tree, second) == (1,)
    assert path_of(tree, n.Name("x")) is None
    assert path_of(tree, tree) == ()


def test_a_path_leads_back_to_its_node() -> None:
    index = n.IntLiteral(3)
    tree = n.Assign(n.Subscript(A, (B, index)), n.IntLiteral(3))
    assert path_of(tree, index) == (0, 2)
    assert node_at(tree, (0, 2)) is index
    assert node_at(tree, ()) is tree


def test_replacing_changes_one_place_and_shares_the_rest() -> None:
    tree = n.Sum(n.Name("x"), "+", n.Product(n.Name("x"), "*", n.Name("y")))
    changed = replace(tree, (1, 0), n.IntLiteral(7))
    assert changed == n.Sum(n.Name("x"), "+", n.Product(n.IntLiteral(7), "*", n.Name("y")))
    assert changed.left is tree.left
    assert tree == n.Sum(n.Name("x"), "+", n.Product(n.Name("x"), "*", n.Name("y")))


def test_replacing_at_the_empty_path_gives_the_other_tree() -> None:
    assert replace(A, (), B) is B


@pytest.mark.parametrize("path", [(2,), (0, 0), (1, 5)])
def test_replacing_where_nothing_stands_raises(path: tuple[int, ...]) -> None:
    with pytest.raises(IndexError):
        replace(n.Sum(A, "+", B), path, n.IntLiteral(1))
    with pytest.raises(IndexError):
        node_at(n.Sum(A, "+", B), path)


@given(modules)
@QUIET
def test_every_node_of_a_copy_can_be_found_and_replaced_by_its_path(module: n.Module) -> None:
    tree = copy(module)
    for node in walk(tree):
        path = path_of(tree, node)
        assert path is not None
        assert node_at(tree, path) is node
        assert replace(tree, path, node) == tree


@given(expressions)
@QUIET
def test_a_copy_is_equal_and_every_node_of_it_is_new_and_stands_once(tree: n.Expr) -> None:
    copied = copy(tree)
    assert copied == tree
    identities = [id(node) for node in walk(copied)]
    assert len(set(identities)) == len(identities)
    assert not set(identities) & {id(node) for node in walk(tree)}


@given(modules)
@QUIET
def test_a_node_with_its_own_children_is_equal_to_itself(module: n.Module) -> None:
    for node in walk(module):
        assert with_children(node, children(node)) == node


def test_with_children_replaces_them_one_for_one_and_keeps_what_is_no_node() -> None:
    call = n.Call(A, (B, n.Keyword("k", A)))
    assert with_children(call, [B, A, n.Keyword("q", B)]) == n.Call(B, (A, n.Keyword("q", B)))
    assert with_children(n.AugAssign(A, "+=", B), [B, A]) == n.AugAssign(B, "+=", A)


def test_a_transformation_goes_from_the_leaves_up() -> None:
    seen: list[Node] = []

    def doubled(node: Node) -> Node:
        seen.append(node)
        return n.IntLiteral(node.value * 2) if isinstance(node, n.IntLiteral) else node

    tree = n.Sum(n.IntLiteral(1), "+", n.Unary("-", n.IntLiteral(2)))
    assert transform(tree, doubled) == n.Sum(n.IntLiteral(2), "+", n.Unary("-", n.IntLiteral(4)))
    assert seen == [
        n.IntLiteral(1),
        n.IntLiteral(2),
        n.Unary("-", n.IntLiteral(4)),
        n.Sum(n.IntLiteral(2), "+", n.Unary("-", n.IntLiteral(4))),
    ]


def test_a_transformation_keeps_the_subtrees_it_does_not_touch() -> None:
    untouched = n.Unary("-", n.Name("x"))
    tree = n.Sum(untouched, "+", n.IntLiteral(1))
    changed = transform(tree, lambda node: n.IntLiteral(2) if node == n.IntLiteral(1) else node)
    assert changed.left is untouched
    assert transform(tree, lambda node: node) is tree


MODULE = """\
import warp as wp

C = 2.0


@wp.func
def f(x: float):
    return x * C


def make(s):
    @wp.kernel
    def k(a: wp.array[float]):
        a[0] = f(x=s)

    return k


first = make(C)
"""

RENAMED = """\
import warp as wp

case7_C = 2.0


@wp.func
def case7_f(x: float):
    return x * case7_C


def case7_make(s):
    @wp.kernel
    def k(a: wp.array[float]):
        a[0] = case7_f(x=s)

    return k


case7_first = case7_make(case7_C)
"""


def test_the_names_of_a_module_are_those_it_binds_itself() -> None:
    assert module_names(parse(MODULE)) == ("C", "f", "make", "first")


def test_renaming_reaches_definitions_and_every_use() -> None:
    module = parse(MODULE)
    names = {name: f"case7_{name}" for name in module_names(module)}
    assert emit(rename(module, names)) == RENAMED


def test_renaming_nothing_gives_the_same_tree() -> None:
    module = parse(MODULE)
    assert rename(module, {}) == module
    assert rename(module, {"absent": "other"}) == module


def test_names_of_keywords_attributes_and_parameters_are_no_names_of_the_module() -> None:
    module = parse("@wp.func\ndef f(x: float):\n    return g(x=a.x)\n")
    assert emit(rename(module, {"g": "h", "a": "b"})) == "@wp.func\ndef f(x: float):\n    return h(x=b.x)\n"


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (A, "a"),
        (n.Attribute(n.Name("wp"), "sin"), "wp.sin"),
        (n.Attribute(n.Attribute(n.Name("wp"), "types"), "matrix"), "wp.types.matrix"),
        (n.Call(A, ()), ""),
        (n.Attribute(n.Call(A, ()), "x"), ""),
        (n.Attribute(n.Subscript(A, (B,)), "x"), ""),
        (n.IntLiteral(1), ""),
    ],
)
def test_a_callee_has_a_dotted_name_or_none(node: Node, name: str) -> None:
    assert callee_name(node) == name
