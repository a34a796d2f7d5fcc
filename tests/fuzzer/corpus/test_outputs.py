"""The files of an export know how full they are."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from fuzzer.corpus.request import Target
from fuzzer.corpus.unfinished import Outputs, unfinished
from reports.corpus.corpus_records import document_of
from reports.corpus.record_files import MEGABYTE
from tests.fuzzer.corpus.test_unfinished import request
from tests.reports.corpus.corpus_records import CPU, CUDA

LINE = len(str(document_of(CPU)))


def test_files_of_a_size_say_how_much_of_it_is_written(tmp_path: Path) -> None:
    size = 2.5 * LINE / MEGABYTE
    targets = {"cpu": Target(tmp_path / "cpu.jsonl", size), "cuda": Target(tmp_path / "cuda.jsonl", size)}
    with unfinished(request(tmp_path, out=None, targets=targets)) as export, ExitStack() as stack:
        outputs = Outputs(export, stack)
        assert (outputs.are_limited, outputs.are_full, outputs.percent) == (True, False, 0)
        for _ in range(3):
            assert outputs.write(CPU)
        assert 40 <= outputs.percent <= 50, "one of the two files is full or nearly so"
        while not outputs.are_full:
            outputs.write(CPU)
            outputs.write(CUDA)
        assert outputs.percent == 100
        assert not outputs.write(CPU)


def test_a_dataset_or_a_file_without_a_size_has_no_limit(tmp_path: Path) -> None:
    unlimited = {"cpu": Target(tmp_path / "cpu.jsonl", float("inf"))}
    for asked in (request(tmp_path), request(tmp_path, out=None, targets=unlimited)):
        with unfinished(asked) as export, ExitStack() as stack:
            outputs = Outputs(export, stack)
            assert not outputs.are_limited
            outputs.write(CPU)
