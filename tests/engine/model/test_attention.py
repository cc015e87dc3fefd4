import math

import pytest
import torch

from engine.machine.device import Device
from engine.model import attention as attention_module
from engine.model.attention import WholeAttention, causal_attention
from engine.model.dropout import keeping
from engine.model.fitting import fit

SHAPES = [(1, 1, 1, 2), (2, 5, 3, 4), (1, 64, 2, 8), (3, 17, 1, 6)]


@pytest.fixture(params=[4, 1000], ids=["several blocks", "one block"], autouse=True)
def _blocks(request, monkeypatch):
    monkeypatch.setattr(attention_module, "QUERIES", request.param)


@pytest.fixture(params=[causal_attention, WholeAttention()], ids=["in blocks", "whole"])
def attend(request):
    """Return each way to attend."""
    return request.param


def example(shape, dtype=torch.float64):
    batch, time, n_head, size = shape
    draw = torch.Generator().manual_seed(3)
    qkv = torch.randn(batch, time, 3 * n_head * size, generator=draw, dtype=torch.float64)
    grad = torch.randn(batch, time, n_head * size, generator=draw, dtype=torch.float64)
    return qkv.to(dtype).requires_grad_(), grad.to(dtype)


def plain(qkv, n_head):
    """Attention as it is defined, with the whole matrix of weights."""
    batch, time, _ = qkv.shape
    q, k, v = (part.view(batch, time, n_head, -1).transpose(1, 2) for part in qkv.chunk(3, dim=2))
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[3])
    scores = scores.masked_fill(torch.ones(time, time, dtype=torch.bool).triu(1), -math.inf)
    return (scores.softmax(3) @ v).transpose(1, 2).flatten(2)


def value_and_gradient(function, qkv, grad, n_head):
    value = function(qkv, n_head)
    return value.detach(), torch.autograd.grad(value, qkv, grad)[0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_attention_by_its_definition(attend, shape, dtype, tolerance):
    qkv, grad = example(shape, dtype)
    ours = value_and_gradient(attend, qkv, grad, shape[2])
    for mine, other in zip(ours, value_and_gradient(plain, qkv, grad, shape[2]), strict=True):
        assert mine.shape == other.shape
        assert float((mine - other).abs().max()) < tolerance


def test_in_16_bits_it_is_near(attend, narrow):
    qkv, grad = example((2, 40, 2, 16), narrow)
    ours = value_and_gradient(attend, qkv, grad, 2)
    for mine, other in zip(ours, value_and_gradient(plain, qkv.double(), grad.double(), 2), strict=True):
        assert mine.dtype == narrow
        assert 0 < float((mine.double() - other).norm() / other.norm()) < 1e-2


@pytest.mark.parametrize("shape", SHAPES)
def test_what_it_is_given_stays_as_it_was(attend, shape):
    qkv, grad = example(shape)
    before = qkv.detach().clone(), grad.clone()
    value_and_gradient(attend, qkv, grad, shape[2])
    assert torch.equal(qkv.detach(), before[0])
    assert torch.equal(grad, before[1])


def dropping(masks, p):
    """Attention as it is defined, the same weights dropped: masks as they were drawn, block by block."""

    def attention(qkv, n_head):
        batch, time, _ = qkv.shape
        q, k, v = (part.view(batch, time, n_head, -1).transpose(1, 2) for part in qkv.chunk(3, dim=2))
        scores = (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).masked_fill(
            torch.ones(time, time, dtype=torch.bool).triu(1), -math.inf
        )
        rows = [torch.nn.functional.pad(mask == 0, (0, time - mask.shape[2])) for mask in masks]
        mask = torch.cat(rows, 1).view(batch, n_head, time, time)
        return (scores.softmax(3).masked_fill(mask, 0) / (1 - p) @ v).transpose(1, 2).flatten(2)

    return attention


@pytest.mark.parametrize("shape", SHAPES)
def test_dropout_falls_on_the_weights_and_the_way_back_uses_the_same_masks(shape, monkeypatch):
    masks = []

    def kept(*arguments):
        masks.append(keeping(*arguments))
        return masks[-1]

    monkeypatch.setattr(attention_module, "keeping", kept)
    qkv, grad = example(shape)
    torch.manual_seed(1)
    ours = value_and_gradient(lambda x, n_head: causal_attention(x, n_head, 0.4), qkv, grad, shape[2])
    for mine, other in zip(ours, value_and_gradient(dropping(masks, 0.4), qkv, grad, shape[2]), strict=True):
        assert float((mine - other).abs().max()) < 1e-12


def test_no_position_sees_a_later_one(attend):
    qkv, _ = example((1, 12, 2, 4))
    changed = qkv.detach().clone()
    changed[0, 7:] += 1
    before, after = attend(qkv.detach(), 2), attend(changed, 2)
    assert torch.equal(before[:, :7], after[:, :7])
    assert not torch.allclose(before[:, 7:], after[:, 7:])


def test_the_whole_attention_drops_the_same_weights_on_its_way_back(monkeypatch):
    masks, drop = [], torch.native_dropout

    def kept(*arguments):
        values, mask = drop(*arguments)
        masks.append(-mask.view(1, 3 * 2, 17, 17).to(torch.int16)[0])
        return values, mask

    monkeypatch.setattr(torch, "native_dropout", kept)
    qkv, grad = example((3, 17, 2, 4))
    ours = value_and_gradient(lambda x, n_head: WholeAttention()(x, n_head, 0.4), qkv, grad, 2)
    for mine, other in zip(ours, value_and_gradient(dropping(masks, 0.4), qkv, grad, 2), strict=True):
        assert float((mine - other).abs().max()) < 1e-12


def test_the_mask_of_whole_attention_follows_the_length():
    attend = WholeAttention()
    for time in (5, 9, 9, 3):
        qkv, _ = example((2, time, 2, 4))
        assert torch.allclose(attend(qkv.detach(), 2), causal_attention(qkv.detach(), 2), atol=1e-12)


def test_a_model_learns_the_same_as_by_torchs_kernel(toy_model):
    tokens = torch.randint(30, (2, 3, 16), generator=torch.Generator().manual_seed(2))
    gradients = []
    for in_blocks in (False, True):
        model = toy_model().train()
        if in_blocks:
            fit(model, Device())
            assert all(block.attn.attend is causal_attention for block in model.transformer.h)
        model(*tokens).backward()
        gradients.append([p.grad for p in model.parameters()])
    for mine, other in zip(*gradients, strict=True):
        assert torch.allclose(mine, other, atol=1e-6)
