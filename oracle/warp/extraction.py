"""The generated code of any kernel, for cpu and cuda, without a GPU: as text of its own, and as files in Warp's cache.

A kernel is taken out of its module before its text is made, so that the text does not depend on its neighbours. What
Warp makes unique by hashes and counters gets a plain name: ``k_1a2b3c4d`` becomes ``k``, and the functions of one name
that the kernel calls are counted from 0. The files are those of the whole module, as a launch leaves them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import warp as wp

from grammar.errors import UserError, unknown_name
from oracle.engines.nvrtc import ARCHITECTURE
from oracle.warp import internals
from oracle.warp.cutting import definition
from oracle.warp.internals import KernelText, Target
from oracle.warp.modules import warp_failures
from oracle.warp.native import WarpCpu
from oracle.warp.nvrtc import Nvrtc

Kind = Literal["cpp", "cu", "ptx", "cubin", "meta"]

FILES: Mapping[Target, tuple[Kind, ...]] = {"cpu": ("cpp", "meta"), "cuda": ("cu", "ptx", "cubin", "meta")}
"""The kinds of files that Warp keeps of a module, besides the object file for the cpu."""

CODE: Mapping[Target, tuple[Kind, ...]] = {"cpu": ("cpp",), "cuda": ("cu", "ptx")}
"""Those of them that are code in words."""

COMPILERS: Mapping[Target, Callable[[], tuple[bool, str]]] = {"cpu": WarpCpu.available, "cuda": Nvrtc.available}
"""What says whether a compiler is there, and why or why not."""


@dataclass(frozen=True)
class KernelIR:
    """The Python source of a kernel and what Warp generates from it.

    Attributes:
        python_source: The kernel as it stands in its file, with its decorators, without indentation.
        cpp_code: The C++, CUDA or PTX of a module that holds this kernel alone.
        forward_code: Its forward function in there, from the declaration to the closing brace.
        backward_code: Its backward function; "" where it has none, or none was asked for.
        metadata: ``kernel_name``, ``mangled_name`` (what Warp calls it), ``module``, ``device``, ``kind`` (of
            ``cpp_code``), ``arg_types`` (by name, in Warp's words) and ``warp_version``.
    """

    python_source: str
    cpp_code: str
    forward_code: str
    backward_code: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class IRArtifact:
    """A file in Warp's kernel cache.

    Attributes:
        kind: What it is: ``cpp``, ``cu``, ``ptx``, ``cubin`` or ``meta``.
        path: Where it is.
        module_id: What Warp calls the module in its cache: its name and a hash of its kernels and options.
        module_dir: The folder of all its files.
        device: ``cpu`` or ``cuda``.
    """

    kind: Kind
    path: Path
    module_id: str
    module_dir: Path
    device: Target


def extract_ir(
    kernel: wp.Kernel, device: str = "cpu", include_backward: bool = True, prefer: Sequence[str] = ("cpp",)
) -> KernelIR:
    """Return the code that Warp generates from a kernel. Nothing is executed, and nothing but PTX is compiled.

    The code is for any GPU: products of tiles are calls of Warp's own library.

    Args:
        kernel: Any kernel, or an overload of a generic one, as ``wp.overload`` returns it.
        device: ``cpu`` or ``cuda``.
        include_backward: Whether to generate the backward function too.
        prefer: The kinds of code to take, the best first: ``cpp`` is the generated source (on cuda, CUDA), ``cu`` is
            CUDA, ``ptx`` what NVRTC makes of it for compute capability 9.0.

    Raises:
        UserError: There is no such device or kind, none of the kinds can be had here, it is no kernel or a generic one.
        WarpFailed: Warp, or NVRTC, refuses the kernel.
    """
    target = _checked(kernel, device)
    kind = _chosen(prefer, target, CODE[target])
    if kind == "ptx":
        _check_compiler(target, kind)
    with _usable_cache(), warp_failures():
        if kind == "ptx":
            text = _ptx(kernel, include_backward)
        else:
            text = internals.emit_kernel(kernel, target, include_backward)
    plain = _renaming(text, kernel.key)
    code = plain(text.text)
    return KernelIR(
        python_source=kernel.adj.source,
        cpp_code=code,
        forward_code=definition(code, plain(text.forward)),
        backward_code=definition(code, plain(text.backward)),
        metadata={
            "kernel_name": kernel.key,
            "mangled_name": text.symbol,
            "module": kernel.module.name,
            "device": target,
            "kind": kind,
            "arg_types": internals.argument_types(kernel),
            "warp_version": wp.config.version,
        },
    )


def extract_python_ir_pair(kernel: wp.Kernel, device: str) -> tuple[str, str]:
    """Return the Python source of a kernel and all of its generated code; see :func:`extract_ir`."""
    code = extract_ir(kernel, device)
    return code.python_source, code.cpp_code


def extract_ir_artifact(kernel: wp.Kernel, device: str, prefer: Sequence[str] = ("cpp",)) -> IRArtifact:
    """Find a file of a kernel's module in Warp's kernel cache; if it is not there, compile the module, so that it is.

    The file is what a launch on the device uses, with all kernels of the module. What NVRTC has to compile is compiled
    for compute capability 9.0. Nothing is loaded or executed.

    Args:
        kernel: Any kernel, or an overload of a generic one, as ``wp.overload`` returns it.
        device: ``cpu`` or ``cuda``.
        prefer: The kinds of files to take, the best first; ``cpp`` on cuda is ``cu``.

    Raises:
        UserError: There is no such device or kind, none of the kinds can be had here, it is no kernel or a generic one,
            or the cache cannot be used.
        WarpFailed: Warp, or a compiler behind it, refuses the module.
    """
    target = _checked(kernel, device)
    kind = _chosen(prefer, target, FILES[target])
    with _usable_cache(), warp_failures():
        name = internals.cached_name(kernel.module, target)
    folder = Path(str(wp.config.kernel_cache_dir)) / name
    path = _found(folder, kind) or _made(kernel.module, target, folder, kind)
    return IRArtifact(kind, path, name, folder, target)


def _checked(kernel: Any, device: str) -> Target:
    """Return the target of a device, and start Warp, if the kernel is one that has code."""
    target = next((target for target in CODE if target == device), None)
    if target is None:
        raise unknown_name("device", device, CODE)
    if not isinstance(kernel, wp.Kernel):
        raise UserError(f"{kernel!r} is no kernel: give a function that is decorated with @wp.kernel.")
    if kernel.is_generic:
        overload = f"wp.overload({kernel.key}, [...])"
        raise UserError(f"the kernel {kernel.key} is generic and has no code: give what {overload} returns.")
    with _usable_cache():
        wp.init()
    return target


def _chosen(prefer: Sequence[str], target: Target, kinds: Sequence[Kind]) -> Kind:
    """Choose what is preferred among the kinds that there are for a target; the first of them is the source."""
    for name in prefer:
        if name not in get_args(Kind):
            raise unknown_name("kind of code", name, get_args(Kind))
    for name in prefer:
        for kind in kinds:
            if kind == name or (name == "cpp" and kind == kinds[0]):
                return kind
    raise UserError(f"prefer={tuple(prefer)} names nothing that there is for {target}: choose from {', '.join(kinds)}.")


@contextmanager
def _usable_cache() -> Iterator[None]:
    """Turn a kernel cache that cannot be read or written into a sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"Warp's kernel cache {wp.config.kernel_cache_dir} cannot be used: {error.strerror or error}; "
            "make room there, or name another folder in WARP_CACHE_PATH."
        ) from error


