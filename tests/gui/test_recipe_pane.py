"""The recipe on the Train tab: a choice, the time there is, and decisions that a person can overrule."""

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QRadioButton, QSpinBox

from engine.config import TrainConfig
from gui.train.setup_pane import SetupPane


@pytest.fixture
def pane(qtbot, stylist):
    made = SetupPane("cpu")
    qtbot.addWidget(made)
    made.show()
    made.choose_preset("tiny")
    return made


def choose(pane, name):
    pane.findChild(QRadioButton, f"recipe_{name}").click()


def test_the_guide_is_exact_until_quick_is_chosen(pane):
    before = pane.config()
    assert before.recipe == "guide"
    choose(pane, "quick")
    quick = pane.config()
    assert (quick.recipe, quick.optimizer, quick.decay_form) == ("quick", "muon", "linear")
    assert (quick.n_layer, quick.n_embd) == (before.n_layer, before.n_embd)  # the preset's shape stays
    assert quick.dataset != before.dataset
    choose(pane, "guide")
    assert pane.config() == before


def test_every_decision_is_told_with_its_reason(pane):
    choose(pane, "quick")
    told = pane.findChild(QLabel, "recipe_reasons").text()
    for one in pane.state.planned.decisions:
        assert one.why in told


def test_what_a_person_typed_wins_and_resets_alone(qtbot, pane):
    choose(pane, "quick")
    decided = pane.config().learning_rate
    field = pane.findChild(QLineEdit, "setting_learning_rate")
    field.setText("0.002")
    field.textEdited.emit("0.002")
    assert pane.config().learning_rate == 0.002
    assert pane.state.changed == ("learning_rate",)
    assert "learning_rate" not in [one.name for one in pane.state.planned.decisions]
    pane.state.reset("learning_rate")
    pane.choose_text(pane.state.dataset)
    pane._edited()
    assert pane.config().learning_rate == decided


def test_the_minutes_plan_the_run(pane):
    choose(pane, "quick")
    assert pane.config().minutes == 0.0
    pane.findChild(QCheckBox, "recipe_limited").click()
    pane.findChild(QSpinBox, "recipe_minutes").setValue(2)
    short = pane.config()
    pane.findChild(QSpinBox, "recipe_minutes").setValue(20)
    assert short.minutes == 2.0
    assert pane.config().max_iters > short.max_iters


def test_a_run_that_is_shown_keeps_its_own_settings(pane):
    choose(pane, "quick")
    config = TrainConfig(n_layer=3, n_head=3, n_embd=48, max_iters=77)
    pane.show_config(config)
    assert pane.config().max_iters == 77
    assert pane.config().optimizer == "adamw"
