"""Naming a bucket: what a reduced test case is about, and the rule that its engine breaks."""

from __future__ import annotations

import re

from fuzzer.generation.profiles import own_weights
from grammar import nodes as n
from grammar.check import Typing
from grammar.nodes import production_name_of
from grammar.ops.record import Op, Overload
from grammar.productions import PRODUCTIONS
from grammar.trees import walk
from grammar.types import Array, Scalar, Tuple
from oracle.records import Judgement, Signature, TestCase

_TARGETS_RULE = "The texts for cpu and cuda are made of one kernel, and what differs in them is what a target needs."
_DEFAULT_RULE = "Where Warp's documentation is silent, a kernel means what Python means by the same source."


def signature_of(case: TestCase, judgement: Judgement, layer: str) -> Signature:
    """Name the bucket of a reduced test case."""
    typing = case.typed()
    words = [op.key for op in operations(typing)] + sorted(productions(case) | parts_changed(typing, case))
    construct = " ".join(words[:4]) or "kernel"
    return Signature(judgement.kind, layer, construct, _dtype(case, judgement, typing), said_by(judgement))


def said_by(judgement: Judgement) -> str:
    """Return what is the same in the messages of a defect; nothing for values, of which each test case has its own."""
    return "" if judgement.kind == "wrong_value" else words_of(judgement.message)


def words_of(message: str) -> str:
    """Return the words of a failure's message that are the same for every test case: no source, name or number."""
    said = re.sub(r'^Error while parsing function "[^"]*": .*? ;', "", message)
    return " ".join(re.sub(r"'[^']*'|\([^)]*\)|\d+|\b\w\d*\b", "", said).split())[:60]


def operations(typing: Typing) -> list[Op]:
    """The operations of a module, by key."""
    found: list[Overload] = [*typing.overloads.values(), *(o for links in typing.links.values() for o in links)]
    return sorted({overload.op for overload in found}, key=lambda op: op.key)


def productions(case: TestCase) -> set[str]:
    """The productions of a module that say something."""
    names = {production_name_of[type(node)] for node in walk(case.module)}
    return {name for name in names if PRODUCTIONS[name].telling}


def parts_changed(typing: Typing, case: TestCase) -> set[str]:
    """Say whether a module changes components of values, and whether it updates elements of arrays in place."""
    found = set()
    for node in walk(case.module):
        match node:
            case n.Assign(n.Subscript(owner) | n.Attribute(owner)) | n.AugAssign(
                n.Subscript(owner) | n.Attribute(owner)
            ):
                is_array = isinstance(typing.types.get(id(owner)), Array)
                if not is_array or isinstance(node, n.AugAssign):
                    found.add("element" if is_array else "component")
    return found


def words_in(case: TestCase) -> frozenset[str]:
    """Everything that a test case is made of, as far as it could matter: its operations and telling constructs."""
    typing = case.typed()
    return frozenset({op.key for op in operations(typing)} | productions(case) | parts_changed(typing, case))


def _dtype(case: TestCase, judgement: Judgement, typing: Typing) -> str:
    """The class of types: that of the first operation, else of the buffer that differs."""
    overloads = sorted(typing.overloads.values(), key=lambda o: o.key)
    types = [t for o in overloads[:1] for t in (*o.parameters, o.result) if not isinstance(t, Tuple)]
    scalars = [t.scalar for t in types]
    if not scalars:
        wrong = {m.buffer for m in judgement.mismatches[:1]}
        scalars = [
            leaf.scalar
            for b in case.buffers
            for name, leaf in zip(b.named, b.element.leaves, strict=True)
            if name in wrong
        ]
    return _dtype_class(scalars[0]) if scalars else ""


def _dtype_class(scalar: Scalar) -> str:
    return scalar.name


def rule_of(case: TestCase, kind: str) -> str:
    """The sentence that a finding of a kind breaks: the rule of the rarest production, or else an operation's own.

    What Python means by a kernel says nothing about two texts of it.
    """
    if kind == "target_mismatch":
        return _TARGETS_RULE
    weights = own_weights().productions
    broken = [name for name in PRODUCTIONS if PRODUCTIONS[name].rule and name in productions(case)]
    if broken:
        return PRODUCTIONS[min(broken, key=lambda name: weights[name])].rule
    found = operations(case.typed())
    return f"Warp's reference, {found[0].name}: {found[0].source}" if found else _DEFAULT_RULE
