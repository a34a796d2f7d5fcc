"""Running a stored test case again: is the defect still there?

What is stored is parsed, typed and checked before anything else happens; the engine that showed the defect then runs
the test case alone in a fresh process, and the outcome is judged as in a hunt.
"""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from fuzzer.campaigns.hunting import start_worker
from fuzzer.campaigns.investigation import engine_named, judged_alone
from fuzzer.campaigns.stored import Stored, expectation_of, find_stored
from fuzzer.processes.isolation import last_words
from fuzzer.processes.pool import Crashed, Ending, Finished, Raised, Task, TimedOut, raise_ours, run_alone
from grammar.errors import UserError
from oracle.engines import engines_available
from oracle.judge import judge
from oracle.records import Failed, Judgement, Verdict
from oracle.reference import Expectation
from reports.reproducer import ATTEMPTS, PATIENCE, title
from reports.tables import mismatch_table
from reports.values import plain

GONE, STILL_THERE = 0, 1


def replay(name: str, console: Console) -> int:
    """Run a stored test case again, print how it departs from the reference, and give the exit code.

    Raises:
        UserError: The name stands for nothing stored, or for something that cannot be run or compared here.
    """
    stored = find_stored(name)
    expectation = expectation_of(stored.case, stored.origin)
    with Console(stderr=True).status("running it alone in a fresh process"):
        ending = run_alone(Task(run_again, stored, PATIENCE), start_worker)
    judgement = _judgement(stored, ending, expectation)
    if judgement.verdict is Verdict.UNSUPPORTED or (
        judgement.verdict is Verdict.UNCOMPARED and stored.kind != "compile_error"
    ):
        raise UserError(f"{stored.origin} cannot be judged here: {judgement.engine}: {judgement.said}")
    _print(stored, judgement, console)
    return STILL_THERE if judgement.verdict in (Verdict.DISCREPANCY, Verdict.KNOWN) else GONE


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
        console.print(Text(plain(title(stored.signature, unfinished=stored.unfinished)), "bold"))
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
