"""GPT as nanoGPT writes it: the same modules under the same names, the same initialisation.

Shapes: B batch, T time (at most block_size), C n_embd, nh n_head, hs head size, V vocabulary.
References: Radford et al. 2019 (GPT-2); github.com/karpathy/nanoGPT model.py for names and initialisation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from engine.model.dropout import Dropout
from engine.model.linear import Linear, gelu_linear
from engine.model.loss import Lesson, linear_cross_entropy


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelArgs:
    """The shape of a model: nanoGPT's `model_args`, in its checkpoints under that name."""

    n_layer: int
    n_head: int
    n_embd: int
    block_size: int
    bias: bool
    vocab_size: int
    dropout: float

    def as_dict(self) -> dict[str, int | float | bool]:
        """Return the shape as a checkpoint holds it."""
        return asdict(self)


Attention = Callable[[Tensor, int, float], Tensor]
"""Attends, in training: queries, keys and values (B, T, 3 C), the number of heads, and dropout -> (B, T, C)."""


class LayerNorm(nn.Module):
    """Layer normalisation with an optional bias."""

    def __init__(self, width: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` (..., C) normalised over its last dimension."""
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


class CausalSelfAttention(nn.Module):
    """Multi-head attention in which no position sees a later one."""

    def __init__(self, args: ModelArgs) -> None:
        super().__init__()
        self.n_head = args.n_head
        self.dropout = args.dropout
        self.explicit_mask = False
        self.attend: Attention | None = None
        self.c_attn = Linear(args.n_embd, 3 * args.n_embd, bias=args.bias)
        self.c_proj = Linear(args.n_embd, args.n_embd, bias=args.bias)
        self.resid_dropout = Dropout(args.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the attended `x` (B, T, C)."""
        qkv = self.c_attn(x)
        y = self.attend(qkv, self.n_head, self.dropout) if self.attend and self.training else self._by_torch(qkv)
        attended: Tensor = self.resid_dropout(self.c_proj(y))
        return attended

    def _by_torch(self, qkv: Tensor) -> Tensor:
        """Attend by torch's kernel for the device: (B, T, 3 C) -> (B, T, C)."""
        q, k, v = (heads(part, self.n_head) for part in qkv.chunk(3, dim=2))
        mask = causal_mask(qkv.shape[1], qkv.device) if self.explicit_mask else None
        dropout = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=dropout, is_causal=mask is None)
        return merged(y)


def heads(x: Tensor, n_head: int) -> Tensor:
    """Split the width into heads: (B, T, C) -> (B, nh, T, hs)."""
    batch, time, width = x.shape
    return x.view(batch, time, n_head, width // n_head).transpose(1, 2)


def merged(x: Tensor) -> Tensor:
    """Join the heads again: (B, nh, T, hs) -> (B, T, C)."""
    batch, n_head, time, size = x.shape
    return x.transpose(1, 2).reshape(batch, time, n_head * size)


def causal_mask(time: int, device: torch.device) -> Tensor:
    """Return the (T, T) mask that is True where a position may look."""
    return torch.ones(time, time, dtype=torch.bool, device=device).tril()


class MLP(nn.Module):
    """The two-layer network of a block, four times as wide inside."""

    def __init__(self, args: ModelArgs) -> None:
        super().__init__()
        self.c_fc = Linear(args.n_embd, 4 * args.n_embd, bias=args.bias)
        self.c_proj = Linear(4 * args.n_embd, args.n_embd, bias=args.bias)
        self.dropout = Dropout(args.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return the transformed `x` (B, T, C)."""
        wide: Tensor = self.c_fc(x)
        y: Tensor = self.dropout(gelu_linear(wide, self.c_proj.weight, self.c_proj.bias))
        return y


class Block(nn.Module):
    """One transformer layer."""

    def __init__(self, args: ModelArgs) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(args.n_embd, args.bias)
        self.attn = CausalSelfAttention(args)
        self.ln_2 = LayerNorm(args.n_embd, args.bias)
        self.mlp = MLP(args)

    def forward(self, x: Tensor) -> Tensor:
        """Return `x` (B, T, C) after attention and MLP."""
        x = x + self.attn(self.ln_1(x))
        y: Tensor = x + self.mlp(self.ln_2(x))
        return y


class TokenTable(nn.Embedding):
    """The table of token vectors, which is the output layer as well.

    With `adds_in_place`, `backward` adds the few rows that were read to the output layer's gradient where that
    stands, so that the tied gradient is held once; autograd by itself would hold it twice for a moment. It is off
    where somebody takes the gradient before it is whole: `torch.autograd.grad`, or the hooks of several processes.
    """

    adds_in_place = False

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the vectors of tokens: (B, T) -> (B, T, C)."""
        if not (self.adds_in_place and torch.is_grad_enabled()):
            return super().forward(tokens)
        # a leaf of its own: the table's gradient waits for no other, and holds that of the output layer first
        found: Tensor = _LookUp.apply(self.weight.detach().requires_grad_(), tokens, self)  # type: ignore[no-untyped-call]
        return found


class _LookUp(torch.autograd.Function):
    """Rows of a table, whose gradients are added to the table's own."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, tokens: Tensor, table: TokenTable) -> Tensor:
        ctx.save_for_backward(tokens)
        ctx.table = table
        return F.embedding(tokens, rows)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[None, None, None]:
        (tokens,), weight = ctx.saved_tensors, ctx.table.weight
        if weight.grad is None:
            weight.grad = torch.zeros_like(weight)
        weight.grad.index_add_(0, tokens.flatten(), grad.flatten(0, -2))
        return None, None, None


class Transformer(nn.Module):
    """Token and position tables, the layers, and the final norm."""

    def __init__(self, args: ModelArgs) -> None:
        super().__init__()
        self.wte = TokenTable(args.vocab_size, args.n_embd)
        self.wpe = nn.Embedding(args.block_size, args.n_embd)
        self.drop = Dropout(args.dropout)
        self.h = nn.ModuleList(Block(args) for _ in range(args.n_layer))
        self.ln_f = LayerNorm(args.n_embd, args.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what the output layer reads: (B, T) token ids -> (B, T, C)."""
        x: Tensor = self.drop(self.wte(tokens) + self.wpe.weight[: tokens.shape[1]])
        for block in self.h:
            x = block(x)
        normed: Tensor = self.ln_f(x)
        return normed


class GPT(nn.Module):
    """The whole model; its token table is the output layer as well (weight tying)."""

    def __init__(self, args: ModelArgs) -> None:
        super().__init__()
        self.args = args
        self.transformer = Transformer(args)
        with torch.device("meta"), _Undrawn():
            self.lm_head = nn.Linear(args.n_embd, args.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight  # weight tying
        self.lm_head.reset_parameters()  # for nothing but to draw the numbers that nanoGPT draws
        self.apply(_initialise)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):  # GPT-2: residual projections scaled by 1/sqrt(their number)
                nn.init.normal_(parameter, mean=0.0, std=0.02 / math.sqrt(2 * args.n_layer))

    @classmethod
    def empty(cls, args: ModelArgs) -> Self:
        """Return a model whose weights are still to be filled in; draws no random numbers."""
        with _Undrawn():
            return cls(args)

    def logits(self, tokens: Tensor) -> Tensor:
        """Return the logits of every position: (B, T) -> (B, T, V). For checks; training uses `forward`."""
        features: Tensor = self.transformer(tokens)
        return features @ self.lm_head.weight.t()

    def forward(self, tokens: Tensor, targets: Tensor, lesson: Lesson | None = None) -> Tensor:
        """Return the mean loss in nats of predicting `targets` (B, T) from `tokens` (B, T).

        With the lesson of another model for these tokens, its gradient is that of mixed targets.
        """
        x = self.transformer(tokens)
        return linear_cross_entropy(x.flatten(0, 1), self.lm_head.weight, targets.flatten(), lesson)

    @torch.no_grad()
    def lesson(self, tokens: Tensor, share: float) -> Lesson:
        """Return what this model expects after each of `tokens` (B, T), to be so much of another's targets."""
        return Lesson(self.transformer(tokens).flatten(0, 1), self.lm_head.weight.detach(), share)

    def parameter_count(self) -> int:
        """Return the number of parameters, the tied table counted once."""
        return sum(p.numel() for p in self.parameters())

    def attend_by(self, attend: Attention) -> None:
        """Let training attend by a function of engine/model/attention.py in place of torch's kernel."""
        for module in self.modules():
            if isinstance(module, CausalSelfAttention):
                module.attend = attend

    def drop_embeddings(self, p: float) -> None:
        """Drop a share `p` of the token vectors; what is dropped in the layers stays as it is."""
        self.transformer.drop.p = p

    @contextmanager
    def dropping_nothing(self) -> Iterator[None]:
        """Compute as training does, but without its noise, for a while."""
        attentions = [(m, "dropout") for m in self.modules() if isinstance(m, CausalSelfAttention)]
        others = [(m, "p") for m in self.modules() if isinstance(m, nn.Dropout)]
        shares = [(module, name, getattr(module, name)) for module, name in (*attentions, *others)]
        was_training = self.training
        self.train()
        try:
            for module, name, _ in shares:
                setattr(module, name, 0.0)
            yield
        finally:
            for module, name, share in shares:
                setattr(module, name, share)
            self.train(was_training)

    def use_explicit_mask(self, explicit: bool = True) -> None:
        """Attend through a mask instead of a kernel's own causal rule (where a device gets that rule wrong)."""
        for module in self.modules():
            if isinstance(module, CausalSelfAttention):
                module.explicit_mask = explicit


class _Undrawn(TorchFunctionMode):
    """Leaves tensors as they are where they would be filled with random numbers.

    (On the meta device nothing is filled either, but the first draw there takes a second: torch loads its references.)
    """

    _DRAWS = (nn.init.normal_, nn.init.uniform_, nn.init.kaiming_uniform_, Tensor.normal_, Tensor.uniform_)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in self._DRAWS:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def _initialise(module: nn.Module) -> None:
    """GPT-2's initialisation: normal weights of 0.02, zero biases."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, mean=0.0, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
