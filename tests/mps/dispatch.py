"""Every operator that reaches the device: checked, run on the CPU, and counted."""

from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from tests.mps.backend import has_kernel
from tests.mps.copies import NOT_ON_MPS, Copies
from tests.mps.kernels import FREE, KERNELS, RESERVES, WAITS, dangers_of, launches_of, spoil
from tests.mps.record import Recorder
from tests.mps.tensor import CPU, MpsTensor, changed, on_device, tensors_in


class Operators(TorchDispatchMode):
    """Stands where the kernels of MPS would be."""

    def __init__(self, recorder: Recorder, copies: Copies) -> None:
        super().__init__()
        self._recorder = recorder
        self._copies = copies
        self._random = torch.Generator()

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Return False, or the first operator would import torch's compiler: seconds, and nothing here compiles."""
        return False

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        given = tensors_in((*args, *kwargs.values()))
        is_made_there = "device" in kwargs and torch.device(kwargs["device"] or "cpu").type == "mps"
        if not is_made_there and not any(map(on_device, given)):
            return func(*args, **kwargs)
        name = func._schema.name.removeprefix("aten::")
        if name == "_to_copy" and not on_device(args[0]):
            return self._sent(args[0], kwargs)
        if name == "copy_" and on_device(args[0]) != on_device(args[1]):
            return self._copied(*args, **kwargs)
        self._check(func, name, given)
        self._note(func, name, args)
        made = self._run(func, name, args, kwargs)
        return made if name == "_local_scalar_dense" else self._wrapped(made, name, given)

    # -- copies ------------------------------------------------------------------------------------------------------

    def _sent(self, host: Tensor, kwargs: dict[str, Any]) -> MpsTensor:
        """Copy a tensor of the host into a new one of the device."""
        dtype = kwargs.get("dtype") or host.dtype
        self._check_dtype(dtype, "a copy to the device")
        as_sent = host if dtype == host.dtype else host.to(dtype)
        memory = torch.empty_like(as_sent)
        self._copies.send(as_sent, memory, bool(kwargs.get("non_blocking")))
        return MpsTensor(memory)

    def _copied(self, to: Tensor, source: Tensor, non_blocking: bool = False) -> Tensor:
        """Copy between host and device into a tensor that is there."""
        if on_device(to):
            self._copies.send(source, to.memory, non_blocking)
            self._recorder.record.launch("copy_", 1)
        else:
            self._copies.bring(source.memory, to, non_blocking)
        return to

    # -- what is asked for -------------------------------------------------------------------------------------------

    def _check(self, func: OpOverload, name: str, given: list[Tensor]) -> None:
        """Refuse an operator that MPS lacks, and tensors of both devices."""
        if not has_kernel(func) and name != "_local_scalar_dense":
            self._recorder.refuse(f"{func} has no kernel on MPS")
        of_host = [x for x in given if not on_device(x) and x.dim()]  # a single number is sent along
        if of_host and any(map(on_device, given)):
            self._recorder.refuse(f"{func} of tensors on the device and a tensor {tuple(of_host[0].shape)} on the CPU")

    def _note(self, func: OpOverload, name: str, args: tuple[Any, ...]) -> None:
        """Count what the operator costs, and write down what is dangerous about it."""
        if name == "_local_scalar_dense":
            self._copies.wait("item()")
        elif name in WAITS or _takes_a_mask(name, args):
            self._copies.wait(name)
        for danger in dangers_of(name, args):
            self._recorder.record.danger(danger)
        if not _is_view(func) and name not in FREE | RESERVES:
            self._recorder.record.launch(name, launches_of(name, args))

    # -- what is done ------------------------------------------------------------------------------------------------

    def _run(self, func: OpOverload, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run the operator in the memory of the CPU."""
        args = changed(args, _memory)
        kwargs = {name: changed(value, _memory) for name, value in kwargs.items()}
        if "device" in kwargs:
            kwargs["device"] = CPU
        kernel = KERNELS.get(name, func)
        if torch.Tag.nondeterministic_seeded not in func.tags:
            made = kernel(*args, **kwargs)
        else:
            with torch.random.fork_rng(devices=[]):
                torch.set_rng_state(self._random.get_state())
                made = kernel(*args, **kwargs)
                self._random.set_state(torch.get_rng_state())
        if name in RESERVES:
            spoil(made)
        return made

    def seed(self, seed: int) -> None:
        """Begin the device's random numbers anew."""
        self._random.manual_seed(seed)

    def random_state(self) -> Tensor:
        """Return where the device's random numbers are."""
        return self._random.get_state()

    def set_random_state(self, state: Tensor) -> None:
        """Go on with the device's random numbers from a state."""
        self._random.set_state(state)

    def _wrapped(self, made: Any, name: str, given: list[Tensor]) -> Any:
        """Return results as tensors of the device; what was changed in place, or written to, as itself."""
        known = {id(x.memory): x for x in given if on_device(x)}

        def wrap(x: Tensor) -> MpsTensor:
            self._check_dtype(x.dtype, name)
            tensor = known[id(x)] if id(x) in known else MpsTensor(x)
            self._copies.wrote(tensor)
            return tensor

        return changed(made, wrap)

    def _check_dtype(self, dtype: torch.dtype, what: str) -> None:
        if dtype in NOT_ON_MPS:
            self._recorder.refuse(f"{what} makes {dtype} on the device")


def _memory(x: Tensor) -> Tensor:
    return x.memory if on_device(x) else x


def _is_view(func: OpOverload) -> bool:
    return any(each.alias_info is not None and not each.alias_info.is_write for each in func._schema.returns)


def _takes_a_mask(name: str, args: tuple[Any, ...]) -> bool:
    """Return whether an index is a mask, whose size has to be known."""
    if name not in ("index", "index_put", "index_put_", "_index_put_impl_"):
        return False
    return any(isinstance(x, Tensor) and x.dtype in (torch.bool, torch.uint8) for x in args[1])
