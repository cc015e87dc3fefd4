"""What is meant for CUDA, tried with stand-ins: no NVIDIA GPU is asked for, and none is claimed."""

import torch

from engine.device import CudaDevice, Device


class Sent:
    """Stands for a tensor, and remembers what was done with it."""

    def __init__(self):
        self.done = []

    def pin_memory(self):
        self.done.append("pinned")
        return self

    def to(self, device, non_blocking=False):
        self.done.append((device.type, non_blocking))
        return self


def test_batches_are_pinned_and_copied_while_the_gpu_computes():
    tensor = Sent()
    assert CudaDevice().sent(tensor).done == ["pinned", ("cuda", True)]


def test_all_but_the_output_layer_is_compiled(toy_model, monkeypatch):
    compiled = []
    monkeypatch.setattr(torch.nn.Module, "compile", lambda module: compiled.append(module))
    model = toy_model()
    Device().compile(model)
    assert compiled == []
    CudaDevice().compile(model)
    assert compiled == [model.transformer]
