"""A strict stand-in for a Mac's GPU: tensors that torch takes for MPS tensors, computed with on the CPU.

Autograd, autocast and the dispatcher decide about them as they do on a Mac. What a Mac would refuse is refused, what it
would launch and wait for is counted, and what it would leave in memory is not zero. Nothing here was checked on a Mac;
it holds what stands in torch 2.13.0's macOS wheel, its sources and its issues.
"""

import itertools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.mps.backend import kernels_where_others_compose
from tests.mps.copies import Copies
from tests.mps.dispatch import Operators
from tests.mps.functions import Functions
from tests.mps.record import Record, Recorder

MEMORY = 12 * 2**30
"""Bytes that the stand-in's machine recommends to use."""


class StandIn:
    """A GPU of a Mac that is there."""

    def __init__(self, refusing: bool) -> None:
        self._recorder = Recorder(refusing)
        self._copies = Copies(self._recorder)
        self._operators = Operators(self._recorder, self._copies)

    @property
    def record(self) -> Record:
        """What was asked of it so far."""
        return self._recorder.record

    def counted(self) -> AbstractContextManager[Record]:
        """Count what is asked inside a context by itself."""
        return self._recorder.counted()

    @contextmanager
    def present(self) -> Iterator[None]:
        """Let torch, and through it the engine, find the GPU inside this context and in this thread."""
        _register()
        swaps = torch.__future__.get_swap_module_params_on_conversion()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self._c_functions().items():
                patch.setattr(torch._C, name, value, raising=False)
            patch.setattr(torch.backends.mps, "is_available", lambda: True)  # torch's own remembers its answer
            patch.setattr(torch.mps, "_default_mps_generator", None)
            patch.setattr(torch.nn.utils.clip_grad, "_group_tensors_by_device_and_dtype", _grouped)
            torch.__future__.set_swap_module_params_on_conversion(True)  # parameters keep their identity, as on a Mac
            try:
                with Functions(self._recorder, self._copies), self._operators:
                    yield
            finally:
                torch.__future__.set_swap_module_params_on_conversion(swaps)

    def _c_functions(self) -> dict[str, Any]:
        """Return what torch.mps and torch.backends.mps ask of torch's C++."""
        events = itertools.count(1)
        return {
            "_has_mps": True,
            "_mps_is_available": lambda: True,
            "_mps_is_on_macos_or_newer": lambda major, minor: (major, minor) <= (15, 0),
            "_mps_get_default_generator": lambda: _Generator(self._operators),
            "_mps_deviceSynchronize": lambda: self._copies.wait("torch.mps.synchronize()"),
            "_mps_emptyCache": lambda: self._copies.wait("torch.mps.empty_cache()"),
            "_mps_setMemoryFraction": lambda fraction: None,
            "_mps_currentAllocatedMemory": lambda: 100 * 2**20,
            "_mps_driverAllocatedMemory": lambda: 120 * 2**20,
            "_mps_recommendedMaxMemory": lambda: MEMORY,
            "_mps_acquireEvent": lambda timing: next(events),
            "_mps_releaseEvent": lambda event: None,
            "_mps_recordEvent": lambda event: self._commit(),
            "_mps_waitForEvent": lambda event: None,
            "_mps_queryEvent": lambda event: True,
            "_mps_synchronizeEvent": lambda event: self._copies.wait("torch.mps.Event.synchronize()"),
            "_mps_elapsedTimeOfEvents": lambda first, last: self._copies.wait("torch.mps.Event.elapsed_time()") or 1.0,
        }

    def _commit(self) -> None:
        self.record.commits += 1


class _Generator:
    """The device's random numbers, as torch.mps seeds them."""

    def __init__(self, operators: Operators) -> None:
        self.manual_seed = operators.seed
        self.get_state = operators.random_state
        self.set_state = operators.set_random_state


@contextmanager
def mps(refusing: bool = True) -> Iterator[StandIn]:
    """Yield a stand-in that is there inside this context; without `refusing` it only writes refusals down."""
    stand_in = StandIn(refusing)
    with stand_in.present():
        yield stand_in


@cache
def _register() -> torch.library.Library:
    """Name the operators that are one kernel on MPS and composed elsewhere: so they reach the stand-in whole."""
    library = torch.library.Library("aten", "IMPL")
    for name in kernels_where_others_compose():
        library.impl(name, _unreachable, "MPS")
    return library


def _unreachable(*_: Any, **__: Any) -> None:
    raise RuntimeError("a kernel of MPS was reached past its stand-in")


def _grouped(lists: list[list[Tensor]], with_indices: bool = False) -> dict[Any, Any]:
    """Group tensors as torch's C++ does, which would ask there for a device that is not the stand-in's."""
    groups: dict[Any, Any] = {}
    for number, row in enumerate(zip(*lists, strict=True)):
        columns, indices = groups.setdefault((row[0].device, row[0].dtype), ([[] for _ in lists], []))
        for column, tensor in zip(columns, row, strict=True):
            column.append(tensor)
        indices.append(number)
    return groups
