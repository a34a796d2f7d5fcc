"""Types: scalar types are one object each, also behind a process boundary."""

from __future__ import annotations

import copy
import pickle

import pytest

from grammar.types import FLOAT32, INT32, SCALARS, Array, Matrix, Scalar, Vector


@pytest.mark.parametrize("scalar", SCALARS, ids=str)
def test_a_scalar_type_stays_the_same_object_when_it_is_sent_or_copied(scalar: Scalar) -> None:
    assert pickle.loads(pickle.dumps(scalar)) is scalar
    assert copy.deepcopy(scalar) is scalar


def test_types_made_of_one_scalar_type_compare_by_value() -> None:
    types = (Vector(3, FLOAT32), Matrix(2, 2, INT32), Array(Vector(2, INT32), 2))
    assert pickle.loads(pickle.dumps(types)) == types
    assert len({*types, Vector(3, FLOAT32), Vector(3, INT32)}) == 4
