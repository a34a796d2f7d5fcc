"""How a minimal case is written: the source of one kernel named ``k`` and the content of its arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from grammar import parse
from grammar.check import check
from grammar.types import Array
from oracle.records import Buffer, BufferRef, Launch, TestCase


def minimal(source: str, **arrays: Any) -> TestCase:
    """Make a test case of one thread; every parameter of the kernel is an array, and gets its content by its name."""
    module = parse(source)
    kernel = check(module).kernels["k"]
    buffers = []
    for name, type_ in zip(kernel.names, kernel.types, strict=True):
        assert isinstance(type_, Array)
        buffers.append(Buffer.of(name, type_.element, np.array(arrays[name], type_.scalar.dtype)))
    return TestCase(module, tuple(buffers), (Launch("k", (1,), tuple(map(BufferRef, kernel.names))),))
