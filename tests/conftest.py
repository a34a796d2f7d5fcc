"""What all tests share: no unseeded randomness, no GPU where there is none, a kernel cache of their own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

hypothesis.settings.register_profile("warpsmith", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("warpsmith")


def pytest_configure(config: pytest.Config) -> None:
    cache = tempfile.mkdtemp(prefix="warpsmith-tests-")
    os.environ["WARP_CACHE_PATH"] = cache
    config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that run Warp, which take longest, so that processes side by side end together."""
    first = {item.path for item in items if item.get_closest_marker("warp")}
    items.sort(key=lambda item: item.path not in first)


@pytest.fixture(autouse=True)
def _quiet_numpy() -> Iterator[None]:
    """What is not finite is a value like any other; the meanings of operations leave NumPy's warnings to callers."""
    with np.errstate(all="ignore"):
        yield


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("cuda") and not Path("/dev/nvidiactl").exists():
        pytest.skip("there is no GPU here")
