"""Where limitations bite, and what is written there instead; that Warp does so is tested by the regressions."""

from __future__ import annotations

import pytest

from grammar import emit, parse
from grammar.check import check
from grammar.nodes import Module
from oracle.limitations.catalogue import Limitation, avoided, limitations_for, worked_around

PARAMETERS = (
    "x: wp.array[float], g: wp.array2d[float], m: wp.array[wp.mat22], h: wp.array[wp.mat22h], at: wp.array[wp.int64], "
    "o: wp.array[wp.bool], w: wp.array[wp.float64], c: wp.array[int], i: int, b: bool"
)


def named(identifier: str) -> Limitation:
    (found,) = (item for item in avoided() if item.identifier == identifier)
    return found


def module(body: str) -> Module:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    function = "@wp.func\ndef f(a: wp.array[float], j: int):\n    a[j] = 1.0\n    return j\n"
    constants = "C = wp.constant(0.5)\nT = wp.float32(0.1)\nN = 3\n"
    return parse(f"import warp as wp\n{constants}\n{function}\n@wp.kernel\ndef k({PARAMETERS}):\n{rows}")


def around(identifier: str, body: str) -> str:
    """The last line of a kernel with every place of a limitation written in its equivalent form; "" if it has none."""
    tree = module(body)
    typing, before = check(tree), tree
    while (found := worked_around(tree, typing, [named(identifier)])) is not None:
        tree, typing = found
    return "" if tree is before else emit(tree).splitlines()[-1].strip()


CONSTANTS = {
    "w[0] = wp.float64(T)": "w[0] = wp.float64(+T)",
    "w[0] = wp.float64(-T)": "w[0] = wp.float64(+-T)",
    "w[0] = wp.float64(C)": "",  # which keeps its precision, and nothing else uses
    "x[0] = C\nw[0] = wp.float64(C)": "w[0] = wp.float64(0.5)",
    "x[0] = C\nw[0] = wp.float64(-C)": "w[0] = wp.float64(-0.5)",
    "x[0] = wp.pi\nw[0] = wp.float64(wp.pi)": "",
    "at[0] = wp.int64(C if True else 2.0)": "at[0] = wp.int64(+(C if True else 2.0))",
    "s = 2\nw[0] = wp.float64(s)": "w[0] = wp.float64(+s)",
    "for j in range(3):\n    at[0] = wp.int64(j)": "at[0] = wp.int64(+j)",
    "for j in range(17):\n    at[0] = wp.int64(j)": "",
    "for j in range(i):\n    at[0] = wp.int64(j)": "",
    "s = True\nat[0] = wp.int64(s)": "at[0] = wp.int64(s != False)",
    "at[0] = wp.int64(N)": "",  # which nothing else uses
    "at[0] = wp.int64(-N)": "",
    "at[N] = wp.int64(N)": "at[N] = wp.int64(+N)",
    "s = wp.int64(N)": "s = wp.int64(+N)",
    "s, t = wp.int64(N), 0.5": "s, t = wp.int64(+N), 0.5",
    "w[0] = wp.float64(0.5)": "",
    "w[0] = wp.float64(-0.5)": "",
    "w[0] = wp.float64(i)": "",
    "x[0] = wp.float32(C)": "",
}

CHANGED = "s = x[0]\nfor j in range(i):\n    s += 1.0\n"

CHOICES = {
    CHANGED + "y = s if True else 2.0": "y = +s if True else 2.0",
    CHANGED + "y = 2.0 if False else s": "y = 2.0 if False else +s",
    CHANGED + "y, z = s if 1 else C, 2.0": "y, z = +s if 1 else C, 2.0",
    CHANGED + "y = (s if True else 1.0) if True else 2.0": "y = (+s if True else 1.0) if True else 2.0",
    "s = b\nfor j in range(i):\n    s = not s\ny = s if True else b": "y = s != False if True else b",
    "s = x[0]\ny = s if True else 2.0": "",  # neither is changed in place
    CHANGED + "y = s if b else s": "",
    "s = x[0]\ny = wp.where(True, s, s)": "",
    "s = x[0]\nx[1] = s if True else 2.0": "",
    "s = x[0]\ny = s": "",
}

