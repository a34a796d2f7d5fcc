"""Generated kernels that repeat one of Warp's: compared one by one, up to names, numbers and ways to write a type."""

from __future__ import annotations

import pytest

from fuzzer.corpus import overlap
from fuzzer.corpus.origins import located
from fuzzer.corpus.overlap import identities_in, lone_kernels
from grammar import emit, parse
from grammar.trees import NamedDefinition
from reports.corpus.fingerprints import structural_identity

WHEEL = """
import warp as wp

SIZE = wp.constant(4)

@wp.func
def halved(x: float) -> float:
    return x / 2.0

@wp.kernel
def smooth(a: wp.array(dtype=float), out: wp.array(dtype=float)):
    i = wp.tid()
    left = halved(a[i])
    if i < SIZE:
        out[i] = left + a[i + 1]

@wp.kernel
def fill(a: wp.array2d(dtype=wp.vec3f)):
    i, j = wp.tid()
    a[i, j] = wp.vec3(0.0, 1.0, 2.0)

@wp.kernel
def fill_again(a: wp.array2d[wp.vec3]):
    k, l = wp.tid()
    a[k, l] = wp.vec3(3.0, 3.0, 3.0)

@wp.kernel
def outside_of_the_grammar(a: wp.array(dtype=float)):
    wp.printf("%f", a[0])
"""

SMOOTH = """
import warp as wp

c1 = wp.constant(7)

@wp.func
def f0(y: wp.float32) -> wp.float32:
    return y / 9.0

@wp.func
def f1(y: wp.float32) -> wp.float32:
    return y

@wp.kernel
def k0(p: wp.array[wp.float32]):
    p[0] = f1(p[0])

{}
"""

PLAIN = """
@wp.kernel
def k1(p: wp.array[wp.float32], q: wp.array[wp.float32]):
    t = wp.tid()
    v = f0(p[t])
    if t < c1:
        q[t] = v + p[t + 3]
"""

MADE = """
def make(c2):
    @wp.kernel
    def inner(q: wp.array2d[wp.vec3]):
        t, u = wp.tid()
        q[t, u] = wp.vec3(8.0, 8.0, 8.0)
    return inner

k1 = make(3)
"""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The identities of the kernels above."""
    file = tmp_path_factory.mktemp("wheel") / "own.py"
    file.write_text(WHEEL, encoding="utf-8")
    return identities_in([file])


def repeated(text: str, known: frozenset[str]) -> list[str]:
    """Name the kernels of a module that are known."""
    kernels = (kernel for kernel in lone_kernels(parse(text)) if structural_identity(kernel) in known)
    return [emit(kernel).rpartition("def ")[2].partition("(")[0] for kernel in kernels]


def test_a_kernel_is_found_again_among_others_under_other_names(known: frozenset[str]) -> None:
    assert repeated(SMOOTH.format(PLAIN), known) == ["k1"]


def test_a_kernel_that_a_factory_makes_is_found_again(known: frozenset[str]) -> None:
    assert repeated(SMOOTH.format(MADE), known) == ["inner"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v + p", "v - p"),
        ("t + 3", "t"),
        ("y / 9.0", "y * 9.0"),
        ("k1(p: wp.array[wp.float32]", "k1(p: wp.array[wp.float64]"),
    ],
)
def test_a_kernel_that_computes_something_else_is_no_repetition(before: str, after: str, known: frozenset[str]) -> None:
    assert repeated(SMOOTH.format(PLAIN).replace(before, after), known) == []


def test_only_kernels_that_the_grammar_takes_are_known_and_those_alike_once(known: frozenset[str]) -> None:
    assert len(known) == 2


def test_a_lone_kernel_has_what_it_needs_in_the_order_in_which_it_needs_it() -> None:
    first, second = lone_kernels(parse(SMOOTH.format(PLAIN)))
    assert emit(first) == (
        "@wp.func\ndef f1(y: wp.float32) -> wp.float32:\n    return y\n\n\n"
        "@wp.kernel\ndef k0(p: wp.array[wp.float32]):\n    p[0] = f1(p[0])\n"
    )
    names = [definition.name for definition in second.definitions if isinstance(definition, NamedDefinition)]
    assert (names, len(second.definitions)) == (["f0", "c1", "k1"], 3)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_installed_warp_is_read_by_workers(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = located("warp.examples.core")
    monkeypatch.setattr(overlap, "located", {"warp": tree}.__getitem__)
    steps: list[tuple[str, int, int]] = []
    found = overlap.wheel_kernels(workers, lambda *step: steps.append(step))
    assert found == identities_in(tree.files)
    assert len(found) >= 20
    assert {(what, total) for what, _, total in steps} == {("files of Warp read", len(tree.files))}
    assert sum(count for _, count, _ in steps) == len(tree.files) > overlap.CHUNK
