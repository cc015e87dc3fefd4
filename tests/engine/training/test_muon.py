from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from engine.core.config import TrainConfig
from engine.machine.abilities import multiplies
from engine.model.shape import parameter_count
from engine.planning.estimate import (
    FLOAT,
    NEWTON_SCHULZ_STEPS,
    flops_per_iter,
    memory_estimate,
    muon_flops,
    training_flops_per_iter,
)
from engine.training.muon import COEFFICIENTS, TABLES_RATE, muon, orthogonal
from engine.training.optimizer import adamw

CONFIG = TrainConfig(optimizer="muon", weight_decay=0.3, beta1=0.8, beta2=0.97, momentum=0.7, learning_rate=2e-2)


def layers(model):
    return {name: p for name, p in model.named_parameters() if name.startswith("transformer.h.") and p.dim() == 2}


def teach(model, optimizer, steps=3):
    for step in range(steps):
        tokens, targets = torch.randint(30, (2, 3, 16), generator=torch.Generator().manual_seed(step))
        model(tokens, targets).backward()
        optimizer.step()
        optimizer.zero_grad()


def torchs_muon(model, gradients):
    """Return what torch.optim.Muon makes of the layers' matrices by these gradients, queries, keys and values apart."""
    parts = {name: p.detach().clone().chunk(3 if "c_attn" in name else 1) for name, p in layers(model).items()}
    tensors = {name: [torch.nn.Parameter(each.clone()) for each in some] for name, some in parts.items()}
    every = [each for some in tensors.values() for each in some]
    optimizer = torch.optim.Muon(
        every, lr=2e-2, weight_decay=0.3, momentum=CONFIG.momentum, adjust_lr_fn="match_rms_adamw"
    )
    for gradient in gradients:
        for name, some in tensors.items():
            for each, grad in zip(some, gradient[name].chunk(len(some)), strict=True):
                each.grad = grad.clone()
        optimizer.step()
    return {name: torch.cat([each.detach() for each in some]) for name, some in tensors.items()}


