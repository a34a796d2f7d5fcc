"""What Warp computes where it binds names otherwise than Python: each way by itself, and none of them elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from fuzzer.strategies import kernels
from oracle.records import TestCase
from oracle.reference import STRICT, Undefined, interpret
from oracle.reference.bindings import BINDINGS
from oracle.reference.departure import Departure
from oracle.reference.undefined import UNSET
from tests.regressions.minimal import minimal

INTS = "a: wp.array[int], o: wp.array[int]"
VECTORS = "a: wp.array[wp.vec2], o: wp.array[wp.vec2]"
MATRICES = "a: wp.array[wp.mat22], o: wp.array[wp.mat22]"
DOUBLES = "a: wp.array[int], o: wp.array[wp.float64]"
ROWS = "a: wp.array2d[int], o: wp.array[int]"


def case(signature: str, body: str, before: str, a: Any) -> TestCase:
    """A case of one thread with ``a`` to read and a zero for each of two elements of ``o``."""
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    source = f"import warp as wp\n{before}\n\n@wp.kernel\ndef k({signature}):\n{rows}"
    zero = {VECTORS: [0, 0], MATRICES: [[0, 0], [0, 0]]}.get(signature, 0)
    return minimal(source, a=a, o=[zero, zero])


def outputs(one: TestCase, *bindings: str) -> Any:
    return interpret(one, STRICT, departure=Departure(bindings=frozenset(bindings))).arrays["o"].tolist()


BROKEN = """
x = a[0] + 0
y, z = x, x
for i in range(9):
    x += 1
    if i == 1:
        break
    x += 10
o[0] = y
"""

ELSE_TOO = """
n = a[0]
if a[1] > 7:
    o[0] = 4
elif n:
    for i in range(a[1]):
        n = 0
    o[0] = 5
else:
    o[1] = 6
