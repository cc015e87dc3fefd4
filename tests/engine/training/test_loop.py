"""The loop of a run: its events in their order, its rests, its clock, and what the machine around it asks for."""

import math
import threading
import time
from dataclasses import replace

import pytest
import torch

from engine.core.errors import DataError
from engine.core.events import (
    Advice,
    Checkpoint,
    Eval,
    Event,
    Finished,
    Forecast,
    Paused,
    Resumed,
    Sample,
    Started,
    Step,
    Turn,
)
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.machine.power import Power
from engine.runs import checkpoint
from engine.runs.continuation import resumed_config
from engine.runs.folder import RunFolder
from engine.training import loop
from engine.training.trainer import Trainer
from tests.engine.training.hands import (
    assert_same_result,
    contents,
    numbered,
    rates,
    result,
    resume,
    saves,
    train,
    train_until,
)


def test_the_whole_sequence_of_events(toy_config):
    config = toy_config(max_iters=7, eval_interval=3, log_interval=2)
    events = train(config)
    best, expected = math.inf, [(Started, 0)]
    evaluations = {event.iter_num: event for event in events if isinstance(event, Eval)}
    for iter_num in range(8):
        if iter_num in (0, 3, 6, 7):
            expected += [(Eval, iter_num), (Sample, iter_num)]
            is_best = iter_num > 0 and evaluations[iter_num].val_loss < best
            assert evaluations[iter_num].is_best is is_best
            if is_best:
                best = evaluations[iter_num].val_loss
        if iter_num % 2 == 0 and iter_num < 7:
            expected.append((Step, iter_num))
    assert numbered(events) == expected
    assert saves(events) == [3, 6, 7]
    assert saves(events, "best") == [n for n, event in evaluations.items() if event.is_best]
    for event in events:
        if isinstance(event, Checkpoint):
            assert events.index(event) > events.index(evaluations[event.iter_num])
    last = events[-1]
    assert (last.reason, last.iter_num, last.best_val_loss) == ("done", 7, best)
    assert last.seconds > 0
    assert last.peak_memory_bytes > 0


def test_what_the_events_say(toy_config, toy_dataset):
    config = toy_config(gradient_accumulation_steps=2, max_iters=4, eval_interval=4, sample_prompt="The ")
    events = train(config)
    started = events[0]
    assert (started.run_dir, started.device, started.dtype) == (config.out_dir, "cpu", "float32")
    assert (started.tokens_per_iter, started.max_iters) == (2 * 4 * 16, 4)
    assert (started.vocab_size, started.val_bytes) == (toy_dataset.vocab_size, toy_dataset.val_bytes)
    saved = checkpoint.load(RunFolder(config.out_dir).checkpoint)
    assert started.parameters == saved.build_model().parameter_count()
    for event in events:
        if isinstance(event, Eval):
            per_byte = event.val_loss / math.log(2) * toy_dataset.val_tokens / toy_dataset.val_bytes
            assert event.bits_per_byte == pytest.approx(per_byte)
        if isinstance(event, Sample):
            assert event.text.startswith("The ")
            assert len(event.text) == len("The ") + 3
        if isinstance(event, Step):
            assert event.tokens_per_s == pytest.approx(config.tokens_per_iter / event.step_ms * 1000)
            assert min(event.grad_norm, event.memory_bytes, event.lr) > 0
    losses = [event.loss for event in events if isinstance(event, Step)]
    assert losses[0] == pytest.approx(math.log(toy_dataset.vocab_size), rel=0.05)


def test_the_record_holds_each_iteration_once(toy_config):
    config = toy_config()
    events = train(config)
    run = RunFolder(config.out_dir)
    recorded = list(run.events())
    assert [event.iter_num for event in recorded if isinstance(event, Step)] == list(range(12))
    assert [event.iter_num for event in recorded if isinstance(event, Eval)] == [0, 5, 10, 12]
    assert [sample.text for sample in run.samples()] == [event.text for event in events if isinstance(event, Sample)]


