"""The device a run computes on, and all care that one kind of device needs and another does not.

`Device` is the CPU's; `MpsDevice` and `CudaDevice` say only what differs. What is written for MPS follows
published reports and has not been run on a Mac by its authors.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property

import psutil
import torch
from torch import Tensor

from engine.core.errors import OutOfMemoryError
from engine.core.kinds import DeviceKind, DeviceSetting
from engine.machine.abilities import dtype_of_products, has_mps_events
from engine.machine.allocator import keep_freed_memory
from engine.machine.formulation import Formulation, formulation_of

MPS_MEMORY_FRACTION = 0.9
"""Of the recommended working set; torch's own limit of 1.7 swaps for long before it gives up."""

MPS_OUT_OF_MEMORY = ("MPS backend out of memory", "Invalid buffer size", "Failed to allocate memory on MPS device")
"""What torch's RuntimeError says on MPS when there is no room."""

_NARROW = {"bfloat16": torch.bfloat16, "float16": torch.float16}
"""The dtypes of 16 bits, by the name --dtype takes."""


class Device:
    """The CPU, and what every device can do.

    Attributes:
        torch: the device as torch names it.
        notice: what a person should know: that it is not the one that was asked for.
        reason: why a trial chose it; empty where there was none.
    """

    kind: DeviceKind = "cpu"
    reads_are_free = True
    """Whether reading a number back does not wait for a queue of work."""
    may_use_bfloat16 = True
    """Whether `auto` may choose bfloat16 here, if it proves faster and right."""

    def __init__(self) -> None:
        self.torch = torch.device(self.kind)
        self.notice = ""
        self.reason = ""
        self._peak = 0

    @property
    def formulation(self) -> Formulation:
        """How this kind of device wants its mathematics put."""
        return formulation_of(self.kind)

    def prepare(self) -> None:
        """Set up the process for this device; harmless when done twice."""
        keep_freed_memory()

    def dtype(self, name: str) -> torch.dtype:
        """Return the dtype of products for a --dtype setting: float32 where the device takes none in that dtype."""
        return dtype_of_products(self.torch, _NARROW.get(name, torch.float32))

    def dtype_notice(self, name: str) -> str:
        """Return what a person should know of a --dtype setting that this device cannot follow; empty if it can."""
        if self.dtype(name) == _NARROW.get(name, torch.float32):
            return ""
        return f"The {self.kind} of this machine does not multiply in {name}: products are in float32."

    def autocast(self, dtype: torch.dtype) -> AbstractContextManager[object]:
        """Return the context in which a forward pass runs."""
        if dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.kind, dtype)

    def sent(self, tensor: Tensor) -> Tensor:
        """Return a tensor of the CPU as it is on this device."""
        return tensor.to(self.torch)

    def memory_bytes(self) -> int:
        """Return the memory held now; the highest value seen is kept."""
        now = self._memory_now()
        self._peak = max(self._peak, now)
        return now

    def peak_memory_bytes(self) -> int:
        """Return the highest memory seen."""
        self.memory_bytes()
        return self._peak

    def _memory_now(self) -> int:
        return int(psutil.Process().memory_info().rss)

    def begin(self) -> None:
        """Have the device begin with what it was asked for so far; waits for nothing."""

    def synchronize(self) -> None:
        """Wait until all work that was asked for is done."""

    def release(self) -> None:
        """Give memory that is not in use back; only when a run rests or ends, as it may wait for the device."""

    compiles = False
    """Whether compiled code is faster here, and right."""

    @contextlib.contextmanager
    def translating(self, needs_bytes: int) -> Iterator[None]:
        """Tell torch's out-of-memory, inside this context, as OutOfMemoryError."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:
            if not self.is_out_of_memory(error):
                raise
            raise out_of_memory(needs_bytes, str(error)) from error

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Return whether an error means that there is no room."""
        return isinstance(error, MemoryError) or "DefaultCPUAllocator: can't allocate memory" in str(error)


