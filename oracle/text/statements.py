"""The statements of an emitted text: one per line, each of one of a few forms.

A form is one record and one entry of :data:`FORMS`. Names are those of variables; types are declared elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from oracle.text.faults import Line, Unread
from oracle.text.source import TYPE


class Declaration(NamedTuple):
    """``T v;``, ``const T v = N;`` or, for an argument, ``T v = _wp_args->a;``."""

    constant: bool
    type: str
    name: str
    value: str


class Call(NamedTuple):
    """``v = wp::f<T>(a, b);`` with or without the result, the namespace and the template arguments."""

    line: int
    target: str
    namespace: str
    callee: str
    template: str
    arguments: tuple[str, ...]


class Compare(NamedTuple):
    """``v = (a < b);`` or ``v = (((a < b) && (b < c)) && (c < d));``: the links of the chain."""

    line: int
    target: str
    links: tuple[tuple[str, str, str], ...]


class Connect(NamedTuple):
    """``v = a && b;`` or ``v = a || b;``."""

    line: int
    target: str
    left: str
    operator: str
    right: str


class Copy(NamedTuple):
    """``v = w;`` or ``v = N;``."""

    line: int
    target: str
    source: str


class Refer(NamedTuple):
    """``p = &(wp::index(a, i).row_ref(k));``: where something lies in an array."""

    line: int
    target: str
    array: str
    indices: tuple[str, ...]
    path: tuple[str, ...]


class StorePart(NamedTuple):
    """``wp::store(&(wp::index(a, i).component_ref(k)), v);``: a part of an element is stored."""

    line: int
    array: str
    indices: tuple[str, ...]
    path: tuple[str, ...]
    value: str


class UpdatePart(NamedTuple):
    """``wp::array_atomic_add_slot(a, v, [&](auto& _e) -> auto& { return _e.component_ref(k); }, i);``."""

    line: int
    operation: str
    array: str
    value: str
    path: tuple[str, ...]
    indices: tuple[str, ...]


class Open(NamedTuple):
    """``if (v) {`` or ``if (!v) {``."""

    line: int
    condition: str
    negated: bool


class Close(NamedTuple):
    """``}``."""

    line: int


class Label(NamedTuple):
    """``name:;``."""

    line: int
    name: str


class Goto(NamedTuple):
    """``goto name;``."""

    line: int
    name: str


class Exhausted(NamedTuple):
    """``if (iter_cmp(r) == 0) goto name;``: a loop over a range ends."""

    line: int
    range: str
    label: str


class Unless(NamedTuple):
    """``if ((v) == false) goto name;``: a while loop ends."""

    line: int
    condition: str
    label: str


class Beyond(NamedTuple):
    """``if (v >= N) goto name;``: a loop over a constant range ends."""

    line: int
    counter: str
    operator: str
    bound: str
    label: str


class Step(NamedTuple):
    """``v += N;``: the counter of such a loop moves on."""

    line: int
    counter: str
    amount: str


class Return(NamedTuple):
    """``return;`` or ``return v;``."""

    line: int
    value: str


class Continue(NamedTuple):
    """``continue;``, which ends a thread in the grid-stride loop of a CUDA kernel."""

    line: int


Statement = (
    Call
    | Compare
    | Connect
    | Copy
    | Refer
    | StorePart
    | UpdatePart
    | Open
    | Close
    | Label
    | Goto
    | Exhausted
    | Unless
    | Beyond
    | Step
    | Return
    | Continue
)
"""A statement; its ``line`` is its number in the text."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(", ")) if text else ()


def _path(text: str) -> tuple[str, ...]:
    return tuple(name for arguments in re.findall(r"\(([\w, ]*)\)", text) for name in _names(arguments))


_COMPARISON = r"\(\w+ (?:[<>]|[<>=!]=) \w+\)"
_LINK = re.compile(r"\((\w+) (\S+) (\w+)\)")
_PLACE = r"wp::index\((\w+), ([\w, ]+)\)((?:\.\w+_ref\([\w, ]+\))*)"

#: The forms, the most frequent first: a pattern, and the statement that its groups make.
FORMS: tuple[tuple[re.Pattern[str], Callable[[int, re.Match[str]], Statement]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (
            r"(?:(\w+) = )?(wp::)?(\w+)(?:<([\w:<>, ]+)>)?\((?:([\w, ]*)|\{([\w, ]+)\})\);",
            lambda at, m: Call(at, m[1] or "", m[2] or "", m[3], m[4] or "", _names(m[5] or m[6] or "")),
        ),
        (r"\}", lambda at, m: Close(at)),
        (r"if \((!?)(\w+)\) \{", lambda at, m: Open(at, m[2], bool(m[1]))),
        (
            rf"(\w+) = (\(*{_COMPARISON}(?: && {_COMPARISON}\))*);",
            lambda at, m: Compare(at, m[1], tuple(_LINK.findall(m[2]))),
        ),
        (r"(\w+):;", lambda at, m: Label(at, m[1])),
        (r"goto (\w+);", lambda at, m: Goto(at, m[1])),
        (r"if \(iter_cmp\((\w+)\) == 0\) goto (\w+);", lambda at, m: Exhausted(at, m[1], m[2])),
        (r"if \(\((\w+)\) == false\) goto (\w+);", lambda at, m: Unless(at, m[1], m[2])),
        (r"if \((\w+) ([<>]=?) (-?\d+)\) goto (\w+);", lambda at, m: Beyond(at, m[1], m[2], m[3], m[4])),
        (r"(\w+) \+= (-?\d+);", lambda at, m: Step(at, m[1], m[2])),
        (r"return(?: (\w+))?;", lambda at, m: Return(at, m[1] or "")),
        (r"(\w+) = (\w+) (&&|\|\|) (\w+);", lambda at, m: Connect(at, m[1], m[2], m[3], m[4])),
        (r"(\w+) = (-?[\w.+-]+);", lambda at, m: Copy(at, m[1], m[2])),
        (r"continue;", lambda at, m: Continue(at)),
        (rf"(\w+) = &\({_PLACE}\);", lambda at, m: Refer(at, m[1], m[2], _names(m[3]), _path(m[4]))),
        (
            rf"wp::store\(&\({_PLACE}\), (\w+)\);",
            lambda at, m: StorePart(at, m[1], _names(m[2]), _path(m[3]), m[4]),
        ),
        (
            r"wp::array_(atomic_\w+)_slot\((\w+), (\w+), \[&\]\(auto& _e\) -> auto& \{ return _e"
            r"((?:\.\w+_ref\([\w, ]+\))+); \}, ([\w, ]+)\);",
            lambda at, m: UpdatePart(at, m[1], m[2], m[3], _path(m[4]), _names(m[5])),
        ),
    )
)  # fmt: skip

_DECLARATION = re.compile(rf"(const )?({TYPE}) (\w+)(?: = (.+))?;")


def statements(lines: Iterable[Line]) -> Iterator[Statement]:
    """Read the lines of a forward section.

    Raises:
        Unread: A line has a form that is not known.
    """
    for line in lines:
        for pattern, make in FORMS:
            match = pattern.fullmatch(line.text)
            if match is not None:
                yield make(line.number, match)
                break
        else:
            raise Unread(f"the statement {line.text}", line.number)


def declarations(lines: Iterable[Line]) -> Iterator[tuple[int, Declaration]]:
    """Read the lines of a section of variables, with their numbers.

    Raises:
        Unread: A line is no declaration.
    """
    for line in lines:
        match = _DECLARATION.fullmatch(line.text)
        if match is None:
            raise Unread(f"the declaration {line.text}", line.number)
        yield line.number, Declaration(bool(match[1]), match[2], match[3], match[4] or "")
