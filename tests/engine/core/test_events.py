import json
from dataclasses import FrozenInstanceError, fields

import pytest

from engine.core import events
from engine.core.errors import Fix
from engine.core.events import Advice, Eval, Event, Finished, Step, as_json, event_name

CONTRACT = {  # the fields that other programs rely on
    "started": "run_dir parameters device dtype tokens_per_iter estimate",
    "step": "iter_num loss lr grad_norm step_ms tokens_per_s memory_bytes",
    "eval": "iter_num train_loss val_loss bits_per_byte is_best",
    "sample": "iter_num prompt text",
    "checkpoint": "iter_num path kind",
    "advice": "code severity what why fixes",
    "finished": "reason iter_num best_val_loss seconds peak_memory_bytes",
}


def test_the_events_carry_the_fields_of_the_contract():
    kinds = {event_name(cls): cls for cls in Event.__subclasses__()}
    for name, wanted in CONTRACT.items():
        assert set(wanted.split()) <= {f.name for f in fields(kinds[name])}, name


def test_names_in_json_are_in_snake_case():
    class TwoWords(Event):
        pass

    assert event_name(TwoWords) == event_name(TwoWords()) == "two_words"
    assert event_name(events.Eval) == "eval"


def test_an_event_in_json_has_its_name_first_and_its_values():
    step = Step(iter_num=10, loss=2.5, lr=1e-3, grad_norm=0.5, step_ms=7.0, tokens_per_s=1e4, memory_bytes=3)
    row = json.loads(json.dumps(as_json(step)))
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
    told = Advice(iter_num=3, code="rising", severity="warning", what="It rises.", why="The rate.", fixes=(fix,))
    assert json.loads(json.dumps(as_json(told)))["fixes"] == [
        {"label": "Halve the Rate", "action": "resume", "changes": {"learning_rate": 5e-4}}
    ]


def test_events_cannot_be_changed():
    end = Finished(reason="done", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=1)
    with pytest.raises(FrozenInstanceError):
        end.reason = "stopped"
    with pytest.raises(TypeError):
        Eval(0, 1.0, 1.0, 1.0, True)
