"""Orders of batches, as tests give them."""

from __future__ import annotations

from fuzzer.campaigns.schedule import Order
from fuzzer.campaigns.settings import Settings

BOTH = ("warp-text", "warp-cpu")


def order(batch: int, *engines: str, isolated: bool = False) -> Order:
    return Order(Settings(seconds=60, seed=1, workers=1, engines=engines), batch, {}, isolated)
