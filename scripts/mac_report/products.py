"""Products on a device beside float64 on the processor: as Understudy asks for them, and as it does not on MPS.

The first must be right. The others are wrong on some Macs, as PyTorch's issues tell (engine/machine/formulation.py);
those that are wrong on this one are avoided with reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.core.kinds import DeviceKind
from engine.machine.abilities import multiplies
from engine.machine.device import choose_device
from engine.machine.formulation import FORMULATIONS
from engine.model.gpt import causal_mask
from engine.model.linear import linear, product
from engine.model.loss import linear_cross_entropy
from engine.model.probes import spoil_free_memory
from scripts.mac_report.verdict import Verdict

INSIDE = (128, 768, 3_072, 32_766, 32_767, 40_000, 50_304)
"""Inner dimensions: from 32,767 on M1 and M2 add memory behind the operands (pytorch#195163, #183535)."""

ROWS = (1, 2, 3, 8, 64)
"""Rows of a linear layer: single ones lose the bias on M1 with macOS 26 (pytorch#188438)."""

BEYOND_HEADS = (8, 16, 48, 112)
"""Head sizes that have no kernel of Metal (those that have stand in the formulation)."""

QUERIES = ((1, 256), (8, 64), (64, 64), (256, 256))
"""Queries, and keys, of attention: a written token, several, and whole windows."""

TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 2e-2, torch.float16: 5e-3}
"""Relative error of a row up to which it is rounding."""

Compute = Callable[..., Tensor]


@dataclass(frozen=True, slots=True)
class Case:
    """One product.

    Attributes:
        inputs: the shapes of its operands, normal numbers scaled so that results are about 1.
        is_ours: whether Understudy asks for it so on MPS.
    """

    name: str
    inputs: tuple[tuple[int, ...], ...]
    compute: Compute
    is_ours: bool
    dtype: torch.dtype = torch.float32

    def error(self, device: torch.device) -> float:
        """Return the largest error of a row, as a share of what a row is long."""
        generator = torch.Generator().manual_seed(0)
        inputs = [torch.randn(shape, generator=generator).to(self.dtype) for shape in self.inputs]
        expected = self.compute(*(x.double() for x in inputs)).flatten(0, -2)
        spoil_free_memory(device)
        found = self.compute(*(x.to(device) for x in inputs)).cpu().double().flatten(0, -2)
        length = expected.norm(dim=1).mean()
        return float(((found - expected).norm(dim=1) / length).nan_to_num(nan=torch.inf).max())


def cases(dtypes: list[torch.dtype]) -> Iterator[Case]:
    """Yield all products, in each of these dtypes."""
    for dtype in dtypes:
        yield from _matrices(dtype)
        yield from _layers(dtype)
        yield from _attention(dtype)
    yield from _losses()


def _matrices(dtype: torch.dtype) -> Iterator[Case]:
    for inside in INSIDE:
        shapes = ((64, inside), (inside, 384))
        yield Case(f"product of {inside:,}", shapes, product, True, dtype)
        yield Case(f"torch.mm of {inside:,}", shapes, torch.mm, False, dtype)


def _layers(dtype: torch.dtype) -> Iterator[Case]:
    for rows in [(n,) for n in ROWS] + [(2, 64)]:
        name, shapes = " x ".join(map(str, rows)), ((*rows, 128), (384, 128), (384,))
        yield Case(f"linear layer with bias, rows {name}", shapes, linear, True, dtype)
        yield Case(f"F.linear with bias, rows {name}", shapes, F.linear, False, dtype)


def _attention(dtype: torch.dtype) -> Iterator[Case]:
    with_kernels = FORMULATIONS["mps"].head_sizes
    for size in (*with_kernels, *BEYOND_HEADS):
        for queries, keys in QUERIES:
            shapes = ((2, 2, queries, size), (2, 2, keys, size), (2, 2, keys, size))
            sizes = f"heads of {size}, {queries} x {keys}"
            yield Case(f"attention by mask, {sizes}", shapes, _masked, True, dtype)
            if queries == keys:
                yield Case(f"attention by rule, {sizes}", shapes, _ruled, size in with_kernels, dtype)


