"""AdamW as nanoGPT sets it up: matrices decay, vectors do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.config import TrainConfig
from engine.model.gpt import GPT

_GROUP_KEYS = {
    "eps": 1e-8,
    "amsgrad": False,
    "maximize": False,
    "foreach": None,
    "capturable": False,
    "differentiable": False,
    "fused": True,
    "decoupled_weight_decay": True,
}
"""What torch.optim.AdamW keeps of each group beside lr, betas and weight_decay; so that its state fits ours."""


class AdamW:
    """AdamW (Loshchilov & Hutter 2019) by torch's fused kernel, with torch.optim.AdamW's own state_dict.

    torch.optim.AdamW calls the same kernel, but its first step imports torch's compiler: two seconds and 75 MB
    that a small run on a laptop would rather not spend.
    """

    rate_factor = 1.0
    """How many times the learning rate of its group a parameter goes by."""

    def __init__(
        self,
        groups: list[dict[str, Any]],
        lr: float,
        betas: tuple[float, float],
        without: Collection[nn.Parameter] = (),
    ) -> None:
        """Make the moments of every parameter but those in `without`, which somebody else updates."""
        self.param_groups = [{"lr": lr, "betas": betas, **_GROUP_KEYS, **group} for group in groups]
        left_out = set(without)
        # made at once: later they would fall into the holes that activations leave
        self._state = {p: _zero_moments(p) for p in self._parameters() if p not in left_out}

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None and p in self._state]
            if not parameters:
                continue
            states = [self._state[p] for p in parameters]
            steps = [state["step"] for state in states]
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(
                parameters,
                [p.grad for p in parameters],
                [state["exp_avg"] for state in states],
                [state["exp_avg_sq"] for state in states],
                [],
                steps,
                lr=group["lr"] * self.rate_factor,
                beta1=group["betas"][0],
                beta2=group["betas"][1],
                weight_decay=group["weight_decay"],
                eps=group["eps"],
                amsgrad=False,
                maximize=False,
            )

    def tensors(self) -> list[Tensor]:
        """Return every tensor of the state, itself and contiguous, in the order of the parameters."""
        return [moments[name] for moments in self._state.values() for name in sorted(moments)]

    def zero_grad(self) -> None:
        """Let go of all gradients."""
        for parameter in self._parameters():
            parameter.grad = None

    def _parameters(self) -> list[nn.Parameter]:
        """Return the parameters in the order that state_dict numbers them."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """Return the state as torch.optim.AdamW does: moments by number, and the settings of each group."""
        parameters = self._parameters()
        number = {parameter: n for n, parameter in enumerate(parameters)}
        return {
            "state": {number[p]: dict(state) for p, state in self._state.items()},
            "param_groups": [{**group, "params": [number[p] for p in group["params"]]} for group in self.param_groups],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take copies of the moments of a state_dict, ours or torch's; rates and decay stay as they are.

        Raises ValueError when it does not fit the parameters.
        """
        parameters = self._parameters()
        sizes = [len(group["params"]) for group in state["param_groups"]]
        if sizes != [len(group["params"]) for group in self.param_groups]:
            raise ValueError(f"its groups hold {sizes} parameters, not {[len(g['params']) for g in self.param_groups]}")
        for number, moments in state["state"].items():
            parameter = parameters[number]
            for name in ("exp_avg", "exp_avg_sq"):
                if moments[name].shape != parameter.shape:
                    raise ValueError(f"{name} {number} is {tuple(moments[name].shape)}, not {tuple(parameter.shape)}")
            for name, tensor in self._state.get(parameter, {}).items():
                tensor.copy_(torch.as_tensor(moments[name]))


def _zero_moments(parameter: nn.Parameter) -> dict[str, Tensor]:
    """Return what AdamW keeps of a parameter, before its first step."""
    return {
        "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
        "exp_avg": torch.zeros_like(parameter, requires_grad=False),
        "exp_avg_sq": torch.zeros_like(parameter, requires_grad=False),
    }


def groups_of(model: GPT, config: TrainConfig) -> list[dict[str, Any]]:
    """Return nanoGPT's two groups, in its order, so that its checkpoints fit ours.

    Parameters of two and more dimensions are decayed; biases and norms are not.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]


def adamw(model: GPT, config: TrainConfig) -> AdamW:
    """Return the optimizer as nanoGPT sets it up."""
    return AdamW(groups_of(model, config), lr=config.learning_rate, betas=(config.beta1, config.beta2))
