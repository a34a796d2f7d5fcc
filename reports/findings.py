"""A finding as a JSON document, and back: the document of its test case, with what was seen beside it.

``case.json`` in the folder of a bucket is this document, so a folder that was copied elsewhere is complete, and whoever
wants only the test case reads the same file.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from grammar.errors import UserError
from oracle.records import (
    KINDS,
    LAYERS,
    Finding,
    Judgement,
    Mismatch,
    Signature,
    TestCase,
    TextDifference,
    TextExcerpt,
    Verdict,
)
from reports import files, values
from reports.case_documents import NumpyArray, array_document, array_of, case_document, case_of, value_of
from reports.fields import INDICES, Malformed, amount, choice, field, line, number, shown, word

TEXTS = ("message", "rule", "evidence")

FOLDER = "findings"
"""The folder of all buckets, in the campaign's."""

CASE = "case.json"
"""The file of the finding in the folder of a bucket."""


def bucket_folder(signature: Signature) -> str:
    """Return the folder of a bucket, relative to the campaign's."""
    return f"{FOLDER}/{signature.name}"


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return the JSON document of a finding."""
    seen = {
        "signature": signature_document(finding.signature),
        "engine": finding.engine,
        **{name: getattr(finding, name) for name in TEXTS},
        "mismatches": [mismatch_document(mismatch) for mismatch in finding.mismatches],
        "expected": {name: array_document(array) for name, array in finding.expected.items()},
        "radii": {name: array_document(array) for name, array in finding.radii.items()},
        "difference": asdict(finding.difference) if finding.difference else None,
        "excerpt": _excerpt_document(finding.excerpt) if finding.excerpt else None,
        "seconds": float(finding.seconds),
        "unfinished": finding.unfinished,
    }
    return case_document(finding.case) | {"finding": seen}


def finding_of(document: Any, origin: str) -> Finding:
    """Return the finding that a document holds; ``origin`` names the document in messages.

    Raises:
        UserError: The document is no finding, or none of this version.
    """
    case = case_of(document, origin)
    try:
        seen = field(document, "finding", dict)
        return Finding(
            signature=signature_of(field(seen, "signature", dict)),
            case=case,
            engine=word(seen, "engine"),
            **{name: field(seen, name, str) for name in TEXTS},
            mismatches=tuple(_mismatch(mismatch, case) for mismatch in field(seen, "mismatches", list)),
            expected=_arrays(field(seen, "expected", dict), case),
            radii=_arrays(field(seen, "radii", dict), case),
            difference=_difference(seen["difference"]) if seen.get("difference") else None,
            excerpt=_excerpt(seen["excerpt"]) if seen.get("excerpt") else None,
            seconds=amount(seen, "seconds"),
            unfinished=field(seen, "unfinished", bool),
        )
    except Malformed as error:
        raise UserError(f"{origin} holds no finding: {error}") from error


def read_finding(folder: Path) -> Finding:
    """Read the finding in the folder of a bucket; raises UserError where there is none."""
    return finding_of(files.read_json(folder / CASE), str(folder / CASE))


def signature_document(signature: Signature) -> dict[str, Any]:
    """Return the JSON document of a signature."""
    return asdict(signature) | {"agreeing": list(signature.agreeing)}


def signature_of(document: Any) -> Signature:
    """Return the signature that a JSON object holds; raises Malformed where it holds none."""
    agreeing = field(document, "agreeing", list)
    return Signature(
        kind=choice(document, "kind", KINDS),
        layer=choice(document, "layer", LAYERS),
        construct=line(document, "construct"),
        dtype=line(document, "dtype"),
        message=field(document, "message", str),
        agreeing=tuple(word({"agreeing": engine}, "agreeing") for engine in agreeing),
    )


def mismatch_document(mismatch: Mismatch) -> dict[str, Any]:
    """Return the JSON document of one element outside its bound."""
    return {
        "buffer": mismatch.buffer,
        "index": list(mismatch.index),
        **{name: values.to_json(getattr(mismatch, name)) for name in ("expected", "actual")},
        "radius": values.to_json(np.float64(mismatch.radius)),
    }


def judgement_document(judgement: Judgement) -> dict[str, Any]:
    """Return the JSON document of a discrepancy's judgement: how the engine departed."""
    said = {name: getattr(judgement, name) for name in ("engine", "kind", "message", "line", "target")}
    return said | {"mismatches": [mismatch_document(mismatch) for mismatch in judgement.mismatches]}


def judgement_of(document: Any, case: TestCase) -> Judgement:
    """Return the judgement that :func:`judgement_document` kept; raises Malformed where there is none."""
    return Judgement(
        Verdict.DISCREPANCY,
        word(document, "engine"),
        choice(document, "kind", KINDS),
        field(document, "message", str),
        tuple(_mismatch(mismatch, case) for mismatch in field(document, "mismatches", list)),
        line=None if document.get("line") is None else number(document, "line", INDICES),
        target=choice(document, "target", ("", "cpu", "cuda")),
    )


def _excerpt_document(excerpt: TextExcerpt) -> dict[str, Any]:
    return {"bodies": list(excerpt.bodies), "around": excerpt.around}


def _excerpt(document: Any) -> TextExcerpt:
    bodies = field(document, "bodies", list)
    if not all(isinstance(body, str) for body in bodies):
        raise Malformed("the bodies of an excerpt are texts")
    return TextExcerpt(tuple(bodies), field(document, "around", str))


def _difference(document: Any) -> TextDifference:
    return TextDifference(
        target=choice(document, "target", ("cpu", "cuda")),
        expected=field(document, "expected", str),
        actual=field(document, "actual", str),
        expected_count=number(document, "expected_count", INDICES),
        actual_count=number(document, "actual_count", INDICES),
    )


def _mismatch(document: Any, case: TestCase) -> Mismatch:
    data = case.contents
    array = data[choice(document, "buffer", data)]
    index = tuple(field(document, "index", list))
    if not all(type(at) is int for at in index) or not _is_in(index, array.shape):
        raise Malformed(f"{shown(list(index))} is no index of {document['buffer']}")
    expected, actual, radius = (value_of(document.get(name)) for name in ("expected", "actual", "radius"))
    if {type(expected), type(actual)} != {array.dtype.type} or not isinstance(radius, np.float64) or not radius >= 0:
        raise Malformed(f"the mismatch at {list(index)} is not one of {array.dtype.name}")
    return Mismatch(document["buffer"], index, expected, actual, float(radius))


def _is_in(index: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return len(index) == len(shape) and all(0 <= at < size for at, size in zip(index, shape, strict=True))


def _arrays(document: Any, case: TestCase) -> dict[str, NumpyArray]:
    arrays = {name: array_of(array) for name, array in document.items()}
    shapes = {name: column.shape for name, column in case.contents.items()}
    for name, array in arrays.items():
        if shapes.get(name) != array.shape:
            raise Malformed(f"no array {name!r} has the shape {list(array.shape)}")
    return arrays
