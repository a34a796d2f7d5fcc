from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from grammar.errors import UserError
from oracle.records import Signature, Verdict
from reports.case_documents import case_document
from reports.standing import Ended
from reports.store import FILE, VERSION, Store
from reports.terminal import render_report
from tests.reports import samples

ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "campaign", 7, {"warp": "1.19.0"}, {"workers": 2}, {"operations": ["add[float32]"]})


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    with Store.open(folder) as store:
        campaign, (bucket,) = store.campaign(), store.buckets()
        assert (campaign.seed, campaign.seconds, campaign.ended) == (7, 40.0, Ended.TIME)
        assert (campaign.versions, campaign.settings) == ({"warp": "1.19.0"}, {"workers": 2})
        assert store.completed_batches() == {0, 1, 2}
        assert bucket.signature == Signature("wrong_value", "front_end", "floordiv", "int32", agreeing=("reference",))
        assert (bucket.count, bucket.first_seen, bucket.last_seen, bucket.status) == (2, 12.5, 25.0, "new")
        assert bucket.folder.startswith("findings/wrong-value-front-end-floordiv-int32-")
        assert bucket.finding.mismatches[0].buffer == "out"


def test_an_accepted_kernel_keeps_its_case(tmp_path: Path) -> None:
    with Store.open(samples.campaign(tmp_path / "campaign")) as store:
        (kernel,) = store.kernels(Verdict.AGREE)
    assert (kernel.index, kernel.category, kernel.origin, kernel.statements) == (0, "math", "sweep", 8)
    assert case_document(kernel.case)["buffers"] == case_document(samples.case())["buffers"]
    assert kernel == samples.kernel(0, Verdict.AGREE)


def test_a_kernel_counts_with_the_most_interesting_verdict_of_its_engines() -> None:
    agreed = samples.kernel(0, Verdict.AGREE)
    both = replace(agreed, verdicts=(*agreed.verdicts, replace(agreed.verdicts[0], verdict=Verdict.UNSUPPORTED)))
    assert both.verdict is Verdict.AGREE
    assert replace(agreed, verdicts=()).verdict is Verdict.UNSUPPORTED


def test_a_campaign_goes_on_where_it_was(store: Store) -> None:
    store.record_batch(samples.batch(0))
    store.close()
    with Store.resume(store.folder) as resumed:
        resumed.record_batch(samples.batch(2))
        assert resumed.completed_batches() == {0, 2}
        assert resumed.campaign().ended is Ended.NOT
        assert resumed.tallies()["drafts"] == {"discarded": 2.0, "repairs": 10.0}


def test_a_campaign_that_goes_on_has_not_ended(tmp_path: Path) -> None:
    with Store.create(tmp_path, 7, {}, {}, {}) as store:
        store.finish(Ended.FAILED, 3.0, {}, 0, "the disk is full")
    with Store.open(tmp_path) as store:
        assert (store.campaign().ended, store.campaign().failure) == (Ended.FAILED, "the disk is full")
    with Store.resume(tmp_path) as store:
        assert (store.campaign().ended, store.campaign().failure) == (Ended.NOT, "")


def test_a_store_without_content_can_be_discarded(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "campaign", 7, {}, {}, {})
    assert not store.has_content()
    store.discard()
    assert not (tmp_path / "campaign").exists()


def test_what_a_person_put_beside_a_store_stays(tmp_path: Path) -> None:
    store = Store.create(tmp_path, 7, {}, {}, {})
    (tmp_path / "notes").touch()
    store.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_a_folder_that_has_something_in_it_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("a person's own")
    with pytest.raises(UserError, match=r"has something in it already \(notes\), and nothing there is touched: choose"):
        Store.create(tmp_path, 7, {}, {}, {})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"notes": "a person's own"}


def test_batches_and_findings_are_content(store: Store, tmp_path: Path) -> None:
    store.record_batch(samples.batch(0))
    assert store.has_content()
    with Store.create(tmp_path / "found", 7, {}, {}, {}) as other:
        other.record_finding(samples.finding(), 1.0)
        assert other.has_content()


def test_a_batch_is_recorded_once(store: Store) -> None:
    store.record_batch(samples.batch(0))
    with pytest.raises(sqlite3.IntegrityError):
        store.record_batch(samples.batch(0))
    assert store.tallies()["drafts"] == {"discarded": 1.0, "repairs": 5.0}


def test_kernels_of_a_verdict_are_counted_by_category(store: Store) -> None:
    assert store.categories(Verdict.AGREE) == {}
    store.record_batch(samples.batch(0))
    agreed = [kernel.category for kernel in store.kernels(Verdict.AGREE)]
    assert agreed
    assert store.categories(Verdict.AGREE) == {category: agreed.count(category) for category in agreed}


