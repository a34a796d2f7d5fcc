"""What an export keeps of what was made: each kernel once, in one cluster and one split."""

from __future__ import annotations

from dataclasses import replace

from fuzzer.corpus.assembly import IN_WARP, Assembly
from fuzzer.corpus.making import Made
from grammar import parse
from reports.corpus.fingerprints import fingerprint
from tests.reports.corpus.corpus_records import CPU, SOURCE


def made(number: int, source: str = SOURCE, *shapes: str, left_out: str = "") -> Made:
    identity = f"{number:064x}"
    records = tuple(replace(CPU, id=f"{device}{number}", device=device) for device in ("cpu", "cuda"))
    return Made(identity, fingerprint(parse(source)).text(), shapes, () if left_out else records, left_out)


OTHER = SOURCE.replace("wp.sin(s0)", "wp.max(s0, 1.0) - wp.min(s0, wp.tan(s0))")


def test_the_records_of_a_kernel_are_kept_together_in_its_cluster_and_split() -> None:
    [[cpu, cuda]] = Assembly(frozenset).kept([made(5)])
    assert (cpu.device, cuda.device) == ("cpu", "cuda")
    assert cpu.cluster_id == cuda.cluster_id == f"{5:064x}"
    assert cpu.split == cuda.split


STEPS = ("s0 * 3.0", "wp.min(x, 7.0)", "x - s0", "wp.sqrt(x)", "x / 5.0", "wp.cos(x)", "wp.floor(x)", "x + s0 * x")
LONG = SOURCE.partition("    a0[")[0] + "".join(f"    x = {step}\n" for step in STEPS) + "    a0[wp.tid()] = x\n"


def test_near_duplicates_are_in_one_cluster_and_so_in_one_split() -> None:
    similar = [LONG.replace("wp.cos", f"wp.{name}") for name in ("sin", "cos", "tan")]
    splits = set()
    for founder in range(0, 300, 3):
        kept = list(Assembly(frozenset).kept(map(made, range(founder, founder + 3), similar)))
        assert [cpu.cluster_id for cpu, _ in kept] == [f"{founder:064x}"] * 3
        (split,) = {record.split for records in kept for record in records}
        splits.add(split)
    assert splits == {"train", "validation", "test"}


def test_a_kernel_that_came_before_is_dropped_and_counted() -> None:
    assembly = Assembly(frozenset)
    renamed = SOURCE.replace("s0", "amount")
    assert len(list(assembly.kept([made(1), made(2), made(3, renamed), made(4, OTHER)]))) == 2
    assert assembly.kernels == 4
    assert assembly.dropped == {"exact": 1, "structural": 1, "capped": 0, "between": 0, IN_WARP: 0}


def test_a_kernel_that_warp_has_too_is_left_out() -> None:
    assembly = Assembly(lambda: {"shape"})
    assert not list(assembly.kept([made(1, SOURCE, "shape")]))
    assert assembly.dropped[IN_WARP] == 1


def test_a_kernel_without_a_record_for_one_device_is_kept_and_counted() -> None:
    assembly = Assembly(frozenset)
    item = made(1)
    [[cpu]] = assembly.kept([replace(item, records=item.records[:1], left_out="not executed for one device")])
    assert cpu.device == "cpu"
    assert assembly.dropped["not executed for one device"] == 1


def test_kernels_that_are_not_compared_with_those_of_warp_are_not_said_to_be() -> None:
    assembly = Assembly(None)
    assert len(list(assembly.kept([made(1, SOURCE, "shape")]))) == 1
    assert IN_WARP not in assembly.dropped


def test_why_a_kernel_has_no_records_is_counted() -> None:
    assembly = Assembly(frozenset)
    assert not list(assembly.kept([made(1, left_out="known"), made(2, left_out="known")]))
    assert assembly.dropped["known"] == 2
