"""The frame of the proof: what stands is not measured again, what was killed goes on, targets mean what they say."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rich.console import Console

from grammar.errors import UserError
from tests.quality import prove as program
from tests.quality.proving import Row, Unmeasured, prove
from tests.quality.rows import (
    Claim,
    Conclusion,
    Facts,
    Listing,
    Measurement,
    Settings,
    all_of,
    at_least,
    at_most,
    chunks,
    content_hash,
    none_of,
    quantiles,
    verdict,
)

measured: list[int] = []


def note(piece: Settings) -> Facts:
    measured.append(piece["start"])
    return {"length": piece["stop"] - piece["start"]}


def add_up(settings: Settings, facts: Sequence[Facts]) -> Conclusion:
    total = sum(x["length"] for x in facts)
    return Conclusion((Claim("numbers", str(total), ">= 5", total >= 5),), (Listing("all", ("n",), ((str(total),),)),))


NUMBERS = Measurement(
    name="numbers",
    counts={"count": 50},
    fixed={"seed": 0},
    pieces=lambda settings: chunks(settings, "count", 2),
    measure=note,
    conclude=add_up,
    together=False,
)


def silent(name: str, done: int, whole: int) -> None:
    """Tell nobody."""


@pytest.fixture
def prove_numbers(tmp_path: Path) -> Callable[..., tuple[Row, list[int]]]:
    """Prove the measurement with a folder of the test; gives the row, and what was measured for it."""

    def run(measurement: Measurement = NUMBERS, count: int = 5) -> tuple[Row, list[int]]:
        measured.clear()
        settings = measurement.settings(count / 50, {"seed": 7, "nobody": 1})
        return prove(measurement, settings, tmp_path / "new", 1, silent), list(measured)

    return run


def test_a_row_that_stands_is_not_measured_again(prove_numbers: Callable[..., tuple[Row, list[int]]]) -> None:
    first, pieces = prove_numbers()
    assert pieces == [0, 2, 4]
    assert first.settings == {"count": 5, "seed": 7}
    assert first.verdict == "met"
    second, pieces = prove_numbers()
    assert pieces == []
    assert second == first


def test_other_settings_are_another_row_of_which_equal_pieces_stand(
    prove_numbers: Callable[..., tuple[Row, list[int]]],
) -> None:
    prove_numbers(count=5)
    row, pieces = prove_numbers(count=3)
    assert pieces == [2]
    assert row.verdict == "not met"


def test_other_sources_are_another_row(prove_numbers: Callable[..., tuple[Row, list[int]]]) -> None:
    prove_numbers()
    _, pieces = prove_numbers(dataclasses.replace(NUMBERS, sources=("reports",)))
    assert pieces == [0, 2, 4]


def test_a_run_that_was_killed_goes_on(prove_numbers: Callable[..., tuple[Row, list[int]]]) -> None:
    def interrupted(piece: Settings) -> Facts:
        if piece["start"] == 4:
            raise KeyboardInterrupt
        return note(piece)

    with pytest.raises(KeyboardInterrupt):
        prove_numbers(dataclasses.replace(NUMBERS, measure=interrupted))
    row, pieces = prove_numbers()
    assert pieces == [4]
    assert row.conclusion.claims[0].measured == "5"


def test_a_defect_of_ours_is_no_fact(prove_numbers: Callable[..., tuple[Row, list[int]]]) -> None:
    def broken(piece: Settings) -> Facts:
        raise ZeroDivisionError("ours")

    said = r"numbers could not be measured for .*'start': 0(.|\n)*ZeroDivisionError: ours"
    with pytest.raises(Unmeasured, match=said):
        prove_numbers(dataclasses.replace(NUMBERS, measure=broken))


def test_the_hash_follows_content_and_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.quality.rows.ROOT", tmp_path)
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "x.py"
    file.write_text("1")
    first = content_hash(("a",))
    (tmp_path / "a" / "x.pyc").write_text("compiled")
    assert content_hash(("a",)) == first
    file.write_text("2")
    second = content_hash(("a",))
    file.rename(tmp_path / "a" / "y.py")
    assert len({first, second, content_hash(("a",))}) == 3


def test_shares_are_compared_with_their_targets() -> None:
    assert at_least("x", 19, 20, 95) == Claim("x", "95.0 % of 20", ">= 95 %", True)
    assert at_least("x", 18, 20, 95).met is False
    assert at_most("x", 1, 20, 5).met is True
    assert at_most("x", 2, 20, 5) == Claim("x", "10.0 % of 20", "<= 5 %", False)
    assert all_of("x", 3, 3) == Claim("x", "3 of 3", "all", True)
    assert all_of("x", 2, 3).met is False
    assert none_of("x", 0, 3).met is True
    assert none_of("x", 1, 3).met is False


def test_nothing_to_measure_meets_no_target() -> None:
    claims = (at_least("x", 0, 0, 0), at_most("x", 0, 0, 100), all_of("x", 0, 0), none_of("x", 0, 0))
    assert [claim.met for claim in claims] == [False, False, False, False]


def test_one_target_missed_is_a_row_missed() -> None:
    assert verdict((Claim("a", "1"), Claim("b", "1", "all", True))) == "met"
    assert verdict((Claim("a", "1", "all", False), Claim("b", "1", "all", True))) == "not met"
    assert verdict((Claim("a", "1"),)) == "informational"


def test_percentiles_are_of_the_values_themselves() -> None:
    assert quantiles([5, 1, 3, 2, 4]) == ("1", "3", "5")
    assert quantiles([]) == ("-", "-", "-")


def test_tables_show_claims_and_what_is_behind_them(prove_numbers: Callable[..., tuple[Row, list[int]]]) -> None:
    shown = io.StringIO()
    program.render([prove_numbers()[0]], Console(file=shown, width=120))
    for words in ("numbers: all", "numbers", ">= 5", "met", "count 5, seed 7"):
        assert words in shown.getvalue()


def test_rows_are_chosen_by_name_and_faults_need_a_folder() -> None:
    everything = [measurement.name for measurement in program.chosen((), with_faults=True)]
    assert everything[:2] == ["power", "power-native"]
    assert [m.name for m in program.chosen((), with_faults=False)] == everything[2:]
    assert [m.name for m in program.chosen(("bounds", "kills"), with_faults=False)] == ["bounds", "kills"]
    with pytest.raises(UserError, match="needs a folder of faults"):
        program.chosen(("power",), with_faults=False)
    with pytest.raises(UserError, match="'power-native' needs a folder of faults"):
        program.chosen(("bounds", "power-native"), with_faults=False)
    with pytest.raises(UserError, match="determinism"):
        program.chosen(("determinisms",), with_faults=False)
