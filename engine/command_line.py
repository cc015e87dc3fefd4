"""A configuration as a line for the terminal, every setting that matters spelled out."""

from __future__ import annotations

import shlex

from engine.config import TrainConfig

_OF_THE_CALL = ("out_dir", "init_from", "resume_from", "overwrite", "eval_only")


def command_line(config: TrainConfig) -> str:
    """Give the `python -m engine train …` line that makes a new run of this configuration.

    All settings are there, so that the line means the same when a default changes; where the run goes and
    what it starts from is left to whoever runs it.
    """
    values = {name: value for name, value in config.as_dict().items() if name not in _OF_THE_CALL}
    return "python -m engine train " + " ".join(flag(name, value) for name, value in values.items())


def flag(name: str, value: object) -> str:
    """Give one setting as `--name=value`, quoted for a shell."""
    return f"--{name}={shlex.quote(str(value))}"
