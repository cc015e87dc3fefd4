"""Scoring a model: its loss over fixed windows, the same at every evaluation, with no random state touched."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from itertools import islice

import torch

from engine.core.events import Turn
from engine.core.jobs import Control
from engine.tokens.batches import TokenFile
from engine.training.ahead import sent_ahead
from engine.training.learner import Learner
from engine.training.team import ALONE, Windows


def mean_loss(learner: Learner, tokens: TokenFile, control: Control) -> Generator[Turn, None, float | None]:
    """Return the mean loss in nats per token over the fixed windows of a file, or None when stopped or paused.

    Yields a turn after each batch of each process. Products are taken in the dtype of training, as in nanoGPT: in
    bfloat16 the loss of trained models was within 0.0002 nats of float32's, over all windows and over the default
    ones (vocabularies of 65, 1,024 and 50,304; losses of 1.9 to 6.0), which a best model or a stop does not turn on.
    """
    config, team = learner.config, learner.team
    total = torch.zeros((), device=learner.device.torch)
    batches = tokens.fixed_windows(config.eval_iters, config.batch_size, config.block_size)
    windows: Iterator[Windows] = (tokens.windows(starts, config.block_size) for starts in batches)
    if team is ALONE:
        windows = sent_ahead(windows, learner.device)
    while few := list(islice(windows, team.size)):
        for loss in team.losses(learner, few):
            total += loss
        yield Turn.NEXT
        if control.stopping or control.paused:
            return None
    return float(total) / len(batches)


def bits_per_byte(loss: float, tokens: int, text_bytes: int) -> float:
    """Return a loss in nats per token as bits per byte of text, which no choice of tokenizer flatters."""
    return loss / math.log(2) * tokens / text_bytes
