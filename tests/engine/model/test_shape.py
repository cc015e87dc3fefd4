"""The count of parameters is torch’s own."""

import random

import torch

from engine.core.config import TrainConfig
from engine.model.gpt import GPT
from engine.model.shape import parameter_count
from engine.training.learner import model_args


def test_the_count_of_parameters_is_torchs_own():
    draw = random.Random(11)
    for _ in range(60):
        n_head = draw.randint(1, 8)
        config = TrainConfig(
            n_layer=draw.choice([1, 1, 1, 2, 5]),
            n_head=n_head,
            n_embd=n_head * draw.randint(1, 40),
            block_size=draw.randint(1, 600),
            bias=draw.random() < 0.5,
        )
        vocab_size = draw.randint(2, 60_000)
        with torch.device("meta"):
            model = GPT(model_args(config, vocab_size))
        told = parameter_count(config, vocab_size)
        assert told.total == sum(p.numel() for p in model.parameters()) == model.parameter_count()
        assert told.embedding == model.transformer.wte.weight.numel()
        assert told.position == model.transformer.wpe.weight.numel()


def test_gpt2_small_has_its_known_size():
    gpt2 = TrainConfig(n_layer=12, n_head=12, n_embd=768, block_size=1024, bias=True)
    assert parameter_count(gpt2, 50257).total == 124_439_808
