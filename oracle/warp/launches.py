"""What the engines that execute share: buffers in a device's memory, launches, and what is read back.

Each buffer is copied to the device as the bytes of one allocation with red zones, and kernels see a view into it in the
buffer's layout. After the launches the bytes are copied back: elements become the outcome, guard bytes must be intact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import warp as wp

from grammar.types import Array
from oracle.records import Buffer, BufferRef, Executed, Failed, Launch, Outcome, TestCase, in_order
from oracle.warp.batches import BatchEngine
from oracle.warp.definitions import Struct
from oracle.warp.modules import Defined, WarpFailed, warp_failures
from oracle.warp.placement import Bytes, Placement
from oracle.warp.value_types import warp_type


class LaunchingEngine(BatchEngine):
    """An engine that executes test cases on a device of Warp.

    Attributes:
        device: Warp's name of the device.
        launching: The key in ``seconds`` under which the time of launches and of moving buffers is counted.
    """

    device: str
    launching: str

    def _compile(self, module: Defined) -> None:
        wp.load_module(module.module, device=self.device)

    def _outcome(self, module: Defined, place: int, case: TestCase) -> Outcome:
        with self._timed(self.launching):
            return launched(case, lambda name: module.kernel(place, name), self.device, self._finish)

    def _finish(self) -> None:
        """Wait until the launches have ended."""
        wp.synchronize_device(self.device)


def launched(
    case: TestCase, kernel_named: Callable[[str], wp.Kernel], device: str, finish: Callable[[], None]
) -> Outcome:
    """Make the launches of a test case with kernels that were built; ``finish`` waits for them."""
    memory = DeviceMemory(case.buffers, device)
    refusal = ""
    try:
        for launch in case.launches:
            _launch(kernel_named(launch.kernel), launch, memory, case.options.block_dim)
    except WarpFailed as failure:
        refusal = f"a launch was refused: {failure}"
    finish()
    return Failed("crash", refusal) if refusal else _read_back(memory)


def _launch(kernel: wp.Kernel, launch: Launch, memory: DeviceMemory, block_dim: int) -> None:
    types = [argument.type for argument in kernel.adj.args]
    inputs = [memory.argument(type_, x) for type_, x in zip(types, launch.arguments, strict=True)]
    with warp_failures():
        wp.launch(kernel, launch.dims, inputs, device=memory.device, block_dim=block_dim, record_tape=False)


class DeviceMemory:
    """The buffers of a test case in the memory of a device, by name."""

    def __init__(self, buffers: Iterable[Buffer], device: str) -> None:
        self.device = device
        self.buffers: dict[str, DeviceBuffer] = {}
        for buffer in in_order(buffers):
            self.buffers[buffer.name] = DeviceBuffer(Placement(buffer, self._described), device)

    def _described(self, ref: BufferRef | None, type_: Array) -> bytes:
        """The bytes that stand for an array in an element of another."""
        if ref is None:
            return bytes(type_.footprint[0])
        size, _ = type_.element.footprint
        return bytes(self.buffers[ref.name].array(wp.types.vector(length=size, dtype=wp.uint8)).__ctype__())

    def argument(self, type_: Any, given: Any) -> Any:
        """What a launch takes for an argument of one of Warp's types."""
        if isinstance(given, BufferRef):
            buffer = self.buffers[given.name]
            element = buffer.placement.buffer.element
            return buffer.array(type_.dtype if isinstance(type_.dtype, Struct) else warp_type(element))
        if not isinstance(type_, Struct):
            return given
        made = type_()
        for (name, field), value in zip(type_.vars.items(), given, strict=True):
            setattr(made, name, self.argument(field.type, value))
        return made


class DeviceBuffer:
    """A buffer of a test case in the memory of a device."""

    def __init__(self, placement: Placement, device: str) -> None:
        self.placement = placement
        self._allocation = wp.array(placement.image, dtype=wp.uint8, device=device)

    def array(self, element: Any) -> wp.array:
        """What a launch takes for it, as an array of one of Warp's types."""
        return wp.array(
            ptr=self._allocation.ptr + self.placement.offset,
            dtype=element,
            shape=self.placement.buffer.shape,
            strides=self.placement.strides,
            device=self._allocation.device,
        )

    def read(self) -> Bytes:
        """Return the bytes of the whole allocation as they are now."""
        content: Bytes = self._allocation.numpy().copy()
        return content


def _read_back(memory: DeviceMemory) -> Outcome:
    arrays: dict[str, Any] = {}
    for name, buffer in memory.buffers.items():
        allocation = buffer.read()
        if wild := buffer.placement.wild_writes(allocation):
            return Failed("out_of_bounds", f"a launch wrote outside of buffer {name}, {_where(wild)}")
        arrays |= buffer.placement.columns(allocation)
    return Executed(arrays)


def _where(wild: list[int]) -> str:
    return f"{len(wild)} bytes from byte {wild[0]} on, counted from its first element"
