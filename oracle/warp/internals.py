"""Everything that reaches into Warp's private modules; the rest of the package uses its public interface.

Seen in Warp 1.19. A module holds what it has loaded (``execs``) and the hashes of what it would load (``hashers``),
both by device or number of threads in a block, which is 1 on the cpu; a launch builds where the two differ. What is
used of ``warp._src.context``: ``user_modules`` holds every defined module and
``function_key_counts`` how often a name of a function was used; ``ModuleBuilder`` makes the text of a module without
compiling it, of the kernels that a ``ModuleHasher`` was given; ``Module._run_codegen`` is the part of a build that is
Warp's own Python; ``builtin_functions`` holds what is registered.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal

import warp as wp
from warp._src import codegen, context, types

from oracle.warp.cutting import without_files

Target = Literal["cpu", "cuda"]

StructInstance = codegen.StructInstance
"""The class of the instances of all structs."""


def emit_texts(module_name: str, *targets: Target) -> tuple[str, ...]:
    """Make the C++ or CUDA texts of a defined module, one per target, without compiling them.

    The kernels are analysed once for all targets: only printing depends on the target and its block size.
    Raises whatever Warp's code generation raises for a kernel that it refuses.
    """
    module = wp.get_module(module_name)
    sizes = {"cpu": 1, "cuda": module.options["block_dim"]}
    options = module.resolve_options(wp.config, block_dim=sizes[targets[0]]) | {"output_arch": None}
    builder = context.ModuleBuilder(module, options, target=targets[0])
    texts = []
    for target in targets:
        builder.options["block_dim"] = sizes[target]
        texts.append(builder.codegen(target))
    return tuple(texts)


@dataclass(frozen=True)
class KernelText:
    """The text of one kernel and of all that it needs, with the names in it that Warp made up.

    ``symbol`` is what Warp calls the kernel, ``forward`` and ``backward`` its two functions, of which the second may be
    missing in the text. ``functions`` and ``structs`` map names in the text to names in the Python source.
    """

    text: str
    symbol: str
    forward: str
    backward: str
    functions: Mapping[str, str]
    structs: Mapping[str, str]


def emit_kernel(kernel: wp.Kernel, target: Target = "cpu", backward: bool = True) -> KernelText:
    """Make the text of one kernel and of the functions that it calls, whatever else its module holds.

    The kernel is no generic one. In comments a line is counted from the first of the function that it is from, and no
    file is named. Raises whatever Warp's code generation raises for a kernel that it refuses.
    """
    lone = alone(kernel, backward)
    builder = _built(lone.module, target)
    for function in (lone, *builder.functions):
        _count_lines_from_one(function.adj)
    return KernelText(
        without_files(builder.codegen(target)),
        lone.get_mangled_name(),
        *entries(lone, target),
        functions={function.native_func: function.key for function in builder.functions},
        structs={struct.native_name: struct.key for struct in builder.structs},
    )


def _built(module: wp.Module, target: Target) -> context.ModuleBuilder:
    """Analyse a module that holds one kernel, as if nothing in it had been analysed before.

    Warp leaves out the comment with the first line of a function where it was at that line before: where all of it is
    one line, and it was built before.
    """
    size = 1 if target == "cpu" else module.options["block_dim"]
    module.get_module_hash(size)
    options = module.resolve_options(wp.config, block_dim=size) | {"output_arch": None, "line_directives": False}
    builder = context.ModuleBuilder(module, options, module.hashers[size], target=target)
    adjoints = [function.adj for function in (*builder.kernels, *builder.functions)]
    if not any(adjoint.lineno == adjoint.tree.body[0].lineno - 1 for adjoint in adjoints):
        return builder
    for adjoint in adjoints:
        adjoint.lineno = None
    return context.ModuleBuilder(module, options, module.hashers[size], target=target)


def alone(kernel: wp.Kernel, backward: bool = True) -> wp.Kernel:
    """Copy a kernel into a module of its own that has the options of the kernel's; the kernel stays as it is.

    Without ``backward`` the copy has no backward function.
    """
    options = {} if backward else {"enable_backward": False}
    module = context.Module(kernel.module.name, None)
    module.options = kernel.module.options | options
    module.has_unresolved_static_expressions = kernel.module.has_unresolved_static_expressions
    lone = copy(kernel)
    lone.module = module
    lone.options = {name: options.get(name, value) for name, value in kernel.options.items()}
    module.kernels[lone.key] = lone
    module._live_kernels.add(lone)
    return lone


def entries(kernel: wp.Kernel, target: Target) -> tuple[str, str]:
    """Name the forward and the backward function of a kernel whose module was hashed."""
    if target == "cuda":
        return codegen.cuda_kernel_forward_name(kernel), codegen.cuda_kernel_backward_name(kernel)
    name = kernel.get_mangled_name()
    return f"{name}_cpu_kernel_forward", f"{name}_cpu_kernel_backward"


def argument_types(kernel: wp.Kernel) -> dict[str, str]:
    """Describe the type of each argument of a kernel in Warp's words."""
    return {argument.label: types.type_repr(argument.type) for argument in kernel.adj.args}


def cached_name(module: wp.Module, target: Target) -> str:
    """Name the folder in the kernel cache for what a launch on the target would run, and the files in it.

    Raises whatever Warp raises where the module cannot be hashed.
    """
    name: str = module.get_module_identifier(1 if target == "cpu" else module.options["block_dim"])
    return name


