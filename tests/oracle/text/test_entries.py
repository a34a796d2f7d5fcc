"""How a launch reaches a C++ kernel: the form that is known, and that no other passes."""

from __future__ import annotations

import pytest

from oracle.text.entries import unknown_entry
from oracle.text.faults import Departure
from oracle.text.source import functions

from .texts import BACKWARD_ENTRY, CHOICE, FORWARD_ENTRY, FORWARD_HEAD, NO_CHOICE

KERNELS = f"""
{FORWARD_HEAD}    //---------
    // forward
}}

template <bool wp_linear_contiguous>
static void k_1_cpu_kernel_backward(
    wp::launch_bounds_t<1> dim,
    size_t task_index,
    wp_args_k_1 *_wp_args,
    wp_args_k_1 *_wp_adj_args)
{{
    static constexpr bool wp_linear_tid = wp_linear_contiguous;
    //---------
    // forward
}}
"""
TEXT = KERNELS + FORWARD_ENTRY + BACKWARD_ENTRY


def departures(text: str) -> list[Departure]:
    kernels = functions(text)
    return [
        found
        for direction in ("forward", "backward")
        for found in unknown_entry(text, kernels[f"k_1_cpu_kernel_{direction}"][0])
    ]


def test_each_direction_is_reached_in_a_known_form() -> None:
    assert departures(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size_t task_index = 0;", "size_t task_index = 1;"),
        ("task_index < dim->size;", "task_index <= dim->size;"),
        ("++task_index)", "task_index += 2)"),
        ("(*dim, task_index, _wp_args);", "(*dim, 0, _wp_args);"),
        ("k_1_cpu_kernel_forward<wp_linear_contiguous>(*dim", "k_1_cpu_kernel_forward<true>(*dim"),
        ("        *dim, task_index, _wp_args, _wp_adj_args);", "        *dim, task_index, _wp_adj_args, _wp_args);"),
        ("dim->coord_mult == 1 && ", ""),
        ("_wp_args->o.strides[0] == (int)sizeof(wp::float32)", "_wp_args->o.strides[0] == (int)sizeof(wp::int8)"),
        ("    if (wp_linear_contiguous)", "    if (!wp_linear_contiguous)"),
        (CHOICE, NO_CHOICE),
        ("    k_1_cpu_forward_dispatch(dim, _wp_args);\n", ""),
        ("    k_1_cpu_backward_dispatch(dim, _wp_args, _wp_adj_args);", "    k_1_cpu_forward_dispatch(dim, _wp_args);"),
        (BACKWARD_ENTRY, ""),
    ],
)
def test_another_form_departs(old: str, new: str) -> None:
    assert TEXT.count(old) >= 1
    assert departures(TEXT.replace(old, new)) != []


def test_a_departure_names_the_line_and_what_belongs_there() -> None:
    changed = TEXT.replace("size_t task_index = 0;", "size_t task_index = 1;", 1)
    [found] = departures(changed)
    line = "for (size_t task_index = 1; task_index < dim->size; ++task_index)"
    known = "for (size_t task_index = 0; task_index < dim->size; ++task_index)"
    at = next(number for number, text in enumerate(changed.splitlines(), 1) if text.strip() == line)
    assert found == Departure(
        f"line {at} of the C++ text of 'k_1_cpu_forward' says {line!r}, where {known!r} is known of that target",
        "cpu",
        known,
        line,
    )
