from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from oracle.records import TextDifference, TextExcerpt
from reports.cases import read_case
from reports.findings import finding_document, finding_of, read_finding
from reports.reproducer import write_finding
from tests.reports import samples


def test_a_finding_read_back_makes_the_same_document() -> None:
    document = finding_document(samples.finding())
    assert finding_document(finding_of(document, "it")) == document


def test_an_excerpt_of_a_text_is_read_back() -> None:
    excerpt = TextExcerpt(("x = y; z = x;", ""), "    7 x = y;")
    document = finding_document(replace(samples.finding(), excerpt=excerpt))
    assert finding_of(document, "it").excerpt == excerpt


@pytest.mark.parametrize(
    "excerpt",
    [{"bodies": "x", "around": ""}, {"bodies": [1], "around": ""}, {"bodies": [], "around": 2}, {"around": ""}],
)
def test_what_is_no_excerpt_is_no_finding(excerpt: dict[str, Any]) -> None:
    document = finding_document(samples.finding())
    document["finding"]["excerpt"] = excerpt
    with pytest.raises(UserError, match="it holds no finding"):
        finding_of(document, "it")


def test_a_difference_of_texts_is_read_back() -> None:
    difference = TextDifference("cuda", "x = y;", "", 1, 0)
    document = finding_document(replace(samples.finding(), difference=difference))
    assert finding_of(document, "it").difference == difference


def test_the_folder_of_a_bucket_holds_the_finding_and_its_case(tmp_path: Path) -> None:
    write_finding(tmp_path, samples.finding(), {})
    assert read_finding(tmp_path).signature == samples.finding().signature
    assert read_case(tmp_path / "case.json").launches[0].kernel == "scaled"


def test_a_mismatch_keeps_the_bits_of_both_values() -> None:
    (mismatch,) = finding_document(samples.finding())["finding"]["mismatches"]
    assert mismatch["expected"] == {"float32": "3fc00000", "text": "1.5"}
    assert mismatch["actual"] == {"float32": "3fc00001", "text": "1.5000001"}


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["finding"], 5, "'finding' is '5', which is not of kind dict"),
        (["finding", "signature", "kind"], "rm -rf", "'rm -rf' in 'front_end' is no signature"),
        (["finding", "mismatches", 0, "index"], [0.5], r"\[0\.5\] is no index"),
        (["finding", "mismatches", 0, "actual"], 7, r"the mismatch at \[0\] is not one of scalars"),
        (["finding", "expected", "out", "shape"], [2, 2], r"no buffer 'out' has the shape \[2, 2\]"),
        (["finding", "rule"], None, "'rule' is 'None', which is not of kind str"),
    ],
)
def test_a_malformed_finding_is_one_sentence(path: list[Any], value: Any, sentence: str) -> None:
    document = copy.deepcopy(finding_document(samples.finding()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UserError, match=f"^case.json holds no finding: {sentence}"):
        finding_of(document, "case.json")
