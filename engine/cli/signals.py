"""Ctrl-C and termination signals: a job stops and saves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from engine.cli.output import say
from engine.core.jobs import Control


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[list[int]]:
    """Stop politely at Ctrl-C or a termination signal; a second one ends at once. Yield the signals caught."""
    caught: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say("Stopping: saving a checkpoint first. Once more to end at once.")
        control.stop()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
