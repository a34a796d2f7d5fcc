"""How two campaigns differ: what is new, gone and still there, and what cannot be told.

A finding is gone only if the later campaign ran the very kernel that showed it, on the same engine, and it did not
depart; a finding is new only if the earlier one did so. Else it is not comparable, and the reason is said: another
seed, scope or engine, or a campaign that did not come as far. Known divergences are compared in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rich.console import Console

from oracle.records import Finding, Verdict
from reports.batch_records import Bucket, Campaign, EngineVerdict, KernelRecord
from reports.store import Store
from reports.summary import bucket_document
from reports.tables import line, times

SCOPE = ("only", "weights", "grammar")
"""Settings that decide, with the seed, which kernels are made."""

SETTINGS = ("device", "engines", *SCOPE)

STYLES = {"new": "bold red", "gone": "bold green", "still_there": "bold yellow", "not_comparable": ""}
"""The groups that things are sorted into, and the colours that they are shown in."""

EARLIER, LATER = "in the earlier campaign", "in the later campaign"

Document = dict[str, Any]


def comparison_document(folder: Path, other: Path) -> Document:
    """Return what differs between an earlier and a later campaign.

    ``differs`` has what differs in how they were started and how long they ran, each as a pair. ``new``, ``gone``,
    ``still_there`` and ``not_comparable`` are lists of findings, by signature; ``limitations`` has four such lists of
    known divergences by identifier. Where one campaign lacks it, ``seen`` says where it was seen, and ``why`` what the
    other one knows of its kernel.

    Raises:
        UserError: One of the folders holds no campaign of this version, or its store is damaged.
    """
    with Store.open(folder) as earlier, Store.open(other) as later:
        before, after = Side(earlier, EARLIER), Side(later, LATER)
        differs = _differences(before.campaign, after.campaign)
        sorters = Sorter(before, after, "gone", differs), Sorter(after, before, "new", differs)
        return {
            "before": str(folder),
            "after": str(other),
            "differs": differs,
            **_grouped(entry for sorter in sorters for entry in sorter.findings()),
            "limitations": _grouped(entry for sorter in sorters for entry in sorter.limitations()),
        }


Witness = tuple[KernelRecord, str]
"""A kernel, and the engine on which it showed something."""


@dataclass(frozen=True)
class Side:
    """One of the two campaigns, and what it is called in a sentence."""

    store: Store
    name: str

    @cached_property
    def campaign(self) -> Campaign:
        """How it was started, and how far it came."""
        return self.store.campaign()

    @cached_property
    def buckets(self) -> Mapping[str, Bucket]:
        """Its findings by signature."""
        return {bucket.signature.name: bucket for bucket in self.store.buckets()}

    @cached_property
    def limitations(self) -> Mapping[str, float]:
        """How often it met each known divergence."""
        return self.store.tallies().get("limitation", {})

    @cached_property
    def witnesses(self) -> Mapping[str, list[Witness]]:
        """The kernels that met each known divergence."""
        found: dict[str, list[Witness]] = {}
        for kernel in self.store.kernels(Verdict.KNOWN):
            for verdict in kernel.verdicts:
                if verdict.verdict is Verdict.KNOWN:
                    found.setdefault(verdict.reason, []).append((kernel, verdict.engine))
        return found


Sorted = tuple[str, Document]
"""An entry, and the group that it belongs to."""


@dataclass(frozen=True)
class Sorter:
    """Sorts what one campaign has.

    ``alone`` is the group of what the other one lacks, though it could have had it. With "gone", what both have is left
    to the sorter of the other.
    """

    side: Side
    other: Side
    alone: str
    differs: Document

    def findings(self) -> Iterator[Sorted]:
        """Sort its findings."""
        for name, bucket in self.side.buckets.items():
            witnesses = self._witnesses(bucket.finding) if name not in self.other.buckets else None
            yield from self._sorted(bucket_document(bucket), witnesses)

    def limitations(self) -> Iterator[Sorted]:
        """Sort the known divergences that it met."""
        for name, count in self.side.limitations.items():
            witnesses = self.side.witnesses.get(name, []) if name not in self.other.limitations else None
            yield from self._sorted({"limitation": name, "count": int(count)}, witnesses)

    def _witnesses(self, finding: Finding) -> list[Witness]:
        provenance = finding.case.provenance
        kernel = self.side.store.kernel(provenance.index) if provenance else None
        return [(kernel, finding.engine)] if kernel else []

    def _sorted(self, entry: Document, witnesses: list[Witness] | None) -> Iterator[Sorted]:
        if witnesses is None:
            if self.alone == "new":
                yield "still_there", entry
            return
        said = [self._known_of(kernel, engine) for kernel, engine in witnesses]
        could = [why for why, comparable in said if comparable]
        why = next(iter(could or [why for why, _ in said]), "it is not known which kernel showed it")
        yield (self.alone if could else "not_comparable"), {**entry, "seen": self.side.name, "why": why}

    def _known_of(self, kernel: KernelRecord, engine: str) -> tuple[str, bool]:
        """Say what the other campaign knows of a kernel on an engine, and whether it would have had what it showed."""
        again = self.other.store.kernel(kernel.index)
        if again is None or again.text_hash != kernel.text_hash:
            return self._not_run(kernel, again), False
        for verdict in again.verdicts:
            if verdict.engine == engine:
                return self._came_to(verdict)
        return f"{self.other.name} its kernel did not run on {engine}", False

    def _came_to(self, verdict: EngineVerdict) -> tuple[str, bool]:
        match verdict.verdict:
            case Verdict.AGREE:
                return f"{self.other.name} its kernel agrees on {verdict.engine}", True
            case Verdict.KNOWN:
                return f"{self.other.name} its kernel departs as the known divergence {verdict.reason} says", True
            case Verdict.DISCREPANCY:
                return f"{self.other.name} its kernel departs too, for another finding or not looked into", False
        return f"{self.other.name} its kernel was not compared on {verdict.engine}", False

    def _not_run(self, kernel: KernelRecord, again: KernelRecord | None) -> str:
        causes = [name for name in ("seed", *SCOPE, "warpsmith") if name in self.differs]
        if causes:
            return f"{self.other.name} its kernel was not made, for these differ: {', '.join(causes)}"
        if again is None:
            return f"{self.other.name} the hunt did not come as far as its kernel, number {kernel.index:,}"
        return f"{self.other.name} another kernel has its number, {kernel.index:,}"


def _differences(before: Campaign, after: Campaign) -> Document:
    both = [_facts(before), _facts(after)]
    names = dict.fromkeys(name for facts in both for name in facts)
    pairs = {name: [facts.get(name) for facts in both] for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _facts(campaign: Campaign) -> Document:
    """How a campaign was started, by name, and for how many seconds it ran."""
    settings = {name: campaign.settings.get(name) for name in SETTINGS}
    return {"seed": campaign.seed, **settings, "seconds": round(campaign.seconds), **campaign.versions}


def _grouped(entries: Iterable[Sorted]) -> dict[str, list[Document]]:
    groups: dict[str, list[Document]] = {group: [] for group in STYLES}
    for group, entry in entries:
        groups[group].append(entry)
    return groups


def render_comparison(folder: Path, other: Path, console: Console) -> None:
    """Print how two campaigns differ: their settings, their findings, the known divergences, and a count at the end.

    Raises:
        UserError: One of the folders holds no campaign of this version, or its store is damaged.
    """
    document = comparison_document(folder, other)
    console.print(line(f"before: {folder}\nafter:  {other}", "dim"), soft_wrap=True)
    for name, (was, became) in document["differs"].items():
        console.print(line(f"{name} differs: {_value(was)} before, {_value(became)} after", ""), soft_wrap=True)
    if document["differs"]:
        console.print()
    for group, style in STYLES.items():
        for entry in document[group]:
            console.print(line(_entry(group, entry["signature"], entry), style), soft_wrap=True)
    for group in STYLES:
        for entry in document["limitations"][group]:
            console.print(line(_entry(group, f"known divergence {entry['limitation']}", entry), ""), soft_wrap=True)
    console.print(line(f"Findings: {_counts(document)}.", "bold"))
    console.print(line(f"Known divergences: {_counts(document['limitations'])}.", ""))


def _words(group: str) -> str:
    return group.replace("_", " ")


def _entry(group: str, name: str, entry: Document) -> str:
    why = f": {entry['why']}" if "why" in entry else ""
    unfinished = ", unfinished" if entry.get("unfinished") else ""
    return f"{_words(group):<14} {name} (seen {times(entry['count'])}{unfinished}){why}"


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) and value else str(value or "none")


def _counts(groups: Mapping[str, Any]) -> str:
    return ", ".join(f"{len(groups[group])} {_words(group)}" for group in STYLES)
