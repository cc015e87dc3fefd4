import pytest
import torch
from torch.nn import functional as F

from engine.machine.formulation import FORMULATIONS, Formulation
from engine.model.linear import Linear, add_product, gelu_linear, linear, product


@pytest.fixture(params=[None, 3, 16], ids=["any sum", "sums of 3", "sums of 16"])
def longest(request, monkeypatch):
    """Let the CPU stand in for a device that adds up no more than so many numbers, and multiplies rows only."""
    if request.param:
        monkeypatch.setitem(FORMULATIONS, "cpu", Formulation(bias_apart=True, most_inside=request.param))
    return request.param


@pytest.fixture
def sums(monkeypatch):
    """Return the inner dimensions of all products that are asked for, and the dimensions of what is multiplied."""
    asked = []
    for name in ("mm", "addmm"):
        plain = getattr(torch, name)

        def counted(*args, plain=plain, **kwargs):
            asked.append((args[-1].shape[0], args[-1].dim()))
            return plain(*args, **kwargs)

        monkeypatch.setattr(torch, name, counted)
    return asked


@pytest.mark.parametrize("inner", [1, 3, 16, 17, 50])
def test_products_are_cut_where_their_sums_are_too_long(inner, longest, sums):
    draw = torch.Generator().manual_seed(inner)
    a, b = torch.randn(5, inner, generator=draw).double(), torch.randn(inner, 7, generator=draw).double()
    total, out = torch.ones(5, 7).double(), torch.full((5, 7), torch.nan).double()
    assert torch.allclose(product(a, b), a @ b)
    assert product(a, b, out=out) is out
    assert torch.allclose(out, a @ b)
    add_product(total, a, b)
    assert torch.allclose(total, 1 + a @ b)
    assert max(length for length, _ in sums) <= (longest or inner)


@pytest.mark.parametrize("has_bias", [False, True])
@pytest.mark.parametrize("shape", [(1, 8), (6, 8), (2, 5, 8)])
@pytest.mark.usefixtures("longest")
@pytest.mark.parametrize(
    ("ours", "plain"), [(linear, F.linear), (gelu_linear, lambda x, weight, bias: F.linear(F.gelu(x), weight, bias))]
)
def test_a_linear_layer_and_its_gradients_are_torchs(shape, has_bias, ours, plain):
    draw = torch.Generator().manual_seed(1)
    x = torch.randn(shape, generator=draw).double().requires_grad_()
    weight = torch.randn(4, 8, generator=draw).double().requires_grad_()
    bias = torch.randn(4, generator=draw).double().requires_grad_() if has_bias else None
    inputs = [x, weight] + ([bias] if has_bias else [])
    grad = torch.randn(*shape[:-1], 4, generator=draw).double()
    found = []
    for function in (ours, plain):
        y = function(x, weight, bias)
        found.append([y.detach(), *torch.autograd.grad(y, inputs, grad)])
    for mine, other in zip(*found, strict=True):
        assert mine.shape == other.shape
        assert torch.allclose(mine, other)


def test_where_the_device_wants_it_layers_multiply_matrices_only(monkeypatch, sums):
    monkeypatch.setitem(FORMULATIONS, "cpu", Formulation(bias_apart=True))
    monkeypatch.setattr(F, "linear", None)
    layer = Linear(8, 4)
    layer(torch.ones(2, 3, 8)).sum().backward()
    assert [dims for _, dims in sums] == [2, 2, 2]


@pytest.mark.usefixtures("longest")
def test_under_autocast_products_are_taken_in_its_dtype_and_weights_learn_in_their_own(narrow):
    layer, x = Linear(8, 4), torch.randn(2, 3, 8, requires_grad=True)
    with torch.autocast("cpu", narrow):
        y = gelu_linear(layer(x).repeat(1, 1, 2), layer.weight, layer.bias)
    assert y.dtype == narrow
    y.float().sum().backward()
    assert layer.weight.grad.dtype == layer.bias.grad.dtype == x.grad.dtype == torch.float32
