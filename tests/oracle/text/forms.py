"""The forms of statements and declarations that the installed Warp emits, for kernels that do not change.

A form is a line of a text with the names, types and numbers in it abstracted: ``V`` a variable, ``T`` a type, ``N`` a
number, ``m`` a field, ``wp::F`` an operation, ``f`` a function of the kernel's module, ``..`` a list of arguments.
What only the text language has, such as ``wp::load``, keeps its name. Write the forms anew, after looking at what
changed, with

    python -m tests.oracle.text.forms
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from fuzzer.campaigns.schedule import recipe_of
from fuzzer.campaigns.settings import Settings
from fuzzer.generation.cases import deep_case
from fuzzer.generation.repair import Discarded
from fuzzer.generation.sweep import sweep_case, sweep_order
from oracle.records import TestCase
from oracle.text.lowering import PRIMITIVES
from oracle.text.meanings import is_known
from oracle.text.source import functions
from tests.oracle.text.constructs import cases

FILE = Path(__file__).with_name("forms.txt")
SECTIONS = ("argument vars", "primal vars", "dual vars", "forward", "reverse")
GENERATED = 30
"""Deep kernels, and as many of the sweep."""

_ABSTRACTIONS = (
    (r"wp::array_t<.*>(?=\*? \w+ =|\*? \w+;)", "wp::array_t<T>"),
    (r"wp::(?:vec|mat|quat)_t<[^<>]*>", "T"),
    (r"\b[A-Za-z]\w*_[0-9a-f]{8}\b", "T"),
    (r"\b(?:wp::)?(?:bool|u?int\d+|float\d+)\b(?![(:])", "T"),
    (r"= (_wp_\w+->)\w+;", r"= \1V;"),
    (r"\b(?:var|ret)_\w+\b", "V"),
    (r"\badj_\w+\b(?!\()", "V"),
    (r"(?<=[\w)])(?:\.(?!\w+_ref\()[A-Za-z]\w*)+", ".m"),
    (r"(?<=V)->\w+", "->m"),
    (r"\b(start|end)_(for|while)_\d+", r"\1_\2_N"),
    (r"\blabel\d+", "label"),
    (r"\bbuiltin_tid\dd", "builtin_tid"),
    (r"(?<![\w.])(?<!== )-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?(?:u|ll|ull)?|INFINITY|NAN|true|false)\b", "N"),
    (r"(?<![\w:])(?!iter_cmp|bool|builtin_tid|T\(|if\b)(adj_)?\w+(?=\()(?<!_ref)", r"\1f"),
    (r" (?:==|!=|<=|>=|<|>) (?=V\))", " CMP "),
    (r"<N,T>\{N(?:, N)*\}", "<N,T>{..}"),
    (r"\((?:\{?&?[VN]\}?(?:, )?)*\)", "(..)"),
)


def form_of(line: str) -> str:
    """Abstract the names, types and numbers of a line."""
    line = re.sub(r"wp::(adj_)?(\w+?)(<[^()]*>)?\(", _called, line)
    for pattern, replacement in _ABSTRACTIONS:
        line = re.sub(pattern, replacement, line)
    return line


def _called(match: re.Match[str]) -> str:
    adjoint, name, template = match[1] or "", match[2], match[3] or ""
    operation = is_known(name) and name not in PRIMITIVES
    return f"wp::{adjoint}{'F' if operation else name}{'<T>' if template else ''}("


def forms_of(texts: Iterable[str]) -> list[str]:
    """Return the forms of all lines of some texts, each with its section, in order."""
    found = {
        f"{title}: {form_of(line.text)}"
        for text in texts
        for several in functions(text).values()
        for function in several
        for title, section in function.sections.items()
        for line in section.lines()
    }
    return sorted(found, key=_place)


def _place(form: str) -> tuple[int, str]:
    title = form.partition(":")[0]
    return (SECTIONS.index(title) if title in SECTIONS else len(SECTIONS)), form


def generated() -> Iterator[TestCase]:
    """Generate deep kernels and kernels of the sweep, always the same ones."""
    recipe = recipe_of(Settings(seconds=1, seed=1, workers=1))
    for index in range(GENERATED):
        yield deep_case(1, index, recipe).defined.case
    keys = sweep_order(1, recipe)
    for index, key in enumerate(keys[:: len(keys) // GENERATED]):
        try:
            yield sweep_case(1, index, key, recipe).defined.case
        except Discarded:
            continue


def emitted(given: Iterable[TestCase]) -> Iterator[str]:
    """Return the C++ text of test cases; Warp has to be started."""
    from oracle.warp.text import generated_text

    return (generated_text(case, "cpu") for case in given)


def written() -> list[str]:
    """Read the forms that were written down."""
    return FILE.read_text(encoding="utf-8").splitlines()


def changes(before: Iterable[str], found: Iterable[str]) -> str:
    """Say which forms are new and which are missing, and what is to be done; "" where nothing changed."""
    old, new = set(before), set(found)
    lines = [f"a new form: {form}" for form in sorted(new - old)]
    lines += [f"a form that is missing: {form}" for form in sorted(old - new)]
    if not lines:
        return ""
    version = metadata.version("warp-lang")
    advice = "see to it that oracle/text reads it as it is meant, then run: python -m tests.oracle.text.forms"
    return "\n".join((f"the text that Warp {version} emits has changed: {advice}", *lines))


if __name__ == "__main__":
    from oracle.warp.session import start

    with tempfile.TemporaryDirectory() as folder:
        start(Path(folder))
        FILE.write_text("\n".join(forms_of(emitted([*cases().values(), *generated()]))) + "\n", encoding="utf-8")
