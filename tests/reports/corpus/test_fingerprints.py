"""Fingerprints: what counts at each level, and that nothing else does."""

from __future__ import annotations

import os
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar import emit
from grammar import nodes as n
from reports.corpus.fingerprints import Fingerprint, fingerprint, structural_identity
from tests.grammar.trees import OPERATORS, expressions, modules

ROOT = Path(__file__).parents[3]

KERNEL = """\
import warp as wp


@wp.kernel
def k(a: wp.array[wp.float32], out: wp.array[wp.float32]):
    i = wp.tid()
    x = wp.sin(a[i]) + 0.5
    out[i] = x
"""

TEMPLATE = """\
import warp as {alias}

{constant} = {alias}.constant(0.5)


@wp.func
def {function}({first}: float, {second}: float = 2.0) -> float:
    {local} = {first} * {second} + {constant}
    return {local}


def {factory}({captured}):
    @wp.kernel
    def {kernel}({array}: {alias}.array[float], {count}: int):
        {thread}, {lane} = {alias}.tid()
        {sum} = 0.0
        for {step} in range({count}):
            {sum} += {function}({array}[{step}], {second}={captured})
        {array}[{thread}] = {alias}.clamp(x={sum}, low={constant}, high={captured})

    return {kernel}


{made} = {factory}(3.0)
"""
PLACES = (
    *("alias", "constant", "function", "first", "second", "local", "factory", "captured", "kernel", "array", "count"),
    *("thread", "lane", "sum", "step", "made"),
)
OTHER = (
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "x",
    "low",
    "high",
    "tid",
    "v0",
    "v1",
    "v10",
    "größe",
    "k0",
    "constant",
)

DOCUMENTED = '''\
@wp.kernel
def scale(values: wp.array(dtype=float), factor: float):
    """Scales."""
    i = wp.tid()
    values[i] = wp.sin(values[i]) * factor + 1.5
'''


def changed(old: str, new: str, source: str = KERNEL) -> Fingerprint:
    assert old in source
    return fingerprint(source.replace(old, new))


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    script = f"from reports.corpus.fingerprints import fingerprint\nprint(fingerprint({KERNEL!r}).text())"
    texts = [
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert texts == [fingerprint(KERNEL).text()] * 2


def test_a_fingerprint_is_the_one_that_it_was_yesterday() -> None:
    taken = fingerprint(KERNEL)
    assert taken.exact == "4e941770bcd700bd9c3f8733dd2b465e"
    assert taken.structural == "fcf49c14d1fc78cc30f20519b0edd46b"
    assert taken.minhash.startswith("HOMDChTfwwr6W0EADXBAB+HT")
    assert len(taken.minhash) == 684


@given(modules)
def test_the_structural_level_alone_is_that_of_the_fingerprint(module: n.Module) -> None:
    assert structural_identity(module) == fingerprint(module).structural


def test_a_fingerprint_is_one_line_of_json() -> None:
    text = Fingerprint("0a", "0b", "AAAA").text()
    assert text == '{"exact": "0a", "structural": "0b", "minhash": "AAAA"}'
    assert Fingerprint.of_text(text) == Fingerprint("0a", "0b", "AAAA")


@given(modules)
def test_a_tree_has_the_fingerprint_of_its_text(module: n.Module) -> None:
    assert fingerprint(module) == fingerprint(emit(module))


def test_layout_and_comments_do_not_count() -> None:
    assert changed("x = wp.sin(a[i]) + 0.5", "x=(wp . sin( a[ i ] )+.50) # half") == fingerprint(KERNEL)


@given(st.permutations(OTHER))
def test_renaming_changes_the_text_alone(names: list[str]) -> None:
    original = fingerprint(TEMPLATE.format_map({place: f"own_{place}" for place in PLACES}))
    renamed = fingerprint(TEMPLATE.format_map(dict(zip(PLACES, names, strict=False))))
    assert renamed.exact != original.exact
    assert (renamed.structural, renamed.minhash) == (original.structural, original.minhash)


@given(st.integers(0, 2**31), st.floats(0.0, 1e6), st.booleans())
def test_values_of_literals_change_the_text_alone(whole: int, real: float, truth: bool) -> None:
    source = "x = f({}, {}, {})\n"
    original, other = fingerprint(source.format(7, 0.1, True)), fingerprint(source.format(whole, real, truth))
    assert (other.structural, other.minhash) == (original.structural, original.minhash)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("wp.sin", "wp.cos"),
        ("out: wp.array[wp.float32]", "out: wp.array[wp.float64]"),
        ("+ 0.5", "- 0.5"),
        ("+ 0.5", "+ 5"),
        ("out[i] = x", "out[i] += x"),
        ("out[i] = x", "out[i] = x\n    return"),
        ("x = wp", "x = -wp"),
    ],
)
def test_what_the_program_does_counts(old: str, new: str) -> None:
    assert changed(old, new).structural != fingerprint(KERNEL).structural


