"""One recorded run: planned by quick for so much arithmetic, made, and scored over all of the text that judges."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.core.config import TrainConfig
from engine.core.events import Eval, Finished
from engine.datasets.dataset import dataset
from engine.planning.calibration import threads
from engine.planning.estimate import training_flops_per_iter
from engine.planning.pace import rate_here
from engine.planning.predictability import predictability
from engine.planning.text_facts import text_facts
from engine.runs import checkpoint
from engine.tokens.batches import TokenFile
from engine.training.evaluation import bits_per_byte
from engine.training.trainer import Trainer
from scripts.recipe_lab.baselines import minutes_for, planned

EVALUATIONS = 18
"""How often a recorded run is scored: oftener than quick would, for the forecast's sake."""

MOST_SCORED = 2**16
"""Tokens of the text that judges which the last score is taken over, at most: evenly spread windows."""

LEAST_SCORED = 2
"""Batches that an evaluation scores at least."""

KEPT = (
    "n_layer",
    "n_head",
    "n_embd",
    "block_size",
    "batch_size",
    "gradient_accumulation_steps",
    "sampling",
    "dropout",
    "dropout_at",
    "copy_heads",
    "optimizer",
    "momentum",
    "made_up_words",
    "max_iters",
    "learning_rate",
    "min_lr",
    "decay_form",
    "warmup_iters",
    "weight_decay",
    "eval_interval",
    "eval_iters",
    "seed",
)
"""The settings that are recorded: all that the promise and the forecast read, and what else quick decides."""


def record(text: str, tflop: float, seed: int) -> dict[str, Any]:
    """Make a run of a prepared text with so many 10^12 operations; return what it was and what came of it.

    Losses of its curve are nats per token; `rate` is what one product told beforehand of this machine's speed.
    """
    plan = planned("quick", text, minutes_for(tflop))
    each = training_flops_per_iter(TrainConfig.of(plan.settings), plan.vocab_size)
    iterations = min(plan.settings["max_iters"], max(1, int(tflop * 1e12 / each)))
    interval = max(1, iterations // EVALUATIONS)
    rate, facts, told = rate_here("cpu"), text_facts(text), predictability(text)
    with tempfile.TemporaryDirectory() as folder:
        config = TrainConfig.of(
            plan.settings
            | {
                "recipe": "guide",
                "out_dir": f"{folder}/run",
                "max_iters": iterations,
                "eval_interval": interval,
                "eval_iters": max(LEAST_SCORED, plan.settings["eval_iters"]),
                "seed": seed,
                "device": "cpu",
                "early_stop": False,
                "sample_tokens": 0,
                "snapshots": False,
                "always_save_checkpoint": False,
            }
        )
        events = list(Trainer(config).run())
        scored = whole_score(Path(folder) / "run" / "ckpt.pt", config)
    finished = next(one for one in reversed(events) if isinstance(one, Finished))
    evals = [one for one in events if isinstance(one, Eval)]
    vocab_size = dataset(config.dataset).vocab_size
    return {
        "text": text,
        "tflop": tflop,
        "train_bytes": facts.train_bytes,
        "val_bytes": facts.val_bytes,
        "counted": told and round(told.counted, 4),
        "recalled": told and round(told.recalled, 4),
        "vocab_size": vocab_size,
        "settings": {name: getattr(config, name) for name in KEPT},
        "iterations": finished.iter_num,
        "flops": finished.iter_num * training_flops_per_iter(config, vocab_size),
        "seconds": round(finished.seconds, 2),
        "threads": threads(),
        "processor": processor(),
        "rate": round(rate),
        "recorded": date.today().isoformat(),
        "bits_per_byte": round(scored, 4),
        "curve": [[one.iter_num, round(one.train_loss, 3), round(one.val_loss, 3)] for one in evals],
    }


def whole_score(path: Path, config: TrainConfig) -> float:
    """Return the bits per byte of a model over every window of the text that judges, of a long one over many."""
    text = dataset(config.dataset)
    tokens = TokenFile(text.val_path, text.vocab_size)
    model = checkpoint.load(path).build_model().eval()
    most, losses = MOST_SCORED // config.tokens_per_iter, []
    with torch.no_grad():
        for starts in tokens.fixed_windows(most, config.batch_size, config.block_size):
            losses.append(float(model(*tokens.windows(starts, config.block_size))))
    return bits_per_byte(float(np.mean(losses)), text.val_tokens, text.val_bytes)


def processor() -> str:
    """Return what of this processor decides its speed: its name and the widest products it makes."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), os.uname().machine)
    flags = next((line for line in lines if line.startswith("flags")), "")
    widest = [one for one in ("avx512_bf16", "avx512f", "avx2") if one in flags.split()]
    return f"{name}, {widest[0] if widest else 'no AVX2'}"
