import json
import math
import types
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from engine.core import events
from engine.core.errors import Fix
from engine.core.event_json import as_json, event_from_json, event_name
from engine.core.events import Advice, Event, Finished, Step

KINDS = [each for each in vars(events).values() if isinstance(each, type) and Event in each.__mro__[1:]]


def filled(kind):
    """Return an instance of a dataclass with some value in each field."""
    return kind(**{field.name: some(get_type_hints(kind)[field.name]) for field in fields(kind)})


def some(kind):
    plain = {int: 3, float: 0.5, str: "text", bool: True, Any: [1, {"a": None}]}
    if kind in plain:
        return plain[kind]
    inner = get_args(kind)
    if get_origin(kind) is Literal or get_origin(kind) is types.UnionType:
        return inner[0] if get_origin(kind) is Literal else some(inner[0])
    if get_origin(kind) is tuple:
        return (some(inner[0]), some(inner[0])) if inner[-1] is ... else tuple(map(some, inner))
    return {"a": some(inner[1])} if inner else filled(kind)


@pytest.mark.parametrize("kind", KINDS, ids=event_name)
def test_each_event_comes_back_from_json_as_it_went_in(kind):
    event = filled(kind)
    assert event_from_json(json.loads(json.dumps(as_json(event)))) == event


def test_names_in_json_are_in_snake_case():
    class TwoWords(Event):
        pass

    assert event_name(TwoWords) == "two_words"
    assert event_name(events.Eval) == "eval"


STEP = Step(iter_num=10, loss=2.5, lr=1e-3, grad_norm=0.5, step_ms=7.0, tokens_per_s=1e4, memory_bytes=3)


def test_an_event_in_json_has_its_name_first_and_its_values():
    row = json.loads(json.dumps(as_json(STEP)))
    assert next(iter(row)) == "event"
    assert row == {
        "event": "step",
        "iter_num": 10,
        "loss": 2.5,
        "lr": 1e-3,
        "grad_norm": 0.5,
        "step_ms": 7.0,
        "tokens_per_s": 1e4,
        "memory_bytes": 3,
    }


def test_advice_carries_its_fixes_into_json():
    fix = Fix("Halve the Rate", "resume", {"learning_rate": 5e-4})
    told = Advice(iter_num=3, code="diverging", severity="warning", what="It rises.", why="The rate.", fixes=(fix,))
    assert json.loads(json.dumps(as_json(told)))["fixes"] == [
        {"label": "Halve the Rate", "action": "resume", "changes": {"learning_rate": 5e-4}}
    ]


def test_a_null_is_a_number_that_json_cannot_write_unless_none_is_meant():
    assert math.isnan(event_from_json(as_json(STEP) | {"loss": None}).loss)
    end = Finished(reason="done", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=1)
    assert event_from_json(as_json(end)) == end


def test_what_a_newer_version_may_add_is_passed_over():
    assert event_from_json(as_json(STEP) | {"mood": "good"}) == STEP
    assert event_from_json({"event": "dream", "iter_num": 3}) is None


@pytest.mark.parametrize(
    "row", [None, 3, [], {}, {"event": 3}, {"event": []}, {"event": "event"}, {"event": "step"}, {"event": "eval"}]
)
def test_what_tells_no_event_is_none(row):
    assert event_from_json(row) is None
    assert event_from_json(as_json(STEP) | {"iter_num": "ten"}) is None
