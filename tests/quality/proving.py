"""Measuring a row: its pieces that stand are taken from the ledger, the others are measured and kept one by one."""

from __future__ import annotations

import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fuzzer.campaigns.hunting import start_worker
from fuzzer.processes.pool import Finished, Raised, Task, Workers
from grammar.errors import UserError
from tests.quality.ledger import Ledger, Row
from tests.quality.rows import ROOT, Facts, Measurement, Settings


class Unmeasured(Exception):
    """A piece could not be measured, which is a defect of ours; the message has the traceback."""


PIECE_SECONDS = 7200.0
"""Time limit of one piece: far more than the slowest one takes (100,000 values of erfinv to 200 bits)."""

Told = Callable[[str, int, int], None]
"""Takes the name of a row, how many of its pieces are measured, and how many there are."""


@dataclass(frozen=True)
class Measured:
    """What one piece gave, and the seconds it took."""

    piece: Settings
    facts: Facts
    seconds: float


def prove(measurement: Measurement, settings: Settings, ledger: Ledger, workers: int, told: Told) -> Row:
    """Return the row of a measurement: the one that stands, or a new one, which is kept.

    Raises:
        UserError: The sources changed meanwhile.
        Unmeasured: A piece could not be measured.
    """
    source_hash = measurement.source_hash()
    standing = ledger.row(measurement.name, settings, source_hash)
    if standing is not None:
        return standing
    pieces = list(measurement.pieces(settings))
    known = [ledger.piece(measurement.name, piece, source_hash) for piece in pieces]
    missing = [piece for piece, found in zip(pieces, known, strict=True) if found is None]
    told(measurement.name, len(pieces) - len(missing), len(pieces))
    for done, measured in enumerate(_measured(measurement, missing, workers), start=1):
        if measurement.source_hash() != source_hash:
            raise UserError(f"the sources changed while {measurement.name!r} was measured: run the command again")
        ledger.add_piece(measurement.name, measured.piece, source_hash, measured.facts, measured.seconds)
        told(measurement.name, len(pieces) - len(missing) + done, len(pieces))
    found = [piece for piece in (ledger.piece(measurement.name, x, source_hash) for x in pieces) if piece is not None]
    conclusion = measurement.conclude(settings, [facts for facts, _ in found])
    seconds = sum(seconds for _, seconds in found)
    row = Row(measurement.name, settings, conclusion, seconds, commit(), source_hash)
    ledger.add_row(row)
    return row


def _measured(measurement: Measurement, pieces: list[Settings], workers: int) -> Iterator[Measured]:
    if not measurement.together:
        for piece in pieces:
            yield _here(measurement, piece)
    elif pieces:
        yield from _in_workers(measurement, pieces, min(workers, len(pieces)))


def _here(measurement: Measurement, piece: Settings) -> Measured:
    try:
        return timed(measurement.measure, piece)
    except Exception as defect:
        raise _unmeasured(measurement, piece, traceback.format_exc()) from defect


def _unmeasured(measurement: Measurement, piece: Settings, what: str) -> Unmeasured:
    return Unmeasured(f"{measurement.name} could not be measured for {piece}:\n{what}")


def _in_workers(measurement: Measurement, pieces: list[Settings], workers: int) -> Iterator[Measured]:
    with Workers(workers, start_worker) as pool:
        for piece in pieces:
            pool.submit(Task(_timed, (measurement.measure, piece), PIECE_SECONDS))
        for ending in pool.endings():
            if not isinstance(ending, Finished):
                what = ending.traceback if isinstance(ending, Raised) else repr(ending)
                raise _unmeasured(measurement, ending.task.argument[1], what)
            yield ending.value


def _timed(order: tuple[Callable[[Settings], Facts], Settings]) -> Measured:
    return timed(*order)


def timed(measure: Callable[[Settings], Facts], piece: Settings) -> Measured:
    """Measure a piece, and how long that takes."""
    start = time.monotonic()
    facts = measure(piece)
    return Measured(piece, facts, round(time.monotonic() - start, 3))


def commit() -> str:
    """Name the commit that is measured, with a plus where files differ from it; "" without git."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        return name + ("+" if _git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
