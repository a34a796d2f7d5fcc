"""What a worker does with a batch: generate, interpret, run every engine, judge. The unit of work of a campaign.

Batch ``b`` is a pure function of the seed, ``b``, the grammar and the settings: deep kernels, or the next items of the
sweep. Options are drawn per batch, so that one module holds test cases of equal options.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from fuzzer.generation.cases import Generated, Recipe, deep_case
from fuzzer.generation.choices import Choices
from fuzzer.generation.profiles import load_weights
from fuzzer.generation.repair import Defined, Discarded
from fuzzer.generation.sweep import sweep_case, sweep_order
from fuzzer.reduction.isolation import Isolated
from fuzzer.settings import CATEGORIES, Settings
from fuzzer.worker import mark
from grammar import nodes as n
from grammar.check import TypeRefused, check
from grammar.errors import UserError
from grammar.productions import load
from grammar.trees import walk
from oracle.attribution import attributed
from oracle.judge import judge
from oracle.records import Engine, Failed, Judgement, Options, Outcome, TestCase, Verdict
from oracle.warp import engine_types
from reports.batches import BatchRecord, KernelRecord

BATCH = 40
"""Test cases per module: compiling kernels together costs a fraction of compiling them one by one."""

#: Option sets and how often a batch is compiled with them. O0 without fusing is the cheapest, and exact; the others are
#: ways users compile, and take up to ten times as long. Each set costs a worker a precompiled header once, so there are
#: few.
OPTIONS: tuple[tuple[Options, int], ...] = (
    (Options(), 84),
    (Options(fuse_fp=True, optimization_level=None), 4),
    (Options(optimization_level=2), 4),
    (Options(max_unroll=4), 4),
    (Options(mode="debug"), 4),
)

BATCH_SECONDS = 90.0
"""Time limit of a batch that is compiled without optimising: about five times what it takes on a busy machine."""

OPTIMISED_SECONDS = 300.0
"""Time limit of a batch that is optimised."""

ISOLATED_SECONDS = 600.0
"""Time limit of a batch that is run again in children: it may be compiled some times over."""

KERNEL_SECONDS = 4.0
"""Processor time that the launches of one test case may take, which are milliseconds: then it hangs."""

NATIVE_SHARE = 4
"""Every so many deep batches are run natively too, where the text is executed: that costs several times as much."""

NVRTC_SHARE = 7
"""Every so many batches are compiled for CUDA too, where that engine is used: it costs as much as native execution.

