"""The doctor reads numbers as a person with experience would: it sees what is wrong, and only that, once."""

import random

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import TrainingError
from engine.core.events import Eval, Forecast, Prospect, Started, Step
from engine.training.faults import Doctor, MemoryCreep, keep_going
from engine.training.repairs import half_rate, smaller_batches


def started(**changes):
    told = {"run_dir": "", "parameters": 1, "device": "cpu", "dtype": "float32", "estimate": {}, "vocab_size": 9}
    sizes = {
        "iter_num": 0,
        "tokens_per_iter": 100,
        "max_iters": 100,
        "train_tokens": 10_000,
        "val_tokens": 1000,
        "val_bytes": 9,
    }
    return Started(**{**told, **sizes, **changes})


def evaluation(iter_num, train_loss, val_loss):
    return Eval(iter_num=iter_num, train_loss=train_loss, val_loss=val_loss, bits_per_byte=1.0, is_best=False)


def step(iter_num, loss=1.0, memory_bytes=10**9):
    return Step(
        iter_num=iter_num, loss=loss, lr=0.1, grad_norm=1.0, step_ms=1.0, tokens_per_s=1.0, memory_bytes=memory_bytes
    )


def codes(doctor, events):
    return [advice.code for event in events for advice in doctor.examine(event)]


# overfitting

FALLING = [3.0 - 0.1 * n for n in range(20)]


def test_a_validation_loss_that_turns_is_told_once_and_stops_in_the_end():
    doctor = Doctor(TrainConfig(patience=5))
    validation = [2.9, 2.6, 2.5, 2.55, 2.6, 2.7, 2.8, 2.9]
    told = []
    for number, (train_loss, val_loss) in enumerate(zip(FALLING, validation, strict=False)):
        advice = doctor.examine(evaluation(number * 250, train_loss, val_loss))
        told += [(number, one.code) for one in advice if one.code == "overfitting"]
        assert doctor.wants_stop is (number >= 7)
    assert told == [(5, "overfitting")]


def test_the_advice_offers_dropout_from_the_best():
    doctor = Doctor(TrainConfig(patience=2, dropout=0.1))
    events = [evaluation(n, 2 - n, 2 + n) for n in range(3)]
    advice = [one for event in events for one in doctor.examine(event) if one.code == "overfitting"]
    assert advice[0].fixes[1].changes == {"resume_from": "best", "dropout": 0.2}


def expected(past):
    return Forecast(iter_num=0, best_iter=0, val_loss=1.0, low=1.0, high=1.0, past=past)


@pytest.mark.parametrize(("past", "last"), [(0.5, 8), (0.99, 5)])
def test_half_the_patience_is_enough_once_the_best_is_surely_past(past, last):
    doctor = Doctor(TrainConfig(patience=6))
    doctor.examine(expected(past))
    for number, train_loss in enumerate(FALLING):
        doctor.examine(evaluation(number, train_loss, abs(number - 2)))
        if doctor.wants_stop:
            break
    assert number == last
    assert ("no better one is expected" in doctor.stopped(number).what) is (past > 0.9)


def offered(config, iter_num):
    (told,) = keep_going(config, iter_num, Prospect(more=500, val_loss=3.0, low=2.9, high=3.1))
    return told.fixes[0].changes


def test_going_on_stretches_the_schedule_that_was_stretched_before():
    assert offered(TrainConfig(max_iters=1000), 1000) == {"max_iters": 1500, "lr_decay_iters": 1500}
    assert offered(TrainConfig(max_iters=1000, lr_decay_iters=600), 1000) == {"max_iters": 1500}


def test_a_run_that_its_clock_ended_is_given_more_time():
    changes = offered(TrainConfig(max_iters=1300, minutes=5.0), 1000)
    assert changes == {"max_iters": 1950, "lr_decay_iters": 1950, "minutes": 7.5}


