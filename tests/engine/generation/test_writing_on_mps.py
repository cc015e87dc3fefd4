"""Writing and scoring on a Mac's GPU: as on the processor, with nothing asked for that Apple's kernels get wrong."""

import pytest
import torch
from torch import nn

from engine.core.config import SampleConfig
from engine.core.events import Reply, Scored
from engine.core.jobs import Control
from engine.generation.decoder import Weights
from engine.generation.sampler import replies
from engine.generation.surprise import scores
from engine.model.packing import packed, unpacked
from engine.tokens.tokenizer import CharTokenizer

LETTERS = CharTokenizer("\n abcdefghijklmnopqrstuvwxyzäß")
EVERY_OPTION = {"top_k": 20, "top_p": 0.9, "min_p": 0.01, "repetition_penalty": 1.2, "temperature": 0.8, "stop": "zz"}


def texts(weights, samples=1, **settings):
    config = SampleConfig(**{"start": "to be or not", "max_new_tokens": 40} | settings)
    return [item.text for item in replies(weights, LETTERS, config, Control(), range(samples)) if type(item) is Reply]


@pytest.mark.parametrize("read", [Weights.live, Weights.frozen])
@pytest.mark.parametrize(
    "settings", [{}, EVERY_OPTION, {"temperature": 0.0}], ids=["plain", "every option", "likeliest"]
)
def test_it_writes_what_the_processor_writes(gpu, toy_model, read, settings):
    model = toy_model(scale=4.0)
    expected = texts(Weights.frozen(model), 3, **settings)
    weights = read(model.to("mps"))
    assert texts(weights, 3, **settings) == expected
    assert texts(weights, 1, **settings) == expected[:1]
    assert not gpu.record.dangers


def test_products_in_bfloat16_are_written_with_too(gpu, toy_model):
    assert len(texts(Weights.frozen(toy_model().to("mps"), torch.bfloat16), 2)) == 2
    assert not gpu.record.dangers


def test_it_scores_as_the_processor_does(gpu, toy_model):
    model, ids = toy_model(scale=4.0), list(range(30)) * 3
    told = []
    for kind in ("cpu", "mps"):
        pieces = scores(Weights.frozen(model.to(kind)), LETTERS, ids, Control())
        told.append([score.bits for piece in pieces if isinstance(piece, Scored) for score in piece.tokens[1:]])
    assert told[1] == pytest.approx(told[0], abs=1e-4)
    assert not gpu.record.dangers


@pytest.mark.parametrize("lay_out", [packed, unpacked])
def test_no_product_is_longer_than_is_right(gpu, lay_out):
    layer, x = nn.Linear(40_000, 3).requires_grad_(False), torch.randn(2, 40_000)
    expected = layer(x)
    y = lay_out(layer.to("mps"))(x.to("mps"))
    torch.testing.assert_close(y.cpu(), expected, atol=1e-4, rtol=1e-4)
    assert not gpu.record.dangers


def test_a_plain_linear_layer_would_be_told_as_a_danger(gpu):
    layer = nn.Linear(40_000, 3).requires_grad_(False).to("mps")
    layer(torch.zeros(2, 40_000, device="mps"))
    assert {what for what, _ in gpu.record.dangers} == {
        "a product with an inner dimension of 40,000",
        "a linear layer with its bias as one operator",
    }


def test_sequences_that_are_read_while_the_next_window_is_wait_no_more(gpu, toy_model):
    weights = Weights.frozen(toy_model().to("mps"))
    written = iter(replies(weights, LETTERS, SampleConfig(start="to be", max_new_tokens=60), Control(), range(3)))
    for _ in range(12):
        next(written)
    with gpu.counted() as record:
        tokens = sum(type(item).__name__ == "Token" for item in written) / 3
    assert record.host_waits <= tokens
