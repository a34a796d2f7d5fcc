"""The end of ``generate`` and ``export``: what was written and left out, in lines to copy from, and what is next."""

from __future__ import annotations

import shlex
from collections import Counter
from pathlib import Path

import pytest

from fuzzer.corpus.ending import columns, loading, of_drafts, of_export, size_text
from tests.fuzzer.corpus.test_unfinished import request


def test_an_export_ends_with_what_was_written_and_left_out(tmp_path: Path) -> None:
    (tmp_path / "out" / "data").mkdir(parents=True)
    (tmp_path / "out" / "README.md").write_bytes(b"a" * 1000)
    (tmp_path / "out" / "data" / "train-00000-of-00001.jsonl.zst").write_bytes(b"a" * 1560)
    (tmp_path / "stats.json").write_text("{}")
    statistics = {
        "kernels": 40,
        "records": 1234,
        "devices": {"cpu": 617, "cuda": 617},
        "splits": {"train": 1200, "test": 34},
        "verified_by": {"warp-text": 1234},
        "dropped": {"exact": 0, "known": 3, "near": 1},
        "gates": {"parsed": 1234},
        "gates_not_done": {"made again": "the kernels of people are not generated"},
    }
    rows = [
        ("kernels made", "40"),
        ("records", "1,234"),
        ("  cpu", "617"),
        ("  cuda", "617"),
        ("  train", "1,200"),
        ("  test", "34"),
        ("  warp-text", "1,234"),
        ("left out", "known: 3"),
        ("", "near: 1"),
        ("gates passed", "parsed: 1,234"),
        ("gates not done", "made again: the kernels of people are not generated"),
        ("written", f"{tmp_path}/out: 2.5 kB in 2 files"),
        ("", f"{tmp_path}/stats.json: 2 bytes"),
        ("next", f"python -c \"import datasets; print(datasets.load_dataset('{tmp_path}/out'))\""),
    ]
    assert columns(of_export(request(tmp_path, targets={}), statistics)).splitlines() == [
        f"{label:<14}  {said}" for label, said in rows
    ]


def test_what_was_generated_is_said_to_be_unverified() -> None:
    assert columns(of_drafts(1000, 2000, None, Counter({"no code": 2}))).splitlines() == [
        "kernels   1,000",
        "records   2,000, all of them unverified: nothing has executed their kernels",
        "left out  no code: 2",
        "next      python -m fuzzer export --help  # for verified ones",
    ]


def test_where_nothing_was_left_out_it_is_said() -> None:
    assert "left out  nothing\n" in columns(of_drafts(1, 2, None, Counter(nothing=0)))


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 kB"), (2**20 * 3 // 2, "1.5 MB"), (2**40, "1024.0 GB")],
)
def test_a_size_has_the_unit_in_which_it_has_few_digits(size: int, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize("name", ["own.jsonl", "a file.jsonl.zst", "it's $HOME.parquet", 'say "so".jsonl'])
def test_the_next_command_is_one_that_a_shell_takes(name: str) -> None:
    python, flag, code = shlex.split(loading(Path(name)))
    compile(code, "", "exec")
    assert (python, flag) == ("python", "-c")
    assert repr(name) in code
    assert ("'parquet'" in code) == name.endswith(".parquet")


def test_a_character_that_acts_on_a_terminal_is_replaced() -> None:
    assert columns([("a\x1b[2J", "b\x07")]) == "a\N{REPLACEMENT CHARACTER}[2J  b\N{REPLACEMENT CHARACTER}\n"
