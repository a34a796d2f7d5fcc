"""The gates of an export: what is checked of a document that was read again.

Its source parses and no field names a folder of this machine. The kernel of a whole record, executed again, gives what
the record says, and a generated one, made again from seed and index, gives the same record.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from fuzzer.campaigns.settings import CATEGORIES
from fuzzer.corpus.folders import named_folder
from fuzzer.corpus.making import fresh_kernels
from fuzzer.corpus.orders import Form, Order
from fuzzer.corpus.request import Source
from fuzzer.corpus.verification import TEXT_AND_NATIVE
from grammar import emit, parse
from grammar.errors import UserError
from oracle.engines import engine_types
from oracle.judge import judge
from oracle.records import Verdict
from oracle.reference import interpret
from reports.case_documents import FORMAT, array_document, case_of
from reports.corpus.corpus_records import FIELDS, CorpusRecord, record_of

Gate = Literal["parsed", "without paths", "executed again", "made again"]
Document = Mapping[str, Any]

NOT_DONE: Mapping[Source, Mapping[Gate, str]] = {
    "fresh": {},
    "campaign": {"made again": "the kernels of a campaign follow from its settings, not from seed and index alone"},
    "harvest": {
        "executed again": "nobody said how the kernels of people are launched",
        "made again": "the kernels of people are not generated",
    },
}
"""The gates that an export cannot have, and why."""

OF_OTHERS = ("cluster_id", "split")
"""What a record has not of its own kernel alone, but by those that came before."""


class GateClosed(UserError):
    """A record is not what an export promises, which is a defect of ours."""


@dataclass(frozen=True)
class Promise:
    """What an export says of its documents.

    Attributes:
        source: Where their kernels are from.
        form: What a record has of the generated code, and what verifies it.
        folders: What :func:`fuzzer.corpus.folders.own_folders` gives.
        categories: Those that take turns in what is generated.
    """

    source: Source
    form: Form
    folders: tuple[str, ...]
    categories: tuple[str, ...] = CATEGORIES


def go_through(gate: Gate, document: Document, promise: Promise) -> None:
    """Check a document, which has to be a whole record where kernels are executed or made again; raises GateClosed."""
    try:
        _GATES[gate](document, promise)
    except (_Broken, UserError, SyntaxError) as error:
        raise GateClosed(
            f"{_name(document)} does not pass the gate {gate!r}: {error}. No file was written; this is a defect of"
            " warpsmith, please report it"
        ) from error


class _Broken(Exception):
    """What a promise is broken by, as the end of a sentence."""


def _name(document: Document) -> str:
    return f"the record {document['id']}" if "id" in document else f"a record of {document['metadata']['kernel_name']}"


def _parses(document: Document, promise: Promise) -> None:
    source = document["python_source"]
    if promise.source == "harvest":
        ast.parse(source)
    elif not _is_written_by_grammar(source):
        raise _Broken("its source is not written as the grammar writes it")


@lru_cache(maxsize=1)
def _is_written_by_grammar(source: str) -> bool:
    """Parse a source; the records of a kernel, one after the other in a dataset, share it."""
    return emit(parse(source)) == source


def _names_none(document: Document, promise: Promise) -> None:
    if folder := named_folder(document, promise.folders):
        raise _Broken(f"it names the folder {folder}")


def _gives_the_same(document: Document, promise: Promise) -> None:
    """Execute the kernel of a record as anybody would who has only the record."""
    record = record_of(document)
    case = case_of(
        {
            "format": FORMAT,
            "module": record.python_source,
            "buffers": json.loads(record.inputs),
            "launches": json.loads(record.launch),
            "options": json.loads(record.options),
        },
        "its source with its inputs",
    )
    expectation = interpret(case)
    outputs: Mapping[str, Any] = {name: array_document(array) for name, array in expectation.arrays.items()}
    if outputs != json.loads(record.outputs):
        raise _Broken("its outputs are not those of its source")
    text, _ = TEXT_AND_NATIVE
    [outcome] = engine_types()[text]().run([case])
    if judge(case, text, outcome, expectation).verdict is not Verdict.AGREE:
        raise _Broken("the code of its source does not give its outputs")


def _is_made_again(document: Document, promise: Promise) -> None:
    record = record_of(document)
    form = replace(promise.form, devices=(record.device,))
    [made] = fresh_kernels(Order(record.seed, promise.categories, record.index, record.index + 1, form))
    again = [replace(again, **{name: getattr(record, name) for name in OF_OTHERS}) for again in made.records]
    if again != [record]:
        raise _Broken(f"it differs in {_differences(record, again)} when its kernel is made again")


def _differences(record: CorpusRecord, again: Sequence[CorpusRecord]) -> str:
    differing = (name for name in FIELDS for other in again if getattr(record, name) != getattr(other, name))
    return ", ".join(differing) or "its status"


_GATES: Mapping[Gate, Callable[[Document, Promise], None]] = {
    "parsed": _parses,
    "without paths": _names_none,
    "executed again": _gives_the_same,
    "made again": _is_made_again,
}
"""What raises _Broken, UserError or SyntaxError for a document that does not pass."""
