"""The recipe on the Train tab: a choice, the time there is, and decisions that a person can overrule."""

import argparse
import shlex

import pytest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QRadioButton,
)

from engine.cli.run_options import add_run_options, config_from
from engine.core.config import TrainConfig
from engine.core.events import Prepared
from engine.core.jobs import Control
from engine.datasets.dataset import dataset
from engine.datasets.order import Order
from engine.datasets.prepare import prepare_job
from engine.datasets.refit import ensure_ready
from engine.planning.own_presets import AUTOMATIC, save_preset
from engine.planning.presets import presets
from engine.runs.command_line import command_line
from gui.kit import preferences
from gui.train.decisions import title, value_text
from gui.train.setup_pane import SetupPane
from gui.train.state import Phase
from gui.train.time_picker import TimePicker
from tests.gui.fake_run import endless_run
from tests.gui.hands import show_details


@pytest.fixture
def pane(qtbot, stylist):
    return opened(qtbot)


def opened(qtbot):
    made = SetupPane("cpu")
    qtbot.addWidget(made)
    made.show()
    show_details(made)
    return made


def choose(pane, name):
    """Take Quick, or the guide's preset that is recommended here."""
    pane.choose_preset({"quick": AUTOMATIC, "guide": "tiny"}[name])


def train(pane, recipe):
    """Train the preset that is chosen exactly as it is, or fitted to text and time."""
    made = pane.findChild(QRadioButton, f"recipe_{recipe}")
    assert made.isVisible()
    made.click()


def click(pane, name):
    pane.findChild(QAbstractButton, name).click()


def has(pane, minutes):
    pane.findChild(TimePicker, "minutes_picker").take_minutes(minutes)


def has_no_limit(pane):
    picker = pane.findChild(TimePicker, "minutes_picker")
    assert "iterations" in picker.itemText(0)
    picker.activated.emit(0)


def type_into(pane, name, text):
    field = pane.findChild(QLineEdit, f"setting_{name}")
    field.setText(text)
    field.textEdited.emit(text)


def shape(config):
    return config.n_layer, config.n_head, config.n_embd


def card(pane, name):
    return pane.findChild(QAbstractButton, f"preset_{name}").accessibleName()


def test_quick_is_what_one_begins_with_and_says_why(pane):
    assert not pane.findChild(QRadioButton, "recipe_quick").isVisible()  # the sentence says it
    config = pane.config()
    assert (config.recipe, config.optimizer, config.minutes) == ("quick", "muon", 5.0)
    assert pane.preset == AUTOMATIC
    assert "Quick is recommended" in pane.findChild(QLabel, "preset_reason").text()


@pytest.mark.parametrize("name", presets())
def test_the_guide_is_one_click_away_and_exact(pane, name):
    pane.choose_preset(name)
    wanted = presets()[name].config().as_dict() | preferences.run_settings()
    assert pane.config() == TrainConfig.of(wanted)
    train(pane, "quick")
    assert "recommended" in pane.findChild(QRadioButton, "recipe_quick").accessibleName()
    assert pane.config().optimizer == "muon"
    assert shape(pane.config()) == shape(presets()[name].config())
    train(pane, "guide")
    assert pane.config() == TrainConfig.of(wanted)


def test_what_was_chosen_is_there_again_at_the_next_start(qtbot, pane):
    has(pane, 12)
    choose(pane, "guide")
    again = opened(qtbot)
    assert again.config().recipe == "guide"
    assert again.config().minutes == 0.0
    choose(again, "quick")
    assert again.config().minutes == 12.0


def test_the_model_is_left_to_the_recipe_until_a_preset_is_clicked(pane):
    has(pane, 1)
    short = shape(pane.config())
    has(pane, 600)
    assert shape(pane.config()) > short
    click(pane, "preset_small")
    assert shape(pane.config()) == shape(presets()["small"].config())
    assert (pane.config().recipe, pane.config().minutes) == ("guide", 0.0)
    has(pane, 1)
    assert shape(pane.config()) == shape(presets()["small"].config())
    assert pane.config().minutes == 1.0


