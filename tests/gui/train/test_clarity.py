import math

import pytest

from engine.datasets.quality import Ladder, Rung
from gui.train.clarity import STEPS, clarity
from gui.train.curves import Curves

LADDER = Ladder("plays", (Rung("random", "", 8.0, 1.0), Rung("bigram", "", 4.0, 0.5)), 0.5)


def after(*losses):
    curves = Curves()
    for n, loss in enumerate(losses):
        curves.add_step(n, loss, 1e-3, 1.0, 1.0, 1.0, 1.0)
    return curves


def test_the_mask_comes_out_as_the_loss_falls_from_guessing_to_a_good_one():
    seen = [clarity(8.0, after(loss), LADDER) for loss in (9.0, 8.0, 6.0, 4.0, 3.4, 1.0)]
    assert seen == sorted(seen)
    assert (seen[0], seen[1], seen[-2], seen[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert 0.4 < seen[2] < seen[3] < 1.0


def test_it_moves_in_steps_for_each_is_drawn():
    seen = {clarity(8.0, after(8.0 - n / 100), LADDER) for n in range(500)}
    assert len(seen) == STEPS + 1


@pytest.mark.parametrize(("baseline", "curves"), [(None, after(3.0)), (8.0, after()), (8.0, after(math.nan))])
def test_where_nothing_is_known_it_is_noise(baseline, curves):
    assert clarity(baseline, curves, LADDER) == 0.0


def test_before_the_text_is_measured_guessing_alone_is_known():
    assert clarity(8.0, after(8.0), None) == 0.0
    assert clarity(8.0, after(4.0), None) == 1.0
