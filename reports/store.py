"""The memory of a campaign: one SQLite file that survives ``kill -9`` and is read while it is written.

One process writes (the folder is locked), each batch is one transaction, and counters are kept beside the rows, so that
a summary of a long campaign is as quick as that of a short one. Every way in which a file, a folder or a disk can be at
fault becomes one sentence; what was committed before is kept.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from grammar.errors import UserError
from oracle.records import Finding, Signature, Verdict
from reports import files
from reports.batch_records import BatchRecord, Bucket, Campaign, Discrepancy, EngineVerdict, KernelRecord
from reports.case_documents import case_of, packed, unpacked
from reports.fields import INDICES, SEEDS, Malformed, line, number, shown, word
from reports.findings import (
    FOLDER,
    bucket_folder,
    finding_document,
    judgement_document,
    judgement_of,
    signature_document,
    signature_of,
)
from reports.standing import Ended

FILE = "campaign.sqlite"
APPLICATION_ID = 0x77617270  # "warp" in ASCII: what tells our files from other SQLite files
VERSION = 2  # of the tables below

TABLES = (
    "CREATE TABLE campaign (seed TEXT, versions TEXT, settings TEXT, started TEXT, seconds REAL,"
    " ended TEXT, failure TEXT)",
    "CREATE TABLE batches (batch INTEGER PRIMARY KEY, elapsed REAL)",
    "CREATE TABLE kernels (kernel INTEGER PRIMARY KEY, batch INTEGER, category TEXT, origin TEXT, statements INTEGER,"
    " verdict INTEGER, verdicts TEXT, text_hash TEXT, packed BLOB)",
    "CREATE INDEX kernels_by_verdict ON kernels (verdict)",
    "CREATE TABLE findings (name TEXT PRIMARY KEY, signature TEXT, count INTEGER, first_seen REAL, last_seen REAL,"
    " folder TEXT, status TEXT, unfinished INTEGER, packed BLOB)",
    "CREATE TABLE discrepancies (kernel INTEGER, engine TEXT, seen REAL, packed BLOB, PRIMARY KEY (kernel, engine))",
    "CREATE TABLE tallies (topic TEXT, name TEXT, amount REAL, PRIMARY KEY (topic, name)) WITHOUT ROWID",
)

ADD = (
    """INSERT INTO tallies VALUES (?, ?, ?) ON CONFLICT (topic, name) DO UPDATE SET amount = amount + excluded.amount"""
)

SENTENCES = {
    sqlite3.SQLITE_FULL: "{path} cannot grow: the disk is full; what was complete is kept, make room and use --resume",
    sqlite3.SQLITE_IOERR: "{path} cannot be read or written: the disk failed; what was complete is kept",
    sqlite3.SQLITE_READONLY: "{path} cannot be written: it is read-only; choose another folder with --out",
    sqlite3.SQLITE_CANTOPEN: "{path} cannot be opened; check the folder's permissions",
    sqlite3.SQLITE_BUSY: "{path} is locked by another process; wait until it is done",
    sqlite3.SQLITE_CORRUPT: "{path} is damaged; what can be read of it is in the campaign's findings and summary.json",
    sqlite3.SQLITE_TOOBIG: "{path} is damaged: a field is larger than any of ours",
    sqlite3.SQLITE_NOTADB: "{path} is not the store of a campaign, or it is damaged",
}


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the world into a sentence; what it says about our own SQL is passed on."""
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if _code(error) not in SENTENCES:
            raise
        raise UserError(SENTENCES[_code(error)].format(path=path)) from error


def _code(error: Exception) -> int:
    """Return SQLite's primary result code; Python gives none where a text is not UTF-8, which only damage explains."""
    if isinstance(error, UnicodeDecodeError) or "Could not decode" in str(error):
        return sqlite3.SQLITE_CORRUPT
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _damaged(path: Path, what: str) -> UserError:
    return UserError(f"{path} is damaged: {what}")


