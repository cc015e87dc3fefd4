"""The Generate tab driven as a person drives it; the model behind it is a stand-in that writes known text."""

import re
import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QSpinBox,
    QTextEdit,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import CheckpointError, DataError
from engine.core.events import Checkpoint
from engine.runs import listing
from engine.runs.folder import RunFolder
from engine.runs.listing import list_runs
from gui.generate import errand
from gui.generate.composer import GENERATE_KEYS, LONGEST_BEGINNING
from gui.generate.dials import FIRST_SETTINGS
from gui.generate.passage import Strand
from gui.generate.tab import GenerateTab
from gui.generate.take import Piece, Take
from gui.generate.token_text import TokenText
from gui.kit import theme
from gui.kit.theme import DARK, Theme
from tests.gui import fake_writer
from tests.gui.generate.hands import child, press
from tests.gui.hands import name_file
from tests.patience import PATIENCE_S

NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def runs(_own_folders):
    made = [RunFolder.new(TrainConfig()) for _ in range(2)]
    for run in made:
        run.best.touch()
        run.checkpoint.touch()
    return made


@pytest.fixture
def tab(qtbot, engine, monkeypatch):
    fake_writer.install(monkeypatch)
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1100, 720)
    tab.show()
    listed(qtbot, tab)
    return tab


def listed(qtbot, tab):
    """Wait until the list of checkpoints is read."""
    qtbot.waitUntil(lambda: not tab._picker.reading)


def generate(qtbot, tab, name="generate_button"):
    press(qtbot, tab, name)
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())


def transcript(tab):
    return child(tab, QTextEdit, "transcript").toPlainText()


def test_without_a_checkpoint_it_invites_to_train(qtbot, tab):
    assert child(tab, QWidget, "generate_empty").isVisible()
    assert not child(tab, QComboBox, "checkpoint_picker").isEnabled()
    with qtbot.waitSignal(tab.train_requested):
        press(qtbot, tab, "generate_empty_button")


def test_the_guide_s_prompt_and_settings_are_there(runs, tab):
    assert child(tab, QPlainTextEdit, "prompt_edit").toPlainText() == "To be or not to be"
    values = {name: child(tab, QWidget, name).value() for name in ("max_new_tokens", "temperature", "top_k", "seed")}
    assert values == {"max_new_tokens": 200, "temperature": 0.8, "top_k": 200, "seed": 1337}


def test_a_beginning_suits_the_text_of_the_model_unless_one_was_typed(qtbot, runs, tab):
    prompt, picker = child(tab, QPlainTextEdit, "prompt_edit"), tab._picker
    for beginning, expected in (("mar", "mar"), ("", FIRST_SETTINGS.start), ("def ", "def ")):
        picker._choices = [replace(choice, beginning=beginning) for choice in picker._choices]
        tab._recall()
        assert prompt.toPlainText() == expected
    prompt.setPlainText("my own")
    tab._recall()
    assert prompt.toPlainText() == "my own"


