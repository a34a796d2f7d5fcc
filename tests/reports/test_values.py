from __future__ import annotations

import numpy as np
import pytest

from reports import values


def test_bits_are_written_most_significant_first() -> None:
    assert values.bits(np.float32(1.0)) == "3f800000"
    assert values.bits(np.float64(-0.0)) == "8000000000000000"
    assert values.bits(np.int16(-2)) == "fffe"
    assert values.bits(np.True_) == "01"


@pytest.mark.parametrize(
    ("expected", "actual", "distance"),
    [
        (np.float32(1.0), np.float32(1.0), 0),
        (np.float32(1.0), np.float32(1.0000001), 1),
        (np.float32(0.0), np.float32(-0.0), 1),
        (np.float64(5e-324), np.float64(-5e-324), 3),
        (np.float16(65504), np.float16(np.inf), 1),
        (np.float32(np.nan), np.float32(1.0), None),
        (np.int32(1), np.int32(3), None),
        (np.float32(1.0), np.float64(1.0), None),
    ],
)
def test_the_ulp_distance_counts_representable_values(
    expected: np.generic, actual: np.generic, distance: int | None
) -> None:
    assert values.ulp_distance(expected, actual) == distance


def test_a_bound_is_said_in_words() -> None:
    assert values.bound_in_words(0.0, np.float32(1.0)) == "none: every bit has to be as expected"
    assert values.bound_in_words(0.0, np.int32(1)) == "none: it is exact"
    assert values.bound_in_words(2.0**-22, np.float32(1.0)) == "2.38e-07 (2 ULP of float32)"
    assert values.bound_in_words(0.5, np.float32(np.inf)) == "0.5"
    assert values.bound_in_words(np.inf, np.float32(1.0)) == "no bound is known"


def test_text_that_acts_on_a_terminal_is_made_plain() -> None:
    assert values.plain("a\x1b[31mb\r\n\tc\x07") == "a�[31mb�\n    c�"


@pytest.mark.parametrize("document", [None, 1.5, "1", {"float32": 5}, {"float8": "00"}, {"bool": "02"}, [[[1]]]])
def test_what_is_no_value_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match=r"no value|is no"):
        values.from_json(document)


def test_only_values_are_kept() -> None:
    with pytest.raises(TypeError, match=r"not a value: 1\.5"):
        values.to_json(1.5)
