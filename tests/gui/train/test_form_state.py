"""The form: presets as base, changes on top, every problem at once."""

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.planning.presets import presets
from gui.train.form_state import GROUPS, FormState, form_fields


@pytest.fixture
def form():
    return FormState()


def test_every_setting_of_a_group_is_shown_once_with_its_words():
    fields = form_fields()
    assert len({field.name for field in fields}) == len(fields)
    assert {field.group for field in fields} == set(GROUPS)
    assert all(field.what and field.impact and field.label for field in fields)
    assert {"n_layer", "batch_size", "learning_rate", "device", "eval_interval"} <= {field.name for field in fields}


@pytest.mark.parametrize("name", presets())
def test_a_preset_untouched_gives_its_own_configuration(form, name):
    form.base_on_preset(name)
    assert form.config() == presets()[name].config()
    assert form.changed == ()


def test_a_change_is_marked_and_can_be_taken_back_alone(form):
    form.type("n_layer", "3")
    form.type("dropout", "0.1")
    assert form.changed == ("n_layer", "dropout")
    form.reset("n_layer")
    assert form.changed == ("dropout",)
    assert form.config().dropout == 0.1
    form.reset()
    assert form.changed == ()


def test_typing_the_base_value_in_another_spelling_is_no_change(form):
    form.type("learning_rate", "1e-3")
    assert form.changed == ()


def test_followers_follow_what_is_typed(form):
    form.type("max_iters", "500")
    form.type("learning_rate", "0.002")
    assert form.text("lr_decay_iters") == "500"
    assert form.text("min_lr") == "0.0002"
    config = form.config()
    assert (config.lr_decay_iters, config.min_lr) == (500, pytest.approx(2e-4))
    assert form.changed == ("max_iters", "learning_rate")


def test_a_follower_that_was_typed_stays(form):
    form.type("lr_decay_iters", "700")
    form.type("max_iters", "500")
    assert form.config().lr_decay_iters == 700


def test_all_problems_are_told_at_once(form):
    form.type("n_layer", "zero")
    form.type("batch_size", "0")
    form.type("dropout", "2")
    assert set(form.problems()) == {"n_layer", "batch_size", "dropout"}
    with pytest.raises(SettingError):
        form.config()


def test_a_conflict_between_fields_is_a_problem_of_one(form):
    form.type("n_embd", "129")
    assert set(form.problems()) == {"n_embd"}


def test_a_line_break_is_typed_as_two_signs(form):
    assert form.text("sample_prompt") == "\\n"
    form.type("sample_prompt", "ROMEO:\\n")
    assert form.config().sample_prompt == "ROMEO:\n"


def test_an_advice_changes_settings_and_text(form):
    form.change({"batch_size": 2, "dropout": 0.2, "dataset": "mine", "out_dir": "ignored/elsewhere"})
    config = form.config()
    assert (config.batch_size, config.dropout, config.dataset) == (2, 0.2, "mine")


def test_a_runs_settings_become_the_base(form):
    form.base_on(TrainConfig(n_layer=3, dataset="mine"))
    assert form.changed == ()
    assert form.preset == ""
    assert form.config().n_layer == 3
    form.base_on(TrainConfig(out_dir="/runs/one", init_from="resume"))
    assert (form.config().out_dir, form.config().init_from) == ("", "scratch")
    form.base_on(presets()["small"].config())
    assert form.preset == "small"
    form.base_on(presets()["small"].config().changed({"dtype": "float32"}))
    assert form.preset == "small"  # on another machine it is the same preset