TUPLES = {
    CHANGED + "y, z = s, 2.0": "y, z = +s, 2.0",
    "s = m[0]\ns[0, 1] = 1.0\ny, z = s, C": "y, z = +s, C",
    "for j in range(i):\n    y = x[0]\ns = x[1]\ny, z = s, C": "y, z = +s, C",
    "s = x[0]\ny, z = s, C": "",
}

CHAINS = {
    "o[0] = i < 1 < f(x, i)": "o[0] = i < 1 and 1 < f(x, i)",
    "o[0] = i < 2 + 1 < 3 // i < 9": "o[0] = i < 2 + 1 and 2 + 1 < 3 // i and 3 // i < 9",
    "o[0] = i < 1 <= c[i]": "o[0] = i < 1 and 1 <= c[i]",
    "o[0] = i < f(x, 1) < c[i]": "",  # which may not be called twice
    "o[0] = c[i] < f(x, 1) < 9": "",
    "o[0] = 0.0 < x[0] < C / 2.0": "",
    "s = m[0]\no[0] = 0.0 < 1.0 < s[0, 1]": "",
    "s = m[0]\no[0] = 0.0 < 1.0 < s[0, i]": "o[0] = 0.0 < 1.0 and 1.0 < s[0, i]",
}

SLICES = {
    "x[0] = g[1:3][0][1]": "x[0] = g[1:3, :][0][1]",
    "g[1:3][0][1] = 2.0": "g[1:3, :][0][1] = 2.0",
    "row = g[1:3:2][0]": "row = g[1:3:2, :][0]",
    "x[0] = g[1][0:2][1]": "",
    "x[0] = g[1:3, 1][0]": "",
}

ROWS = {
    "s = m[0]\ns[i].x = 1.0": "s[i][0] = 1.0",
    "s = m[0]\ns[1].y += 1.0": "s[1][1] += 1.0",
    "s = m[0]\ns[1][0] = 1.0": "",
    "s = m[0]\nx[0] = s[1].x": "",
    "m[0][1].x = 1.0": "",
}

INDICES = {
    "s = m[0]\ns[at[0]][0] = 1.0": "s[wp.int32(at[0])][0] = 1.0",
    "s = m[0]\ns[at[0], 1] = 1.0": "s[wp.int32(at[0]), 1] = 1.0",
    "s = m[0]\ns[at[0]] = s[0]": "s[wp.int32(at[0])] = s[0]",
    "s = m[0]\ns[at[0]][0] += 1.0": "",
    "s = m[0]\ns[at[0]][0] -= 1.0": "",
    "s = m[0]\ns[at[0]][0] *= 2.0": "s[wp.int32(at[0])][0] *= 2.0",
    "m[at[0]][at[0]] = m[0][1]": "",
}

HALVES = {
    "h[0] = wp.mat22h(m[0])": "h[0] = wp.matrix_from_rows(wp.vec2h(m[0][0]), wp.vec2h(m[0][1]))",
    "h[0] = wp.mat22h(m[0] * m[1])": (
        "h[0] = wp.matrix_from_rows(wp.vec2h((m[0] * m[1])[0]), wp.vec2h((m[0] * m[1])[1]))"
    ),
    "h[0] = wp.mat22h(float(f(x, i)) * m[0])": "",  # f may not be called twice
    "m[0] = wp.mat22(h[0])": "",
}

NORMS = {
    "s = m[0]\nx[0] = wp.norm_l1(v=s[0])": "x[0] = wp.norm_l1(s[0])",
    "s = m[0]\nx[0] = wp.norm_huber(delta=0.5, v=s[0])": "x[0] = wp.norm_huber(s[0], 0.5)",
    "s = m[0]\nx[0] = wp.norm_huber(delta=float(f(x, i)), v=s[f(x, 1)])": "",  # f may not be called in another order
    "s = m[0]\nx[0] = wp.norm_huber(s[0], delta=0.5)": "",
}

FORMS = {
    "named-vector": NORMS,
    "widened-constant": CONSTANTS,
    "retyped-constant": CONSTANTS,
    "folded-choice": CHOICES,
    "unpacked-names": TUPLES,
    "eager-chain": CHAINS,
    "sliced-rows": SLICES,
    "row-component": ROWS,
    "stored-component-index": INDICES,
    "half-matrix-conversion": HALVES,
}


