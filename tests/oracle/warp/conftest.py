"""Warp is started once for the tests of this folder, with a kernel cache of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator

import pytest

from oracle.warp.session import start


@pytest.fixture(scope="session", autouse=True)
def warp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:  # start() moves temporary files: they are to be back where they were
        patch.setattr(tempfile, "tempdir", tempfile.tempdir)
        patch.setenv("TMPDIR", os.environ.get("TMPDIR", ""))
        start(tmp_path_factory.mktemp("kernels"))
        yield
