import torch

from engine.machine.abilities import dtype_of_products
from engine.machine.device import Device
from engine.model.attention import causal_attention
from engine.training.precision import choose_dtype

BFLOAT16 = dtype_of_products(torch.device("cpu"), torch.bfloat16)
"""float32 where products in bfloat16 cannot be had: nothing else may be chosen there."""


class Without(Device):
    may_use_bfloat16 = False


def try_both(monkeypatch):
    monkeypatch.setattr("engine.training.precision.WORTH_A_TRIAL", 0.0)
    monkeypatch.setattr(
        "engine.training.precision.has_bfloat16_instructions", lambda _device: BFLOAT16 is torch.bfloat16
    )


def batch():
    tokens = torch.arange(32).view(2, 16) % 20
    return tokens, tokens.roll(-1, 1)


def test_a_device_that_must_not_use_bfloat16_keeps_float32(toy_model):
    assert choose_dtype(toy_model(), *batch(), Without()) == torch.float32


def test_a_small_step_keeps_float32_whatever_a_stopwatch_says(toy_model, monkeypatch):
    monkeypatch.setattr("engine.training.precision.WORTH_IT", 1e-9)
    assert choose_dtype(toy_model(), *batch(), Device()) == torch.float32


def test_the_choice_leaves_weights_and_gradients_as_they_were(toy_model, monkeypatch):
    try_both(monkeypatch)
    model = toy_model()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    chosen = choose_dtype(model, *batch(), Device())
    assert chosen in (torch.float32, torch.bfloat16)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_both_ways_are_tried_as_training_goes_them_but_without_its_noise(toy_model, monkeypatch):
    try_both(monkeypatch)
    model = toy_model(dropout=0.5).eval()
    model.drop_embeddings(0.25)
    asked = []

    def attend(qkv, n_head, dropout):
        asked.append((dropout, model.transformer.drop.p))
        return causal_attention(qkv, n_head, dropout)

    model.attend_by(attend)
    choose_dtype(model, *batch(), Device())
    assert set(asked) == {(0.0, 0.0)}
    assert not model.training
    layer = model.transformer.h[0]
    assert (layer.attn.dropout, layer.mlp.dropout.p, model.transformer.drop.p) == (0.5, 0.5, 0.25)


def test_bfloat16_is_chosen_only_if_it_is_worth_it(toy_model, monkeypatch):
    try_both(monkeypatch)
    monkeypatch.setattr("engine.training.precision.WORTH_IT", 1e-9)
    assert choose_dtype(toy_model(), *batch(), Device()) == BFLOAT16
    monkeypatch.setattr("engine.training.precision.WORTH_IT", 1e9)
    assert choose_dtype(toy_model(), *batch(), Device()) == torch.float32


def test_bfloat16_is_not_chosen_when_its_loss_is_another(toy_model, monkeypatch):
    try_both(monkeypatch)
    monkeypatch.setattr("engine.training.precision.WORTH_IT", 1e-9)
    monkeypatch.setattr("engine.training.precision.LOSS_TOLERANCE", 0.0)
    model = toy_model(n_embd=64)
    assert choose_dtype(model, *batch(), Device()) == torch.float32
