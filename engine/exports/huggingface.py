"""A Hugging Face folder: config.json, model.safetensors and the tokenizer's files, as GPT-2's own looks.

The weights have the names of the published GPT-2 (h.0.attn.c_attn.weight …), which transformers and mlx-lm both read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.core.untrusted_json import read_object
from engine.exports.readback import ReadBack
from engine.exports.safetensors_file import write_safetensors
from engine.exports.vocabulary_files import hugging_face_tokenizer, tokenizer_config
from engine.exports.weights import LAYER_NORM_EPS, tokens_of, whole_weights
from engine.model.gpt import ModelArgs
from engine.runs.checkpoint import Saved
from engine.tokens.tokenizer import GPT2Tokenizer, Tokenizer

_STORED_AS_INPUTS_BY_OUTPUTS = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
"""Matrices that GPT-2 keeps the other way round than a Linear layer does."""


def write_folder(saved: Saved, tokenizer: Tokenizer, folder: Path) -> Iterator[tuple[int, int]]:
    """Write everything into an empty folder, yielding (bytes so far, bytes in all)."""
    weights = gpt2_weights(saved, tokens_of(saved, tokenizer))
    total = sum(tensor.numel() * 4 for tensor in weights.values())
    for done in write_safetensors(folder / "model.safetensors", weights):
        yield done, total
    _write_json(folder / "config.json", config(saved.args, tokenizer))
    hugging_face_tokenizer(tokenizer).save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", tokenizer_config(tokenizer, saved.args.block_size))


def gpt2_weights(saved: Saved, tokens: int) -> dict[str, Tensor]:
    """Return the weights under GPT-2's names and the way round that GPT-2 keeps them."""
    return {
        name.removeprefix("transformer."): tensor.T if name.endswith(_STORED_AS_INPUTS_BY_OUTPUTS) else tensor
        for name, tensor in whole_weights(saved, tokens).items()
    }


def config(args: ModelArgs, tokenizer: Tokenizer) -> dict[str, Any]:
    """Return config.json."""
    end = tokenizer.token_count - 1 if isinstance(tokenizer, GPT2Tokenizer) else None
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "vocab_size": tokenizer.token_count,
        "n_positions": args.block_size,
        "n_ctx": args.block_size,
        "n_embd": args.n_embd,
        "n_layer": args.n_layer,
        "n_head": args.n_head,
        "n_inner": None,
        "activation_function": "gelu",
        "layer_norm_epsilon": LAYER_NORM_EPS,
        "attn_pdrop": args.dropout,
        "embd_pdrop": args.dropout,
        "resid_pdrop": args.dropout,
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "dtype": "float32",
    }


def read_folder(folder: Path) -> ReadBack:
    """Return what stands in a folder, by the package safetensors and what config.json says."""
    from safetensors import safe_open

    config = read_object(folder / "config.json")
    file = safe_open(folder / "model.safetensors", framework="pt")
    return ReadBack(
        n_layer=config["n_layer"], n_head=config["n_head"], epsilon=config["layer_norm_epsilon"], tensor=file.get_tensor
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", "utf-8")
