"""How a test case becomes records: its source, the code that Warp generates from it, and what is known of both.

A test case is a module of one or more kernels; its records name the one that is launched first. In the code that Warp
generates the hashes in the names of kernels are left out, so that the code of a kernel is a function of its source.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import fuzzer
from fuzzer.corpus.measures import measured
from grammar import emit
from grammar import nodes as n
from grammar.check import Kernel, Typing, written
from grammar.language import OWN_TEXT
from grammar.nodes import production_name_of
from grammar.trees import walk
from oracle.engines import engines_of
from oracle.records import Options, TestCase
from oracle.warp import warp_version
from oracle.warp.cutting import without_files
from reports.case_documents import buffer_document, launch_document
from reports.corpus.corpus_records import CorpusRecord, Device, Status

HASH = 16  # hexadecimal digits of the grammar's hash: enough to tell versions apart


def kernel_id(source: str, options: str) -> str:
    """Identify a kernel, whatever it is compiled for: SHA-256 of its source and its options (a JSON text)."""
    return _digest(source, options)


def record_id(source: str, options: str, device: str) -> str:
    """Identify a kernel for one device."""
    return _digest(source, options, device)


def identity_of(case: TestCase) -> str:
    """Identify the kernel of a test case."""
    return kernel_id(case.source, options_text(case.options))


def options_text(options: Options) -> str:
    """Return options as a record has them."""
    return json.dumps(asdict(options))


def grammar_hash() -> str:
    """Identify the grammar: the beginning of the SHA-256 of its text."""
    return hashlib.sha256(OWN_TEXT.encode()).hexdigest()[:HASH]


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


LICENCE = "Apache-2.0"
"""Of generated kernels, as of this project."""

Scope = Literal["full", "kernel"]
"""How much of the generated code a record has: the whole text, or the two functions of the kernel."""


LANGUAGES: Mapping[Device, str] = {"cpu": "cpp", "cuda": "cuda"}
"""What the fields with the functions for a device begin with."""

NO_FUNCTIONS = {f"{language}_{way}": "" for language in LANGUAGES.values() for way in ("forward", "backward")}


ENGINES: Mapping[Device, tuple[str, ...]] = {
    device: tuple(facts.name for facts in engines_of(device) if facts.executes) for device in LANGUAGES
}
"""What executes the code for each device, or compares it with code that is executed."""


@dataclass(frozen=True)
class Agreement:
    """An engine that agreed, the largest distance of its floats from the reference's, and the bound there."""

    engine: str
    max_deviation: float
    bound: float


@dataclass(frozen=True)
class Verification:
    """What executing a kernel has shown; see :class:`reports.corpus.corpus_records.CorpusRecord`."""

    status: Status
    outputs: str = ""
    agreements: tuple[Agreement, ...] = ()
    before: tuple[str, ...] = ()
    """The engines that agreed before, in a campaign, at the same options."""

    def of(self, device: Device) -> tuple[Agreement, ...]:
        """Return what has executed the code for a device and agreed."""
        return tuple(agreement for agreement in self.agreements if agreement.engine in ENGINES[device])

    def engines(self, device: Device) -> tuple[str, ...]:
        """Name the engines that have executed the code for a device and agreed, now or before."""
        agreed = {*self.before, *(agreement.engine for agreement in self.agreements)}
        return tuple(engine for engine in ENGINES[device] if engine in agreed)


class SharedSymbol(Exception):
    """Two kernels that differ have one hash, so that Warp generates one for both: which one differs between processes.

    Its hash takes a captured float for a float32, so instances of a factory share it whose floats round to one.
    """


UNVERIFIED = Verification("unverified")
"""Nothing was executed."""


