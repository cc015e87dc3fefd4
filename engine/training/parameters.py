"""A model's parameters and gradients as an optimizer takes them: each by itself, or side by side in long tensors.

A GPU that takes its time for each thing it is asked for clears, measures, clips and updates a few long tensors in a
tenth of the launches that all parameters by themselves take (Formulation.side_by_side).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, groupby

import torch
from torch import Tensor, nn

BUFFER_BYTES = 2**30
"""The longest tensor that parameters are laid into: what is made of it stays below what a Mac's GPU addresses."""

ROW = 1024
"""Numbers in a row of a long tensor: its norm is taken by rows, and then of the rows' norms, which rounds less."""

Span = tuple[nn.Parameter, ...]
"""Parameters that stand side by side, in their order: one alone, where none does."""


class Parameters:
    """The parameters of a model, each by itself; gradients come with the way back and go with the update."""

    def __init__(self, model: nn.Module) -> None:
        self._all = [parameter for parameter in model.parameters() if parameter.requires_grad]

    @property
    def gradients(self) -> list[Tensor]:
        """The gradients that there are."""
        return [p.grad for p in self._all if p.grad is not None]

    def expect_gradients(self) -> None:
        """Be ready for the gradients of an update."""

    def clear_gradients(self) -> None:
        """Let go of all gradients."""
        for parameter in self._all:
            parameter.grad = None

    def norm(self) -> Tensor:
        """Return the norm of all gradients together, still on the device."""
        return torch.nn.utils.get_total_norm(self.gradients)

    def clip(self, limit: float, norm: Tensor) -> None:
        """Scale the gradients, whose norm this is, down to a norm of at most `limit`."""
        torch.nn.utils.clip_grads_with_norm_(self._all, limit, norm)

    def spans(self, parameters: Iterable[nn.Parameter]) -> list[Span]:
        """Return the longest runs of these that stand side by side."""
        return [(parameter,) for parameter in parameters]

    def weights(self, span: Span) -> Tensor:
        """Return the numbers of a span: of one parameter in its shape, of several (n,)."""
        return span[0]

    def gradient(self, span: Span) -> Tensor | None:
        """Return the gradient of a span, shaped as its weights; None where there is none."""
        return span[0].grad

    def zeros(self, parameters: Sequence[nn.Parameter], count: int) -> list[Beside]:
        """Return so many zeros for each of these parameters, laid out as they are."""
        return [Beside({p: torch.zeros_like(p, requires_grad=False) for p in parameters}) for _ in range(count)]


class Beside:
    """A tensor for each of some parameters, in its shape."""

    def __init__(self, of: dict[nn.Parameter, Tensor]) -> None:
        self._of = of

    def __getitem__(self, parameter: nn.Parameter) -> Tensor:
        return self._of[parameter]

    def over(self, span: Span) -> Tensor:
        """Return the tensors of a span as one, shaped as its weights."""
        return self._of[span[0]]


