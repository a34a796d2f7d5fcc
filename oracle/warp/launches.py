"""What the engines that execute share: buffers in a device's memory, launches, and what is read back.

Each buffer is copied to the device as the bytes of one allocation with red zones, and kernels see a view into it in the
buffer's layout. After the launches the bytes are copied back: elements become the outcome, guard bytes must be intact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import warp as wp

from oracle.records import Buffer, BufferRef, Executed, Failed, Launch, Outcome, TestCase
from oracle.warp.batches import BatchEngine
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
    buffers = {buffer.name: DeviceBuffer(buffer, device) for buffer in case.buffers}
    refusal = ""
    try:
        for launch in case.launches:
            _launch(kernel_named(launch.kernel), launch, device, case.options.block_dim, buffers)
    except WarpFailed as failure:
        refusal = f"a launch was refused: {failure}"
    finish()
    return Failed("crash", refusal) if refusal else _read_back(buffers)


def _launch(
    kernel: wp.Kernel, launch: Launch, device: str, block_dim: int, buffers: Mapping[str, DeviceBuffer]
) -> None:
    inputs = [buffers[x.name].array if isinstance(x, BufferRef) else x for x in launch.arguments]
    with warp_failures():
        wp.launch(kernel, launch.dims, inputs, device=device, block_dim=block_dim, record_tape=False)


class DeviceBuffer:
    """A buffer of a test case in the memory of a device: ``array`` is what a launch takes."""

    def __init__(self, buffer: Buffer, device: str) -> None:
        self.placement = Placement(buffer)
        self._allocation = wp.array(self.placement.image(), dtype=wp.uint8, device=device)
        self.array = wp.array(
            ptr=self._allocation.ptr + self.placement.offset,
            dtype=warp_type(buffer.element),
            shape=buffer.shape,
            strides=self.placement.strides,
            device=device,
        )

    def read(self) -> Bytes:
        """Return the bytes of the whole allocation as they are now."""
        content: Bytes = self._allocation.numpy().copy()
        return content


def _read_back(buffers: dict[str, DeviceBuffer]) -> Outcome:
    arrays: dict[str, Any] = {}
    for name, buffer in buffers.items():
        allocation = buffer.read()
        if wild := buffer.placement.wild_writes(allocation):
            return Failed("out_of_bounds", f"a launch wrote outside of buffer {name}, {_where(wild)}")
        arrays[name] = buffer.placement.elements(allocation).copy()
    return Executed(arrays)


def _where(wild: list[int]) -> str:
    return f"{len(wild)} bytes from byte {wild[0]} on, counted from its first element"
