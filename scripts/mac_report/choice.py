"""What `--device=auto` takes here, and why."""

from __future__ import annotations

import torch

from engine.generation.device_trial import device_for_writing
from engine.machine.device import kinds_left_open
from engine.model.gpt import GPT
from engine.training.device_trial import faster_device
from engine.training.learner import model_args
from scripts.mac_report.models import Model
from scripts.mac_report.verdict import Verdict, result_of


def choices(models: list[Model]) -> Verdict:
    """Try each model's update, and the writing of tokens, on each device."""
    if len(kinds_left_open("auto")) < 2:
        return Verdict(right=True, words="There is one device here, so auto has no choice.")
    found = {}
    for model in models:
        config = model.config.changed({"device": "auto"})
        found[f"{model.name} trains"] = result_of(faster_device(config, model.vocab_size)).reason
        torch.manual_seed(0)
        gpt = GPT(model_args(model.config, model.vocab_size)).eval()
        found[f"{model.name} writes"] = device_for_writing(gpt, "auto", "auto").reason
    choices = "; ".join(f"{what}: {reason}" for what, reason in found.items())
    return Verdict(right=True, words=f"What auto takes: {choices}.", figures=found)
