"""Attention as it is shown: to the millionth what softmax(Q K^T / sqrt(d)) of the saved weights gives."""

import math
import random
import warnings

import pytest
import torch
from torch.nn import functional as F

from engine.generation.attention_map import attention, attention_to, forgotten
from engine.generation.decoder import Decoder, Weights, window_start
from engine.runs.pretrained import read_model

WINDOWS = {5: 0, 16: 0, 17: 8, 24: 8, 25: 16, 40: 24, 41: 32}
"""Where the window of 16 tokens begins from which a token of this number is written."""


def norm(x, weight, bias):
    x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, unbiased=False, keepdim=True) + 1e-5)
    return x * weight + (0 if bias is None else bias)


def plain(saved, args, tokens):
    """Return the attention of a nanoGPT by its formulas alone, of its saved weights, in 64 bits: (L, nh, T, T)."""
    w = {name: tensor.double() for name, tensor in saved.items()}
    time, size = len(tokens), args.n_embd // args.n_head
    x = w["transformer.wte.weight"][tokens] + w["transformer.wpe.weight"][:time]
    ahead = torch.ones(time, time, dtype=torch.bool).triu(1)
    layers = []
    for number in range(args.n_layer):
        of = f"transformer.h.{number}."

        def linear(x, name, of=of):
            return x @ w[f"{of}{name}.weight"].T + w.get(f"{of}{name}.bias", 0)

        qkv = linear(norm(x, w[f"{of}ln_1.weight"], w.get(f"{of}ln_1.bias")), "attn.c_attn")
        heads = []
        y = torch.empty_like(x)
        for head in range(args.n_head):
            part = slice(head * size, head * size + size)
            q, k, v = (each[:, part] for each in qkv.split(args.n_embd, 1))
            looked = torch.softmax((q @ k.T / math.sqrt(size)).masked_fill(ahead, -math.inf), 1)
            heads.append(looked)
            y[:, part] = looked @ v
        layers.append(torch.stack(heads))
        x = x + linear(y, "attn.c_proj")
        hidden = linear(norm(x, w[f"{of}ln_2.weight"], w.get(f"{of}ln_2.bias")), "mlp.c_fc")
        x = x + linear(0.5 * hidden * (1 + torch.erf(hidden / math.sqrt(2))), "mlp.c_proj")
    return torch.stack(layers)


def looked_from(weights, before):
    """Return how many tokens are forgotten, and what is looked at: (L, nh, S)."""
    return forgotten(weights, before), torch.stack(list(attention_to(weights, before)))


def text(length, seed=0):
    return torch.randint(30, (length,), generator=torch.Generator().manual_seed(seed)).tolist()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("laid_out", [Weights.live, Weights.frozen], ids=["as it learns", "packed"])
def test_at_any_place_it_is_that_of_the_saved_weights(toy_model, bias, laid_out):
    model = toy_model(n_layer=3, n_head=4, bias=bias, scale=4.0)
    weights, tokens = laid_out(model), text(60)
    places = [*WINDOWS, *random.Random(1).sample(range(1, 60), 43)]
    assert len(places) == 50
    for place in places:
        start, looked = looked_from(weights, tokens[:place])
        assert start == WINDOWS.get(place, start) == window_start(place, 16)
        expected = plain(model.state_dict(), model.args, tokens[start:place])[:, :, -1]
        assert looked.shape == expected.shape == (3, 4, place - start)
        assert (looked - expected).abs().max() < 1e-6
        assert (looked.double().sum(2) - 1).abs().max() < 1e-6


@pytest.mark.thorough
def test_it_is_that_of_an_imported_gpt2_by_its_own_program(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        transformers = pytest.importorskip("transformers", reason="`make test` installs it")
        shape = {"vocab_size": 50257, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2}
        torch.manual_seed(5)
        config = transformers.GPT2Config(**shape, activation_function="gelu", attn_implementation="eager")
        gpt2 = transformers.GPT2LMHeadModel(config).eval()
        with torch.no_grad():
            for parameter in gpt2.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        gpt2.save_pretrained(tmp_path / "hub")
    weights = Weights.frozen(read_model(str(tmp_path / "hub")).build_model().eval())
    tokens = torch.randint(50257, (32,), generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        theirs = gpt2(tokens[None], output_attentions=True).attentions
    for ours, layer in zip(attention(weights, tokens.tolist()), theirs, strict=True):
        assert (ours - layer[0]).abs().max() < 1e-6


def test_nothing_ahead_is_seen(toy_model):
    weights, tokens = Weights.frozen(toy_model()), text(16)
    changed = [*tokens[:9], *((token + 1) % 30 for token in tokens[9:])]
    for one, other in zip(attention(weights, tokens), attention(weights, changed), strict=True):
        assert torch.equal(one.triu(1), torch.zeros_like(one))
        assert torch.equal(one[:, :9], other[:, :9])
        assert not torch.equal(one[:, 9:], other[:, 9:])


def test_products_of_16_bits_give_rows_that_sum_to_1_and_nearly_the_same(toy_model, narrow):
    model = toy_model(scale=2.0)
    _, looked = looked_from(Weights.frozen(model, narrow), text(16))
    assert (looked.sum(2) - 1).abs().max() < 1e-6
    assert (looked - plain(model.state_dict(), model.args, text(16))[:, :, -1]).abs().max() < 0.05


@pytest.fixture
def weighed(monkeypatch):
    """Return what the decoder's kernel weighed by, call for call: the weights of the last query, (nh, S)."""
    found, kernel = [], F.scaled_dot_product_attention

    def watched(q, k, v, **more):
        seen = k[0] if more.get("attn_mask") is None else k[0][:, more["attn_mask"][-1]]
        found.append(torch.softmax(q[0, :, -1:] @ seen.transpose(1, 2) / math.sqrt(q.shape[3]), 2)[:, 0])
        return kernel(q, k, v, **more)

    monkeypatch.setattr(F, "scaled_dot_product_attention", watched)
    return found


def test_it_is_what_the_writing_goes_by_with_keys_and_values_that_were_kept(toy_model, weighed):
    weights, tokens = Weights.frozen(toy_model(scale=4.0)), text(44)
    decoder = Decoder(weights)
    for place, token in enumerate(tokens, 1):
        weighed.clear()
        decoder.feed(torch.tensor([[token]]))
        start, looked = looked_from(weights, tokens[:place])
        windows = len(weighed) // len(weights.layers)  # the next window reads along
        for layer, found in zip(looked, weighed[::windows], strict=True):
            assert found.shape == layer.shape == (2, place - start)
            assert (found - layer).abs().max() < 1e-5


def test_on_a_macs_gpu_it_is_what_it_is_on_the_processor(gpu, toy_model):
    model, before = toy_model(scale=4.0), text(37)
    _, here = looked_from(Weights.frozen(model), before)
    _, there = looked_from(Weights.frozen(model.to("mps")), before)
    assert (here - there).abs().max() < 1e-5
    assert not gpu.record.dangers
