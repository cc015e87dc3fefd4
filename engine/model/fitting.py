"""A model fitted to the device it computes on: it does what that device does best, and nothing that it does wrongly."""

from __future__ import annotations

import torch

from engine.machine.device import Device
from engine.model.attention import WholeAttention, causal_attention
from engine.model.gpt import GPT
from engine.model.probes import causal_rule_holds


def fit(model: GPT, device: Device, dtype: torch.dtype = torch.float32) -> None:
    """Let a model, its products in `dtype`, compute in the formulation that its device wants."""
    wanted, head_size = device.formulation, model.args.n_embd // model.args.n_head
    model.transformer.wte.adds_in_place = wanted.rows_in_place
    if wanted.attention != "torch":
        model.attend_by(causal_attention if wanted.attention == "blocks" else WholeAttention())
    is_unknown = bool(wanted.head_sizes) and head_size not in wanted.head_sizes
    if is_unknown or (wanted.causal_in_doubt and not causal_rule_holds(model, device.torch, dtype)):
        model.use_explicit_mask()


def compile_layers(model: GPT, device: Device) -> None:
    """Compile a model where its device gains by it; elsewhere leave it as it is.

    The output layer and its loss are left out: they go by blocks of their own. Weights keep their names.
    """
    if device.compiles:
        model.transformer.compile()
