"""What commands print: results on standard output, all else on standard error."""

from __future__ import annotations

import json
import sys
from typing import Any

from tqdm import tqdm

from engine.core.event_json import as_json
from engine.core.events import Event, Progress
from engine.core.jobs import Control, Job, events_of


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def say(text: str) -> None:
    """Tell a person something that is not the command's result."""
    print(text, file=sys.stderr, flush=True)


def print_event_json(event: Event) -> None:
    """Print an event as one line of JSON."""
    print_json(as_json(event))


def shown_progress(job: Job, control: Control, *, as_lines: bool) -> list[object]:
    """Run a job under a progress bar, or telling each event as a line of JSON; all events but its progress."""
    events: list[object] = []
    with tqdm(file=sys.stderr, unit="B", unit_scale=True, disable=not sys.stderr.isatty(), leave=False) as bar:
        for event in events_of(job, control):
            if isinstance(event, Progress):
                bar.set_description(event.what, refresh=False)
                bar.total = event.total or None
                bar.update(event.done - bar.n)
            else:
                events.append(event)
            if as_lines:
                print_json(as_json(event))
    return events
