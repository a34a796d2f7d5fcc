"""What is stored may come from anywhere: it is read, or refused in one sentence, and nothing is written elsewhere."""

from __future__ import annotations

import copy
import io
import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from fuzzer.campaigns.stored import expectation_of, find_stored
from grammar.errors import UserError
from oracle.records import Provenance, Verdict
from reports.campaign_comparison import comparison_document, render_comparison
from reports.case_documents import case_document, packed, unpacked
from reports.files import LARGEST, json_text, write_text
from reports.findings import finding_document, finding_of
from reports.reproducer import remove_finding, report_text, reproducer_text, write_finding
from reports.store import FILE, Store
from reports.summary import report_document
from reports.terminal import render_report
from tests.reports import samples

DOCUMENT = finding_document(samples.finding())
NAME = samples.finding().signature.name

STRANGE = ["", "x" * 100_000, "\x1b[2J", "[red]", "\n# x", "\u202e", "{{ x }}", "../..", "$(x)", "'"]
TEXTS = st.sampled_from(STRANGE)
NUMBERS = st.sampled_from([0, -1, 1, 2**31, 2**63, 2**64, 10**4000, 0.0, -0.5, 1e308])
NO_NUMBERS = st.sampled_from([float("nan"), float("inf"), float("-inf")])
WRONG = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS | NO_NUMBERS | st.just("\ud800") | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every container in a document with each of its keys or positions."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, item in list(items):
        yield document, key
        if isinstance(item, dict | list):
            yield from places(item)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The text of a finding's document with one or two fields gone, or replaced."""
    document = copy.deepcopy(DOCUMENT)
    for _ in range(draw(st.integers(1, 2))):
        container, key = draw(st.sampled_from(list(places(document))))
        if draw(st.booleans()) or isinstance(container, list):
            container[key] = draw(WRONG)
        else:
            del container[key]
    return json.dumps(document)


def look_at(text: str) -> None:
    """Read a finding, and do with it whatever is done with one that was read."""
    finding = finding_of(unpacked(zlib.compress(text.encode()), "it"), "it")
    json_text(finding_document(finding))
    report_text(finding, {})
    with suppress(ValueError):  # nothing in it says what to expect
        compile(reproducer_text(finding), "repro.py", "exec")
    expectation_of(finding.case, "it")


def refused(action: Callable[[Any], Any], what: Any) -> str:
    """Return the sentence by which something is refused; "" where it is not. Other exceptions are mistakes of ours."""
    try:
        action(what)
    except UserError as error:
        return str(error)
    return ""


@given(damaged())
@settings(max_examples=100, deadline=None)
def test_a_damaged_document_is_read_or_is_one_sentence(text: str) -> None:
    assert refused(look_at, text).isprintable()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = samples.campaign(tmp_path_factory.mktemp("sound") / "campaign")
    with Store.resume(folder) as store:
        store.record_batch(replace(samples.batch(5), discrepancies=(samples.discrepancy(10),)))
    return folder


def show(folder: Path) -> None:
    """Do with a campaign whatever only reads it; nothing that a terminal shows acts on it."""
    console = Console(file=io.StringIO(), width=80)
    render_report(folder, console, verbose=True)
    render_comparison(folder, folder, console)
    json_text(report_document(folder))
    json_text(comparison_document(folder, folder))
    find_stored(str(folder))
    with Store.open(folder) as store:
        store.discrepancies()
        for verdict in Verdict:
            for kernel in store.kernels(verdict):
                assert kernel.case
    assert isinstance(console.file, io.StringIO)
    assert all(c.isprintable() or c == "\n" for c in console.file.getvalue())


COLUMNS = [
    (table, column)
    for table, columns in {
        "campaign": "seed versions settings started seconds ended failure",
        "batches": "batch elapsed",
        "kernels": "kernel category origin statements verdict verdicts text_hash packed",
        "findings": "signature count first_seen last_seen folder status unfinished packed",
        "discrepancies": "engine kernel seen packed",
        "tallies": "topic name amount",
    }.items()
    for column in columns.split()
]

FIELDS = (
    st.none()
    | st.sampled_from([-1, 0, 2**63 - 1, -1.5, 1e308, float("inf"), b"", zlib.compress(b"[]"), zlib.compress(b"{}")])
    | TEXTS
    | WRONG.map(json.dumps)
)


