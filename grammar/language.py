"""What Lark says of the grammar: its productions, their holes, and which of them fit where.

A *production* is a labelled alternative; an alternative of an operator rule (``_sum: "+" | "-"``) is one too. Its
*holes* are its kept symbols in order. The productions that fit a hole are those reachable from the hole's nonterminal
through unlabelled alternatives that keep one symbol: so precedence layers vanish, for the generator and for parentheses
alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, ClassVar

from lark import Lark, Token
from lark.exceptions import GrammarError, LarkError, UnexpectedToken
from lark.grammar import Rule
from lark.indenter import DedentError, Indenter

from grammar.errors import UserError
from grammar.nodes import NODES, Node, production_name_of
from grammar.trees import walk


class _PythonIndenter(Indenter):
    NL_type = "_NEWLINE"
    OPEN_PAREN_types: ClassVar[list[str]] = ["LPAR", "LSQB"]
    CLOSE_PAREN_types: ClassVar[list[str]] = ["RPAR", "RSQB"]
    INDENT_type = "_INDENT"
    DEDENT_type = "_DEDENT"
    tab_len = 8

    def handle_NL(self, token: Token) -> Iterator[Token]:  # noqa: N802  # Lark's name
        """Say of a dedent that meets no outer block where it is, as of any other token that does not fit."""
        try:
            yield from super().handle_NL(token)
        except DedentError as error:
            line, column = token.end_line, token.end_column
            token = Token("_DEDENT", "", line=line, column=column)
            raise UnexpectedToken(token, {"_INDENT"}) from error  # type: ignore[no-untyped-call]  # Lark has no type here


@dataclass(frozen=True)
class Production:
    """A labelled alternative: its name, the nonterminal it belongs to, and its holes.

    Where ``repeats``, the last hole may be filled any number of times (at least as often as it stands in ``holes``).
    """

    name: str
    nonterminal: str
    holes: tuple[str, ...]
    repeats: bool = False


@dataclass(frozen=True)
class Language:
    """A loaded grammar: what may be written, and what may be generated."""

    text: str

    @cached_property
    def lark(self) -> Lark:
        """The LALR parser.

        Raises:
            UserError: The text is no grammar of ours.
        """
        try:
            return Lark(self.text, parser="lalr", start="module", postlex=_PythonIndenter(), maybe_placeholders=False)
        except (LarkError, GrammarError) as error:
            first = str(error).strip().splitlines()[0]
            raise UserError(f"the grammar does not load: {first}; compare it with grammar/kernel.lark") from error

    @cached_property
    def rules(self) -> frozenset[str]:
        """The names of the rules as they are written: also of those that nothing leads to, which Lark leaves out."""
        return frozenset(str(definition[0]) for definition in self.lark.grammar.rule_defs)

    @cached_property
    def productions(self) -> dict[str, Production]:
        """Every production by name, in alphabetical order.

        Raises:
            UserError: A production is not known to this program.
        """
        found: dict[str, Production] = {}
        for rule in self.lark.rules:
            name = _label(rule)
            if name is None:
                continue
            if name not in NODES:
                raise UserError(f"the grammar has a production {name!r} that this program does not know")
            candidate = Production(name, str(rule.origin.name), *self._holes(rule))
            known = found.get(name)
            if known is None or (len(candidate.holes), candidate.repeats) > (len(known.holes), known.repeats):
                found[name] = candidate
        return dict(sorted(found.items()))

    @cached_property
    def operators(self) -> dict[str, tuple[str, ...]]:
        """The operator symbols of each operator rule: ``{"_sum": ("+", "-"), ...}``."""
        found: dict[str, list[str]] = {}
        for rule in self.lark.rules:
            if rule.options.keep_all_tokens and rule.origin.name.startswith("_"):
                found.setdefault(str(rule.origin.name), []).append(self._symbol(rule.expansion[0].name))
        return {name: tuple(dict.fromkeys(symbols)) for name, symbols in sorted(found.items())}

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """The names of all that can be removed from the language: productions, and operators as ``sum +``."""
        operators = [f"{rule[1:]} {symbol}" for rule, symbols in self.operators.items() for symbol in symbols]
        return (*self.productions, *operators)

    @cached_property
    def fits(self) -> dict[str, tuple[str, ...]]:
        """The names of the productions that may stand in a hole of each nonterminal, in alphabetical order."""
        return {name: tuple(sorted(found)) for name, found in self._reachable(through_parentheses=True).items()}

    @cached_property
    def bare(self) -> dict[str, frozenset[str]]:
        """Like ``fits``, without alternatives that add text: what may stand in a hole without parentheses."""
        return {name: frozenset(found) for name, found in self._reachable(through_parentheses=False).items()}

    def covers(self, tree: Node) -> bool:
        """Say whether the grammar has every production and every operator that a tree is written with."""
        return self.text == OWN_TEXT or all(
            production_name_of[type(n)] in self.productions and self._has_operators(n) for n in walk(tree)
        )

    def _has_operators(self, node: Node) -> bool:
        written = getattr(node, "operators", None) or (getattr(node, "operator", None),)
        if written == (None,):
            return True
        holes = self.productions[production_name_of[type(node)]].holes
        allowed = {symbol for hole in holes for symbol in self.operators.get(hole, ())}
        return allowed.issuperset(written)

    def _symbol(self, terminal: str) -> str:
        return str(next(t.pattern.value for t in self.lark.terminals if t.name == terminal))

    def _holes(self, rule: Rule) -> tuple[tuple[str, ...], bool]:
        holes: list[str] = []
        repeats = False
        for symbol in rule.expansion:
            if not symbol.is_term and symbol.name.startswith("__"):
                repeated = [r for r in self.lark.rules if r.origin.name == symbol.name]
                items = [[str(s.name) for s in r.expansion if _kept(s)] for r in repeated]
                shortest = min(filter(None, items), key=len)
                holes.extend(shortest)
                repeats = True
            elif _kept(symbol):
                holes.append(str(symbol.name))
        return tuple(holes), repeats

    def _reachable(self, *, through_parentheses: bool) -> dict[str, set[str]]:
        steps: dict[str, set[str]] = {}
        found: dict[str, set[str]] = {}
        for rule in self.lark.rules:
            origin = rule.origin.name
            label = _label(rule)
            kept = [s.name for s in rule.expansion if _kept(s)]
            found.setdefault(origin, set())
            if label is not None:
                found[origin].add(label)
            elif len(kept) == 1 and (through_parentheses or len(rule.expansion) == 1):
                steps.setdefault(origin, set()).add(kept[0])
        changed = True
        while changed:
            changed = False
            for origin, targets in steps.items():
                more = set().union(*(found.get(target, set()) for target in targets))
                changed |= not more <= found[origin]
                found[origin] |= more
        return found


def _label(rule: Rule) -> str | None:
    """Name the production of an alternative; None for layers, operator rules and Lark's own helper rules."""
    if rule.alias is not None:
        return rule.alias
    if rule.origin.name.startswith("_") or rule.options.expand1:
        return None
    return str(rule.origin.name)


def _kept(symbol: Any) -> bool:
    return not symbol.is_term or not symbol.filter_out


def load(text: str | None = None) -> Language:
    """Load a grammar from its text, by default the project's own.

    Of a copy, rules that nothing leads to any more are accepted: they remain where productions were removed.

    Raises:
        UserError: The text is no grammar, or has productions or rules unknown to this program.
    """
    language = Language(text if text is not None else OWN_TEXT)
    _ = language.productions
    if text is not None and (unknown := language.rules - _own_rules()):
        raise UserError(f"the grammar has a rule {min(unknown)!r} that this program does not know; remove it")
    return language


@cache
def _own_rules() -> frozenset[str]:
    return Language(OWN_TEXT).rules


OWN_TEXT = (resources.files("grammar") / "kernel.lark").read_text(encoding="utf-8")
