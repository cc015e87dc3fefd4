from dataclasses import FrozenInstanceError, fields

import pytest

from engine.core.event_json import event_name
from engine.core.events import Eval, Event, Finished

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


def test_events_cannot_be_changed():
    end = Finished(reason="done", iter_num=1, best_val_loss=None, seconds=1.0, peak_memory_bytes=1)
    with pytest.raises(FrozenInstanceError):
        end.reason = "stopped"
    with pytest.raises(TypeError):
        Eval(0, 1.0, 1.0, 1.0, True)