def _check_compiler(target: Target, kind: Kind) -> None:
    works, reason = COMPILERS[target]()
    if not works:
        raise UserError(f"no {kind} can be made here: {reason}.")


def _ptx(kernel: wp.Kernel, backward: bool) -> KernelText:
    lone = internals.alone(kernel, backward)
    [path] = wp.compile_aot_module(lone.module, arch=ARCHITECTURE, use_ptx=True)
    text = Path(path).read_text().rstrip("\0")
    return KernelText(text, lone.get_mangled_name(), *internals.entries(lone, "cuda"), functions={}, structs={})


def _found(folder: Path, kind: Kind) -> Path | None:
    return min(folder.glob(f"{folder.name}*.{kind}"), default=None)


def _made(module: wp.Module, target: Target, folder: Path, kind: Kind) -> Path:
    _check_compiler(target, kind)
    with _usable_cache(), warp_failures():
        if target == "cpu":
            internals.compile_for_cpu(module)
        else:
            wp.compile_aot_module(module, arch=ARCHITECTURE, use_ptx=kind != "cubin")
    path = _found(folder, kind)
    if path is None:
        raise UserError(
            f"the {kind} file in {folder} is lost: remove the folder, so that Warp compiles the module again."
        )
    return path


def _renaming(text: KernelText, kernel: str) -> Callable[[str], str]:
    """Return what replaces Warp's own names in a text.

    A hash makes a name unique in all of the text. The number of a function does not: an argument may have such a name,
    and a line of Python source in a comment may hold it.
    """
    hashed = {text.symbol: kernel, **_counted(text.structs, first="{}")}
    functions = _counted(text.functions, first="{}_0")
    longest_first = "|".join(sorted(functions, key=len, reverse=True))
    call = re.compile(rf"//.*<L \d+>$|(?<![\w.>])(adj_|replay_|)({longest_first})(?=[(,)<])", re.MULTILINE)

    def renamed(code: str) -> str:
        for name, plain in hashed.items():
            code = code.replace(name, plain)
        if not functions:
            return code
        return call.sub(lambda found: found[1] + functions[found[2]] if found[2] else found[0], code)

    return renamed


def _counted(keys: Mapping[str, str], first: str) -> dict[str, str]:
    """Name things as Python does; of those with one name, the second is ``x_1``, the third ``x_2``."""
    seen: Counter[str] = Counter()
    names = {}
    for name, key in keys.items():
        names[name] = f"{key}_{seen[key]}" if seen[key] else first.format(key)
        seen[key] += 1
    return names
