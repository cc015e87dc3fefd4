"""The window draws as often as this machine can afford beside the training."""

import time

import pytest

from gui.kit.calm import DrawingCost, rest_after


@pytest.mark.parametrize(("cost", "rest"), [(0, 250), (3, 250), (10, 600), (15, 900), (300, 1000)])
def test_the_rest_follows_the_cost_up_to_four_times_the_usual(cost, rest):
    assert rest_after(cost, 250) == rest


def test_all_that_the_thread_did_since_the_last_drawing_is_its_cost():
    cost = DrawingCost()
    cost.measure()
    assert cost.rest(250) == 250  # of the first nothing is known yet
    until = time.thread_time() + 0.01
    while time.thread_time() < until:
        pass
    cost.measure()
    assert 600 <= cost.rest(250) <= 1000
    cost.measure()
    assert cost.rest(250) == 250