def test_the_seconds_of_a_campaign_never_go_back(store: Store) -> None:
    for elapsed, seconds in ((8.0, 8.0), (5.0, 8.0), (9.0, 9.0)):
        store.record_batch(replace(samples.batch(int(elapsed)), elapsed=elapsed))
        assert store.campaign().seconds == seconds
    store.finish(Ended.TIME, 7.0, {}, 0)
    assert store.campaign().seconds == 9.0


def test_a_batch_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    store.record_batch(samples.batch(0))
    overlapping = replace(samples.batch(1), kernels=(*samples.batch(1).kernels, samples.kernel(0, Verdict.AGREE)))
    with pytest.raises(sqlite3.IntegrityError):
        store.record_batch(overlapping)
    assert store.completed_batches() == {0}
    assert [kernel.index for kernel in store.kernels(Verdict.AGREE)] == [0]


def test_a_discrepancy_is_kept_until_it_is_settled(store: Store) -> None:
    found = (samples.discrepancy(0), samples.discrepancy(1))
    store.record_batch(replace(samples.batch(0), discrepancies=found))
    store.close()
    with Store.resume(store.folder) as resumed:
        kept = resumed.discrepancies()
        assert [(d.key, d.seen) for d in kept] == [((0, "warp-cpu"), 10.0), ((1, "warp-cpu"), 10.0)]
        assert kept[0].judgement == found[0].judgement
        assert case_document(kept[0].case) == case_document(found[0].case)
        resumed.settle(kept[0])
        assert [d.key for d in resumed.discrepancies()] == [(1, "warp-cpu")]
        assert resumed.unsettled() == 1


def test_an_unfinished_finding_can_be_taken_back_and_a_finished_one_cannot(store: Store) -> None:
    signature = samples.finding().signature
    store.record_finding(replace(samples.finding(), unfinished=True), 1.0)
    assert [bucket.unfinished for bucket in store.buckets()] == [True]
    assert store.withdraw_finding(signature)
    assert store.buckets() == []
    store.record_finding(samples.finding(), 1.0)
    assert not store.withdraw_finding(signature)
    assert [bucket.unfinished for bucket in store.buckets()] == [False]


def test_a_bucket_is_first_seen_when_the_earliest_of_its_findings_was_seen(store: Store) -> None:
    store.record_finding(samples.finding(), 20.0)
    store.count_finding(samples.finding().signature, 5.0)
    store.count_finding(samples.finding().signature, 12.0)
    (bucket,) = store.buckets()
    assert (bucket.first_seen, bucket.last_seen) == (5.0, 20.0)


def test_a_second_finding_of_a_bucket_is_counted(store: Store) -> None:
    store.record_finding(samples.finding(), 1.0)
    store.record_finding(replace(samples.finding(), message="smaller"), 2.0)
    (bucket,) = store.buckets()
    assert (bucket.count, bucket.first_seen, bucket.last_seen, bucket.finding.message) == (2, 1.0, 2.0, "smaller")


def test_a_finding_without_a_bucket_cannot_be_counted(store: Store) -> None:
    with pytest.raises(KeyError, match="wrong-value-front-end-floordiv-int32"):
        store.count_finding(samples.finding().signature, 1.0)


def test_a_store_is_read_while_it_is_written(store: Store) -> None:
    store.record_batch(samples.batch(0))
    with Store.open(store.folder) as reader:
        assert reader.completed_batches() == {0}
        store.record_batch(samples.batch(1))
        assert reader.completed_batches() == {0, 1}


def test_a_campaign_that_ended_is_one_plain_file(tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    assert sorted(path.name for path in folder.iterdir()) == [FILE, "findings"]


def test_one_process_writes(store: Store) -> None:
    with pytest.raises(UserError, match="is being written by another process"):
        Store.resume(store.folder)


def test_a_folder_with_a_campaign_is_not_taken_twice(store: Store) -> None:
    with pytest.raises(UserError, match="holds a campaign already; go on with --resume"):
        Store.create(store.folder, 8, {}, {}, {})


@pytest.mark.parametrize("make", [Store.open, Store.resume])
def test_a_folder_that_is_no_campaign_is_one_sentence(tmp_path: Path, make: type[Store]) -> None:
    with pytest.raises(UserError, match=r"is no campaign: it has no campaign\.sqlite; name the folder of one"):
        make(tmp_path)  # type: ignore[call-arg]  # one of the two constructors, which take the folder alone


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "campaigns").write_text("")
    with pytest.raises(UserError, match=r"cannot be made: .*; choose another folder with --out"):
        Store.create(tmp_path / "campaigns" / "one", 7, {}, {}, {})
    with pytest.raises(UserError, match="is no campaign"):
        Store.open(tmp_path / "campaigns" / "one")


