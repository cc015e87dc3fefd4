"""A configuration as a line for the terminal, every setting that matters spelled out."""

from __future__ import annotations

import shlex

from engine.config import TrainConfig

_OF_THE_CALL = ("out_dir", "init_from", "resume_from", "overwrite", "eval_only")

_NANOGPT = (
    "eval_interval",
    "log_interval",
    "eval_iters",
    "eval_only",
    "always_save_checkpoint",
    "dataset",
    "gradient_accumulation_steps",
    "batch_size",
    "block_size",
    "n_layer",
    "n_head",
    "n_embd",
    "dropout",
    "bias",
    "learning_rate",
    "max_iters",
    "weight_decay",
    "beta1",
    "beta2",
    "grad_clip",
    "decay_lr",
    "warmup_iters",
    "lr_decay_iters",
    "min_lr",
    "compile",
)
"""The settings that nanoGPT has under the same name with the same meaning."""

_NANOGPT_FLOATS = ("dropout", "learning_rate", "weight_decay", "beta1", "beta2", "grad_clip", "min_lr")
"""Those that must be typed with a point: nanoGPT asserts that types are equal."""


def command_line(config: TrainConfig) -> str:
    """Give the `python -m engine train …` line that makes a new run of this configuration.

    All settings are there, so that the line means the same when a default changes; where the run goes and
    what it starts from is left to whoever runs it.
    """
    values = {name: value for name, value in config.as_dict().items() if name not in _OF_THE_CALL}
    return "python -m engine train " + " ".join(flag(name, value) for name, value in values.items())


def nanogpt_settings(config: TrainConfig) -> dict[str, object]:
    """Give every setting of nanoGPT's train.py that makes it train as a configuration does, none left to its defaults.

    Types are those that its configurator demands. It draws its batches and weights from a seed of its own (1337) in
    another way, so that the run is the same but for chance.
    """
    values = {name: value for name, value in config.as_dict().items() if name in _NANOGPT}
    values |= {name: float(value) for name, value in values.items() if name in _NANOGPT_FLOATS}
    device = "cpu" if config.device == "auto" else config.device
    dtype = "float32" if config.dtype == "auto" else config.dtype
    values |= {"device": device, "dtype": dtype, "backend": "gloo" if device == "cpu" else "nccl", "wandb_log": False}
    return values


def nanogpt_command(config: TrainConfig, data_dir: str = "") -> str:
    """Give the `python train.py …` line that trains as a configuration does with nanoGPT's own code.

    `data_dir` is the dataset's folder; without it the dataset is named, and must stand in nanoGPT's data/.
    """
    values = nanogpt_settings(config) | {"out_dir": "out", "init_from": "scratch"}
    if data_dir:
        values["dataset"] = data_dir
    return "python train.py " + " ".join(flag(name, value) for name, value in values.items())


def flag(name: str, value: object) -> str:
    """Give one setting as `--name=value`, quoted for a shell."""
    return f"--{name}={shlex.quote(str(value))}"
