"""One file of a person's, imported in a worker process, and the records of the kernels that it defines.

Importing runs the person's code. The process has an empty folder as its working folder and nothing on standard input;
what it prints goes to the log of its task, which nobody reads.
"""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import fuzzer
from fuzzer.corpus.folders import named_folder
from fuzzer.corpus.measures import measured
from fuzzer.corpus.origins import SourceTree, combined, import_name
from fuzzer.corpus.recording import grammar_hash, kernel_id, options_text, record_id
from grammar.errors import UserError
from grammar.nodes import production_name_of
from grammar.trees import walk
from oracle.warp import warp_version
from reports.corpus.corpus_records import CorpusRecord, Device, document_of

if TYPE_CHECKING:
    from oracle.warp.definitions import ModuleText
    from oracle.warp.extraction import KernelIR


@dataclass(frozen=True)
class LeftOut:
    """A file or kernel without a record: its place, one of a few reasons, and what is to be said besides."""

    place: str
    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Order:
    """What a worker is given: a file of a tree, the devices to generate code for, and what no record may name."""

    tree: SourceTree
    file: Path
    devices: tuple[Device, ...]
    folders: tuple[str, ...]


class NoRecord(Exception):
    """There is no record of a file or kernel: the reason, and what is to be said besides."""


def start_import(folder: Path) -> None:
    """Set up a new process for the code of a person."""
    from oracle.warp.session import start

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    start(folder)


def harvest_file(order: Order) -> list[CorpusRecord | LeftOut]:
    """Import a file and give the records of its kernels, and in their stead what was left out."""
    place = order.tree.place(order.file)
    try:
        kernels = _kernels(_imported(order.file, order.tree.root))
    except NoRecord as refusal:
        return [LeftOut(place, *refusal.args)]
    groups = {}
    for kernel in kernels:
        group = list(_harvested(kernel, f"{place}:{kernel.key}", order))
        groups[_rank(kernel, group)] = group
    return [item for rank in sorted(groups) for item in groups[rank]]


def _rank(kernel: Any, group: Sequence[CorpusRecord | LeftOut]) -> tuple[Any, ...]:
    """Say where a kernel comes among others; two that a factory made of the same values have the same rank."""
    line = kernel.func.__code__.co_firstlineno
    return line, kernel.key, kernel.sig, *(item.id if isinstance(item, CorpusRecord) else item.reason for item in group)


def _harvested(kernel: Any, origin: str, order: Order) -> Iterator[CorpusRecord | LeftOut]:
    try:
        text = _text(kernel)
    except NoRecord as refusal:
        yield LeftOut(origin, *refusal.args)
        return
    for device in order.devices:
        try:
            yield _without_folders(_record(kernel, text, device, origin, order.tree), order.folders)
        except NoRecord as refusal:
            yield LeftOut(origin, *refusal.args)


def _imported(file: Path, root: Path) -> ModuleType:
    name, folder = import_name(file)
    sys.argv = [file.name]
    sys.path.insert(0, str(folder))
    sys.path += [str(root), str(root.parent)]
    try:
        module = importlib.import_module(name) if folder != file.parent else _script(name, file)
    except ModuleNotFoundError as error:
        raise NoRecord("its import needs a module that is not installed", str(error.name)) from error
    except BaseException as error:  # a script may even exit
        raise NoRecord("its import raises an exception", type(error).__name__) from error
    found = getattr(module, "__file__", None)
    if found is None or not file.samefile(found):
        raise NoRecord("another module of its name is imported instead", name)
    return module


def _script(name: str, file: Path) -> ModuleType:
    """Import a file that belongs to no package, by a name that is free."""
    while name in sys.modules:
        name += "_"
    specification = importlib.util.spec_from_file_location(name, file)
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def _kernels(module: ModuleType) -> list[Any]:
    """Return the kernels whose functions stand in a module, in no order."""
    from oracle.warp.internals import defined_kernels

    gc.collect()  # what nobody can reach any more would be there or not by chance
    return [kernel for kernel in defined_kernels() if kernel.func.__module__ == module.__name__]


def _text(kernel: Any) -> ModuleText:
    from oracle.warp.definitions import module_text

    if kernel.is_generic:
        raise NoRecord("it is generic, and there is no overload of it yet")
    try:
        return module_text(kernel)
    except UserError as error:
        raise NoRecord("no module of its own can be written of it", str(error)) from error


def _code(kernel: Any, device: Device) -> KernelIR:
    from oracle.warp.extraction import extract_ir
    from oracle.warp.modules import WarpFailed

    try:
        return extract_ir(kernel, device)
    except WarpFailed as failure:
        raise NoRecord(f"Warp generates no code of it for {device}", str(failure)) from failure


def _record(kernel: Any, text: ModuleText, device: Device, origin: str, tree: SourceTree) -> CorpusRecord:
    from oracle.warp.sources import options_of

    code = _code(kernel, device)
    options = options_text(options_of(kernel))
    measures = measured(text.text)
    identity = record_id(text.text, options, device)
    forward, backward = code.forward_code, code.backward_code
    arguments = _arguments(kernel, code.metadata["arg_types"])
    return CorpusRecord(
        id=identity,
        device=device,
        status="unverified",
        kernel_name=kernel.key,
        category="",
        description=measures.description,
        signature=f"{kernel.key}({', '.join(arguments)})",
        arg_types=arguments,
        python_source=text.text,
        generated_code=code.cpp_code,
        cpp_forward=forward if device == "cpu" else "",
        cpp_backward=backward if device == "cpu" else "",
        cuda_forward=forward if device == "cuda" else "",
        cuda_backward=backward if device == "cuda" else "",
        mangled_name=code.metadata["mangled_name"],
        launch="[]",
        inputs="[]",
        outputs="",
        verified_by=(),
        max_deviation=None,
        bound=None,
        grad_verified=False,
        features=_features(kernel),
        builtins=measures.builtins,
        statements=measures.statements,
        expressions=measures.expressions,
        depth=measures.depth,
        cluster_id=kernel_id(text.text, options),
        split="train",
        seed=0,
        index=-1,
        generator_version=fuzzer.__version__,
        grammar_hash=grammar_hash(),
        warp_version=warp_version(),
        options=options,
        licence=combined(tree.licence_of(Path(file)) for file in text.files),
        origin=origin,
    )


def _features(kernel: Any) -> tuple[str, ...]:
    """Name the productions that a kernel uses; none where the grammar does not take it."""
    from oracle.warp.sources import source_of

    try:
        module = source_of(kernel).typing.module
    except UserError:
        return ()
    return tuple(sorted({production_name_of[type(node)] for node in walk(module)}))


def _arguments(kernel: Any, types: Mapping[str, str]) -> tuple[str, ...]:
    """Return the parameters as they are written; those of an overload with the types that it has, in Warp's words."""
    if kernel.generic_parent is not None:
        return tuple(f"{name}: {type_}" for name, type_ in types.items())
    (definition,) = ast.parse(kernel.adj.source).body
    assert isinstance(definition, ast.FunctionDef)
    return tuple(ast.unparse(argument) for argument in definition.args.args)


def _without_folders(record: CorpusRecord, folders: Sequence[str]) -> CorpusRecord:
    """Return the record back unless one of its texts names a folder of this machine."""
    if named_folder(document_of(record), folders):
        raise NoRecord("its text names a folder of this machine")
    return record
