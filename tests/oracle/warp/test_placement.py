"""Layouts of buffers in memory, and that every changed guard byte is seen."""

from __future__ import annotations

import numpy as np
import pytest

from grammar.types import FLOAT32, INT16, Matrix
from oracle.records import LAYOUTS, Buffer
from oracle.warp.placement import Placement

from .cases import VEC3, buffer

NUMBERS = [[1, 2, 3], [4, 5, 6]]


def placed(one: Buffer) -> Placement:
    """Lay out a buffer whose elements have no arrays."""
    return Placement(one, lambda *_: b"")


@pytest.mark.parametrize(
    ("layout", "strides", "first"),
    [
        ("contiguous", (6, 2), 0),
        ("strided", (12, 4), 0),
        ("reversed", (-6, 2), 6),
        ("transposed", (2, 4), 0),
    ],
)
def test_strides_are_those_of_the_layout(layout: str, strides: tuple[int, ...], first: int) -> None:
    placement = placed(buffer("a", NUMBERS, INT16, layout))
    assert placement.strides == strides
    assert placement.offset == placement.zone + first


@pytest.mark.parametrize(
    ("layout", "in_memory"),
    [
        ("contiguous", [1, 2, 3, 4, 5, 6]),
        ("strided", [1, -23131, 2, -23131, 3, -23131, 4, -23131, 5, -23131, 6, -23131]),
        ("reversed", [4, 5, 6, 1, 2, 3]),
        ("transposed", [1, 4, 2, 5, 3, 6]),
    ],
)
def test_elements_lie_as_the_layout_says(layout: str, in_memory: list[int]) -> None:
    placement = placed(buffer("a", NUMBERS, INT16, layout))
    image = placement.image
    assert image[placement.zone : len(image) - placement.zone].view(np.int16).tolist() == in_memory


@pytest.mark.parametrize("layout", LAYOUTS)
def test_elements_read_back_as_they_were_placed(layout: str) -> None:
    placement = placed(buffer("a", [[[1, 2, 3]], [[4, 5, 6]]], VEC3, layout))
    assert placement.columns(placement.image)["a"].tolist() == [[[1, 2, 3]], [[4, 5, 6]]]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_guard_byte_counts_and_no_element_does(layout: str) -> None:
    placement = placed(buffer("a", NUMBERS, INT16, layout))
    image = placement.image
    owned = np.zeros_like(image)
    placement.spans(owned)[...] = 255
    changed = image ^ np.uint8(0xFF)
    outside = (np.flatnonzero(owned == 0) - placement.offset).tolist()
    assert placement.wild_writes(changed) == outside
    assert placement.wild_writes(np.where(owned, changed, image)) == []


def test_an_empty_array_has_red_zones_only() -> None:
    placement = placed(buffer("a", np.zeros((0, 2)), FLOAT32, "reversed"))
    assert len(placement.image) == 512
    assert placement.columns(placement.image)["a"].shape == (0, 2)


def test_red_zones_grow_with_the_elements() -> None:
    matrix = Matrix(4, 4, FLOAT32)
    data = np.zeros((100, 4, 4), np.float32)
    assert placed(buffer("a", data, matrix)).zone == 6400
