"""The forecast tells where a run will be best, with a band that holds; too few points, and it refuses."""

import json
import math
from functools import cache
from itertools import starmap
from pathlib import Path

import numpy as np
import pytest

from engine.core.config import TrainConfig
from engine.core.events import Eval
from engine.training.forecast import FEWEST, WORTH, Course, Forecaster, Schedule, forecast, prospect
from scripts.quick_runs.runs import is_held_out, recorded_runs

CURVES = Path(__file__).parents[2] / "data" / "curves.json"
ASKED = (1 / 3, 1 / 2, 2 / 3)
CHOSEN_ON, HELD_OUT = 0, 1  # runs with an even number were looked at for the constants, the others were not


def evaluation(iter_num, train_loss, val_loss):
    return Eval(iter_num=iter_num, train_loss=train_loss, val_loss=val_loss, bits_per_byte=1.0, is_best=False)


def run_of(loss, gap, *, until, config):
    """Return the evaluations of a run up to an iteration, from functions of the iteration."""
    places = range(0, until + 1, config.eval_interval)
    return [evaluation(at, loss(at), loss(at) + gap(at)) for at in places]


def falling(at):
    return 1.5 + 3.0 * (at + 20) ** -0.3


# what it says of curves whose course is known

STEADY = TrainConfig(max_iters=4000, eval_interval=100, decay_lr=False)


def test_a_loss_that_falls_on_is_best_at_the_end():
    evals = run_of(falling, lambda at: 0.05, until=1500, config=STEADY)
    told = forecast(evals, STEADY)
    assert told.best_iter == 4000
    assert told.low < falling(4000) + 0.05 < told.high < evals[-1].val_loss
    assert told.past < 0.1


@pytest.mark.parametrize("gap", [0.0, -0.05])
def test_no_loss_is_expected_below_zero(gap):
    evals = [evaluation(100 * n, loss, loss + gap) for n, loss in enumerate([4.0, 2.0, 1.0, 0.5, 0.2, 0.08])]
    told = forecast(evals, STEADY)
    assert told.val_loss >= 0.0
    assert told.low >= 0.0
    assert all(low >= 0.0 for _, low, _ in told.path)


def test_a_gap_that_widens_turns_the_loss_before_the_end():
    def gap(at):
        return 5e-5 * at

    places = range(0, 4001, 100)
    truth = min(places, key=lambda at: falling(at) + gap(at))
    told = forecast(run_of(falling, gap, until=truth * 2 // 3, config=STEADY), STEADY)
    assert told.best_iter == pytest.approx(truth, rel=0.2)
    assert told.low < falling(truth) + gap(truth) < told.high


def test_a_loss_that_has_turned_was_best_where_it_turned():
    evals = run_of(falling, lambda at: 4e-7 * at**2, until=2500, config=STEADY)
    best = min(evals[1:], key=lambda one: one.val_loss)
    told = forecast(evals, STEADY)
    assert (told.best_iter, told.val_loss, told.high) == (best.iter_num, best.val_loss, best.val_loss)
    assert told.past > 0.99


def test_the_schedule_says_how_much_training_is_done_and_annealed():
    config = STEADY.changed({"decay_lr": True, "warmup_iters": 0, "min_lr": 1e-4})
    done = Schedule(config, config, now=1000).training(np.array([0.0, 2000.0, 4000.0]))
    assert done.done == pytest.approx([0, 2000 * 0.55 + 4000 * 0.45 / np.pi, 4000 * 0.55], abs=2)
    assert done.annealed == pytest.approx([0, 0.45, 0.9], abs=1e-3)


def test_a_schedule_that_is_stretched_starts_from_what_was_done():
    config = STEADY.changed({"decay_lr": True, "warmup_iters": 0, "min_lr": 1e-4})
    longer = Schedule(config, config.changed({"max_iters": 8000}), now=4000)
    done = longer.training(np.array([4000.0, 4040.0, 8000.0]))
    assert done.done[0] == pytest.approx(4000 * 0.55, rel=0.01)
    assert done.annealed == pytest.approx([0.9, 0.45, 0.9], abs=0.02)  # the rate rises again, then falls


def test_the_path_begins_now_and_ends_with_the_run():
    told = forecast(run_of(falling, lambda at: 0.05, until=1000, config=STEADY), STEADY)
    assert (told.path[0][0], told.path[-1][0]) == (1000, 4000)
    assert all(low < high for _, low, high in told.path)
    widths = [high - low for _, low, high in told.path]
    assert widths == sorted(widths)


# when it says nothing


def test_too_few_points_are_refused():
    evals = run_of(falling, lambda at: 0.0, until=100 * FEWEST, config=STEADY)
    assert forecast(evals[:-1], STEADY) is None
    assert forecast(evals, STEADY) is not None


@pytest.mark.parametrize("val_loss", [math.nan, math.inf])
def test_an_evaluation_that_is_no_number_is_passed_over(val_loss):
    evals = run_of(falling, lambda at: 0.0, until=1500, config=STEADY)
    assert forecast([*evals[:-1], evaluation(1450, 1.0, val_loss), evals[-1]], STEADY) == forecast(evals, STEADY)


def test_losses_that_never_move_are_no_trouble():
    told = forecast([evaluation(at, 2.0, 2.0) for at in range(0, 2000, 100)], STEADY)
    assert told.val_loss == pytest.approx(2.0, abs=WORTH)


# following a run


def test_it_is_told_after_a_few_evaluations_and_again_only_when_it_changed():
    follower = Forecaster(STEADY)
    told = [follower.examine(one) for one in run_of(falling, lambda at: 0.0, until=2000, config=STEADY)]
    assert [one is None for one in told[: FEWEST + 1]] == [True] * FEWEST + [False]
    again = evaluation(2000, told[-1].val_loss, told[-1].val_loss)
    first = Forecaster(STEADY)
    flat = [first.examine(evaluation(at, 2.0, 2.0)) for at in range(0, 1200, 100)]
    assert flat[-1] is None
    assert follower.examine(again) is not None


def test_a_run_that_goes_on_remembers():
    evals = run_of(falling, lambda at: 0.0, until=1500, config=STEADY)
    follower = Forecaster(STEADY)
    follower.remember(evals[:-1])
    assert follower.now() == forecast(evals[:-1], STEADY)
    assert follower.examine(evals[-1]) == forecast(evals, STEADY)


def test_a_run_that_the_clock_ends_is_forecast_to_its_own_end():
    config = STEADY.changed({"decay_lr": True})
    evals = run_of(falling, lambda at: 0.0, until=1500, config=config)
    follower = Forecaster(config)
    follower.remember(evals[:-1])
    told = follower.examine(evals[-1], last=3000)
    assert told.path[-1][0] == 3000
    assert told == forecast(evals, config.changed({"max_iters": 3000}))


# keeping going


def test_a_run_that_still_falls_should_go_on():
    config = STEADY.changed({"max_iters": 1000})
    told = prospect(run_of(falling, lambda at: 0.0, until=1000, config=config), config)
    assert told.more == 500
    assert told.low < falling(1500) < told.high < falling(1000)


def test_a_run_that_has_turned_or_is_not_done_should_not():
    config = STEADY.changed({"max_iters": 2500})
    assert prospect(run_of(falling, lambda at: 4e-7 * at**2, until=2500, config=config), config) is None
    assert prospect(run_of(falling, lambda at: 0.0, until=1500, config=config), config) is None


# recorded runs (scripts/record_curves.py, scripts/quick_runs)


@cache
def recorded():
    """Return (half, config, evaluations) of each recorded run: drawn ones, then quick's, halved by their texts."""
    runs = []
    for row in json.loads(CURVES.read_text("utf-8")):
        config = TrainConfig(**row["settings"])
        losses = enumerate(zip(row["train_loss"], row["val_loss"], strict=True))
        evals = [evaluation(n * config.eval_interval, *both) for n, both in losses]
        runs.append((row["number"] % 2, config, evals))
    return runs + of_quick()


@cache
def of_quick():
    """Return the same of quick's runs whose evaluations are known."""
    return [
        (
            HELD_OUT if is_held_out(row) else CHOSEN_ON,
            TrainConfig(**row["settings"]),
            list(starmap(evaluation, row["curve"])),
        )
        for row in recorded_runs()
        if "curve" in row
    ]


def asked(half, share, runs=recorded):
    """Yield the forecast, what came, and the best loss so far, for each run of a half, asked after a share of it."""
    for its, config, evals in runs():
        if its == half:
            known = evals[: round(share * (len(evals) - 1)) + 1]
            best = min(evals[1:], key=lambda one: one.val_loss)
            yield forecast(known, config), best, min(one.val_loss for one in known[1:])


def share_that_holds(half, share, runs=recorded):
    held = [told.low <= truth.val_loss <= told.high for told, truth, _ in asked(half, share, runs)]
    return sum(held) / len(held)


def share_found(half, share):
    found = [abs(told.best_iter - truth.iter_num) <= 0.2 * truth.iter_num for told, truth, _ in asked(half, share)]
    return sum(found) / len(found)


def test_there_are_many_recorded_runs_of_many_kinds():
    best = [min(evals[1:], key=lambda one: one.val_loss).iter_num / evals[-1].iter_num for _, _, evals in recorded()]
    assert len(best) >= 40
    assert sum(at < 0.7 for at in best) >= 6
    assert CURVES.stat().st_size < 60_000


@pytest.mark.parametrize("share", ASKED)
@pytest.mark.parametrize("half", [CHOSEN_ON, HELD_OUT])
def test_the_band_holds_in_four_of_five_recorded_runs_also_early(half, share):
    assert share_that_holds(half, share) >= 0.8


@pytest.mark.parametrize("share", ASKED)
@pytest.mark.parametrize("half", [CHOSEN_ON, HELD_OUT])
def test_the_band_holds_in_four_of_five_runs_of_quick(half, share):
    """Muon and a straight line down: none of the drawn runs has either."""
    assert {config.optimizer for _, config, _ in of_quick()} == {"muon"}
    assert share_that_holds(half, share, of_quick) >= 0.8


@pytest.mark.parametrize("half", [CHOSEN_ON, HELD_OUT])
def test_the_best_iteration_is_found_within_a_fifth_in_four_of_five_recorded_runs(half):
    assert sum(share_found(half, share) for share in ASKED) / len(ASKED) >= 0.8


@pytest.mark.parametrize("share", ASKED)
def test_it_is_much_nearer_than_the_best_so_far(share):
    """A band is easy to keep when it is wide: what is told must be worth more than what stands there already."""
    errors = [
        (abs(told.val_loss - truth.val_loss), now - truth.val_loss) for told, truth, now in asked(HELD_OUT, share)
    ]
    assert sum(error for error, _ in errors) < 0.6 * sum(to_come for _, to_come in errors)


def test_the_chance_of_a_lower_loss_follows_from_the_band_at_the_lowest_point():
    losses = np.array([[2.0, 1.0, 1.5], [2.0, 1.2, 1.5]])
    course = Course(np.arange(3.0), losses, np.array([0.5, 0.5]), np.array([0.0, 0.5, 0.5]), noise=0.1)
    assert course.expected == pytest.approx([2.0, 1.1, 1.5])
    margin = math.hypot(1.5 * 0.1, math.hypot(0.6 * 0.5, 0.1))
    assert course.margin[1] == pytest.approx(margin)
    assert course.chance_below(1.1) == pytest.approx(0.5)
    assert course.chance_below(1.1 + margin) == pytest.approx(0.9)
    assert course.chance_below(1.1 - margin) == pytest.approx(0.1)


def test_a_follower_sees_as_far_ahead_as_the_run_is_long():
    config = STEADY.changed({"max_iters": 1500})
    evals = run_of(falling, lambda at: 0.0, until=1500, config=config)
    follower = Forecaster(config)
    follower.remember(evals)
    assert follower.prospect() == follower.prospect(1500) == follower.prospect(0) == prospect(evals, config)
    assert follower.prospect(1400) == prospect(evals, config.changed({"max_iters": 1400}))
    assert follower.now().path[-1][0] == 1500


def test_a_prospect_is_worth_telling_from_twice_the_error_of_an_evaluation_on():
    config = STEADY.changed({"max_iters": 1000})
    evals = run_of(falling, lambda at: 0.0, until=1000, config=config)
    told = prospect(evals, config)
    gained = evals[-1].val_loss - told.val_loss
    assert gained > 2 * WORTH
    less = [evaluation(one.iter_num, one.train_loss, one.val_loss - gained + 1.9 * WORTH) for one in evals[-1:]]
    assert prospect([*evals[:-1], *less], config) != told
