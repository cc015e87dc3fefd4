"""Muon: momentum whose every matrix is made orthogonal before it is applied, with AdamW for all that is no matrix.

After Keller Jordan, "Muon: An optimizer for hidden layers in neural networks" (2024),
kellerjordan.github.io/posts/muon. An update of a layer's matrix then moves all its directions alike, those too that
gradients seldom show. torch.optim.Muon does the same a matrix at a time; like torch.optim.AdamW its first step
imports torch's compiler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from engine.core.config import TrainConfig
from engine.model.gpt import GPT
from engine.planning.estimate import NEWTON_SCHULZ_STEPS
from engine.training.optimizer import AdamW, groups_of
from engine.training.parameters import Parameters, Span

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of Jordan's quintic, steep at zero: singular values end between 0.7 and 1.2, not at 1, and that will do."""

LIKE_ADAMW = 0.2
"""Root mean square of an update's numbers beside a rate of 1: about AdamW's, so that both go by one learning rate.

Liu et al., "Muon is Scalable for LLM Training" (2025), arXiv:2502.16982.
"""

TABLES_RATE = 2.0
"""How many times the learning rate what AdamW updates goes by: found on Tiny Shakespeare (docs/recipes.md)."""

_EPS = 1e-7


class Muon(AdamW):
    """Muon for some matrices, AdamW for the other parameters of the same groups; rates and decay are the groups'.

    Its state is AdamW's with no moments for the matrices, which torch.optim.AdamW takes as well (it begins theirs
    anew), and beside it the momentum of each matrix by its number.
    """

    rate_factor = TABLES_RATE

    def __init__(
        self,
        groups: list[dict[str, Any]],
        lr: float,
        betas: tuple[float, float],
        laid: Parameters,
        matrices: Sequence[nn.Parameter],
        momentum: float,
    ) -> None:
        """Make what AdamW has for the other parameters; `momentum` is the share of it that stays at each update."""
        super().__init__(groups, lr, betas, laid, without=matrices)
        self._momentum = momentum
        self._stacks = [_Stack(alike, laid) for alike in _alike(matrices)]

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient; of the matrices, all or none have one."""
        super().step()
        group_of = {parameter: group for group in self.param_groups for parameter in group["params"]}
        for stack in self._stacks:
            if stack.has_gradients:
                group = group_of[stack.first]
                stack.step(group["lr"], group["weight_decay"], self._momentum)

    def tensors(self) -> list[Tensor]:
        """Return every tensor of the state, itself and contiguous."""
        return [*super().tensors(), *(stack.momentum for stack in self._stacks)]

    def state_dict(self) -> dict[str, Any]:
        """Return AdamW's state, and the momentum of each matrix by number."""
        return {**super().state_dict(), "momentum": self._momenta()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take copies of moments and momentum; where a state has no momentum (AdamW's own), it begins at nothing.

        Raises ValueError when it does not fit the parameters.
        """
        super().load_state_dict(state)
        momenta = self._momenta()
        for number, saved in state.get("momentum", {}).items():
            if saved.shape != momenta[number].shape:
                raise ValueError(f"momentum {number} is {tuple(saved.shape)}, not {tuple(momenta[number].shape)}")
            momenta[number].copy_(saved)

    def _momenta(self) -> dict[int, Tensor]:
        """Return the momentum of each matrix, in its shape, by its number in state_dict."""
        number = {parameter: n for n, parameter in enumerate(self._parameters())}
        return {number[p]: momentum for stack in self._stacks for p, momentum in stack.momenta()}


class _Stack:
    """Matrices that are made orthogonal in one go: as many as there are of (rows, columns) or (columns, rows).

    What reads all of queries, keys and values at once (3 C, C) is three matrices to Muon: each has a task of its own.
    """

    def __init__(self, matrices: Sequence[nn.Parameter], laid: Parameters) -> None:
        lying = [p for p in matrices if not _stands(p)]
        standing = [p for p in matrices if _stands(p)]
        self._spans = [*laid.spans(lying), *laid.spans(standing)]
        self._laid = laid
        self.momentum = torch.cat([torch.zeros_like(_matrices(laid.weights(span), span)) for span in self._spans])

    @property
    def first(self) -> nn.Parameter:
        """One of its parameters."""
        return self._spans[0][0]

    @property
    def has_gradients(self) -> bool:
        """Whether there is something to learn from."""
        return self._laid.gradient(self._spans[0]) is not None

    def momenta(self) -> list[tuple[nn.Parameter, Tensor]]:
        """Return each parameter with the view of its momentum, in its own shape."""
        parameters = [parameter for span in self._spans for parameter in span]
        parts = torch.split(self.momentum, [_count(parameter) for parameter in parameters])
        return [
            (p, part[0].mT if _stands(p) else part.view(p.shape)) for p, part in zip(parameters, parts, strict=True)
        ]

    def step(self, lr: float, weight_decay: float, momentum: float) -> None:
        """Update all of them: momentum (Nesterov's), made orthogonal, decay decoupled as AdamW's."""
        found = [(self._laid.gradient(span), span) for span in self._spans]
        gradient = torch.cat([_matrices(each, span) for each, span in found if each is not None])
        self.momentum.lerp_(gradient, 1 - momentum)
        update = orthogonal(gradient.lerp_(self.momentum, momentum))
        size = LIKE_ADAMW * max(update.shape[1:]) ** 0.5
        parts = torch.split(update, [sum(map(_count, span)) for span in self._spans])
        for span, part in zip(self._spans, parts, strict=True):
            weights = _matrices(self._laid.weights(span), span)
            weights.mul_(1 - lr * weight_decay)
            weights.add_(part, alpha=-lr * size)


def muon(model: GPT, config: TrainConfig, laid: Parameters | None = None) -> Muon:
    """Return the optimizer over nanoGPT's two groups, with Muon for the matrices of the layers.

    The token and position tables are looked up, not multiplied, so they stay with AdamW.
    """
    layers = [p for p in model.transformer.h.parameters() if p.requires_grad and p.dim() == 2]
    return Muon(
        groups_of(model, config),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        laid=laid or Parameters(model),
        matrices=layers,
        momentum=config.momentum,
    )


def orthogonal(matrices: Tensor) -> Tensor:
    """Return the (nearly) orthogonal matrices nearest to these (N, rows, columns), by Newton and Schulz's iteration.

    With M = U S V^T it gives U S' V^T, S' near 1. Products alone are taken, under autocast in its dtype: where Jordan
    too takes bfloat16, as S' is near 1 at best.
    """
    a, b, c = COEFFICIENTS
    norms = torch.linalg.vector_norm(matrices.flatten(1), dim=1)  # Tensor.norm warns on MPS
    x: Tensor = matrices / norms.clamp_min(_EPS)[:, None, None]
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = torch.bmm(x, x.mT)
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _alike(matrices: Sequence[nn.Parameter]) -> list[list[nn.Parameter]]:
    """Return matrices in groups whose parts have the same sides."""
    found: dict[tuple[int, ...], list[nn.Parameter]] = {}
    for matrix in matrices:
        found.setdefault(tuple(sorted(_part(matrix))), []).append(matrix)
    return list(found.values())


def _count(matrix: Tensor) -> int:
    """Return how many matrices a parameter is to Muon: three where it is three times as high as wide."""
    return 3 if matrix.shape[0] == 3 * matrix.shape[1] else 1


def _part(matrix: Tensor) -> tuple[int, int]:
    """Return the height and width of each matrix that a parameter is."""
    return matrix.shape[0] // _count(matrix), matrix.shape[1]


def _stands(matrix: Tensor) -> bool:
    """Return whether its matrices are higher than wide: those are laid on their side."""
    height, width = _part(matrix)
    return height > width


def _matrices(numbers: Tensor, span: Span) -> Tensor:
    """Return the numbers of parameters as a view of their matrices (N, rows, columns), rows at most columns."""
    parts = numbers.detach().view(-1, *_part(span[0]))
    return parts.mT if _stands(span[0]) else parts
