"""A configuration as a line for the terminal, every setting that matters spelled out."""

from __future__ import annotations

import shlex

from engine.core.config import OF_THE_CALL, TrainConfig
from engine.core.errors import DataError
from engine.core.init_from import GPT2_SHAPES, is_model
from engine.datasets.dataset import dataset

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
    """Return the `python -m engine train …` line that makes a new run of this configuration.

    All settings are there, so that the line means the same when a default changes; where the run goes and
    the run it goes on with is left to whoever runs it.
    """
    values = {name: value for name, value in config.as_dict().items() if name not in OF_THE_CALL}
    if is_model(config.init_from):
        values = {"init_from": config.init_from} | values
    return "python -m engine train " + " ".join(flag(name, value) for name, value in values.items())


def nanogpt_settings(config: TrainConfig) -> dict[str, object]:
    """Return the settings that make nanoGPT's train.py train as a configuration does, none left to its defaults.

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
    """Return the `python train.py …` line that trains as a configuration does with nanoGPT's own code.

    `data_dir` is the dataset's folder; without it the dataset is named, and must stand in nanoGPT's data/.
    """
    init_from = config.init_from if config.init_from in GPT2_SHAPES else "scratch"
    values = nanogpt_settings(config) | {"out_dir": "out", "init_from": init_from}
    if data_dir:
        values["dataset"] = data_dir
    return "python train.py " + " ".join(flag(name, value) for name, value in values.items())


def nanogpt_lines(config: TrainConfig) -> str:
    """Return nanoGPT's line for the dataset as it stands here, under a remark for each thing that it cannot do."""
    try:
        folder = str(dataset(config.dataset).folder.absolute())
    except DataError:  # it is prepared when training starts
        folder = ""
    remarks = [f"# {sentence}" for sentence in beyond_nanogpt(config)]
    return "\n".join([*remarks, nanogpt_command(config, folder)])


def beyond_nanogpt(config: TrainConfig) -> list[str]:
    """Return a sentence for each thing that a configuration asks for and nanoGPT cannot do."""
    beyond = []
    if config.optimizer != "adamw":
        beyond.append(f"nanoGPT has no {config.optimizer}: it trains with AdamW.")
    if config.decay_form != "cosine":
        beyond.append(f"nanoGPT has no {config.decay_form} decay: its rate falls by a cosine.")
    if config.copy_heads:
        beyond.append("nanoGPT has no copy heads: its first weights are random.")
    if config.dropout != config.embedding_dropout:
        beyond.append("nanoGPT drops everywhere: of token vectors as well.")
    if config.sampling != "random":
        beyond.append("nanoGPT reads at random: some of the text more often than the rest.")
    if config.made_up_words:
        beyond.append("nanoGPT makes up no words: it learns the text as it stands.")
    if config.generations > 1:
        beyond.append("nanoGPT trains one model: none is taught by another.")
    if config.minutes:
        beyond.append(f"nanoGPT knows no time limit: it makes all {config.max_iters} iterations.")
    if is_model(config.init_from) and config.init_from not in GPT2_SHAPES:
        beyond.append("nanoGPT starts from GPT-2 or from scratch only: it starts from scratch.")
    return beyond


def flag(name: str, value: object) -> str:
    """Return one setting as `--name=value`, quoted for a shell."""
    return f"--{name}={shlex.quote(str(value))}"