def test_text_streams_into_the_transcript(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(3)
    generate(qtbot, tab)
    assert "To be or not to be w1337.0.0 w1337.0.1 w1337.0.2" in transcript(tab)
    assert child(tab, QLabel, "generate_status").text().startswith("3 tokens")


def test_stop_ends_it_and_keeps_what_was_written(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: " w1337.0.5" in transcript(tab))
    press(qtbot, tab, "stop_generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert child(tab, QLabel, "generate_status").text().startswith("Stopped after")
    assert not child(tab, QAbstractButton, "stop_generate_button").isEnabled()


def test_trying_again_makes_a_branch_and_continuing_goes_on_in_place(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    generate(qtbot, tab, "regenerate_button")
    assert transcript(tab).endswith("To be or not to be w1338.0.0")
    generate(qtbot, tab, "continue_button")
    assert transcript(tab).endswith("To be or not to be w1338.0.0 w1338.0.0")
    press(qtbot, tab, "copy_button")
    assert QGuiApplication.clipboard().text() == "To be or not to be w1338.0.0 w1338.0.0"
    assert child(tab, QLabel, "branch_stepper_position").text() == "2 of 2"
    press(qtbot, tab, "branch_stepper_back")
    assert transcript(tab).endswith("To be or not to be w1337.0.0")
    press(qtbot, tab, "branch_stepper_on")
    assert transcript(tab).endswith("To be or not to be w1338.0.0 w1338.0.0")
    press(qtbot, tab, "clear_transcript_button")
    assert transcript(tab) == ""


def test_generate_pressed_again_writes_something_else_unless_the_seed_is_kept(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    for _ in range(2):
        generate(qtbot, tab)
    child(tab, QAbstractButton, "keep_seed_button").setChecked(True)
    for _ in range(2):
        generate(qtbot, tab)
    assert re.findall(r" w(\d+)\.0\.0", transcript(tab)) == ["1337", "1338", "1338", "1338"]
    assert re.findall(r"seed (\d+)", transcript(tab)) == ["1337", "1338", "1338", "1338"]


def test_one_button_generates_and_stops_and_keeps_the_keyboard(qtbot, runs, tab):
    go, stop = (child(tab, QAbstractButton, name) for name in ("generate_button", "stop_generate_button"))
    assert GENERATE_KEYS.toString(QKeySequence.SequenceFormat.NativeText) in go.toolTip()
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    go.setFocus()
    place = go.mapTo(tab, QPoint(0, 0)), go.size()
    qtbot.keyClick(go, Qt.Key.Key_Space)
    assert (go.isVisible(), stop.isVisible(), stop.hasFocus()) == (False, True, True)
    assert (stop.mapTo(tab, QPoint(0, 0)), stop.size()) == place
    qtbot.waitUntil(lambda: " w1337.0.5" in transcript(tab))
    with qtbot.assertNotEmitted(tab._composer.stop):  # at the second click of two on Generate
        for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
            middle, button = QPointF(stop.rect().center()), Qt.MouseButton.LeftButton
            pressed = button if kind == QEvent.Type.MouseButtonDblClick else Qt.MouseButton.NoButton
            QApplication.sendEvent(stop, QMouseEvent(kind, middle, stop.mapToGlobal(middle), button, pressed, NO_KEYS))
    qtbot.keyClick(stop, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: go.isEnabled())
    assert (go.isVisible(), stop.isVisible(), go.hasFocus()) == (True, False, True)


def test_what_was_written_before_stays(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("Hark")
    generate(qtbot, tab)
    assert "To be or not to be w1337.0.0" in transcript(tab)
    assert transcript(tab).endswith("Hark w1338.0.0")


def test_a_second_click_while_it_writes_does_nothing(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: " w1337.0.5" in transcript(tab))
    tab._composer.generate.emit()
    tab._composer.go_on.emit()
    tab.hide()
    tab.show()
    press(qtbot, tab, "stop_generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert transcript(tab).count("To be or not to be") == 1


def test_an_edited_text_is_gone_on_from_as_a_branch(qtbot, runs, tab):
    prompt = child(tab, QPlainTextEdit, "prompt_edit")
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    press(qtbot, tab, "edit_button")
    assert prompt.toPlainText() == "To be or not to be w1337.0.0"
    prompt.setPlainText("To be or not to be that")
    generate(qtbot, tab)
    assert transcript(tab).endswith("To be or not to be that w1338.0.0")
    assert child(tab, QLabel, "branch_stepper_position").text() == "2 of 2"
    press(qtbot, tab, "edit_button")
    qtbot.keyClick(prompt, Qt.Key.Key_Escape)
    assert "Continue this text" in child(tab, QLabel, "prompt_hint").text()


def test_a_beginning_that_was_begun_comes_back_when_editing_is_left(qtbot, runs, tab):
    prompt, edit = child(tab, QPlainTextEdit, "prompt_edit"), child(tab, QAbstractButton, "edit_button")
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    prompt.setPlainText("Hark, a new one")
    press(qtbot, tab, "edit_button")
    prompt.setPlainText("To be or not to be that")
    assert not edit.isEnabled()  # it would put the text back as it was
    qtbot.keyClick(prompt, Qt.Key.Key_Escape)
    assert prompt.toPlainText() == "Hark, a new one"
    assert edit.isEnabled()


def test_several_samples_stand_side_by_side_and_one_below_the_other(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(2)
    child(tab, QSpinBox, "num_samples").setValue(2)
    generate(qtbot, tab)
    for number in range(2):
        column = child(tab, QTextEdit, f"column_{number + 1}")
        assert column.isVisible()
        assert column.toPlainText() == f"To be or not to be w1337.{number}.0 w1337.{number}.1"
    press(qtbot, tab, "side_by_side_button")
    assert child(tab, QTextEdit, "transcript").isVisible()
    assert "Sample 2 of 2" in transcript(tab)
    assert "To be or not to be w1337.1.0 w1337.1.1" in transcript(tab)


def test_a_column_has_branches_of_its_own(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    child(tab, QSpinBox, "num_samples").setValue(2)
    generate(qtbot, tab)
    column = child(tab, QTextEdit, "column_2")
    qtbot.mouseClick(column.viewport(), Qt.MouseButton.LeftButton)
    generate(qtbot, tab, "regenerate_button")
    assert column.toPlainText() == "To be or not to be w1338.0.0"
    assert child(tab, QTextEdit, "column_1").toPlainText() == "To be or not to be w1337.0.0"
    press(qtbot, tab, "column_2_branches_back")
    assert column.toPlainText() == "To be or not to be w1337.1.0"


def test_two_checkpoints_write_side_by_side_with_the_same_beginning_and_seed(qtbot, runs, tab, monkeypatch):
    asked = []

    def noted(path, config, *rest):
        asked.append((path, config.start, config.seed))
        return fake_writer.writer(path, config, *rest)

    monkeypatch.setattr(errand, "sample", noted)
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    other = child(tab, QComboBox, "compare_picker")
    assert other.count() == 4  # nothing, and all but the chosen one
    other.setCurrentIndex(2)
    generate(qtbot, tab)
    chosen = [choice.path for choice in tab._picker.choices]
    assert asked == [(path, "To be or not to be", 1337) for path in chosen]
    assert child(tab, QTextEdit, "column_2").toPlainText() == "To be or not to be w1337.0.0"


@pytest.mark.parametrize("samples", [1, 2])
def test_stopping_a_comparison_leaves_no_empty_column_behind(qtbot, runs, tab, samples):
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    child(tab, QSpinBox, "num_samples").setValue(samples)
    child(tab, QComboBox, "compare_picker").setCurrentIndex(1)
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: " w1337.0.5" in transcript(tab))
    qtbot.keyClick(child(tab, QTextEdit, "column_1"), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert transcript(tab).count("To be or not to be") == samples
    assert child(tab, QTextEdit, "transcript").isVisible()


@pytest.mark.parametrize(
    "error",
    [
        CheckpointError("It is damaged.", cause="It ends early.", fix="Open another.", code="damaged"),
        DataError("This model cannot read 'ψ'.", cause="It knows 65 characters.", fix="Leave it out."),
        RuntimeError("boom"),
    ],
)
def test_a_failure_is_told_in_place_and_leaves_no_trace(qtbot, runs, tab, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(errand, "sample", fail)
    generate(qtbot, tab)
    assert child(tab, QWidget, "generate_notice").isVisible()
    told = child(tab, QLabel, "generate_notice_what").text() + child(tab, QLabel, "generate_notice_why").text()
    assert getattr(error, "fix", str(error)) in told
    assert transcript(tab) == ""
    press(qtbot, tab, "generate_notice_dismiss")
    assert not child(tab, QWidget, "generate_notice").isVisible()


@pytest.mark.parametrize(("samples", "other"), [(2, 0), (1, 1), (2, 1)])
@pytest.mark.parametrize("before", [True, False])
def test_texts_that_all_fail_leave_no_trace(qtbot, stylist, runs, tab, monkeypatch, samples, other, before):
    def fail(*_):
        raise DataError("This model cannot read 'é'.")

    child(tab, QSpinBox, "max_new_tokens").setValue(2)
    if before:
        generate(qtbot, tab)
    there = transcript(tab)
    child(tab, QSpinBox, "num_samples").setValue(samples)
    child(tab, QComboBox, "compare_picker").setCurrentIndex(other)
    monkeypatch.setattr(errand, "sample", fail)
    generate(qtbot, tab)
    assert transcript(tab) == there
    assert child(tab, QTextEdit, "transcript").isVisible()
    QApplication.instance().setPalette(theme.palette_of(Theme(True, DARK)))
    assert transcript(tab) == there
    monkeypatch.setattr(errand, "sample", fake_writer.writer)
    generate(qtbot, tab)
    assert transcript(tab).startswith(there)
    assert len(re.findall(r" w\d+\.0\.1\b", transcript(tab))) == before + 1 + other


def test_a_text_that_goes_leaves_those_after_it_where_they_stand(qtbot, runs, tab):
    made = {word: Strand([Take(tab._picker.choice, FIRST_SETTINGS, [Piece(word)])]) for word in ("One", "Two", "Three")}
    view = TokenText("view", "Texts")
    qtbot.addWidget(view)
    for strand in made.values():
        view.add(strand, ["made by hand", ""])
    for gone, left in (("Two", ["One", "Three"]), ("One", ["Three"])):
        view.take_back(made[gone])
        for word in left:
            made[word].shown.pieces.append(Piece("!"))
            view.flush()
        assert [line.strip("!") for line in view.toPlainText().split("\n")] == [
            line for word in left for line in ("made by hand", word)
        ]
    assert view.toPlainText() == "made by hand\nThree!!"
    assert view.document().firstBlock().blockFormat().topMargin() == 0
    view.take_back(made["Three"])
    assert view.document().isEmpty()


def test_an_empty_beginning_is_told(qtbot, runs, tab):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("")
    press(qtbot, tab, "generate_button")
    assert "no beginning" in child(tab, QLabel, "generate_notice_what").text()


def test_prompt_and_settings_are_remembered_by_checkpoint(qtbot, runs, tab):
    picker, prompt = child(tab, QComboBox, "checkpoint_picker"), child(tab, QPlainTextEdit, "prompt_edit")
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    for at, text in ((0, "Hark"), (2, "Alas")):
        picker.setCurrentIndex(at)
        prompt.setPlainText(text)
        child(tab, QSpinBox, "seed").setValue(at + 10)
        generate(qtbot, tab)
    picker.setCurrentIndex(0)
    assert (prompt.toPlainText(), child(tab, QSpinBox, "seed").value()) == ("Hark", 10)
    picker.setCurrentIndex(2)
    assert (prompt.toPlainText(), child(tab, QSpinBox, "seed").value()) == ("Alas", 12)


def test_the_newest_run_is_chosen_until_another_was_picked(qtbot, runs, tab):
    picker = child(tab, QComboBox, "checkpoint_picker")
    newest = RunFolder.new(TrainConfig(dataset="newest"))
    newest.best.touch()
    tab.refresh()
    listed(qtbot, tab)
    assert picker.currentText().startswith("newest")
    tab.open_checkpoint(runs[0].checkpoint)
    newer = RunFolder.new(TrainConfig(dataset="newer"))
    newer.best.touch()
    tab.refresh()
    listed(qtbot, tab)
    assert picker.currentText().startswith(runs[0].path.name)
    assert picker.count() == 6


def test_what_is_written_with_stays_chosen_when_a_newer_run_comes(qtbot, runs, tab):
    picker = child(tab, QComboBox, "checkpoint_picker")
    before = picker.toolTip()
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    newest = RunFolder.new(TrainConfig(dataset="newest"))
    newest.best.touch()
    tab.refresh()
    press(qtbot, tab, "generate_button")  # before the list is there
    listed(qtbot, tab)
    assert (picker.count(), picker.toolTip()) == (5, before)
    press(qtbot, tab, "stop_generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())


def test_runs_are_read_off_the_windows_thread_and_one_of_them_is_opened_meanwhile(qtbot, runs, tab, monkeypatch):
    read, may_go_on = [], threading.Event()

    really = listing._read

    def slowly(path):
        read.append(threading.current_thread() is threading.main_thread())
        may_go_on.wait(PATIENCE_S)
        return really(path)

    monkeypatch.setattr(listing, "_read", slowly)
    picker = child(tab, QComboBox, "checkpoint_picker")
    newest = RunFolder.new(TrainConfig(dataset="newest"))
    newest.best.touch()
    newest.checkpoint.touch()
    tab.refresh()
    tab.open_checkpoint(newest.checkpoint)
    assert picker.toolTip() == str(newest.checkpoint)
    assert child(tab, QAbstractButton, "generate_button").isEnabled()
    may_go_on.set()
    listed(qtbot, tab)
    assert set(read) == {False}
    assert picker.toolTip() == str(newest.checkpoint)
    assert picker.currentText().endswith("– latest")  # it stands with its run now, once
    assert picker.count() == 6


def test_a_file_from_elsewhere_can_be_opened_or_dropped(tab, tmp_path, qtbot):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ckpt.pt").touch()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "out"))])
    tab.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert child(tab, QComboBox, "checkpoint_picker").currentText().startswith("out")
    tab.open_checkpoint(tmp_path / "gone.pt")
    assert "gone.pt" in child(tab, QLabel, "generate_notice_what").text()


def test_the_first_checkpoint_of_a_training_ends_the_empty_page(qtbot, tab):
    run = RunFolder.new(TrainConfig())
    run.checkpoint.touch()
    tab._engine.event_arrived.emit(None, Checkpoint(iter_num=0, path=str(run.checkpoint), kind="latest"))
    qtbot.waitUntil(lambda: not child(tab, QWidget, "generate_empty").isVisible())


def test_a_checkpoint_from_elsewhere_that_works_is_listed_among_the_runs(qtbot, tab, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ckpt.pt").touch()
    tab.open_checkpoint(tmp_path / "out")
    assert list_runs() == []
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    assert [run.path for run in list_runs()] == [tmp_path / "out"]


def test_a_slider_moves_its_field_and_a_typed_value_stays_exact(runs, tab):
    child(tab, QSlider, "temperature_slider").setValue(100)
    assert child(tab, QWidget, "temperature").value() == 1.0
    child(tab, QSpinBox, "max_new_tokens").setValue(777)
    assert child(tab, QSpinBox, "max_new_tokens").value() == 777


def test_the_transcript_is_saved(runs, tab, qtbot, tmp_path):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    tab._save(str(tmp_path / "t.txt"))
    assert "To be or not to be w1337.0.0" in (tmp_path / "t.txt").read_text()
    tab._save(str(tmp_path / "t.md"))
    assert "**To be or not to be** w1337.0.0" in (tmp_path / "t.md").read_text()
    tab._save(str(tmp_path / "no" / "t.txt"))
    assert "could not be saved" in child(tab, QLabel, "generate_notice_what").text()


def test_every_control_has_a_name_for_people_and_for_tests(runs, tab):
    for kind in (QAbstractButton, QComboBox, QPlainTextEdit, QTextEdit, QSlider, QSpinBox):
        for widget in tab.findChildren(kind):
            if widget.objectName().startswith("qt_"):
                continue
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()


def test_return_with_command_generates_and_escape_stops(qtbot, runs, tab):
    prompt = child(tab, QPlainTextEdit, "prompt_edit")
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    tab.activateWindow()
    prompt.setFocus()
    qtbot.keyClick(prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: " w1337.0.5" in transcript(tab))
    qtbot.keyClick(prompt, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert child(tab, QLabel, "generate_status").text().startswith("Stopped after")
    slider = child(tab, QSlider, "temperature_slider")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(child(tab, QAbstractButton, "stop_generate_button").isEnabled)
    qtbot.keyClick(slider, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())


def test_each_setting_has_a_way_back_and_the_rarer_ones_are_folded_away(qtbot, runs, tab):
    assert child(tab, QWidget, "temperature").isVisible()
    assert not child(tab, QWidget, "min_p").isVisible()
    press(qtbot, tab, "more_generate_settings")
    qtbot.waitUntil(child(tab, QWidget, "min_p").isVisible)
    for name, value in (("min_p", 0.1), ("repetition_penalty", 1.2), ("temperature", 1.5)):
        assert not child(tab, QAbstractButton, f"reset_writing_{name}").isVisible()
        before = child(tab, QWidget, name).value()
        child(tab, QWidget, name).setValue(value)
        QApplication.processEvents()  # it has its place only now
        press(qtbot, tab, f"reset_writing_{name}")
        assert child(tab, QWidget, name).value() == before


def test_all_settings_reach_the_engine(qtbot, runs, tab, monkeypatch):
    asked = []
    monkeypatch.setattr(errand, "sample", lambda path, config, *_: asked.append(config) or iter(()))
    for name, value in (("min_p", 0.1), ("repetition_penalty", 1.2), ("top_p", 0.5)):
        child(tab, QWidget, name).setValue(value)
    child(tab, QLineEdit, "stop").setText(r"\n\nAll:")
    generate(qtbot, tab)
    config = asked[0]
    assert (config.min_p, config.repetition_penalty, config.top_p, config.stop) == (0.1, 1.2, 0.5, "\n\nAll:")


@pytest.mark.parametrize(
    "prompt",
    [
        "\N{PERFORMING ARTS}\N{VARIATION SELECTOR-16} exit",
        "\u05e9\u05dc\u05d5\u05dd \u05dc\u05da",
        "a\x00\x07\x1b[31m\tb",
        "\n",
        "e\u0301",
    ],
    ids=["emoji", "right-to-left", "control", "line break", "combining"],
)
def test_any_beginning_is_written_on_from(qtbot, runs, tab, prompt):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText(prompt)
    generate(qtbot, tab)
    assert not child(tab, QWidget, "generate_notice").isVisible()
    press(qtbot, tab, "copy_button")
    assert tab._record.takes[0].text() == f"{prompt} w1337.0.0"


def test_of_a_megabyte_pasted_the_end_is_kept_and_it_says_so(qtbot, runs, tab):
    prompt = child(tab, QPlainTextEdit, "prompt_edit")
    pasted = QMimeData()
    pasted.setText("word " * 200_000 + "the end")
    prompt.selectAll()
    prompt.insertFromMimeData(pasted)
    assert len(prompt.toPlainText()) <= LONGEST_BEGINNING
    assert prompt.toPlainText().endswith("word the end")
    assert "1,000,007 characters" in child(tab, QLabel, "prompt_hint").text()
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    assert transcript(tab).endswith("the end w1337.0.0")
    assert len(transcript(tab)) < 10_000


def test_ten_thousand_tokens_come_through_whole(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(10_000)
    press(qtbot, tab, "see_inside_button")
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert transcript(tab).endswith(" w1337.0.9999")


def test_saving_asks_for_a_file_of_either_kind(qtbot, runs, tab, tmp_path):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    press(qtbot, tab, "save_transcript_button")
    sheet = child(tab, QFileDialog, "save_transcript_sheet")
    assert sheet.nameFilters() == ["Text (*.txt)", "Markdown (*.md)"]
    sheet.fileSelected.emit(str(tmp_path / "chosen.md"))
    assert (tmp_path / "chosen.md").read_text().startswith("## ")
    sheet.reject()


def test_any_file_is_opened_with_the_button(qtbot, runs, tab, tmp_path):
    file = tmp_path / "elsewhere.pt"
    file.touch()
    press(qtbot, tab, "open_checkpoint_button")
    name_file(tab, "open_checkpoint_sheet", file)
    assert "elsewhere" in child(tab, QComboBox, "checkpoint_picker").currentText()
    generate(qtbot, tab)
    assert "To be or not to be w" in transcript(tab)


def test_what_cannot_be_read_leads_to_another_file(qtbot, runs, tab, monkeypatch):
    def broken(*_wanted):
        raise CheckpointError("It cannot be read.")

    monkeypatch.setattr(errand, "sample", broken)
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "open_another_button") is not None)
    press(qtbot, tab, "open_another_button")
    name_file(tab, "open_checkpoint_sheet", runs[0].checkpoint)
    assert child(tab, QComboBox, "checkpoint_picker").toolTip() == str(runs[0].checkpoint)
