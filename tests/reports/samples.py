"""Hand-made test cases, findings and campaigns for the tests of this package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from grammar import emit, parse
from grammar.types import BOOL, FLOAT16, FLOAT32, INT32, INT64, Matrix, Vector
from oracle.records import (
    Buffer,
    BufferRef,
    Finding,
    Judgement,
    Launch,
    Mismatch,
    Options,
    Provenance,
    Signature,
    TestCase,
    Verdict,
)
from reports.batch_records import BatchRecord, Discrepancy, KernelRecord
from reports.findings import bucket_folder
from reports.reproducer import write_finding
from reports.standing import Ended
from reports.store import Store

SOURCE = """\
import warp as wp

mat22i = wp.types.matrix(shape=(2, 2), dtype=wp.int32)


def make(scale):
    @wp.kernel
    def scaled(a: wp.array(dtype=wp.float32), s: wp.float32, out: wp.array(dtype=wp.float32)):
        i = wp.tid()
        out[i] = a[i] * s * scale

    return scaled


scaled = make(2.0)


@wp.kernel
def k(
    v: wp.array2d(dtype=wp.vec3), m: wp.array(dtype=mat22i), b: wp.array(dtype=wp.bool), h: wp.array(dtype=wp.float16),
    n: wp.array(dtype=wp.int64), w: wp.vec3, step: wp.int64
):
    i = wp.tid()
    v[i, 1] = v[i, 0] + w
    m[i] = m[i] + m[i]
    b[i] = not b[i]
    h[i] = h[i] + h[i]
    n[i] = n[i] + step
"""

NAN_WITH_PAYLOAD = np.array([0x7FC00ABC], np.uint32).view(np.float32)[0]


def case() -> TestCase:
    """A test case with every layout, a factory, two launches, a negative zero, infinities and the payload of a NaN."""
    vectors = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    buffers = (
        Buffer.of("a", FLOAT32, np.array([1.5, NAN_WITH_PAYLOAD, -0.0, np.inf], np.float32), "reversed"),
        Buffer.of("out", FLOAT32, np.zeros(4, np.float32)),
        Buffer.of("v", Vector(3, FLOAT32), vectors, "transposed"),
        Buffer.of("m", Matrix(2, 2, INT32), np.arange(16, dtype=np.int32).reshape(4, 2, 2), "strided"),
        Buffer.of("b", BOOL, np.array([True, False, False, True])),
        Buffer.of("h", FLOAT16, np.array([0.1, 6e-8, -2.0, np.nan], np.float16)),
        Buffer.of("n", INT64, np.array([-(2**63), 0, 7, 2**62], np.int64), "strided"),
    )
    scaled = (BufferRef("a"), np.float32(0.5), BufferRef("out"))
    w = (np.float32(0.5), np.float32(-1.0), np.float32(0.25))
    k = (*map(BufferRef, "vmbhn"), w, 3)
    launches = (Launch("scaled", (4,), scaled), Launch("k", (4,), k))
    return TestCase(parse(SOURCE), buffers, launches, Options(enable_backward=False), Provenance(7, 2, "math"))


def expected() -> dict[str, np.ndarray]:
    """What the test case must give: powers of two, so every product and sum is exact."""
    vectors = np.arange(24, dtype=np.float32).reshape(4, 2, 3)
    vectors[:, 1] = vectors[:, 0] + np.array([0.5, -1.0, 0.25], np.float32)
    return {
        "out": np.array([1.5, np.nan, -0.0, np.inf], np.float32),
        "v": vectors,
        "m": 2 * np.arange(16, dtype=np.int32).reshape(4, 2, 2),
        "b": np.array([False, True, True, False]),
        "h": np.array([0.2, 1.2e-7, -4.0, np.nan], np.float16),
        "n": np.array([-(2**63) + 3, 3, 10, 2**62 + 3], np.int64),
    }


def finding() -> Finding:
    """A finding about the test case: one float is one ULP off."""
    return Finding(
        signature=Signature("wrong_value", "front_end", "floordiv", "int32", agreeing=("reference",)),
        case=case(),
        engine="warp-cpu",
        mismatches=(Mismatch("out", (0,), np.float32(1.5), np.float32(1.5000001), 0.0),),
        message="",
        rule="Warp reference, Operators: 'Divide two scalars using floor division.'",
        evidence="seen again alone in a fresh process",
        expected=expected(),
        radii={},
        seconds=3.25,
    )


def discrepancy(index: int) -> Discrepancy:
    """The discrepancy of the kernel at an index of its campaign."""
    placed = replace(case(), provenance=Provenance(7, index, "math", "sweep"))
    return Discrepancy(
        placed, Judgement(Verdict.DISCREPANCY, "warp-cpu", "wrong_value", mismatches=finding().mismatches)
    )


def kernel(index: int, verdict: Verdict, reason: str = "") -> KernelRecord:
    """The record of the test case at an index of its campaign."""
    placed = replace(case(), provenance=Provenance(7, index, "math", "sweep"))
    judgement = Judgement(verdict, "warp-cpu", message=reason, elements=10, exact=8, uncompared=2)
    return KernelRecord.of(placed, [judgement])


def batch(index: int) -> BatchRecord:
    """A batch of two kernels, one agreed and one uncompared."""
    kernels = (kernel(2 * index, Verdict.AGREE), kernel(2 * index + 1, Verdict.UNCOMPARED, "every output is NaN"))
    return BatchRecord(
        index,
        kernels,
        elapsed=10.0 * (index + 1),
        discarded=1,
        repairs=5,
        seconds={"generate": 1.0, "warp_compile": 2.0, "nvrtc": 1.0},
        covered={"operations": ["add[float32]"]},
        reach={"operators executed": (57, 100)},
    )


def campaign(folder: Path) -> Path:
    """A small campaign of three batches and one finding that was met twice, which ended when its time was over."""
    units = {"operations": ["add[float32]", "sin[float32]"], "productions": ["if_stmt"]}
    with Store.create(folder, 7, {"warp": "1.19.0"}, {"workers": 2}, units) as store:
        store.record_batch(batch(0))
        unusual = (kernel(4, Verdict.KNOWN, "tan32"), kernel(5, Verdict.DISCREPANCY, "wrong_value"))
        store.record_batch(BatchRecord(1, unusual, elapsed=20.0))
        store.record_batch(BatchRecord(2, (kernel(6, Verdict.UNSUPPORTED, "no bool arrays"),), elapsed=30.0))
        found = finding()
        write_finding(folder / bucket_folder(found.signature), found, {"warp": "1.19.0"})
        store.record_finding(found, 12.5)
        store.count_finding(found.signature, 25.0)
        store.finish(Ended.TIME, 40.0, {"startup": 1.0, "idle": 5.0}, 0)
    return folder


def finding_source() -> str:
    """The source text of the finding's module, as the emitter writes it."""
    return emit(case().module)
