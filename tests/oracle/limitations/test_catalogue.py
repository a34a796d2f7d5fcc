"""Which limitations hold for which version, and in which order they are tried."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata

import pytest

from oracle.limitations import catalogue as module
from oracle.limitations.catalogue import Limitation, limitations, reservation, suspects

ONE, TWO, THREE = limitations()[:3]
MENDED = replace(ONE, since="1.19.0", until="1.20.1")


@pytest.mark.parametrize(
    ("version", "holds"),
    [
        ("1.9.5", False),
        ("1.18.9", False),
        ("1.19.0", True),
        ("1.19.0rc1", True),
        ("1.20.0", True),
        ("1.20.1", False),
        ("1.100.0", False),
        ("2.0.0.dev20270101", False),
    ],
)
def test_a_limitation_holds_from_the_version_it_was_seen_in_until_it_is_mended(version: str, holds: bool) -> None:
    assert MENDED.holds_for(version) is holds


def test_a_limitation_that_is_not_known_to_be_mended_holds_for_newer_versions() -> None:
    assert replace(ONE, since="1.19.0").holds_for("2.3.0")


def test_the_installed_version_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "limitations", lambda: (MENDED, replace(TWO, since="1.20.0"), THREE))
    for version, expected in (
        ("1.18.0", []),
        ("1.19.4", [ONE, THREE]),
        ("1.20.0", [ONE, TWO, THREE]),
        ("1.21.0", [TWO, THREE]),
    ):
        monkeypatch.setattr(metadata, "version", {"warp-lang": version}.__getitem__)
        found = module.installed.__wrapped__()
        assert [item.identifier for item in found] == [item.identifier for item in expected]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.18.0", ""),
        ("1.20.1", ""),
        ("1.21.0", "limitations are those of Warp 1.20.1: what Warp 1.21.0 mended of them is not known"),
    ],
)
def test_a_version_newer_than_the_table_is_said(version: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "limitations", lambda: (THREE, MENDED, TWO))
    assert reservation(version) == expected


@pytest.mark.parametrize(
    ("watched", "expected"),
    [
        ([], []),
        ([ONE], [[ONE]]),
        ([ONE, TWO], [[ONE], [TWO], [ONE, TWO]]),
        ([ONE, TWO, THREE], [[ONE], [TWO], [THREE], [ONE, TWO, THREE]]),
    ],
)
def test_limitations_are_tried_alone_before_all_together(
    watched: list[Limitation], expected: list[list[Limitation]]
) -> None:
    assert suspects(watched) == expected
