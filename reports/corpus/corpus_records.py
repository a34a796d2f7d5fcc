"""What the corpus keeps of a kernel: one flat record per kernel and device, every field always there.

A field is a text, a number, a bool or a list of texts, so that every format has a type for it. What has a structure of
its own (launches, inputs, outputs, options) is one JSON text, in the form that ``reports.case_documents`` gives it, bit
by bit.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reports.fields import is_of, shown

Device = Literal["cpu", "cuda"]
Status = Literal["unverified", "accepted", "discrepancy", "known"]
Split = Literal["train", "validation", "test", "composition", "sweep"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test", "composition", "sweep")


@dataclass(frozen=True)
class CorpusRecord:
    """One kernel, for one device.

    Attributes:
        id: SHA-256, in hexadecimal, of the canonical source, the options and the device.
        device: What ``generated_code`` is for: ``cpu`` or ``cuda``.
        status: ``unverified`` where nothing was executed; ``accepted`` where all engines of ``verified_by`` agreed;
            ``known`` where one departed as a limitation says; ``discrepancy`` where one departed otherwise.
        kernel_name: The kernel that is launched first.
        category: What kind of kernel was asked for; ``sweep`` for one that tries out a single operation or form; "" for
            a kernel that a person wrote.
        description: What it is made of, in a few words.
        signature: The parameters of the kernel as they are written: ``k0(a0: wp.array[wp.float32], s0: float)``.
        arg_types: The parameters one by one: ``["a0: wp.array[wp.float32]", "s0: float"]``.
        python_source: The module that defines the kernel, from ``import warp as wp`` on.
        generated_code: What Warp generates for the device: the whole text, or the kernel's functions alone.
        cpp_forward: The kernel's forward function in C++; like the next three "" where it was not generated.
        cpp_backward: Its backward function in C++.
        cuda_forward: Its forward function in CUDA.
        cuda_backward: Its backward function in CUDA.
        mangled_name: What Warp calls the kernel; in the code above its hash is left out.
        launch: JSON: the launches, in order; none where nobody said how the kernel is launched, and then no inputs.
        inputs: JSON: every buffer with its type, shape, layout and bytes before the first launch.
        outputs: JSON: every buffer after the last launch as the reference computes it; "" where it was not executed.
        verified_by: The engines that executed the code for the device and agreed, within the bounds of the reference,
            when the record was made or before in a campaign; ``warp-text`` executes that for cpu, and compares that for
            cuda with it.
        max_deviation: The largest distance of an engine's float from the reference's when the record was made, 0 where
            all are equal; None where nothing was executed then.
        bound: The distance that is allowed where that largest one was found; where all are equal, that which is allowed
            to the least exact float. None likewise.
        grad_verified: Whether gradients were compared too.
        features: The productions of the grammar that it uses, sorted.
        builtins: The builtins that it calls, sorted.
        statements: How many statements its module has.
        expressions: How many operations: operators, calls, subscripts and conditional expressions.
        depth: How deeply its blocks are nested; 0 for a body without blocks.
        cluster_id: The kernel that this one is nearly the same as, itself where there is none: the SHA-256 of its
            source and options, which its records for both devices share.
        split: ``train``, ``validation``, ``test``, ``composition`` or ``sweep``.
        seed: What the kernel was drawn from, with ``index``.
        index: Its number among the kernels of that seed; -1 for a kernel that a person wrote.
        generator_version: The version of warpsmith.
        grammar_hash: The beginning of the SHA-256 of the grammar.
        warp_version: The version of Warp.
        options: JSON: the module options that it is compiled with.
        licence: SPDX identifier of the source's licence, or NOASSERTION.
        origin: ``generated``, or where a person's kernel stands: distribution, version, path in it, name.
    """

    id: str
    device: Device
    status: Status
    kernel_name: str
    category: str
    description: str
    signature: str
    arg_types: tuple[str, ...]
    python_source: str
    generated_code: str
    cpp_forward: str
    cpp_backward: str
    cuda_forward: str
    cuda_backward: str
    mangled_name: str
    launch: str
    inputs: str
    outputs: str
    verified_by: tuple[str, ...]
    max_deviation: float | None
    bound: float | None
    grad_verified: bool
    features: tuple[str, ...]
    builtins: tuple[str, ...]
    statements: int
    expressions: int
    depth: int
    cluster_id: str
    split: Split
    seed: int
    index: int
    generator_version: str
    grammar_hash: str
    warp_version: str
    options: str
    licence: str
    origin: str


FIELDS = tuple(field.name for field in dataclasses.fields(CorpusRecord))


def document_of(record: CorpusRecord) -> dict[str, Any]:
    """Return the JSON document of a record: the schema ``full``."""
    return {name: _plain(getattr(record, name)) for name in FIELDS}


def record_of(document: Mapping[str, Any]) -> CorpusRecord:
    """Return the record of a document; raises TypeError where it has other fields, or one of another type."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    for name, hint in typing.get_type_hints(CorpusRecord).items():
        if name in values and not is_of(values[name], hint):
            raise TypeError(f"{name!r} of a record is {shown(values[name])}")
    return CorpusRecord(**values)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
