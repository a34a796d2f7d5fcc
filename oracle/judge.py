"""The judge: an outcome against the reference, element by element, within radii. Pure; it runs nothing native.

Where an engine neither fuses nor approximates, the radii are those of the strict regime. Where nothing that the kernels
changed has a radius that is small against its value (see :mod:`oracle.comparison`), the outcome is uncompared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grammar.check import Typing
from oracle.comparison import Comparison, compare, same_bits, tells_of_change
from oracle.engines import facts_of
from oracle.limitations.catalogue import Limitation, limitations_for, suspects
from oracle.limitations.places import written_by_warp
from oracle.records import (
    Compiled,
    Executed,
    Failed,
    FloatArray,
    Judgement,
    Mismatch,
    Outcome,
    Refused,
    TestCase,
    Verdict,
)
from oracle.reference import FUSED, STRICT, WEAK, Expectation, Regime, Undefined, interpret
from oracle.reference.departure import GARBAGES, NONE, Departure
from oracle.reference.undefined import FRAGILE, OUT_OF_RANGE, UNSET

MOST_MISMATCHES = 20
"""Elements that are kept of a discrepancy; the first ones tell."""

#: Failures that undefined behaviour may end in, or that it is; of an index and of a variable that is not set, others.
UNDEFINED_ENDS = frozenset({"crash", "hang", "out_of_bounds", "overflow"})
OWN_ENDS = {OUT_OF_RANGE: UNDEFINED_ENDS - {"overflow"}, UNSET: UNDEFINED_ENDS | {"uninitialised_read"}}

#: Why an outcome within all its bounds may be no agreement.
TOO_LOOSE = "no element that changed has a bound that is small against its value"

#: How the message of a judgement ends where a known limitation makes a decision fragile, or its outcome undefined.
UNPROMISED = "makes what follows undefined, so that nothing can be compared"


def judge(case: TestCase, engine: str, outcome: Outcome, expectation: Expectation) -> Judgement:
    """Say what an engine's outcome is worth.

    ``expectation`` is the reference's in the weak regime; radii of the strict one are computed when they hold.
    """
    match outcome:
        case Refused(reason, line):
            return Judgement(Verdict.UNSUPPORTED, engine, message=reason, line=line)
        case Failed(kind, message, line, target):
            return _known_failure(case, engine, outcome, expectation) or Judgement(
                Verdict.DISCREPANCY, engine, kind, message, line=line, target=target
            )
        case Compiled():
            return Judgement(Verdict.UNCOMPARED, engine, message="compiled, not executed")
        case Executed():
            return _executed(case, engine, outcome, expectation)


def _executed(case: TestCase, engine: str, outcome: Executed, expectation: Expectation) -> Judgement:
    if expectation.order_matters and not facts_of(engine).ordered:
        return Judgement(Verdict.UNCOMPARED, engine, message="the order of threads matters")
    bounds = _bounds(case, engine, expectation)
    found = compare(outcome, bounds)
    if not found.mismatches:
        return _without_mismatch(case, engine, found, bounds)
    unbounded = ""
    for names, departure in _stated(case, engine, expectation):
        verdict = _with_departure(departure, case, engine, outcome)
        if verdict is Verdict.KNOWN:
            return Judgement(Verdict.KNOWN, engine, limitation=names, **found.counts)
        if verdict is Verdict.UNCOMPARED:
            unbounded = unbounded or names
    if unbounded:
        return Judgement(Verdict.UNCOMPARED, engine, message=f"{unbounded} {UNPROMISED}")
    message = f"{len(found.mismatches)} of {found.elements + found.uncompared} elements lie outside their bounds"
    kept = found.mismatches[:MOST_MISMATCHES]
    return Judgement(Verdict.DISCREPANCY, engine, "wrong_value", message, kept, **found.counts)


def _without_mismatch(case: TestCase, engine: str, found: Comparison, bounds: Expectation) -> Judgement:
    """Judge an outcome whose elements all lie in their balls."""
    if found.uncompared and not tells_of_change(case.contents, bounds):
        return Judgement(Verdict.UNCOMPARED, engine, message=TOO_LOOSE, **found.counts)
    return Judgement(Verdict.AGREE, engine, **found.counts)


def deviation(case: TestCase, engine: str, outcome: Executed, expectation: Expectation) -> tuple[float, float]:
    """Return the largest distance of a finite float from the reference's, and how far it may lie away.

    Of several at that distance, as where all are equal, it is the one that may lie farthest away. Both are 0 where no
    float has a bound.

    ``expectation`` is the reference's in the weak regime.
    """
    bounds = _bounds(case, engine, expectation)
    found = (
        _farthest(bounds.arrays[name], np.asarray(outcome.arrays[name]), radii) for name, radii in bounds.radii.items()
    )
    return max(found, default=(0.0, 0.0))


def _farthest(expected: np.ndarray[Any, Any], actual: np.ndarray[Any, Any], radii: FloatArray) -> tuple[float, float]:
    with np.errstate(all="ignore"):
        distances = np.abs(expected.astype(np.float64) - actual.astype(np.float64))
    bounded = np.isfinite(radii)
    distances[~(np.isfinite(distances) & bounded)] = 0.0
    farthest = distances.max(initial=0.0)
    return float(farthest), float(radii[bounded & (distances == farthest)].max(initial=0.0))


def nearest_to_its_bound(outcome: Executed, bounds: Expectation) -> Mismatch | None:
    """Return the float that lies farthest away for its radius, of several the one with the largest; None if none may.

    All lie within their radii.
    """
    found: list[tuple[float, float, Mismatch]] = []
    for name, radii in bounds.radii.items():
        expected, actual = bounds.arrays[name], np.asarray(outcome.arrays[name])
        with np.errstate(all="ignore"):
            shares = np.abs(expected.astype(np.float64) - actual.astype(np.float64)) / radii
        judged = np.isfinite(shares) & np.isfinite(radii)
        if judged.any():
            widest = max(zip(shares[judged], radii[judged], *np.nonzero(judged), strict=True))
            at = tuple(map(int, widest[2:]))
            found.append((*widest[:2], Mismatch(name, at, expected[at], actual[at], float(radii[at]))))
    return max(found, key=lambda item: item[:2])[2] if found else None


def _bounds(case: TestCase, engine: str, expectation: Expectation) -> Expectation:
    """Return the reference with the radii that hold; no regime has radii where the weak one has none."""
    if _is_exact(engine, expectation.typing):
        return replace(expectation, radii={})
    regime = regime_of(case, engine)
    is_exact = not any(radii.any() for radii in expectation.radii.values())
    return expectation if is_exact or regime is WEAK else interpret(case, regime, expectation.typing)


def _is_exact(engine: str, typing: Typing) -> bool:
    return facts_of(engine).exact and not any(written_by_warp(typing))


def regime_of(case: TestCase, engine: str) -> Regime:
    """Say what an engine may do to the floats of a test case."""
    if facts_of(engine).exact or (facts_of(engine).ordered and case.options.exact):
        return STRICT
    return FUSED if facts_of(engine).ordered else WEAK


def _stated(case: TestCase, engine: str, expectation: Expectation) -> Iterator[tuple[str, Departure]]:
    """Yield the alternatives that the limitations of a test case state, each alone and all joined, with their names."""
    shown = [
        item for item in limitations_for(expectation.typing) if item.layer != "native" or not facts_of(engine).exact
    ]
    stated = [item for item in shown if item.alternative is not None]
    for together in suspects(stated):
        departure = NONE
        for limitation in together:
            assert limitation.alternative is not None
            departure = departure.joined(limitation.alternative(case))
        yield " + ".join(item.identifier for item in together), departure


def _with_departure(departure: Departure, case: TestCase, engine: str, outcome: Executed) -> Verdict:
    """Judge an outcome by the reference with a departure: uncompared where that is undefined, or fragile.

    Where the departure leaves something unset, all elements that are the same whatever that is must be as it says.
    """
    try:
        runs = _runs(departure, case, regime_of(case, engine))
    except Undefined:
        return Verdict.UNCOMPARED
    bounds = replace(runs[0], radii={}) if _is_exact(engine, runs[0].typing) else runs[0]
    departs = any(_is_fixed(mismatch, runs) for mismatch in compare(outcome, bounds).mismatches)
    return Verdict.DISCREPANCY if departs else Verdict.KNOWN


def _runs(departure: Departure, case: TestCase, regime: Regime) -> list[Expectation]:
    """Run the reference with a departure; several times where it leaves something unset, which is another each time."""
    try:
        return [interpret(case, regime, departure=departure)]
    except Undefined as undefined:
        if undefined.reason != UNSET:
            raise
    different = (replace(departure, garbage=number) for number in range(GARBAGES))
    return [interpret(case, regime, departure=one) for one in different]


def _is_fixed(mismatch: Mismatch, runs: Sequence[Expectation]) -> bool:
    found = [run.arrays[mismatch.buffer][mismatch.index] for run in runs]
    return all(same_bits(np.asarray(found[0]), np.asarray(one)) for one in found)


def _known_failure(case: TestCase, engine: str, outcome: Failed, expectation: Expectation) -> Judgement | None:
    names = [item.identifier for item in limitations_for(expectation.typing) if _fails_as(item, outcome)]
    if outcome.kind in OWN_ENDS[UNSET]:
        stated = _stated(case, engine, expectation)
        names += (name for name, departure in stated if _may_end_in(outcome.kind, departure, case))
    if not names:
        return None
    return Judgement(Verdict.KNOWN, engine, outcome.kind, outcome.message, limitation=names[0], line=outcome.line)


def _fails_as(limitation: Limitation, outcome: Failed) -> bool:
    if not limitation.failure or limitation.kind != outcome.kind:
        return False
    return re.search(limitation.failure, outcome.message) is not None


def _may_end_in(kind: str, departure: Departure, case: TestCase) -> bool:
    """Whether the test case has no defined meaning with a departure, for a reason that may show as a kind."""
    try:
        interpret(case, WEAK, departure=departure)
    except Undefined as undefined:
        return undefined.reason != FRAGILE and kind in OWN_ENDS.get(undefined.reason, UNDEFINED_ENDS)
    return False
