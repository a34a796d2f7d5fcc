"""How worker processes are spawned: without the program that uses them.

What ``multiprocessing`` spawns imports the main module of its parent first, since what it is sent may be defined there.
A script without ``if __name__ == "__main__"`` would run again in every worker. What workers are sent is ours.
"""

from __future__ import annotations

import sys
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from threading import Lock
from types import ModuleType
from typing import Any

_hiding = Lock()


class LoneProcess(SpawnProcess):
    """A spawned process that does not import the main module of its parent."""

    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Any:  # noqa: N802  # the name is that of multiprocessing
        with _hiding:
            main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
            try:
                return SpawnProcess._Popen(process_obj)
            finally:
                sys.modules["__main__"] = main


class LoneContext(SpawnContext):
    """The context of ``multiprocessing`` in which processes are spawned so."""

    Process = LoneProcess
