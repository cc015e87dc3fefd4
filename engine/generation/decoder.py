"""The model as it writes: one token at a time, with keys and values kept.

The context rule. A model sees at most block_size tokens. With absolute positions, dropping one old token at
each step would change every position and every kept key; so when the block is full, its older half goes. Which
tokens are seen is a function of the length alone (`window_start`), so a recomputation from nothing sees the same
ones and gives the same text.

No stall when the block is full. The window that comes next begins half a block later: from there on each new
token is read twice in the same pass, at its place in this window and at its place in the next. When this one is
full the next one is ready, and nothing is read again. As a pass takes as long as reading the weights does,
the second row costs little, and the cost of a token does not grow with the text.

Shapes: B sequences side by side, T time, R = B T rows, C n_embd, nh n_head, hs head size, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.machine.abilities import dtype_of_products
from engine.machine.formulation import formulation_on
from engine.model.gpt import GPT, Block, LayerNorm, ModelArgs
from engine.model.packing import FrozenLinear, packed, unpacked

MASKS = 64
"""Positions whose masks are made at once, where attention goes through masks."""

NAMED = 8
"""Tokens whose vectors are taken from the table one by one, where sending their numbers would wait."""


def half_block(block_size: int) -> int:
    """Return how far the window moves when it is full: half a block, rounded up."""
    return (block_size + 1) // 2


def window_start(length: int, block_size: int) -> int:
    """Return where the window begins from which token number `length` is predicted."""
    half = half_block(block_size)
    return max(0, -(-(length - block_size) // half)) * half


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one block of the model does to a row."""

    ln_1: Callable[[Tensor], Tensor]
    c_attn: FrozenLinear
    attn_c_proj: FrozenLinear
    ln_2: Callable[[Tensor], Tensor]
    c_fc: FrozenLinear
    mlp_c_proj: FrozenLinear


@dataclass(frozen=True, slots=True)
class Weights:
    """A model as a decoder reads it; several decoders may share it. `dtype` is that of keys and values."""

    args: ModelArgs
    wte: nn.Embedding
    wpe: nn.Embedding
    layers: tuple[_Layer, ...]
    ln_f: Callable[[Tensor], Tensor]
    head: FrozenLinear
    dtype: torch.dtype

    @classmethod
    def live(cls, model: GPT) -> Self:
        """Read a model that still learns where it stands."""
        return cls._of(model, unpacked, model.lm_head.weight.dtype)

    @classmethod
    def frozen(cls, model: GPT, dtype: torch.dtype | None = None) -> Self:
        """Take the weights as they are now, laid out to be read fast, products in `dtype` (default: the weights').

        Where the device takes no products in it, they are float32's. Of the model only tables and norms are kept,
        so it may be let go.
        """
        weight = model.lm_head.weight
        dtype = dtype_of_products(weight.device, dtype or weight.dtype)
        return cls._of(model, lambda layer: packed(layer, dtype), dtype)

    @classmethod
    def _of(cls, model: GPT, linear: Callable[[nn.Linear], FrozenLinear], dtype: torch.dtype) -> Self:
        transformer = model.transformer
        layers = tuple(
            _Layer(
                _norm(block.ln_1),
                linear(block.attn.c_attn),
                linear(block.attn.c_proj),
                _norm(block.ln_2),
                linear(block.mlp.c_fc),
                linear(block.mlp.c_proj),
            )
            for block in transformer.h
            if isinstance(block, Block)
        )
        head = linear(model.lm_head)
        return cls(model.args, transformer.wte, transformer.wpe, layers, _norm(transformer.ln_f), head, dtype)

    @torch.inference_mode()
    def logits(self, features: Tensor) -> Tensor:
        """Return the logits (R, V), in float32, of normed features (R, C)."""
        return self.head(features).float()

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.wte.weight.device

    def vectors(self, tokens: Tensor) -> Tensor:
        """Return the vectors (B, T, C) of tokens (B, T) on the CPU."""
        if tokens.numel() > NAMED or not formulation_on(self.device).sends_wait:
            found: Tensor = self.wte(tokens.to(self.device))
            return found
        rows = [self.wte.weight[token : token + 1] for token in tokens.flatten().tolist()]
        return _joined(rows).view(*tokens.shape, -1)


def _norm(layer: LayerNorm) -> Callable[[Tensor], Tensor]:
    """Return a norm without what a module and torch's wrapper do around it: several microseconds of a token each."""
    shape, weight, bias = list(layer.weight.shape), layer.weight, layer.bias
    return lambda x: torch.layer_norm(x, shape, weight, bias, 1e-5, False)


