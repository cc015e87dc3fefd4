"""A clean ckpt.pt for nanoGPT: its own keys and types and nothing of ours, and the vocabulary its sample.py reads."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from engine.core.config import TrainConfig
from engine.core.settings import setting_fields
from engine.datasets.nanogpt import nanogpt_vocabulary
from engine.runs.checkpoint import NO_LOSS, Saved
from engine.runs.command_line import nanogpt_settings
from engine.tokens.tokenizer import GPT2Tokenizer, Tokenizer


def write_folder(saved: Saved, tokenizer: Tokenizer | None, folder: Path) -> Iterator[tuple[int, int]]:
    """Write ckpt.pt, and meta.pkl where tokens are not GPT-2's; yields (bytes so far, bytes in all)."""
    with (folder / "ckpt.pt").open("wb") as file:
        torch.save(content(saved), file)
        file.flush()
        os.fsync(file.fileno())
    yield saved.size, saved.size
    if tokenizer is not None and not isinstance(tokenizer, GPT2Tokenizer):
        with (folder / "meta.pkl").open("wb") as file:
            pickle.dump(nanogpt_vocabulary(tokenizer), file)


def content(saved: Saved) -> dict[str, Any]:
    """Return what nanoGPT's train.py saves, in its order.

    Muon's momentum is left out: nanoGPT goes on with AdamW, which begins the moments of the layers' matrices anew.
    """
    known = {name: value for name, value in saved.config.items() if name in setting_fields(TrainConfig)}
    return {
        "model": saved.model,
        "optimizer": saved.optimizer and {name: saved.optimizer[name] for name in ("state", "param_groups")},
        "model_args": saved.args.as_dict(),
        "iter_num": saved.iter_num,
        "best_val_loss": NO_LOSS if saved.best_val_loss is None else saved.best_val_loss,
        "config": nanogpt_settings(TrainConfig.of(known)),
    }
