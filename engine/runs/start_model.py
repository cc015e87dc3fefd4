"""The settings that follow from the model a run starts from. Loads torch only where a checkpoint must be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.events import Started
from engine.core.init_from import GPT2_BLOCK, GPT2_SHAPES, is_model
from engine.datasets.dataset import vocabulary_of
from engine.runs.folder import RunFolder
from engine.runs.model_files import is_hugging_face, model_place, read_config
from engine.tokens.tokenizer import GPT2_TOKEN_COUNT

_SHAPE = ("n_layer", "n_head", "n_embd", "block_size", "bias")

RECIPE = {"learning_rate": 3e-5, "decay_lr": False}
"""nanoGPT's for fine-tuning (config/finetune_shakespeare.py): a rate that changes little, the same throughout."""


def starting_settings(
    init_from: str, given: Mapping[str, Any], shape: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the settings of a run that starts from a model: its shape, nanoGPT's recipe, and over it what is given.

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


def vocabulary_for(config: TrainConfig) -> int:
    """Return how many tokens the model of a run has: those of the model it goes on with, else those of its dataset.

    Raises DataError where neither is there.
    """
    resumes = config.init_from == "resume"
    if config.init_from in GPT2_SHAPES:
        return GPT2_TOKEN_COUNT
    if not resumes and not is_model(config.init_from):
        return vocabulary_of(config.dataset)
    place = model_place(config.out_dir if resumes else config.init_from)
    if is_hugging_face(place):
        return int(read_config(place)["vocab_size"])
    sizes = (event.vocab_size for event in RunFolder(place).events() if isinstance(event, Started))
    return next(sizes, None) or vocabulary_of(config.dataset)


def tells_shape(init_from: str) -> bool:
    """Return whether a model's shape is known without its checkpoint, which only torch can open."""
    if init_from in GPT2_SHAPES or is_hugging_face(model_place(init_from)):
        return True
    run = RunFolder(model_place(init_from))
    return run.has_checkpoint and os.path.exists(run.config_path)


def model_shape(init_from: str) -> dict[str, Any]:
    """Return n_layer, n_head, n_embd, block_size and bias of a model; raises CheckpointError when there is none."""
    if init_from in GPT2_SHAPES:
        return {**GPT2_SHAPES[init_from], "block_size": GPT2_BLOCK, "bias": True}
    place = model_place(init_from)
    if not tells_shape(init_from):
        from engine.runs.pretrained import read_model

        args = read_model(init_from).args
        return {name: getattr(args, name) for name in _SHAPE}
    if is_hugging_face(place):
        shape = read_config(place)
        return {
            "n_layer": shape["n_layer"],
            "n_head": shape["n_head"],
            "n_embd": shape["n_embd"],
            "block_size": shape["n_positions"],
            "bias": True,
        }
    config = RunFolder(place).read_config()
    return {name: getattr(config, name) for name in _SHAPE}