@given(st.sampled_from(COLUMNS), FIELDS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_store_with_a_damaged_field_is_shown_or_is_one_sentence(
    sound: Path, tmp_path: Path, where: tuple[str, str], value: Any
) -> None:
    folder = tmp_path / "campaign"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sound, folder)
    table, column = where
    with closing(sqlite3.connect(folder / FILE)) as changed, suppress(sqlite3.IntegrityError):
        key = "topic, name" if table == "tallies" else "rowid"
        first = f"({key}) IN (SELECT {key} FROM {table} LIMIT 1)"
        changed.execute(f"UPDATE {table} SET {column} = ? WHERE {first}", [value])
        changed.commit()
    assert "\n" not in refused(show, folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["campaign"]


HOSTILE = [
    ("UPDATE campaign SET seed = '-1'", "is damaged: 'seed' is '-1', which is out of range"),
    ("UPDATE campaign SET seed = hex(zeroblob(5000))", "is damaged: Exceeds the limit"),
    ('UPDATE campaign SET versions = \'{"warp": "1 <img>"}\'', "'warp' is '1 <img>', which is no word"),
    ('UPDATE campaign SET versions = \'{"a b": "1"}\'', "'version' is 'a b', which is no word"),
    ("UPDATE campaign SET versions = '[]'", "a description is no JSON object"),
    ("UPDATE campaign SET started = 'now'", "Invalid isoformat string"),
    ("UPDATE campaign SET ended = 'well'", "'well' is not a valid Ended"),
    ("UPDATE campaign SET seconds = 9e999", "a number is out of range"),
    ("UPDATE campaign SET seconds = -1.0", "a number is out of range"),
    ("UPDATE tallies SET amount = 9e999", "a number is out of range"),
    ("UPDATE findings SET first_seen = -0.5", "a number is out of range"),
    ("UPDATE findings SET count = -1", "'count' is '-1', which is out of range"),
    ("UPDATE findings SET status = 'new [red]'", r"'status' is 'new \[red\]', which is no word"),
    ("UPDATE findings SET folder = '../../..'", f"the folder of {NAME} is '../../..'"),
    ("UPDATE findings SET folder = 'findings/x; rm -rf ~'", "is 'findings/x; rm -rf ~'"),
    (
        "UPDATE findings SET signature = replace(signature, 'floordiv', 'add')",
        "the folder of wrong-value-front-end-add",
    ),
    ("UPDATE findings SET unfinished = 2", "'unfinished' is '2', which is out of range"),
    ("UPDATE findings SET packed = zeroblob(20000000)", "is damaged: a field is larger than any of ours"),
    ("UPDATE kernels SET category = char(27) || '[2J'", r"'kernel' is '\\x1b\[2J', which is no line of text"),
    ("UPDATE kernels SET verdicts = replace(verdicts, '10', '-10')", "'count' is '-10', which is out of range"),
    ("UPDATE kernels SET verdicts = replace(verdicts, 'warp-cpu', '../x')", "'engine' is '../x', which is no word"),
    ("UPDATE kernels SET verdicts = replace(verdicts, 'cpu\", ', 'cpu\", 9')", r"9\d is not a valid Verdict"),
]


@pytest.mark.parametrize(("change", "sentence"), HOSTILE)
def test_each_field_of_a_store_is_checked_by_its_value(change: str, sentence: str, tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    with closing(sqlite3.connect(folder / FILE)) as changed:
        changed.execute(change)
        changed.commit()
    with pytest.raises(UserError, match=sentence):
        show(folder)


def test_a_finding_that_is_another_than_its_row_says_is_one_sentence(tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    other = replace(samples.finding(), signature=replace(samples.finding().signature, construct="add"))
    with closing(sqlite3.connect(folder / FILE)) as changed:
        changed.execute("UPDATE findings SET packed = ?", [packed(finding_document(other))])
        changed.commit()
    with pytest.raises(UserError, match=f"finding {NAME} of the store is damaged: it is wrong-value-front-end-add"):
        show(folder)


@pytest.mark.parametrize("size", [LARGEST + 1, 2 * LARGEST])
def test_a_field_that_becomes_too_large_is_one_sentence(size: int, tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    bomb = zlib.compressobj()
    content = b"".join([bomb.compress(b" " * 2**20) for _ in range(size // 2**20 + 1)] + [bomb.flush()])
    with closing(sqlite3.connect(folder / FILE)) as changed:
        changed.execute("UPDATE findings SET packed = ?", [content])
        changed.commit()
    with pytest.raises(UserError, match="of the store is damaged: it becomes larger than 16 MiB"):
        show(folder)


@pytest.mark.parametrize("name", ["findings", FILE, f"{FILE}-wal"])
def test_a_campaign_with_a_link_to_elsewhere_is_not_gone_on_with(name: str, tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    elsewhere = tmp_path / "elsewhere"
    if (folder / name).exists():
        (folder / name).rename(elsewhere)
    else:
        elsewhere.write_text("mine")
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(UserError, match=f"campaign/{name} is a link, and a campaign writes into its own folder only"):
        Store.resume(folder)


def test_a_finding_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "bucket").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="bucket is a link, and a campaign writes into its own folder only"):
        write_finding(tmp_path / "bucket", samples.finding(), {})
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_finding_is_not_removed_through_a_link(tmp_path: Path) -> None:
    write_finding(tmp_path / "elsewhere", samples.finding(), {})
    (tmp_path / "bucket").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="bucket is a link, and a campaign writes into its own folder only"):
        remove_finding(tmp_path / "bucket")
    assert len(list((tmp_path / "elsewhere").iterdir())) == 3


@pytest.mark.parametrize("provenance", [None, Provenance(7, 11, "math")])
def test_a_discrepancy_whose_kernel_is_another_is_one_sentence(provenance: Provenance | None, tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    with Store.resume(folder) as store:
        store.record_batch(replace(samples.batch(5), discrepancies=(samples.discrepancy(10),)))
    other = replace(samples.case(), provenance=provenance)
    with closing(sqlite3.connect(folder / FILE)) as changed:
        changed.execute("UPDATE kernels SET packed = ? WHERE kernel = 10", [packed(case_document(other))])
        changed.commit()
    with pytest.raises(UserError, match="the test case of kernel 10 is another one's"), Store.open(folder) as store:
        store.discrepancies()


def test_an_unfinished_finding_of_no_kernel_is_one_sentence(tmp_path: Path) -> None:
    nowhere = replace(samples.finding(), case=replace(samples.case(), provenance=None), unfinished=True)
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.record_finding(nowhere, 1.0)
        (bucket,) = store.buckets()
    with pytest.raises(UserError, match="is damaged: it does not say which kernel it is to be reduced from"):
        assert bucket.finding


def test_a_file_is_not_written_through_the_link_of_its_temporary_name(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    (tmp_path / ".summary.json.part").symlink_to(tmp_path / "mine")
    write_text(tmp_path / "summary.json", "new")
    assert (tmp_path / "mine").read_text() == "precious"
    assert (tmp_path / "summary.json").read_text() == "new"