def compile_for_cpu(module: wp.Module) -> None:
    """Compile a module into the kernel cache as a launch on the cpu does, unless that was done; nothing is loaded.

    Raises whatever Warp raises for a module that it refuses.
    """
    module._compile(wp.get_device("cpu"), options=module.resolve_options(wp.config, block_dim=1))


def load_for_cpu(module: wp.Module) -> None:
    """Compile and load a module as a launch on the cpu does, unless that was done.

    Raises whatever Warp raises for a module that it refuses.
    """
    module.load(wp.get_device("cpu"), 1)


_HELD = ("execs", "hashers", "resolved_options", "failed_builds", "_tid_extent_limits")


@contextmanager
def left_as_it_is(module: wp.Module) -> Iterator[None]:
    """Let a module be hashed, built and loaded within the block; afterwards it holds what it held before.

    Otherwise it would keep the values that its kernels capture as they are now.
    """
    held = {name: dict(getattr(module, name)) for name in _HELD}
    unresolved = module.has_unresolved_static_expressions
    try:
        yield
    finally:
        module.__dict__.update(held, has_unresolved_static_expressions=unresolved)


def is_loaded(module: wp.Module) -> bool:
    """Say whether a launch on the cpu would run what is loaded, and build nothing.

    Raises whatever Warp raises where the module cannot be hashed.
    """
    loaded = module.execs.get((None, 1))
    return loaded is not None and loaded.module_hash == module.get_module_hash(1)


Captured = Callable[[Any], Mapping[str, Any]]
"""What the adjoint of a kernel or function captures by name, as far as that is not what the names stand for now."""


def as_they_are(adjoint: Any) -> Mapping[str, Any]:
    """Return nothing: every name stands for what it stands for now."""
    return {}


def as_generated(adjoint: Any) -> Mapping[str, Any]:
    """Return the values that Warp wrote into the code of a kernel or function when it last generated it."""
    values = {name: getattr(symbol, "constant", None) for name, symbol in adjoint.symbols.items()}
    return {name: value for name, value in values.items() if value is not None}


def would_run(kernel: wp.Kernel, captured: Captured) -> bool:
    """Say whether a launch on the cpu would run a kernel with these captured values, going by Warp's own hashes.

    Raises whatever Warp raises where the module cannot be hashed.
    """
    module = kernel.module
    module.get_module_hash(1)
    options = module.resolved_options[1]
    with resolving(captured):
        hashed = context.ModuleHasher([], options).hash_kernel(kernel, options.get("default_grid_stride", False))
    return bool(module.hashers[1].kernel_hashes.get(kernel) == hashed)


@contextmanager
def resolving(captured: Captured) -> Iterator[None]:
    """Let names in kernels and functions stand for other values within the block."""
    now = codegen.Adjoint.resolve_external_reference

    def then(adjoint: Any, name: str) -> Any:
        values = captured(adjoint)
        return values[name] if name in values else now(adjoint, name)

    codegen.Adjoint.resolve_external_reference = then
    try:
        yield
    finally:
        codegen.Adjoint.resolve_external_reference = now


_LINE = re.compile(r"<L (\d+)>$", re.MULTILINE)


def _count_lines_from_one(adjoint: Any) -> None:
    """Number the lines in the comments of a built function from its first line on, wherever it stands in its file."""
    block = adjoint.blocks[0]
    for lines in (block.body_forward, block.body_replay, block.body_reverse):
        lines[:] = [_LINE.sub(lambda line: f"<L {int(line[1]) - adjoint.fun_lineno + 1}>", text) for text in lines]


@contextmanager
def names_of_its_own() -> Iterator[None]:
    """Number functions of one name from 0 on within the block, so that texts do not depend on what else is defined."""
    counts = context.function_key_counts
    before = dict(counts)
    counts.clear()
    try:
        yield
    finally:
        counts.clear()
        counts.update(before)


def drop(module_name: str) -> None:
    """Forget a module, so that memory stays flat."""
    module = context.user_modules.pop(module_name, None)
    if module is not None:
        module.unload()
        module._detach_references()


@contextmanager
def generation_clock(module: wp.Module) -> Iterator[Callable[[], float]]:
    """Measure, within the block, the seconds that builds of the module spend on writing its text."""
    write, spent = module._run_codegen, 0.0

    def write_and_measure(*arguments: Any) -> Any:
        nonlocal spent
        start = time.perf_counter()
        try:
            return write(*arguments)
        finally:
            spent += time.perf_counter() - start

    module._run_codegen = write_and_measure
    try:
        yield lambda: spent
    finally:
        del module._run_codegen


def defined_modules() -> list[str]:
    """Name the modules that Warp knows now."""
    return list(context.user_modules)


def defined_kernels() -> list[wp.Kernel]:
    """Return the kernels that Warp knows now, in no order; of a generic one its overloads, as far as they exist."""
    modules = list(context.user_modules.values())
    kernels = [kernel for module in modules for kernel in module._get_live_kernels()]
    return [kernel for made in kernels for kernel in (made.overloads.values() if made.overloads else [made])]


def registered_result(name: str, parameters: Sequence[Any]) -> Any:
    """Return the result type that Warp's registered signature of a builtin assigns to parameters of these Warp types.

    None where no signature takes them, or where the one that does refuses the combination.
    """
    for overload in context.builtin_functions[name].overloads:
        if len(overload.input_types) == len(parameters) and codegen.func_match_args(overload, parameters, {}):
            with suppress(Exception):  # a signature refuses with exceptions of any type
                return overload.value_func(dict(zip(overload.input_types, parameters, strict=True)), {})
    return None
