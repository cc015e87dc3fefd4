"""GPT-2 as OpenAI published it, and other models on disk, to start a run from: names and shapes. No torch."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import CheckpointError, SettingError, nearest
from engine.paths import home

GPT2_SHAPES = {
    "gpt2": {"n_layer": 12, "n_head": 12, "n_embd": 768},
    "gpt2-medium": {"n_layer": 24, "n_head": 16, "n_embd": 1024},
    "gpt2-large": {"n_layer": 36, "n_head": 20, "n_embd": 1280},
    "gpt2-xl": {"n_layer": 48, "n_head": 25, "n_embd": 1600},
}
"""The four published models by the name that nanoGPT and Hugging Face have for them."""

GPT2_BLOCK = 1024
"""Tokens that each of them reads at once."""

NEW_OR_RESUMED = ("scratch", "resume")
"""The values of init_from that name no model."""

_SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "bias")

RECIPE = {"learning_rate": 3e-5, "decay_lr": False}
"""nanoGPT's for fine-tuning (config/finetune_shakespeare.py): a rate that changes little, the same throughout."""


def problem_of_init_from(value: str) -> str:
    """Give what is wrong with an init_from by itself, or an empty text; whether a path exists is asked later."""
    names = (*NEW_OR_RESUMED, *GPT2_SHAPES)
    if value in names or os.sep in value or value.startswith("~"):
        return ""
    known = f"init_from must be one of {', '.join(names)}, or the path of a model (./{value})"
    return f"{known}, not {value!r}.{nearest(value, names)}"


def is_model(init_from: str) -> bool:
    """Say whether a run starts from the weights of a model that was trained before."""
    return init_from not in NEW_OR_RESUMED


def gpt2_folder(name: str) -> Path:
    """Give where a published model is on this machine, or belongs: our own folder, else Hugging Face's cache."""
    ours = home() / "models" / name
    if (ours / "model.safetensors").exists():
        return ours
    cache = Path(os.environ.get("HF_HOME", "~/.cache/huggingface")).expanduser() / "hub"
    for owner in ("openai-community--", ""):
        for found in sorted(cache.glob(f"models--{owner}{name}/snapshots/*/model.safetensors")):
            if (found.parent / "config.json").exists():
                return found.parent
    return ours


def model_place(init_from: str) -> Path:
    """Give the folder or file that an init_from names."""
    return gpt2_folder(init_from) if init_from in GPT2_SHAPES else Path(init_from).expanduser().absolute()


def starting_settings(
    init_from: str, given: Mapping[str, Any], shape: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the settings of a run that starts from a model: its shape, nanoGPT's recipe, and over it what is given.

    A `shape` that was read before, as by `model_shape`, is not read again.
    Raises SettingError when a shape is given that the model has not, CheckpointError when there is no model.
    """
    shape = shape or model_shape(init_from)
    wrong = {
        name: f"{name} is {shape[name]} in {init_from}, not {given[name]}."
        for name in ("n_layer", "n_head", "n_embd", "bias")
        if name in given and given[name] != shape[name]
    }
    block_size = given.get("block_size", shape["block_size"])
    if block_size > shape["block_size"]:
        wrong["block_size"] = f"{init_from} reads at most {shape['block_size']} tokens at once, not {block_size}."
    if wrong:
        raise SettingError(
            " ".join(wrong.values()),
            cause="The weights that a run starts from decide its shape; only block_size may be smaller.",
            fix=f"Leave out {' and '.join(wrong)}, or train from scratch.",
            code="shape_of_model",
            problems=wrong,
        )
    return {**RECIPE, **shape, **given}


def tells_shape(init_from: str) -> bool:
    """Say whether a model's shape is known without its checkpoint, which only torch can open."""
    if init_from in GPT2_SHAPES or is_hugging_face(model_place(init_from)):
        return True
    from engine.runs import RunFolder  # which knows this module

    run = RunFolder(model_place(init_from))
    return run.has_checkpoint and run.config_path.exists()


def model_shape(init_from: str) -> dict[str, Any]:
    """Give n_layer, n_head, n_embd, block_size and bias of a model; raises CheckpointError when there is none."""
    if init_from in GPT2_SHAPES:
        return {**GPT2_SHAPES[init_from], "block_size": GPT2_BLOCK, "bias": True}
    place = model_place(init_from)
    if not tells_shape(init_from):
        from engine.pretrained import read_model

        args = read_model(init_from).args
        return {name: getattr(args, name) for name in _SHAPE}
    if is_hugging_face(place):
        said = read_config(place)
        return {
            "n_layer": said["n_layer"],
            "n_head": said["n_head"],
            "n_embd": said["n_embd"],
            "block_size": said["n_positions"],
            "bias": True,
        }
    from engine.runs import RunFolder

    config = RunFolder(place).read_config()
    return {name: getattr(config, name) for name in _SHAPE}


def is_hugging_face(place: Path) -> bool:
    """Say whether a folder is a model as Hugging Face keeps it; a run of ours has a config.json too."""
    try:
        return "model_type" in json.loads((place / "config.json").read_text("utf-8"))
    except (OSError, ValueError, TypeError):
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
    """Give a Hugging Face config.json, checked; raises CheckpointError naming what this engine cannot compute."""
    said: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    for name, allowed in _REQUIRED.items():
        if said.get(name) not in allowed:
            raise not_a_gpt2(folder, f"config.json says {name} {said.get(name)!r}, where {allowed[0]!r} is needed.")
    sizes = ("n_layer", "n_head", "n_embd", "n_positions", "vocab_size")
    for name in sizes:
        if type(said.get(name)) is not int or not 0 < said[name] <= 2**24:
            raise not_a_gpt2(folder, f"config.json has no usable {name}.")
    if said["n_embd"] % said["n_head"] or said.get("n_inner") not in (None, 4 * said["n_embd"]):
        raise not_a_gpt2(folder, "config.json names widths that are not GPT-2’s.")
    return said


def not_a_gpt2(place: Path, why: str) -> CheckpointError:
    """Give the error for a model that a run cannot start from."""
    return CheckpointError(
        f"A run cannot start from {place}.",
        cause=why,
        fix="Name a folder with config.json and model.safetensors of a GPT-2, a run’s folder, or a checkpoint.",
        code="model_foreign",
    )
