"""Models on disk to start a run from: where they are, and what a Hugging Face folder says of its shape. No torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.core.errors import CheckpointError
from engine.core.init_from import GPT2_SHAPES
from engine.core.paths import expanded, home
from engine.core.untrusted_json import read_object, why_unread


def gpt2_folder(name: str) -> Path:
    """Return where a published model is on this machine, or belongs: our own folder, else Hugging Face's cache."""
    ours = home() / "models" / name
    if os.path.exists(ours / "model.safetensors"):
        return ours
    cache = expanded(os.environ.get("HF_HOME", "~/.cache/huggingface")) / "hub"
    for owner in ("openai-community--", ""):
        for found in sorted(cache.glob(f"models--{owner}{name}/snapshots/*/model.safetensors")):
            if os.path.exists(found.parent / "config.json"):
                return found.parent
    return ours


def model_place(init_from: str) -> Path:
    """Return the folder or file that an init_from names."""
    return gpt2_folder(init_from) if init_from in GPT2_SHAPES else expanded(init_from).absolute()


def is_hugging_face(place: Path) -> bool:
    """Return whether a folder is a model as Hugging Face keeps it; a run of ours has a config.json too."""
    try:
        return "model_type" in read_object(place / "config.json")
    except (OSError, ValueError):
        return False


_REQUIRED: dict[str, tuple[Any, ...]] = {
    "model_type": ("gpt2",),
    "activation_function": ("gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", None),
    "layer_norm_epsilon": (1e-5, None),
    "scale_attn_weights": (True, None),
    "scale_attn_by_inverse_layer_idx": (False, None),
    "add_cross_attention": (False, None),
    "tie_word_embeddings": (True, None),
}
"""What config.json must say, or not say, for the model to be nanoGPT's."""


def read_config(folder: Path) -> dict[str, Any]:
    """Return a Hugging Face config.json, checked; raises CheckpointError naming what this engine cannot compute."""
    try:
        config = read_object(folder / "config.json")
    except (OSError, ValueError) as error:
        raise not_a_gpt2(folder, f"{why_unread(folder / 'config.json', error)}.") from error
    for name, allowed in _REQUIRED.items():
        if config.get(name) not in allowed:
            raise not_a_gpt2(folder, f"config.json says {name} {config.get(name)!r}, where {allowed[0]!r} is needed.")
    sizes = ("n_layer", "n_head", "n_embd", "n_positions", "vocab_size")
    for name in sizes:
        if type(config.get(name)) is not int or not 0 < config[name] <= 2**24:
            raise not_a_gpt2(folder, f"config.json has no usable {name}.")
    if config["n_embd"] % config["n_head"] or config.get("n_inner") not in (None, 4 * config["n_embd"]):
        raise not_a_gpt2(folder, "config.json names widths that are not GPT-2’s.")
    return config


def not_a_gpt2(place: Path, why: str) -> CheckpointError:
    """Return the error for a model that a run cannot start from."""
    return CheckpointError(
        f"A run cannot start from {place}.",
        cause=why,
        fix="Name a folder with config.json and model.safetensors of a GPT-2, a run’s folder, or a checkpoint.",
        code="model_foreign",
    )
