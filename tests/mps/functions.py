"""What Python asks of a tensor before torch's dispatcher sees it: moves between devices, numpy, autocast, attention."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from tests.mps.attention import Attention
from tests.mps.copies import Copies
from tests.mps.record import Recorder
from tests.mps.tensor import CPU, MPS, MpsTensor, changed, on_device

LOWER = {F.linear, Tensor.__matmul__, Tensor.matmul, Tensor.mm, Tensor.bmm, Tensor.mv, Tensor.addmm, Tensor.baddbmm}
LOWER |= {torch.matmul, torch.mm, torch.bmm, torch.mv, torch.addmm, torch.baddbmm, torch.addmv}
LOWER |= {F.scaled_dot_product_attention}
"""What autocast takes in its dtype on MPS (AutocastMPS in ATen/autocast_mode.cpp), as far as a GPT needs it."""

UPPER = {F.layer_norm, torch.layer_norm, torch.native_layer_norm, F.softmax, F.log_softmax, F.softplus}
UPPER |= {torch.norm, torch.linalg.vector_norm, torch.softmax, torch.log_softmax, torch.logsumexp, torch.cumsum}
UPPER |= {torch.sum, torch.exp, torch.log, torch.pow, torch.rsqrt, torch.reciprocal}
UPPER |= {Tensor.norm, Tensor.softmax, Tensor.log_softmax, Tensor.logsumexp, Tensor.cumsum}
UPPER |= {Tensor.sum, Tensor.exp, Tensor.log, Tensor.pow, Tensor.rsqrt, Tensor.reciprocal}
"""What autocast takes in float32."""

_DTYPES = {
    Tensor.float: torch.float32,
    Tensor.double: torch.float64,
    Tensor.half: torch.float16,
    Tensor.bfloat16: torch.bfloat16,
}


class Functions(TorchFunctionMode):
    """Answers for tensors of the device where torch's C++ would ask a tensor which device it is on."""

    def __init__(self, recorder: Recorder, copies: Copies) -> None:
        super().__init__()
        self._recorder = recorder
        self._copies = copies
        self._own: dict[Callable[..., Any], Callable[..., Any]] = {
            Tensor.cpu: lambda x, **_: self._brought(x),
            Tensor.tolist: lambda x: self._brought(x).tolist(),
            Tensor.__reduce_ex__: self._saved,
            Tensor.numpy: _no_numpy,
            Tensor.__array__: _no_numpy,
            F.scaled_dot_product_attention: self._attention,
        } | {name: lambda x, to=dtype, **_: _converted(x, to, False) for name, dtype in _DTYPES.items()}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is Tensor.pin_memory or kwargs.get("pin_memory"):
            self._recorder.refuse("memory that is pinned")  # pytorch#181374
        if func is Tensor.to:
            return self._to(*args, **kwargs)
        if func in (torch.tensor, torch.as_tensor) and "device" in kwargs:
            return self._to(func(*args, **kwargs | {"device": CPU}), kwargs["device"])
        if torch.is_autocast_enabled("mps") and "out" not in kwargs:
            args, kwargs = _cast(func, args, kwargs)
        if func in self._own and args and on_device(args[0]):
            return self._own[func](*args, **kwargs)
        return func(*args, **kwargs)

    def _to(self, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """Move and convert, as Tensor.to."""
        if args and on_device(args[0]):  # an example to follow
            args = (MPS, args[0].dtype, *args[1:])
        copy = kwargs.get("copy", False)
        asked = {name: value for name, value in kwargs.items() if name != "copy"}
        device, dtype, non_blocking, _ = torch._C._nn._parse_to(*args, **asked)
        to_device = on_device(x) if device is None else device.type == "mps"
        if not on_device(x) and not to_device:
            return x.to(*args, **kwargs)
        if not to_device:
            return self._brought(x, dtype, non_blocking)
        if on_device(x):
            return _converted(x, dtype, copy)
        return torch.ops.aten._to_copy(x, dtype=dtype or x.dtype, device=MPS, non_blocking=non_blocking)

    def _brought(self, x: MpsTensor, dtype: torch.dtype | None = None, non_blocking: bool = False) -> Tensor:
        """Copy to the host; no gradient finds the way back."""
        host = torch.empty_like(x.memory)
        self._copies.bring(x.memory, host, non_blocking)
        return host.to(dtype or x.dtype)

    def _saved(self, x: MpsTensor, protocol: int) -> Any:
        """Return what torch.save writes of it: the host's copy of its memory, once for all that share it."""
        self._copies.wait("torch.save")
        return x.memory.detach().__reduce_ex__(protocol)

    def _attention(self, *args: Any, **kwargs: Any) -> Tensor:
        """Attend by a kernel where there is one for it, else by products."""
        asked = Attention(*args, **kwargs)
        if not asked.is_one_operator:
            return asked.by_products()
        if asked.danger:
            self._recorder.record.danger(asked.danger)
        self._recorder.record.launch(f"attention by the kernel {asked.kernel}", asked.launches)
        made = MpsTensor(asked.by_kernel())
        self._copies.wrote(made)
        return made


def _cast(func: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Return arguments as autocast has them; torch's own asks is_mps() in C++, which says no of the stand-in's."""
    if func not in LOWER and func not in UPPER:
        return args, kwargs
    dtype = torch.get_autocast_dtype("mps") if func in LOWER else torch.float32

    def cast(x: Tensor) -> Tensor:
        return x.to(dtype) if on_device(x) and x.is_floating_point() else x

    return changed(args, cast), {name: changed(value, cast) for name, value in kwargs.items()}


def _converted(x: MpsTensor, dtype: torch.dtype | None, copy: bool) -> Tensor:
    if dtype is None or dtype == x.dtype:
        return x.clone() if copy else x
    return x.to(dtype)


def _no_numpy(*_: Any, **__: Any) -> None:
    raise TypeError("can't convert mps:0 device type tensor to numpy. Use Tensor.cpu() first.")
