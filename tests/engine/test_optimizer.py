import pytest
import torch

from engine.config import TrainConfig
from engine.optimizer import adamw


@pytest.mark.parametrize("bias", [True, False])
def test_matrices_decay_and_vectors_do_not(toy_model, bias):
    model = toy_model(bias=bias)
    config = TrainConfig(weight_decay=0.3, beta1=0.8, beta2=0.97, learning_rate=2e-3)
    decayed, free = adamw(model, config).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.3, 0.0)
    for group in (decayed, free):
        assert group["betas"] == (0.8, 0.97)
        assert group["lr"] == 2e-3
    named = dict(model.named_parameters())  # the tied table once, as nanoGPT has it
    in_order = [[p for p in named.values() if (p.dim() >= 2) is matrix] for matrix in (True, False)]
    assert [[id(p) for p in group["params"]] for group in (decayed, free)] == [
        [id(p) for p in parameters] for parameters in in_order
    ]


def test_one_step_is_adamws(toy_model):
    model = toy_model()
    config = TrainConfig(weight_decay=0.1, learning_rate=1e-2)
    optimizer = adamw(model, config)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model(torch.arange(16)[None], torch.arange(16)[None]).backward()
    optimizer.step()
    for name, parameter in model.named_parameters():
        gradient = parameter.grad
        decay = 1 - 1e-2 * (0.1 if parameter.dim() >= 2 else 0.0)
        expected = before[name] * decay - 1e-2 * gradient / (gradient.abs() + 1e-8)  # the first step of Adam
        assert torch.allclose(parameter.detach(), expected, atol=1e-5), name