"""

TABLE: dict[str, tuple[str, str, str, str, Any, Any, Any]] = {
    "names swapped in a loop are one variable after the first round": (
        "unpacked names",
        INTS,
        "x = a[0] + 0\ny = a[1] + 0\nfor i in range(a[2]):\n    x, y = y, x\no[0] = x\no[1] = y",
        "",
        [1, 2, 3],
        [2, 1],
        [2, 2],
    ),
    "a name that is assigned again outside of loops gets a variable of its own": (
        "unpacked names",
        INTS,
        "x = a[0] + 0\ny, z = x, x\ny = 5\nfor i in range(a[2]):\n    x += 1\no[0] = y\no[1] = z",
        "",
        [1, 2, 4],
        [5, 1],
        [5, 5],
    ),
    "a break takes along what the round has computed": (
        "unpacked names",
        INTS,
        BROKEN,
        "",
        [1],
        [1, 0],
        [13, 0],
    ),
    "a loop that is unrolled makes new variables": (
        "unpacked names",
        INTS,
        "x = a[0] + 0\ny, z = x, x\nfor i in range(3):\n    x += i\no[0] = y\no[1] = x",
        "",
        [1],
        [1, 4],
        [1, 4],
    ),
    "what a part of an if assigns is a new variable behind it, whether the part ran or not": (
        "unpacked names",
        INTS,
        "x = a[0] + 0\ny, z = x, x\nif a[1] > 5:\n    y = 3\nfor i in range(a[1]):\n    x += 1\no[0] = y\no[1] = z",
        "",
        [1, 2],
        [1, 1],
        [1, 3],
    ),
    "a component is changed in place": (
        "unpacked names",
        VECTORS,
        "x = a[0]\ny, z = x, x\nif x[0] > 0.0:\n    y[1] = 7.0\no[0] = x\no[1] = z",
        "",
        [[1, 2]],
        [[1, 2], [1, 2]],
        [[1, 7], [1, 7]],
    ),
    "a name of an element reads and changes the element": (
        "unpacked references",
        VECTORS,
        "x, y = a[0], a[1]\nz = x\nx[0] += 3.0\na[1] = z\no[0] = a[0]\no[1] = y",
        "",
        [[1, 2], [3, 4]],
        [[1, 2], [3, 4]],
        [[4, 2], [1, 2]],
    ),
    "a folded choice of a choice": (
        "folded choices",
        INTS,
        "s = a[0] + 1\nt = a[1] + 1\ny = (t if ON else s) if True else s\nfor i in range(a[2]):\n    t += 1\no[0] = y",
        "ON = wp.constant(True)",
        [1, 2, 3],
        [3, 0],
        [6, 0],
    ),
    "a folded choice of an element is a copy": (
        "folded choices",
        VECTORS,
        "y = a[0] if True else a[1]\ny[0] = 6.0\no[0] = y\no[1] = a[0]",
        "",
        [[1, 2], [3, 4]],
        [[6, 2], [1, 2]],
        [[6, 2], [1, 2]],
    ),
    "an elif is decided anew, so that its else part runs too": (
        "reused conditions",
        INTS,
        ELSE_TOO,
        "",
        [1, 2],
        [5, 0],
        [5, 6],
    ),
    "what decides is read again in an array that an update changes": (
        "reused conditions",
        INTS,
        "v = 3\nif a[0]:\n    a[0] -= 1\n    v = v + 1\no[0] = v",
        "",
        [1],
        [4, 0],
        [3, 0],
    ),
    "a negated constant is unrounded": (
        "widened constants",
        DOUBLES,
        "o[0] = wp.float64(-C)",
        "C = wp.constant(wp.float32(0.1))",
        [0],
        [-0.10000000149011612, 0],
        [-0.1, 0],
    ),
    "a constant shares what a loop does to its cast": (
        "widened constants",
        DOUBLES,
        "y = wp.float64(C)\nfor i in range(a[0]):\n    y += wp.float64(1.0)\no[0] = y\no[1] = wp.float64(C)",
        "C = wp.constant(0.5)",
        [2],
        [2.5, 0.5],
        [2.5, 2.5],
    ),
    "a row of rows of a slice": (
        "sliced rows",
        ROWS,
        "o[0] = a[1:3][1][0]\na[0:2][0][1] = 9\no[1] = a[1, 0]",
        "",
        [[1, 2], [3, 4], [5, 6]],
        [5, 3],
        [4, 9],
    ),
    "a component by name is lost, one by index is not": (
        "row components",
        MATRICES,
        "s = a[0]\ns[0].x *= 3.0\ns[1][0] += 1.0\ns[1].y = 2.0\no[0] = s",
        "",
        [[[1, 2], [3, 4]]],
        [[[3, 2], [4, 2]], [[0, 0], [0, 0]]],
        [[[1, 2], [4, 4]], [[0, 0], [0, 0]]],
    ),
}


@pytest.mark.parametrize(
    ("binding", "signature", "body", "before", "a", "right", "departed"), TABLE.values(), ids=TABLE
)
def test_a_way_of_binding_computes(
    binding: str, signature: str, body: str, before: str, a: Any, right: Any, departed: Any
) -> None:
    one = case(signature, body, before, a)
    assert outputs(one) == right
    assert outputs(one, *(BINDINGS.keys() - {binding})) == right, "the other ways bind nothing here"
    assert outputs(one, binding) == departed


BRANCHED = """
for i in range(a[0]):
    if i > 1:
        o[0] = SEVEN
    else:
        o[1] = SEVEN
o[0] = SEVEN
"""


def test_a_constant_is_not_set_where_the_if_that_binds_it_did_not_run() -> None:
    reached, unreached = (case(INTS, BRANCHED, "SEVEN = wp.constant(7)", [rounds]) for rounds in (1, 0))
    assert outputs(reached, "branched constants") == [7, 7]
    with pytest.raises(Undefined, match=UNSET):
        outputs(unreached, "branched constants")


def test_a_number_is_not_set_before_the_cast_that_widens_it() -> None:
    body = "s = 0.5\nif a[0] > 5:\n    o[0] = wp.float64(s)\no[1] = wp.float64(wp.float32(s))"
    assert outputs(case(DOUBLES, body, "", [9]), "widened constants") == [0.5, 0.5]
    with pytest.raises(Undefined, match=UNSET):
        outputs(case(DOUBLES, body, "", [1]), "widened constants")


def test_what_is_not_set_is_something_for_each_number_another() -> None:
    unreached = case(INTS, BRANCHED, "SEVEN = wp.constant(7)", [0])
    ways = [Departure(bindings=frozenset(["branched constants"]), garbage=number) for number in range(4)]
    assert [interpret(unreached, STRICT, departure=way).arrays["o"].tolist() for way in ways] == [
        [0, 0],
        [1, 0],
        [2, 0],
        [100, 0],
    ]


@settings(max_examples=20)
@given(kernels())
def test_variables_of_which_none_is_shared_give_what_python_gives(one: TestCase) -> None:
    found = interpret(one, STRICT, departure=Departure(bindings=frozenset(["none of them"])))
    expected = interpret(one, STRICT)
    for name, array in expected.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], array)
