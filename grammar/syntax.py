"""Source text to tree and back: ``parse(emit(tree)) == tree``.

Parsing goes through Lark's LALR parser, one node per production. Emitting is one short function per production;
parentheses come from the grammar: a node is printed bare where its production can be reached from the hole's
nonterminal without writing anything, else in parentheses. There is no table of precedences.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any, cast

from lark import Token, Transformer, v_args
from lark.exceptions import UnexpectedInput
from lark.lark import Lark
from lark.lexer import PatternRE, PatternStr, TerminalDef

from grammar import nodes as n
from grammar.errors import UserError
from grammar.language import OWN_TEXT, Language, _PythonIndenter, load
from grammar.nodes import NODES, Node
from grammar.trees import children

INDENT = "    "

MAX_LENGTH = 2**18
"""Characters of a text: our own modules have some thousand, and Lark takes a few seconds for as many as these."""

MAX_DEPTH = 100
"""Nodes below one another, as many as Python takes blocks: our own modules have some 20. Whatever walks a tree
recurses, and the costliest form (a call in a call) takes six frames of Python's 1000 for each."""


class SyntaxRefused(UserError):
    """The text is not in the language; the message says where."""


def _plain(child: Any) -> Any:
    return str(child) if isinstance(child, Token) else child


def _builder(cls: type[Node]) -> Callable[..., Node]:
    return v_args(inline=True)(lambda self, *children: cls.of(*map(_plain, children)))


class _TreeBuilder(Transformer[Any, Any]):
    """Makes nodes of productions, and plain values of tokens."""

    FLOAT = float

    def INT(self, token: str) -> int:
        return int(token, 0)


for _name, _class in NODES.items():
    setattr(_TreeBuilder, _name, _builder(_class))


@cache
def language() -> Language:
    """The project's own grammar, loaded once."""
    return load()


def _whole_word(terminal: TerminalDef) -> None:
    """Let a keyword end where its word ends, as in Python: ``1 and2`` is no ``1 and 2``."""
    pattern = terminal.pattern
    if isinstance(pattern, PatternStr) and pattern.value.isidentifier():
        terminal.pattern = PatternRE(rf"{pattern.value}\b", pattern.flags)


@cache
def _parser() -> Lark:
    return Lark(
        OWN_TEXT,
        parser="lalr",
        start="module",
        postlex=_PythonIndenter(),
        maybe_placeholders=False,
        transformer=_TreeBuilder(visit_tokens=True),
        edit_terminals=_whole_word,
    )


def parse(text: str) -> n.Module:
    """Parse a kernel module.

    Raises:
        SyntaxRefused: The text is not in the language: one sentence, with line and column where it has a place. Also
            where it is longer than MAX_LENGTH, or nested deeper than MAX_DEPTH.
    """
    if len(text) > MAX_LENGTH:
        raise SyntaxRefused(f"a text of more than {MAX_LENGTH} characters is not in the language")
    module = _parsed(text)
    if _is_deeper(module, MAX_DEPTH):
        raise SyntaxRefused(f"a text nested more than {MAX_DEPTH} deep is not in the language")
    return module


def _parsed(text: str) -> n.Module:
    try:
        return cast(n.Module, _parser().parse(text if text.endswith("\n") else text + "\n"))
    except UnexpectedInput as error:
        line = text.splitlines()[error.line - 1].strip() if 0 < error.line <= len(text.splitlines()) else ""
        raise SyntaxRefused(f"line {error.line}, column {error.column}: not in the language: {line!r}") from error
    except ValueError as error:  # of int(): the only one that a token can cause
        raise SyntaxRefused("a number of more than 4300 digits is not in the language") from error


def _is_deeper(tree: Node, depth: int) -> bool:
    """Say whether there are nodes below that many others; without recursion."""
    level = [tree]
    for _ in range(depth):
        level = [child for node in level for child in children(node)]
    return bool(level)


def parse_expression(text: str) -> n.Expr:
    """Parse one expression; raises SyntaxRefused where it is none."""
    definition = parse(f"x = {text}\n").definitions[0]
    assert isinstance(definition, n.Binding)
    return definition.value


def emit(node: Node) -> str:
    """Print a tree as Python source; a module ends with a newline."""
    return _EMITTERS[type(node)](node)


def _hole(child: Node, nonterminal: str) -> str:
    text = emit(child)
    return text if n.production_name_of[type(child)] in language().bare[nonterminal] else f"({text})"


def _expr(child: Node) -> str:
    return _hole(child, "expr")


def _block(block: Node) -> str:
    return "\n".join(INDENT + line for line in emit(block).splitlines())


def _commas(items: tuple[Node, ...], nonterminal: str) -> str:
    return ", ".join(_hole(item, nonterminal) for item in items)


def _binary(node: n.BinaryOp) -> str:
    left, _, right = language().productions[n.production_name_of[type(node)]].holes
    return f"{_hole(node.left, left)} {node.operator} {_hole(node.right, right)}"


def _chain(node: n.ChainedCompare) -> str:
    links = zip(node.operators, node.operands[1:], strict=True)
    return _hole(node.operands[0], "bit_or") + "".join(f" {o} {_hole(x, 'bit_or')}" for o, x in links)


def _orelse(node: n.IfStmt | n.ElifBranch) -> str:
    return "" if node.orelse is None else "\n" + emit(node.orelse)


def _attribute(node: n.Attribute) -> str:
    owner = _hole(node.value, "primary")
    return f"({owner}).{node.attribute}" if isinstance(node.value, n.IntLiteral) else f"{owner}.{node.attribute}"


