"""Windows that are sent to a device together, before they are needed.

Where sending waits for all that the device was asked for (Formulation.sends_wait), windows sent one by one would let
its queue of work run dry each time; many at once wait once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

import torch

from engine.core.config import TrainConfig
from engine.machine.device import Device
from engine.tokens.batches import TokenFile
from engine.training.team import MicroStep, Team, Windows

MOST_BYTES = 2**25
"""Bytes of windows that are sent at once at most: two million tokens with their targets."""


def sent_ahead(windows: Iterable[Windows], device: Device) -> Iterator[Windows]:
    """Yield windows of one shape: where sending waits on the device, as many sent at once as MOST_BYTES allow."""
    if not device.formulation.sends_wait:
        yield from windows
        return
    left = iter(windows)
    for first in left:
        yield from _sent_together([first, *islice(left, _most(_bytes(first)) - 1)], device)


def _sent_together(windows: list[Windows], device: Device) -> Iterator[Windows]:
    """Yield windows on the device, by one copy for all."""
    sent = device.sent(torch.stack(list(chain.from_iterable(windows))))
    yield from zip(sent[0::2], sent[1::2], strict=True)


def _bytes(windows: Windows) -> int:
    return sum(part.nbytes for part in windows)


def _most(each: int) -> int:
    """Return how many things of so many bytes are sent at once."""
    return max(1, MOST_BYTES // each)


class MicroStepsAhead:
    """The micro steps of updates to come, their windows on the device: up to the next reading, which waits anyway."""

    def __init__(self, team: Team, config: TrainConfig, device: Device) -> None:
        self._team = team
        self._config = config
        self._device = device
        self._tokens: TokenFile | None = None
        self._pieces: dict[int, list[MicroStep]] = {}

    def pieces(self, iter_num: int, tokens: TokenFile) -> list[MicroStep]:
        """Return the micro steps of an update; if they are not there yet, those up to the next reading are sent."""
        if self._tokens is not tokens or iter_num not in self._pieces:
            self._tokens = tokens
            self._pieces = self._sent(iter_num, tokens)
        return self._pieces[iter_num]

    def _sent(self, first: int, tokens: TokenFile) -> dict[int, list[MicroStep]]:
        """Send the windows of the updates from `first` to the next that is read."""
        every = self._config.log_interval
        until_read = range(first, -(-first // every) * every + 1)
        pieces = {first: list(self._team.pieces(first, tokens, self._config))}
        for number in until_read[1 : _most(sum(_bytes(piece.windows) for piece in pieces[first]))]:
            pieces[number] = list(self._team.pieces(number, tokens, self._config))
        windows = sent_ahead((piece.windows for each in pieces.values() for piece in each), self._device)
        return {n: [replace(piece, windows=next(windows)) for piece in each] for n, each in pieces.items()}
