"""Finding a stored test case: in a file, in the folder of a finding or of a campaign, or by how its name begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzzer.campaigns.settings import CAMPAIGNS
from fuzzer.campaigns.settings import USUAL_ENGINE
from grammar.errors import UserError
from oracle.records import Signature, TestCase
from oracle.reference import Expectation, Undefined, interpret
from reports.batch_records import Bucket
from reports.case_documents import case_of
from reports.files import read_json
from reports.findings import CASE, FOLDER, finding_of
from reports.store import FILE, Store
from reports.summary import newest_campaign

@dataclass(frozen=True, eq=False)
class Stored:
    """A stored test case: where it was found, the engine that runs it, and what it showed, if it is a finding's.

    It is ``unfinished`` where there was no time to reduce it.
    """

    origin: str
    case: TestCase
    engine: str = USUAL_ENGINE
    signature: Signature | None = None
    unfinished: bool = False

    @property
    def kind(self) -> str:
        """The kind of what it showed; "" if that is not known."""
        return self.signature.kind if self.signature else ""


def find_stored(name: str) -> Stored:
    """Find a test case: in a JSON file, in the folder of a finding or of a campaign, or by how a finding's name begins.

    A beginning alone is of the campaign in the working folder, or else of the newest one under ``campaigns``; behind
    the folder of a campaign, ``DIR/BEGINNING``, it is of that one.

    Raises:
        UserError: It is none of these, or stands for no finding or several.
    """
    path = Path(name)
    if is_campaign(path):
        return _only(_buckets(path), path, f"{path} has")
    if path.is_dir() and not (path / CASE).exists():
        raise UserError(f"{path} is no folder of a finding (it has no {CASE}) or of a campaign (it has no {FILE})")
    if path.exists():
        path = path / CASE if path.is_dir() else path
        return _from_document(read_json(path), str(path))
    campaign = _campaign_of(path)
    found = [bucket for bucket in _buckets(campaign) if bucket.signature.name.startswith(path.name)]
    if not found:
        raise UserError(f"there is no file {name!r}, and no finding whose name begins so in {campaign}; see report")
    return _only(found, campaign, f"{name!r} is the beginning of")


def is_campaign(folder: Path) -> bool:
    """Say whether a campaign is kept in a folder."""
    return (folder / FILE).is_file()


def _campaign_of(path: Path) -> Path:
    """The campaign that a beginning of a name, perhaps behind a folder, is looked up in."""
    folder = path.parent.parent if path.parent.name == FOLDER else path.parent
    return folder if is_campaign(folder) else newest_campaign(CAMPAIGNS)


def _buckets(campaign: Path) -> list[Bucket]:
    with Store.open(campaign) as store:
        return store.buckets()


def _only(buckets: list[Bucket], campaign: Path, said: str) -> Stored:
    if not buckets:
        raise UserError(f"{campaign} has no finding, so that there is nothing to run again")
    if len(buckets) > 1:
        names = ", ".join(str(campaign / bucket.folder) for bucket in buckets)
        raise UserError(f"{said} {len(buckets)} findings: name one of {names}")
    finding = buckets[0].finding
    return Stored(finding.signature.name, finding.case, finding.engine, finding.signature, finding.unfinished)


def _from_document(document: Any, origin: str) -> Stored:
    if not isinstance(document, dict) or "finding" not in document:
        case = case_of(document, origin)
        if not case.buffers:
            raise UserError(f"{origin} has no 'buffers', so that nothing could be compared; add an array to write to")
        return Stored(origin, case)
    finding = finding_of(document, origin)
    return Stored(origin, finding.case, finding.engine, finding.signature, finding.unfinished)


def expectation_of(case: TestCase, origin: str) -> Expectation:
    """Return what the reference expects of a stored test case; raises UserError where it has no defined meaning."""
    try:
        return interpret(case)
    except Undefined as undefined:
        raise UserError(f"{origin} has no defined meaning: {undefined.reason}") from undefined
    except RecursionError as error:
        raise UserError(f"{origin} cannot be computed: its functions call each other too deeply") from error
