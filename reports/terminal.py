"""What was found, for a person at a terminal: the first page of a report, made to be read from its end.

A terminal shows the last lines. So the findings come last, one sentence each with what was expected, what came out and
where its folder is; then the verdict and the one command that a person wants next. Names and paths are never broken, so
that they can be copied. Everything else is in :mod:`reports.tables`.

Everything that comes from a store is shown as text, never as markup, and without characters that act on a terminal.
Works in a terminal and in a pipe, from 80 columns on.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from oracle.limitations.catalogue import reservation
from oracle.records import Finding, Signature
from reports.batch_records import Bucket
from reports.commands import program
from reports.reproducer import actual_instead, expected_instead, where
from reports.standing import Word
from reports.store import Store
from reports.summary import next_of, summary_document
from reports.tables import line, render_details, times
from reports.values import readable

LAYERS = {
    "front_end": "Warp's front end",
    "cuda_text": "the CUDA text that Warp emits",
    "native": "Warp's native library",
    "optimiser": "the optimiser",
    "nvrtc": "NVRTC",
    "cache": "Warp's kernel cache",
    "gpu": "the GPU",
}
"""The layers of Warp in words, each the first that departs."""

STYLES = {Word.CLEAN: "bold green", Word.FOUND: "bold red"}
"""Colours of verdicts; yellow for those that are neither."""


def render_report(folder: Path, console: Console, *, verbose: bool = False) -> None:
    """Print the report of a campaign; ``verbose`` puts its findings in full, and its tables, before it.

    Raises:
        UserError: The folder holds no campaign of this version, or its store is damaged.
    """
    with Store.open(folder) as store:
        summary = summary_document(store)
        found = [(bucket, bucket.finding) for bucket in store.buckets()]
    if verbose:
        render_details(summary, found, folder, console)
    console.print(line(f"Campaign {folder}: seed {summary['seed']}, {_lasted(summary)}", "dim"), soft_wrap=True)
    if sureness := _sureness(summary):
        console.print(line(sureness, ""))
    if reserved := reservation(str(summary["versions"].get("warp", ""))):
        console.print(line(reserved, "yellow"))
    if not verbose:
        console.print(line(f"All tables: {program()} report {folder} --verbose", "dim"), soft_wrap=True)
    for number, (bucket, finding) in enumerate(found, 1):
        _print_finding(number, bucket, finding, folder, console)
    console.print()
    console.print(line(summary["sentence"], STYLES.get(Word(summary["standing"]), "bold yellow")))
    words, command = next_of(summary, folder)
    console.print(line(f"Next, {words}:", ""))
    console.print(line(f"  {command}", "cyan"), soft_wrap=True)


def headline(signature: Signature) -> str:
    """Say in words what a finding is: ``wrong value in Warp's front end: floordiv (int32)``."""
    what = f"{signature.kind.replace('_', ' ')} in {LAYERS[signature.layer]}: {', '.join(signature.construct.split())}"
    return f"{what} ({signature.dtype})" if signature.dtype else what


def _print_finding(number: int, bucket: Bucket, finding: Finding, folder: Path, console: Console) -> None:
    status = "" if bucket.status == "new" else f", {bucket.status}"
    unfinished = ", UNFINISHED: its kernel is not reduced yet (--resume does it)" if bucket.unfinished else ""
    seen = f"seen {times(bucket.count)}, first after {bucket.first_seen:,.0f} s{status}{unfinished}"
    console.print()
    console.print(line(f"{number}. {headline(bucket.signature)}; {seen}", "bold"))
    console.print(line(_instead(finding), ""), no_wrap=True, overflow="ellipsis")
    console.print(line(f"{folder / bucket.folder}", "cyan"), soft_wrap=True)


def _instead(finding: Finding) -> str:
    """Say in one line what was expected, and what came out."""
    if not finding.mismatches:
        message = f": {finding.message.splitlines()[0]}" if finding.message else ""
        return f"expected: {expected_instead(finding)}; actual: {actual_instead(finding)}{message}"
    first = finding.mismatches[0]
    return f"{where(first)}: expected {readable(first.expected)}, actual {readable(first.actual)}"


def _lasted(summary: Mapping[str, Any]) -> str:
    return f"{summary['seconds']:,.0f} seconds"


def _sureness(summary: Mapping[str, Any]) -> str:
    elements, kernels = summary["elements"], summary["kernels"]
    sentences = []
    if elements["compared"]:
        compared = f"{_number(elements['compared'], 'output element')} of {_number(kernels['executed'], 'kernel')}"
        exact = 100 * elements["exact"] // elements["compared"]  # rounded down: 100 % are all of them
        sentences.append(f"{compared} compared with the reference, {exact}% of them bit by bit.")
    if kernels["uncompared"]:
        sentences.append(f"{_number(kernels['uncompared'], 'kernel')} ran without a comparison.")
    if kernels["known"]:
        sentences.append(f"{_number(kernels['known'], 'kernel')} met a known divergence of Warp.")
    return " ".join(sentences)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
