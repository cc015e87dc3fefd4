"""Short questions to a device whose answers are known: does a model on it see the future, are its gradients whole."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.model.gpt import GPT, Block

SPOILT_BYTES = tuple(2**exponent for exponent in range(10, 25))
"""Sizes of the blocks that are filled with NaN before a question, two of each: 64 MB together."""

EARLY = 5
"""A position within the first groups of a kernel's queries: what it sees of a later one weighs much there."""

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 2e-2, torch.float16: 2e-3}
"""How far features, which are about 1, may move by rounding."""

GRADIENT_TOLERANCE = 0.02
"""Relative error of that sum: rounding makes some thousandths, a gradient that drops nothing as much as dropout's p."""


def spoil_free_memory(device: torch.device) -> None:
    """Fill memory that a GPU's next tensors get with NaN: whoever reads what nobody wrote gives itself away."""
    if device.type != "cpu":
        blocks = [torch.empty(size // 4, device=device) for size in SPOILT_BYTES for _ in range(2)]
        for block in blocks:
            block.fill_(float("nan"))


def causal_rule_holds(model: GPT, device: torch.device, dtype: torch.dtype = torch.float32) -> bool:
    """Return whether changing a token moves no earlier position's features.

    Asked as a run asks: in training, with gradients and dropout, and without either; products in `dtype`.
    """
    size, vocabulary = model.args.block_size, model.args.vocab_size
    tokens = torch.arange(size)[None] % vocabulary
    spoil_free_memory(device)
    for trains in (True, False):
        with _as_in_a_run(model, device, dtype, trains):
            before = _features(model, tokens, device)
            for place in sorted({min(EARLY, size - 1), size - 1} - {0}):
                changed = tokens.clone()
                changed[:, place:] = (changed[:, place:] + 1) % vocabulary
                after = _features(model, changed, device)
                if not torch.allclose(before[:, :place], after[:, :place], rtol=0.0, atol=TOLERANCE[dtype]):
                    return False
    return True


def gradients_drop_alike(model: GPT, device: torch.device, dtype: torch.dtype = torch.float32) -> bool:
    """Return whether gradients in a layer drop what dropout dropped; products in `dtype`.

    Attention is linear in what makes its values, the MLP in its last matrix, dropout in all: so with their output y
    and these parameters w, the sum of w times the gradient of y * y (its second factor held) is the sum of y * y.
    """
    block, width = model.transformer.h[0], model.args.n_embd
    assert isinstance(block, Block)
    x = torch.randn(2, model.args.block_size, width, generator=torch.Generator().manual_seed(0)).to(device)
    values = [(block.attn.c_attn.weight, 2 * width), (block.attn.c_attn.bias, 2 * width), (block.attn.c_proj.bias, 0)]
    last = [(block.mlp.c_proj.weight, 0), (block.mlp.c_proj.bias, 0)]
    for module, parts in ((block.attn, values), (block.mlp, last)):
        parameters = [(w, first) for w, first in parts if w is not None]
        with _as_in_a_run(model, device, dtype, trains=True):
            y = module(x).float()
            square = (y * y.detach()).sum()
            gradients = torch.autograd.grad(square, [w for w, _ in parameters])
        weighed = zip(parameters, gradients, strict=True)
        found = sum(float((w.detach() * gradient)[first:].sum()) for (w, first), gradient in weighed)
        expected = float(square.detach())
        if not abs(found - expected) <= GRADIENT_TOLERANCE * expected:
            return False
    return True


@contextlib.contextmanager
def _as_in_a_run(model: GPT, device: torch.device, dtype: torch.dtype, trains: bool) -> Iterator[None]:
    """Let the model compute as in training or as in an evaluation, and be as it was afterwards."""
    was_training = model.training
    narrow = torch.autocast(device.type, dtype) if dtype != torch.float32 else contextlib.nullcontext()
    model.train(trains)
    try:
        with torch.set_grad_enabled(trains), torch.random.fork_rng(devices=[]), narrow:
            yield
    finally:
        model.train(was_training)


def _features(model: GPT, tokens: Tensor, device: torch.device) -> Tensor:
    """Return what the output layer reads (B, T, C), in float32 on the CPU; the same is dropped each time."""
    torch.manual_seed(0)
    features: Tensor = model.transformer(tokens.to(device))
    return features.detach().float().cpu()
