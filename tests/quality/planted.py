"""A pytest plugin that plants a mutant in the tests of its process: ``MUTANT='add: subtracts' pytest -p tests.quality.planted``."""

from __future__ import annotations

import os

import pytest

from tests.quality.mutation import MUTANTS

VARIABLE = "MUTANT"


def pytest_configure(config: pytest.Config) -> None:
    """Plant the mutant before any test is collected."""
    planted = MUTANTS[os.environ[VARIABLE]].planted()
    planted.__enter__()
    config.add_cleanup(lambda: planted.__exit__(None, None, None))
