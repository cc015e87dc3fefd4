"""What the engine may ask of a Mac's GPU is held, and what would go over it is seen."""

import pytest

from engine.training.learner import Learner
from tests.mps.budgets import BUDGETS

SLOW = {"update, medium-m4, AdamW"}


def marked(budget):
    return pytest.param(budget, id=budget.work, marks=[pytest.mark.slow] if budget.work in SLOW else [])


@pytest.mark.parametrize("budget", [marked(budget) for budget in BUDGETS])
def test_it_costs_no_more_than_is_held(gpu, budget):
    cost = budget.count(gpu)
    assert cost.launches <= budget.held.launches
    assert cost.waits <= budget.held.waits
    assert gpu.record.problems == []


def test_a_number_that_is_read_in_an_update_goes_over_its_budget(gpu, monkeypatch):
    clip = Learner._clip
    monkeypatch.setattr(Learner, "_clip", lambda learner: clip(learner).mul(clip(learner).item()))
    budget = BUDGETS[0]
    assert budget.count(gpu).waits > budget.held.waits