def test_the_guides_presets_have_an_end_of_their_own_that_quicks_choice_has_not(pane):
    picker = pane.findChild(TimePicker, "minutes_picker")
    assert picker.findText("2,000 iterations") < 0
    pane.choose_preset("tiny")
    assert picker.currentText() == "2,000 iterations"
    train(pane, "quick")
    assert picker.currentText() == "5 minutes"
    assert pane.preset == "tiny"
    has_no_limit(pane)
    assert (pane.config().minutes, pane.config().max_iters) == (0.0, presets()["tiny"].config().max_iters)
    click(pane, f"preset_{AUTOMATIC}")
    assert picker.currentText() == "5 minutes"
    assert (pane.preset, pane.config().minutes) == (AUTOMATIC, 5.0)


def test_a_preset_of_the_guides_may_be_given_a_limit_and_is_else_exact(pane):
    pane.choose_preset("small")
    exact = pane.config()
    has(pane, 10)
    assert pane.config() == exact.lasting(10.0)
    has_no_limit(pane)
    assert pane.config() == exact


def test_each_card_shows_what_would_be_trained(pane):
    for name in (AUTOMATIC, *presets()):
        pane.choose_preset(name)
        assert pane._known_cards[1].plans[name] == pane._planner.plan(pane.config(), pane.state.planned)
    assert "6.85M" in card(pane, "tiny")
    assert "6.85M" not in card(pane, AUTOMATIC)


def test_every_decision_is_told_with_its_reason(pane):
    decisions, why = pane.state.planned.decisions, pane.findChild(QLabel, "decision_why")
    assert decisions
    click(pane, "recipe_decisions")
    assert why.isVisible()
    assert why.text() == decisions[0].why
    for one in decisions:
        made = pane.findChild(QAbstractButton, f"decision_{one.name}")
        assert title(one.name) in made.accessibleName()
        assert value_text(one) in made.accessibleName()
        assert made.accessibleDescription() == one.why
    size = pane.state.planned.vocab_size
    assert f"Text: in {size:,} tokens of its own" in [
        made.accessibleName() for made in pane.findChildren(QAbstractButton)
    ]
    assert pane.findChild(QAbstractButton, "decision_copy_heads").accessibleName() == "Copy heads: on"
    click(pane, "decision_optimizer")
    assert why.text() == next(one.why for one in decisions if one.name == "optimizer")
    click(pane, "decision_optimizer")
    assert not why.isVisible()


def test_a_decision_follows_the_time_and_its_row_stays(pane):
    row = pane.findChild(QAbstractButton, "decision_eval_interval")
    before = row.accessibleName()
    has(pane, 1)
    assert pane.findChild(QAbstractButton, "decision_eval_interval") is row
    assert row.accessibleName() != before
    assert row.accessibleName() == f"{title('eval_interval')}: {pane.config().eval_interval:,}"


def test_a_decision_leads_to_the_field_that_overrules_it(pane):
    click(pane, "recipe_decisions")
    change = pane.findChild(QAbstractButton, "decision_change")
    assert not change.isVisible()  # the vocabulary comes with the text
    click(pane, "decision_batch_size")
    assert change.accessibleName() == "Change Batch size"
    change.click()
    field = pane.findChild(QLineEdit, "setting_batch_size")
    assert field.isVisible()
    assert pane.focusWidget() is field
    type_into(pane, "batch_size", "3")
    QApplication.processEvents()
    seen = [one.objectName() for one in pane.findChildren(QAbstractButton) if one.isVisible()]
    assert "decision_max_iters" in seen
    assert "decision_batch_size" not in seen


def test_every_decision_but_those_of_the_text_leads_to_its_field(pane):
    has(pane, 600)
    click(pane, "recipe_decisions")
    change = pane.findChild(QAbstractButton, "decision_change")
    names = [one.name for one in pane.state.planned.decisions]
    assert {"made_up_words", "dropout_at", "copy_heads"} <= set(names)
    for name in names:
        row = pane.findChild(QAbstractButton, f"decision_{name}")
        if not row.isChecked():
            row.click()
        assert change.isVisible() is (name not in ("vocab_size", "dataset"))
        if change.isVisible():
            change.click()
            assert pane.focusWidget().objectName() == f"setting_{name}"


