"""What a file of records becomes has a limit, and damage is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from grammar.errors import UserError
from reports.corpus.encoding import documents
from reports.files import LARGEST

zstandard = pytest.importorskip("zstandard")


def compressed(content: bytes) -> bytes:
    return bytes(zstandard.ZstdCompressor().compress(content))


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.zst"])
def test_a_document_stands_in_each_line(suffix: str, tmp_path: Path) -> None:
    content = b'{"a": 1}\n{"a": 2}\n'
    (tmp_path / f"x{suffix}").write_bytes(compressed(content) if suffix.endswith("zst") else content)
    assert list(documents(tmp_path / f"x{suffix}")) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (compressed(b" " * 8 * LARGEST), "a line is larger than 16 MiB"),
        (compressed(b"[" * 100_000), "it is nested too deeply"),
        (compressed(b'{"a": NaN}'), "NaN is no number of JSON"),
        (compressed(b"\xff"), "can't decode"),
        (b"no zstd", "zstd"),
    ],
)
def test_a_damaged_file_is_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl.zst").write_bytes(content)
    with pytest.raises(UserError, match=rf"x\.jsonl\.zst is damaged: .*{sentence}"):
        list(documents(tmp_path / "x.jsonl.zst"))
