"""Everything that a report knows of a campaign beyond its first page: its findings in full, and its tables.

The tables say how many kernels were made and judged, by what, how much of the language they reach, and what the time
went into; each says in its heading what it counts.
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

from oracle.records import Finding, Mismatch
from reports.batch_records import Bucket
from reports.commands import python
from reports.reproducer import actual_instead, allowed, apart, expected_instead, title, where, with_bits
from reports.values import plain

SHOWN = 5  # mismatches, reasons and the like: a screen is short, report.md and the store have all
BAR = 30  # columns of a full bar

HEADINGS = {
    "kernels": "Kernels, by what came of them",
    "elements": "Elements of outputs: an agreement of those with a large bound would say nothing (uncompared)",
    "engines": "Engines: what runs a kernel, and the share of kernels that each ran",
    "limitations": "Known divergences of Warp, and how often an engine departed exactly so",
    "reasons": "Why kernels were not compared, or not supported by an engine",
    "drafts": "Drafts of kernels: given up, and places repaired, because they were undefined",
    "reach": "How much of the longer kernels is executed by some thread",
    "coverage": "How much of the language some kernel has had",
    "time_share": "What the time of the worker processes went into",
}

COVERAGE = {
    "operations": "operations, each for each of its types",
    "forms": "constructs of the grammar",
}


def render_details(
    summary: Mapping[str, Any], found: Iterable[tuple[Bucket, Finding]], folder: Path, console: Console
) -> None:
    """Print the findings of a campaign in full, and its tables."""
    for bucket, finding in found:
        _print_bucket(bucket, finding, folder, console)
    console.print(Rule(line("Campaign", "bold"), align="left"))
    for name, rows in _tables(summary, console).items():
        console.print(_section(HEADINGS[name], rows))
    console.print(line(f"{summary['per_second']:.1f} kernels executed per second", ""))


def _tables(summary: Mapping[str, Any], console: Console) -> dict[str, list[tuple[str, Text]]]:
    covered = {
        COVERAGE.get(name, name): count["covered"] / max(1, count["total"])
        for name, count in summary["coverage"].items()
    }
    return {
        "kernels": _counted(summary["kernels"]),
        "elements": _counted(summary["elements"]),
        "engines": _ran(summary),
        "limitations": _counted(summary["limitations"]),
        "reasons": _counted(_most(summary["reasons"])),
        "drafts": _counted(summary["drafts"]),
        "reach": _shares(summary["reach"], console),
        "coverage": _shares(covered, console),
        "time_share": _shares(summary["time_share"], console),
    }


def _print_bucket(bucket: Bucket, finding: Finding, folder: Path, console: Console) -> None:
    console.print(Rule(line(title(bucket.signature, unfinished=bucket.unfinished), "bold"), align="left"))
    console.print(_kernel(finding), soft_wrap=True)
    console.print(line(_launches(finding), "dim"), soft_wrap=True)
    console.print(Padding(_evidence(finding), (1, 0), expand=False))
    facts = {
        "rule": finding.rule,
        "evidence": finding.evidence,
        "engine": finding.engine,
        "settings": ", ".join(
            f"{name}={value}" for name, value in vars(finding.case.options).items() if value is not None
        ),
        "message": finding.message,
        "seen": f"{times(bucket.count)}, first at {bucket.first_seen:,.1f} s, last at {bucket.last_seen:,.1f} s",
    }
    console.print(_pairs((name, line(text, "")) for name, text in facts.items() if text))
    path = folder / bucket.folder
    console.print(line(f"folder    {path}\nrun       {python()} {path / 'repro.py'}\n", "cyan"), soft_wrap=True)


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
        return _pairs([("expected", line(expected, "green")), ("actual", line(actual, "red"))])
    return mismatch_table(finding.mismatches)


def mismatch_table(mismatches: Sequence[Mismatch]) -> RenderableType:
    """Show the first elements outside their bounds: where, what was expected and seen with its bits, and the bound."""
    shown = [row for mismatch in mismatches[:SHOWN] for row in _mismatch(mismatch)]
    more = len(mismatches) - SHOWN
    return Group(_pairs(shown), *([line(f"and {more:,} more", "dim")] if more > 0 else []))


def _mismatch(mismatch: Mismatch) -> list[tuple[str, Text]]:
    return [
        (where(mismatch), line(f"expected {with_bits(mismatch.expected)}", "green")),
        ("", line(f"actual   {with_bits(mismatch.actual)}{apart(mismatch)}", "red")),
        ("", line(f"bound    {allowed(mismatch)}", "")),
    ]


def _section(name: str, rows: list[tuple[str, Text]]) -> RenderableType:
    return Group(line(name, "bold"), Padding(_pairs(rows), (0, 0, 0, 2), expand=False)) if rows else Group()


def _counted(counts: Mapping[str, int]) -> list[tuple[str, Text]]:
    return [(name, line(f"{count:>9,}", "")) for name, count in counts.items()]


def _ran(summary: Mapping[str, Any]) -> list[tuple[str, Text]]:
    kernels = max(1, summary["kernels"]["generated"] - summary["kernels"]["discarded"])
    return [(name, line(f"{count:>9,} {count / kernels:>6.1%}", "")) for name, count in summary["engines"].items()]


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SHOWN])


def _shares(shares: Mapping[str, float], console: Console) -> list[tuple[str, Text]]:
    block = "#" if console.options.ascii_only else "\N{FULL BLOCK}"
    return [(name, line(f"{share:>6.1%} {block * round(BAR * share)}", "")) for name, share in shares.items()]


def _pairs(rows: Iterable[tuple[str, Text]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(line(name, "dim"), text)
    return table


def line(text: str, style: str) -> Text:
    """Return a text as it is: never as markup, and without characters that act on a terminal."""
    return Text(plain(text), style)


def times(count: int) -> str:
    """Say how often: ``once``, ``2 times``."""
    return "once" if count == 1 else f"{count:,} times"
