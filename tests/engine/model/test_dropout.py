import math

import pytest
import torch

from engine.model.dropout import Dropout, keeping


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_share_of_p_is_dropped_and_the_mean_stays(p, dtype):
    torch.manual_seed(5)
    x = torch.ones(400, 501, dtype=dtype)
    y = Dropout(p)(x)
    assert y.dtype == dtype
    assert set(y.unique().tolist()) == {0.0, float(torch.tensor(1 / (1 - p), dtype=dtype))}
    spread = math.sqrt(p * (1 - p) / x.numel())
    assert abs(float((y == 0).float().mean()) - p) < 5 * spread


def test_what_is_dropped_is_as_good_as_independent():
    torch.manual_seed(6)
    mask = (keeping(torch.Size((100_000,)), 0.3) == 0).float() - 0.3
    for lag in (1, 2, 3, 4, 64):  # four elements share a draw
        correlation = float((mask[lag:] * mask[:-lag]).mean()) / (0.3 * 0.7)
        assert abs(correlation) < 5 / math.sqrt(mask.numel())


def test_the_gradient_goes_where_the_value_went():
    torch.manual_seed(7)
    x = torch.randn(30, 7, dtype=torch.float64, requires_grad=True)
    y = Dropout(0.4)(x)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    assert torch.equal(gradient * x, y)
    assert 0 < int((gradient == 0).sum()) < x.numel()


def test_the_input_stays_as_it_was():
    x = torch.randn(8, 8)
    before = x.clone()
    Dropout(0.5)(x)
    assert torch.equal(x, before)


def test_a_seed_gives_the_same_masks_whatever_was_drawn_before():
    torch.manual_seed(8)
    first = keeping(torch.Size((3, 5, 7)), 0.5)
    torch.rand(11)
    torch.manual_seed(8)
    assert torch.equal(keeping(torch.Size((3, 5, 7)), 0.5), first)
    assert not torch.equal(keeping(torch.Size((3, 5, 7)), 0.5), first)


@pytest.mark.parametrize("layer", [Dropout(0.5).eval(), Dropout(0.0)])
def test_nothing_is_dropped_where_nothing_is_to_be(layer):
    x = torch.randn(50)
    assert layer(x) is x
