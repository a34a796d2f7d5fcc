"""What a campaign comes to: one exit code, and the sentence that says why. Both are decided here and nowhere else.

A hunt, its report and ``summary.json`` read them from what the store says, so they cannot differ, and a campaign that
was killed has them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Ended(Enum):
    """How the last run of a campaign ended; the values are what the store holds."""

    NOT = ""
    TIME = "time"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class Word(Enum):
    """What a campaign comes to: the first of these that holds."""

    RUNNING = "running"  # it has not ended, or its process was killed before it could say so
    INTERRUPTED = "interrupted"
    FAILED = "failed"  # it could not go on: what it did not find says nothing
    FOUND = "found"  # something departs: findings that nobody has decided on, or what was not looked into
    NOTHING = "nothing"  # nothing was compared, so nothing is known
    CLEAN = "clean"


CLEAN, FOUND, FAILED = 0, 1, 2
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it

EXIT_CODES = {
    Word.RUNNING: None,
    Word.INTERRUPTED: INTERRUPTED,
    Word.FAILED: FAILED,
    Word.FOUND: FOUND,
    Word.NOTHING: FAILED,
    Word.CLEAN: CLEAN,
}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the store says of a campaign, as far as it decides its exit code.

    Attributes:
        ended: How its last run ended.
        failure: What kept it from going on; "" if nothing did.
        seconds: How long it ran, all runs together.
        findings: Findings that are new: nobody has decided what they are.
        unfinished: Those of them that there was no time to reduce.
        discrepancies: Discrepancies that were not looked into.
        batches: Batches that crashed or hung, of which it is not known why.
        complete: Batches that are complete.
        generated: Kernels that were made, without drafts that were given up.
        agreed: Kernels that agree with the reference.
        known: Kernels that depart as a known divergence says.
        discrepant: Kernels that depart otherwise.
        invalid: Kernels that are wrong themselves, which is a defect of ours.
        reason: Why most of the kernels that were not compared were not; "" where no engine says.
    """

    ended: Ended
    failure: str = ""
    seconds: float = 0.0
    findings: int = 0
    unfinished: int = 0
    discrepancies: int = 0
    batches: int = 0
    complete: int = 0
    generated: int = 0
    agreed: int = 0
    known: int = 0
    discrepant: int = 0
    invalid: int = 0
    reason: str = ""

    @property
    def compared(self) -> int:
        """The number of kernels of which something was compared."""
        return self.agreed + self.known + self.discrepant


@dataclass(frozen=True)
class Standing:
    """What a campaign comes to: a word for programs, a sentence for people."""

    word: Word
    sentence: str

    @property
    def exit_code(self) -> int | None:
        """The exit code of the hunt; None until it has ended."""
        return EXIT_CODES[self.word]


def standing_of(facts: Facts) -> Standing:
    """Decide what a campaign comes to."""
    word = _word(facts)
    return Standing(word, _SENTENCES[word](facts))


def _word(facts: Facts) -> Word:
    if facts.ended is Ended.NOT:
        return Word.RUNNING
    if facts.ended is Ended.INTERRUPTED:
        return Word.INTERRUPTED
    if facts.ended is Ended.FAILED or facts.invalid:
        return Word.FAILED
    if facts.findings or facts.discrepancies or facts.batches:
        return Word.FOUND
    return Word.CLEAN if facts.compared else Word.NOTHING


def _running(facts: Facts) -> str:
    return f"This campaign has not ended: it still runs, or its process was killed. So far: {_found(facts)}."


def _interrupted(facts: Facts) -> str:
    return f"Interrupted after {facts.seconds:,.0f} seconds, everything so far is kept: {_found(facts)}."


def _failed(facts: Facts) -> str:
    failure = facts.failure or f"{_number(facts.invalid, 'kernel')} made no sense, which is a defect of warpsmith"
    return f"The hunt could not go on: {failure}. Before that: {_found(facts)}."


def _clean(facts: Facts) -> str:
    known = f"; {facts.known:,} more depart as known divergences of Warp say" if facts.known else ""
    return f"Clean: {_number(facts.agreed, 'kernel')} agreed with the reference{known}."


def _nothing(facts: Facts) -> str:
    return f"Nothing was compared, so nothing is known: {_why_nothing(facts)}."


def _why_nothing(facts: Facts) -> str:
    if not facts.complete:
        return f"no batch of kernels was complete after {facts.seconds:,.0f} seconds"
    if not facts.generated:
        return f"all drafts of {_number(facts.complete, 'batch', 'batches')} had to be given up"
    reason = facts.reason or "no engine took them"
    return f"none of {_number(facts.generated, 'kernel')} could be ({reason})"


def _found(facts: Facts) -> str:
    """Say what was found, in words that stand alone: ``2 new findings (1 unfinished), 3 discrepancies not ...``."""
    unfinished = f" ({facts.unfinished:,} unfinished)" if facts.unfinished else ""
    left = [
        (facts.discrepancies, _number(facts.discrepancies, "discrepancy", "discrepancies") + " not looked into"),
        (facts.batches, _number(facts.batches, "batch", "batches") + " that crashed or hung, it is not known why"),
    ]
    parts = [_number(facts.findings, "new finding") + unfinished, *(words for count, words in left if count)]
    return ", ".join(parts)


_SENTENCES = {
    Word.RUNNING: _running,
    Word.INTERRUPTED: _interrupted,
    Word.FAILED: _failed,
    Word.FOUND: lambda facts: f"{_found(facts)}.",
    Word.NOTHING: _nothing,
    Word.CLEAN: _clean,
}


def _number(count: int, noun: str, several: str = "") -> str:
    return f"{count:,} {noun if count == 1 else several or noun + 's'}"
