"""Records of kernels that people wrote: every kernel that is there once the modules of a tree were imported.

The modules are handed, one by one, to processes that are thrown away after each (:mod:`fuzzer.corpus.importing`), so
whatever a person's code does costs its own file alone, and no record depends on what else was harvested. Records come
in the order of the files, whatever the number of workers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fuzzer.campaigns.progress import Step, unseen
from fuzzer.corpus.folders import own_folders
from fuzzer.corpus.importing import LeftOut, Order, harvest_file, start_import
from fuzzer.corpus.origins import SourceTree, located
from fuzzer.processes.ordered import in_order
from fuzzer.processes.pool import Crashed, Ending, Task, TimedOut, Workers, value_of
from reports.corpus.corpus_records import CorpusRecord, Device

SECONDS = 120.0
"""For one file: its import, which takes a few seconds at most, and the code of all its kernels."""

RENEWED = 0
"""Bytes that a process may hold after a task: it is replaced after each."""


@dataclass
class Harvest:
    """The records of a source tree, made as they are asked for, and what was left out so far.

    Attributes:
        tree: What is harvested.
        devices: What code is generated for.
        workers: How many processes import and generate.
        step: Told how many files were imported.
        left_out: Files and kernels without a record, in order: all of them once the records are exhausted.
    """

    tree: SourceTree
    devices: tuple[Device, ...]
    workers: int
    step: Step = unseen
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def reasons(self) -> dict[str, int]:
        """How much was left out for each reason, the most frequent first."""
        return dict(Counter(left.reason for left in self.left_out).most_common())

    def __iter__(self) -> Iterator[CorpusRecord]:
        """Import the modules and give the records: those of a file by line, those of a kernel by device."""
        self.left_out.clear()
        for ending in self._endings():
            self.step("files imported", 1, len(self.tree.files))
            place = self.tree.place(ending.task.argument.file)
            made = [LeftOut(place, *_fate(ending))] if isinstance(ending, Crashed | TimedOut) else value_of(ending)
            for item in made:
                if isinstance(item, LeftOut):
                    self.left_out.append(item)
                else:
                    yield item

    def _endings(self) -> Iterator[Ending]:
        """Yield how each file went, in order."""
        folders = own_folders(self.tree.root)
        tasks = (Task(harvest_file, Order(self.tree, file, self.devices, folders), SECONDS) for file in self.tree.files)
        with Workers(self.workers, start_import, memory_limit=RENEWED) as pool:
            yield from in_order(tasks, pool)


def harvested(path_or_package: str, devices: Sequence[Device], workers: int = 1, step: Step = unseen) -> Harvest:
    """Return the records of all kernels in a source tree or an installed package. This runs their modules' code.

    Each Python file in which a kernel is named is imported, in a process of its own; no kernel is launched. A record is
    made of each kernel that its module then defines, at any depth, of those that factories made meanwhile, and of the
    overloads of generic kernels as far as they exist. It is unverified: nothing says that the kernel or the code is
    right. ``python_source`` is what :func:`oracle.warp.definitions.module_text` gives; ``launch`` and ``inputs`` are
    empty lists, since nobody said how a kernel is launched, and ``features`` has something only where the grammar takes
    the kernel. The same files and versions give the same records in the same order.

    Args:
        path_or_package: A folder, a Python file, or the name of an installed package or of a module in one.
        devices: What code to generate for: ``cpu``, ``cuda`` or both. Neither needs a GPU.
        workers: How many processes to use.
        step: Told how many files were imported.

    Raises:
        UserError: There is no such folder, file or package.
    """
    return Harvest(located(path_or_package), tuple(devices), workers, step)


def _fate(ending: Crashed | TimedOut) -> tuple[str, str]:
    """Say why a file gave nothing: the reason and the detail."""
    if isinstance(ending, TimedOut):
        return "its import does not end", f"{SECONDS:.0f} s"
    return "its import ends the process", f"exit code {ending.exit_code}"
