"""Copies between host and device: those that are waited for, and what becomes of those that are not.

On MPS every copy between the two waits for its end, but one asked for with non_blocking (Copy.mm: COMMIT in place of
COMMIT_AND_WAIT). Then the device reads and writes the host's memory itself, whenever it comes to it. Here it comes to
it as late as it may: when it is waited for.
"""

import weakref
from dataclasses import dataclass

import torch
from torch import Tensor

from tests.mps.kernels import spoil
from tests.mps.record import Recorder
from tests.mps.tensor import MpsTensor

NOT_ON_MPS = (torch.float64, torch.complex64, torch.complex128)
"""Dtypes that are not to be on the device: Metal has no doubles, and what torch does with complex numbers is thin."""

UNSAFE = "a copy with non_blocking"  # pytorch#139550, #189690


@dataclass(frozen=True)
class _HandedOver:
    """Memory of the host that the device has still to read."""

    host: Tensor
    as_it_was: Tensor
    memory: Tensor

    @property
    def was_changed(self) -> bool:
        return not torch.equal(_bytes(self.host), _bytes(self.as_it_was))


class Copies:
    """Makes copies, and keeps those that are still to run."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._handed_over: list[_HandedOver] = []
        self._wanted: list[tuple[Tensor, Tensor]] = []
        self._written: list[weakref.ref[MpsTensor]] = []

    def send(self, host: Tensor, memory: Tensor, non_blocking: bool) -> None:
        """Copy from host to device."""
        self._begin("a copy to the device", non_blocking)
        memory.copy_(host)
        if non_blocking:
            self._handed_over.append(_HandedOver(host, host.clone(), memory))

    def bring(self, memory: Tensor, host: Tensor, non_blocking: bool) -> None:
        """Copy from device to host; while it is not waited for there is nothing in `host` to be read."""
        self._begin("a copy to the host", non_blocking)
        if non_blocking:
            spoil(host)
            self._wanted.append((memory.clone(), host))
        else:
            host.copy_(memory)

    def _begin(self, what: str, non_blocking: bool) -> None:
        if non_blocking:
            self._recorder.refuse(UNSAFE)
            self._recorder.record.commits += 1
        else:
            self.wait(what)

    def wrote(self, tensor: MpsTensor) -> None:
        """Note a result: it is spoiled if what was handed over before is changed before the next wait."""
        if self._handed_over:
            self._written.append(weakref.ref(tensor))

    def wait(self, what: str) -> None:
        """Wait for the device: where the host has changed what it handed over, nothing computed since is right."""
        self._recorder.record.wait(what)
        handed_over, self._handed_over = self._handed_over, []
        written, self._written = self._written, []
        wanted, self._wanted = self._wanted, []
        changed = [each for each in handed_over if each.was_changed]
        if changed:
            for tensor in (reference() for reference in written):
                if tensor is not None:
                    spoil(tensor.memory)
        for each in changed:
            each.memory.copy_(each.host)
        for memory, host in wanted:
            host.copy_(memory)


def _bytes(tensor: Tensor) -> Tensor:
    return tensor.contiguous().view(-1).view(torch.uint8)
