"""What a worker does with a batch: generate, interpret, run every engine, judge. The unit of work of a campaign."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fuzzer.generation.cases import Generated, deep_case
from fuzzer.generation.repair import Discarded
from fuzzer.generation.sweep import sweep_case
from fuzzer.campaigns.policy import doubtful, has_turn, settled, takes_all, to_look_into
from fuzzer.campaigns.reach import covered_by, reach_of
from fuzzer.processes.isolation import Isolated
from fuzzer.campaigns.schedule import BATCH, Order, batch_options, recipe_of, sweep_of, sweep_start
from fuzzer.campaigns.settings import Settings
from fuzzer.processes.worker import mark
from grammar.check import TypeRefused
from oracle.judge import judge
from oracle.records import Engine, Judgement, Outcome, TestCase
from oracle.reference import INTERPRETING
from oracle.engines import engine_types, facts_of
from reports.batch_records import BatchRecord, Discrepancy, KernelRecord

YOUNG = 20_000
"""New objects after which Python looks for cycles among them: some three kernels' worth. Looking after 700, as it does
by itself, costs a twentieth of Warp's code generation."""

KERNEL_SECONDS = 4.0
"""Processor time that the launches of one test case may take, which are milliseconds: then it hangs."""


@dataclass(frozen=True)
class Hunted:
    """What became of a batch: what the store records, and how often what refused a draft."""

    record: BatchRecord
    refusals: Mapping[str, int]


def generate_batch(settings: Settings, batch: int) -> Iterator[Generated | str]:
    """Generate the test cases of a batch; a string is the reason why a sweep item gave none."""
    recipe, sweep = recipe_of(settings), sweep_of(settings)
    options = batch_options(settings.seed, batch)
    start = sweep_start(batch, len(sweep))
    for position in range(BATCH):
        index = batch * BATCH + position
        try:
            if start is None:
                generated = deep_case(settings.seed, index, recipe)
            else:
                key = sweep[(start + position) % len(sweep)]
                generated = sweep_case(settings.seed, index, key, recipe)
        except Discarded as reason:
            yield str(reason)
            continue
        case = replace(generated.defined.case, options=options)
        if options.max_unroll != generated.defined.expectation.typing.max_unroll:
            try:
                case.typed()
            except TypeRefused as refusal:  # what Warp unrolls depends on the options
                yield str(refusal)
                continue
        yield replace(generated, defined=replace(generated.defined, case=case))


def hunt_batch(order: Order) -> Hunted:
    """Generate, run and judge one batch in a worker."""
    clock = Clock()
    clock.seconds["startup"] += _startup.pop() if _startup else 0.0
    with clock.timing("generate"):
        generated = list(generate_batch(order.settings, order.batch))
    made = [item for item in generated if not isinstance(item, str)]
    discarded = Counter(item for item in generated if isinstance(item, str))
    discarded.update(reason for item in made for reason in item.discarded)
    judgements: Mapping[int, list[Judgement]] = defaultdict(list)
    for engine in engines_for(order):
        taken = range(len(made)) if takes_all(facts_of(engine.name), order) else doubtful(judgements)
        outcomes = _run(engine, order, {position: made[position].defined.case for position in taken}, clock)
        with clock.timing("judge"):
            for position, outcome in outcomes.items():
                item = made[position].defined
                judgements[position].append(judge(item.case, engine.name, outcome, item.expectation))
    judgements = {position: settled(judgements[position]) for position in range(len(made))}
    with clock.timing("store"):
        record = _record(order, made, judgements, discarded, clock)
    found = tuple(
        Discrepancy(made[position].defined.case, judgement)
        for position, several in judgements.items()
        for judgement in to_look_into(several)
    )
    return Hunted(replace(record, seconds=clock.seconds, discrepancies=found), discarded)


def engines_for(order: Order) -> list[Engine]:
    """Make the engines that run a batch, the cheapest first."""
    engines: list[Engine] = []
    for name, factory in engine_types().items():
        facts = facts_of(name)
        if name in order.settings.engines and has_turn(facts, order) and factory.available()[0]:
            isolated = order.isolated and facts.in_children
            engines.append(Isolated(name, factory) if isolated else factory(_marker(name, order)))
    return engines


def _marker(engine: str, order: Order) -> Callable[[int | None], None]:
    """Mark positions in the whole batch, though known culprits are left out of what the engine gets."""
    positions = [position for position in range(BATCH) if position not in order.failed]

    def marked(at: int | None) -> None:
        if at is None:
            mark(f"{engine} ")
        else:
            mark(f"{engine} {positions[at]}", KERNEL_SECONDS)

    return marked


def _run(engine: Engine, order: Order, cases: Mapping[int, TestCase], clock: Clock) -> dict[int, Outcome]:
    """Run an engine over the cases it takes, by position; known culprits are not run again."""
    outcomes: dict[int, Outcome] = {} if facts_of(engine.name).in_children else dict(order.failed.items())
    positions = [p for p, case in cases.items() if p not in outcomes and engine.unsupported(case) is None]
    if not positions:
        return outcomes
    taken = [cases[position] for position in positions]
    found = engine.run_all(taken) if isinstance(engine, Isolated) else engine.run(taken)
    mark("")
    outcomes.update(zip(positions, found, strict=True))
    for what, seconds in getattr(engine, "seconds", {}).items():
        clock.seconds[what] += seconds
    return outcomes


def _record(
    order: Order,
    made: list[Generated],
    judgements: Mapping[int, list[Judgement]],
    discarded: Counter[str],
    clock: Clock,
) -> BatchRecord:
    operations: Counter[str] = Counter()
    forms: Counter[str] = Counter()
    reach: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for item in made:
        covered_by(item.defined, operations, forms)
        for name, (part, total) in reach_of(item.defined).items():
            reach[name] += part
            whole[name] += total
    return BatchRecord(
        batch=order.batch,
        kernels=tuple(KernelRecord.of(item.defined.case, judgements[p]) for p, item in enumerate(made)),
        elapsed=0.0,
        discarded=sum(discarded.values()),
        repairs=sum(item.defined.repairs for item in made),
        seconds={},
        covered={"operations": sorted(operations), "forms": sorted(forms)},
        reach={name: (reach[name], whole[name]) for name in whole},
    )


class Clock:
    """Adds up wall time by what it was spent on; that of the reference counts apart, wherever it is asked."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        """Count the time of a block."""
        start, interpreted = time.perf_counter(), INTERPRETING.seconds
        try:
            yield
        finally:
            reference = INTERPRETING.seconds - interpreted
            self.seconds["reference"] += reference
            self.seconds[what] += time.perf_counter() - start - reference


def start_worker(folder: Path) -> None:
    """Set up Warp in a new worker process."""
    from oracle.warp.session import start

    start(folder)
    gc.freeze()  # what was loaded stays: looking through all of it again costs a tenth of Warp's code generation
    gc.set_threshold(YOUNG)
    _startup.append(process_age())


def process_age() -> float:
    """Return the seconds since this process was started, interpreter and imports included (proc(5): field 22 of stat)."""
    stat = Path("/proc/self/stat").read_text(encoding="utf-8")
    ticks = float(stat.rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


_startup: list[float] = []
"""Seconds that this worker took to start, until its first batch has reported them."""
