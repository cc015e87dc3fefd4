"""A model fitted to the device it computes on: it does what that device does best, and nothing that it does wrongly."""

from __future__ import annotations

import torch

from engine.machine.device import Device
from engine.model.attention import WholeAttention, causal_attention
from engine.model.gpt import GPT


def fit(model: GPT, device: Device) -> None:
    """Let a model compute in the formulation that its device wants."""
    wanted, head_size = device.formulation, model.args.n_embd // model.args.n_head
    model.transformer.wte.adds_in_place = wanted.rows_in_place
    if wanted.attention != "torch":
        model.attend_by(causal_attention if wanted.attention == "blocks" else WholeAttention())
    is_unknown = bool(wanted.head_sizes) and head_size not in wanted.head_sizes
    if is_unknown or (wanted.causal_in_doubt and not causal_rule_holds(model, device.torch)):
        model.use_explicit_mask()


def compile_layers(model: GPT, device: Device) -> None:
    """Compile a model where its device gains by it; elsewhere leave it as it is.

    The output layer and its loss are left out: they go by blocks of their own. Weights keep their names.
    """
    if device.compiles:
        model.transformer.compile()


def causal_rule_holds(model: GPT, device: torch.device) -> bool:
    """Probe that changing the last token moves no earlier position's logits, with gradients and without."""
    size = model.args.block_size
    tokens = torch.arange(size, device=device)[None] % model.args.vocab_size
    changed = tokens.clone()
    changed[0, -1] = (changed[0, -1] + 1) % model.args.vocab_size
    was_training = model.training
    model.eval()
    try:
        for grad in (True, False):
            with torch.set_grad_enabled(grad):
                before, after = model.transformer(tokens), model.transformer(changed)
            if not torch.allclose(before[:, :-1].detach(), after[:, :-1].detach(), atol=1e-4):
                return False
    finally:
        model.train(was_training)
    return True