@given(expressions, expressions, st.sampled_from([pair for pair in OPERATORS.items() if len(pair[1]) > 1]), st.data())
def test_an_operator_counts(
    left: n.Expr, right: n.Expr, rule: tuple[type[n.BinaryOp], tuple[str, ...]], data: st.DataObject
) -> None:
    operation, symbols = rule
    one, other = data.draw(st.permutations(symbols))[:2]
    first, second = (n.Module((n.Binding("x", operation(left, symbol, right)),)) for symbol in (one, other))
    assert fingerprint(first).structural != fingerprint(second).structural


def test_which_name_stands_where_counts_for_the_structure_alone() -> None:
    straight, crossed = fingerprint(KERNEL), changed("wp.sin(a[i])", "wp.sin(out[i])")
    assert crossed.structural != straight.structural
    assert crossed.minhash == straight.minhash


def test_names_of_two_functions_do_not_meet() -> None:
    both = "@wp.func\ndef f(a: int):\n    {0} = a\n\n\n@wp.func\ndef g(b: int):\n    {1} = b\n"
    assert fingerprint(both.format("v", "v")).structural == fingerprint(both.format("v", "w")).structural


def test_the_keyword_of_a_builtin_counts() -> None:
    source = "x = wp.clamp({}=a)\n"
    assert fingerprint(source.format("low")).structural != fingerprint(source.format("high")).structural


def test_an_import_does_not_count_for_the_structure() -> None:
    bare = changed("import warp as wp\n", "")
    assert (bare.structural, bare.minhash) == (fingerprint(KERNEL).structural, fingerprint(KERNEL).minhash)
    assert bare.exact != fingerprint(KERNEL).exact


def test_a_module_of_nothing_has_a_fingerprint() -> None:
    assert fingerprint("").sketch.jaccard(fingerprint("x = 1\n").sketch) < 0.5


def test_the_estimate_is_near_the_share_of_shingles_in_common() -> None:
    """52 statements of ten tokens each, of which a run of five that are not alike gives ten shingles of its own."""
    builtins = [f"wp.f{number}" for number in range(52)]
    rows = [f"x = {name}(a, b) * {name}(b, a) - c\n" for name in builtins]
    whole, part, other = fingerprint("".join(rows)), fingerprint("".join(rows[:39])), fingerprint("x = [1]\n")
    assert whole.sketch.jaccard(whole.sketch) == 1.0
    assert whole.sketch.jaccard(part.sketch) == pytest.approx(0.75, abs=0.12)
    assert whole.sketch.jaccard(other.sketch) < 0.1


def test_what_the_grammar_does_not_take_is_read_by_the_tokenizer() -> None:
    original = fingerprint(DOCUMENTED)
    renamed = changed("values", "data", DOCUMENTED)
    assert renamed.exact != original.exact
    assert (renamed.structural, renamed.minhash) == (original.structural, original.minhash)
    assert changed("    i =", "    # the thread\n    i  =", DOCUMENTED) == original
    assert changed("1.5", "2.5", DOCUMENTED).structural == original.structural
    assert changed("1.5", "0x1_5", DOCUMENTED).structural != original.structural
    assert changed("wp.sin", "wp.cos", DOCUMENTED).structural != original.structural
    assert changed("* factor", "* i", DOCUMENTED).structural != original.structural


@pytest.mark.parametrize("source", ["x = (\n", "def f(:\n    x = 'abc\n", "if x:\n        y\n    z\n"])
def test_what_is_not_python_is_refused(source: str) -> None:
    with pytest.raises((SyntaxError, tokenize.TokenError)):
        fingerprint(source)
