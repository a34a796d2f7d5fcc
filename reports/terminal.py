"""What was found, for a person at a terminal: the first screen says whether something is new, what, and how sure it is.

Everything that comes from a store is shown as text, never as markup, and without characters that act on a terminal.
Works in a terminal and in a pipe, from 80 columns on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from oracle.limitations import reservation
from oracle.records import Finding, Mismatch
from reports.batches import Bucket
from reports.reproducer import actual_instead, allowed, apart, expected_instead, title, where, with_bits
from reports.store import Store
from reports.summary import UNSETTLED, comparison_document, summary_document
from reports.values import plain

SHOWN = 5  # mismatches, reasons and the like: a screen is short, report.md and the store have all
BAR = 30  # columns of a full bar


def render_report(folder: Path, console: Console) -> None:
    """Print the report of a campaign.

    Raises:
        UserError: The folder holds no campaign of this version, or its store is damaged.
    """
    with Store.open(folder) as store:
        summary = summary_document(store)
        found = [(bucket, bucket.finding) for bucket in store.buckets()]
    console.print(_line(f"Campaign {folder}, seed {summary['seed']}, {_lasted(summary)}", "dim"), soft_wrap=True)
    console.print(_line(headline(summary), "bold red" if _new(summary) else "bold green"))
    console.print(_line(_sureness(summary), ""))
    if left := _left(summary["unsettled"]):
        console.print(_line(left, "bold yellow"))
    if reserved := reservation(str(summary["versions"].get("warp", ""))):
        console.print(_line(reserved, "yellow"))
    if found:
        console.print(_overview(found))
    for bucket, finding in found:
        _print_bucket(bucket, finding, folder, console)
    _print_summary(summary, console)


def render_comparison(folder: Path, other: Path, console: Console) -> None:
    """Print what is new, gone and still there in a campaign compared with an earlier one.

    Raises:
        UserError: One of the folders holds no campaign of this version, or its store is damaged.
    """
    document = comparison_document(folder, other)
    words = {"new": "bold red", "gone": "bold green", "still_there": "bold yellow"}
    counts = ", ".join(f"{len(document[word])} {word.replace('_', ' ')}" for word in words)
    console.print(_line(counts, "bold"))
    console.print(_line(f"before: {folder}\nafter:  {other}", "dim"), soft_wrap=True)
    for word, style in words.items():
        for entry in document[word]:
            text = f"{word.replace('_', ' '):<12} {entry['signature']}  (seen {_times(entry['count'])})"
            console.print(_line(text, style), soft_wrap=True)


def headline(summary: Mapping[str, Any]) -> str:
    """Say in one sentence what came out: ``2 new findings, 1 known divergence met, 2,310 kernels agreed``."""
    old = len(summary["findings"]) - _new(summary)
    parts = [
        _number(_new(summary), "new finding"),
        *([_number(old, "finding") + " decided before"] if old else []),
        _number(len(summary["limitations"]), "known divergence") + " met",
        _number(summary["kernels"]["agreed"], "kernel") + " agreed",
    ]
    return ", ".join(parts)


def _new(summary: Mapping[str, Any]) -> int:
    return sum(finding["status"] == "new" for finding in summary["findings"])


def _lasted(summary: Mapping[str, Any]) -> str:
    ended = "" if summary["exit_code"] is not None else ", not ended"
    return f"{summary['seconds']:,.0f} seconds{ended}"


def _sureness(summary: Mapping[str, Any]) -> str:
    compared, exact = (summary["elements"][name] for name in ("compared", "exact"))
    if not compared:
        return "Nothing was compared yet."
    uncompared = summary["kernels"]["uncompared"]
    left = f" {_number(uncompared, 'kernel')} ran without a comparison." if uncompared else ""
    return f"{_number(compared, 'output element')} compared, {exact / compared:.0%} of them bit by bit.{left}"


def _left(unsettled: Mapping[str, int]) -> str:
    words = {"discrepancies": "discrepancies", "batches": "batches that crashed or hung"}
    counts = ", ".join(f"{words[name]}: {unsettled[name]:,}" for name in UNSETTLED if unsettled[name])
    return f"Time was over before all was looked into ({counts}). Hunt for longer with the same seed." if counts else ""


def _overview(found: Iterable[tuple[Bucket, Finding]]) -> Table:
    table = Table(title="Findings", title_justify="left", expand=True, show_lines=True)
    table.add_column("signature", ratio=3, overflow="fold")
    table.add_column("what", ratio=3, overflow="fold")
    table.add_column("count", justify="right")
    table.add_column("first seen", justify="right")
    table.add_column("evidence", ratio=2, overflow="fold")
    for bucket, finding in found:
        s = bucket.signature
        status = "" if bucket.status == "new" else f"\n{bucket.status}"
        table.add_row(
            _line(s.name + status, "bold"),
            _line(f"{s.kind}\n{s.layer}\n{s.construct}\n{s.dtype}", ""),
            f"{bucket.count:,}",
            f"{bucket.first_seen:,.0f} s",
            _line(finding.evidence, ""),
        )
    return table


def _print_bucket(bucket: Bucket, finding: Finding, folder: Path, console: Console) -> None:
    console.print(Rule(_line(title(bucket.signature), "bold"), align="left"))
    console.print(_kernel(finding), soft_wrap=True)
    console.print(_line(_launches(finding), "dim"), soft_wrap=True)
    console.print(Padding(_evidence(finding), (1, 0), expand=False))
    facts = {
        "rule": finding.rule,
        "evidence": finding.evidence,
        "engine": finding.engine,
        "settings": ", ".join(
            f"{name}={value}" for name, value in vars(finding.case.options).items() if value is not None
        ),
        "message": finding.message,
        "seen": f"{_times(bucket.count)}, first at {bucket.first_seen:,.1f} s, last at {bucket.last_seen:,.1f} s",
    }
    console.print(_pairs((name, _line(text, "")) for name, text in facts.items() if text))
    path = folder / bucket.folder
    console.print(_line(f"folder    {path}\nrun       python {path / 'repro.py'}\n", "cyan"), soft_wrap=True)


def _kernel(finding: Finding) -> Text:
    text = Syntax("", "python", theme="ansi_dark").highlight(plain(finding.case.source))
    text.rstrip()
    return text


def _launches(finding: Finding) -> str:
    launches = [f"{launch.kernel}, dim={launch.dims}" for launch in finding.case.launches]
    buffers = [f"{buffer.name}{list(buffer.shape)} {buffer.layout}" for buffer in finding.case.buffers]
    return f"launch {'; '.join(launches)} with {', '.join(buffers)}"


def _evidence(finding: Finding) -> RenderableType:
    if not finding.mismatches:
        expected, actual = expected_instead(finding), actual_instead(finding)
        return _pairs([("expected", _line(expected, "green")), ("actual", _line(actual, "red"))])
    return mismatch_table(finding.mismatches)


def mismatch_table(mismatches: Sequence[Mismatch]) -> RenderableType:
    """Show the first elements outside their bounds: where, what was expected and seen with its bits, and the bound."""
    shown = [line for mismatch in mismatches[:SHOWN] for line in _mismatch(mismatch)]
    more = len(mismatches) - SHOWN
    return Group(_pairs(shown), *([_line(f"and {more:,} more", "dim")] if more > 0 else []))


def _mismatch(mismatch: Mismatch) -> list[tuple[str, Text]]:
    return [
        (where(mismatch), _line(f"expected {with_bits(mismatch.expected)}", "green")),
        ("", _line(f"actual   {with_bits(mismatch.actual)}{apart(mismatch)}", "red")),
        ("", _line(f"bound    {allowed(mismatch)}", "")),
    ]


def _print_summary(summary: Mapping[str, Any], console: Console) -> None:
    console.print(Rule(_line("Campaign", "bold"), align="left"))
    console.print(_section("Kernels", _counted(summary["kernels"])))
    console.print(_section("Engines, and the share of kernels that each ran", _ran(summary)))
    console.print(_section("Known divergences", _counted(summary["limitations"])))
    console.print(_section("Not compared, not supported", _counted(_most(summary["reasons"]))))
    console.print(_section("Drafts", _counted(summary["drafts"])))
    console.print(_section("Reach", _shares(summary["reach"], console)))
    covered = {name: count["covered"] / max(1, count["total"]) for name, count in summary["coverage"].items()}
    console.print(_section("Coverage of the sweep", _shares(covered, console)))
    console.print(_section("Time of the workers", _shares(summary["time_share"], console)))
    console.print(_line(f"{summary['per_second']:.1f} kernels per second", ""))


def _section(name: str, rows: list[tuple[str, Text]]) -> RenderableType:
    return Group(_line(name, "bold"), Padding(_pairs(rows), (0, 0, 0, 2), expand=False)) if rows else Group()


def _counted(counts: Mapping[str, int]) -> list[tuple[str, Text]]:
    return [(name, _line(f"{count:>9,}", "")) for name, count in counts.items()]


def _ran(summary: Mapping[str, Any]) -> list[tuple[str, Text]]:
    kernels = max(1, summary["kernels"]["generated"] - summary["kernels"]["discarded"])
    return [(name, _line(f"{count:>9,} {count / kernels:>6.1%}", "")) for name, count in summary["engines"].items()]


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN])


def _shares(shares: Mapping[str, float], console: Console) -> list[tuple[str, Text]]:
    block = "#" if console.options.ascii_only else "\N{FULL BLOCK}"
    return [(name, _line(f"{share:>6.1%} {block * round(BAR * share)}", "")) for name, share in shares.items()]


def _pairs(rows: Iterable[tuple[str, Text]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(_line(name, "dim"), text)
    return table


def _line(text: str, style: str) -> Text:
    return Text(plain(text), style)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
