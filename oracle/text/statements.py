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
    """``p = &(wp::index(a, i).f.row_ref(k));``: where something lies in an array.

    The ``array`` is a variable, or, as ``*(p)``, what a pointer leads to. Each step of the ``path`` is the name of the
    variable that holds an index, or that of a field: ``.f``.
    """

    line: int
    target: str
    array: str
    indices: tuple[str, ...]
    path: tuple[str, ...]


class Item(NamedTuple):
    """``*wp::address(a, i)``: an element of an array, by the variables that hold its indices."""

    indices: tuple[str, ...]


class View(NamedTuple):
    """``wp::view(a, i)``: what is left of an array behind some indices and slices."""

    indices: tuple[str, ...]


PathStep = str | Item | View
"""From a value to a part of it: a field as ``.f``, an element, a view."""


class ReferPart(NamedTuple):
    """``p = &(((*wp::address((v).f, i))).g);``: where a field lies: of a variable, or of an element of an array.

    The ``path`` of that is ``.f``, ``Item(("i",))`` and ``.g``.
    """

    line: int
    target: str
    root: str
    path: tuple[PathStep, ...]


class ReferOn(NamedTuple):
    """``p = &(q->f);``: where a field lies of what a pointer leads to."""

    line: int
    target: str
    pointer: str
    path: tuple[str, ...]


class SetPart(NamedTuple):
    """``v.f.g = w;``: a field of a variable is set."""

    line: int
    root: str
    path: tuple[str, ...]
    value: str


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
    | ReferPart
    | ReferOn
    | SetPart
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
    """Read steps to a part: ``.inner.m.element_ref(i, j)`` is ``(".inner", ".m", "i", "j")``."""
    return tuple(step for found in _STEP.finditer(text) for step in (_names(found[2]) if found[2] else (found[1],)))


def _fields(text: str) -> tuple[str, tuple[str, ...]]:
    """Read a field of a variable: ``v.f.g`` is ``v`` and ``(".f", ".g")``."""
    root, *fields = text.split(".")
    return root, tuple(f".{field}" for field in fields)


_STEPWISE = re.compile(r"\.(\w+)|\[([\w, ]+)\]|\{([\w, ]+)\}")
_STEPPED = rf"(\w+(?:{_STEPWISE.pattern.replace('(', '(?:')})*)"
_SHORTER = (
    (re.compile(rf"\(\*wp::address\({_STEPPED}, ([\w, ]+)\)\)"), r"\1[\2]"),
    (re.compile(rf"wp::view\({_STEPPED}, ([\w, ]+)\)"), r"\1{\2}"),
    (re.compile(rf"(?<![\w*])\({_STEPPED}\)"), r"\1"),
)
"""How places are written in one line of steps: ``a[i]`` for an element, ``a{i}`` for a view, without parentheses."""


def _place(text: str) -> tuple[str, tuple[PathStep, ...]]:
    """Read where a part lies: of ``((*wp::address((v).f, i))).g`` that are the variable ``v`` and the steps from there.

    Raises:
        Unread: It has another form.
    """
    before, place = "", text
    while place != before:
        before = place
        for form, shorter in _SHORTER:
            place = form.sub(shorter, place)
    root, steps = re.match(r"\w*", place), tuple(_step(found) for found in _STEPWISE.finditer(place))
    if root is None or re.fullmatch(_STEPPED, place) is None:
        raise Unread(f"the place {text}")
    return root[0], steps


def _step(found: re.Match[str]) -> PathStep:
    if found[1]:
        return f".{found[1]}"
    return Item(_names(found[2])) if found[2] else View(_names(found[3]))


_COMPARISON = r"\(\w+ (?:[<>]|[<>=!]=) \w+\)"
_LINK = re.compile(r"\((\w+) (\S+) (\w+)\)")
_STEP = re.compile(r"(\.\w+)(?:\(([\w, ]+)\))?")
_STEPS = r"(?:\.\w+_ref\([\w, ]+\)|\.\w+)"
_ARRAY = r"(\w+|\*\(\w+\))"
_PLACE = rf"wp::index\({_ARRAY}, ([\w, ]+)\)({_STEPS}*)"

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
        (r"(\w+) = &\(((?:\(.*\)|\w+)(?:\.\w+)+)\);", lambda at, m: ReferPart(at, m[1], *_place(m[2]))),
        (r"(\w+) = &\((\w+)->(\w+)\);", lambda at, m: ReferOn(at, m[1], m[2], (f".{m[3]}",))),
        (r"(\w+(?:\.\w+)+) = (\w+);", lambda at, m: SetPart(at, *_fields(m[1]), m[2])),
        (
            rf"wp::store\(&\({_PLACE}\), (\w+)\);",
            lambda at, m: StorePart(at, m[1], _names(m[2]), _path(m[3]), m[4]),
        ),
        (
            rf"wp::array_(atomic_\w+)_slot\({_ARRAY}, (\w+), \[&\]\(auto& _e\) -> auto& \{{ return _e"
            rf"({_STEPS}+); \}}, ([\w, ]+)\);",
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
                yield _made(line.number, match, make)
                break
        else:
            raise Unread(f"the statement {line.text}", line.number)


def _made(number: int, match: re.Match[str], make: Callable[[int, re.Match[str]], Statement]) -> Statement:
    try:
        return make(number, match)
    except Unread as unread:
        raise Unread(unread.what, number) from None


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
