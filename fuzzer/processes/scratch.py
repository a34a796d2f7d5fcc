"""The folder for the files of one process and its workers: locked while that process lives, removed afterwards.

A process that was killed cannot remove its folder. The lock, which the system drops with the process, tells the next
one that the folder is stale; process numbers, which are reused, would not.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from grammar.errors import UserError

PREFIX = "warpsmith-workers-"

ROOM = 64 << 20
"""Bytes that must be free: a worker's precompiled headers take 5 MB for each set of options, a batch some more."""


def claim_folder() -> tuple[Path, int]:
    """Make a locked folder and give it with the descriptor that holds the lock; remove the folders of dead processes.

    A folder gets the name under which others look for it only once it is locked.

    Raises:
        UserError: There is no folder for temporary files that can be written.
    """
    for stale in scratch_folders():
        with suppress(OSError):  # it is in use, or not ours
            release_folder(stale, _locked(stale))
    try:
        new = Path(tempfile.mkdtemp(prefix=f"new-{PREFIX}"))
    except OSError as error:
        raise UserError(f"no folder for temporary files can be made: {error}; set TMPDIR to another one") from error
    lock = _locked(new)
    return new.rename(new.with_name(new.name.removeprefix("new-"))), lock


def demand_room() -> None:
    """Raise UserError where the disk of the temporary files is all but full.

    A compiler that cannot write dies, hangs or complains of the code, so this is asked before a failure is believed.
    """
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise UserError(
            f"the disk of the temporary files in {folder} is full: {free >> 20} MB are left and {ROOM >> 20} MB needed;"
            " make room or set TMPDIR (what was made so far is kept, and a hunt goes on with --resume)"
        )


def release_folder(folder: Path, lock: int) -> None:
    """Remove the folder and give up its lock."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)


def scratch_folders() -> list[Path]:
    """All such folders on this machine, of any process, in use or stale."""
    return sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def _locked(folder: Path) -> int:
    """Lock a folder for this process and give the descriptor that holds the lock; OSError if another has it."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock
