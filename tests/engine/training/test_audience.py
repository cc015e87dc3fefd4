import itertools

import pytest

from engine.training.audience import EVERY_S, FIRST_UPDATES, RARER, SHARE, Audience


def shown(update_s, writing_s, seconds):
    """Return when a run whose updates and samples take so long wrote, by iteration and by seconds of training."""
    audience, now, found = Audience(), 0.0, []
    for iter_num in range(round(seconds / update_s)):
        if audience.waits(iter_num, now):
            now += writing_s
            audience.saw(iter_num, now, writing_s)
            found.append((iter_num, now))
        now += update_s
    return found


def test_the_first_updates_are_shown_at_each_doubling():
    early = [iter_num for iter_num, _ in shown(0.01, 0.0, 2.0)]
    assert early == [0, 1, 2, 4, 8, 16, 32, 64]
    assert early[-1] == FIRST_UPDATES


def test_in_the_first_minute_there_is_something_new_every_few_seconds():
    times = [now for _, now in shown(0.04, 0.05, 60.0)]
    assert max(later - earlier for earlier, later in itertools.pairwise(times)) < 4.0
    assert len(times) >= 15


@pytest.mark.parametrize("writing_s", [0.05, 0.5, 3.0])
def test_writing_takes_little_of_a_run_however_slow_it_is(writing_s):
    times = [now for iter_num, now in shown(0.5, writing_s, 3600.0) if iter_num > FIRST_UPDATES]
    assert writing_s * (len(times) - 1) <= SHARE * (times[-1] - times[0]) + 1e-6


def test_a_night_is_shown_in_no_more_moments_than_one_can_look_through():
    times = [now for _, now in shown(1.0, 0.05, 8 * 3600.0)]
    assert len(times) < 200
    later = [(after - before) / before for before, after in itertools.pairwise(times) if before > 600]
    assert min(later) > 0.9 / RARER


def test_one_model_is_shown_once():
    audience = Audience()
    audience.saw(7, 10.0, 0.1)
    assert audience.has_seen(7)
    assert not audience.waits(7, 10.0 + 2 * EVERY_S)
    assert not audience.has_seen(8)
    assert audience.waits(9, 10.0 + 2 * EVERY_S)
