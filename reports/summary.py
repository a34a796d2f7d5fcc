"""The summary of a campaign, as a document: what ``summary.json`` holds and what ``report --json`` prints.

Everything is read from the store, so a summary can be made again at any time, also of a campaign that was killed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grammar.errors import UserError
from oracle.engines import ENGINES
from oracle.records import Verdict
from reports import files
from reports.batch_records import EXECUTED, Bucket
from reports.commands import next_step
from reports.findings import mismatch_document
from reports.standing import Facts, Standing, Word, standing_of
from reports.store import FILE, Store

SHARES = (
    *("startup", "idle", "generate", "reference", "warp_codegen", "judge", "store"),
    *(key for facts in ENGINES for key in facts.times),
)
"""What the workers' time goes into; last what each engine takes.

``reference`` is taken out of ``generate`` and ``judge``, which ask it. ``store`` is making the records of a batch; the
parent writes them, and no worker waits for that.
"""

GRADIENTS = ("judged", "agreed", "known", "discrepant", "excused")
ELEMENTS = ("compared", "exact", "uncompared")
"""Elements of outputs, counted once per engine: those compared, those of them that had to agree bit by bit, and those
whose bound is too large for an agreement to mean anything."""

WORDS = {
    Verdict.AGREE: "agreed",
    Verdict.KNOWN: "known",
    Verdict.DISCREPANCY: "discrepant",
    Verdict.UNCOMPARED: "uncompared",
    Verdict.UNSUPPORTED: "unsupported",
    Verdict.INVALID: "invalid",
}


def summary_document(store: Store) -> dict[str, Any]:
    """Return the summary of a campaign as it stands in its store (design: contracts).

    ``exit_code`` is None until the campaign has ended; ``standing`` says in a word, and ``sentence`` in a sentence, why
    it is so (see ``reports.standing``). ``time_share`` adds up to 1; where no time was measured at all, ``idle`` has
    all of it. ``gradients`` is zero throughout: no gradient is judged yet.
    """
    campaign, tallies = store.campaign(), store.tallies()
    kernels = _kernels(tallies)
    standing = standing_in(store)
    return {
        "seed": campaign.seed,
        "versions": campaign.versions,
        "settings": campaign.settings,
        "started": campaign.started,
        "seconds": campaign.seconds,
        "kernels": kernels,
        "drafts": {name: int(tallies["drafts"].get(name, 0)) for name in ("discarded", "repairs")},
        "elements": {name: int(tallies["elements"].get(name, 0)) for name in ELEMENTS},
        "gradients": dict.fromkeys(GRADIENTS, 0),
        "per_second": kernels["executed"] / campaign.seconds if campaign.seconds > 0 else 0.0,
        "time_share": _time_share(tallies["seconds"]),
        "engines": _counts(tallies["engine"]),
        "limitations": _counts(tallies["limitation"]),
        "reasons": _counts(tallies["reason"]),
        "unsettled": {"discrepancies": store.unsettled(), "batches": _suspects(tallies)},
        "reach": _reach(tallies),
        "findings": [bucket_document(bucket) for bucket in store.buckets()],
        "coverage": _coverage(tallies),
        "standing": standing.word.value,
        "sentence": standing.sentence,
        "exit_code": standing.exit_code,
    }


def standing_in(store: Store) -> Standing:
    """Decide what a campaign comes to, from what its store says."""
    campaign, tallies = store.campaign(), store.tallies()
    kernels = _kernels(tallies)
    new = [bucket for bucket in store.buckets() if bucket.status == "new"]
    reasons = sorted(tallies["reason"].items(), key=lambda item: (-item[1], item[0]))
    return standing_of(
        Facts(
            ended=campaign.ended,
            failure=campaign.failure,
            seconds=campaign.seconds,
            findings=len(new),
            unfinished=sum(bucket.unfinished for bucket in new),
            discrepancies=store.unsettled(),
            batches=_suspects(tallies),
            complete=len(store.completed_batches()),
            generated=kernels["generated"] - kernels["discarded"],
            agreed=kernels["agreed"],
            known=kernels["known"],
            discrepant=kernels["discrepant"],
            invalid=kernels["invalid"],
            reason=reasons[0][0] if reasons else "",
        )
    )


def bucket_document(bucket: Bucket) -> dict[str, Any]:
    """Return what the summary says of one bucket; its folder is relative to the campaign's."""
    signature = bucket.signature
    return {
        "signature": signature.name,
        "kind": signature.kind,
        "layer": signature.layer,
        "construct": signature.construct,
        "dtype": signature.dtype,
        "status": bucket.status,
        "unfinished": bucket.unfinished,
        "count": bucket.count,
        "folder": bucket.folder,
        "first_seen": bucket.first_seen,
        "last_seen": bucket.last_seen,
    }


