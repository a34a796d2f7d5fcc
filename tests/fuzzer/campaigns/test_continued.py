"""The settings of a campaign that goes on: each is checked before anything is done with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fuzzer.commands.command_line import main
from fuzzer.campaigns.continued import continued
from fuzzer.campaigns.settings import Settings
from grammar.errors import UserError
from reports.store import Store

STORED = {"device": "cpu", "engines": ["warp-text"], "only": ["math"], "weights": None, "grammar": None}
ASKED = Settings(seconds=5, seed=1, workers=2, json=True)


def campaign(folder: Path, changed: dict[str, Any]) -> Path:
    settings = {name: value for name, value in (STORED | changed).items() if value != "missing"}
    Store.create(folder, 7, {}, settings, {}).close()
    return folder


def test_a_campaign_goes_on_with_its_own_settings_for_the_time_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("")
    folder = campaign(tmp_path / "campaign", {"weights": str(tmp_path / "own.toml")})
    assert continued(folder, ASKED, ("math",)) == Settings(
        seconds=5,
        seed=7,
        workers=2,
        json=True,
        device="cpu",
        engines=("warp-text",),
        only=("math",),
        weights=tmp_path / "own.toml",
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("device", "missing", "'device' is missing"),
        ("device", "tpu", "'device' is 'tpu', which is none that there is"),
        ("engines", "missing", "'engines' is missing"),
        ("engines", "warp-cpu", "'engines' is 'warp-cpu', which is not of kind list"),
        ("engines", ["../engine"], "'engines' is '../engine', which is none that there is"),
        ("engines", [["warp-cpu"]], "'engines' is .*, which is not of kind str"),
        ("only", ["__import__"], "'only' is '__import__', which is none that there is"),
        ("weights", "gone.toml", "'weights' is 'gone.toml', which is no file; go on where it lies"),
        ("weights", "/dev/zero", "'weights' is '/dev/zero', which is no file"),
        ("weights", "a\0b", r"'weights' is 'a\\x00b', which is no file"),
        ("grammar", 7, "'grammar' is '7', which is not of kind str"),
    ],
)
def test_settings_that_are_none_of_ours_are_one_sentence(
    name: str, value: Any, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = campaign(tmp_path / "campaign", {name: value})
    with pytest.raises(UserError, match=f"campaign cannot be gone on with: of its settings, {sentence}"):
        continued(folder, ASKED, ("math",))
    assert main(["--resume", str(folder), "--seconds", "1"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be gone on with: of its settings" in line
