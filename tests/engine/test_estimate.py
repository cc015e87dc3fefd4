import pytest
import torch

from engine.config import TrainConfig
from engine.estimate import memory_estimate, parameter_count
from engine.learner import model_args
from engine.model import GPT
from engine.optimizer import adamw
from engine.presets import preset


def formula(c, vocab):
    return 12 * c.n_layer * c.n_embd**2 + (2 * c.n_layer + 1) * c.n_embd + (vocab + c.block_size) * c.n_embd


@pytest.mark.parametrize("name", ["tiny", "small", "medium-m4", "medium", "large"])
def test_parameters_of_the_presets(name):
    config = preset(name).config()
    assert parameter_count(config, 50304).total == formula(config, 50304)


def test_gpt2_small_has_its_known_size():
    gpt2 = preset("large").config(bias=True)
    assert parameter_count(gpt2, 50257).total == 124_439_808


def test_the_parts_add_up():
    estimate = memory_estimate(preset("small").config(), 50304).as_dict()
    total = estimate.pop("total")
    assert list(estimate) == ["weights", "gradients", "optimizer", "activations", "logits"]
    assert sum(estimate.values()) == total
    assert min(estimate.values()) > 0


def test_weights_gradients_and_moments_are_what_torch_holds():
    config = TrainConfig(n_layer=2, n_head=2, n_embd=32, block_size=8)
    model = GPT(model_args(config, 70))
    optimizer = adamw(model, config)
    model(torch.arange(8)[None], torch.arange(8)[None]).backward()
    optimizer.step()
    parameters = list(model.parameters())
    estimate = memory_estimate(config, 70)
    assert estimate.weights == sum(p.nbytes for p in parameters)
    assert estimate.gradients == sum(p.grad.nbytes for p in parameters)
    moments = [s[key] for s in optimizer.state_dict()["state"].values() for key in ("exp_avg", "exp_avg_sq")]
    assert estimate.optimizer == sum(m.nbytes for m in moments)


@pytest.mark.parametrize("name", ["batch_size", "block_size", "n_layer", "n_embd"])
def test_more_of_anything_takes_more(name):
    config = TrainConfig()
    more = TrainConfig.of(config.as_dict(), {name: 2 * getattr(config, name)})
    assert memory_estimate(more, 5000).total > memory_estimate(config, 5000).total
    assert memory_estimate(more, 5000).activations > memory_estimate(config, 5000).activations


def test_accumulation_takes_no_more_and_mps_takes_the_attention_weights_on_top():
    config = TrainConfig()
    split = TrainConfig(gradient_accumulation_steps=8)
    assert memory_estimate(split, 5000) == memory_estimate(config, 5000)
    on_top = memory_estimate(config, 5000, "mps").activations - memory_estimate(config, 5000).activations
    assert on_top == 2 * 4 * config.n_layer * config.batch_size * config.n_head * config.block_size**2


def test_logits_never_exist_whole():
    large = TrainConfig(batch_size=64, block_size=1024)
    assert memory_estimate(large, 50304).logits < 100 * 2**20