def test_the_decisions_of_a_run_under_way_can_be_read(qtbot, open_window):
    window = open_window(endless_run)
    window.train.start()
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.TRAINING)
    setup = window.train.setup
    show_details(window)
    click(setup, "recipe_decisions")
    click(setup, "decision_optimizer")
    assert setup.findChild(QLabel, "decision_why").isVisible()
    assert not setup.findChild(QAbstractButton, "decision_change").isVisible()
    window.train.stop()


def test_what_a_person_typed_wins_and_resets_alone(pane):
    decided = pane.config().learning_rate
    type_into(pane, "learning_rate", "0.002")
    assert pane.config().learning_rate == 0.002
    assert pane.state.changed == ("learning_rate",)
    assert "learning_rate" not in [one.name for one in pane.state.planned.decisions]
    pane.findChild(QAbstractButton, "reset_learning_rate").click()
    assert pane.config().learning_rate == decided


def test_a_switch_is_reset_to_on_or_off(pane):
    for name, decided in (("copy_heads", "on"), ("bias", "off")):
        pane.findChild(QAbstractButton, f"setting_{name}").click()
        assert f"Reset to {decided}" in pane.findChild(QAbstractButton, f"reset_{name}").toolTip()


def test_a_reset_tells_what_the_recipe_would_decide(pane):
    field, back = pane.findChild(QLineEdit, "setting_learning_rate"), "reset_learning_rate"
    decided = field.text()
    type_into(pane, "learning_rate", "0.002")
    assert pane.findChild(QAbstractButton, back).toolTip() == f"Reset to {decided}"
    click(pane, back)
    assert field.text() == decided


def test_the_context_alone_leaves_the_model_to_the_recipe(pane):
    has(pane, 600)
    chosen = shape(pane.config())
    type_into(pane, "block_size", "64")
    assert shape(pane.config()) == chosen
    assert pane.config().block_size == 64


def test_a_run_that_is_shown_keeps_its_own_settings(pane):
    config = TrainConfig(n_layer=3, n_head=3, n_embd=48, max_iters=77)
    pane.show_config(config)
    assert (pane.config().max_iters, pane.config().optimizer, pane.config().recipe) == (77, "adamw", "guide")
    assert "a run’s own" in pane.findChild(QLabel, "recipe_note").text()
    choose(pane, "quick")
    assert pane.config().optimizer == "muon"
    assert pane.findChild(QLabel, "recipe_note").text() == ""


def test_a_run_of_the_guides_preset_is_not_made_quick(pane):
    config = presets()["small"].config()
    pane.show_config(config)
    assert (pane.preset, pane.config()) == ("small", config)


def test_a_quick_run_is_repeated_as_it_was_and_given_more_time(pane, qtbot):
    made = pane.config()
    other = opened(qtbot)
    choose(other, "guide")
    other.show_config(made)
    assert other.config() == made
    has(other, 7)
    assert other.config() == made.lasting(7.0)
    assert other.config().max_iters == pytest.approx(made.max_iters * 7 / made.minutes, abs=1)


def test_the_text_that_a_recipe_refitted_goes_with_the_run(pane):
    made = pane.config()
    picker = pane.findChild(QComboBox, "dataset_picker")
    for wish, learned in ((lambda: pane.choose_preset(AUTOMATIC), "quick"), (lambda: choose(pane, "guide"), "guide")):
        pane.show_config(made)
        assert picker.currentData() == made.dataset == "shakespeare_complete_bpe2048"
        wish()
        assert pane.config().recipe == learned
        assert picker.currentData() == "shakespeare_complete"
    assert pane.config().dataset == "shakespeare_complete"
    pane.show_config(made)
    pane.choose_text(made.dataset)  # which a person now chose himself
    choose(pane, "guide")
    assert pane.config().dataset == made.dataset


def test_a_preset_of_ones_own_stays_as_it_was_saved(pane):
    save_preset("Mine", TrainConfig(n_layer=3, n_head=3, n_embd=48, batch_size=5, dropout=0.3))
    pane.state.refresh_presets()
    pane.choose_preset("Mine")
    config = pane.config()
    assert (shape(config), config.batch_size, config.dropout) == ((3, 3, 48), 5, 0.3)
    assert config.optimizer == "adamw"


