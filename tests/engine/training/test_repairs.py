"""Faults injected where the device and the model meet: each ends as promised, and no token of an update is lost."""

import math
import os
import random
from pathlib import Path

import pytest
import torch

from engine.core.config import TrainConfig
from engine.core.errors import DataError, Fix, OutOfMemoryError, TrainingError
from engine.core.events import Advice, Checkpoint, Eval, Finished, Forecast, Sample, Started, Step
from engine.core.jobs import Control
from engine.datasets.prepare import prepare
from engine.machine.device import Device, MpsDevice
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training import learner, loop, trainer
from engine.training.repairs import MAX_REPAIRS, half_rate, repair_of, smaller_batches, smaller_models
from engine.training.trainer import Trainer

MPS_SAYS = (
    "MPS backend out of memory (MPS allocated: 8.21 GiB, other allocations: 1.02 GiB, max allowed: 9.07 GiB). "
    "Tried to allocate 256.00 MiB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for "
    "memory allocations (may cause system failure)."
)


class FaultyDevice(Device):
    """The CPU with a fault: `break_in(model, iteration)` is called before each forward pass of training."""

    is_out_of_memory = MpsDevice.is_out_of_memory

    def __init__(self, break_in, reads_are_free=True):
        super().__init__()
        self.reads_are_free = reads_are_free
        self.passes = 0
        self._break_in = break_in

    def receive(self, model):
        model.register_forward_pre_hook(self._before)

    def _before(self, model, inputs):
        if model.training:
            self.passes += 1
            self._break_in(self, model, inputs[0])


def run(config, monkeypatch, break_in=None, **device):
    """Train on a device with a fault; its events, and the error that ended it, or None."""
    if break_in is not None:
        faulty = FaultyDevice(break_in, **device)
        monkeypatch.setattr(trainer, "choose_device", lambda _name: faulty)
        monkeypatch.setattr(learner, "fit", lambda model, device, dtype: device.receive(model))
    events = []
    try:
        for event in Trainer(config).run():
            events.append(event)
    except (OutOfMemoryError, TrainingError) as error:
        return events, error
    return events, None


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def advice(events, code):
    return [event for event in of(Advice, events) if event.code == code]


def recorded_steps(config):
    return [event.iter_num for event in RunFolder(config.out_dir).events() if isinstance(event, Step)]


def same_weights(one, other):
    return all(torch.equal(tensor, other.model[name]) for name, tensor in one.model.items())


# out of memory


def too_large_from(passes, batch_size):
    def break_in(device, _model, tokens):
        if device.passes > passes and len(tokens) > batch_size:
            raise RuntimeError(MPS_SAYS)

    return break_in


def test_out_of_memory_is_mended_with_the_same_tokens_per_update(toy_config, monkeypatch):
    config = toy_config(batch_size=8, on_fault="fix")
    events, error = run(config, monkeypatch, too_large_from(7, 2))
    assert error is None
    assert of(Finished, events)[0].reason == "done"
    assert [event.iter_num for event in of(Started, events)] == [0, 7, 7]
    assert {event.tokens_per_iter for event in of(Started, events)} == {config.tokens_per_iter}
    assert "batch_size 4" in advice(events, "out_of_memory")[0].why
    now = RunFolder(config.out_dir).read_config()
    assert (now.batch_size, now.gradient_accumulation_steps, now.eval_iters) == (2, 4, 8)
    assert recorded_steps(config) == list(range(12))
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 12


def test_out_of_memory_stops_with_everything_saved_and_the_button_goes_on(toy_config, monkeypatch):
    config = toy_config(batch_size=8)
    _, error = run(config, monkeypatch, too_large_from(7, 4))
    assert isinstance(error, OutOfMemoryError)
    assert error.exit_code == 1
    assert "--init_from=resume" in error.fix
    assert "--batch_size=4 --gradient_accumulation_steps=2" in error.fix
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 7
    resume = error.fixes[0]
    assert resume.action == "resume"
    events, error = run(resumed_config(config.out_dir, dict(resume.changes)), monkeypatch)
    assert error is None
    assert of(Started, events)[0].iter_num == 7
    assert recorded_steps(config) == list(range(12))


