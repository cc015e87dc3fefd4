"""The device for `auto`, found by a trial: the same work of this very model on each device that there is.

A small model may be faster on the processor than on a GPU, which waits between its many small pieces of work; no name
of a chip tells. What a trial told is remembered, so that the same command runs on the same device again.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import partial

import torch

from engine.core.kinds import DeviceKind, DeviceSetting
from engine.generation.decoder import Decoder, Weights
from engine.machine.device import Device, choose_device, kinds_left_open
from engine.model.gpt import GPT
from engine.planning.choices import DeviceChoice, remember, remembered, writing_key

LARGE_MODEL = 200_000_000
"""Parameters from which a model writes on the GPU at once: twice in memory it may not fit."""

TRIAL_S = 1.0
"""How long all devices together may take, beside the first time on each, which loads what it needs."""

MOST_TIMES = 10
"""How often the work is done on each at most."""

TOKENS = 10
"""Tokens that are written in a trial."""

HOPELESS = 3.0
"""A device that takes longer than its time at once, and so many times as long as another at its best, has lost."""

Clock = Callable[[], float]
Work = Callable[[], None]
"""What is timed: done once, to its end."""


def device_for_writing(model: GPT, name: DeviceSetting, dtype: str, clock: Clock = time.perf_counter) -> Device:
    """Return the device for a model to write on: for `auto` that on which ten tokens take the least time.

    The model is on the CPU before and afterwards.
    """
    kinds = kinds_left_open(name)
    if len(kinds) < 2 or model.parameter_count() > LARGE_MODEL:
        return choose_device(name)
    key = writing_key(model.args.as_dict(), dtype)
    choice = remembered_among(kinds, key)
    if choice is None:
        contest = Contest(len(kinds), clock)
        for kind in kinds:
            device = choose_device(kind)
            contest.enter(device, partial(_tokens, model, dtype, device))
            model.to("cpu")
        choice = contest.result(key)
    return chosen(choice)


class Contest:
    """Times the same work on one device after the other."""

    def __init__(self, devices: int, clock: Clock) -> None:
        self._seconds: dict[DeviceKind, float] = {}
        self._budget_s = TRIAL_S / devices
        self._clock = clock

    def enter(self, device: Device, made: Callable[[], Work]) -> None:
        """Time the work that is made for a device; one that has no room for it is left out."""
        try:
            self._seconds[device.kind] = self._least_seconds(made())
        except (RuntimeError, MemoryError) as error:
            if not device.is_out_of_memory(error):
                raise
        gc.collect()
        device.release()

    def result(self, key: str) -> DeviceChoice | None:
        """Return the choice and remember it; None when no device had room."""
        if not self._seconds:
            return None
        choice = DeviceChoice(self._seconds)
        remember(key, choice)
        return choice

    def _least_seconds(self, work: Work) -> float:
        """Return the least time the work takes; the first time counts only where it is hopeless."""
        first = self._timed(work)
        if first > max(self._budget_s, HOPELESS * min(self._seconds.values(), default=float("inf"))):
            return first
        began, taken = self._clock(), [self._timed(work)]
        while len(taken) < MOST_TIMES and self._clock() - began + taken[-1] < self._budget_s:
            taken.append(self._timed(work))
        return min(taken)

    def _timed(self, work: Work) -> float:
        began = self._clock()
        work()
        return self._clock() - began


def remembered_among(kinds: list[DeviceKind], key: str) -> DeviceChoice | None:
    """Return what an earlier trial told, if the device that it chose is still there."""
    choice = remembered(key)
    return choice if choice is not None and choice.device in kinds else None


def chosen(choice: DeviceChoice | None) -> Device:
    """Return the device that a trial chose, which tells why; without one the best there is."""
    if choice is None:
        return choose_device("auto")
    device = choose_device(choice.device)
    device.reason = choice.words
    return device


def _tokens(model: GPT, dtype: str, device: Device) -> Work:
    """Return the writing of ten tokens."""
    weights, token = Weights.frozen(model.to(device.torch), device.dtype(dtype)), torch.zeros(1, 1, dtype=torch.long)

    def write() -> None:
        decoder = Decoder(weights)
        for _ in range(TOKENS):
            decoder.feed(token).cpu()
        device.synchronize()

    return write
