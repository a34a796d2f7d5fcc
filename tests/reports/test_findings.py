from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grammar.errors import UserError
from oracle.records import TextDifference, TextExcerpt
from reports.case_documents import read_case
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


DIFFERENCE = {"target": "cuda", "expected": "x = y;", "actual": "", "expected_count": 1, "actual_count": 0}


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["finding"], 5, "'finding' is '5', which is not of kind dict"),
        (["finding", "engine"], "../engine", "'engine' is '../engine', which is no word"),
        (["finding", "engine"], "", "'engine' is '', which is no word"),
        (["finding", "rule"], None, "'rule' is 'None', which is not of kind str"),
        (["finding", "seconds"], 7, "'seconds' is '7', which is not of kind float"),
        (["finding", "seconds"], float("nan"), "'seconds' is nan, which is no amount"),
        (["finding", "seconds"], -1.0, "'seconds' is -1.0, which is no amount"),
        (["finding", "signature", "kind"], "rm -rf", "'kind' is 'rm -rf', which is none that there is"),
        (["finding", "signature", "layer"], "shell", "'layer' is 'shell', which is none that there is"),
        (["finding", "signature", "construct"], "a\n# b", r"'construct' is 'a\\n# b', which is no line of text"),
        (["finding", "signature", "dtype"], "\x1b[31m", r"'dtype' is '\\x1b\[31m', which is no line of text"),
        (["finding", "signature", "agreeing"], ["a b"], "'agreeing' is 'a b', which is no word"),
        (["finding", "mismatches", 0, "buffer"], "z", "'buffer' is 'z', which is none that there is"),
        (["finding", "mismatches", 0, "index"], [0.5], r"'\[0\.5\]' is no index of out"),
        (["finding", "mismatches", 0, "index"], [4], r"'\[4\]' is no index of out"),
        (["finding", "mismatches", 0, "index"], [-1], r"'\[-1\]' is no index of out"),
        (["finding", "mismatches", 0, "index"], [0, 0], r"'\[0, 0\]' is no index of out"),
        (["finding", "mismatches", 0, "actual"], 7, r"the mismatch at \[0\] is not one of float32"),
        (["finding", "mismatches", 0, "radius"], {"float64": "7ff8" + "0" * 12}, r"the mismatch at \[0\] is not one"),
        (["finding", "expected", "out", "shape"], [2, 2], r"no array 'out' has the shape \[2, 2\]"),
        (["finding", "expected", "\x1b"], {"dtype": "bool", "shape": [0], "data": ""}, r"no array '\\x1b' has"),
        (["finding", "difference"], DIFFERENCE | {"target": "$(x)"}, r"'target' is '\$\(x\)', which is none"),
        (["finding", "difference"], DIFFERENCE | {"actual_count": -1}, "'actual_count' is '-1', which is out of range"),
        (["finding", "difference"], DIFFERENCE | {"expected": 3}, "'expected' is '3', which is not of kind str"),
        (["finding", "difference"], [1], r"'\[1\]' stands where an object belongs"),
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
