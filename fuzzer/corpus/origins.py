"""Where harvested files stand: a source tree, one file, or an installed package, found without importing anything.

A file that belongs to a package (a folder with ``__init__.py``) is imported by its dotted name, any other as Python
does with a script: by its own name, its folder first among those that are searched.

The licence of a source file is an SPDX expression, from what is written for machines, never from a guess: first its own
line ``SPDX-License-Identifier``; else what the distribution that it belongs to declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import PathFinder
from importlib.metadata import Distribution
from pathlib import Path

from fuzzer.corpus.written_kernels import python_files
from grammar.errors import UserError

UNKNOWN = "NOASSERTION"

HEAD = 8192
"""Bytes of a file in which its licence is looked for."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "zlib/libpng License": "Zlib",
}
"""Classifiers ``License :: OSI Approved :: ...`` that stand for one licence. ``BSD License``, say, is several."""

_LINE = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() -]*[A-Za-z0-9.+)])")


def file_licence(path: Path) -> str:
    """Return the SPDX expression that a file states in its first HEAD bytes; "" where it states none."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).decode(errors="replace")
    except OSError:
        return ""
    found = _LINE.search(head)
    return found[1] if found else ""


def distribution_licence(distribution: Distribution) -> str:
    """Return the SPDX expression that a distribution declares for its files; NOASSERTION where it is not sure."""
    for expression in distribution.metadata.get_all("License-Expression") or ():
        return str(expression)
    names = [text.rpartition(" :: ")[2] for text in distribution.metadata.get_all("Classifier") or () if _is_one(text)]
    licences = {CLASSIFIERS.get(name, UNKNOWN) for name in names}
    return licences.pop() if len(licences) == 1 else UNKNOWN


def _is_one(classifier: str) -> bool:
    return classifier.startswith("License :: ") and classifier != "License :: OSI Approved"


def combined(licences: Iterable[str]) -> str:
    """Return the expression for a text that was put together from files with these licences."""
    distinct = sorted(set(licences))
    if len(distinct) == 1:
        return distinct[0]
    if UNKNOWN in distinct:
        return UNKNOWN
    return " AND ".join(f"({licence})" if " " in licence else licence for licence in distinct)


_KERNEL = re.compile(rb"\bkernel\b|\bKernel\b")


@dataclass(frozen=True)
class SourceTree:
    """Files that belong together.

    Attributes:
        root: The folder that places are relative to.
        files: The Python files in which a kernel is named, in order.
        package: The folder whose files have the licence.
        name: What it is called, without a place on this machine: ``warp-lang 1.19.0 warp/fem``.
        origin: What a place begins with: ``warp-lang 1.19.0 `` for a distribution, "" for a folder or file.
        licence: That of files in the root that state none.
    """

    root: Path
    package: Path
    files: tuple[Path, ...]
    name: str
    origin: str
    licence: str

    def place(self, file: Path) -> str:
        """Say where a file of the tree stands: ``warp-lang 1.19.0 warp/fem/utils.py``."""
        return self.origin + file.relative_to(self.root).as_posix()

    def licence_of(self, file: Path) -> str:
        """Return the SPDX expression for a file, which may stand outside of the tree: its own, or that of all."""
        return file_licence(file) or (self.licence if file.is_relative_to(self.package) else UNKNOWN)


def located(path_or_package: str) -> SourceTree:
    """Find what is to be harvested: a folder or file of that name, else an installed package or a module in one.

    Raises:
        UserError: There is neither.
    """
    path = Path(path_or_package)
    if path.exists():
        found = path.resolve()
        root = found if found.is_dir() else found.parent
        return SourceTree(root, root, _naming_kernels(found), _relative(found), "", UNKNOWN)
    top, *below = path_or_package.split(".")
    specification = PathFinder.find_spec(top) if all(part.isidentifier() for part in (top, *below)) else None
    if specification is None or not specification.submodule_search_locations:
        raise UserError(f"there is nothing to harvest in {path_or_package}: no such folder, file or installed package.")
    package = Path(next(iter(specification.submodule_search_locations))).resolve()
    found = package.joinpath(*below)
    if not found.is_dir():
        found = found.with_name(f"{found.name}.py")
    if not found.exists():
        raise UserError(f"the installed package {top} has no {'.'.join(below)} to harvest.")
    origin, licence = _distribution(top)
    name = origin + found.relative_to(package.parent).as_posix()
    return SourceTree(package.parent, package, _naming_kernels(found), name, origin, licence)


def _relative(found: Path) -> str:
    """Return a path as seen from the working folder; that folder, and what is not in it, by its name alone."""
    working = Path.cwd()
    return found.relative_to(working).as_posix() if working in found.parents else found.name


def _naming_kernels(path: Path) -> tuple[Path, ...]:
    return tuple(file for file in python_files(path) if _KERNEL.search(file.read_bytes()))


def _distribution(package: str) -> tuple[str, str]:
    """Return the name and version of the distribution that a package comes from, as a place begins, and its licence."""
    names = metadata.packages_distributions().get(package, [])
    if len(set(names)) != 1:
        return "", UNKNOWN
    distribution = metadata.distribution(names[0])
    return f"{distribution.metadata['Name']} {distribution.version} ", distribution_licence(distribution)


def import_name(file: Path) -> tuple[str, Path]:
    """Return the name by which a file is imported, and the folder in which Python has to look for it."""
    parts = [file.stem] if file.stem != "__init__" else []
    folder = file.parent
    while (folder / "__init__.py").exists():
        parts.append(folder.name)
        folder = folder.parent
    return ".".join(reversed(parts)), folder
