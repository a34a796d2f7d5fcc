"""What compilers print, and the one line that is kept of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import warp as wp

from oracle.warp.session import complaint, printing

pytestmark = pytest.mark.warp


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "/tmp/x/wp_batch3_1a2b3c4/wp_batch3_1a2b3c4.cpp:12:5: error: use of undeclared identifier 'v'\n  12 | v\n"
            "/tmp/x/wp_batch3_1a2b3c4/wp_batch3_1a2b3c4.cpp:13:5: error: another\n",
            "use of undeclared identifier 'v'",
        ),
        (
            "builtin.h(12): error: no function f_0 in case17_k_0123abcd_cuda_kernel_forward",
            "no function f_0 in k_cuda_kernel_forward",
        ),
        (
            'Error while parsing function "case0_k" at <batch7 0>:3:\n    x = y\n;undefined',
            'Error while parsing function "k": x = y ;undefined',
        ),
        ("CPU kernel build failed with error code -1", "CPU kernel build failed with error code -1"),
        ("LLVM ERROR: cannot write /var/cache/wp/a.o: no space", "LLVM ERROR: cannot write <path>: no space"),
    ],
)
def test_a_complaint_is_one_line_that_is_the_same_for_every_run(text: str, line: str) -> None:
    assert complaint(text) == line


def test_what_native_code_prints_can_be_read_back(tmp_path: Path) -> None:
    kept = os.dup(2)
    with open(tmp_path / "log", "ab") as file:
        os.write(file.fileno(), b"before ")
        os.dup2(file.fileno(), 2)
        try:
            with printing() as printed:
                os.write(2, b"undeclared identifier")
                assert printed() == "undeclared identifier"
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def test_what_native_code_prints_to_a_pipe_is_read_back_and_does_not_reach_it() -> None:
    reading, writing = os.pipe()
    kept = os.dup(2)
    os.dup2(writing, 2)
    try:
        with printing() as printed:
            os.write(2, b"undeclared identifier")
            assert printed() == "undeclared identifier"
        os.write(2, b"after")
        assert os.read(reading, 100) == b"after"
    finally:
        os.dup2(kept, 2)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


def test_the_kernel_cache_lies_in_the_folder_given_to_start(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert str(wp.config.kernel_cache_dir).startswith(str(tmp_path_factory.getbasetemp()))
