"""What is meant for CUDA, tried with stand-ins: no NVIDIA GPU is asked for, and none is claimed."""

import pytest
import torch

from engine.core.config import TrainConfig
from engine.machine.device import CudaDevice, Device
from engine.tokens.batches import TokenFile
from engine.training.learner import Learner


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


@pytest.fixture
def tokens(tmp_path):
    torch.randint(0, 20, (400,), dtype=torch.int16).numpy().tofile(tmp_path / "train.bin")
    return TokenFile(tmp_path / "train.bin", 20)


def learner_in(dtype):
    shape = {"n_layer": 1, "n_head": 2, "n_embd": 16, "block_size": 16, "batch_size": 4, "device": "cpu"}
    return Learner.fresh(TrainConfig(**shape, dtype=dtype), 20, Device())


def test_float16_learns_by_a_scale_and_leaves_out_a_step_that_overflows(tokens):
    learner = learner_in("float16")
    before = learner.model.lm_head.weight.clone()
    scale = learner._scaler.get_scale()
    learner._scaler.scale(torch.zeros(()))  # it begins with its first use
    learner._scaler.update(2.0**120)  # far too great
    list(learner.update(0, tokens))
    assert torch.equal(learner.model.lm_head.weight, before)
    assert learner._scaler.get_scale() < 2.0**120
    learner._scaler.update(scale)
    list(learner.update(1, tokens))
    assert not torch.equal(learner.model.lm_head.weight, before)
    exact = learner_in("float32")
    for iter_num in (0, 1):
        list(exact.update(iter_num, tokens))
    assert learner.read(1).loss == pytest.approx(exact.read(1).loss, rel=0.02)
    assert not exact._scaler.is_enabled()
