"""A tensor that torch takes for one of a Mac's GPU, its numbers in the memory of the CPU."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

CPU = torch.device("cpu")
MPS = torch.device("mps", 0)


class MpsTensor(Tensor):
    """Carries the dispatch keys MPS, AutogradMPS and AutocastMPS, so that torch decides as it does on a Mac.

    Attributes:
        memory: the plain tensor that holds its numbers; what the stand-in computes with.
    """

    memory: Tensor

    @staticmethod
    def __new__(cls, memory: Tensor) -> "MpsTensor":
        made = Tensor._make_subclass(cls, memory.detach(), False, device_for_backend_keys=MPS)
        made.memory = memory
        return made

    device = property(lambda self: MPS)
    is_mps = property(lambda self: True)
    is_cpu = property(lambda self: False)

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise RuntimeError(f"{func} asked of an MPS tensor outside its stand-in, or in another thread")

    def __repr__(self, **_):
        return f"MpsTensor({tuple(self.memory.shape)}, {self.memory.dtype})"


def on_device(value: object) -> bool:
    """Return whether a value is a tensor of the device."""
    return isinstance(value, MpsTensor)


def changed(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """Return a value with each tensor in it changed, in lists and tuples too. (torch's own pytrees take ten times.)"""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)([changed(each, change) for each in value])
    return value


def tensors_in(values: Iterable[Any]) -> list[Tensor]:
    """Return the tensors among values, and in the lists and tuples among them."""
    found = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += tensors_in(value)
    return found