def test_a_folder_in_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    with pytest.raises(UserError, match="holds a campaign already"):
        Store.create(tmp_path, 7, {}, {}, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not the store of a campaign; name the folder of one"),
        (b"hello", "is not the store of a campaign, or it is damaged"),
        (random.Random(0).randbytes(8192), "is not the store of a campaign, or it is damaged"),
        (b"SQLite format 3\0" + random.Random(0).randbytes(8192), "is not the store of a campaign, or it is damaged"),
    ],
)
def test_a_file_that_is_no_store_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UserError, match=sentence) as caught:
        Store.open(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_file_of_another_program_is_one_sentence(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE)
    other.execute("CREATE TABLE mine (x)")
    other.close()
    with pytest.raises(UserError, match="is not the store of a campaign; name the folder of one"):
        Store.open(tmp_path)


@pytest.mark.parametrize("version", sorted({0, VERSION - 1, VERSION + 1, 2**31 - 1}))
def test_the_store_of_another_version_is_one_sentence(version: int, tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    changed = sqlite3.connect(folder / FILE)
    changed.execute(f"PRAGMA user_version = {version}")
    changed.close()
    sentence = rf"was written by another version \(its tables are {version}, this version reads {VERSION}\)"
    for make in (Store.open, Store.resume):
        with pytest.raises(UserError, match=sentence):
            make(folder)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_truncated_store_is_one_sentence(tmp_path: Path, share: float) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    content = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(content[: int(share * len(content))])
    with pytest.raises(UserError, match=r"campaign\.sqlite is damaged") as caught:
        render_report(folder, Console(quiet=True))
    assert "\n" not in str(caught.value)


def test_a_store_with_changed_bytes_is_shown_or_is_one_sentence(tmp_path: Path) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    content = (folder / FILE).read_bytes()
    sentences = []
    for seed in range(300):
        draw = random.Random(seed)
        damaged = bytearray(content)
        for _ in range(20):
            damaged[draw.randrange(len(content))] = draw.randrange(256)
        (folder / FILE).write_bytes(damaged)
        try:
            render_report(folder, Console(quiet=True))
        except UserError as error:
            sentences.append(str(error))
    assert len(sentences) >= 10
    assert not any("\n" in sentence for sentence in sentences)


@pytest.mark.parametrize("make", [Store.open, Store.resume])
def test_a_garbage_page_is_one_sentence_wherever_it_lies(tmp_path: Path, make: type[Store]) -> None:
    folder = samples.campaign(tmp_path / "campaign")
    content = (folder / FILE).read_bytes()
    assert len(content) >= 10 * 4096
    for page in range(4096, len(content), 4096):
        garbage = random.Random(page).randbytes(4096)
        (folder / FILE).write_bytes(content[:page] + garbage + content[page + 4096 :])
        with pytest.raises(UserError, match=r"campaign\.sqlite is damaged.*summary\.json$") as caught:
            make(folder)  # type: ignore[call-arg]  # one of the two constructors, which take the folder alone
        assert "\n" not in str(caught.value)


def fill(store: Store) -> None:
    for index in range(1, 100):
        store.record_batch(samples.batch(index))


def test_a_full_disk_is_one_sentence_and_keeps_what_was_complete(store: Store) -> None:
    store.record_batch(samples.batch(0))
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite then answers as it does on a full disk
    with pytest.raises(UserError, match="cannot grow: the disk is full; what was complete is kept"):
        fill(store)
    complete = store.completed_batches()
    store.close()
    with Store.open(store.folder) as reader:
        assert reader.completed_batches() == complete >= {0}
        assert reader.tallies()["drafts"]["discarded"] == len(complete)


WRITER = """
import sys
from pathlib import Path
from reports.store import Store
from tests.reports import samples

with Store.create(Path(sys.argv[1]), 7, {}, {}, {}) as store:
    for index in range(10_000):
        store.record_batch(samples.batch(index))
        print(index, flush=True)
"""


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_everything_committed_survives_a_kill(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "campaign"
    command = [sys.executable, "-c", WRITER, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = [int(process.stdout.readline()) for _ in range(random.Random(seed).randrange(1, 30))]
        process.send_signal(signal.SIGKILL)
    moved = shutil.move(folder, tmp_path / "moved")
    with Store.resume(Path(moved)) as store:
        complete = store.completed_batches()
        assert complete == set(range(len(complete)))
        assert complete >= set(printed)
        assert [kernel.index for kernel in store.kernels(Verdict.AGREE)] == [
            2 * index for index in range(len(complete))
        ]
        assert store.tallies()["drafts"]["discarded"] == len(complete)
        store.record_batch(samples.batch(len(complete)))
