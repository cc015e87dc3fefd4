"""How each kind of device wants the same mathematics put, to be right and fast. No torch.

What is said of MPS follows published reports of torch 2.13 (github.com/pytorch/pytorch/issues by number); it has not
been run on a Mac by its authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Formulation:
    """What to do for a device that another does not need, or not well.

    Attributes:
        fixed_shapes: It makes a kernel for each shape, so it gets few: all of a window, under a mask.
        sequences_apart: Its attention adds in an order that depends on how many sequences there are.
        same_bits: A text comes out to the bit as it does alone, whatever is written beside it; elsewhere texts
            are written side by side although rounding may differ.
        sends_wait: Sending it a tensor waits for all that it was asked for, so what is small is not sent.
        bias_apart: A bias is added after the product, of two dimensions, and not by one kernel with it.
        most_inside: The largest inner dimension of a product, 0 for any.
        head_sizes: The widths of a head for which torch's attention may go by its own causal rule; empty for any.
        causal_in_doubt: That rule was seen to let a position see a later one, so it is probed first.
        attention: What attends in training: "torch", "blocks" of rows, or all at once by products, "whole".
        rows_in_place: The token table's gradient comes as the few rows that were read, added to the output layer's
            in place: the tied table's gradient is held once.
        side_by_side: Parameters and gradients stand in a few long tensors (engine/training/parameters.py).
        block_bytes: How many bytes of logits stand at a time in training.
    """

    fixed_shapes: bool = False
    sequences_apart: bool = False
    same_bits: bool = True
    sends_wait: bool = False
    bias_apart: bool = False
    most_inside: int = 0
    head_sizes: tuple[int, ...] = ()
    causal_in_doubt: bool = False
    attention: Literal["torch", "blocks", "whole"] = "torch"
    rows_in_place: bool = False
    side_by_side: bool = False
    block_bytes: int = 2**26


FORMULATIONS = {
    "cpu": Formulation(sequences_apart=True, attention="blocks", rows_in_place=True),
    "cuda": Formulation(),
    # F.linear drops the bias of single rows (#188438) and mistakes some inputs of three dimensions (#192934); from an
    # inner dimension of 32,767 a product adds memory behind its operands (#195163, #183535); heads of other widths than
    # these go by MPSGraph; each block of logits costs launches, and a pass over the table's gradient
    "mps": Formulation(
        fixed_shapes=True,
        same_bits=False,
        sends_wait=True,
        bias_apart=True,
        most_inside=32_766,
        head_sizes=(32, 64, 72, 80, 96, 128, 256),
        causal_in_doubt=True,
        attention="whole",
        rows_in_place=True,
        side_by_side=True,
        block_bytes=2**28,
    ),
}
"""By the name --device takes."""


def formulation_of(kind: str) -> Formulation:
    """Return how a kind of device wants its mathematics put."""
    return FORMULATIONS.get(kind, Formulation())


def formulation_on(device: torch.device) -> Formulation:
    """Return how a device wants its mathematics put, by where tensors are."""
    return formulation_of(device.type)