def report_document(folder: Path) -> dict[str, Any]:
    """Return the summary of a campaign with everything that is known of its findings.

    Raises:
        UserError: The folder holds no campaign of this version, or its store is damaged.
    """
    with Store.open(folder) as store:
        document = summary_document(store)
        document["findings"] = [bucket_document(bucket) | _finding_document(bucket) for bucket in store.buckets()]
    return {"campaign": str(folder), "next": next_of(document, folder)[1]} | document


def next_of(summary: Mapping[str, Any], folder: Path) -> tuple[str, str]:
    """Return the one thing that a person wants to do next with a campaign: in words, and as a command."""
    finished = [x for x in summary["findings"] if x["status"] == "new" and not x["unfinished"]]
    reproducers = [folder / finding["folder"] / "repro.py" for finding in finished]
    made = summary["kernels"]["generated"]
    return next_step(Word(summary["standing"]), folder, reproducers, summary["seconds"], made)


def write_summary(store: Store) -> Path:
    """Write ``summary.json`` into the campaign's folder, whole or not at all, and give its path.

    Raises:
        UserError: The folder cannot be written, or the disk is full.
    """
    path = store.folder / "summary.json"
    files.write_json(path, summary_document(store))
    return path


def newest_campaign(root: Path) -> Path:
    """Return the folder of the campaign below ``root`` that was written last.

    Raises:
        UserError: There is none.
    """
    stores = sorted(root.glob(f"*/{FILE}"), key=lambda path: (path.stat().st_mtime_ns, str(path)))
    if not stores:
        raise UserError(f"{root} holds no campaign yet; start one with: python -m fuzzer --seconds 60")
    return stores[-1].parent


def _finding_document(bucket: Bucket) -> dict[str, Any]:
    finding = bucket.finding
    return {
        "engine": finding.engine,
        "message": finding.message,
        "rule": finding.rule,
        "evidence": finding.evidence,
        "module": finding.case.source,
        "mismatches": [mismatch_document(mismatch) for mismatch in finding.mismatches],
    }


def _kernels(tallies: Mapping[str, Mapping[str, float]]) -> dict[str, int]:
    by_verdict = {word: int(tallies["verdict"].get(verdict.name, 0)) for verdict, word in WORDS.items()}
    discarded = int(tallies["drafts"].get("discarded", 0))
    return {
        "generated": sum(by_verdict.values()) + discarded,
        "discarded": discarded,
        "executed": sum(by_verdict[WORDS[verdict]] for verdict in EXECUTED),
        **by_verdict,
    }


def _suspects(tallies: Mapping[str, Mapping[str, float]]) -> int:
    return int(tallies["suspects"].get("batches", 0))


def _time_share(seconds: Mapping[str, float]) -> dict[str, float]:
    total = sum(seconds.values())
    if total <= 0:
        return dict.fromkeys(SHARES, 0.0) | {"idle": 1.0}
    return dict.fromkeys(SHARES, 0.0) | {name: value / total for name, value in seconds.items()}


def _counts(tally: Mapping[str, float]) -> dict[str, int]:
    return {name: int(count) for name, count in tally.items()}


def _reach(tallies: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    parts = tallies["reach part"]
    return {name: parts.get(name, 0) / whole for name, whole in tallies["reach whole"].items()}


def _coverage(tallies: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, int]]:
    groups = {topic.partition(" ")[2]: units for topic, units in tallies.items() if topic.startswith("coverage ")}
    return {
        group: {"total": len(units), "covered": sum(count > 0 for count in units.values())}
        for group, units in groups.items()
    }
