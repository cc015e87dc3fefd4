"""What commands print: results on standard output, all else on standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from tqdm import tqdm

from engine.cli.terminal import as_typed_here, plain, plain_json
from engine.core.errors import UnderstudyError
from engine.core.event_json import as_json
from engine.core.events import Event, Progress, Turn
from engine.core.jobs import Control, Job, events_of
from engine.core.paths import logs_dir

if TYPE_CHECKING:
    from engine.planning.recipes import Decision


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line, at once, in ASCII where standard output takes no other letters."""
    of_unicode = "utf" in (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    print(plain_json(json.dumps(value, ensure_ascii=not of_unicode)), flush=True)


def tell(*lines: str) -> None:
    """Print lines of a command's result on standard output, at once; what a name or a text holds is not obeyed."""
    for line in lines:
        print(as_typed_here(plain(line)), flush=True)


def say(*lines: str) -> None:
    """Tell a person something that is not the command's result, unless nobody is there to read it any more."""
    with contextlib.suppress(OSError):
        for line in lines:
            print(as_typed_here(plain(line)), file=sys.stderr, flush=True)


def say_error(error: UnderstudyError, *, as_json: bool = False) -> None:
    """Tell what went wrong, why, and what to do; besides as an object of JSON where that was asked for."""
    words = {"message": error.message, "cause": error.cause, "fix": error.fix}
    say(*filter(None, words.values()))
    if as_json:
        here = {name: as_typed_here(text) for name, text in words.items()}
        with contextlib.suppress(OSError):
            print_json({"event": "error", "code": error.code, **here, "exit_code": error.exit_code})


class LastingStream:
    """A stream that does not fail: what it cannot take (a closed pipe or terminal, a full disk) goes to a log file."""

    def __init__(self, stream: TextIO, log: Path) -> None:
        self._stream = stream
        self._log = log
        self._lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write to the stream, or from its first failure on to the log."""
        if not self._lost:
            try:
                self._stream.write(text)
                self._stream.flush()  # a failure is seen here, and not when the process ends
                return len(text)
            except OSError:
                self._lose()
        with contextlib.suppress(OSError):  # what is printed is never worth a run
            self._log.parent.mkdir(parents=True, exist_ok=True)
            with self._log.open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        return len(text)

    def flush(self) -> None:
        """Do nothing: each piece is flushed as it is written."""

    def _lose(self) -> None:
        """Let the stream go, so that Python does not fail over it at the end either."""
        self._lost = True
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def lasting_output() -> Iterator[None]:
    """Let neither standard output nor standard error end what is done inside this context."""
    log = logs_dir() / f"train-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, LastingStream(stream, log)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def print_event_json(event: Event) -> None:
    """Print an event as one line of JSON."""
    print_json(as_json(event))


def progress_bar() -> tqdm[Any]:
    """Return a progress bar, absent when nobody looks."""
    return tqdm(file=sys.stderr, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False)


def advance(bar: tqdm[Any], event: Event | Turn) -> None:
    """Show how far a job is."""
    if isinstance(event, Progress):
        bar.set_description(plain(event.what), refresh=False)
        bar.total = event.total or None
        bar.update(event.done - bar.n)


def print_decision_json(one: Decision) -> None:
    """Print what a recipe decided as one line of JSON."""
    print_json(decision_json(one))


def decision_json(one: Decision) -> dict[str, Any]:
    """Return what a recipe decided as plain values."""
    return {"event": "decision", "name": one.name, "value": one.value, "why": one.why}


def shown_progress(job: Job, control: Control, *, as_lines: bool) -> list[object]:
    """Run a job under a progress bar, or telling each event as a line of JSON; return all but its progress."""
    events: list[object] = []
    with progress_bar() as bar:
        for event in events_of(job, control):
            advance(bar, event)
            if not isinstance(event, Progress):
                events.append(event)
            if as_lines:
                print_json(as_json(event))
    return events
