"""Running a stored test case again: is the defect still there?

What is stored is parsed and typed before anything else happens; the engine that showed the defect then runs the test
case alone in a fresh process, and the outcome is judged as in a hunt.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from fuzzer.batches import start_worker
from fuzzer.campaign import raise_ours
from fuzzer.investigation import engine_named, judged_alone
from fuzzer.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, run_alone
from fuzzer.reduction.isolation import last_words
from fuzzer.settings import CAMPAIGNS
from grammar.check import Kernel, TypeRefused, check
from grammar.errors import UserError
from grammar.ops.record import Value
from grammar.types import Array, Matrix, Scalar, Type, Vector
from oracle.judge import judge
from oracle.records import BufferRef, Failed, Judgement, Launch, Signature, TestCase, Verdict
from oracle.reference import Expectation, Undefined, interpret
from oracle.warp import engines_available
from reports.cases import case_of
from reports.files import read_json
from reports.findings import finding_of
from reports.reproducer import ATTEMPTS, PATIENCE, title
from reports.store import Store
from reports.summary import newest_campaign
from reports.tables import mismatch_table
from reports.values import plain

GONE, STILL_THERE = 0, 1

USUAL_ENGINE = "warp-cpu"
"""What runs a test case that no engine is known to have failed on."""


@dataclass(frozen=True, eq=False)
class Stored:
    """A stored test case: where it was found, the engine that runs it, and what it showed, if it is a finding's."""

    origin: str
    case: TestCase
    engine: str = USUAL_ENGINE
    signature: Signature | None = None

    @property
    def kind(self) -> str:
        """The kind of what it showed; "" if that is not known."""
        return self.signature.kind if self.signature else ""


def replay(name: str, console: Console) -> int:
    """Run a stored test case again, print how it departs from the reference, and give the exit code.

    Raises:
        UserError: The name stands for nothing stored, or for something that cannot be run or compared here.
    """
    stored = find_stored(name)
    expectation = expectation_of(stored)
    with Console(stderr=True).status("running it alone in a fresh process"):
        ending = run_alone(Task(run_again, stored, PATIENCE), start_worker)
    judgement = _judgement(stored, ending, expectation)
    if judgement.verdict is Verdict.UNSUPPORTED or (
        judgement.verdict is Verdict.UNCOMPARED and stored.kind != "compile_error"
    ):
        raise UserError(f"{stored.origin} cannot be judged here: {judgement.engine}: {judgement.said}")
    _print(stored, judgement, console)
    return STILL_THERE if judgement.verdict in (Verdict.DISCREPANCY, Verdict.KNOWN) else GONE


def find_stored(name: str) -> Stored:
    """Find a test case: in a JSON file, in the folder of a bucket, or by how the name of a bucket begins.

    Names are those of the newest campaign.

    Raises:
        UserError: It is none of these, or several buckets have this beginning.
    """
    path = Path(name)
    if path.exists():
        path = path / "case.json" if path.is_dir() else path
        return _from_document(read_json(path), str(path))
    campaign = newest_campaign(CAMPAIGNS)
    with Store.open(campaign) as store:
        buckets = {bucket.signature.name: bucket for bucket in store.buckets()}
    found = [bucket for whole, bucket in buckets.items() if whole.startswith(name)]
    if len(found) == 1:
        finding = found[0].finding
        return Stored(finding.signature.name, finding.case, finding.engine, finding.signature)
    if not found:
        raise UserError(f"there is no file {name!r}, and no finding whose name begins so in {campaign}; see report")
    names = ", ".join(bucket.signature.name for bucket in found)
    raise UserError(f"{name!r} is the beginning of {len(found)} findings in {campaign}: {names}")


def _from_document(document: Any, origin: str) -> Stored:
    if not isinstance(document, dict) or "finding" not in document:
        case = case_of(document, origin)
        if not case.buffers:
            raise UserError(f"{origin} has no 'buffers', so that nothing could be compared; add an array to write to")
        return Stored(origin, case)
    finding = finding_of(document, origin)
    return Stored(origin, finding.case, finding.engine, finding.signature)