def test_by_flag_and_by_button_is_the_same(toy_config, monkeypatch, tmp_path):
    fixed = toy_config(batch_size=8, on_fault="fix", out_dir=str(tmp_path / "fixed"))
    run(fixed, monkeypatch, too_large_from(7, 4))
    stopped = toy_config(batch_size=8, out_dir=str(tmp_path / "stopped"))
    _, error = run(stopped, monkeypatch, too_large_from(7, 4))
    run(resumed_config(stopped.out_dir, dict(error.fixes[0].changes)), monkeypatch)
    assert same_weights(*(checkpoint.load(RunFolder(one.out_dir).checkpoint) for one in (fixed, stopped)))


def test_memory_that_lacks_even_for_one_ends_with_the_guides_cures(toy_config, monkeypatch):
    config = toy_config(batch_size=4, block_size=200, n_embd=300, on_fault="fix")
    _, error = run(config, monkeypatch, too_large_from(0, 0))
    assert isinstance(error, OutOfMemoryError)
    assert [fix.changes for fix in error.fixes] == [{"block_size": 128}, {"n_layer": 2, "n_head": 2, "n_embd": 128}]
    assert RunFolder(config.out_dir).read_config().batch_size == 1


# NaN


def nan_gradient_at(iteration):
    """Put a NaN into one gradient of one iteration, once."""

    def break_in(device, model, _tokens):
        if device.passes == iteration + 1:
            weight = model.transformer.h[0].mlp.c_fc.weight
            handle = weight.register_hook(lambda gradient: gradient * math.nan)
            device.undo = handle.remove
        elif hasattr(device, "undo"):
            device.undo()

    return break_in


@pytest.mark.parametrize("reads_are_free", [True, False])
def test_a_nan_goes_back_to_the_last_checkpoint_at_half_the_rate(toy_config, monkeypatch, tmp_path, reads_are_free):
    config = toy_config(on_fault="fix", out_dir=str(tmp_path / "mended"))
    events, error = run(config, monkeypatch, nan_gradient_at(8), reads_are_free=reads_are_free)
    assert error is None
    assert [event.iter_num for event in of(Started, events)] == [0, 5]
    assert all(math.isfinite(event.loss) for event in of(Step, events))
    assert recorded_steps(config) == list(range(12))
    now = RunFolder(config.out_dir).read_config()
    assert (now.learning_rate, now.min_lr) == (config.learning_rate / 2, config.min_lr / 2)

    # by hand: trained to the same checkpoint, then resumed with the same change
    other = toy_config(max_iters=5, lr_decay_iters=12, out_dir=str(tmp_path / "by_hand"))
    run(other, monkeypatch)
    list(Trainer(resumed_config(other.out_dir, {"max_iters": 12, "learning_rate": 5e-3, "min_lr": 5e-4})).run())
    assert same_weights(*(checkpoint.load(RunFolder(one.out_dir).checkpoint) for one in (config, other)))


def test_a_nan_before_any_checkpoint_begins_again_at_half_the_rate(toy_config, monkeypatch, tmp_path):
    config = toy_config(on_fault="fix", out_dir=str(tmp_path / "mended"))
    events, error = run(config, monkeypatch, nan_gradient_at(3))
    assert error is None
    assert [event.iter_num for event in of(Started, events)] == [0, 0]
    other = toy_config(learning_rate=5e-3, min_lr=5e-4, out_dir=str(tmp_path / "by_hand"))
    monkeypatch.setattr(trainer, "choose_device", lambda _name: FaultyDevice(lambda *_: None))
    list(Trainer(other).run())
    assert same_weights(*(checkpoint.load(RunFolder(one.out_dir).checkpoint) for one in (config, other)))
    assert recorded_steps(config) == list(range(12))


def test_a_nan_stops_by_default_and_no_checkpoint_holds_it(toy_config, monkeypatch):
    config = toy_config(log_interval=100)
    _, error = run(config, monkeypatch, nan_gradient_at(8), reads_are_free=False)
    assert error.code == "nan_loss"
    assert error.fixes[0].changes == {"learning_rate": 5e-3, "min_lr": 5e-4}
    assert f"--out_dir={config.out_dir}" in error.fix
    for path in RunFolder(config.out_dir).files():
        if path.suffix == ".pt":
            assert checkpoint.load(path).is_finite


def test_a_nan_that_comes_back_is_not_mended_for_ever(toy_config, monkeypatch):
    config = toy_config(on_fault="fix")

    def always(_device, model, _tokens):
        with torch.no_grad():
            model.transformer.wpe.weight.fill_(math.nan)

    events, error = run(config, monkeypatch, always)
    assert error.code == "nan_loss"
    assert len(of(Started, events)) == 1 + MAX_REPAIRS