def test_where_no_better_loss_is_expected_nothing_is_offered():
    assert list(keep_going(TrainConfig(), 5000, None)) == []


def test_early_stop_is_off_by_a_flag():
    doctor = Doctor(TrainConfig(patience=2, early_stop=False))
    assert "overfitting" in codes(doctor, [evaluation(n, 2 - n, 2 + n) for n in range(9)])
    assert not doctor.wants_stop


@pytest.mark.parametrize(
    ("train_losses", "val_losses"),
    [
        (FALLING, [3.0, 2.5, 2.6, 2.4, 2.5, 2.3, 2.4, 2.2]),  # to and fro, and down
        ([3.0, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5], [3.0, 2.0, 2.1, 2.2, 2.3, 2.4, 2.5]),  # both rise: no learning by heart
    ],
)
def test_what_is_no_overfitting(train_losses, val_losses):
    doctor = Doctor(TrainConfig(patience=3))
    events = [evaluation(n, *losses) for n, losses in enumerate(zip(train_losses, val_losses, strict=False))]
    assert codes(doctor, events) == []
    assert not doctor.wants_stop


def test_patience_outlasts_a_resume():
    events = [evaluation(n, 2 - n, 2 + n) for n in range(4)]
    whole, resumed = Doctor(TrainConfig(patience=3)), Doctor(TrainConfig(patience=3))
    codes(whole, events)
    resumed.remember(events[:3])
    codes(resumed, events[3:])
    assert whole.wants_stop
    assert resumed.wants_stop


# the gap, the outlook


def test_a_gap_of_half_a_nat_is_told_once():
    doctor = Doctor(TrainConfig())
    assert codes(doctor, [evaluation(n, 3.0 - n, 3.2 - n + 0.2 * n) for n in range(6)]) == ["gap"]


def test_a_text_that_will_be_read_very_often_is_told():
    assert codes(Doctor(TrainConfig()), [started(max_iters=2000)]) == []
    doctor = Doctor(TrainConfig())
    advice = doctor.examine(started(max_iters=2001))
    assert [one.code for one in advice] == ["text_too_short"]
    assert advice[0].fixes[0].changes == {"max_iters": 2000}


def test_a_processor_in_place_of_a_gpu_is_told():
    assert codes(Doctor(TrainConfig(), expects_gpu=True), [started()]) == ["on_cpu"]
    assert codes(Doctor(TrainConfig(), expects_gpu=True), [started(device="mps")]) == []


# divergence


def noisy(losses, seed=0, noise=0.3):
    draw = random.Random(seed)
    return [step(n * 10, loss + draw.uniform(-noise, noise)) for n, loss in enumerate(losses)]


LEARNING = [10.8 - 5 * n / 60 for n in range(60)]


@pytest.mark.parametrize("seed", range(5))
def test_a_loss_that_runs_away_ends_the_run(seed):
    doctor = Doctor(TrainConfig(learning_rate=1e-3, min_lr=1e-4))
    codes(doctor, noisy(LEARNING, seed))
    with pytest.raises(TrainingError) as told:
        codes(doctor, [step(600 + 10 * n, loss) for n, loss in enumerate([7.0, 8.5, 9.0, 9.5, 10.0, 10.5])])
    assert told.value.code == "diverging"
    assert told.value.fixes[0].changes == {"learning_rate": 5e-4, "min_lr": 5e-5}
    assert 500 <= doctor.good_at < 600


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "losses",
    [
        LEARNING,
        [*LEARNING, 12.0, 11.0, *LEARNING[40:]],  # two odd batches
        [*LEARNING, *[6.4] * 30],  # a little worse
        [4.2 - n / 20 for n in range(50)] + [1.8] * 50,
    ],
)
def test_what_is_no_divergence(losses, seed):
    assert codes(Doctor(TrainConfig()), noisy(losses, seed)) == []


# memory