@pytest.mark.parametrize("recipe", ["quick", "guide"])
def test_a_model_that_was_trained_before_is_given_a_time(pane, recipe):
    choose(pane, recipe)
    pane.start_from.begin_with("gpt2")
    assert pane.config().minutes == 5.0
    has(pane, 30)
    assert (pane.config().recipe, pane.config().minutes, pane.config().init_from) == ("guide", 30.0, "gpt2")
    has_no_limit(pane)
    assert pane.config().minutes == 0.0


def test_a_run_from_a_model_is_repeated_from_it(pane):
    pane.start_from.begin_with("gpt2")
    config = pane.config()
    pane.start_from.begin_with("scratch")
    pane.show_config(config)
    assert pane.config() == config
    pane.choose_preset("tiny")
    assert pane.config().init_from == "scratch"


def test_a_model_that_was_trained_before_is_given_no_recipe(pane):
    pane.start_from.begin_with("gpt2")
    config = pane.config()
    assert (config.recipe, config.optimizer) == ("guide", "adamw")
    assert config.dataset == "shakespeare_complete"
    assert not pane.findChild(QRadioButton, "recipe_quick").isVisible()
    assert pane.findChild(QLabel, "recipe_note").text()
    pane.start_from.begin_with("scratch")
    assert (pane.preset, pane.config().recipe) == (AUTOMATIC, "quick")


def test_the_copied_command_makes_the_same_run(pane):
    for wish in (lambda: None, lambda: pane.choose_preset("small"), lambda: type_into(pane, "dropout", "0.3")):
        wish()
        config = pane.config()
        parser = argparse.ArgumentParser()
        add_run_options(parser)
        python, *words = shlex.split(command_line(config))
        assert (python, words[:3]) == ("python", ["-m", "engine", "train"])
        assert config_from(parser.parse_args(words[3:])) == config


@pytest.mark.parametrize("kind", ["char", "bpe", "folder", "short"])
def test_a_text_that_keeps_its_tokens_works_at_once(pane, tmp_path, kind):
    text = tmp_path / "letters.txt"
    text.write_text("Dear friend, it rains again. " * (400 if kind != "short" else 8), "utf-8")
    tokenizer = "gpt2" if kind in ("folder", "short") else kind
    (done,) = (
        one for one in prepare_job(Order(target=str(text), tokenizer=tokenizer), Control())
        if isinstance(one, Prepared)
    )  # fmt: skip
    pane.choose_text(str(done.folder) if kind == "folder" else done.name)
    config = pane.config()
    assert config.optimizer == "muon"
    if kind != "short":
        assert config.dataset == (str(done.folder) if kind == "folder" else done.name)
    assert not pane.state.problems()
    for _ in ensure_ready(config.dataset, Control()):
        pass


def test_a_text_still_to_be_downloaded_is_planned_and_asked_for(pane):
    pane.choose_text("shakespeare")
    assert pane.config().dataset == "shakespeare_bpe1024"
    assert pane.state.planned.vocab_size == 1024


def test_the_rate_falls_until_the_run_ends_whatever_the_presets_length(pane):
    for name in (AUTOMATIC, *presets()):
        pane.choose_preset(name)
        assert pane.config().lr_decay_iters == pane.config().max_iters


@pytest.mark.parametrize("typed", [("dropout", "2"), ("dropout", "none"), ("n_embd", "129"), ("n_head", "7")])
def test_what_cannot_be_is_told_and_the_rest_stays_decided(pane, typed):
    type_into(pane, *typed)
    assert pane.state.problems()
    assert pane.state.planned.settings["optimizer"] == "muon"
    pane.findChild(QAbstractButton, "reset_all").click()
    assert not pane.state.problems()


def test_a_text_and_its_refit_are_told_apart(pane, tmp_path):
    text = tmp_path / "letters.txt"
    text.write_text("Dear friend, it rains again. " * 400, "utf-8")
    for size in (None, 300):
        job = prepare_job(Order(target=str(text), tokenizer="bpe" if size else "gpt2", vocab_size=size), Control())
        (done,) = (one for one in job if isinstance(one, Prepared))
    pane.choose_text("letters")
    picker = pane.findChild(QComboBox, "dataset_picker")
    titles = [picker.itemText(at) for at in range(picker.count())]
    assert titles[-4:-2] == ["letters", f"letters in {dataset(done.name).vocab_size} tokens of its own"]
