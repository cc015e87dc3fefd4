"""How a run that goes on is opened: from which of its checkpoints, in which tokens, with which settings."""

from __future__ import annotations

import os
from pathlib import Path

from engine.core.config import TrainConfig
from engine.core.files import sync_folder
from engine.core.init_from import is_model
from engine.core.paths import expanded
from engine.runs import checkpoint
from engine.runs.folder import RunFolder
from engine.runs.pretrained import model_tokenizer
from engine.tokens.tokenizer import Tokenizer


def chosen_checkpoint(run: RunFolder, resume_from: str) -> Path:
    """Return the checkpoint that a run goes on from: the latest stands for the best where there is no latest."""
    if resume_from == "latest" and os.path.exists(run.checkpoint):
        return run.checkpoint
    if resume_from == "previous":
        return run.path / "previous.pt"
    return run.best if os.path.exists(run.best) else run.checkpoint


def kept_tokenizer(config: TrainConfig) -> Tokenizer | None:
    """Return the tokenizer that a run brings with it: its own, or that of its first model; None for a new one."""
    began_with = config.init_from
    if began_with == "resume":
        run = RunFolder(expanded(config.out_dir).absolute())
        path = chosen_checkpoint(run, config.resume_from)
        if os.path.isfile(path):
            return checkpoint.glance(path).load_tokenizer()
        began_with = run.read_config().init_from if os.path.exists(run.config_path) else ""
    return model_tokenizer(began_with).tokenizer if began_with and is_model(began_with) else None


def make_latest(path: Path, run: RunFolder) -> None:
    """Let a checkpoint of a run be its latest; what was the latest becomes the previous one, if it is whole."""
    if os.path.exists(run.checkpoint) and run.checkpoint.samefile(path):
        return
    chosen = run.path / ".chosen.tmp"
    checkpoint.keep_as(path, chosen)
    if checkpoint.is_whole(run.checkpoint):
        checkpoint.keep_as(run.checkpoint, run.path / "previous.pt")
    chosen.replace(run.checkpoint)
    sync_folder(run.path)


def resumed_config(out_dir: str, changes: dict[str, object]) -> TrainConfig:
    """Return the configuration of a run that goes on: everything as it was but what is given again.

    A folder of nanoGPT's own has no config.json: there the checkpoint tells, and what only a cluster can do
    (cuda:N, compile) is left to choose anew.
    """
    run = RunFolder(expanded(out_dir).absolute())
    if os.path.exists(run.config_path):
        base = run.read_config()
    else:
        saved = checkpoint.load(chosen_checkpoint(run, str(changes.get("resume_from", "latest"))))
        known = TrainConfig().as_dict()
        settings = {name: value for name, value in saved.config.items() if name in known}
        settings |= {name: value for name, value in saved.args.as_dict().items() if name in known}
        base = TrainConfig.of(settings, {"device": "auto", "dtype": "auto", "compile": False})
    if "minutes" in changes and "max_iters" not in changes:
        base = base.lasting(float(str(changes["minutes"])))
    return base.going_on(out_dir, changes)