# divergence


def thrown_off_at(iteration):
    """Throw the weights far off, once."""

    def break_in(device, model, _tokens):
        if device.passes == iteration + 1:
            torch.manual_seed(1)
            with torch.no_grad():
                for parameter in model.parameters():
                    parameter.add_(torch.randn_like(parameter) * 3)

    return break_in


def test_a_divergence_goes_back_to_a_state_from_before_it(toy_config, monkeypatch):
    config = toy_config(
        max_iters=60, eval_interval=20, on_fault="fix", sample_tokens=0, learning_rate=1e-3, min_lr=1e-4
    )
    events, error = run(config, monkeypatch, thrown_off_at(39))
    assert error is None
    assert [event.iter_num for event in of(Started, events)] == [0, 20]
    assert advice(events, "diverging")
    assert RunFolder(config.out_dir).read_config().learning_rate == 5e-4
    assert recorded_steps(config) == list(range(60))
    assert of(Step, events)[-1].loss < of(Step, events)[0].loss


# overfitting, for real


def test_learning_by_heart_stops_early_and_keeps_the_best(toy_config, tmp_path):
    draw = random.Random(0)
    words = ["enter", "exit", "the", "king", "queen", "fool", "a", "crown", "speaks", "dies", "alone", "tonight"]
    (tmp_path / "short.txt").write_text(" ".join(draw.choices(words, k=120)), "utf-8")
    prepare(str(tmp_path / "short.txt"), name="short", tokenizer="char")
    shape = {"dataset": "short", "n_layer": 2, "n_embd": 64, "block_size": 32, "batch_size": 8, "max_iters": 1000}
    often = {"eval_interval": 20, "patience": 4, "log_interval": 100, "sample_tokens": 0}
    config = toy_config(**shape, **often, learning_rate=3e-3, early_stop=True)
    events = list(Trainer(config).run())
    finished = of(Finished, events)[0]
    assert finished.reason == "early_stop"
    assert finished.iter_num < 1000
    assert advice(events, "overfitting")
    assert advice(events, "early_stop")
    best = min(of(Eval, events)[1:], key=lambda event: event.val_loss)
    assert finished.best_val_loss == best.val_loss
    saved = checkpoint.load(RunFolder(config.out_dir).best)
    assert (saved.iter_num, saved.best_val_loss) == (best.iter_num, best.val_loss)
    go_on = advice(events, "early_stop")[0].fixes[0].changes
    assert next(Trainer(resumed_config(config.out_dir, dict(go_on))).run()).iter_num == best.iter_num


# what is to be expected, for real


def test_a_run_that_still_falls_offers_to_go_on_and_does(toy_config):
    config = toy_config(max_iters=120, eval_interval=10, learning_rate=3e-3, sample_tokens=0)
    events = list(Trainer(config).run())
    told = of(Forecast, events)
    assert [one.iter_num for one in told] == sorted({one.iter_num for one in told})
    assert told[0].iter_num == 40
    offered = advice(events, "keep_going")[0].fixes[0]
    assert (offered.action, offered.changes) == ("resume", {"max_iters": 180, "lr_decay_iters": 180})
    again = list(Trainer(resumed_config(config.out_dir, dict(offered.changes))).run())
    assert of(Finished, again)[0].iter_num == 180
    assert of(Finished, again)[0].best_val_loss < of(Finished, events)[0].best_val_loss
    recorded = [event.iter_num for event in RunFolder(config.out_dir).events() if isinstance(event, Forecast)]
    assert recorded == [one.iter_num for one in told + of(Forecast, again)]


# the data


def test_a_file_that_is_cut_while_it_is_read_stops_the_run_before_it_is_touched(toy_config, toy_dataset):
    config = toy_config()
    events = Trainer(config).run()
    next(event for event in events if isinstance(event, Step) and event.iter_num == 7)
    os.truncate(Path(toy_dataset.folder) / "train.bin", 100)
    with pytest.raises(DataError, match="was changed while it was being read") as told:
        list(events)
    assert told.value.code == "data_changed"
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 8


def test_a_file_that_vanishes_is_told_and_the_run_goes_on(toy_config, toy_dataset, monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 0.0)
    events = []
    for event in Trainer(toy_config()).run():
        events.append(event)
        if isinstance(event, Step) and event.iter_num == 3:
            Path(toy_dataset.folder, "train.bin").unlink()
    assert len(advice(events, "data_changed")) == 1
    assert of(Finished, events)[0].reason == "done"