class Store:
    """The store of one campaign. Made by :meth:`create`, :meth:`resume` or :meth:`open`; a context manager."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: int | None) -> None:
        self.folder = folder
        self.path = folder / FILE
        self._connection = connection
        self._lock = lock

    @classmethod
    def create(
        cls,
        folder: Path,
        seed: int,
        versions: Mapping[str, str],
        settings: Mapping[str, Any],
        units: Mapping[str, Iterable[str]],
    ) -> Store:
        """Start the store of a new campaign in a folder, which is made.

        Args:
            folder: The campaign's folder.
            seed: The seed of all its randomness.
            versions: Versions of what takes part, by name.
            settings: How it was started; anything JSON can hold.
            units: Everything that coverage is counted over, by group: ``{"operations": ["add[float32]", ...]}``.

        Raises:
            UserError: The folder has a campaign or anything else in it already, or cannot be written.
        """
        demand_free(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"{folder} cannot be made: {error.strerror}; choose another folder with --out") from error
        store = cls(folder, _writable(folder / FILE), files.lock(folder))
        started = datetime.now(UTC).isoformat(timespec="seconds")
        with store._transaction():
            for statement in TABLES:
                store._connection.execute(statement)
            store._connection.execute(
                "INSERT INTO campaign VALUES (?, ?, ?, ?, 0.0, '', '')",
                (str(seed), json.dumps(dict(versions)), json.dumps(dict(settings)), started),
            )
            rows = [(f"coverage {group}", unit, 0.0) for group, names in units.items() for unit in names]
            store._connection.executemany(ADD, rows)
            store._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            store._connection.execute(f"PRAGMA user_version = {VERSION}")
        return store

    @classmethod
    def resume(cls, folder: Path) -> Store:
        """Open the store of a campaign to go on with it.

        Raises:
            UserError: There is no campaign of this version, it is damaged, or another process writes it.
        """
        _present(folder)
        _demand_no_link(folder)
        lock = files.lock(folder)
        store = cls(folder, _writable(folder / FILE), lock)._checked()
        with store._transaction():
            store._connection.execute("UPDATE campaign SET ended = '', failure = ''")
        return store

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Open the store of a campaign to read it, also while another process writes.

        Raises:
            UserError: There is no campaign of this version, or it is damaged.
        """
        path = _present(folder)
        alone = not os.access(folder, os.W_OK) and not path.with_name(FILE + "-wal").exists()
        query = "immutable=1" if alone else "mode=ro"  # a reader of a live store needs to write its index of the log
        with _told(path):
            connection = sqlite3.connect(f"file:{quote(str(path))}?{query}", uri=True)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, files.LARGEST)
        return cls(folder, connection, None)._checked()

    def close(self) -> None:
        """Close the store. The last writer leaves one plain file, which can be copied."""
        if self._lock is not None:
            with contextlib.suppress(sqlite3.Error):  # somebody reads: the log stays beside the file, nothing is lost
                self._connection.execute("PRAGMA journal_mode = DELETE")
            os.close(self._lock)
            self._lock = None
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def record_batch(self, batch: BatchRecord) -> None:
        """Write a complete batch in one transaction; raises UserError, and keeps nothing of it, where it cannot."""
        rows = [
            (k.index, batch.batch, k.category, k.origin, k.statements, int(k.verdict), _text(k), k.text_hash, k.packed)
            for k in batch.kernels
        ]
        found = [(*d.key, batch.elapsed, packed(judgement_document(d.judgement))) for d in batch.discrepancies]
        with self._transaction():
            self._connection.execute("INSERT INTO batches VALUES (?, ?)", (batch.batch, batch.elapsed))
            self._connection.executemany("INSERT INTO kernels VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            self._connection.executemany("INSERT INTO discrepancies VALUES (?, ?, ?, ?)", found)
            self._connection.executemany(ADD, [(*key, float(n)) for key, n in batch.tallies().items() if n])
            self._connection.execute("UPDATE campaign SET seconds = max(seconds, ?)", (batch.elapsed,))

    def record_finding(self, finding: Finding, seen: float, status: str = "new") -> None:
        """Start the bucket of a finding, or count it where there is one, which takes this finding instead of its own.

        Args:
            finding: The finding, reduced, or marked as unfinished.
            seen: Seconds of the campaign when it was seen.
            status: What is known of it: ``new``, or what a person decided.
        """
        row = (
            finding.signature.name,
            json.dumps(signature_document(finding.signature)),
            *(seen, seen, bucket_folder(finding.signature), status, int(finding.unfinished)),
            packed(finding_document(finding)),
        )
        with self._transaction():
            self._connection.execute(
                "INSERT INTO findings VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " count = count + 1, first_seen = min(first_seen, excluded.first_seen),"
                " last_seen = max(last_seen, excluded.last_seen), unfinished = excluded.unfinished,"
                " packed = excluded.packed",
                row,
            )

    def count_finding(self, signature: Signature, seen: float) -> None:
        """Count one more finding of a bucket that the store has; raises KeyError where it has none."""
        with self._transaction():
            changed = self._connection.execute(
                "UPDATE findings SET count = count + 1, first_seen = min(first_seen, ?), last_seen = max(last_seen, ?)"
                " WHERE name = ?",
                (seen, seen, signature.name),
            ).rowcount
        if not changed:
            raise KeyError(signature.name)

    def withdraw_finding(self, signature: Signature) -> bool:
        """Take an unfinished bucket back, and say whether there was one: what it showed is looked into after all."""
        with self._transaction():
            return bool(
                self._connection.execute(
                    "DELETE FROM findings WHERE name = ? AND unfinished", (signature.name,)
                ).rowcount
            )

    def settle(self, discrepancy: Discrepancy) -> None:
        """Note that a discrepancy was looked into, so that nobody needs to do it again."""
        with self._transaction():
            self._connection.execute("DELETE FROM discrepancies WHERE kernel = ? AND engine = ?", discrepancy.key)

    def finish(
        self,
        ended: Ended,
        elapsed: float,
        seconds: Mapping[str, float],
        suspects: int,
        failure: str = "",
    ) -> None:
        """Write how the campaign ended.

        Args:
            ended: How.
            elapsed: Seconds of the campaign now.
            seconds: The wall time of workers that belongs to no batch.
            suspects: How many batches crashed or hung in this run, of which it is not known why.
            failure: What kept it from going on.
        """
        with self._transaction():
            self._connection.execute(
                "UPDATE campaign SET ended = ?, failure = ?, seconds = max(seconds, ?)", (ended.value, failure, elapsed)
            )
            self._connection.executemany(ADD, [("seconds", name, value) for name, value in seconds.items()])
            self._connection.execute("DELETE FROM tallies WHERE topic = 'suspects'")
            self._connection.execute(ADD, ("suspects", "batches", float(suspects)))

    def discard(self) -> None:
        """Remove a store that nothing was recorded in, so that it does not count as a campaign, and close it."""
        self.close()
        self.path.unlink()
        with contextlib.suppress(OSError):  # there is something else in the folder
            self.folder.rmdir()

    def has_content(self) -> bool:
        """Say whether anything was recorded: a complete batch, or a finding."""
        return bool(self.completed_batches() or self.buckets())

    def completed_batches(self) -> frozenset[int]:
        """Return the indices of the batches that are complete."""
        return frozenset(batch for (batch,) in self._rows("SELECT batch FROM batches", int))

    def campaign(self) -> Campaign:
        """Return how the campaign was started, and how far it came."""
        query = "SELECT seed, versions, settings, started, seconds, ended, failure FROM campaign"
        for seed, versions, settings, started, seconds, ended, failure in self._rows(
            query, str, str, str, str, float, str, str
        ):
            with self._decoding():
                return Campaign(
                    seed=number({"seed": int(seed)}, "seed", SEEDS),
                    versions=_words(_object(versions)),
                    settings=_object(settings),
                    started=datetime.fromisoformat(started).isoformat(timespec="seconds"),
                    seconds=seconds,
                    ended=Ended(ended),
                    failure=failure,
                )
        raise _damaged(self.path, "it does not say how the campaign was started")

    def tallies(self) -> dict[str, dict[str, float]]:
        """Return all counters: amounts by name, by topic (see ``BatchRecord.tallies``); an absent topic is empty."""
        topics: dict[str, dict[str, float]] = defaultdict(dict)
        for topic, name, amount in self._rows("SELECT topic, name, amount FROM tallies", str, str, float):
            topics[topic][name] = amount
        return topics

    def buckets(self) -> list[Bucket]:
        """Return the buckets, in the order in which they were first seen."""
        columns = ("signature", "count", "first_seen", "last_seen", "folder", "status", "unfinished", "packed")
        found = []
        for row in self._rows(
            f"SELECT {', '.join(columns)} FROM findings ORDER BY first_seen, name",
            *(str, int, float, float, str, str, int, bytes),
        ):
            with self._decoding():
                found.append(_bucket(dict(zip(columns, row, strict=True))))
        return found

    def unsettled(self) -> int:
        """Count the discrepancies that were not looked into, without those that an unfinished bucket shows."""
        [(waiting,)] = self._rows("SELECT count(*) FROM discrepancies", int)
        return max(0, int(waiting) - sum(bucket.unfinished for bucket in self.buckets()))

    def discrepancies(self) -> list[Discrepancy]:
        """Return the discrepancies that were not looked into, in the order of their kernels."""
        query = (
            "SELECT kernel, discrepancies.packed, seen, kernels.packed FROM discrepancies JOIN kernels USING (kernel)"
            " ORDER BY kernel, engine"
        )
        found = []
        for index, judgement, seen, case in self._rows(query, int, bytes, float, bytes):
            origin = f"kernel {index} of the store"
            with self._decoding():
                case = case_of(unpacked(case, origin), origin)
                if case.provenance is None or case.provenance.index != index:
                    raise Malformed(f"the test case of kernel {index} is another one's")
                found.append(Discrepancy(case, judgement_of(unpacked(judgement, origin), case), seen))
        return found

    def kernels(self, verdict: Verdict) -> Iterator[KernelRecord]:
        """Return the kernels of a verdict, in the order of their index."""
        return self._kernels(f"verdict = {int(verdict)} ORDER BY kernel")

    def kernel(self, index: int) -> KernelRecord | None:
        """Return the kernel of an index; None where no complete batch has it."""
        return next(self._kernels(f"kernel = {index:d}"), None)

    def _kernels(self, which: str) -> Iterator[KernelRecord]:
        query = f"SELECT kernel, category, origin, statements, text_hash, packed, verdicts FROM kernels WHERE {which}"
        for index, category, origin, statements, digest, content, verdicts in self._rows(
            query, int, str, str, int, str, bytes, str
        ):
            with self._decoding():
                engines = tuple(map(_engine_verdict, _items(verdicts)))
                for text in (category, origin, digest):
                    line({"kernel": text}, "kernel")
            yield KernelRecord(index, category, origin, statements, digest, content, engines)

    def categories(self, verdict: Verdict) -> dict[str, int]:
        """Return how many kernels of a verdict there are in each category."""
        query = f"SELECT category, count(*) FROM kernels WHERE verdict = {int(verdict)} GROUP BY category"
        return dict(self._rows(query, str, int))

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Do all of it or nothing."""
        with _told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _decoding(self) -> Iterator[None]:
        """Turn what a damaged field does to its decoder into a sentence."""
        try:
            yield
        except (ValueError, Malformed) as error:
            raise _damaged(self.path, str(error)) from error

    def _rows(self, query: str, *kinds: type) -> Iterator[tuple[Any, ...]]:
        """Yield rows whose fields are of these kinds, whatever the file holds; its floats are amounts of something."""
        with _told(self.path):
            for row in self._connection.execute(query):
                if tuple(map(type, row)) != kinds:
                    raise _damaged(self.path, "a field is not of its type")
                if not all(0 <= value < math.inf for value in row if type(value) is float):
                    raise _damaged(self.path, "a number is out of range")
                yield row

    def _checked(self) -> Self:
        """Return the store itself where it is a sound one of this version; else close it."""
        try:
            self._check()
        except BaseException:
            self.close()
            raise
        return self

    def _check(self) -> None:
        with _told(self.path):
            ((application,),) = self._connection.execute("PRAGMA application_id")
            ((version,),) = self._connection.execute("PRAGMA user_version")
        if application != APPLICATION_ID:
            raise UserError(f"{self.path} is not the store of a campaign; name the folder of one")
        if version != VERSION:
            raise UserError(
                f"{self.path} was written by another version (its tables are {version}, this version reads {VERSION});"
                " read it with the version that wrote it"
            )
        if self._tables() != set(TABLES):
            raise _damaged(self.path, "its tables are not those of a campaign")
        self._check_pages()

    def _check_pages(self) -> None:
        """Walk all pages once, at about 1 GB/s: a damaged one might lie where nothing else of a report looks."""
        for (said,) in self._rows("PRAGMA quick_check(1)", str):
            if said != "ok":
                raise _damaged(self.path, f"{said.splitlines()[-1]}; see the campaign's findings and summary.json")

    def _tables(self) -> set[str]:
        try:
            return {table for (table,) in self._rows("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL", str)}
        except sqlite3.OperationalError as error:  # a query as plain as this one fails by the file's header alone
            raise _damaged(self.path, str(error)) from error


def demand_free(folder: Path) -> None:
    """Raise UserError where a folder has a campaign, or anything else, in it: a new campaign takes an empty one."""
    if os.path.lexists(folder / FILE):
        raise UserError(f"{folder} holds a campaign already; go on with --resume, or choose another folder with --out")
    files.demand_empty(folder)


def _present(folder: Path) -> Path:
    path = folder / FILE
    if not path.is_file():
        raise UserError(f"{folder} is no campaign: it has no {FILE}; name the folder of one")
    return path


def _demand_no_link(folder: Path) -> None:
    """Raise UserError where what a campaign writes would land outside of its folder."""
    for path in (folder / FOLDER, *sorted(folder.glob(f"{FILE}*"))):
        if path.is_symlink():
            raise UserError(f"{path} is a link, and a campaign writes into its own folder only; copy it")


def _writable(path: Path) -> sqlite3.Connection:
    with _told(path):
        connection = sqlite3.connect(path, isolation_level=None)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, files.LARGEST)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")  # survives kill -9; a power cut may cost the last batches
    return connection


def _text(kernel: KernelRecord) -> str:
    return json.dumps(
        [[v.engine, int(v.verdict), v.reason, v.elements, v.exact, v.uncompared] for v in kernel.verdicts]
    )


def _engine_verdict(item: Any) -> EngineVerdict:
    match item:
        case [str() as engine, int() as verdict, str() as reason, int() as elements, int() as exact, int() as left]:
            word({"engine": engine}, "engine")
            for count in (elements, exact, left):
                number({"count": count}, "count", INDICES)
            return EngineVerdict(engine, Verdict(verdict), reason, elements, exact, left)
    raise Malformed("a verdict has no engine")


def _bucket(row: Mapping[str, Any]) -> Bucket:
    signature = signature_of(_object(row["signature"]))
    if row["folder"] != bucket_folder(signature):
        raise Malformed(f"the folder of {signature.name} is {shown(row['folder'])}")
    return Bucket(
        signature=signature,
        count=number(row, "count", INDICES),
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        folder=row["folder"],
        status=word(row, "status"),
        unfinished=bool(number(row, "unfinished", range(2))),
        packed=row["packed"],
    )


def _words(document: dict[str, Any]) -> dict[str, str]:
    return {word({"version": name}, "version"): word(document, name) for name in document}


def _items(text: str) -> list[Any]:
    document = files.parsed(text)
    if not isinstance(document, list):
        raise Malformed("the verdicts are no JSON list")
    return document


def _object(text: str) -> dict[str, Any]:
    document = files.parsed(text)
    if not isinstance(document, dict):
        raise Malformed("a description is no JSON object")
    return document
