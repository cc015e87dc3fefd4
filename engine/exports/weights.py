"""The weights of a checkpoint as other programs want them: a row for each token that means something, every bias."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.core.errors import CheckpointError
from engine.runs.checkpoint import Saved
from engine.tokens.tokenizer import Tokenizer

LAYER_NORM_EPS = 1e-5
"""What is added to the variance in each norm, as in engine/model/gpt.py."""

TABLES = ("transformer.wte.weight", "transformer.wpe.weight")
"""The tables of tokens and positions, the only weights without a bias."""


def whole_weights(saved: Saved, tokens: int) -> dict[str, Tensor]:
    """Return all weights as float32 under nanoGPT's names, each layer and norm with a bias.

    The token table holds `tokens` rows, those that mean something: a row that only fills up the table would be a
    token without text elsewhere. The output layer is left out, as it is that table.
    """
    weights: dict[str, Tensor] = {}
    for name, tensor in saved.model.items():
        if name == "lm_head.weight":
            continue
        weights[name] = (tensor[:tokens] if name == TABLES[0] else tensor).float()
        bias = name.removesuffix("weight") + "bias"
        if name.endswith(".weight") and name not in TABLES and bias not in saved.model:
            weights[bias] = torch.zeros(tensor.shape[0])
    return weights


def tokens_of(saved: Saved, tokenizer: Tokenizer) -> int:
    """Return how many tokens mean something; raises CheckpointError when the model has not a row for each."""
    if tokenizer.token_count > saved.args.vocab_size:
        raise CheckpointError(
            f"The model knows {saved.args.vocab_size:,} tokens, its tokenizer {tokenizer.token_count:,}.",
            cause="They do not belong together.",
            fix="Prepare the dataset that the model learned from under the same name.",
            code="tokenizer_changed",
        )
    return tokenizer.token_count
