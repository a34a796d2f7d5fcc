"""Where harvested files stand: a source tree, one file, or an installed package, found without importing anything.

A file that belongs to a package (a folder with ``__init__.py``) is imported by its dotted name, any other as Python
does with a script: by its own name, its folder first among those that are searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

from fuzzer.corpus.licences import UNKNOWN, distribution_licence, file_licence
from fuzzer.corpus.source_tree import python_files
from grammar.errors import UserError

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