def test_memory_that_creeps_is_told_once():
    doctor = Doctor(TrainConfig())
    assert codes(doctor, [step(n, memory_bytes=10**9 + n * 4 * 2**20) for n in range(400)]) == ["memory_creep"]


def test_a_slow_creep_is_seen_in_a_long_run():
    doctor = Doctor(TrainConfig())
    assert codes(doctor, [step(n, memory_bytes=10**9 + n * 2**15) for n in range(20_000)]) == ["memory_creep"]


@pytest.mark.parametrize("seed", range(5))
def test_memory_that_goes_to_and_fro_or_jumps_once_is_well(seed):
    draw = random.Random(seed)
    wobble = [10**9 + draw.randrange(200 * 2**20) for _ in range(3000)]
    jump = [10**9 + (n > 700) * 500 * 2**20 + draw.randrange(2**20) for n in range(3000)]
    for memory in (wobble, jump):
        assert codes(Doctor(TrainConfig()), [step(n, memory_bytes=value) for n, value in enumerate(memory)]) == []


def test_reading_the_text_is_no_creep():
    doctor = Doctor(TrainConfig())
    codes(doctor, [started(train_tokens=10**9, val_tokens=10**8, max_iters=1)])
    assert codes(doctor, [step(n, memory_bytes=10**9 + n * 4 * 2**20) for n in range(400)]) == []


# repairs


@pytest.mark.parametrize("batch_size", [2, 3, 6, 7, 12, 64])
def test_smaller_batches_keep_the_tokens_of_an_update_and_an_evaluation(batch_size):
    config = TrainConfig(batch_size=batch_size, gradient_accumulation_steps=3, eval_iters=20)
    while changes := smaller_batches(config):
        smaller = TrainConfig.of(config.as_dict(), changes)
        assert smaller.batch_size <= config.batch_size // 2
        assert smaller.tokens_per_iter == config.tokens_per_iter
        assert smaller.eval_iters * smaller.batch_size == config.eval_iters * config.batch_size
        config = smaller
    assert config.batch_size == 1


def test_half_the_rate_halves_the_whole_schedule():
    config = TrainConfig(learning_rate=6e-4, min_lr=6e-5)
    assert half_rate(config) == {"learning_rate": 3e-4, "min_lr": 3e-5}


PROSPECT = Prospect(more=50, val_loss=1.5, low=1.4, high=1.6)


@pytest.mark.parametrize(
    ("changes", "anneals"),
    [({}, True), ({"decay_lr": False}, False), ({"min_lr": 1e-3}, False)],
)
def test_going_on_raises_a_rate_only_where_it_has_fallen(changes, anneals):
    config = TrainConfig(max_iters=100, learning_rate=1e-3, warmup_iters=0, **{"min_lr": 1e-4, **changes})
    (advice,) = keep_going(config, 100, PROSPECT)
    assert ("raises the learning rate again" in advice.why) is anneals


def test_a_run_that_the_clock_ended_goes_on_with_as_many_more_minutes():
    config = TrainConfig(max_iters=1000, minutes=6.0)
    (advice,) = keep_going(config, 100, PROSPECT)  # half as many again
    changes = advice.fixes[0].changes
    assert (changes["max_iters"], changes["minutes"]) == (1500, 9.0)


@pytest.mark.parametrize(("train_tokens", "told"), [(500, False), (499, True)])
def test_a_text_is_short_where_it_is_read_more_than_twenty_times(train_tokens, told):
    said = codes(Doctor(TrainConfig()), [started(train_tokens=train_tokens)])
    assert said == (["text_too_short"] if told else [])
    assert codes(Doctor(TrainConfig(minutes=1.0)), [started(train_tokens=10)]) == []
    assert codes(Doctor(TrainConfig(eval_only=True)), [started(train_tokens=10)]) == []


