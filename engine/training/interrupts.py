"""Ctrl-C in a program that trains by itself, as a notebook: it waits for the end of a step, and all is saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from engine.core.jobs import Job


def saved_on_interrupt(job: Job) -> Job:
    """Yield what a job yields; Ctrl-C closes it between two of its steps, then is raised as KeyboardInterrupt."""
    try:
        while True:
            with _held_interrupts() as interrupts:
                item = next(job, None)
            if interrupts:
                raise KeyboardInterrupt
            if item is None:
                return
            yield item
    finally:
        close = getattr(job, "close", None)
        if close is not None:
            close()


@contextmanager
def _held_interrupts() -> Iterator[list[int]]:
    """Let Ctrl-C wait inside this context, where nobody else sees to it; a second one does not. Yield those held."""
    held: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield held
        return
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield held
        return

    def hold(number: int, _frame: FrameType | None) -> None:
        if held:
            raise KeyboardInterrupt
        held.append(number)

    signal.signal(signal.SIGINT, hold)
    try:
        yield held
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
