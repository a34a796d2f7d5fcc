"""A pytest plugin that plants a mutant in the tests of its process.

``MUTANT='add: subtracts' python -m pytest -p tests.quality.planted tests/grammar``
"""

from __future__ import annotations

import contextlib
import os

import pytest

from tests.quality.mutation import MUTANTS

VARIABLE = "MUTANT"
"""The environment variable that names the mutant."""


def pytest_configure(config: pytest.Config) -> None:
    """Plant the mutant before any test is collected."""
    stack = contextlib.ExitStack()
    stack.enter_context(MUTANTS[os.environ[VARIABLE]].planted())
    config.add_cleanup(stack.close)
