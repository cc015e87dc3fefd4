"""Parameters that stand side by side are those that stand by themselves, and learn the same."""

import pytest
import torch

from engine.core.config import TrainConfig
from engine.training import parameters as parameters_module
from engine.training.muon import muon
from engine.training.optimizer import adamw
from engine.training.parameters import ROW, Parameters, SideBySide

CPU = torch.device("cpu")
CONFIG = TrainConfig(weight_decay=0.3, beta1=0.8, beta2=0.97, learning_rate=2e-2)
OPTIMIZERS = {"adamw": adamw, "muon": muon}


@pytest.fixture(params=[2**30, 4 * 700, 1], ids=["one tensor", "a few tensors", "a tensor each"], autouse=True)
def _buffers(request, monkeypatch):
    monkeypatch.setattr(parameters_module, "BUFFER_BYTES", request.param)


def teach(model, laid, optimizer, steps=4, limit=0.5):
    """Update a model by batches that the step decides; the norms of its gradients."""
    norms = []
    for step in range(steps):
        laid.expect_gradients()
        tokens, targets = torch.randint(30, (2, 3, 16), generator=torch.Generator().manual_seed(step))
        model(tokens, targets).backward()
        norms.append(float(norm := laid.norm()))
        laid.clip(limit, norm)
        optimizer.step()
        laid.clear_gradients()
    return norms


def assert_same(one, other):
    for (name, mine), theirs in zip(one.named_parameters(), other.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-6, atol=1e-9), name


@pytest.mark.parametrize("bias", [True, False])
def test_the_model_has_the_same_numbers_under_the_same_names_and_ties(toy_model, bias):
    plain, model = toy_model(bias=bias).double(), toy_model(bias=bias).double()
    SideBySide(model, CPU)
    assert list(model.state_dict()) == list(plain.state_dict())
    assert all(torch.equal(x, plain.state_dict()[name]) for name, x in model.state_dict().items())
    assert model.lm_head.weight is model.transformer.wte.weight
    assert len(list(model.parameters())) == len(list(plain.parameters()))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("rows_in_place", [True, False])
def test_they_learn_what_parameters_by_themselves_learn(toy_model, optimizer, rows_in_place):
    plain, model = toy_model(bias=True).double(), toy_model(bias=True).double()
    alone, long = Parameters(plain), SideBySide(model, CPU)
    model.transformer.wte.adds_in_place = rows_in_place
    expected = teach(plain, alone, OPTIMIZERS[optimizer](plain, CONFIG, alone))
    found = teach(model, long, OPTIMIZERS[optimizer](model, CONFIG, long))
    assert found == pytest.approx(expected, rel=1e-5)
    assert min(expected) > 0.5  # each was clipped
    assert_same(model, plain)


def test_a_gradient_below_the_limit_stays(toy_model):
    model = toy_model().double()
    long = SideBySide(model, CPU)
    long.expect_gradients()
    model(*torch.randint(30, (2, 3, 16))).backward()
    before = [p.grad.clone() for p in model.parameters()]
    long.clip(2 * float(long.norm()), long.norm())
    assert all(torch.equal(p.grad, gradient) for p, gradient in zip(model.parameters(), before, strict=True))


def test_what_decays_stands_apart_from_what_does_not_and_each_shape_together(toy_model):
    model = toy_model(bias=True, n_layer=3).double()
    long = SideBySide(model, CPU)
    decay, free = adamw(model, CONFIG, long).param_groups
    if parameters_module.BUFFER_BYTES == 2**30:
        assert len(long.spans(decay["params"])) == len(long.spans(free["params"])) == 1
        assert len(long.spans([layer.mlp.c_fc.weight for layer in model.transformer.h])) == 1
    together = [p for span in long.spans(model.parameters()) for p in span]
    assert {id(p) for p in together} == {id(p) for p in model.parameters()}
    assert [p.dim() >= 2 for p in together] == sorted((p.dim() >= 2 for p in together), reverse=True)


def test_the_weights_of_a_span_are_those_of_its_parameters(toy_model):
    model = toy_model(bias=True).double()
    long = SideBySide(model, CPU)
    wanted = [p for number, p in enumerate(model.parameters()) if number % 3]
    (zeros,) = long.zeros(wanted, 1)
    for span in long.spans(wanted):
        assert torch.equal(long.weights(span), torch.cat([p.detach().flatten() for p in span]))
        zeros.over(span).copy_(long.weights(span))
    assert all(torch.equal(zeros[p], p) for p in wanted)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True)])
def test_a_state_goes_from_one_layout_to_the_other(toy_model, optimizer, sides):
    def laid_out(model, side_by_side):
        return SideBySide(model, CPU) if side_by_side else Parameters(model)

    model, plain = toy_model().double(), toy_model().double()
    layout = laid_out(model, sides[0])
    first = OPTIMIZERS[optimizer](model, CONFIG, layout)
    teach(model, layout, first)
    moved = toy_model().double()
    moved.load_state_dict(model.state_dict())
    layout = laid_out(moved, sides[1])
    then = OPTIMIZERS[optimizer](moved, CONFIG, layout)
    then.load_state_dict(first.state_dict())
    assert then.updates == 4
    teach(moved, layout, then)
    alone = Parameters(plain)
    reference = OPTIMIZERS[optimizer](plain, CONFIG, alone)
    teach(plain, alone, reference)
    teach(plain, alone, reference)
    assert_same(moved, plain)


def test_parameters_that_were_updated_less_often_keep_their_own_count(toy_model):
    """As where AdamW goes on from Muon's state, which has no moments of the matrices."""
    states = []
    for side_by_side in (False, True):
        model = toy_model(bias=True).double()
        layout = SideBySide(model, CPU) if side_by_side else Parameters(model)
        before = muon(model, CONFIG, layout)
        teach(model, layout, before)
        after = adamw(model, CONFIG, layout)
        after.load_state_dict(before.state_dict())
        teach(model, layout, after, steps=3)
        counts = {float(state["step"]) for state in after.state_dict()["state"].values()}
        assert counts == {3.0, 7.0}
        states.append(model)
    assert_same(*states)


def test_the_count_on_the_device_is_the_one_that_was_asked_for(toy_model):
    model = toy_model().double()
    layout = SideBySide(model, CPU)
    optimizer = adamw(model, CONFIG, layout)
    teach(model, layout, optimizer)
    assert int(optimizer.updates_on_device) == optimizer.updates == 4
    optimizer.updates_on_device.fill_(9)
    optimizer.count_anew()
    assert optimizer.updates == 9


def test_rows_are_filled_up_with_zeros(toy_model):
    layout = SideBySide(toy_model().double(), CPU)
    for long in [*layout._weights, *layout._gradients]:
        assert len(long.whole) % ROW == 0
        numbers = sum(part.numel() for part in long.parts.values())
        assert not long.whole[numbers:].any()
