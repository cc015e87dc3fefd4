"""Events as JSON and back: the one form in which they are printed, recorded, and read again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from engine.core import events, typed_json
from engine.core.events import Event


def event_name(kind: type[Event]) -> str:
    """Return the name an event has in JSON: the class name in snake_case."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def as_json(event: Event) -> dict[str, Any]:
    """Return an event as plain JSON values, its name first under "event"."""
    return {"event": event_name(type(event)), **asdict(event)}


def event_from_json(row: Any) -> Event | None:
    """Return the event that a value of JSON tells, or None for what is no event of this version.

    What a newer version adds is passed over: events of an unknown name, and unknown fields of a known one. A null
    for a number stands for one that was not finite.
    """
    name = row.get("event") if isinstance(row, dict) else None
    kind = _kinds().get(name) if isinstance(name, str) else None
    try:
        return None if kind is None else typed_json.read(kind, row)
    except ValueError:
        return None


@cache
def _kinds() -> Mapping[str, type[Event]]:
    """Return each kind of event by its name in JSON."""
    classes = (each for each in vars(events).values() if isinstance(each, type))
    return {event_name(each): each for each in classes if issubclass(each, Event) and each is not Event}
