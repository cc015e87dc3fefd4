"""What a device is asked before it is trusted: each fault is found, and a sound one passes."""

import pytest
import torch

from engine.machine.abilities import multiplies
from engine.machine.device import Device, available, choose_device
from engine.model.dropout import Dropout
from engine.model.fitting import fit
from engine.model.gpt import GPT
from engine.model.probes import SPOILT_BYTES, causal_rule_holds, gradients_drop_alike, spoil_free_memory

CPU = torch.device("cpu")
DTYPES = [dtype for dtype in (torch.float32, torch.bfloat16) if multiplies(CPU, dtype)]


class Leaky(GPT):
    """Attends to what comes: its attention forgets the rule whenever `leaks` says so."""

    def __init__(self, args, leaks, leak=lambda x: x.mean(1, keepdim=True)):
        super().__init__(args)
        for block in self.transformer.h:
            attention, forward = block.attn, block.attn.forward

            def leaking(x, attention=attention, forward=forward):
                y = forward(x)
                return y + leak(x).to(y.dtype) if leaks() and not attention.explicit_mask else y

            attention.forward = leaking


def within_four(x):
    """See the rest of a group of four positions, as a kernel that masks by groups does."""
    return x.unflatten(1, (-1, 4)).mean(2, keepdim=True).expand(-1, -1, 4, -1).flatten(1, 2)


@pytest.mark.parametrize(
    ("leaks", "holds"),
    [
        (lambda: False, True),
        (lambda: True, False),
        (torch.is_grad_enabled, False),
        (lambda: not torch.is_grad_enabled(), False),
    ],
    ids=["whole", "always leaks", "leaks while training", "leaks while evaluating"],
)
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_the_probe_finds_an_attention_that_leaks(toy_args, leaks, holds, dropout):
    torch.manual_seed(0)
    model = Leaky(toy_args(dropout=dropout), leaks).train()
    state = torch.get_rng_state()
    assert causal_rule_holds(model, CPU) is holds
    assert model.training
    assert torch.equal(torch.get_rng_state(), state)
    model.use_explicit_mask()
    assert causal_rule_holds(model, CPU)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block_size", [16, 256])
def test_a_leak_among_few_neighbours_is_found_in_every_dtype(toy_args, dtype, block_size):
    torch.manual_seed(0)
    assert causal_rule_holds(Leaky(toy_args(block_size=block_size), lambda: False), CPU, dtype)
    assert not causal_rule_holds(Leaky(toy_args(block_size=block_size), lambda: True, within_four), CPU, dtype)


@pytest.mark.skipif(torch.bfloat16 not in DTYPES, reason="this processor multiplies no bfloat16")
def test_a_leak_of_the_runs_own_dtype_alone_is_found(toy_args):
    torch.manual_seed(0)
    model = Leaky(toy_args(), lambda: torch.is_autocast_enabled("cpu"))
    assert causal_rule_holds(model, CPU)
    assert not causal_rule_holds(model, CPU, torch.bfloat16)


@pytest.mark.parametrize(("block_size", "vocab_size"), [(1, 30), (16, 1), (2, 2)])
def test_the_probe_copes_with_the_smallest_models(toy_args, block_size, vocab_size):
    model = GPT(toy_args(block_size=block_size, vocab_size=vocab_size))
    assert causal_rule_holds(model, CPU)
    assert gradients_drop_alike(model, CPU)


@pytest.mark.parametrize("fitted", [True, False], ids=["as the CPU likes it", "by torch"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("dropout", [0.0, 0.1, 0.5])
def test_gradients_drop_what_was_dropped(toy_model, fitted, bias, dropout):
    model = toy_model(bias=bias, dropout=dropout)
    if fitted:
        fit(model, Device())
    assert all(gradients_drop_alike(model, CPU, dtype) for dtype in DTYPES)


def test_a_way_back_that_forgets_what_was_dropped_is_found(toy_model):
    model = toy_model(dropout=0.1)
    for module in model.modules():
        if isinstance(module, Dropout):
            drop = module.forward
            module.forward = lambda x, drop=drop: x + (drop(x) - x).detach()
    assert not gradients_drop_alike(model, CPU)


def test_memory_is_spoilt_on_a_gpu_and_left_alone_on_the_cpu(gpu):
    with gpu.counted() as record:
        spoil_free_memory(torch.device("mps"))
    assert record.ops["fill_"] == 2 * len(SPOILT_BYTES)
    with gpu.counted() as record:
        spoil_free_memory(CPU)
    assert not record.ops


@pytest.mark.parametrize(
    "told", ["MPS backend out of memory (MPS allocated: 0 bytes", "Failed to create a command queue"]
)
def test_a_gpu_that_takes_no_memory_is_none(gpu, monkeypatch, told):
    """What a virtual machine says of the GPU that it tells of."""
    assert available("mps")
    make = torch.ones

    def refusing(*shape, device=None, **rest):
        if device is not None and device.type == "mps":
            raise RuntimeError(told)
        return make(*shape, device=device, **rest)

    monkeypatch.setattr(torch, "ones", refusing)
    assert not available("mps")
    assert choose_device("mps").notice == "This machine has no mps device: running on cpu."