def _float(node: n.FloatLiteral) -> str:
    """The shortest decimal that gives the number again; what is too large for float64 reads as infinity."""
    return repr(node.value) if node.value < math.inf else "1e999"


def _tuple(items: tuple[Node, ...], nonterminal: str) -> str:
    return f"{_commas(items, nonterminal)}{',' * (len(items) == 1)}"


def _factory(node: n.FactoryDef) -> str:
    inner = "\n".join(INDENT + line if line else "" for line in emit(node.definition).splitlines())
    return f"def {node.name}{emit(node.parameters)}:\n{inner}\n\n{INDENT}return {_expr(node.returned)}"


_LIGHT = (n.Binding, n.ImportStmt, n.ImportFrom)
"""Definitions of one line."""


def _module(module: n.Module) -> str:
    text = ""
    previous: Node | None = None
    for definition in module.definitions:
        light = isinstance(previous, _LIGHT) and isinstance(definition, _LIGHT)
        alike = light and isinstance(previous, n.Binding) is isinstance(definition, n.Binding)
        gap = "" if previous is None or alike else "\n" if light else "\n\n"
        text += f"{gap}{emit(definition)}\n"
        previous = definition
    return text


_EMITTERS: dict[type[Node], Callable[[Any], str]] = {
    n.Module: _module,
    n.ImportStmt: lambda x: f"import {x.module} as {x.alias}",
    n.ImportFrom: lambda x: f"from {x.module} import {x.imported}",
    n.Binding: lambda x: f"{x.name} = {_expr(x.value)}",
    n.StructDef: lambda x: f"@wp.struct\nclass {x.name}:\n" + "\n".join(INDENT + emit(field) for field in x.fields),
    n.Field: lambda x: f"{x.name}: {_expr(x.annotation)}",
    n.KernelDef: lambda x: f"@wp.kernel\ndef {x.name}{emit(x.parameters)}{emit(x.returns)}:\n{_block(x.body)}",
    n.FuncDef: lambda x: f"@wp.func\ndef {x.name}{emit(x.parameters)}{emit(x.returns)}:\n{_block(x.body)}",
    n.FactoryDef: _factory,
    n.Parameters: lambda x: f"({', '.join(map(emit, x.items))})",
    n.Parameter: lambda x: f"{x.name}: {_expr(x.annotation)}",
    n.DefaultParameter: lambda x: f"{x.name}: {_expr(x.annotation)} = {_expr(x.default)}",
    n.FreeParameter: lambda x: x.name,
    n.Returns: lambda x: f" -> {_expr(x.annotation)}",
    n.ReturnsNone: lambda x: " -> None",
    n.NoReturns: lambda x: "",
    n.Block: lambda x: "\n".join(map(emit, x.statements)),
    n.IfStmt: lambda x: f"if {_expr(x.condition)}:\n{_block(x.body)}{_orelse(x)}",
    n.ElifBranch: lambda x: f"elif {_expr(x.condition)}:\n{_block(x.body)}{_orelse(x)}",
    n.ElseBranch: lambda x: f"else:\n{_block(x.body)}",
    n.ForStmt: lambda x: f"for {emit(x.target)} in {_expr(x.iterable)}:\n{_block(x.body)}",
    n.WhileStmt: lambda x: f"while {_expr(x.condition)}:\n{_block(x.body)}",
    n.ExprStmt: lambda x: _expr(x.value),
    n.Assign: lambda x: f"{_hole(x.target, 'primary')} = {_expr(x.value)}",
    n.TupleAssign: lambda x: f"{_tuple(x.targets, 'name')} = {_hole(x.value, 'values')}",
    n.AugAssign: lambda x: f"{_hole(x.target, 'primary')} {x.operator} {_expr(x.value)}",
    n.ReturnStmt: lambda x: "return",
    n.ReturnValue: lambda x: f"return {_expr(x.value)}",
    n.ReturnValues: lambda x: f"return {_commas(x.values, 'expr')}",
    n.BreakStmt: lambda x: "break",
    n.ContinueStmt: lambda x: "continue",
    n.PassStmt: lambda x: "pass",
    n.TupleExpr: lambda x: _tuple(x.items, "expr"),
    n.Conditional: lambda x: (
        f"{_hole(x.value, 'or_test')} if {_hole(x.condition, 'or_test')} else {_expr(x.otherwise)}"
    ),
    n.OrOp: lambda x: " or ".join(_hole(item, "and_test") for item in x.operands),
    n.AndOp: lambda x: " and ".join(_hole(item, "not_test") for item in x.operands),
    n.NotOp: lambda x: f"not {_hole(x.operand, 'not_test')}",
    n.ChainedCompare: _chain,
    **{cls: _binary for cls in n.BINARY_OPERATIONS},
    n.Unary: lambda x: f"{x.operator}{_hole(x.operand, 'factor')}",
    n.Attribute: _attribute,
    n.Subscript: lambda x: f"{_hole(x.value, 'primary')}[{_commas(x.indices, 'index')}]",
    n.Call: lambda x: f"{_hole(x.function, 'primary')}({_commas(x.arguments, 'argument')})",
    n.Keyword: lambda x: f"{x.name}={_expr(x.value)}",
    n.Slice: lambda x: f"{_hole(x.lower, 'bound')}:{_hole(x.upper, 'bound')}",
    n.StepSlice: lambda x: ":".join(_hole(bound, "bound") for bound in (x.lower, x.upper, x.step)),
    n.Absent: lambda x: "",
    n.Name: lambda x: x.id,
    n.IntLiteral: lambda x: str(x.value),
    n.FloatLiteral: _float,
    n.TrueLiteral: lambda x: "True",
    n.FalseLiteral: lambda x: "False",
}