class SideBySide(Parameters):
    """The parameters of a model in a few long tensors, and their gradients in others.

    Those that decay come first, then those that do not, each by shape, so that what is updated alike stands together.
    The model gets new parameters: to be made before anything else holds on to those that it has.
    """

    def __init__(self, model: nn.Module, device: torch.device) -> None:
        made: dict[nn.Parameter, nn.Parameter] = {}
        self._weights, self._gradients = [], []
        for block in _blocks(_by_kind([p for p in model.parameters() if p.requires_grad])):
            laid = _padded(torch.cat([parameter.detach().flatten() for parameter in block])).to(device)
            new = [nn.Parameter(part) for part in _parts(laid, block)]
            made |= zip(block, new, strict=True)
            self._weights.append(_Long(laid, new))
            self._gradients.append(_Long(torch.zeros_like(laid), new))
        _replace(model, made)
        super().__init__(model)

    def expect_gradients(self) -> None:
        """Let each gradient be added where it belongs."""
        for long in self._gradients:
            for parameter, gradient in long.parts.items():
                parameter.grad = gradient

    def clear_gradients(self) -> None:
        """Let all gradients be zero."""
        for long in self._gradients:
            long.whole.zero_()

    def norm(self) -> Tensor:
        """Return the norm of all gradients together, still on the device."""
        rows = [torch.linalg.vector_norm(long.whole.view(-1, ROW), dim=1) for long in self._gradients]
        norm: Tensor = torch.linalg.vector_norm(_joined(rows))
        return norm

    def clip(self, limit: float, norm: Tensor) -> None:
        """Scale the gradients, whose norm this is, down to a norm of at most `limit`."""
        share = (limit / (norm + 1e-6)).clamp_max_(1.0)  # as torch.nn.utils has it
        for long in self._gradients:
            long.whole.mul_(share)

    def spans(self, parameters: Iterable[nn.Parameter]) -> list[Span]:
        """Return the longest runs of these that stand side by side."""
        wanted, spans = set(parameters), []
        for long in self._weights:
            for is_wanted, run in groupby(long.parts, wanted.__contains__):
                if is_wanted:
                    spans.append(tuple(run))
        return spans

    def weights(self, span: Span) -> Tensor:
        """Return the numbers of a span, (n,)."""
        return _over(self._weights, span)

    def gradient(self, span: Span) -> Tensor | None:
        """Return the gradient of a span, (n,)."""
        return _over(self._gradients, span)

    def zeros(self, parameters: Sequence[nn.Parameter], count: int) -> list[Beside]:
        """Return so many zeros for each of these parameters, laid out as they are: all in one tensor."""
        wanted = set(parameters)
        made: list[list[_Long]] = [[] for _ in range(count)]
        for long in self._weights:
            laid_out = [parameter for parameter in long.parts if parameter in wanted]
            numbers = sum(parameter.numel() for parameter in laid_out)
            wholes = torch.zeros(count, numbers, dtype=long.whole.dtype, device=long.whole.device)
            for longs, whole in zip(made, wholes, strict=True):
                longs.append(_Long(whole, laid_out))
        return [_LongBeside(longs) for longs in made]


class _Long:
    """A long tensor (n,) and its parts by parameter, in its order and each in the parameter's shape."""

    def __init__(self, whole: Tensor, parameters: Sequence[nn.Parameter]) -> None:
        self.whole = whole
        self.parts = dict(zip(parameters, _parts(whole, parameters), strict=True))

    def over(self, span: Span) -> Tensor:
        """Return the parts of a span as one."""
        first = self.parts[span[0]].storage_offset() - self.whole.storage_offset()
        return self.whole[first : first + sum(parameter.numel() for parameter in span)]


class _LongBeside(Beside):
    """Tensors for parameters that stand side by side, laid out as they are."""

    def __init__(self, longs: Sequence[_Long]) -> None:
        super().__init__({parameter: part for long in longs for parameter, part in long.parts.items()})
        self._longs = longs

    def over(self, span: Span) -> Tensor:
        """Return the tensors of a span as one, (n,)."""
        return _over(self._longs, span)


def _over(longs: Sequence[_Long], span: Span) -> Tensor:
    return next(long for long in longs if span[0] in long.parts).over(span)


def _by_kind(parameters: Sequence[nn.Parameter]) -> list[nn.Parameter]:
    """Return matrices first, then vectors, each kind by shape and else in their order."""
    first_of = {parameter.shape: number for number, parameter in reversed(list(enumerate(parameters)))}
    return sorted(parameters, key=lambda parameter: (parameter.dim() < 2, first_of[parameter.shape]))


def _blocks(parameters: Sequence[nn.Parameter]) -> Iterator[list[nn.Parameter]]:
    """Yield parameters by as many as fit into BUFFER_BYTES, one at least."""
    block: list[nn.Parameter] = []
    for parameter in parameters:
        if block and sum(p.nbytes for p in [*block, parameter]) > BUFFER_BYTES:
            yield block
            block = []
        block.append(parameter)
    if block:
        yield block


def _padded(x: Tensor) -> Tensor:
    """Return a tensor with zeros behind it that fill the last row."""
    return nn.functional.pad(x, (0, -len(x) % ROW))


def _parts(whole: Tensor, parameters: Sequence[nn.Parameter]) -> list[Tensor]:
    """Return the views of parameters in a long tensor, each in the shape of its own."""
    ends = accumulate(parameter.numel() for parameter in parameters)
    return [whole[end - p.numel() : end].view(p.shape) for end, p in zip(ends, parameters, strict=True)]


def _replace(model: nn.Module, made: dict[nn.Parameter, nn.Parameter]) -> None:
    """Let a model have new parameters in the place of others, tied where those were."""
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter in made:
                setattr(module, name, made[parameter])


def _joined(tensors: Sequence[Tensor]) -> Tensor:
    return torch.cat(tuple(tensors)) if len(tensors) > 1 else tensors[0]
