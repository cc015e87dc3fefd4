"""Writing checkpoints on a thread of its own, so that training goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from engine.core.errors import TrainingError
from engine.core.events import Checkpoint

Write = Callable[[], list[Checkpoint]]
"""Puts files on the disk and gives what is told of them."""


class Writer:
    """Does one piece of writing at a time; whoever starts it collects what came of it."""

    def __init__(self) -> None:
        self._thread: Thread | None = None
        self._written: list[Checkpoint] = []
        self._error: Exception | None = None

    @property
    def busy(self) -> bool:
        """Whether something is still being written."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, write: Write) -> None:
        """Begin to write; what was begun before must have been collected."""
        self.wait()
        self._thread = Thread(target=self._run, args=(write,), name="checkpoint")
        self._thread.start()

    def write(self, write: Write) -> None:
        """Write on the calling thread; what came of it is collected like the rest."""
        self.wait()
        self._run(write)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing is being written, at most so many seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def collect(self) -> list[Checkpoint]:
        """Return what was written since the last call; raises what went wrong, once."""
        if self.busy:
            return []
        self._thread = None
        written, self._written = self._written, []
        error, self._error = self._error, None
        if error is not None:
            raise error
        return written

    def _run(self, write: Write) -> None:
        try:
            self._written = write()
        except TrainingError as error:
            self._error = error
        except Exception as error:  # told on the thread that trains
            self._error = TrainingError(
                "The checkpoint could not be written.",
                cause=f"{type(error).__name__}: {error}",
                fix="Go on from the checkpoint written before with --init_from=resume.",
                code="not_saved",
            )