@pytest.mark.parametrize(("identifier", "body"), [(name, body) for name, forms in FORMS.items() for body in forms])
def test_a_place_is_written_in_its_equivalent_form_and_nothing_else_is(identifier: str, body: str) -> None:
    assert around(identifier, body) == FORMS[identifier][body]


DECIDED = {
    "if b:\n    for j in range(i):\n        b = False": "if b != False:",
    "if b:\n    pass\nelse:\n    while b:\n        b = False": "if b != False:",
    "if i:\n    for i in range(2):\n        pass": "if +i:",
    "if o[0]:\n    o[1] = False": "if o[0] != False:",
    "if c[0]:\n    c[1] += 1": "if +c[0]:",
    "if c[0]:\n    wp.atomic_add(c, 0, 1)": "if +c[0]:",
    "if x[0]:\n    o[0] = f(x, 1) > 0": "if +x[0]:",
    "if b:\n    b = False": "",
    "if b == True:\n    for j in range(i):\n        b = False": "",
    "if o[0]:\n    x[1] = 1.0": "",
    "if c[0]:\n    i = f(x, 1)": "",
}


@pytest.mark.parametrize("body", DECIDED)
def test_a_condition_that_is_read_anew_is_written_as_a_value(body: str) -> None:
    tree = module(body)
    found = worked_around(tree, check(tree), [named("reused-condition")])
    lines = [line.strip() for line in emit(found[0]).splitlines()] if found else []
    assert DECIDED[body] in lines if DECIDED[body] else found is None


BOUND = {
    "for j in range(i):\n    if b:\n        x[0] = C\n    else:\n        x[1] = C": "c_first = +C",
    "if b:\n    x[0] = 1.0\nelif i > 1:\n    x[0] = C\nelse:\n    x[1] = C": "c_first = +C",
    "if b:\n    if o[0]:\n        if o[1]:\n            x[0] = C\n    else:\n        x[1] = C": "c_first = +C",
    "if b:\n    x[0] = C\nelse:\n    x[1] = C": "",
    "for j in range(i):\n    if b:\n        x[0] = C": "",
    "for j in range(i):\n    s = C\n    if b:\n        x[0] = C\n    else:\n        x[1] = C": "",
}


@pytest.mark.parametrize("body", BOUND)
def test_a_constant_that_comes_up_first_in_branches_is_used_before(body: str) -> None:
    tree = module(body)
    found = worked_around(tree, check(tree), [named("branched-constant")])
    lines = emit(found[0]).splitlines() if found else []
    kernel = next((at for at, line in enumerate(lines) if line.startswith("def k(")), 0)
    assert BOUND[body] == (lines[kernel + 1].strip() if found else "")


@pytest.mark.parametrize("body", ["o[0] = i < f(x, 1) < c[i]", "h[0] = wp.mat22h(float(f(x, i)) * m[0])"])
def test_what_cannot_be_written_otherwise_is_a_place_all_the_same(body: str) -> None:
    typing = check(module(body))
    assert [item.identifier for item in avoided() if item.workaround and list(item.places(typing))] in (
        ["eager-chain", "chained-elements"],
        ["half-matrix-conversion"],
    )


def test_a_loop_is_unrolled_as_the_option_says_also_in_the_equivalent_form() -> None:
    tree = module("for j in range(6):\n    at[0] = wp.int64(j) + wp.int64(C)")
    found = worked_around(tree, check(tree, 4), [named("retyped-constant")])
    assert found is not None
    assert emit(found[0]).splitlines()[-1].strip() == "at[0] = wp.int64(j) + wp.int64(+C)"
    assert found[1].max_unroll == 4


def test_a_predefined_constant_is_no_element() -> None:
    assert limitations_for(check(module("o[0] = x[0] < x[1] < wp.pi\ns, t = wp.pi, 0.5"))) == []


@pytest.mark.parametrize(
    ("body", "met", "costly"),
    [
        ("o[0] = i < 2 < i * i", True, False),
        ("o[0] = i < 2 < 7 / i", True, True),
        ("o[0] = i * i < 2 < i", False, False),
    ],
)
def test_a_skipped_operand_may_overflow_which_costs_no_process(body: str, met: bool, costly: bool) -> None:
    typing = check(module(body))
    assert ("eager-chain" in {item.identifier for item in limitations_for(typing)}) is met
    assert (next(named("eager-chain").places(typing), None) is not None) is costly
