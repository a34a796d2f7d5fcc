"""What ``generate`` and ``export`` say at their end: what was written, what was left out and why, and what to do next.

Two columns of plain text, so that no path is broken wherever it is shown.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fuzzer.corpus.request import Request
from reports.corpus.encoders import suffix_of
from reports.values import plain

Row = tuple[str, str]

ACTIVE = frozenset('"$`!\\')
"""What a shell takes for its own within double quotes."""

UNITS = ("bytes", "kB", "MB", "GB")
"""Each of them 1,024 of the one before, as for ``--target-mb-cpu``."""


def columns(rows: Iterable[Row]) -> str:
    """Give the text of rows: a label, and what is said of it."""
    rows = list(rows)
    width = max(len(label) for label, _ in rows)
    return "".join(plain(f"{label:<{width}}  {said}").rstrip() + "\n" for label, said in rows)


def of_export(request: Request, statistics: Mapping[str, Any]) -> Iterator[Row]:
    """Say what an export kept, and what it left out."""
    yield "kernels made", f"{statistics['kernels']:,}"
    yield "records", f"{statistics['records']:,}"
    for name in ("devices", "splits", "verified_by"):
        yield from _counts(statistics[name])
    yield from left_out(statistics["dropped"])
    yield "gates passed", ""
    yield from _counts(statistics["gates"])
    if statistics["gates_not_done"]:
        yield "gates not done", ""
    yield from ((f"  {gate}", reason) for gate, reason in statistics["gates_not_done"].items())
    yield from written([path for path in (request.out, *request.files) if path])
    yield "next", loading(request.out or next(iter(request.files)))


def of_drafts(kernels: int, records: int, out: Path | None, dropped: Mapping[str, int]) -> Iterator[Row]:
    """Say what was generated, and that it is unverified."""
    yield "kernels", f"{kernels:,}"
    yield "records", f"{records:,}, all of them unverified: nothing has executed their kernels"
    yield from left_out(dropped)
    if out:
        yield from written([out])
    yield "next", loading(out) if out else "python -m fuzzer export --help  # for verified ones"


def left_out(dropped: Mapping[str, int]) -> Iterator[Row]:
    """Say how much was left out for which reason."""
    counts = {reason: count for reason, count in dropped.items() if count}
    yield "left out", "" if counts else "nothing"
    yield from _counts(counts)


def _counts(counts: Mapping[str, int]) -> Iterator[Row]:
    return ((f"  {name}", f"{count:,}") for name, count in counts.items())


def written(paths: Sequence[Path]) -> Iterator[Row]:
    """Say how large files are, and a folder with all that is in it."""
    yield "written", ""
    for path in paths:
        files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
        number = f" in {len(files)} files" if path.is_dir() else ""
        yield f"  {path}", size_text(sum(file.stat().st_size for file in files)) + number


def size_text(size: int) -> str:
    """Give a number of bytes in the unit in which it has few digits."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {UNITS[unit]}" if unit else f"{size} bytes"


def loading(path: Path) -> str:
    """Give the command that loads a dataset, or a file of records, with ``datasets``."""
    called = repr(str(path))
    if not path.is_dir():
        builder = "parquet" if suffix_of(path) == ".parquet" else "json"
        called = f"{builder!r}, data_files={called}"
    code = f"import datasets; print(datasets.load_dataset({called}))"
    return "python -c " + (shlex.quote(code) if ACTIVE & set(code) else f'"{code}"')