No multiple of 3, so that deep batches and those of the sweep are compiled alike.
"""


@dataclass(frozen=True)
class Order:
    """A batch to be hunted; ``isolated`` after something took its process down: then engines run in children.

    The GPU cannot be used in a child; ``failed`` says which kernels took a process down there, and how.
    """

    settings: Settings
    batch: int
    failed: Mapping[int, Failed]
    isolated: bool = False


@dataclass(frozen=True)
class Discrepancy:
    """A test case and the judgement that needs a person."""

    case: TestCase
    judgement: Judgement


@dataclass(frozen=True)
class Hunted:
    """What became of a batch: what the store records, and what must be looked into."""

    record: BatchRecord
    discrepancies: tuple[Discrepancy, ...]
    refusals: Mapping[str, int]


@cache
def recipe_of(settings: Settings) -> Recipe:
    """Load grammar and weights as the settings say.

    Raises:
        UserError: A file cannot be read, or says something that is not ours.
    """
    try:
        text = settings.grammar.read_text(encoding="utf-8") if settings.grammar else None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the grammar {settings.grammar} cannot be read: {error}") from error
    categories = tuple(c for c in CATEGORIES if c in settings.only) or CATEGORIES
    only = frozenset(settings.only) - set(CATEGORIES)
    return Recipe(load(text), load_weights(settings.weights), categories, only)


@cache
def _sweep(settings: Settings) -> tuple[str, ...]:
    return tuple(sweep_order(settings.seed, recipe_of(settings)))


def generate_batch(settings: Settings, batch: int) -> Iterator[Generated | str]:
    """Generate the test cases of a batch; a string is the reason why a sweep item gave none."""
    recipe, sweep = recipe_of(settings), _sweep(settings)
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
        try:
            check(case.module, options.max_unroll)
        except TypeRefused as refusal:  # what Warp unrolls depends on the options
            yield str(refusal)
            continue
        yield replace(generated, defined=replace(generated.defined, case=case))


def sweep_start(batch: int, items: int) -> int | None:
    """Give the position in the sweep that a batch starts at; None for a batch of deep kernels.

    Two of three batches sweep until every item had its turn, so that a short hunt meets each operation; from then on
    one of three does, with other values each time round.
    """
    if not items:
        return None
    third, turn = divmod(batch, 3)
    swept = (2 * third + max(turn - 1, 0)) * BATCH
    if swept < items:
        return swept if turn else None
    return None if turn else third * BATCH


def batch_options(seed: int, batch: int) -> Options:
    """Draw the options of a batch."""
    return Choices.seeded(seed, "options", batch).weighted([o for o, _ in OPTIONS], [w for _, w in OPTIONS])


def time_limit(order: Order) -> float:
    """Give the seconds after which a batch counts as hanging."""
    if order.isolated:
        return ISOLATED_SECONDS
    return (
        OPTIMISED_SECONDS if batch_options(order.settings.seed, order.batch).optimization_level != 0 else BATCH_SECONDS
    )


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
        taken = range(len(made)) if takes_all(engine.name, order) else doubtful(judgements)
        outcomes = _run(engine, order, {position: made[position].defined.case for position in taken}, clock)
        with clock.timing("judge"):
            for position, outcome in outcomes.items():
                item = made[position].defined
                judgement = judge(item.case, engine.name, outcome, item.expectation)
                judgements[position].append(attributed(item.case, judgement, engine))
    judgements = {position: settled(several) for position, several in judgements.items()}
    with clock.timing("judge"):
        record = _record(order, made, judgements, discarded, clock)
    found = [
        Discrepancy(made[position].defined.case, judgement)
        for position, several in judgements.items()
        for judgement in to_look_into(several)
    ]
    return Hunted(replace(record, seconds=clock.seconds), tuple(found), discarded)


def engines_for(order: Order) -> list[Engine]:
    """Make the engines that run a batch, the cheapest first."""
    engines: list[Engine] = []
    for name, factory in engine_types().items():
        share = NVRTC_SHARE if name == "nvrtc" else 1
        if name in order.settings.engines and order.batch % share == share // 2 and factory.available()[0]:
            isolated = order.isolated and name != "cuda"
            engines.append(Isolated(name, factory) if isolated else factory(_marker(name, order)))
    return engines


def takes_all(engine: str, order: Order) -> bool:
    """Say whether an engine runs all of a batch: native execution leaves most deep batches to the text alone.

    It runs the sweeps, since there the native library is what is tested, and a share of the others.
    """
    if engine != "warp-cpu" or "warp-text" not in order.settings.engines or order.batch % NATIVE_SHARE == 0:
        return True
    return sweep_start(order.batch, len(_sweep(order.settings))) is not None


def doubtful(judgements: Mapping[int, list[Judgement]]) -> list[int]:
    """Give the positions that native execution has to decide: what the text departs on, and what it cannot tell."""
    clear = (Verdict.AGREE, Verdict.KNOWN)
    return [position for position, several in judgements.items() if any(j.verdict not in clear for j in several)]


def settled(several: list[Judgement]) -> list[Judgement]:
    """Take a text for ill typed only if a compiler refuses it for a reason that is not known: else it was not read."""
    if any(j.verdict is Verdict.DISCREPANCY and j.kind == "compile_error" for j in several):
        return several
    return [replace(j, verdict=Verdict.UNSUPPORTED, kind="") if j.kind == "ill_typed_text" else j for j in several]


def to_look_into(several: list[Judgement]) -> list[Judgement]:
    """Give the discrepancies of a test case that need a person: one for what text and native execution both show."""
    found = {judgement.engine: judgement for judgement in several if judgement.verdict is Verdict.DISCREPANCY}
    if "warp-text" in found and "warp-cpu" in found:
        del found["warp-cpu" if found["warp-text"].kind == "ill_typed_text" else "warp-text"]
    return list(found.values())


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
    outcomes: dict[int, Outcome] = dict(order.failed.items()) if engine.name == "cuda" else {}
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


def covered_by(defined: Defined, operations: Counter[str], forms: Counter[str]) -> None:
    """Count the operations (signature times scalar type) and forms of the grammar in a test case."""
    typing = defined.expectation.typing
    operations.update(o.sweep_key for o in typing.overloads.values())
    operations.update(o.sweep_key for links in typing.links.values() for o in links)
    for node in walk(defined.case.module):
        name = n.production_name_of[type(node)]
        forms[name] += 1
        for symbol in _symbols(node):
            forms[f"{_OPERATOR_RULES.get(name, name)} {symbol}"] += 1


_OPERATOR_RULES = {"aug_assign": "augmented", "chained_compare": "compare"}


def _symbols(node: n.Node) -> tuple[str, ...]:
    match node:
        case n.ChainedCompare(_, operators):
            return operators
        case n.BinaryOp(_, operator, _) | n.Unary(operator, _) | n.AugAssign(_, operator, _):
            return (operator,)
    return ()


def reach_of(defined: Defined) -> dict[str, tuple[int, int]]:
    """Measure how much of a deep kernel matters: shares as (part, whole)."""
    if defined.case.provenance is None or defined.case.provenance.origin != "deep":
        return {}
    nodes = list(walk(defined.case.module))
    executed = defined.expectation.executed
    operators = [x for x in nodes if isinstance(x, n.BinaryOp | n.Unary | n.ChainedCompare | n.Conditional)]
    statements = [x for x in nodes if isinstance(x, n.Statement)]
    return {
        "operators executed": (sum(id(x) in executed for x in operators), len(operators)),
        "statements executed": (sum(id(x) in executed for x in statements), len(statements)),
    }


class Clock:
    """Adds up wall time by what it was spent on."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        """Count the time of a block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - start


def start_worker(folder: Path) -> None:
    """Set up Warp in a new worker process."""
    from oracle.warp.session import start

    start(folder)
    _startup.append(process_age())


def process_age() -> float:
    """Give the seconds since this process was started, interpreter and imports included (proc(5): field 22 of stat)."""
    stat = Path("/proc/self/stat").read_text(encoding="utf-8")
    ticks = float(stat.rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


_startup: list[float] = []
"""Seconds that this worker took to start, until its first batch has reported them."""
