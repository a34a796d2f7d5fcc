"""Pruning: what no output depends on is left out, and all else stays as it is."""

from __future__ import annotations

import pytest

from fuzzer.generation.pruning import pruned
from grammar import emit, parse
from grammar import nodes as n

FRAME = """
import warp as wp


@wp.kernel
def k(a: wp.array[int], o: wp.array[int]):
{body}
"""

#: Bodies and what stays of them.
BODIES = {
    "a variable that nothing reads": ("x = a[0]\no[0] = 1", "o[0] = 1"),
    "an assignment that the next one overwrites": ("x = a[0]\nx = a[1]\no[0] = x", "x = a[1]\no[0] = x"),
    "a chain of such": ("x = a[0]\ny = x + 1\nz = y\no[0] = 1", "o[0] = 1"),
    "an addition to it": ("x = a[0]\nx += 2\no[0] = 1", "o[0] = 1"),
    "values of which one is read": ("x, y = a[0], a[1]\no[0] = y", "x, y = a[0], a[1]\no[0] = y"),
    "a branch that does nothing": ("if a[0] > 1:\n    pass\no[0] = 1", "o[0] = 1"),
    "an else that does nothing": (
        "if a[0] > 1:\n    o[0] = 1\nelse:\n    x = 1",
        "if a[0] > 1:\n    o[0] = 1",
    ),
    "an if with an else that does something": (
        "if a[0] > 1:\n    pass\nelse:\n    o[0] = 1",
        "if a[0] > 1:\n    pass\nelse:\n    o[0] = 1",
    ),
    "an elif behind which nothing is done": (
        "if a[0] > 1:\n    o[0] = 1\nelif a[0] > 2:\n    pass",
        "if a[0] > 1:\n    o[0] = 1",
    ),
    "a loop that only counts": ("c = 0\nwhile c < 3:\n    c += 1\n    pass\no[0] = 1", "o[0] = 1"),
    "a loop that only leaves itself": ("for j in range(3):\n    if a[j] > 1:\n        break\no[0] = 1", "o[0] = 1"),
    "a component of what nothing reads": ("v = wp.vec2(1.0)\nv.x = 2.0\no[0] = 1", "o[0] = 1"),
    "an array that is not observed": ("o[0] = 1\na[0] = 2", "o[0] = 1"),
}

#: Bodies that stay as they are.
LIVE = {
    "a value that the next round reads": "x = 0\ny = 0\nfor j in range(3):\n    y += x\n    x = a[j]\no[0] = y",
    "a value from before a branch that assigns": "x = 0\nif a[0] > 1:\n    x = 1\no[0] = x",
    "a value from before branches that all assign": "x = 0\nif a[0] > 1:\n    x = 1\nelse:\n    x = 2\no[0] = x",
    "a value that a break takes along": (
        "x = 0\nfor j in range(3):\n    x = j\n    if a[j] > 1:\n        break\n    x = 9\no[0] = x"
    ),
    "a counter that ends a loop": "c = 0\nwhile c < 3:\n    c += 1\n    o[0] += 1",
    "an atomic": "wp.atomic_add(o, 0, 1)",
    "a return": "if a[0] > 1:\n    return\no[0] = 1",
    "a pass beside something": "if a[0] > 1:\n    pass\n    o[0] = 1",
}


def body(text: str) -> list[n.Statement]:
    kernel = parse(FRAME.format(body="\n".join(f"    {line}" for line in text.splitlines()))).definitions[1]
    assert isinstance(kernel, n.KernelDef)
    return list(kernel.body.statements)


def what_stays(text: str) -> str:
    return "\n".join(emit(statement) for statement in pruned(body(text), frozenset({"o"})))


@pytest.mark.parametrize(("text", "kept"), BODIES.values(), ids=BODIES)
def test_what_changes_no_output_is_left_out(text: str, kept: str) -> None:
    assert what_stays(text) == "\n".join(emit(statement) for statement in body(kept))


@pytest.mark.parametrize("text", LIVE.values(), ids=LIVE)
def test_what_an_output_depends_on_stays(text: str) -> None:
    assert what_stays(text) == "\n".join(emit(statement) for statement in body(text))


def test_what_a_function_returns_depends_on_stays() -> None:
    statements = [*body("x = 1\ny = 2"), n.ReturnValue(n.Name("y"))]
    assert [emit(statement) for statement in pruned(statements, frozenset())] == ["y = 2", "return y"]