class MpsDevice(Device):
    """Apple's GPU through Metal."""

    kind = "mps"
    reads_are_free = False
    may_use_bfloat16 = False  # reported to leak future tokens in some releases' attention

    def prepare(self) -> None:
        """Set the memory limit; there is no other set-up."""
        torch.mps.set_per_process_memory_fraction(MPS_MEMORY_FRACTION)

    def _memory_now(self) -> int:
        return int(torch.mps.driver_allocated_memory())

    def begin(self) -> None:
        """Have the device begin with what it was asked for so far: torch sends it off when an event is recorded."""
        if self._has_events:
            torch.mps.Event().record()

    @cached_property
    def _has_events(self) -> bool:
        return has_mps_events()

    def synchronize(self) -> None:
        """Wait until all work that was asked for is done."""
        torch.mps.synchronize()

    def release(self) -> None:
        """Give cached memory back."""
        torch.mps.empty_cache()

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Return whether an error means that there is no room."""
        return any(text in str(error) for text in MPS_OUT_OF_MEMORY)


class CudaDevice(Device):
    """An NVIDIA GPU."""

    kind = "cuda"
    reads_are_free = False
    compiles = True

    def prepare(self) -> None:
        """Allow TF32 in float32 products, as nanoGPT does."""
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True

    def _memory_now(self) -> int:
        return int(torch.cuda.memory_allocated())

    def peak_memory_bytes(self) -> int:
        """Return the highest memory torch has counted."""
        return int(torch.cuda.max_memory_allocated())

    def synchronize(self) -> None:
        """Wait until all work that was asked for is done."""
        torch.cuda.synchronize()

    def release(self) -> None:
        """Give cached memory back."""
        torch.cuda.empty_cache()

    def sent(self, tensor: Tensor) -> Tensor:
        """Return a tensor of the CPU as it is on this device, copied while the device still computes."""
        return tensor.pin_memory().to(self.torch, non_blocking=True)

    def is_out_of_memory(self, error: BaseException) -> bool:
        """Return whether an error means that there is no room."""
        return isinstance(error, torch.cuda.OutOfMemoryError)


DEVICES: dict[DeviceKind, type[Device]] = {"mps": MpsDevice, "cuda": CudaDevice, "cpu": Device}
"""By the name --device takes, best first."""


def available(kind: DeviceKind) -> bool:
    """Return whether this machine has the device."""
    if kind == "mps":
        return torch.backends.mps.is_available() and _computes(torch.device(kind))
    return kind == "cpu" or torch.cuda.is_available()


def _computes(device: torch.device) -> bool:
    """Return whether a device takes memory and computes: virtual machines tell of a GPU that does neither."""
    try:
        return float(torch.ones(2, device=device).sum()) == 2
    except RuntimeError:
        return False


def kinds_left_open(name: DeviceSetting) -> list[DeviceKind]:
    """Return the devices among which a --device setting leaves the choice, best first; none where it names one."""
    if name != "auto" or os.environ.get("UNDERSTUDY_DEVICE"):
        return []
    return [kind for kind in DEVICES if available(kind)]


def choose_device(name: str) -> Device:
    """Return the device for a --device setting: `auto` takes the best there is, or what UNDERSTUDY_DEVICE names.

    A device that is not there is replaced by the best there is, and `notice` says so.
    """
    wished = os.environ.get("UNDERSTUDY_DEVICE", "")
    there = [kind for kind in DEVICES if available(kind)]
    best = next((kind for kind in there if kind == wished), there[0])
    kind = next((kind for kind in there if kind == name), best)
    device = DEVICES[kind]()
    if name not in ("auto", kind):
        device.notice = f"This machine has no {name} device: running on {kind}."
    device.prepare()
    return device


def out_of_memory(needs_bytes: int, reason: str) -> OutOfMemoryError:
    """Return the error for a run that does not fit, with the guide's cures."""
    have = psutil.virtual_memory().total
    return OutOfMemoryError(
        f"Out of memory: this run needs about {needs_bytes / 2**30:.1f} GiB, this machine has {have / 2**30:.1f} GiB.",
        cause=reason.splitlines()[0] if reason else "",
        fix="Lower batch_size (2, or even 1), or block_size (128), or take a smaller model.",
        code="out_of_memory",
    )
