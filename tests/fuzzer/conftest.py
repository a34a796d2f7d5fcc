"""What tests of batches share."""

from __future__ import annotations

import pytest

from fuzzer.campaigns import policy
from fuzzer.campaigns.schedule import BATCH


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that two of the first three batches go through."""
    monkeypatch.setattr(policy, "sweep_of", lambda settings: ("item",) * 2 * BATCH)
