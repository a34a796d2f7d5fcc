"""Structs: fields at any depth, copies, arrays in fields; as the reference, the text and native execution have them."""

from __future__ import annotations

import numpy as np
import pytest

from grammar.types import FLOAT32, INT8, Array, Leaf, Struct, Vector
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Verdict
from oracle.reference import interpret
from oracle.reference.undefined import MISSING, OUT_OF_RANGE, RACE

from .kernels import fault, run
from .struct_kernels import BODIES, GIVEN, SIGNATURE, STRUCTS, everything


@pytest.mark.parametrize(("body", "expected"), BODIES, ids=[body for body, _ in BODIES])
def test_structs_mean_what_is_written_above(body: str, expected: list[float]) -> None:
    assert run(SIGNATURE, body, STRUCTS, **GIVEN)["o"] == expected


@pytest.mark.warp
@pytest.mark.parametrize("engine", ["warp-text", "warp-cpu"])
def test_engines_agree_on_all_of_them(engine: str) -> None:
    case = everything()
    [outcome] = engine_types()[engine]().run([case])
    judgement = judge(case, engine, outcome, interpret(case))
    assert judgement.verdict is Verdict.AGREE, str(judgement)


def test_the_columns_of_an_array_of_structs_are_named_by_fields() -> None:
    arrays = run(SIGNATURE, "c[1].inner.w = wp.int8(9)", STRUCTS, **GIVEN)
    assert arrays["c.k"] == [1, 2]
    assert arrays["c.v"] == [[1, 2, 3], [4, 5, 6]]
    assert arrays["c.inner.w"] == [5, 9]
    assert arrays["c.inner.m"] == [[[1, 2], [3, 4]]] * 2


STORE = "i = wp.tid()\nc[0].{} = {}"


@pytest.mark.parametrize(
    ("body", "reason", "at"),
    [
        ("o[0] = S().a[0]", OUT_OF_RANGE, "S().a[0]"),
        ("s = S()\nz = s.a[0:1]\nz[0] = 1.0", MISSING, "s.a[0:1]"),
        ("c[2].k = wp.int8(1)", OUT_OF_RANGE, "c[2]"),
        ("i = wp.tid()\nc[0].v.x = float(i)", RACE, "c[0].v.x"),
        ("i = wp.tid()\nc[i].k = c[0].k", RACE, "c[0].k"),
    ],
)
def test_what_structs_do_not_define_is_noticed(body: str, reason: str, at: str) -> None:
    assert fault(SIGNATURE, body, STRUCTS, 2, **GIVEN) == (reason, at)


def test_threads_may_store_different_fields_of_one_element() -> None:
    body = "i = wp.tid()\nif i == 0:\n    c[0].k = wp.int8(8)\nelse:\n    c[0].v.x = 9.0\no[i] = c[1].v.y"
    arrays = run(SIGNATURE, body, STRUCTS, 2, **GIVEN)
    assert (arrays["c.k"][0], arrays["c.v"][0], arrays["o"]) == (8, [9, 2, 3], [5, 5])


def test_a_struct_lies_in_memory_as_in_c() -> None:
    inner = Struct("Inner", (("w", INT8), ("m", Vector(4, FLOAT32))))
    outer = Struct(
        "S", (("k", INT8), ("v", Vector(3, FLOAT32)), ("a", Array(FLOAT32, 1)), ("inner", inner), ("h", INT8))
    )
    assert inner.footprint == (20, 4)
    assert [outer.offset_of((at,)) for at in range(5)] == [0, 4, 16, 72, 92]
    assert (outer.offset_of((3, 1)), outer.footprint) == (76, (96, 8))


def test_a_struct_has_a_leaf_for_each_part_of_one_scalar_type() -> None:
    inner = Struct("Inner", (("w", INT8), ("v", Vector(3, FLOAT32))))
    outer = Struct("S", (("a", Array(INT8, 1)), ("inner", inner)))
    assert outer.leaves == (Leaf(".inner.w", (1, 0), INT8, ()), Leaf(".inner.v", (1, 1), FLOAT32, (3,)))
    assert [handle.suffix for handle in outer.handles] == [".a"]
    assert outer.default == (None, (0, (np.float32(0),) * 3))