def test_a_pause_rests_and_changes_nothing(toy_config, tmp_path):
    whole, paused = (toy_config(out_dir=str(tmp_path / name), dropout=0.2) for name in ("whole", "paused"))
    train(whole)
    control, items = Control(), []
    for item in Trainer(paused, control).steps():
        items.append(item)
        if isinstance(item, Step) and item.iter_num == 7:
            control.pause()
        if items[-3:] == [Turn.IDLE] * 3:
            control.resume()
    at = items.index(Paused(iter_num=8))
    assert saves(items[:at])[-1] == 8
    assert items[at + 1 : at + 4] == [Turn.IDLE] * 3
    assert items[at + 4] == Resumed(iter_num=8)
    assert_same_result(whole, paused)


def test_a_paused_run_can_be_stopped(toy_config):
    control, events = Control(), []
    for item in Trainer(toy_config(), control).steps():
        if isinstance(item, Step):
            control.pause()
        if item is Turn.IDLE:
            control.stop()
        if isinstance(item, Event):
            events.append(item)
    assert (events[-1].reason, events[-1].iter_num) == ("stopped", 1)


def test_saving_and_sampling_when_asked_change_nothing(toy_config, tmp_path):
    plain, asked = (toy_config(out_dir=str(tmp_path / name), dropout=0.2) for name in ("plain", "asked"))
    train(plain)
    control, events = Control(), []
    for event in Trainer(asked, control).run():
        events.append(event)
        if isinstance(event, Step) and event.iter_num == 6:
            control.save_now()
            control.sample_now("The king")
    assert 7 in saves(events)
    sample = next(event for event in events if isinstance(event, Sample) and event.prompt == "The king")
    assert sample.iter_num == 7
    assert sample.text.startswith("The king")
    assert_same_result(plain, asked)


@pytest.mark.parametrize("changes", [{"sample_tokens": 0}, {"sample_tokens": 20}, {"eval_interval": 50}])
def test_looking_at_a_run_does_not_change_it(toy_config, tmp_path, changes):
    plain, looked_at = toy_config(dropout=0.2), toy_config(out_dir=str(tmp_path / "other"), dropout=0.2, **changes)
    train(plain)
    train(looked_at)
    (tensors, record), (others, other_record) = result(plain), result(looked_at)
    assert record[0] == other_record[0]
    assert all(torch.equal(tensor, others[name]) for name, tensor in tensors.items())


def test_the_best_is_the_checkpoint_of_the_best_evaluation(toy_config):
    config = toy_config(max_iters=40, eval_interval=4, learning_rate=0.2, lr_decay_iters=400)  # too fast: it wanders
    events = train(config)
    evaluations = [e for e in events if isinstance(e, Eval) and e.iter_num]
    best = min(evaluations, key=lambda event: event.val_loss)
    assert [e.is_best for e in evaluations] != [True] * len(evaluations)
    saved = checkpoint.load(RunFolder(config.out_dir).best)
    assert (saved.iter_num, saved.best_val_loss) == (best.iter_num, best.val_loss)
    assert events[-1].best_val_loss == best.val_loss


def test_checkpoints_only_of_the_best_and_the_last_when_asked(toy_config):
    config = toy_config(
        max_iters=41, eval_interval=4, learning_rate=0.2, lr_decay_iters=400, always_save_checkpoint=False
    )
    events = train(config)
    best = [event.iter_num for event in events if isinstance(event, Eval) and event.is_best]
    assert 0 < len(best) < 11  # of eleven evaluations
    assert saves(events) == sorted({*best, 41})
    assert saves(events, "best") == best


def test_no_iterations_at_all_is_a_run_too(toy_config):
    config = toy_config(max_iters=0)
    events = train(config)
    assert numbered(events) == [(Started, 0), (Eval, 0), (Sample, 0)]
    assert saves(events) == [0]
    assert checkpoint.load(RunFolder(config.out_dir).checkpoint).iter_num == 0


def test_a_run_that_is_only_evaluated_is_left_as_it_is(toy_run):
    before = contents(toy_run.path)
    config = resumed_config(str(toy_run.path), {"eval_only": True})
    events = train(config)
    assert numbered(events) == [(Started, 12), (Eval, 12)]
    assert contents(toy_run.path) == before
    recorded = [event for event in toy_run.events() if isinstance(event, Eval)][-1]
    assert (events[1].train_loss, events[1].val_loss) == (recorded.train_loss, recorded.val_loss)


