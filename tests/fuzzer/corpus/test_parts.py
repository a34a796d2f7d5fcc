"""What was made for an export is kept until it is finished, and used again only where it fits."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from fuzzer.corpus.making import Made
from fuzzer.corpus.orders import Form, Order, StoredOrder
from fuzzer.corpus.production import Parts
from grammar.errors import UserError
from reports.batch_records import KernelRecord
from reports.case_documents import packed
from reports.corpus.corpus_records import document_of
from tests.reports.corpus.corpus_records import CPU

VERSIONS = {"warp": "1.19.0"}
ORDER = Order(3, ("math", "loops"), 40, 80, Form(("cpu", "cuda")))
KERNEL = KernelRecord(7, "math", "", 3, "ab", b"packed", ())
STORED = StoredOrder((KERNEL,), Form(("cpu",)))
MADE = [Made("ab", "{}", ("cd",), (CPU,)), Made("ef", "", (), (), "known")]


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """Let the system refuse files of this process that are larger, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("order", [ORDER, STORED])
def test_a_part_is_given_back_as_it_was(order: Order | StoredOrder, tmp_path: Path) -> None:
    Parts(tmp_path / "parts", VERSIONS).put(order, MADE)
    assert Parts(tmp_path / "parts", VERSIONS).get(order) == MADE


def test_a_part_that_was_not_made_is_none(tmp_path: Path) -> None:
    assert Parts(tmp_path / "parts", VERSIONS).get(ORDER) is None


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (ORDER, replace(ORDER, stop=50)),
        (ORDER, replace(ORDER, first=0)),
        (ORDER, replace(ORDER, seed=4)),
        (ORDER, replace(ORDER, form=Form(("cpu",)))),
        (ORDER, replace(ORDER, form=Form(("cpu", "cuda"), "kernel"))),
        (STORED, replace(STORED, kernels=(KERNEL, replace(KERNEL, index=8)))),
        (STORED, replace(STORED, kernels=(replace(KERNEL, packed=b"other"),))),
    ],
)
def test_what_was_made_of_another_order_is_made_anew(
    made: Order | StoredOrder, asked: Order | StoredOrder, tmp_path: Path
) -> None:
    parts = Parts(tmp_path / "parts", VERSIONS)
    parts.put(made, MADE)
    assert parts.get(asked) is None


def test_parts_of_another_version_are_made_anew(tmp_path: Path) -> None:
    Parts(tmp_path / "parts", VERSIONS).put(ORDER, MADE)
    assert Parts(tmp_path / "parts", {"warp": "1.20.0"}).get(ORDER) is None


def test_what_was_made_in_children_is_what_the_order_asks_for(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts", VERSIONS)
    parts.put(replace(ORDER, isolated=True), MADE)
    assert parts.get(ORDER) == MADE


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(
            UserError, match=r"\.json\.z cannot be written: File too large; make room or choose another folder"
        ),
        small_files(100),
    ):
        Parts(tmp_path / "parts", VERSIONS).put(ORDER, MADE)
    assert list((tmp_path / "parts").iterdir()) == []


DOCUMENT = {"identity": "", "fingerprint": "", "shapes": [], "records": [], "left_out": ""}
RECORD = document_of(MADE[0].records[0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no part",
        b"x\x9cK\xcf/\xcb\x04\x00\x04o\x01\x85",
        packed(5),
        packed([5]),
        packed([DOCUMENT | {"records": [5]}]),
        packed([DOCUMENT | {"shapes": [5]}]),
        packed([DOCUMENT | {"identity": None}]),
        packed([DOCUMENT | {"records": [RECORD | {"seed": "7"}]}]),
        packed([DOCUMENT | {"records": [RECORD | {"device": "tpu"}]}]),
        packed([DOCUMENT | {"records": [RECORD | {"grad_verified": 1}]}]),
        packed([DOCUMENT | {"records": [RECORD | {"features": [[]]}]}]),
    ],
)
def test_a_damaged_part_is_made_again(content: bytes, tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts", VERSIONS)
    parts.put(ORDER, MADE)
    parts.path(ORDER).write_bytes(content)
    assert parts.get(ORDER) is None
    parts.put(ORDER, MADE)
    assert parts.get(ORDER) == MADE


def test_a_part_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    parts = Parts(tmp_path / "parts", VERSIONS)
    parts.path(ORDER).mkdir(parents=True)
    with pytest.raises(UserError, match=r"\.json\.z cannot be read: Is a directory"):
        parts.get(ORDER)
