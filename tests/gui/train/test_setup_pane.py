"""Setting up a run as a person does it: presets of one's own, what the guide says, and where a field is."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QToolButton,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import Fix
from engine.planning.own_presets import own_presets, save_preset
from engine.planning.presets import presets
from gui.kit.theme import Size
from gui.train.setup_pane import SetupPane
from gui.train.state import Phase
from tests.gui.fake_run import endless_run
from tests.gui.hands import choose_preset, show_details


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_HOME", str(tmp_path))


def press(qtbot, window, name):
    made = window.findChild(QAbstractButton, name)
    qtbot.waitUntil(lambda: made.isVisible() and made.isEnabled() and made.height() > 0)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def type_into(qtbot, window, name, text):
    field = window.findChild(QLineEdit, name)
    field.selectAll()
    qtbot.keyClicks(field, text)


def in_sight(window, name):
    made, view = window.findChild(QLineEdit, name), window.findChild(QScrollArea, "setup_scroll").viewport()
    return made.isVisible() and view.rect().contains(made.mapTo(view, made.rect().center()))


def save_as(qtbot, window, name):
    show_details(window)
    press(qtbot, window, "preset_save")
    sheet = window.findChild(QDialog, "preset_sheet")
    type_into(qtbot, sheet, "preset_name", name)
    return sheet


def test_settings_are_saved_as_a_preset_and_chosen_again(qtbot, open_window):
    window = open_window()
    setup = window.train.setup
    show_details(window)
    press(qtbot, window, "group_model")
    type_into(qtbot, window, "setting_n_layer", "3")
    sheet = save_as(qtbot, window, "Night shift")
    qtbot.keyClick(sheet.focusWidget() or sheet, Qt.Key.Key_Return)
    assert setup.preset == "Night shift"
    assert setup.state.changed == ()
    assert own_presets()["Night shift"].settings["n_layer"] == 3
    choose_preset(qtbot, window, "tiny")
    assert setup.config().n_layer == 2
    assert not window.findChild(QAbstractButton, "preset_delete").isVisible()
    choose_preset(qtbot, window, "Night shift")
    assert setup.config().n_layer == 3
    assert "parameters" in window.findChild(QAbstractButton, "preset_Night shift").accessibleName()


def test_a_name_that_cannot_be_used_says_why_and_saves_nothing(qtbot, open_window):
    window = open_window()
    sheet = save_as(qtbot, window, "tiny")
    yes = sheet.findChild(QAbstractButton, "preset_sheet_yes")
    assert not yes.isEnabled()
    assert any("built-in" in label.text() for label in sheet.findChildren(QLabel))
    press(qtbot, sheet, "preset_sheet_no")
    assert own_presets() == {}


def test_saving_under_the_same_name_replaces_after_saying_so(qtbot, open_window):
    save_preset("Mine", TrainConfig(n_layer=5, n_head=2, n_embd=64))
    window = open_window()
    choose_preset(qtbot, window, "Mine")
    show_details(window)
    window.train.setup.change({"n_layer": 7})
    press(qtbot, window, "preset_save")
    sheet = window.findChild(QDialog, "preset_sheet")
    assert sheet.findChild(QLineEdit, "preset_name").text() == "Mine"
    assert sheet.findChild(QAbstractButton, "preset_sheet_yes").text() == "Replace"
    press(qtbot, sheet, "preset_sheet_yes")
    assert own_presets()["Mine"].settings["n_layer"] == 7


def test_a_preset_of_ones_own_is_renamed_and_deleted(qtbot, open_window):
    save_preset("Mine", TrainConfig(n_layer=5, n_head=2, n_embd=64))
    window = open_window()
    show_details(window)
    choose_preset(qtbot, window, "Mine")
    press(qtbot, window, "preset_rename")
    sheet = window.findChild(QDialog, "preset_sheet")
    type_into(qtbot, sheet, "preset_name", "Yours")
    press(qtbot, sheet, "preset_sheet_yes")
    assert list(own_presets()) == ["Yours"]
    assert window.train.setup.preset == "Yours"
    press(qtbot, window, "preset_delete")
    asked = window.findChild(QMessageBox, "preset_delete_sheet")
    next(each for each in asked.buttons() if each.text() == "Delete").click()
    assert own_presets() == {}
    assert window.train.setup.preset == ""
    assert window.train.setup.config().n_layer == 5
    assert window.findChild(QComboBox, "preset_picker").findData("Yours") < 0


def test_wrong_settings_cannot_be_saved(qtbot, open_window):
    window = open_window()
    window.train.setup.state.type("n_layer", "none")
    window.train.setup._edited()
    assert not window.findChild(QAbstractButton, "preset_save").isEnabled()


def test_the_guides_figures_stand_beside_ours_until_something_is_changed(qtbot, open_window):
    window = open_window()
    said = window.findChild(QLabel, "guide_says")
    show_details(window)
    assert not said.isVisible()  # quick makes other models than the guide speaks of
    window.train.setup.choose_preset("tiny")
    assert said.isVisible()
    assert said.text().startswith("The guide says ~1M parameters, ~1 GB, 5–10 min. Its count is mistaken")
    window.train.setup.change({"n_layer": 3})
    assert not said.isVisible()
    window.train.setup.choose_preset("large")
    assert said.text() == "The guide says ~124M parameters, ~8 GB, 8–12 h."
    assert said.isVisible()


def test_a_group_scrolls_into_sight_when_it_is_opened(qtbot, open_window):
    window = open_window()
    window.resize(1100, 720)
    show_details(window)
    window.findChild(QToolButton, "group_model").setChecked(True)
    qtbot.waitUntil(lambda: in_sight(window, "setting_n_layer"))


def test_an_advice_brings_its_field_in_sight(qtbot, open_window):
    window = open_window()
    window.resize(1100, 720)
    show_details(window)
    assert not in_sight(window, "setting_eval_iters")
    window.train.setup.change({"eval_iters": 7})
    qtbot.waitUntil(lambda: in_sight(window, "setting_eval_iters"))
    assert window.findChild(QLineEdit, "setting_eval_iters").text() == "7"


def test_a_wrong_field_is_brought_in_sight_at_the_start(qtbot, open_window):
    window = open_window()
    window.resize(1100, 720)
    window.train.setup.state.type("seed", "x")
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: in_sight(window, "setting_seed"))


def test_presets_cannot_be_changed_while_training(qtbot, open_window):
    window = open_window(endless_run)
    press(qtbot, window, "start_button")
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.TRAINING)
    assert not window.findChild(QAbstractButton, "preset_save").isEnabled()
    window.train.apply_fix(Fix("Stop", "stop"))
    qtbot.waitUntil(lambda: window.train.state.phase is Phase.FINISHED)


@pytest.fixture
def setup(qtbot, stylist):
    made = SetupPane("cpu")
    qtbot.addWidget(made)
    made.resize(made.sizeHint().width(), Size.WINDOW[1] * 4)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.choose_recipe("guide")
    show_details(made)
    return made


@pytest.mark.parametrize("name", presets())
def test_a_preset_brings_its_settings(qtbot, setup, name):
    choose_preset(qtbot, setup, "large" if name != "large" else "tiny")
    choose_preset(qtbot, setup, name)
    assert setup.preset == name
    config = setup.config()
    assert presets()[name].settings.items() <= config.as_dict().items()


def another(field, value):
    """Return a value of a setting that is not the one it has, and is allowed."""
    if field.kind is bool:
        return not value
    if field.choices:
        return next(each for each in field.choices if each != str(value))
    if field.kind is str:
        return "Hark"
    return type(value)(2 * value) if 2 * value > 1 else value / 2 or (0.5 if field.kind is float else 1)


def give(qtbot, editor, value):
    """Change an editor with the keyboard, as its kind wants it."""
    editor.setFocus()
    if isinstance(editor, QLineEdit):
        editor.selectAll()
        qtbot.keyClicks(editor, f"{value:g}" if isinstance(value, float) else str(value))
    elif isinstance(editor, QComboBox):
        qtbot.keyClick(editor, Qt.Key.Key_Home)
        while editor.currentText() != value:
            qtbot.keyClick(editor, Qt.Key.Key_Down)
    else:
        qtbot.keyClick(editor, Qt.Key.Key_Space)


def shown_in(editor):
    """Return what an editor shows."""
    if isinstance(editor, QLineEdit):
        return editor.text()
    return editor.currentText() if isinstance(editor, QComboBox) else editor.isChecked()


def test_each_setting_is_changed_explained_and_reset(qtbot, setup):
    asked = []
    setup.help_asked.connect(asked.append)
    for heading in setup.findChildren(QToolButton):
        if heading.objectName().startswith("group_") and not heading.isChecked():
            press(qtbot, setup, heading.objectName())
    rows = setup._details.form._rows
    assert set(rows) >= {"n_layer", "batch_size", "learning_rate", "seed", "device", "early_stop"}
    for name, made in rows.items():
        before, shown = getattr(setup.config(), name), shown_in(made.editor)
        value = another(made.field, before)
        give(qtbot, setup.findChild(QWidget, f"setting_{name}"), value)
        assert name in setup.state.changed, name
        assert setup.state.text(name) in (str(value), f"{value:g}" if isinstance(value, float) else ""), name
        press(qtbot, setup, f"help_{name}")
        assert asked[-1] == f"setting/{name}"
        press(qtbot, setup, f"reset_{name}")
        assert name not in setup.state.changed, name
        assert getattr(setup.config(), name) == before
        assert made.editor.hasFocus()
        assert shown_in(made.editor) == shown, name
