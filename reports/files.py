"""Files: written whole or not at all, and read with one sentence where that is not possible.

What a person names to be written has to be new: a name that nothing has (:func:`demand_new`), or a folder that has
nothing in it (:func:`demand_empty`). Only files in folders that are ours are replaced.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from grammar.errors import UserError

Write = Callable[[str], None]

PART = ".part"
"""What the name of a file ends in until it is whole."""

SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
"""How a half of a surrogate pair is written."""

LARGEST = 2**24
"""Bytes of a JSON file that is read: a hundred times those of our own test cases, and still read within a second."""


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Write]:
    """Yield a function that writes to a text file; a reader finds the old content or all of the new one, never a part.

    Raises:
        UserError: The folder cannot be written, or the disk is full; the old file is as it was.
    """
    with whole_path(path) as part:
        with told(path):
            file = part.open("w", encoding="utf-8")

        def write(text: str) -> None:
            with told(path):
                file.write(text)

        try:
            yield write
        finally:
            with told(path):
                file.close()


@contextlib.contextmanager
def whole_path(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside a file, which becomes the file's own at the end; raises as :func:`whole_file`."""
    part = part_of(path)
    if path.exists() and not path.is_file():
        raise UserError(f"{path} is not a file that could be replaced; choose another name")
    try:
        with told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)  # of an older process, or a link to somewhere else
        yield part
        with told(path):
            os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


@contextlib.contextmanager
def new_path(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside a file that a person named, which takes that name at the end.

    A temporary file that an interrupted process has left is taken over.

    Raises:
        UserError: There is something of that name, before or meanwhile; another process is writing the file; the
            folder cannot be written, or the disk is full.
    """
    demand_new(path)
    part = part_of(path)
    with told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
    with locked(part):
        try:
            yield part
            take_name(part, path)
        finally:
            with contextlib.suppress(OSError):
                part.unlink()


def part_of(path: Path) -> Path:
    """Return the temporary name of a file."""
    return path.with_name(f".{path.name}{PART}")


def take_name(part: Path, path: Path) -> None:
    """Return a file or folder the name that a person chose; raises UserError where that is taken or cannot be."""
    demand_new(path)
    with told(path):
        part.rename(path)


def demand_new(path: Path) -> None:
    """Raise UserError where a name that a person gave for a file is taken, be it by a link that leads nowhere."""
    if os.path.lexists(path):
        raise UserError(f"{path} exists already, and nothing is replaced: remove it or choose another name")


def demand_empty(folder: Path, own: Collection[str] = ()) -> None:
    """Raise UserError where a folder that a person named has something in it, besides names of our ``own``."""
    try:
        others = sorted(entry.name for entry in folder.iterdir() if entry.name not in own)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise UserError(f"{folder} cannot be read: {error.strerror or error}; choose another folder") from error
    if others:
        raise UserError(
            f"{folder} has something in it already ({others[0]}), and nothing there is touched: choose an empty or"
            " new folder"
        )


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a file or folder in the block, so that one process writes it; raises UserError where another one does."""
    descriptor = lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


def lock(path: Path) -> int:
    """Lock a file or folder until its descriptor, which is given, is closed; raises as :func:`locked`."""
    with told(path):
        descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise UserError(f"{path} is being written by another process; wait until it is done") from error
    return descriptor


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn an OSError into the sentence that a file cannot be written; the errors of others pass."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{path} cannot be written: {reason}; make room or choose another folder") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file; raises as :func:`whole_file` does."""
    with whole_file(path) as write:
        write(text)


def write_json(path: Path, document: Any) -> None:
    """Write one JSON document, indented; raises as :func:`write_text` does."""
    write_text(path, json_text(document))


def json_text(document: Any) -> str:
    """Return the text of one JSON document, indented, with a newline at its end."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def parsed(text: str) -> Any:
    """Read a JSON text as the standard has it: no NaN, no infinity, no half of a surrogate pair.

    Raises:
        ValueError: It is not JSON, or nested too deeply.
    """
    try:
        document = json.loads(text, parse_constant=_finite, parse_float=_finite)
        if SURROGATE.search(text):
            json.dumps(document, ensure_ascii=False).encode()  # raises where a half cannot be written again
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return document


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:60]} is no number of JSON")
    return number


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: There is no such file, it is larger than LARGEST, or it is not JSON.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UserError(f"{path} is larger than {LARGEST >> 20} MiB, so it is none of ours; name another file")
        return parsed(content.decode("utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UserError(f"{path} is not JSON: {error}") from error