def test_another_text_under_the_name_is_told_when_the_run_goes_on(toy_run, toy_text, tmp_path):
    (tmp_path / "toy.txt").write_text(toy_text[::-1], "utf-8")
    prepare(str(tmp_path / "toy.txt"), name="toy", tokenizer="char")
    events = list(Trainer(resumed_config(str(toy_run.path), {"max_iters": 14})).run())
    assert len(advice(events, "data_changed")) == 1


# saving while training


def test_checkpoints_come_by_the_clock_too(toy_config):
    config = toy_config(max_iters=40, eval_interval=1000, checkpoint_minutes=1e-6)
    events = list(Trainer(config).run())
    assert len([event for event in of(Checkpoint, events) if event.iter_num < 40]) > 3


def test_no_checkpoints_by_the_clock_when_it_is_off(toy_config):
    events = list(Trainer(toy_config(eval_interval=1000, checkpoint_minutes=0)).run())
    assert [event.iter_num for event in of(Checkpoint, events)] == [12, 12]


def test_memory_too_short_for_a_copy_saves_all_the_same(toy_config, tmp_path, monkeypatch):
    import psutil

    ample = toy_config(out_dir=str(tmp_path / "ample"))
    list(Trainer(ample).run())
    real = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: real._replace(available=1000))
    short = toy_config(out_dir=str(tmp_path / "short"))
    events = list(Trainer(short).run())
    assert [event.iter_num for event in of(Checkpoint, events) if event.kind == "latest"] == [5, 10, 12]
    assert same_weights(*(checkpoint.load(RunFolder(one.out_dir).checkpoint) for one in (ample, short)))


# samples


def test_a_prompt_the_text_cannot_spell_does_not_end_the_training(toy_config):
    events = list(Trainer(toy_config(sample_prompt="Ü")).run())
    assert of(Finished, events)[0].reason == "done"
    assert len(advice(events, "unknown_characters")) == 1
    assert not of(Sample, events)


def test_a_sample_can_be_asked_for_in_a_run_that_writes_none(toy_config):
    control = Control()
    control.sample_now("The ")
    events = list(Trainer(toy_config(sample_tokens=0), control).run())
    assert [event.prompt for event in of(Sample, events)] == ["The "]


# what mends a fault


@pytest.mark.parametrize(("batch", "smaller", "times"), [(8, 4, 2), (6, 3, 2), (9, 3, 3), (7, 1, 7), (2, 1, 2)])
def test_a_smaller_batch_is_read_in_as_many_more_steps(batch, smaller, times):
    config = TrainConfig(batch_size=batch, gradient_accumulation_steps=3, eval_iters=10)
    changes = {"batch_size": smaller, "gradient_accumulation_steps": 3 * times, "eval_iters": 10 * times}
    assert smaller_batches(config) == changes
    assert config.changed(changes).tokens_per_iter == config.tokens_per_iter


def test_a_single_window_can_be_no_smaller():
    assert smaller_batches(TrainConfig(batch_size=1)) == {}


@pytest.mark.parametrize(
    ("shape", "cures"),
    [
        ({"block_size": 128, "n_layer": 2, "n_embd": 128}, []),
        ({"block_size": 129, "n_layer": 2, "n_embd": 128}, [{"block_size": 128}]),
        ({"block_size": 128, "n_layer": 3, "n_embd": 128}, [{"n_layer": 2, "n_head": 2, "n_embd": 128}]),
    ],
)
def test_only_what_makes_a_run_smaller_is_offered(shape, cures):
    offered = smaller_models(TrainConfig(n_head=2, **shape))
    assert [fix.changes for fix in offered] == cures
    assert {fix.action for fix in offered} <= {"restart"}


def test_both_rates_are_halved():
    assert half_rate(TrainConfig(learning_rate=0.5, min_lr=0.25)) == {"learning_rate": 0.25, "min_lr": 0.125}


def test_a_fault_is_mended_by_what_resumes_with_changes():
    stop, restart = Fix("Stop", "stop"), Fix("Again", "restart", {"device": "cpu"})
    resume, plain = Fix("On", "resume", {"batch_size": 2}), Fix("On", "resume")
    assert repair_of(TrainingError("What.", fixes=(stop, restart, plain, resume))) is resume
    assert repair_of(TrainingError("What.", fixes=(stop, restart, plain))) is None
