"""Ctrl-C, termination signals and a terminal that closes: a job stops and saves."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from types import FrameType

from engine.cli.output import say
from engine.core.jobs import Control

_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

SAVING = "Stopping: saving a checkpoint first."
CLEARING_UP = "Stopping: what is half written is removed first."
"""What is said when a signal comes."""

PATIENCE_S = 1.5
"""How long a process that has nothing to save yet may take to end once it is asked to."""


@contextmanager
def stopping_on_signals(control: Control, words: str = "Stopping.") -> Iterator[list[int]]:
    """Stop politely at Ctrl-C, a termination signal or the terminal's end; a second one ends at once.

    Yield the signals caught; `words` say what is done first. A signal that was ignored, as nohup has it, stays so.
    """
    caught: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say(f"{words} Once more to end at once.")
        control.stop()

    heard = [number for number in _ENDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def ending_in_time(control: Control, has_begun: Callable[[], bool]) -> Iterator[None]:
    """End the process inside this context soon after a signal, as long as nothing is there that could be saved.

    A handler of Python's waits until a call into torch returns, and making a large model takes minutes: this is seen to
    on a thread of its own. Leaving nothing half-written is not its task: any writer must bear being killed.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = Thread(target=_watch, args=(reader, control, has_begun), name="signals", daemon=True)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.write(writer, b"\0")
        watch.join()
        os.close(reader)
        os.close(writer)


def _watch(reader: int, control: Control, has_begun: Callable[[], bool]) -> None:
    """Read the numbers of signals as they come; 0 is the end."""
    while number := os.read(reader, 1)[0]:
        if number not in _ENDS or signal.getsignal(number) is signal.SIG_IGN:
            continue
        control.stop()
        if has_begun():
            continue
        more, _, _ = select.select([reader], [], [], PATIENCE_S)
        if not more and not has_begun():
            say("Stopped before anything was trained.")
            os._exit(128 + number)
