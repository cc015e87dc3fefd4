"""Torch cut down to what the macOS wheel has for the processor: importing this module does it, for the whole process.

That wheel is built without oneDNN and MKL, so none of their operators has a name there; and not every processor
multiplies bfloat16. As a plugin, before any test is collected:

    PYTEST_PLUGINS=tests.as_mac_cpu python -m pytest tests/engine
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as conftest.py, which comes later

import torch
from torch.utils._python_dispatch import TorchDispatchMode

PRODUCTS = {"mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "matmul", "linear", "linear_backward"}
"""Operators that multiply, with scaled_dot_product_attention in all its kinds."""


class NoOperators:
    """What torch.ops has under the name of a library that is not built in."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, operator):
        raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{operator}'")


class NoBfloat16Products(TorchDispatchMode):
    """Refuses every product of bfloat16."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        multiplies = name.rstrip("_") in PRODUCTS or "scaled_dot_product" in name
        if multiplies and any(isinstance(x, torch.Tensor) and x.dtype == torch.bfloat16 for x in args):
            raise RuntimeError(f"\"{name}\" not implemented for 'BFloat16'")
        return func(*args, **kwargs or {})


for library in ("mkldnn", "mkl", "onednn"):
    setattr(torch.ops, library, NoOperators(library))
torch.backends.mkldnn.is_available = torch.backends.mkl.is_available = lambda: False
torch.backends.mkldnn.set_flags(_enabled=False)
NoBfloat16Products().__enter__()
