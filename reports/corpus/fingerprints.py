"""What two kernels are compared by: a fingerprint of three levels, a small record that is plain text.

*exact*: the canonical text, as the emitter writes it. *structural*: the program without its names and the values of its
literals. *near*: the set of its shingles, short runs of tokens; which share of them two programs have in common is
estimated by MinHash. A program's tokens are its nodes, parents first, each with what it says apart from names and
values. What the grammar does not take (some kernels that people wrote) is read by Python's own tokenizer instead, which
is coarser: all its names but builtins and what stands behind a dot are taken for names of its own.
"""

from __future__ import annotations

import base64
import builtins
import hashlib
import io
import json
import keyword
import tokenize
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count

import numpy as np
from datasketch import LeanMinHash, MinHash

from grammar import nodes as n
from grammar.nodes import Node, production_name_of
from grammar.productions import assigned_names
from grammar.syntax import SyntaxRefused, emit, parse
from grammar.trees import NamedDefinition, children, walk

SHINGLE = 5
"""Tokens in a run. Of 600 generated kernels no two are more similar than 0.25 then, and changing one operator leaves
0.93; with 3 tokens unrelated kernels reach 0.35, with 8 a change of three operators already leads below 0.8."""

PERMUTATIONS = 128
"""Numbers in a sketch. The estimate of a similarity of 0.8 has a standard deviation of sqrt(0.8 * 0.2 / 128) = 0.035;
of 64 numbers it were 0.05."""

SEED = 1  # of the permutations: a constant, so that a source has the same sketch in every process
SCHEME = "affine32"  # of datasketch: numbers of 32 bits

Token = tuple[str, str]
"""What a place says with all names of a kind alike, and which of the names it is: ``("local", "3")``."""

Scope = Mapping[str, Token]


@dataclass(frozen=True)
class Fingerprint:
    """What is compared of a kernel.

    Attributes:
        exact: Digest of the canonical text: 32 hexadecimal digits.
        structural: Digest of the tokens with the identities of names: 32 hexadecimal digits.
        minhash: The sketch of the shingles: PERMUTATIONS little-endian numbers of 32 bits, in base 64.
    """

    exact: str
    structural: str
    minhash: str

    def text(self) -> str:
        """Return the fingerprint as JSON, on one line."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> Fingerprint:
        """Return the fingerprint that this text was made of."""
        return cls(**json.loads(text))

    @property
    def sketch(self) -> LeanMinHash:
        """The MinHash: ``sketch.jaccard(other.sketch)`` estimates the share of shingles in common."""
        numbers = np.frombuffer(base64.b64decode(self.minhash), "<u4").astype(np.uint32)
        return LeanMinHash(seed=SEED, hashvalues=numbers, scheme=SCHEME)


def fingerprint(source: str | n.Module) -> Fingerprint:
    """Take the fingerprint of a kernel module; of a tree it is that of its text, but five times as fast.

    Raises:
        SyntaxError: The text is neither in the language nor Python; of tokens that do not end it is a TokenError.
    """
    if isinstance(source, n.Module):
        return _fingerprint(emit(source), _Reading(source).tokens)
    try:
        return fingerprint(parse(source))
    except SyntaxRefused:
        return _fingerprint(*_tokenized(source))


def structural_identity(module: n.Module) -> str:
    """Return the structural level of a fingerprint alone, in half the time."""
    return _structural(_Reading(module).tokens)


def _fingerprint(text: str, tokens: Sequence[Token]) -> Fingerprint:
    sketch = _EMPTY.copy()
    sketch.update_batch(_shingles([shape for shape, _ in tokens]))
    minhash = base64.b64encode(sketch.hashvalues.astype("<u4").tobytes()).decode()
    return Fingerprint(_digest(text), _structural(tokens), minhash)


def _structural(tokens: Sequence[Token]) -> str:
    return _digest("\n".join(map(" ".join, tokens)))


_EMPTY = MinHash(PERMUTATIONS, seed=SEED, hashfunc=zlib.crc32, scheme=SCHEME)


def _shingles(shapes: Sequence[str]) -> Iterator[bytes]:
    """Return each run of tokens; all tokens as one where they are fewer."""
    last = max(len(shapes) - SHINGLE, 0)
    return (" ".join(shapes[first : first + SHINGLE]).encode() for first in range(last + 1))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class _Reading:
    """The tokens of a tree. The names that the module binds are numbered in the order in which they are bound.

    Imports are left out, and a module goes by its own name, so that a kernel is the same without its import.
    """

    def __init__(self, module: n.Module) -> None:
        self.tokens: list[Token] = []
        self._numbers = count()
        functions = [node for node in walk(module) if isinstance(node, n.FuncDef | n.FactoryDef)]
        self._parameters = {f.name: [parameter.name for parameter in f.parameters.items] for f in functions}
        imported = {d.alias: d.module for d in module.definitions if isinstance(d, n.ImportStmt)}
        own = [d for d in module.definitions if isinstance(d, NamedDefinition)]
        scope = {alias: (name, "") for alias, name in ({"wp": "warp"} | imported).items()}
        scope |= self._numbered("global", [d.name for d in own])
        for definition in own:
            self._visit(definition, scope)

    def _numbered(self, kind: str, names: Sequence[str]) -> dict[str, Token]:
        return {name: (kind, str(next(self._numbers))) for name in dict.fromkeys(names)}

    def _visit(self, node: Node, scope: Scope) -> None:
        below = children(node)
        match node:
            case n.Name(name):
                self.tokens.append(scope.get(name, (name, "")))
                return
            case n.Call(n.Name(name), _) if name in self._parameters:
                below = [_positional(argument, self._parameters[name]) for argument in below]
        self.tokens.append((f"{_shape(node)}/{len(below)}", ""))
        inner = self._inside(node, scope)
        for child in below:
            self._visit(child, scope if isinstance(child, n.Parameters | n.Returns) else inner)

    def _inside(self, node: Node, scope: Scope) -> Scope:
        if not isinstance(node, n.KernelDef | n.FuncDef | n.FactoryDef):
            return scope
        parameters = [parameter.name for parameter in node.parameters.items]
        if isinstance(node, n.FactoryDef):
            kind, names = "global", [node.definition.name] if isinstance(node.definition, NamedDefinition) else []
        else:
            kind, names = "local", [name for name in assigned_names(node.body) if name not in parameters]
        return {**scope, **self._numbered("parameter", parameters), **self._numbered(kind, names)}


def _positional(argument: Node, parameters: Sequence[str]) -> Node:
    """Name the parameter of the module's own function that a keyword sets by its position."""
    if isinstance(argument, n.Keyword) and argument.name in parameters:
        return n.Keyword(str(parameters.index(argument.name)), argument.value)
    return argument


