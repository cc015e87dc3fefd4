"""Times Hugging Face transformers' GPT-2 at a preset's shape; prints one JSON object. A part of scripts/bench.py.

It gets what serves it best without changing it: fused AdamW, its default attention, its key/value cache.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import statistics
import time
from typing import Any

import torch

from engine.core.config import TrainConfig
from engine.planning.presets import preset, presets
from engine.training.bench import peak_resident

os.environ["HF_HUB_OFFLINE"] = "1"
transformers: Any = importlib.import_module("transformers")  # untyped here: only `make bench` installs it

VOCABULARY = 50304
TOKENS = 200
WARM_UP = 2


def main() -> None:
    """Train a few updates, or write a few texts, and print the median time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train", "generate"])
    parser.add_argument("--preset", choices=list(presets()), required=True)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16"])
    parser.add_argument("--iters", type=int, default=10)
    arguments = parser.parse_args()
    config = preset(arguments.preset).config(dtype=arguments.dtype)
    torch.manual_seed(0)
    model = gpt2(config)
    if arguments.what == "train":
        result = {"ms_per_iter": train(model, config, arguments.iters) * 1e3}
    else:
        result = {"ms_per_token": generate(model, arguments.iters) * 1e3}
    print(json.dumps({**result, "peak_memory_bytes": peak_resident()}))


def gpt2(config: TrainConfig) -> Any:
    """Return transformers' GPT-2 in the shape of a configuration, without dropout as the presets are."""
    shape = transformers.GPT2Config(
        vocab_size=VOCABULARY,
        n_positions=config.block_size,
        n_embd=config.n_embd,
        n_layer=config.n_layer,
        n_head=config.n_head,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=0,
        eos_token_id=None,
    )
    return transformers.GPT2LMHeadModel(shape)


def train(model: Any, config: TrainConfig, iterations: int) -> float:
    """Return the median seconds of an update on random tokens, clipped as the presets are."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1, fused=True)
    narrow = config.dtype != "float32"
    model.train()
    seconds = []
    for _ in range(WARM_UP + iterations):
        began = time.perf_counter()
        tokens = torch.randint(VOCABULARY, (config.batch_size, config.block_size + 1))
        with torch.autocast("cpu", torch.bfloat16) if narrow else contextlib.nullcontext():
            loss = model(input_ids=tokens[:, :-1], labels=tokens[:, :-1]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds[WARM_UP:])


@torch.inference_mode()
def generate(model: Any, repeats: int) -> float:
    """Return the median seconds a token over TOKENS tokens, with its cache, sampled as `sample` does by default."""
    model.eval()
    seconds = []
    for _ in range(1 + repeats):
        began = time.perf_counter()
        model.generate(
            torch.zeros(1, 1, dtype=torch.long),
            attention_mask=torch.ones(1, 1, dtype=torch.long),
            min_new_tokens=TOKENS,
            max_new_tokens=TOKENS,
            do_sample=True,
            temperature=0.8,
            top_k=200,
            use_cache=True,
            pad_token_id=0,
        )
        seconds.append((time.perf_counter() - began) / TOKENS)
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    main()
