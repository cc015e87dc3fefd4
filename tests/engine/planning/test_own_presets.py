"""A person's own presets: kept, found by the command line, renamed, deleted; never a built-in one's name."""

import json

import pytest

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.planning.own_presets import (
    any_preset,
    checked_name,
    delete_preset,
    fixed_by,
    own_presets,
    rename_preset,
    save_preset,
)
from engine.planning.presets import presets
from engine.planning.recipes import SHAPE


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))
    return tmp_path / "presets"


def config(**changes):
    return TrainConfig.of({"n_layer": 3, "n_head": 3, "n_embd": 96, "max_iters": 700}, changes)


def test_a_preset_gives_back_the_settings_but_not_the_text():
    save_preset("Night shift", config(dataset="shakespeare", dropout=0.2))
    kept = own_presets()["Night shift"].config()
    assert kept == config(dropout=0.2)
    assert kept.dataset == TrainConfig().dataset


def test_what_follows_goes_on_following():
    settings = save_preset("Night shift", config(learning_rate=2e-3)).settings
    assert "lr_decay_iters" not in settings
    assert "min_lr" not in settings
    assert save_preset("Other", config(lr_decay_iters=900)).settings["lr_decay_iters"] == 900


def test_the_same_name_replaces_and_another_spelling_on_disk_does_not(folder):
    save_preset("a/b", config())
    save_preset("a b", config(n_layer=7))
    save_preset("a/b", config(n_layer=5))
    assert {name: one.settings["n_layer"] for name, one in own_presets().items()} == {"a b": 7, "a/b": 5}
    assert len(list(folder.iterdir())) == 2


def test_a_preset_is_renamed_and_deleted():
    save_preset("Night shift", config())
    save_preset("Other", config())
    with pytest.raises(SettingError, match="already"):
        rename_preset("Night shift", "Other")
    rename_preset("Night shift", "  Day   shift ")
    assert list(own_presets()) == ["Day shift", "Other"]
    delete_preset("Other")
    delete_preset("Other")
    assert list(own_presets()) == ["Day shift"]


@pytest.mark.parametrize("name", ["", "  ", "tiny", "Medium (M4)", "LARGE", "x" * 61])
def test_names_that_cannot_be_used_are_refused_with_the_reason(name):
    with pytest.raises(SettingError) as told:
        checked_name(name)
    assert told.value.fix


@pytest.mark.parametrize(
    "text", ["", "[]", '{"name": "x"}', '{"name": "x", "settings": {"n_layer": 0}}', '{"name": 3, "settings": {}}']
)
def test_a_file_that_is_no_preset_is_passed_over_and_never_overwritten(folder, text):
    folder.mkdir()
    (folder / "Mine.json").write_text(text)
    assert own_presets() == {}
    save_preset("Mine", config())
    assert (folder / "Mine.json").read_text() == text
    assert list(own_presets()) == ["Mine"]


def test_settings_of_another_version_are_left_out(folder):
    folder.mkdir()
    (folder / "x.json").write_text(json.dumps({"name": "X", "settings": {"n_layer": 3, "of_the_future": 1}}))
    assert own_presets()["X"].settings == {"n_layer": 3}


def test_the_command_line_finds_both_kinds():
    save_preset("Night shift", config())
    assert any_preset("Night shift").config() == config()
    assert any_preset("tiny") == presets()["tiny"]
    with pytest.raises(SettingError, match="no preset"):
        any_preset("tini")


def test_a_preset_that_cannot_be_written_is_told(folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(SettingError) as told:
        save_preset("Mine", config())
    assert "not changed" in told.value.message


def test_a_recipe_leaves_ones_own_settings_alone_those_that_are_the_defaults_too():
    usual = TrainConfig()
    fixed = fixed_by(
        save_preset("Mine", config(dropout=0.15, optimizer=usual.optimizer, n_embd=usual.n_embd, n_head=4))
    )
    assert (fixed["dropout"], fixed["optimizer"], fixed["n_embd"]) == (0.15, usual.optimizer, usual.n_embd)
    assert not {"dataset", "recipe", "minutes", "out_dir"} & fixed.keys()
    assert TrainConfig.of(fixed, {"max_iters": 99, "learning_rate": 0.5}).lr_decay_iters == 99
    assert TrainConfig.of(fixed, {"learning_rate": 0.5}).min_lr == 0.05


def test_a_recipe_leaves_the_shape_of_a_built_in_preset_alone():
    assert fixed_by(presets()["small"]).keys() == set(SHAPE)


def test_iterations_that_a_clock_was_to_end_are_not_kept():
    timed = config(minutes=5.0, recipe="quick", max_iters=90_000)
    assert save_preset("Mine", timed).config().max_iters == TrainConfig().max_iters


@pytest.mark.parametrize("value", ["9" * 401, "9" * 20, '"\\ud800"', "[" * 1000 + "]" * 1000, "-1e400", "NaN", "null"])
def test_a_preset_that_is_damaged_is_passed_over_and_hides_no_other(folder, value):
    save_preset("Day shift", config())
    save_preset("Night shift", config())
    file = folder / "Day-shift.json"
    file.write_text(file.read_text("utf-8").replace("700", value), "utf-8")
    assert list(own_presets()) == ["Night shift"]
    assert any_preset("Night shift").config().max_iters == 700
