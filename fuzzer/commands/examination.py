"""What works on this machine and what is missing: engines, versions, the grammar, caches.

Warp is asked in a process of its own: a broken installation may take its process down, and that is an answer too.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from fuzzer import __version__
from fuzzer.campaigns.settings import CAMPAIGNS
from fuzzer.processes.pool import Crashed, Finished, Raised, Task, TimedOut, Workers, run_alone
from fuzzer.processes.scratch import scratch_folders
from grammar.errors import UserError
from grammar.syntax import language
from oracle.limitations.catalogue import reservation

DISTRIBUTIONS = ("warp-lang", "numpy", "lark")
PATIENCE = 120.0  # seconds for Warp to start and name its devices; a cold CUDA driver takes some of them


def examine() -> dict[str, Any]:
    """Describe this machine as one document that JSON can hold.

    ``engines`` maps a name to ``available`` and ``reason`` (why, or why not), ``versions`` what runs here to
    its version, or None, ``reservation`` says where this Warp is newer than what is known of it (see
    :func:`oracle.limitations.catalogue.reservation`), ``grammar`` has the number of ``productions``, ``caches`` maps a
    folder to its bytes.
    """
    return {
        "engines": _engines(),
        "versions": {
            "warpsmith": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in DISTRIBUTIONS},
        },
        "reservation": reservation(_version("warp-lang") or ""),
        "grammar": {"productions": len(language().productions)},
        "caches": {str(folder): _size(folder) for folder in (CAMPAIGNS, *scratch_folders())},
    }


def render_examination(document: dict[str, Any], console: Console) -> None:
    """Print the document of :func:`examine` for people."""
    engines = Table("engine", "works", "why", box=None, pad_edge=False)
    for name, engine in document["engines"].items():
        engines.add_row(name, "yes" if engine["available"] else "no", engine["reason"])
    console.print(engines, "")
    for name, version in document["versions"].items():
        console.print(f"{name} {version or 'is not installed'}", highlight=False)
    if document["reservation"]:
        console.print(document["reservation"], highlight=False)
    console.print(f"the grammar loads: {document['grammar']['productions']} productions", highlight=False)
    for folder, size in document["caches"].items():
        console.print(f"{folder}: {size / 1e6:.1f} MB", highlight=False)


def working_engines(named: Sequence[str], usual: Sequence[str], workers: Workers) -> tuple[str, ...]:
    """Return the engines that a hunt uses: those that a person named, else the usual ones that work here.

    The workers of the hunt are asked, which are started by that. What is left out of the usual ones is said on standard
    error.

    Raises:
        UserError: A named one does not work here, or none of the usual ones does.
    """
    works = _engines_in(workers)
    reasons = {name: " ".join((works.get(name) or works["warp"])["reason"].split()) for name in named or usual}
    missing = {name: reason for name, reason in reasons.items() if not works.get(name, {}).get("available")}
    for name, reason in missing.items():
        if named or len(missing) == len(usual):
            raise UserError(f"the engine {name} does not work here: {reason}; see doctor")
        sys.stderr.write(f"warpsmith: hunting without {name}: {reason}\n")
    return tuple(name for name in reasons if name not in missing)


def _engines_in(workers: Workers) -> dict[str, dict[str, Any]]:
    """Ask all workers; where one of them does not answer, a process of its own says why."""
    for _ in range(workers.count):
        workers.submit(Task(_ask, None, PATIENCE))
    try:
        endings = list(workers.endings())
    except RuntimeError:  # no worker can be started
        return _engines()
    ended = [ending.value for ending in endings if isinstance(ending, Finished)]
    return _answers(ended[0]) if len(ended) == len(endings) else _engines()


def _engines() -> dict[str, dict[str, Any]]:
    match run_alone(Task(_ask_warp, None, PATIENCE), _note_cache):
        case Finished(_, answers):
            return _answers(answers)
        case Raised(_, traceback):
            reason = traceback.strip().splitlines()[-1]
        case Crashed(_, exit_code, stderr):
            reason = f"the process ended with exit code {exit_code}: {stderr.strip() or 'it printed nothing'}"
        case TimedOut():
            reason = f"no answer within {PATIENCE:.0f} seconds"
    return {"warp": {"available": False, "reason": reason}}


def _answers(engines: Mapping[str, tuple[bool, str]]) -> dict[str, dict[str, Any]]:
    return {name: {"available": works, "reason": reason} for name, (works, reason) in engines.items()}


def _ask(_: None) -> dict[str, tuple[bool, str]]:
    """Ask Warp in a process where it has started."""
    from oracle.engines import engines_available

    return engines_available()


def _note_cache(folder: Path) -> None:
    os.environ["WARP_CACHE_PATH"] = str(folder)


def _ask_warp(_: None) -> dict[str, tuple[bool, str]]:
    """Start Warp within the task, not before it, so that a start that fails is an ending with its reason."""
    from oracle.warp.session import start

    start(Path(os.environ["WARP_CACHE_PATH"]))
    return _ask(None)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
