"""What an iteration costs is what is asked of a device."""

import pytest

from engine.core.config import TrainConfig
from engine.model.gpt import GPT
from engine.planning.estimate import flops_per_iter, muon_flops
from engine.planning.iteration_cost import SHARE_OF_PRODUCTS, calls, iteration_cost
from engine.training.learner import Learner
from tests.mps.budgets import SMALL, learner_of, tokens_of


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "muon"},
        {"n_layer": 3, "optimizer": "muon"},
        {"dropout": 0.1},
        {"n_layer": 3, "dropout": 0.1},
        {"gradient_accumulation_steps": 2},
        {"generations": 2},
        {"n_layer": 3, "generations": 2},
        {"dropout": 0.1, "generations": 2, "gradient_accumulation_steps": 2},
    ],
)
def test_as_many_calls_are_counted_as_are_launched_on_a_gpu(gpu, changes):
    learner = learner_of(SMALL | {"gradient_accumulation_steps": 1}, 1024, **changes)
    if learner.config.generations > 1:
        teacher = GPT(learner.model.args)
        learner = Learner.fresh(learner.config, 1024, learner.device, teacher)
    tokens = tokens_of(learner)
    for number in (1, 2):  # the first takes memory
        with gpu.counted() as record:
            list(learner.update(number, tokens))
    assert record.launches == calls(learner.config)


def test_the_seconds_are_those_of_all_products_and_of_the_calls():
    config = TrainConfig(optimizer="muon")
    products = flops_per_iter(config, 512) + SHARE_OF_PRODUCTS * muon_flops(config.n_layer, config.n_embd)
    cost = iteration_cost(config, 512, "cpu")
    assert cost.seconds(1e9) == products / 1e9 + cost.calls_s
    assert cost.seconds_beside(cost, 3.0) == pytest.approx(3.0)
    assert iteration_cost(config, 512, "mps").calls_s > cost.calls_s > 0
