"""GPT-2's formula, apart from the model's own code, gives what the model gives."""

import pytest
import torch

from engine.exports.readback import ReadBack
from engine.exports.weights import LAYER_NORM_EPS


@pytest.fixture
def model(toy_model):
    return toy_model(scale=3.0)


def logits_of(model, tokens, approximate="none"):
    """Return the logits of a model's weights as a file holds them, matrices by inputs, and the layers it told of."""
    weights = {name.removeprefix("transformer."): tensor for name, tensor in model.state_dict().items()}

    def tensor(name):
        is_matrix = name.startswith("h.") and weights[name].dim() == 2
        return weights[name].t() if is_matrix else weights[name]

    file = ReadBack(n_layer=model.args.n_layer, n_head=model.args.n_head, epsilon=LAYER_NORM_EPS, tensor=tensor)
    layers, job = 0, file.logits(tokens, approximate)
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value, layers
        layers += 1


def test_it_computes_what_the_model_computes(model):
    tokens = torch.randint(30, (3, 11), generator=torch.Generator().manual_seed(4))
    found, layers = logits_of(model, tokens)
    with torch.no_grad():
        assert torch.allclose(found, model.logits(tokens), atol=1e-4)
    assert layers == model.args.n_layer


def test_an_approximation_of_gelu_is_near_and_another_number(model):
    tokens = torch.arange(16)[None]
    exact, near = (logits_of(model, tokens, approximate)[0] for approximate in ("none", "tanh"))
    assert 0 < (exact - near).abs().max() < 0.05 * exact.abs().max()
