"""Measuring a row: its pieces that stand are read from the folder of the proof, the others are measured and kept there.

A piece has a file, named by a hash of the row, its settings and the sources. So a run that is killed loses one piece,
and a piece is measured again only when something that it depends on has changed.
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzzer.campaigns.hunting import start_worker
from fuzzer.processes.pool import Finished, Raised, Task, Workers
from grammar.errors import UserError
from reports import files
from tests.quality.rows import Conclusion, Facts, Measurement, Settings, verdict


class Unmeasured(Exception):
    """A piece could not be measured, which is a defect of ours; the message has the traceback."""


PIECE_SECONDS = 7200.0
"""Time limit of one piece: far more than the slowest one takes (100,000 values of erfinv to 200 bits)."""

Told = Callable[[str, int, int], None]
"""Takes the name of a row, how many of its pieces are measured, and how many there are."""

Kept = tuple[Path, Facts]
"""Where what was measured of a piece is kept, and what that is."""


@dataclass(frozen=True)
class Row:
    """A measurement that is complete."""

    name: str
    settings: Settings
    conclusion: Conclusion
    seconds: float
    source_hash: str

    @property
    def verdict(self) -> str:
        """Met, not met, or informational."""
        return verdict(self.conclusion.claims)


def prove(measurement: Measurement, settings: Settings, folder: Path, workers: int, told: Told) -> Row:
    """Return the row of a measurement; what is measured for it is kept in the folder.

    Raises:
        UserError: The sources changed meanwhile, or the folder cannot be read or written.
        Unmeasured: A piece could not be measured.
    """
    source_hash = measurement.source_hash()
    pieces = {_file(folder, measurement.name, x, source_hash): x for x in measurement.pieces(settings)}
    missing = {path: piece for path, piece in pieces.items() if not path.exists()}
    told(measurement.name, len(pieces) - len(missing), len(pieces))
    for done, (path, measured) in enumerate(_measured(measurement, missing, workers), start=1):
        if measurement.source_hash() != source_hash:
            raise UserError(f"the sources changed while {measurement.name!r} was measured: run the command again")
        files.write_json(path, measured)
        told(measurement.name, len(pieces) - len(missing) + done, len(pieces))
    found = [files.read_json(path) for path in pieces]
    conclusion = measurement.conclude(settings, [piece["facts"] for piece in found])
    return Row(measurement.name, settings, conclusion, sum(piece["seconds"] for piece in found), source_hash)


def _file(folder: Path, *identity: object) -> Path:
    return folder / f"{hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:24]}.json"


def _measured(measurement: Measurement, pieces: dict[Path, Settings], workers: int) -> Iterator[Kept]:
    orders = [(measurement.measure, piece, path) for path, piece in pieces.items()]
    if not measurement.together:
        yield from (_here(measurement, order) for order in orders)
    elif pieces:
        with Workers(min(workers, len(pieces)), start_worker) as pool:
            for order in orders:
                pool.submit(Task(timed, order, PIECE_SECONDS))
            for ending in pool.endings():
                if not isinstance(ending, Finished):
                    what = ending.traceback if isinstance(ending, Raised) else repr(ending)
                    raise _unmeasured(measurement, ending.task.argument[1], what)
                yield ending.value


def _here(measurement: Measurement, order: tuple[Callable[[Settings], Facts], Settings, Path]) -> Kept:
    try:
        return timed(order)
    except Exception as defect:
        raise _unmeasured(measurement, order[1], traceback.format_exc()) from defect


def _unmeasured(measurement: Measurement, piece: Settings, what: str) -> Unmeasured:
    return Unmeasured(f"{measurement.name} could not be measured for {piece}:\n{what}")


def timed(order: tuple[Callable[[Settings], Facts], Settings, Path]) -> Kept:
    """Measure a piece, and how long that takes."""
    measure, piece, path = order
    start = time.monotonic()
    facts = measure(piece)
    return path, {"piece": piece, "facts": facts, "seconds": round(time.monotonic() - start, 3)}
