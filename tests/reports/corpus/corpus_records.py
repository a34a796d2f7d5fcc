"""Hand-made records and datasets for the tests of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reports.corpus.corpus_records import CorpusRecord
from reports.corpus.dataset import finish
from reports.corpus.record_files import sharded
from reports.corpus.schemas import SCHEMAS
from reports.corpus.statistics import Statistics

SOURCE = """\
import warp as wp


@wp.kernel
def k0(a0: wp.array[wp.float32], s0: float):
    a0[wp.tid()] = wp.sin(s0)
"""

CPU = CorpusRecord(
    id="c0" * 32,
    device="cpu",
    status="accepted",
    kernel_name="k0",
    category="math",
    description="1 kernel, 1 statement; sin",
    signature="k0(a0: wp.array[wp.float32], s0: float)",
    arg_types=("a0: wp.array[wp.float32]", "s0: float"),
    python_source=SOURCE,
    generated_code="void k0_cpu_kernel_forward() {}\nvoid k0_cpu_kernel_backward() {}\n",
    cpp_forward="void k0_cpu_kernel_forward() {}",
    cpp_backward="void k0_cpu_kernel_backward() {}",
    cuda_forward="",
    cuda_backward="",
    mangled_name="k0_1234abcd",
    launch='[{"kernel": "k0", "dims": [4]}]',
    inputs="{}",
    outputs="{}",
    verified_by=("warp-text", "warp-cpu"),
    max_deviation=1e-8,
    bound=4e-8,
    grad_verified=False,
    features=("assign", "call"),
    builtins=("sin",),
    statements=3,
    expressions=4,
    depth=0,
    cluster_id="c0" * 32,
    split="train",
    seed=7,
    index=3,
    generator_version="0.1.0",
    grammar_hash="0123abcd",
    warp_version="1.19.0",
    options='{"mode": "release"}',
    licence="Apache-2.0",
    origin="generated",
)

CUDA = replace(
    CPU,
    id="d0" * 32,
    device="cuda",
    generated_code="__global__ void k0_cuda_kernel_forward() {}\n",
    cpp_forward="",
    cpp_backward="",
    cuda_forward="__global__ void k0_cuda_kernel_forward() {}",
    cuda_backward="",
    verified_by=("warp-text",),
)

UNVERIFIED = replace(
    CPU,
    id="e0" * 32,
    status="unverified",
    category="loops",
    arg_types=("b0: wp.array2d[wp.vec3]",),
    outputs="",
    verified_by=(),
    max_deviation=None,
    bound=None,
    builtins=(),
    features=("assign", "for"),
    statements=5,
    expressions=2,
    depth=2,
    cluster_id="e0" * 32,
    split="test",
)

PERSONS = replace(
    UNVERIFIED,
    id="f0" * 32,
    category="",
    cluster_id="f0" * 32,
    split="validation",
    licence="NOASSERTION",
    origin="somebody 1.0, kernels.py, k0",
)

RECORDS = (CPU, CUDA, UNVERIFIED, PERSONS)

VERSIONS = {"warpsmith": "0.1.0", "warp": "1.19.0"}


def dataset(
    folder: Path,
    schema: str = "full",
    suffix: str = ".jsonl",
    records: tuple[CorpusRecord, ...] = RECORDS,
    dropped: Mapping[str, int] | None = None,
    settings: Mapping[str, Any] = MappingProxyType({"seed": 7}),
) -> Path:
    """Write a finished dataset of these records, and give its folder."""
    statistics = Statistics()
    with sharded(folder, SCHEMAS[schema], suffix) as shards:
        for record in records:
            shards.write(record)
            statistics.add(record)
    document: dict[str, Any] = statistics.document(dropped or {})
    finish(
        folder,
        shards=shards.complete,
        statistics=document,
        schema=SCHEMAS[schema],
        settings=dict(settings),
        versions=VERSIONS,
    )
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of every file in a folder, by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