class _Window:
    """The keys and values of B sequences from token number `start` on: `read` of them, up to a block.

    `kept` holds them for all L layers: (L, B, 2, nh, block_size, hs).
    """

    def __init__(self, weights: Weights, sequences: int, start: int) -> None:
        args = weights.args
        shape = (args.n_layer, sequences, 2, args.n_head, args.block_size, args.n_embd // args.n_head)
        self.start = start
        self.read = 0
        self.kept = torch.zeros(shape, dtype=weights.dtype, device=weights.device)
        self._masks: Tensor | None = None
        self._masked_from = 0

    def expand(self, sequences: int) -> None:
        """Go on with so many sequences, all alike so far."""
        self.kept = self.kept.repeat(1, sequences, 1, 1, 1, 1)

    def mask(self, time: int, seen: int) -> Tensor:
        """Return the mask (T, S) for the next `time` positions: each sees those up to itself, of the first `seen`."""
        reached = torch.arange(self.read, self.read + time, device=self.kept.device)
        return torch.arange(seen, device=self.kept.device) <= reached[:, None]

    def mask_of_next(self) -> Tensor:
        """Return the mask (1, block_size) for the next position; those of many are made at once."""
        if self._masks is None or not 0 <= self.read - self._masked_from < MASKS:
            self._masks, self._masked_from = self.mask(MASKS, self.kept.shape[4]), self.read
        return self._masks[self.read - self._masked_from][None]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Tokens (B, T) that a window reads next; of them `real` are there to be read, the rest fills up a shape."""

    window: _Window
    tokens: Tensor
    real: int


class Decoder:
    """Sequences that are written side by side with one model's weights.

    `until` is the length at which writing will end, where that is known: a window that is never needed is not read.
    """

    def __init__(self, weights: Weights, sequences: int = 1, until: int | None = None) -> None:
        self._weights = weights
        self._block = weights.args.block_size
        self.sequences = sequences
        self._until = until
        self._formulation = formulation_on(weights.device)
        self._tokens = torch.empty((sequences, 0), dtype=torch.long)  # on the CPU, where they are drawn
        self._forgotten = 0
        self._windows = [_Window(weights, sequences, 0)]
        self._together: dict[int, bool] = {}  # by how many windows a pass reads in

    @property
    def length(self) -> int:
        """Tokens each sequence has."""
        return self._forgotten + self._tokens.shape[1]

    @property
    def is_behind(self) -> bool:
        """Whether the next window has text to read that stands before what was read last."""
        return any(window.start + window.read < self.length for window in self._windows[1:])

    def feed(self, tokens: Tensor) -> Tensor:
        """Append tokens (B, T), read all that is unread, and return float32 logits (B, V) of what may follow."""
        self.add(tokens)
        logits = self.read()
        assert logits is not None
        return logits

    def add(self, tokens: Tensor) -> None:
        """Append tokens (B, T) that are still to be read."""
        while self.is_behind:
            self.catch_up()
        self._tokens = torch.cat((self._tokens, tokens), dim=1)
        self._move()

    @torch.inference_mode()
    def read(self, at_most: int | None = None) -> Tensor | None:
        """Read on, so many tokens at most; at the end of the text return the logits (B, V) of what may follow."""
        now, *ahead = self._windows
        pieces = [self._unread(now, at_most)]
        pieces += [piece for piece in map(self._unread, ahead) if piece.real == pieces[0].real == 1]
        ends = now.start + now.read + pieces[0].real == self.length
        to_the_bit = self.sequences > 1 and self._formulation.same_bits
        logits = self._pass_side_by_side(pieces) if to_the_bit else self._pass(pieces)
        return logits if ends else None

    @torch.inference_mode()
    def features(self, tokens: Tensor) -> Tensor:
        """Append tokens (B, T), as many as the window has room for, and return what the head reads (B, T, C)."""
        self._tokens = torch.cat((self._tokens, tokens), dim=1)
        piece = self._unread(self._windows[0])
        x = self._features([piece], slice(None))
        piece.window.read += piece.real
        normed: Tensor = self._weights.ln_f(x.view(*piece.tokens.shape, -1)[:, : piece.real])
        return normed

    @torch.inference_mode()
    def catch_up(self, at_most: int | None = None) -> None:
        """Read for the next window what stands before, so many tokens at most; what is written later it reads along."""
        for window in self._windows[1:]:
            if window.start + window.read < self.length:
                self._pass([self._unread(window, at_most)])

    @torch.inference_mode()
    def expand(self, sequences: int) -> None:
        """Go on with so many sequences that are all as the one read so far."""
        while self.is_behind:
            self.catch_up()
        self.sequences = sequences
        self._tokens = self._tokens.repeat(sequences, 1)
        for window in self._windows:
            window.expand(sequences)

    def _move(self) -> None:
        """Go on to the window of this length, and begin the one after it once there is something to read in it."""
        start = window_start(self.length, self._block)
        self._windows = [window for window in self._windows if window.start >= start]
        if not self._windows:
            self._windows.append(_Window(self._weights, self.sequences, start))
        gone = start - self._forgotten
        self._tokens, self._forgotten = self._tokens[:, gone:], start
        following = start + half_block(self._block)
        ends_before = self._until is not None and self._until <= start + self._block
        if len(self._windows) == 1 and self.length > following and not ends_before:
            self._windows.append(_Window(self._weights, self.sequences, following))

    def _unread(self, window: _Window, at_most: int | None = None) -> _Piece:
        first = window.start + window.read - self._forgotten
        tokens = self._tokens[:, first : None if at_most is None else first + at_most]
        real = tokens.shape[1]
        if self._formulation.fixed_shapes and real > 1:
            room = self._block - window.read
            tokens = F.pad(tokens, (0, min(room, 1 << (real - 1).bit_length()) - real))
        return _Piece(window, tokens, real)

    def _pass_side_by_side(self, pieces: list[_Piece]) -> Tensor:
        """Read pieces for all sequences at once, where the device gives each the bits that it gives it alone.

        Whether it does is found out the first time. Where it does not, each is read by itself: what a sample
        says must not depend on the samples beside it.
        """
        if self._together.get(len(pieces)):
            return self._pass(pieces)
        found_out = len(pieces) in self._together
        together = None if found_out else self._pass(pieces, keep=False)
        alone = torch.cat([self._pass(pieces, row, keep=False) for row in range(self.sequences)])
        if together is not None:
            self._together[len(pieces)] = torch.equal(alone, together)
        for piece in pieces:
            piece.window.read += piece.real
        return alone

    def _pass(self, pieces: Sequence[_Piece], row: int | None = None, keep: bool = True) -> Tensor:
        """Read pieces in one pass, for all sequences or one; return the logits after the first piece, (B, V).

        `keep` says that they count as read afterwards.
        """
        rows = slice(None) if row is None else slice(row, row + 1)
        x = self._features(pieces, rows)
        if keep:
            for piece in pieces:
                piece.window.read += piece.real
        sequences, time = pieces[0].tokens[rows].shape
        last = x[: sequences * time].view(sequences, time, -1)[:, pieces[0].real - 1]
        return self._weights.logits(self._weights.ln_f(last))

    def _features(self, pieces: Sequence[_Piece], rows: slice) -> Tensor:
        """Take pieces through the layers, one after the other in x (R, C)."""
        x = _joined([self._embed(piece, rows) for piece in pieces])
        places = [self._place(piece, rows) for piece in pieces]
        for number, layer in enumerate(self._weights.layers):
            x = layer.attn_c_proj.added(_attend(layer.c_attn(layer.ln_1(x)), number, places), to=x)
            x = layer.mlp_c_proj.added(layer.c_fc.gelu(layer.ln_2(x)), to=x)
        return x

    def _embed(self, piece: _Piece, rows: slice) -> Tensor:
        """Return the vectors (R, C) of a piece's tokens at their places."""
        first, tokens = piece.window.read, piece.tokens[rows]
        x = self._weights.vectors(tokens) + self._weights.wpe.weight[first : first + tokens.shape[1]]
        return x.flatten(0, 1)

    def _place(self, piece: _Piece, rows: slice) -> _Place:
        """Return where in its window a piece stands."""
        kept, first, time = piece.window.kept[:, rows], piece.window.read, piece.tokens.shape[1]
        seen, mask = first + time, None
        if self._formulation.fixed_shapes:
            seen = self._block
            mask = piece.window.mask(time, seen) if time > 1 else piece.window.mask_of_next()
        elif first and time > 1:
            mask = piece.window.mask(time, seen)
        keys, values = (part.unbind(0) for part in kept.narrow(4, 0, seen).unbind(2))
        return _Place(kept.narrow(4, first, time).unbind(0), keys, values, mask, self._formulation.sequences_apart)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where tokens (B, T) stand in a window: for each layer, where their keys and values go, and all that they see.

    Of each layer `new` is (B, 2, nh, T, hs), `keys` and `values` are (B, nh, S, hs). Without a `mask` (T, S) each
    sees those up to itself. `apart` says that each sequence attends by itself.
    """

    new: tuple[Tensor, ...]
    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    mask: Tensor | None
    apart: bool

    @property
    def rows(self) -> int:
        """How many rows the tokens are: B T."""
        return self.new[0].shape[0] * self.new[0].shape[3]

    def attend(self, qkv: Tensor, number: int) -> Tensor:
        """Put the keys and values of qkv (B T, 3 C) in place, and return what attends to all that is seen, (B T, C)."""
        sequences, _, n_head, time, size = self.new[number].shape
        parts = qkv.view(sequences, time, 3, n_head, size).permute(0, 2, 3, 1, 4)
        self.new[number].copy_(parts.narrow(1, 1, 2))
        seen = parts.select(1, 0), self.keys[number], self.values[number]
        attend = partial(F.scaled_dot_product_attention, attn_mask=self.mask, is_causal=self.mask is None and time > 1)
        if sequences > 1 and self.apart:
            y = torch.cat([attend(*one) for one in zip(*(torch.split(part, 1) for part in seen), strict=True)])
        else:
            y = attend(*seen)
        return y.transpose(1, 2).reshape(sequences * time, n_head * size)


def _attend(qkv: Tensor, number: int, places: Sequence[_Place]) -> Tensor:
    """Return (R, C): rows (R, 3 C) of several places, each attended to what its window has kept and to itself."""
    each = torch.split(qkv, [place.rows for place in places])
    return _joined([place.attend(rows, number) for place, rows in zip(places, each, strict=True)])


def _joined(parts: Sequence[Tensor]) -> Tensor:
    """Return rows one after the other; a single part as it is, for each copy takes time of a token."""
    return torch.cat(tuple(parts)) if len(parts) > 1 else parts[0]
