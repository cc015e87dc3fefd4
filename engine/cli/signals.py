"""Ctrl-C, termination signals and a terminal that closes: a job stops and saves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from engine.cli.output import say
from engine.core.jobs import Control

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def stopping_on_signals(control: Control) -> Iterator[list[int]]:
    """Stop politely at Ctrl-C, a termination signal or the terminal's end; a second one ends at once.

    Yield the signals caught. A signal that was ignored before, as nohup has it, stays so.
    """
    caught: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say("Stopping: saving a checkpoint first. Once more to end at once.")
        control.stop()

    heard = [number for number in _ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
