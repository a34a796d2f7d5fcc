from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reports.corpus import dataset as module
from reports.corpus.card import descriptions
from reports.corpus.corpus_records import FIELDS
from tests.reports.corpus.corpus_records import CPU, CUDA, PERSONS, RECORDS, dataset


def card(folder: Path) -> str:
    return (folder / "README.md").read_text(encoding="utf-8")


def test_every_field_is_described() -> None:
    assert tuple(descriptions()) == FIELDS
    assert descriptions()["status"].startswith("`unverified` where nothing was executed; `accepted` where all engines")
    assert descriptions()["origin"].endswith("distribution, version, path in it, name.")


def test_the_front_matter_names_splits_and_types(tmp_path: Path) -> None:
    front = card(dataset(tmp_path)).split("---\n")[1]
    assert "  - split: train\n    path: data/train-*\n" in front
    assert "composition" not in front
    assert '  - {"name": "bound", "dtype": "float64"}\n' in front
    assert '  - {"name": "verified_by", "sequence": "string"}\n' in front
    assert "size_categories:\n- n<1K\n" in front


def test_the_card_has_the_figures_of_the_statistics(tmp_path: Path) -> None:
    text = card(dataset(tmp_path, dropped={"exact": 12, "near": 3}))
    assert "4 records in the schema `full`" in text
    assert "| train | 2 | 50.0 % |" in text
    assert "| (none) | 1 | 25.0 % |" in text
    assert "| warp-text | 2 | 50.0 % |" in text
    assert "| statements | 3 | 3 | 3 | 5 | 5 | 5 |" in text
    assert "Kernels that were left out: 12 exact, 3 near." in text
    assert "deviates by 1e-08 where\n   4e-08 is allowed: 25 %." in text


def test_the_card_says_how_much_of_it_is_a_sweep(tmp_path: Path) -> None:
    sweep = replace(CPU, id="b0" * 32, split="sweep", category="sweep")
    text = card(dataset(tmp_path / "with", records=(*RECORDS, sweep)))
    assert "1 of 5 records (20.0 %) are of the category `sweep`: a campaign goes through all" in text
    assert "  - split: sweep\n    path: data/sweep-*\n" in text
    assert "sweep" not in card(dataset(tmp_path / "without")).partition("## Fields")[0]


def test_limits_are_those_of_the_records(tmp_path: Path) -> None:
    text = card(dataset(tmp_path / "all"))
    assert "- Gradients are not verified: nothing is known" in text
    assert "- 2 of 4 records are unverified: leave them out" in text
    assert "- No record was executed on a GPU." in text
    assert "the status `known` or" not in text
    run = replace(CUDA, status="known", verified_by=("cuda",), grad_verified=True)
    text = card(dataset(tmp_path / "run", records=(CPU, run)))
    assert "- Gradients are not verified, except in 1 records" in text
    assert "are unverified: leave them out" not in text
    assert "executed on a GPU" not in text
    assert "- Records with the status `known` or `discrepancy` hold what Warp generates" in text


def test_the_card_explains_the_origins_that_there_are(tmp_path: Path) -> None:
    drawn, written = "was drawn from a grammar", "The origin of a kernel that a person wrote"
    for name, records, said in (
        ("all", RECORDS, (True, True)),
        ("generated", (CPU,), (True, False)),
        ("people", (PERSONS,), (False, True)),
    ):
        text = card(dataset(tmp_path / name, records=records))
        assert (drawn in text, written in text) == said


def test_the_licence_is_one_only_if_all_records_have_it(tmp_path: Path) -> None:
    assert "\nlicense: apache-2.0\n" in card(dataset(tmp_path / "own", records=(CPU, CUDA)))
    text = card(dataset(tmp_path / "all", records=RECORDS))
    assert "\nlicense: other\n" in text
    assert "| NOASSERTION | 1 | 25.0 % |" in text


def test_the_card_shows_the_plots_that_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib", reason="in the extra plots")
    assert "![Records by category](images/categories.png)" in card(dataset(tmp_path / "with"))
    monkeypatch.setattr(module, "plots_can_be_drawn", lambda: False)
    assert "images/" not in card(dataset(tmp_path / "without"))
    assert not (tmp_path / "without" / "images").exists()


@pytest.mark.parametrize(("suffix", "said"), [(".jsonl", False), (".jsonl.zst", True), (".parquet", False)])
def test_the_card_says_what_mlcroissant_cannot_read(suffix: str, said: bool, tmp_path: Path) -> None:
    assert (
        "`mlcroissant` reads the description, but not the records" in card(dataset(tmp_path, suffix=suffix))
    ) == said


def test_the_older_schemas_say_what_they_lack(tmp_path: Path) -> None:
    text = card(dataset(tmp_path, "pair"))
    assert "- The schema `pair` has no field for the inputs and outputs of a record" in text
    assert "For a record of the device `cuda`, `cpp_forward` holds the forward function in CUDA." in text
    assert "| `metadata.kernel_name` | text | The kernel that is launched first. |" in text
