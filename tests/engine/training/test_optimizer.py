import pytest
import torch

from engine.core.config import TrainConfig
from engine.training.optimizer import adamw

CONFIG = TrainConfig(weight_decay=0.3, beta1=0.8, beta2=0.97, learning_rate=2e-2)


def groups_of(model):
    """Return nanoGPT's two groups: the tied table once, in the order of the model."""
    named = dict(model.named_parameters())
    return [[p for p in named.values() if (p.dim() >= 2) is matrix] for matrix in (True, False)]


def torchs(model):
    """Return torch's own AdamW over nanoGPT's two groups."""
    groups = [{"params": g, "weight_decay": d} for g, d in zip(groups_of(model), (0.3, 0.0), strict=True)]
    return torch.optim.AdamW(groups, lr=2e-2, betas=(0.8, 0.97))


def teach(model, optimizer, steps=4):
    for step in range(steps):
        tokens, targets = torch.randint(30, (2, 3, 16), generator=torch.Generator().manual_seed(step))
        model(tokens, targets).backward()
        optimizer.step()
        optimizer.zero_grad()


def assert_same(one, other):
    for (name, mine), theirs in zip(one.named_parameters(), other.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-6, atol=1e-9), name


@pytest.mark.parametrize("bias", [True, False])
def test_matrices_decay_and_vectors_do_not(toy_model, bias):
    model = toy_model(bias=bias)
    decayed, free = adamw(model, CONFIG).param_groups
    assert (decayed["weight_decay"], free["weight_decay"]) == (0.3, 0.0)
    for group in (decayed, free):
        assert group["betas"] == (0.8, 0.97)
        assert group["lr"] == 2e-2
    in_order = [[id(p) for p in group] for group in groups_of(model)]
    assert [[id(p) for p in group["params"]] for group in (decayed, free)] == in_order


def test_its_steps_are_torchs(toy_model):
    ours, theirs = toy_model().double(), toy_model().double()
    teach(ours, adamw(ours, CONFIG))
    teach(theirs, torchs(theirs))
    assert_same(ours, theirs)
    assert not torch.allclose(ours.lm_head.weight.float(), toy_model().lm_head.weight, atol=1e-2)


def test_letting_go_of_gradients_lets_go_of_their_memory(toy_model):
    model = toy_model()
    optimizer = adamw(model, CONFIG)
    model(torch.arange(16)[None], torch.arange(16)[None]).backward()
    optimizer.zero_grad()
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize(("first", "then"), [(adamw, torchs), (torchs, adamw), (adamw, adamw)])
def test_its_state_goes_to_torchs_and_back(toy_model, first, then):
    def of(kind, model):
        return kind(model, CONFIG) if kind is adamw else kind(model)

    model, plain = toy_model().double(), toy_model().double()
    before = of(first, model)
    teach(model, before)
    after = of(then, model)
    after.load_state_dict(before.state_dict())
    teach(model, after)
    reference = torchs(plain)
    teach(plain, reference)
    teach(plain, reference)
    assert_same(model, plain)


def test_a_state_of_other_parameters_is_refused(toy_model):
    model, wider, deeper = toy_model(), toy_model(n_embd=32), toy_model(n_layer=3)
    for other in (wider, deeper):
        optimizer = adamw(other, CONFIG)
        teach(other, optimizer, 1)
        with pytest.raises(ValueError):
            adamw(model, CONFIG).load_state_dict(optimizer.state_dict())
