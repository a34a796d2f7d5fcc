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
from oracle.records import KINDS, LAYERS, Finding, Mismatch, Signature, TestCase, TextDifference, TextExcerpt
from reports import files, values
from reports.cases import (
    Malformed,
    NumpyArray,
    array_document,
    array_of,
    case_document,
    case_of,
    field,
    record,
    value_of,
)

WORDS = ("engine", "message", "rule", "evidence")


def finding_document(finding: Finding) -> dict[str, Any]:
    """Give the JSON document of a finding."""
    seen = {
        "signature": signature_document(finding.signature),
        **{word: getattr(finding, word) for word in WORDS},
        "mismatches": [mismatch_document(mismatch) for mismatch in finding.mismatches],
        "expected": {name: array_document(array) for name, array in finding.expected.items()},
        "radii": {name: array_document(array) for name, array in finding.radii.items()},
        "difference": asdict(finding.difference) if finding.difference else None,
        "excerpt": _excerpt_document(finding.excerpt) if finding.excerpt else None,
        "seconds": float(finding.seconds),
    }
    return case_document(finding.case) | {"finding": seen}


def finding_of(document: Any, origin: str) -> Finding:
    """Give the finding that a document holds; ``origin`` names the document in messages.

    Raises:
        UserError: The document is no finding, or none of this version.
    """
    case = case_of(document, origin)
    try:
        seen = field(document, "finding", dict)
        return Finding(
            signature=signature_of(field(seen, "signature", dict)),
            case=case,
            **{word: field(seen, word, str) for word in WORDS},
            mismatches=tuple(_mismatch(mismatch) for mismatch in field(seen, "mismatches", list)),
            expected=_arrays(field(seen, "expected", dict), case),
            radii=_arrays(field(seen, "radii", dict), case),
            difference=record(TextDifference, seen["difference"]) if seen.get("difference") else None,
            excerpt=_excerpt(seen["excerpt"]) if seen.get("excerpt") else None,
            seconds=field(seen, "seconds", float),
        )
    except Malformed as error:
        raise UserError(f"{origin} holds no finding: {error}") from error


def read_finding(folder: Path) -> Finding:
    """Read the finding in the folder of a bucket; raises UserError where there is none."""
    return finding_of(files.read_json(folder / "case.json"), str(folder / "case.json"))


def signature_document(signature: Signature) -> dict[str, Any]:
    """Give the JSON document of a signature."""
    return asdict(signature) | {"agreeing": list(signature.agreeing)}


def signature_of(document: Any) -> Signature:
    """Give the signature that a JSON object holds; raises Malformed where it holds none."""
    agreeing = field(document, "agreeing", list)
    words = {name: field(document, name, str) for name in ("kind", "layer", "construct", "dtype", "message")}
    if words["kind"] not in KINDS or words["layer"] not in LAYERS or not all(isinstance(e, str) for e in agreeing):
        raise Malformed(f"{words['kind']!r} in {words['layer']!r} is no signature")
    return Signature(**words, agreeing=tuple(agreeing))


def mismatch_document(mismatch: Mismatch) -> dict[str, Any]:
    """Give the JSON document of one element outside its bound."""
    return {
        "buffer": mismatch.buffer,
        "index": list(mismatch.index),
        **{name: values.to_json(getattr(mismatch, name)) for name in ("expected", "actual")},
        "radius": values.to_json(np.float64(mismatch.radius)),
    }


def _excerpt_document(excerpt: TextExcerpt) -> dict[str, Any]:
    return {"bodies": list(excerpt.bodies), "around": excerpt.around}


def _excerpt(document: Any) -> TextExcerpt:
    bodies = field(document, "bodies", list)
    if not all(isinstance(body, str) for body in bodies):
        raise Malformed("the bodies of an excerpt are texts")
    return TextExcerpt(tuple(bodies), field(document, "around", str))


def _mismatch(document: Any) -> Mismatch:
    index = field(document, "index", list)
    if not all(type(position) is int for position in index):
        raise Malformed(f"{index} is no index")
    expected, actual, radius = (value_of(document.get(name)) for name in ("expected", "actual", "radius"))
    if not isinstance(radius, np.float64) or not isinstance(expected, np.generic) or not isinstance(actual, np.generic):
        raise Malformed(f"the mismatch at {index} is not one of scalars")
    return Mismatch(field(document, "buffer", str), tuple(index), expected, actual, float(radius))


def _arrays(document: Any, case: TestCase) -> dict[str, NumpyArray]:
    arrays = {name: array_of(array) for name, array in document.items()}
    shapes = {buffer.name: buffer.data.shape for buffer in case.buffers}
    for name, array in arrays.items():
        if shapes.get(name) != array.shape:
            raise Malformed(f"no buffer {name!r} has the shape {list(array.shape)}")
    return arrays
