import signal

import pytest

from engine.core.events import Finished, Step
from engine.core.jobs import Control
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training.trainer import Trainer


def saved_at(config):
    return checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num


def test_ctrl_c_in_a_notebook_saves_and_is_raised(toy_config, monkeypatch):
    config = toy_config(eval_interval=100)
    trainer = Trainer(config)
    steps = trainer.steps

    def pressed():
        for item in steps():
            if isinstance(item, Step) and item.iter_num == 7:
                signal.raise_signal(signal.SIGINT)  # while the engine computes
            yield item

    monkeypatch.setattr(trainer, "steps", pressed)
    with pytest.raises(KeyboardInterrupt):
        list(trainer.run())
    assert saved_at(config) >= 7
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert list(Trainer(resumed_config(config.out_dir, {})).run())[-1].iter_num == 12


def test_a_run_that_is_left_in_its_middle_is_saved_and_goes_on_as_if_it_had_not_been(toy_config, tmp_path):
    config, whole = toy_config(eval_interval=100), toy_config(eval_interval=100, out_dir=str(tmp_path / "whole"))
    events = Trainer(config).run()
    for event in events:
        if isinstance(event, Step) and event.iter_num == 5:
            break
    events.close()
    assert saved_at(config) == 6
    for each in (whole, resumed_config(config.out_dir, {})):
        list(Trainer(each).run())
    one, other = (checkpoint.load(RunFolder(each.out_dir).checkpoint).model for each in (whole, config))
    assert all(one[name].equal(tensor) for name, tensor in other.items())


def test_whoever_sees_to_ctrl_c_by_itself_goes_on_to(toy_config):
    control = Control()
    before = signal.signal(signal.SIGINT, lambda *_: control.stop())
    try:
        for event in Trainer(toy_config(), control).run():
            if isinstance(event, Step) and event.iter_num == 3:
                signal.raise_signal(signal.SIGINT)
            last = event
    finally:
        signal.signal(signal.SIGINT, before)
    assert isinstance(last, Finished)
    assert last.reason == "stopped"


def test_a_finished_run_keeps_its_seconds_when_it_is_resumed(toy_config, clock):
    config = toy_config()
    first = list(Trainer(config).run())[-1]
    again = list(Trainer(resumed_config(config.out_dir, {})).run())[-1]
    assert again.iter_num == first.iter_num
    assert again.seconds >= checkpoint.load(RunFolder(config.out_dir).checkpoint).seconds > 0.1