def records_of(
    case: TestCase,
    typing: Typing,
    devices: Sequence[Device],
    scope: Scope = "full",
    verification: Verification = UNVERIFIED,
) -> tuple[CorpusRecord, ...]:
    """Generate the code of a test case and give a record for each device.

    Raises:
        WarpFailed: Warp's code generation refuses the test case.
        SharedSymbol: What it generates is not the same in every process.
    """
    from oracle.warp.text import generated_texts

    texts, symbols = generated_texts(case, *devices)
    used: dict[str, Mapping[str, n.Expr]] = {}
    for name, symbol in symbols.items():
        values = _used(typing.kernels[name])
        if used.setdefault(symbol, values) != values:
            raise SharedSymbol
    first = case.launches[0].kernel
    common = _common(case, typing) | {"mangled_name": symbols[first]}
    pairs = zip(devices, texts, strict=True)
    return tuple(
        scoped(_record(common | _verified(verification, device), device, first, _plain(text, symbols)), scope)
        for device, text in pairs
    )


def scoped(record: CorpusRecord, scope: Scope) -> CorpusRecord:
    """Return the record of a kernel with so much of the generated code."""
    functions = (record.cpp_forward, record.cpp_backward, record.cuda_forward, record.cuda_backward)
    return record if scope == "full" else replace(record, generated_code="\n\n".join(filter(None, functions)))


def _used(kernel: Kernel) -> dict[str, n.Expr]:
    """Return what a kernel captures of its factory and uses."""
    if not kernel.captured:
        return {}
    names = {node.id for node in walk(kernel.definition.body) if isinstance(node, n.Name)}
    return {name: value for name, value in kernel.captured.items() if name in names}


def _plain(code: str, symbols: Mapping[str, str]) -> str:
    for name, symbol in symbols.items():
        code = code.replace(symbol, name)
    return without_files(code)


def _verified(verification: Verification, device: Device) -> dict[str, Any]:
    """What the record for a device says of its verification."""
    agreements = verification.of(device)
    distance, bound = max(((a.max_deviation, a.bound) for a in agreements), default=(None, None))
    return {
        "status": verification.status,
        "outputs": verification.outputs,
        "verified_by": verification.engines(device),
        "max_deviation": distance,
        "bound": bound,
    }


def _common(case: TestCase, typing: Typing) -> dict[str, Any]:
    """What the records of a kernel have in common for all devices."""
    source = case.source
    kernel, provenance = typing.kernels[case.launches[0].kernel], case.provenance
    assert provenance is not None
    options = options_text(case.options)
    arguments = described_arguments(kernel)
    return {
        "kernel_name": case.launches[0].kernel,
        "category": provenance.category,
        "signature": f"{case.launches[0].kernel}({', '.join(arguments)})",
        "arg_types": arguments,
        "python_source": source,
        "launch": json.dumps([launch_document(launch) for launch in case.launches]),
        "inputs": json.dumps([buffer_document(buffer) for buffer in case.buffers]),
        "grad_verified": False,
        "features": tuple(sorted({production_name_of[type(node)] for node in walk(case.module)})),
        **vars(measured(case.source)),
        "cluster_id": kernel_id(source, options),
        "split": "train",
        "seed": provenance.seed,
        "index": provenance.index,
        "generator_version": fuzzer.__version__,
        "grammar_hash": grammar_hash(),
        "warp_version": warp_version(),
        "options": options,
        "licence": LICENCE,
        "origin": "generated",
    }


def described_arguments(kernel: Kernel) -> tuple[str, ...]:
    """Return the parameters of a kernel as they are written: ``("a0: wp.array[wp.float32]", "s0: float")``."""
    return tuple(f"{name}: {emit(written(type_))}" for name, type_ in zip(kernel.names, kernel.types, strict=True))


def _record(common: Mapping[str, Any], device: Device, kernel: str, code: str) -> CorpusRecord:
    functions = {way: _function(code, f"{kernel}_{device}_kernel_{way}") for way in ("forward", "backward")}
    fields: dict[str, Any] = NO_FUNCTIONS | {f"{LANGUAGES[device]}_{way}": text for way, text in functions.items()}
    return CorpusRecord(
        **common,
        id=record_id(common["python_source"], common["options"], device),
        device=device,
        generated_code=code,
        **fields,
    )


def _function(code: str, name: str) -> str:
    """Cut out a function: Warp sets it off by blank lines, and its last brace is the first that begins a line."""
    at = code.find(f"{name}(")
    return code[code.rfind("\n\n", 0, at) + 2 : code.index("\n}", at) + 2] if at >= 0 else ""