def test_a_fresh_model_can_be_evaluated_alone(toy_config):
    assert numbered(train(toy_config(eval_only=True))) == [(Started, 0), (Eval, 0)]


def test_a_run_that_goes_on_tells_at_once_what_is_expected_of_it(toy_config):
    config = toy_config(eval_interval=1, max_iters=6)
    first = [event for event in train(config) if isinstance(event, Forecast)]
    assert first
    told = [event for event in resume(config, max_iters=9) if isinstance(event, Forecast | Step)]
    assert (type(told[0]), told[0].iter_num) == (Forecast, 6)
    assert not any(isinstance(event, Forecast) for event in resume(config, max_iters=9))


def test_a_timed_run_ends_within_its_minutes_with_its_rate_down(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    events = train(config)
    finished = events[-1]
    assert finished.reason == "done"
    assert 10 < finished.iter_num < 10_000
    assert 0.8 * 6.0 < finished.seconds < 6.0 + 10 * clock.tick
    assert max(rates(events)) > 0.5 * config.learning_rate
    assert rates(events)[-1] < 0.05 * config.learning_rate
    assert [e.iter_num for e in events if isinstance(e, Eval)][-1] == finished.iter_num


def test_a_timed_run_that_is_resumed_has_only_the_time_that_is_left(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    train_until(config, lambda event: isinstance(event, Step) and clock.now > 3.0)
    before, clock.now = clock.now, 1000.0
    events = resume(config)
    assert events[0].time_limit == 6.0
    assert 0 < before - events[0].seconds < 20 * clock.tick  # less the start, in which it does not train
    assert events[-1].reason == "done"
    assert events[-1].seconds <= 6.0 + 0.5  # of the whole run
    assert max(rates(events)) < 0.6 * config.learning_rate
    again = resume(config)
    assert again[-1].iter_num == events[-1].iter_num


def test_what_comes_before_the_first_update_costs_a_timed_run_nothing(toy_config, clock):
    config = toy_config(minutes=0.1, max_iters=100_000, min_lr=0.0, eval_interval=40, checkpoint_minutes=0.0)
    prompt = train(config)[-1]
    trainer = Trainer(replace(config, out_dir=f"{config.out_dir}_slow"))
    events = []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Started | Eval) and event.iter_num == 0:
            clock.now += 100.0  # to get ready, and to score for the first time
    assert events[0].seconds == 0.0
    assert events[-1].reason == "done"
    assert events[-1].iter_num == prompt.iter_num
    assert events[-1].seconds == pytest.approx(prompt.seconds)


@pytest.mark.parametrize("watched", [True, False])
def test_somebody_who_looks_on_sees_it_write_at_once_and_learns_the_same(toy_config, watched):
    control = Control()
    if watched:
        control.watch()
    config = toy_config(max_iters=12, eval_interval=6)
    events = list(Trainer(config, control).run())
    samples = [event.iter_num for event in events if isinstance(event, Sample)]
    assert samples == ([0, 1, 2, 4, 6, 8, 12] if watched else [0, 6, 12])
    kinds = [type(event) for event in events if isinstance(event, Sample | Eval)]
    assert kinds[0] is (Sample if watched else Eval)  # who waits sees words before figures
    unwatched = train(replace(config, out_dir=f"{config.out_dir}_alone"))
    assert [event.loss for event in events if isinstance(event, Step)] == [
        event.loss for event in unwatched if isinstance(event, Step)
    ]
    assert events[-1].best_val_loss == unwatched[-1].best_val_loss


def test_a_run_that_writes_no_samples_writes_none_to_who_looks_on(toy_config):
    control = Control()
    control.watch()
    events = list(Trainer(toy_config(sample_tokens=0), control).run())
    assert not any(isinstance(event, Sample) for event in events)


def test_iterations_end_a_timed_run_that_is_faster(toy_config):
    events = train(toy_config(minutes=60.0, min_lr=0.0))
    assert (events[-1].reason, events[-1].iter_num) == ("done", 12)
    assert rates(events)[-1] < 0.2 * 1e-2


class SimulatedPower(Power):
    """A machine whose state a test sets."""

    def __init__(self):
        self.battery = None
        self.hot = False
        self.slept = 0.0
        self.sleeping_soon = False
        self.log = []

    def stay_awake(self):
        self.log.append("stay awake")

    def let_sleep(self):
        self.log.append("let sleep")

    def battery_percent(self):
        return self.battery

    def is_too_hot(self):
        return self.hot

    def asleep_s(self):
        return self.slept

    def is_about_to_sleep(self):
        return self.sleeping_soon

    def has_saved(self):
        self.sleeping_soon = False
        self.log.append("saved")


@pytest.fixture
def power(monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(loop, "RETRY_EVERY_S", 0.0)
    return SimulatedPower()


def train_with(config, power, at, change, then=None, control=None):
    """Train; after the step `at` the machine changes, and as soon as the run rests it changes back."""
    events = []
    for event in Trainer(config, control, power).run():
        events.append(event)
        if isinstance(event, Step) and event.iter_num == at:
            change(power)
        elif isinstance(event, Paused) and then is not None:
            then(power)
    return events


def kinds(events, *wanted):
    return [type(event) for event in events if isinstance(event, wanted)]


def codes(events):
    return [event.code for event in events if isinstance(event, Advice)]


def set_to(**state):
    return lambda power: power.__dict__.update(state)


def weights(config):
    return checkpoint.load(RunFolder(config.out_dir).checkpoint).model


@pytest.mark.parametrize(
    ("low", "well", "code"),
    [({"battery": 9.0}, {"battery": None}, "low_battery"), ({"hot": True}, {"hot": False}, "too_hot")],
)
def test_low_battery_and_critical_heat_save_and_rest(toy_config, tmp_path, power, low, well, code):
    config = toy_config(out_dir=str(tmp_path / "rested"))
    events = train_with(config, power, 7, set_to(**low), set_to(**well))
    assert codes(events).count(code) == 1
    order = kinds(events[events.index(next(e for e in events if isinstance(e, Step) and e.iter_num == 7)) :], object)
    assert order.index(Checkpoint) < order.index(Paused) < order.index(Resumed)
    paused = next(event for event in events if isinstance(event, Paused))
    assert paused.iter_num == 8
    assert 8 in [event.iter_num for event in events if isinstance(event, Checkpoint)]
    assert events[-1].reason == "done"
    undisturbed = toy_config(out_dir=str(tmp_path / "undisturbed"))
    list(Trainer(undisturbed).run())
    assert all(torch.equal(tensor, weights(undisturbed)[name]) for name, tensor in weights(config).items())


def test_the_limit_is_a_setting(toy_config, power):
    assert "low_battery" not in codes(train_with(toy_config(low_battery_percent=0), power, 3, set_to(battery=1.0)))


def test_a_person_may_go_on_all_the_same(toy_config, power):
    control = Control()
    events = train_with(toy_config(), power, 3, set_to(battery=5.0), lambda _: control.resume(), control)
    assert codes(events).count("low_battery") == 1
    assert kinds(events, Paused, Resumed, Finished) == [Paused, Resumed, Finished]


def test_a_stop_ends_the_rest(toy_config, power):
    control = Control()
    events = train_with(toy_config(), power, 3, set_to(hot=True), lambda _: control.stop(), control)
    assert (events[-1].reason, events[-1].iter_num) == ("stopped", 4)


def test_eight_hours_of_sleep_count_neither_in_time_nor_in_speed(toy_config, power, monkeypatch):
    def fall_asleep(power):
        power.slept += 8 * 3600
        awake = time.time
        monkeypatch.setattr(time, "time", lambda: awake() + 8 * 3600)

    began = time.monotonic()
    events = train_with(toy_config(), power, 6, fall_asleep)
    advice = [event for event in events if isinstance(event, Advice) and event.code == "slept"]
    assert [one.what for one in advice] == ["The machine slept for 8 h 0 min; training goes on where it was."]
    assert events[-1].seconds <= time.monotonic() - began
    assert all(event.step_ms < 60_000 for event in events if isinstance(event, Step))


def test_it_is_saved_before_the_machine_sleeps(toy_config, power):
    events = train_with(toy_config(), power, 7, set_to(sleeping_soon=True))
    saved = [event.iter_num for event in events if isinstance(event, Checkpoint)]
    assert 8 in saved
    assert "saved" in power.log


def test_the_machine_is_kept_awake_while_it_trains_and_no_longer(toy_config, power, tmp_path):
    train_with(toy_config(), power, 0, lambda _: None)
    assert power.log == ["stay awake", "let sleep"]
    power.log.clear()
    events = Trainer(toy_config(out_dir=str(tmp_path / "other")), None, power).run()
    next(event for event in events if isinstance(event, Started))
    events.close()
    assert power.log == ["stay awake", "let sleep"]


@pytest.mark.parametrize("rests", [True, False])
def test_the_machine_may_sleep_while_a_run_rests_or_is_paused(toy_config, power, rests):
    """A rest for the battery that keeps the Mac awake drains the battery."""
    control = Control()
    asleep = []

    def wake(power):
        asleep.append(power.log[-1])
        power.battery = None
        control.resume()

    train_with(toy_config(), power, 3, set_to(battery=5.0) if rests else lambda _: control.pause(), wake, control)
    assert asleep == ["let sleep"]
    assert power.log == ["stay awake", "let sleep", "stay awake", "let sleep"]


def test_a_pause_in_the_middle_of_an_update_or_evaluation_comes_at_once(toy_config, tmp_path):
    config = toy_config(gradient_accumulation_steps=6, eval_iters=6, out_dir=str(tmp_path / "paused"))
    control = Control()
    turns = 0
    for number, item in enumerate(Trainer(config, control).steps()):
        turns += 1
        if isinstance(item, Paused):
            assert turns < 40, "the pause waited for something long"
            control.resume()
        elif number % 23 == 5:
            control.pause()
            turns = 0
    undisturbed = toy_config(gradient_accumulation_steps=6, eval_iters=6, out_dir=str(tmp_path / "undisturbed"))
    list(Trainer(undisturbed).run())
    assert all(torch.equal(tensor, weights(undisturbed)[name]) for name, tensor in weights(config).items())


def test_an_evaluation_reads_no_text_that_was_changed_meanwhile(toy_config):
    events = Trainer(toy_config(eval_only=True)).run()
    assert isinstance(next(events), Started)
    path = dataset("toy").val_path
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(DataError) as told:
        list(events)
    assert told.value.code == "data_changed"


def test_a_save_that_takes_long_holds_up_no_training(toy_config, monkeypatch, clock):
    may_end, save = threading.Event(), checkpoint.save

    def slow(*given, **named):
        assert may_end.wait(60)
        save(*given, **named)

    monkeypatch.setattr(checkpoint, "save", slow)
    config = toy_config(max_iters=60, eval_interval=1000, checkpoint_minutes=0.001)
    since_step = 0
    for item in Trainer(config).steps():
        since_step = 0 if isinstance(item, Step) else since_step + 1
        if since_step > 100 or (isinstance(item, Step) and item.iter_num == 50):
            may_end.set()
        assert since_step <= 100, "it waits for the disk"
    assert item.iter_num == 60


@pytest.mark.parametrize("ask", ["stop", "pause"])
def test_an_update_that_is_interrupted_is_left_out(toy_config, ask):
    config = toy_config(gradient_accumulation_steps=4)
    control, after_step, events = Control(), 0, []
    for item in Trainer(config, control).steps():
        events.append(item)
        if isinstance(item, Step) and item.iter_num == 6:
            after_step = 1
        elif after_step:
            after_step += 1
            if after_step == 4:  # two micro steps of the next update are made
                getattr(control, ask)()
        if isinstance(item, Paused):
            break
    came_to = events[-1].iter_num
    assert came_to == 7
    assert saves(events)[-1] == 7
