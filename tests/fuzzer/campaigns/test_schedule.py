"""Which batches sweep, where in the sweep they start, and how long they may take."""

from __future__ import annotations

from oracle.engines import facts_of
from oracle.engines.nvrtc import FACTS as NVRTC
from fuzzer.campaigns.schedule import BATCH, Order, batch_options, sweep_start, time_limit
from fuzzer.campaigns.settings import Settings

SHARE = NVRTC.share


def test_two_of_three_batches_sweep_until_every_item_had_its_turn() -> None:
    assert [sweep_start(batch, 4 * BATCH) for batch in range(6)] == [None, 0, BATCH, None, 2 * BATCH, 3 * BATCH]


def test_one_of_three_batches_sweeps_when_every_item_had_its_turn() -> None:
    assert [sweep_start(batch, 4 * BATCH) is None for batch in range(6, 12)] == [False, True, True, False, True, True]


def test_later_rounds_of_the_sweep_reach_every_item_too() -> None:
    items = 4 * BATCH
    starts = {sweep_start(batch, items) for batch in range(6, 18)} - {None}
    assert {start % items for start in starts if start is not None} == {0, BATCH, 2 * BATCH, 3 * BATCH}


def test_a_last_batch_of_the_sweep_that_is_not_full_still_has_its_turn() -> None:
    assert [sweep_start(batch, BATCH + 1) for batch in range(3)] == [None, 0, BATCH]


def test_nothing_to_sweep_leaves_deep_batches_only() -> None:
    assert [sweep_start(batch, 0) for batch in range(4)] == [None] * 4


def test_batches_compiled_for_cuda_are_deep_ones_and_sweeps() -> None:
    compiled = [batch for batch in range(6 * SHARE) if batch % SHARE == SHARE // 2]
    assert {sweep_start(batch, 100 * BATCH) is None for batch in compiled} == {True, False}


def test_a_batch_that_is_optimised_may_take_longer() -> None:
    orders = [Order(Settings(seconds=60, seed=11, workers=2), batch, {}) for batch in range(60)]
    limits = {batch_options(11, order.batch).optimization_level: time_limit(order) for order in orders}
    assert limits == {0: 90.0, 2: 300.0, None: 300.0}


def test_a_batch_that_is_run_again_in_children_may_take_longest() -> None:
    again = Order(Settings(seconds=60, seed=11, workers=2), 0, {}, isolated=True)
    assert time_limit(again) == 600.0
