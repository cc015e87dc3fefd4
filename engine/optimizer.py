"""AdamW as nanoGPT sets it up: matrices decay, vectors do not."""

from __future__ import annotations

import torch

from engine.config import TrainConfig
from engine.model import GPT


def adamw(model: GPT, config: TrainConfig) -> torch.optim.AdamW:
    """Give the optimizer with nanoGPT's two groups, in its order, so that its checkpoints fit ours.

    Parameters of two and more dimensions are decayed; biases and norms are not. Fused on every device.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(config.beta1, config.beta2), fused=True)
