"""What ``generate`` and ``export`` say at their end: what was written, what was left out and why, and what to do next.

Two columns of plain text, so that no path is broken wherever it is shown.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from fuzzer.corpus.request import Request
from reports.corpus.encoding import suffix_of
from reports.values import plain

Row = tuple[str, str]

ACTIVE = frozenset('"$`!\\')
"""What a shell takes for its own within double quotes."""

UNITS = ("bytes", "kB", "MB", "GB")
"""Each of them 1,024 of the one before, as for ``--target-mb-cpu``."""


def columns(rows: Iterable[Row]) -> str:
    """Return the text of rows: a label, which is "" where it is that of the row before, and what is said of it."""
    rows = list(rows)
    width = max(len(label) for label, _ in rows)
    return "".join(plain(f"{label:<{width}}  {said}").rstrip() + "\n" for label, said in rows)


def of_export(request: Request, statistics: Mapping[str, Any]) -> Iterator[Row]:
    """Say what an export kept, and what it left out."""
    yield "kernels made", f"{statistics['kernels']:,}"
    yield "records", f"{statistics['records']:,}"
    for name in ("devices", "splits", "verified_by"):
        yield from ((f"  {value}", f"{count:,}") for value, count in statistics[name].items())
    yield from _left_out(statistics["dropped"])
    yield from _under("gates passed", (f"{gate}: {count:,}" for gate, count in statistics["gates"].items()))
    yield from _under("gates not done", (f"{gate}: {why}" for gate, why in statistics["gates_not_done"].items()))
    yield from _under("written", map(_size_of, filter(None, (request.out, *request.files))))
    yield "next", loading(request.out or next(iter(request.files)))


def of_drafts(kernels: int, records: int, out: Path | None, dropped: Mapping[str, int]) -> Iterator[Row]:
    """Say what was generated, and that it is unverified."""
    yield "kernels", f"{kernels:,}"
    yield "records", f"{records:,}, all of them unverified: nothing has executed their kernels"
    yield from _left_out(dropped)
    if out:
        yield "written", _size_of(out)
    yield "next", loading(out) if out else "python -m fuzzer export --help  # for verified ones"


def _left_out(dropped: Mapping[str, int]) -> Iterator[Row]:
    said = [f"{reason}: {count:,}" for reason, count in dropped.items() if count]
    return _under("left out", said or ["nothing"])


def _under(label: str, said: Iterable[str]) -> Iterator[Row]:
    return zip(chain([label], repeat("")), said, strict=False)


def _size_of(path: Path) -> str:
    """Say how large a file is, or a folder with all that is in it."""
    if not path.is_dir():
        return f"{path}: {size_text(path.stat().st_size)}"
    files = [file for file in path.rglob("*") if file.is_file()]
    return f"{path}: {size_text(sum(file.stat().st_size for file in files))} in {len(files)} files"


def size_text(size: int) -> str:
    """Return a number of bytes in the unit in which it has few digits."""
    amount, unit = float(size), 0
    while amount >= 1024 and unit < len(UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{amount:.1f} {UNITS[unit]}" if unit else f"{size} bytes"


def loading(path: Path) -> str:
    """Return the command that loads a dataset, or a file of records, with ``datasets``."""
    called = repr(str(path))
    if not path.is_dir():
        builder = "parquet" if suffix_of(path) == ".parquet" else "json"
        called = f"{builder!r}, data_files={called}"
    code = f"import datasets; print(datasets.load_dataset({called}))"
    return "python -c " + (shlex.quote(code) if ACTIVE & set(code) else f'"{code}"')
