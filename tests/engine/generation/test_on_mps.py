"""Writing on a strict stand-in for a Mac's GPU, option by option: the texts of the CPU, and nothing is refused."""

import pytest
import torch

from engine.core.config import SampleConfig
from engine.core.events import Reply, Token
from engine.core.jobs import Control
from engine.generation.decoder import Decoder, Weights, window_start
from engine.generation.sampler import replies
from engine.generation.surprise import scores
from engine.tokens.tokenizer import CharTokenizer

LETTERS = CharTokenizer("\n abcdefghijklmnopqrstuvwxyzäß")

OPTIONS = [
    {},
    {"temperature": 0.0},
    {"temperature": 0.7, "top_k": 5},
    {"top_p": 0.8, "min_p": 0.02},
    {"repetition_penalty": 1.4},
    {"stop": "e"},
    {"top_k": 20, "top_p": 0.9, "min_p": 0.01, "repetition_penalty": 1.2, "temperature": 0.8, "stop": "qq"},
]


@pytest.fixture
def weights_on(toy_model):
    """Return a maker of the same model's weights on a device."""

    def make(device, **shape):
        return Weights.frozen(toy_model(scale=4.0, **shape).to(device))

    return make


def written(weights, samples=1, **settings):
    """Return the texts of so many samples, and how likely each token was."""
    config = SampleConfig(**{"start": "to be", "max_new_tokens": 24, "seed": 4} | settings)
    events = list(replies(weights, LETTERS, config, Control(), range(samples)))
    texts = {event.sample: event.text for event in events if isinstance(event, Reply)}
    return texts, [event.probability for event in events if isinstance(event, Token)]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: " ".join(options) or "none")
def test_the_text_is_the_cpus_with_every_option(weights_on, gpu, options):
    texts, probabilities = written(weights_on("cpu"), **options)
    found, chances = written(weights_on("mps"), **options)
    assert found == texts
    assert chances == pytest.approx(probabilities, abs=1e-4)
    assert gpu.record.problems == []


@pytest.mark.parametrize("samples", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_samples_side_by_side_are_those_of_the_cpu(weights_on, gpu, samples):
    texts, _ = written(weights_on("cpu"), samples)
    assert written(weights_on("mps"), samples)[0] == texts
    assert len(set(texts.values())) > 1
    assert gpu.record.problems == []


def test_each_row_is_the_models_through_the_slide(toy_model, gpu):
    model = toy_model(scale=4.0)
    ids = torch.randint(30, (1, 40), generator=torch.Generator().manual_seed(2))
    expected = []
    for length in range(5, 40):
        with torch.no_grad():
            expected.append(model.logits(ids[:, window_start(length, 16) : length])[0, -1])
    decoder = Decoder(Weights.frozen(model.to("mps")))
    rows = [decoder.feed(ids[:, :5])] + [decoder.feed(ids[:, at : at + 1]) for at in range(5, 39)]
    torch.testing.assert_close(torch.cat([row.cpu() for row in rows]), torch.stack(expected), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("size", [8, 48, 64])
def test_nothing_dangerous_is_asked_for_in_writing_and_scoring(weights_on, gpu, size):
    weights = weights_on("mps", bias=True, n_embd=2 * size)
    written(weights, 2)
    list(scores(weights, LETTERS, list(range(20)), Control()))
    assert gpu.record.problems == []
