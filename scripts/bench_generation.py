"""Times how this engine writes text with a preset's model; prints one JSON object. A part of scripts/bench.py."""

from __future__ import annotations

import argparse
import json
import statistics

import torch

from engine.core.config import SampleConfig
from engine.core.events import Reply
from engine.core.jobs import Control
from engine.generation.decoder import Weights
from engine.generation.sampler import replies
from engine.machine.device import choose_device
from engine.model.gpt import GPT
from engine.planning.presets import preset, presets
from engine.tokens.tokenizer import CharTokenizer
from engine.training.bench import peak_resident
from engine.training.learner import model_args

VOCABULARY = 50304
TOKENS = 200


def main() -> None:
    """Write TOKENS tokens a few times, and print the median milliseconds a token."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", choices=list(presets()), required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    arguments = parser.parse_args()
    device = choose_device("cpu")
    torch.manual_seed(0)
    model = GPT(model_args(preset(arguments.preset).config(), VOCABULARY)).eval()
    weights = Weights.frozen(model, device.dtype(arguments.dtype))
    taken = [write(weights) for _ in range(1 + arguments.repeats)][1:]  # the first warms up
    print(json.dumps({"ms_per_token": statistics.median(taken) * 1e3, "peak_memory_bytes": peak_resident()}))


def write(weights: Weights) -> float:
    """Write TOKENS tokens as `sample` does by default; return the seconds each took."""
    # a symbol a token: as many as GPT-2 has, without its files
    tokenizer = CharTokenizer(["\n", *(chr(0x10000 + number) for number in range(VOCABULARY - 1))])
    *_, written = (
        event
        for event in replies(weights, tokenizer, SampleConfig(max_new_tokens=TOKENS), Control())
        if isinstance(event, Reply)
    )
    return 1 / written.tokens_per_s


if __name__ == "__main__":
    main()
