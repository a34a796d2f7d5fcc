"""Warp in this process: where it keeps what it compiles, and what its compilers print.

Warp runs in worker processes (a wrong kernel may kill its process), one kernel cache each.
"""

from __future__ import annotations

import ctypes
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import warp as wp

LIMIT = 100_000  # characters read of what a compiler printed; Clang stops after 20 errors


def start(cache_dir: Path) -> None:
    """Initialise Warp in this process, quietly, with a kernel cache and temporary files of its own.

    Everything that Warp writes (also precompiled headers, 5 MB for each set of options) goes to ``cache_dir``, so that
    removing the folder removes all of it, however the process ended. Warp itself says nothing on standard output.
    """
    tempfile.tempdir = os.environ["TMPDIR"] = str(cache_dir)
    wp.config.log_level = wp.LOG_ERROR
    wp.config.kernel_cache_dir = str(cache_dir)
    wp.init()


@contextmanager
def quietly() -> Iterator[None]:
    """Let Warp start and compile without a word for the length of the block, in a process that is a person's."""
    with wp.ScopedLogLevel(wp.LOG_ERROR):
        wp.init()
        yield


@contextmanager
def apart() -> Iterator[None]:
    """Let Warp compile quietly, and into a folder of this process's own, for the length of the block.

    For a process that is a person's: afterwards its settings and its kernel cache are as they were. Processes that
    share a kernel cache would otherwise remove each other's modules, which have the same names.
    """
    with quietly():
        cache = wp.config.kernel_cache_dir
        wp.config.kernel_cache_dir = _own_cache().name
        try:
            yield
        finally:
            wp.config.kernel_cache_dir = cache


@cache
def _own_cache() -> tempfile.TemporaryDirectory[str]:
    """A folder that is removed when the process ends."""
    return tempfile.TemporaryDirectory(prefix="warpsmith-")


@contextmanager
def printing() -> Iterator[Callable[[], str]]:
    """Yield a function that reads what was printed to file descriptor 2 since the block was entered.

    Compilers complain there and nowhere else. Only a regular file can be read again, which it is in a worker process;
    anything else, such as a person's terminal, gives way to one for the length of the block.
    """
    with ExitStack() as stack:
        if not stat.S_ISREG(os.fstat(2).st_mode):
            stack.enter_context(_printing_to_a_file())
        before = os.fstat(2).st_size

        def printed() -> str:
            ctypes.CDLL(None).fflush(None)
            with open("/proc/self/fd/2", errors="replace") as file:
                file.seek(before)
                return file.read(LIMIT)

        yield printed


@contextmanager
def _printing_to_a_file() -> Iterator[None]:
    terminal = os.dup(2)
    try:
        with tempfile.TemporaryFile() as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(terminal, 2)
        os.close(terminal)


def complaint(text: str) -> str:
    """Reduce what a compiler or code generator said to one line that is the same for every run.

    The first error is kept. Paths, hashes, positions in generated text and the prefixes of a batch are left out.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.split("error:", 1)[1] for line in lines if "error:" in line]
    message = errors[0] if errors else " ".join(lines)
    for pattern, replacement in _NOISE:
        message = re.sub(pattern, replacement, message)
    return message.strip()


_NOISE = (
    (r" at <[^<>]*>:\d+", ""),  # the name of a text that was never a file
    (r"\bcase\d+_", ""),  # prefixes of a batch
    (r"_[0-9a-f]{8}(?=\b|_)", ""),  # hashes in names of kernels
    (r"(?<![\w.])/[^\s:;,'\"]+", "<path>"),
    (r" +", " "),
)
