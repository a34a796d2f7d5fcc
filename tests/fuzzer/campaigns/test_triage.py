"""Which discrepancies are looked into: those that no bucket explains, and now and then one that a bucket does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fuzzer.reduction.construct import signature_of
from fuzzer.campaigns.triage import Triage
from grammar import parse
from oracle.records import Finding, Judgement, Options, TestCase, Verdict
from reports.batch_records import Discrepancy

HEAD = """import warp as wp

@wp.kernel
def k(a: wp.array[float], o: wp.array[float]):
    i = wp.tid()
"""
SUM = "    o[i] = a[i] + 1.0"
DIFFERENCE = "    o[i] = a[i] - 1.0"
BOTH = "    o[i] = a[i] + 1.0 - a[i]"
WRONG = Judgement(Verdict.DISCREPANCY, "warp-text", "wrong_value")


def case(*lines: str) -> TestCase:
    return TestCase(parse(HEAD + "\n".join(lines) + "\n"), (), (), Options())


def discrepancy(*lines: str, judgement: Judgement = WRONG) -> Discrepancy:
    return Discrepancy(case(*lines), judgement)


def finding(*lines: str, judgement: Judgement = WRONG, layer: str = "front_end") -> Finding:
    made = case(*lines)
    return Finding(signature_of(made, judgement, layer), made, judgement.engine, (), "", "a rule", "seen", {}, {})


def test_what_no_bucket_explains_is_looked_into_small_ones_first() -> None:
    triage = Triage()
    large, small = discrepancy(SUM, DIFFERENCE), discrepancy(DIFFERENCE)
    assert triage.take(large) is None
    assert triage.take(small) is None
    assert [triage.next(), triage.next(), triage.next()] == [small, large, None]


def test_a_way_to_fail_that_was_looked_into_less_often_comes_first() -> None:
    triage = Triage()
    crash = replace(WRONG, kind="crash", message="the process was ended by SIGSEGV")
    small, larger, largest = discrepancy(SUM), discrepancy(BOTH), discrepancy(BOTH, SUM, DIFFERENCE, judgement=crash)
    for found in (small, larger, largest):
        triage.take(found)
    assert [triage.next(), triage.next(), triage.next()] == [small, largest, larger]


def test_every_discrepancy_that_a_bucket_explains_counts_there_but_the_first_second_fourth_and_eighth() -> None:
    triage = Triage()
    found = finding(SUM)
    assert triage.add(found) == []
    counted = [triage.take(discrepancy(BOTH)) for _ in range(9)]
    assert [number for number, signature in enumerate(counted, 1) if signature is None] == [1, 2, 4, 8]
    assert set(counted) == {None, found.signature}
    assert [triage.explanation(left) for left in triage.doubtful] == [found.signature] * 4


def test_what_a_bucket_may_explain_is_looked_into_when_nothing_else_waits() -> None:
    triage = Triage()
    triage.add(finding(SUM))
    triage.take(doubtful := discrepancy(BOTH))
    triage.take(unexplained := discrepancy(DIFFERENCE))
    assert [triage.next(), triage.next()] == [unexplained, doubtful]
    assert triage.doubtful == []


def test_what_waited_counts_on_a_new_bucket_that_explains_it() -> None:
    triage = Triage()
    waited = [discrepancy(BOTH) for _ in range(3)]
    for one in waited:
        triage.take(one)
    other = discrepancy(DIFFERENCE)
    triage.take(other)
    found = finding(SUM)
    assert triage.add(found) == [(waited[2], found.signature)]
    assert triage.waiting == [other]


@pytest.mark.parametrize(
    "judgement",
    [
        replace(WRONG, kind="out_of_bounds", message="element 3 of 3"),
        replace(WRONG, engine="warp-cpu", kind="compile_error", message="no matching function"),
    ],
    ids=["another kind", "another message"],
)
def test_a_bucket_explains_only_what_fails_as_it_does(judgement: Judgement) -> None:
    triage = Triage()
    triage.add(finding(SUM))
    triage.add(finding(SUM, judgement=replace(judgement, kind="compile_error", message="Call is ambiguous")))
    assert triage.take(discrepancy(BOTH, judgement=judgement)) is None
    assert len(triage.waiting) == 1


def test_a_defect_of_the_native_library_does_not_explain_what_the_text_shows() -> None:
    triage = Triage()
    triage.add(finding(SUM, judgement=replace(WRONG, engine="warp-cpu"), layer="native"))
    triage.take(discrepancy(BOTH))
    assert len(triage.waiting) == 1
    triage.take(discrepancy(BOTH, judgement=replace(WRONG, engine="warp-cpu")))
    assert len(triage.doubtful) == 1


def test_a_finding_with_more_in_it_belongs_to_the_bucket_of_the_smaller_one() -> None:
    triage = Triage()
    small, large, other = finding(SUM), finding(BOTH), finding(DIFFERENCE)
    triage.add(small)
    assert triage.bucket_of(small) == small.signature
    assert triage.bucket_of(large) == small.signature
    assert triage.bucket_of(other) is None
    assert triage.bucket_of(finding(BOTH, layer="native")) is None


def test_updates_of_variables_elements_and_components_are_three_findings() -> None:
    vector = "    v = wp.vec2(a[i], a[i])"
    texts = (["    x = a[i]", "    x -= a[i]"], ["    o[i] -= a[i]"], [vector, "    v.x -= a[i]"])
    names = [finding(*lines).signature.construct for lines in texts]
    assert names == ["sub aug_assign", "sub aug_assign element", "sub vector aug_assign component"]


def test_a_bucket_whose_case_has_nothing_telling_in_it_explains_nothing() -> None:
    triage = Triage()
    empty = finding("    pass")
    triage.add(empty)
    for lines in (SUM, DIFFERENCE, "    pass"):
        assert triage.take(discrepancy(lines)) is None
        assert triage.doubtful == []
        assert len(triage.waiting) == 1
        triage.next()
    assert triage.bucket_of(finding(SUM)) is None
    assert triage.bucket_of(empty) == empty.signature