def test_fewer_iterations_are_offered_as_many_as_read_it_twenty_times():
    (advice,) = Doctor(TrainConfig()).examine(started(train_tokens=250))
    assert advice.fixes[0].changes == {"max_iters": 50}
    (advice,) = Doctor(TrainConfig()).examine(started(train_tokens=1))
    assert advice.fixes[0].changes == {"max_iters": 1}


def test_each_of_several_models_may_read_a_text_twenty_times():
    doctor = Doctor(TrainConfig(generations=2))
    assert codes(doctor, [started(max_iters=4000)]) == []
    (advice,) = doctor.examine(started(max_iters=4002))
    assert "read 20 times" in advice.what
    assert advice.fixes[0].changes == {"max_iters": 4000}


def test_a_second_model_that_was_asked_for_because_of_its_text_hears_no_more_of_that():
    assert codes(Doctor(TrainConfig(generations=2)), [started(max_iters=4002, iter_num=2001)]) == []
    assert codes(Doctor(TrainConfig()), [started(max_iters=4002, iter_num=2001)]) == ["text_too_short"]


def test_losses_of_an_earlier_model_are_forgotten():
    doctor = Doctor(TrainConfig(patience=1))
    codes(doctor, [*(step(n, 2.0) for n in range(20)), evaluation(20, 2.6, 2.0)])
    doctor.begin_again()
    assert codes(doctor, [*(step(n, 9.0) for n in range(20, 40)), evaluation(40, 2.4, 2.5)]) == []
    assert not doctor.wants_stop


def creeping(first, middle, last, allowed=0):
    """Return what is said of a memory that stands at three levels for as many readings each, in MiB."""
    creep = MemoryCreep()
    creep.allow(allowed * 2**20)
    levels = [last] * 20 + [first] * 20 + [middle] * 20 + [last] * 20  # the first twenty warm up
    return codes(creep, [step(at, memory_bytes=level * 2**20) for at, level in enumerate(levels)])


@pytest.mark.parametrize(
    ("levels", "told"),
    [
        ((100, 150, 165), True),
        ((100, 150, 164), False),  # by no more than 64 MiB
        ((100, 100, 165), False),  # to and fro, or once
        ((100, 165, 165), False),
        ((2000, 2060, 2101), True),
        ((2000, 2060, 2100), False),  # by no more than a twentieth
    ],
)
def test_memory_creeps_when_each_third_lies_above_the_one_before(levels, told):
    assert creeping(*levels) == (["memory_creep"] if told else [])


def test_memory_may_grow_by_the_text_that_is_read():
    assert creeping(100, 150, 195, allowed=31) == []
    assert creeping(100, 150, 196, allowed=31) == ["memory_creep"]


def test_a_loss_has_left_for_good_when_it_stands_a_nat_above_its_lowest():
    for above, leaves in ((1.0, False), (1.01, True)):
        doctor = Doctor(TrainConfig())
        losses = [2.0] * 5 + [2.0 + above] * 3
        if not leaves:
            codes(doctor, [step(at, loss) for at, loss in enumerate(losses)])
            continue
        with pytest.raises(TrainingError) as told:
            codes(doctor, [step(at, loss) for at, loss in enumerate(losses)])
        assert told.value.code == "diverging"
        assert doctor.good_at == 4


def test_a_loss_that_fell_far_may_stand_half_of_that_above_its_lowest():
    fell = [9.0] * 5 + [3.0] * 5
    assert codes(Doctor(TrainConfig()), [step(at, loss) for at, loss in enumerate([*fell, *[6.0] * 5])]) == []
    with pytest.raises(TrainingError):
        codes(Doctor(TrainConfig()), [step(at, loss) for at, loss in enumerate([*fell, *[6.01] * 5])])


@pytest.mark.parametrize(("gap", "told"), [(0.5, []), (0.51, ["gap"])])
def test_the_losses_stand_apart_from_half_a_nat_on(gap, told):
    assert codes(Doctor(TrainConfig()), [evaluation(0, 2.0, 2.0 + gap)]) == told