def _shape(node: Node) -> str:
    """Say what a node is and says itself, without names of the module and without the value of a literal."""
    match node:
        case n.BinaryOp(_, operator, _) | n.AugAssign(_, operator, _) | n.Unary(operator, _):
            return operator
        case n.Attribute(_, attribute):
            return f".{attribute}"
        case n.ChainedCompare(_, operators):
            return "chained" + ",".join(operators)
        case n.Keyword(name, _):
            return f"{name}="
        case n.TrueLiteral() | n.FalseLiteral():
            return "bool_literal"
    return production_name_of[type(node)]


_UNWRITTEN = (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER)
_LAYOUT = {tokenize.NEWLINE: "newline", tokenize.INDENT: "indent", tokenize.DEDENT: "dedent"}
_PYTHON = {*dir(builtins), *keyword.kwlist, "wp", "warp"}


def _tokenized(source: str) -> tuple[str, list[Token]]:
    """Return the text without comments and the spaces between tokens, and the tokens, of any Python source."""
    written = [t for t in tokenize.generate_tokens(io.StringIO(source).readline) if t.type not in _UNWRITTEN]
    numbers: dict[str, int] = {}
    tokens: list[Token] = []
    words: list[str] = []
    for token in written:
        own = token.type == tokenize.NAME and token.string not in _PYTHON and words[-1:] != ["."]
        shape = "name" if own else _written_shape(token)
        tokens.append((shape, str(numbers.setdefault(token.string, len(numbers))) if own else ""))
        words.append(_LAYOUT.get(token.type, token.string))
    return "\0".join(words), tokens


def _written_shape(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NUMBER:
        is_int = token.string.replace("_", "").isdigit() or token.string[:2].lower() in ("0x", "0b", "0o")
        return "int_literal" if is_int else "float_literal"
    return "string" if token.type == tokenize.STRING else _LAYOUT.get(token.type, token.string)