def _losses() -> Iterator[Case]:
    shapes = ((256, 128), (50_304, 128))
    yield Case("output layer and loss, gradient of features", shapes, lambda x, w: _loss_gradients(x, w)[0], True)
    yield Case("output layer and loss, gradient of weights", shapes, lambda x, w: _loss_gradients(x, w)[1], True)


def _masked(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attend from the last positions, through a mask."""
    mask = causal_mask(key.shape[2], key.device)[-query.shape[2] :]
    return F.scaled_dot_product_attention(query, key, value, attn_mask=mask)


def _ruled(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attend by the kernel's own causal rule."""
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)


def _loss_gradients(x: Tensor, weight: Tensor) -> tuple[Tensor, ...]:
    targets = (torch.arange(len(x)) * 31 % len(weight)).to(x.device)
    x, weight = x.detach().requires_grad_(), (weight / 10).detach().requires_grad_()
    return torch.autograd.grad(linear_cross_entropy(x, weight, targets), [x, weight])


def rows_alone_and_beside(device: torch.device) -> dict[str, bool]:
    """Return for each number of rows whether the first comes out to the bit as it does alone."""
    generator = torch.Generator().manual_seed(0)
    x, weight = (torch.randn(shape, generator=generator).to(device) for shape in ((8, 384), (384, 1536)))
    try:
        alone = torch.mm(x[:1], weight).cpu()
        return {str(rows): torch.equal(torch.mm(x[:rows], weight)[:1].cpu(), alone) for rows in (2, 3, 8)}
    except RuntimeError:  # a refusal, which the cases tell
        return {}


def products(kinds: Sequence[DeviceKind], chosen: Callable[[list[torch.dtype]], Iterator[Case]] = cases) -> Verdict:
    """Compute all products on each device, and compare them."""
    rows = [row for kind in kinds for row in _on(choose_device(kind).torch, chosen)]
    wrong = [row for row in rows if not row["right"]]
    ours, avoided = ([row for row in wrong if row["ours"] is each] for each in (True, False))
    count = sum(row["ours"] for row in rows)
    words = f"All {count} products as Understudy asks for them are right."
    if ours:
        words = f"{len(ours)} of {count} products as Understudy asks for them are wrong: {_listed(ours)}."
    if avoided:
        words += f" Wrong here, and avoided on a Mac’s GPU: {_listed(avoided)}."
    alike = {kind: rows_alone_and_beside(choose_device(kind).torch) for kind in kinds}
    return Verdict(not ours, words, {"wrong": wrong, "count": len(rows), "worst": _worst(rows), "rows_alike": alike})


def _on(device: torch.device, chosen: Callable[[list[torch.dtype]], Iterator[Case]]) -> Iterator[dict[str, Any]]:
    narrow = device.type != "cpu"  # there they are emulated, and take minutes
    dtypes = [dtype for dtype in TOLERANCE if dtype == torch.float32 or (narrow and multiplies(device, dtype))]
    for case in chosen(dtypes):
        try:
            error = case.error(device)
        except RuntimeError as failure:  # a refusal is a finding, and the other cases are asked all the same
            problem = str(failure).splitlines()[0]
            error = float("inf")
        else:
            problem = ""
        yield {
            "device": device.type,
            "case": case.name,
            "dtype": str(case.dtype).removeprefix("torch."),
            "ours": case.is_ours,
            "error": min(error, 1e9),
            "right": error <= TOLERANCE[case.dtype],
            "problem": problem,
        }


def _worst(rows: list[dict[str, Any]]) -> dict[str, float]:
    """Return the largest error of a right one, by device and dtype."""
    worst: dict[str, float] = {}
    for row in rows:
        name = f"{row['device']} {row['dtype']}"
        if row["right"] and row["ours"]:
            worst[name] = max(worst.get(name, 0.0), row["error"])
    return worst


def _listed(rows: list[dict[str, Any]]) -> str:
    return "; ".join(f"{row['case']} ({row['device']}, {row['dtype']})" for row in rows)