def expectation_of(stored: Stored) -> Expectation:
    """Give what the reference expects.

    Raises:
        UserError: The test case is ill typed, its launches do not fit its kernels, or it has no defined meaning.
    """
    case = stored.case
    try:
        typing = check(case.module, case.options.max_unroll)
    except TypeRefused as error:
        raise UserError(f"the module of {stored.origin} is ill typed: {error}") from error
    for launch in case.launches:
        kernel = typing.kernels.get(launch.kernel)
        if kernel is None or not _fits(launch, kernel, case):
            raise UserError(f"{stored.origin} is damaged: the launch of {launch.kernel} does not fit the kernel")
    try:
        return interpret(case, typing=typing)
    except Undefined as undefined:
        raise UserError(f"{stored.origin} has no defined meaning: {undefined.reason}") from undefined


def _fits(launch: Launch, kernel: Kernel, case: TestCase) -> bool:
    arrays = {buffer.name: Array(buffer.element, len(buffer.shape)) for buffer in case.buffers}
    return len(launch.arguments) == len(kernel.types) and all(
        arrays[argument.name] == type_ if isinstance(argument, BufferRef) else _is_value(argument, type_)
        for argument, type_ in zip(launch.arguments, kernel.types, strict=True)
    )


def _is_value(value: Value, type_: Type) -> bool:
    match type_:
        case Scalar(kind="bool"):
            return isinstance(value, bool)
        case Scalar(kind="float"):
            return isinstance(value, type_.dtype.type)
        case Scalar():
            return type(value) is int and type_.low <= value <= type_.high
        case Vector(length, scalar):
            return isinstance(value, tuple) and len(value) == length and all(_is_value(item, scalar) for item in value)
        case Matrix(rows):
            return isinstance(value, tuple) and len(value) == rows and all(_is_value(row, type_.row) for row in value)
    return False


def run_again(stored: Stored) -> Judgement:
    """Run and judge a test case in this process; several times where it does not show the same each time."""
    works, reason = engines_available().get(stored.engine, (False, "there is no such engine"))
    if not works:
        return Judgement(Verdict.UNSUPPORTED, stored.engine, message=reason)
    engine = engine_named(stored.engine)
    if (refusal := engine.unsupported(stored.case)) is not None:
        return Judgement(Verdict.UNSUPPORTED, stored.engine, message=refusal)
    judgement = judged_alone(engine, stored.case)
    for _ in range(ATTEMPTS - 1 if stored.kind == "nondeterministic" else 0):
        if judgement.verdict is not Verdict.DISCREPANCY:
            judgement = judged_alone(engine, stored.case)
    return judgement


def _judgement(stored: Stored, ending: Ending, expectation: Expectation) -> Judgement:
    match ending:
        case Finished(_, Judgement() as judgement):
            return judgement
        case Crashed(_, code, stderr, _):
            failed = Failed("crash", last_words(code, stderr))
        case TimedOut():
            failed = Failed("hang", f"it did not end within {PATIENCE} seconds")
        case Raised(_, traceback):
            raise_ours(traceback)
            raise AssertionError("raise_ours returned")
    return judge(stored.case, stored.engine, failed, expectation)


def _print(stored: Stored, judgement: Judgement, console: Console) -> None:
    if stored.signature:
        console.print(Text(plain(title(stored.signature)), "bold"))
    said, style = _said(stored, judgement)
    console.print(Text(plain(said), style))
    if judgement.message:
        console.print(Text(plain(judgement.said)), soft_wrap=True)
    if judgement.mismatches:
        console.print(mismatch_table(judgement.mismatches))


def _said(stored: Stored, judgement: Judgement) -> tuple[str, str]:
    """What became of the defect, and the style that says it."""
    engine = judgement.engine
    match judgement.verdict:
        case Verdict.DISCREPANCY if stored.kind in ("", "nondeterministic", judgement.kind):
            return f"still there: {engine} departs from the reference, {judgement.kind}", "bold red"
        case Verdict.DISCREPANCY:
            return f"still there: {engine} departs from the reference, now {judgement.kind}", "bold red"
        case Verdict.KNOWN:
            return f"still there: {engine} departs as the known divergence {judgement.limitation} says", "bold yellow"
        case Verdict.UNCOMPARED:
            return f"gone: {engine} compiles it", "bold green"
    return f"gone: {engine} agrees with the reference", "bold green"
