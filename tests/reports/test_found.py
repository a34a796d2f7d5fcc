"""The list of what was found so far: what it says, and that the README's is up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.found import listing, renewed

ROOT = Path(__file__).parents[2]


def test_an_item_says_what_is_wrong_what_rule_it_breaks_and_where_its_case_is() -> None:
    assert (
        "- [`negative-zero`](tests/regressions/negative_zero.py) (wrong value, Warp 1.19.0): "
        "-x of a float +0.0 gives +0.0: negation is computed as 0 - x. "
        "*Python and IEEE 754: negation reverses the sign, also of zero.*"
    ) in listing().splitlines()


def test_wrong_values_come_first() -> None:
    kinds = [line.split("(")[2].split(",")[0] for line in listing().splitlines()]
    assert kinds == sorted(kinds, key=["wrong value", "compile error", "crash", "hang"].index)
    assert kinds[0] == "wrong value"


def test_every_link_leads_to_a_file() -> None:
    files = [line.split("(")[1].split(")")[0] for line in listing().splitlines()]
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_only_what_stands_between_the_markers_is_renewed() -> None:
    text = "above\n<!-- found: begin (generated) -->\nold\n<!-- found: end -->\nbelow\n"
    new = renewed(text).splitlines()
    assert new[:2] == ["above", "<!-- found: begin (generated) -->"]
    assert new[-2:] == ["<!-- found: end -->", "below"]
    assert "old" not in new
    assert renewed(renewed(text)) == renewed(text)


def test_a_text_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        renewed("no list here\n")


def test_the_list_in_the_readme_is_up_to_date() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert renewed(readme) == readme, "run make docs"