def test_singular_values_go_by_the_quintic_and_directions_stay():
    a, b, c = COEFFICIENTS
    matrices = torch.randn(3, 6, 11, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    left, values, right = torch.linalg.svd(matrices, full_matrices=False)
    values = values / values.norm(dim=1, keepdim=True)
    for _ in range(NEWTON_SCHULZ_STEPS):
        values = a * values + b * values**3 + c * values**5
    assert torch.allclose(orthogonal(matrices), left @ torch.diag_embed(values) @ right, atol=1e-10)
    assert 0.6 < float(values.min()) <= float(values.max()) < 1.3


def test_under_autocast_its_products_are_rounded_and_its_directions_hardly_turn(narrow):
    matrices = torch.randn(2, 24, 40, generator=torch.Generator().manual_seed(3))
    exact = orthogonal(matrices)
    with torch.autocast("cpu", narrow):
        rounded = orthogonal(matrices)
    assert rounded.dtype == narrow
    assert 0 < float((rounded - exact).norm() / exact.norm()) < 0.03


def test_a_matrix_of_nothing_stays_nothing():
    assert torch.equal(orthogonal(torch.zeros(1, 4, 4)), torch.zeros(1, 4, 4))


@pytest.mark.skipif(not multiplies(torch.device("cpu"), torch.bfloat16), reason="torch's own multiplies in bfloat16")
def test_its_steps_are_torchs(toy_model):
    model = toy_model()
    draw = torch.Generator().manual_seed(5)
    gradients = [{n: torch.randn(p.shape, generator=draw) for n, p in layers(model).items()} for _ in range(3)]
    wanted, before = torchs_muon(model, gradients), {n: p.detach().clone() for n, p in layers(model).items()}
    optimizer = muon(model, CONFIG)
    for gradient in gradients:
        for name, parameter in layers(model).items():
            parameter.grad = gradient[name].clone()
        optimizer.step()
    for name, parameter in layers(model).items():
        parameter, moved = parameter.detach(), wanted[name] - before[name]
        # torch takes the iteration in bfloat16, which keeps eight bits
        assert float((parameter - wanted[name]).norm() / moved.norm()) < 0.02, name


def test_all_that_is_no_matrix_of_a_layer_is_adamws_at_a_higher_rate(toy_model):
    by_muon, by_adamw = toy_model(), toy_model()
    teach(by_muon, muon(by_muon, CONFIG), steps=1)
    faster = replace(CONFIG, learning_rate=TABLES_RATE * CONFIG.learning_rate)
    teach(by_adamw, adamw(by_adamw, faster), steps=1)
    others = dict(by_adamw.named_parameters())
    for name, parameter in by_muon.named_parameters():
        assert torch.equal(parameter, others[name]) is (name not in layers(by_muon)), name


def test_a_state_continues_exactly(toy_model):
    whole, parted = toy_model(), toy_model()
    optimizer = muon(whole, CONFIG)
    teach(whole, optimizer)
    teach(whole, optimizer)
    first = muon(parted, CONFIG)
    teach(parted, first)
    second = muon(parted, CONFIG)
    second.load_state_dict(first.state_dict())
    teach(parted, second)
    assert all(torch.equal(one, other) for one, other in zip(whole.parameters(), parted.parameters(), strict=True))


def test_torchs_adamw_goes_on_from_its_state(toy_model):
    model = toy_model()
    first = muon(model, CONFIG)
    teach(model, first)
    state = first.state_dict()
    second = torch.optim.AdamW([{"params": g["params"]} for g in first.param_groups], lr=1e-3)
    second.load_state_dict(state)
    table = model.lm_head.weight
    assert torch.equal(second.state[table]["exp_avg"], state["state"][0]["exp_avg"])
    before = [p.detach().clone() for p in model.parameters()]
    teach(model, second, steps=1)
    assert not any(torch.equal(p, old) for p, old in zip(model.parameters(), before, strict=True))


def test_either_optimizer_goes_on_from_the_other(toy_model):
    for first, then in ((muon, adamw), (adamw, muon)):
        model = toy_model()
        before, after = first(model, CONFIG), then(model, CONFIG)
        teach(model, before)
        after.load_state_dict(before.state_dict())
        teach(model, after, steps=1)
        assert all(bool(p.isfinite().all()) for p in model.parameters())


@pytest.mark.parametrize("changes", [{"n_embd": 32}, {"n_layer": 3}])
def test_a_state_of_other_matrices_is_refused(toy_model, changes):
    model, other = toy_model(), toy_model(**changes)
    with pytest.raises((ValueError, KeyError)):
        muon(model, CONFIG).load_state_dict(muon(other, CONFIG).state_dict())


def test_its_state_is_as_large_as_the_estimate_says(toy_model, toy_args):
    config = TrainConfig(optimizer="muon", n_layer=2, n_head=2, n_embd=16, block_size=16, bias=True)
    numbers = sum(t.numel() for t in muon(toy_model(), CONFIG).tensors() if t.dim())
    assert memory_estimate(config, 30).optimizer == FLOAT * numbers
    assert numbers == 2 * parameter_count(toy_args(), 30).total - sum(p.numel() for p in layers(toy_model()).values())


def test_its_tensors_are_those_that_it_updates(toy_model):
    model = toy_model()
    optimizer = muon(model, CONFIG)
    before = [t.clone() for t in optimizer.tensors()]
    teach(model, optimizer, steps=1)
    assert not any(torch.equal(t, old) for t, old in zip(optimizer.tensors(), before, strict=True))
    assert all(t.is_contiguous() for t in optimizer.tensors())


def test_its_products_are_counted_as_torch_counts_them(toy_model):
    model = toy_model(n_layer=3)
    optimizer = muon(model, CONFIG)
    model(*torch.randint(30, (2, 3, 16))).backward()
    with FlopCounterMode(display=False) as counted:
        optimizer.step()
    assert muon_flops(3, 16) == counted.get_total_flops()
    config = CONFIG.changed({"n_layer": 3, "n_embd": 16, "n_head": 2})
    assert training_flops_per_iter(config, 30) == flops_per_iter(config, 30) + muon_flops(3, 16)
    adamws = config.changed({"optimizer": "adamw"})
    assert training_flops_per_iter(adamws, 30) == flops_per_iter(adamws, 30)
