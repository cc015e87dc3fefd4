"""AdamW as nanoGPT sets it up: matrices decay, vectors do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.config import TrainConfig
from engine.model.gpt import GPT
from engine.training.parameters import Parameters, Span

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
        laid: Parameters,
        without: Collection[nn.Parameter] = (),
    ) -> None:
        """Make the moments of every parameter but those in `without`, which somebody else updates."""
        self.param_groups = [{"lr": lr, "betas": betas, **_GROUP_KEYS, **group} for group in groups]
        left_out = set(without)
        self._updates = {parameter: 0 for parameter in self._parameters() if parameter not in left_out}
        self._laid = laid
        # made at once: later they would fall into the holes that activations leave
        self._exp_avg, self._exp_avg_sq = laid.zeros(list(self._updates), 2)
        self._arrange()

    def _arrange(self) -> None:
        """Take together what one step can update: parameters of a group that were updated as often, by spans."""
        self._steps: dict[nn.Parameter, Tensor] = {}
        self._updated: list[list[_Updated]] = []
        for group in self.param_groups:
            alike: dict[int, list[nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter in self._updates:
                    alike.setdefault(self._updates[parameter], []).append(parameter)
            self._updated.append([self._of_span(s, n) for n, some in alike.items() for s in self._laid.spans(some)])

    def _of_span(self, span: Span, updates: int) -> _Updated:
        """Return what belongs to a span that was updated so often."""
        step = torch.full((), float(updates), dtype=torch.float32, device=span[0].device)
        self._steps |= dict.fromkeys(span, step)
        return _Updated(span, self._laid.weights(span), self._exp_avg.over(span), self._exp_avg_sq.over(span), step)

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for group, updated in zip(self.param_groups, self._updated, strict=True):
            found = [(one, self._laid.gradient(one.span)) for one in updated]
            ready = [(one, gradient) for one, gradient in found if gradient is not None]
            if not ready:
                continue
            steps = [one.step for one, _ in ready]
            torch._foreach_add_(steps, 1)
            torch._fused_adamw_(
                [one.weights for one, _ in ready],
                [gradient for _, gradient in ready],
                [one.exp_avg for one, _ in ready],
                [one.exp_avg_sq for one, _ in ready],
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
            for one, _ in ready:
                self._updates |= dict.fromkeys(one.span, self._updates[one.span[0]] + 1)

    def tensors(self) -> list[Tensor]:
        """Return every tensor of the state, itself and contiguous, in the order of the parameters."""
        return [x for p in self._updates for x in (self._exp_avg[p], self._exp_avg_sq[p], self._steps[p])]

    @property
    def updates(self) -> int:
        """How many updates were asked for: of its first parameter, as of all that it has from the beginning."""
        return next(iter(self._updates.values()))

    @property
    def updates_on_device(self) -> Tensor:
        """How many of them the device has made, a scalar there."""
        return next(iter(self._steps.values()))

    def count_anew(self) -> None:
        """Take the device's count for what was asked for: after somebody else has filled the tensors of the state."""
        self._updates = {parameter: round(float(self._steps[parameter])) for parameter in self._updates}
        self._arrange()

    def zero_grad(self) -> None:
        """Let go of all gradients."""
        self._laid.clear_gradients()

    def _parameters(self) -> list[nn.Parameter]:
        """Return the parameters in the order that state_dict numbers them."""
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def state_dict(self) -> dict[str, Any]:
        """Return the state as torch.optim.AdamW does: moments by number, and the settings of each group."""
        parameters = self._parameters()
        number = {parameter: n for n, parameter in enumerate(parameters)}
        return {
            "state": {number[p]: self._moments(p) for p in self._updates},
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
            if parameter in self._updates:
                self._exp_avg[parameter].copy_(moments["exp_avg"])
                self._exp_avg_sq[parameter].copy_(moments["exp_avg_sq"])
                self._updates[parameter] = round(float(moments["step"]))
        self._arrange()

    def _moments(self, parameter: nn.Parameter) -> dict[str, Tensor]:
        """Return what AdamW keeps of a parameter; the number of its updates, as counted here and not on the device."""
        return {
            "step": torch.tensor(float(self._updates[parameter])),
            "exp_avg": self._exp_avg[parameter],
            "exp_avg_sq": self._exp_avg_sq[parameter],
        }


@dataclass(frozen=True, slots=True)
class _Updated:
    """Parameters that are updated as one, with their moments, and how often they were, counted on the device."""

    span: Span
    weights: Tensor
    exp_avg: Tensor
    exp_avg_sq: Tensor
    step: Tensor


def groups_of(model: GPT, config: TrainConfig) -> list[dict[str, Any]]:
    """Return nanoGPT's two groups, in its order, so that its checkpoints fit ours.

    Parameters of two and more dimensions are decayed; biases and norms are not.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]


def adamw(model: GPT, config: TrainConfig, laid: Parameters | None = None) -> AdamW:
    """Return the optimizer as nanoGPT sets it up, for parameters as they are laid out: by default each by itself."""
    return AdamW(
        groups_of(model, config),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        laid=laid or Parameters(model),
    )
