"""Command lines that a person can copy: as this program was started, from the folder that it was started in."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from reports.standing import Word

HOUR, MINUTE = 3600, 60


def python() -> str:
    """Return the interpreter that runs this, as short as a shell finds it: ``python``, ``.venv/bin/python``."""
    if shutil.which("python") == sys.executable:
        return "python"
    return min(sys.executable, os.path.relpath(sys.executable), key=len)


def program() -> str:
    """Return what this program is started with: its script where that was used, else the module."""
    script = Path(sys.argv[0])
    return script.name if script.name == "warpsmith" and shutil.which(script.name) else f"{python()} -m fuzzer"


def same_again() -> str:
    """Return the command line that this process was started with."""
    return f"{program()} {shlex.join(sys.argv[1:])}".rstrip()


def resuming(folder: Path, *flags: str) -> str:
    """Return the command that goes on with a campaign."""
    return f"{program()} --resume {shlex.join([str(folder), *flags])}"


def next_step(word: Word, folder: Path, reproducers: Sequence[Path], seconds: float, made: int) -> tuple[str, str]:
    """Return the one thing that a person wants to do next: in words, and as a command.

    Args:
        word: What the campaign comes to.
        folder: Its folder.
        reproducers: The scripts of its new findings that are finished.
        seconds: How long it ran.
        made: How many kernels were made, or given up, in batches that are complete.
    """
    if word is Word.FOUND and reproducers:
        return "see the first finding for yourself", f"{python()} {shlex.quote(str(reproducers[0]))}"
    if word is Word.CLEAN:
        return "go on for an hour", resuming(folder, "--seconds", f"{HOUR}")
    if word is Word.NOTHING and made:
        return "see which engines work here", f"{program()} doctor"
    if word is Word.NOTHING:
        return "give it more time", resuming(folder, "--seconds", f"{max(MINUTE, 2 * seconds):.0f}")
    return "go on where it stopped", resuming(folder)
