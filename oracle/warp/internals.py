"""Everything that reaches into Warp's private modules; the rest of the package uses its public interface.

Seen in Warp 1.19. What is used of ``warp._src.context``: ``user_modules`` holds every defined module and
``function_key_counts`` how often a name of a function was used; ``ModuleBuilder`` makes the text of a module without
compiling it, of the kernels that a ``ModuleHasher`` was given; ``Module._run_codegen`` is the part of a build that is
Warp's own Python; ``builtin_functions`` holds what is registered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Literal

import warp as wp
from warp._src import codegen, context

Target = Literal["cpu", "cuda"]


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


def emit_kernel(kernel: wp.Kernel) -> str:
    """Make the C++ text of one kernel and of the functions that it calls, whatever else its module holds.

    The kernel is no generic one. Raises whatever Warp's code generation raises for a kernel that it refuses.
    """
    options = kernel.module.resolve_options(wp.config, block_dim=1) | {"output_arch": None}
    hasher = context.ModuleHasher([kernel], options)
    text: str = context.ModuleBuilder(kernel.module, options, hasher, target="cpu").codegen("cpu")
    return text


def drop(module_name: str) -> None:
    """Forget a module and the names of its functions, so that memory stays flat and texts do not depend on the past."""
    module = context.user_modules.pop(module_name, None)
    if module is not None:
        for key in module.functions:
            context.function_key_counts.pop(key, None)
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


def registered_result(name: str, parameters: Sequence[Any]) -> Any:
    """Give the result type that Warp's registered signature of a builtin assigns to parameters of these Warp types.

    None where no signature takes them, or where the one that does refuses the combination.
    """
    for overload in context.builtin_functions[name].overloads:
        if len(overload.input_types) == len(parameters) and codegen.func_match_args(overload, parameters, {}):
            with suppress(Exception):  # a signature refuses with exceptions of any type
                return overload.value_func(dict(zip(overload.input_types, parameters, strict=True)), {})
    return None
