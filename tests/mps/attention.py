"""scaled_dot_product_attention as torch 2.13 decides about it on MPS (ATen/native/transformers/attention.cpp)."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from tests.mps.tensor import MPS

FAST_HEADS = (32, 64, 72, 80, 96, 128, 256)
"""Head sizes that have kernels of Metal; others go through MPSGraph."""

_VECTOR_HEADS = (64, 96, 128, 256)


@dataclass(frozen=True)
class Attention:
    """One call of it."""

    query: Tensor
    key: Tensor
    value: Tensor
    attn_mask: Tensor | None = None
    dropout_p: float = 0.0
    is_causal: bool = False
    scale: float | None = None
    enable_gqa: bool = False

    @property
    def is_one_operator(self) -> bool:
        """Whether no gradient is wanted and nothing dropped: only for that there are kernels."""
        needs_grad = torch.is_grad_enabled() and any(x.requires_grad for x in (self.query, self.key, self.value))
        return not needs_grad and self.dropout_p == 0.0

    @property
    def kernel(self) -> str:
        """The kernel that is taken (of macOS 15 and later)."""
        queries, keys, size = self.query.shape[-2], self.key.shape[-2], self.query.shape[-1]
        if queries <= 8 and size in _VECTOR_HEADS:
            return "vector_2pass" if keys >= 1024 else "vector"
        return "prefill" if queries > 8 and size in FAST_HEADS else "general"

    @property
    def launches(self) -> int:
        """How many launches the kernel takes."""
        return 2 if self.kernel == "vector_2pass" else 1

    @property
    def danger(self) -> str:
        """What is dangerous about it, or nothing."""
        size = self.query.shape[-1]
        by_graph = size not in FAST_HEADS and self.attn_mask is None
        return f"attention with heads of {size} and no mask of its own" if by_graph else ""

    def by_kernel(self) -> Tensor:
        """Return what the kernel gives, in the memory of the CPU."""
        mask = None if self.attn_mask is None else self.attn_mask.memory
        if mask is not None and mask.is_floating_point():
            mask = mask.float()
        parts = (x.memory.float() for x in (self.query, self.key, self.value))
        y = F.scaled_dot_product_attention(
            *parts, attn_mask=mask, is_causal=self.is_causal, scale=self.scale, enable_gqa=self.enable_gqa
        )
        return y.to(self.query.dtype).contiguous()

    def by_products(self) -> Tensor:
        """Return what _scaled_dot_product_attention_math gives, by its operators one by one."""
        assert not self.enable_gqa, "grouped queries are not modelled"
        dtype = self.query.dtype
        narrow = dtype in (torch.float16, torch.bfloat16)
        query, key, value = (x.float() if narrow else x for x in (self.query, self.key, self.value))
        root = (query.shape[-1] ** -0.5 if self.scale is None else self.scale) ** 0.5
        weights = torch.matmul(query * root, key.transpose(-2, -1) * root)
        mask = self._additive_mask(query.dtype)
        if mask is not None:
            weights.add_(mask)
        weights = torch.ops.aten._safe_softmax(weights, -1)
        if self.dropout_p:
            weights = F.dropout(weights, self.dropout_p, True)
        return torch.matmul(weights, value).to(dtype)

    def _additive_mask(self, dtype: torch.dtype) -> Tensor | None:
        mask = self.attn_mask
        if self.is_causal:
            mask = torch.ones(self.query.shape[-2], self.key.shape[-2], dtype=torch.bool, device=MPS).tril()
        if mask is not None and mask.dtype == torch.bool:
            return torch.zeros_like(mask, dtype=dtype).masked_fill_(mask.logical_not(), float("-inf"))
        return mask
