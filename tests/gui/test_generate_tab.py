"""The Generate tab driven as a person drives it; the model behind it is a stand-in that writes known text."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QPlainTextEdit, QSlider, QSpinBox, QTextEdit, QWidget

import gui.generate.tab as tab_module
from engine.config import TrainConfig
from engine.errors import CheckpointError, DataError
from engine.events import Checkpoint, Reply, Token, Turn
from engine.run_list import list_runs
from engine.runs import RunFolder
from gui.engine_thread import EngineThread
from gui.generate.tab import GenerateTab


def writer(checkpoint, config, control):
    """Write words until told to stop, as engine.sampler does."""
    for sample in range(config.num_samples):
        text, count = config.start, 0
        while count < config.max_new_tokens and not control.stopping:
            piece = f" w{config.seed}.{count}"
            text, count = text + piece, count + 1
            yield Token(sample=sample, tokens=count, text=piece, token=count, probability=0.5, tokens_per_s=9.0)
            yield Turn.NEXT
        reason = "stopped" if control.stopping else "done"
        yield Reply(sample=sample, prompt=config.start, text=text, tokens=count, tokens_per_s=9.0, reason=reason)
        if control.stopping:
            return


@pytest.fixture
def runs(_own_folders):
    made = [RunFolder.new(TrainConfig()) for _ in range(2)]
    for run in made:
        run.best.touch()
        run.checkpoint.touch()
    return made


@pytest.fixture
def tab(qtbot, monkeypatch):
    monkeypatch.setattr(tab_module, "_sample_job", writer)
    engine = EngineThread()
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.show()
    yield tab
    assert engine.shutdown(10)


def child(tab, kind, name):
    return tab.findChild(kind, name)


def press(qtbot, tab, name):
    qtbot.mouseClick(child(tab, QAbstractButton, name), Qt.MouseButton.LeftButton)


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


def test_text_streams_into_the_transcript(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(3)
    generate(qtbot, tab)
    assert "To be or not to be w1337.0 w1337.1 w1337.2" in transcript(tab)
    assert child(tab, QLabel, "generate_status").text().startswith("3 tokens")


def test_stop_ends_it_and_keeps_what_was_written(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1_000_000)
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: " w1337.5" in transcript(tab))
    press(qtbot, tab, "stop_generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert child(tab, QLabel, "generate_status").text().startswith("Stopped after")
    assert not child(tab, QAbstractButton, "stop_generate_button").isEnabled()


def test_trying_again_takes_the_next_seed_and_continuing_goes_on_in_place(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    generate(qtbot, tab)
    generate(qtbot, tab, "regenerate_button")
    assert "To be or not to be w1338.0" in transcript(tab)
    generate(qtbot, tab, "continue_button")
    assert transcript(tab).endswith("To be or not to be w1338.0 w1338.0")
    press(qtbot, tab, "copy_button")
    assert QGuiApplication.clipboard().text() == "To be or not to be w1338.0 w1338.0"
    press(qtbot, tab, "clear_transcript_button")
    assert transcript(tab) == ""


def test_several_samples_have_titles(qtbot, runs, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(1)
    child(tab, QSpinBox, "num_samples").setValue(2)
    generate(qtbot, tab)
    assert transcript(tab).count("To be or not to be w1337.0") == 2
    assert "Sample 2 of 2" in transcript(tab)


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

    monkeypatch.setattr(tab_module, "_sample_job", fail)
    generate(qtbot, tab)
    assert child(tab, QWidget, "generate_notice").isVisible()
    told = child(tab, QLabel, "generate_notice_what").text() + child(tab, QLabel, "generate_notice_why").text()
    assert getattr(error, "fix", str(error)) in told
    assert transcript(tab) == ""
    press(qtbot, tab, "generate_notice_dismiss")
    assert not child(tab, QWidget, "generate_notice").isVisible()


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


def test_the_newest_run_is_chosen_until_another_was_picked(runs, tab):
    picker = child(tab, QComboBox, "checkpoint_picker")
    newest = RunFolder.new(TrainConfig(dataset="newest"))
    newest.best.touch()
    tab.refresh()
    assert picker.currentText().startswith("newest")
    tab.open_checkpoint(runs[0].checkpoint)
    newer = RunFolder.new(TrainConfig(dataset="newer"))
    newer.best.touch()
    tab.refresh()
    assert picker.currentText().startswith(runs[0].path.name)
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


def test_the_first_checkpoint_of_a_training_ends_the_empty_page(tab):
    run = RunFolder.new(TrainConfig())
    run.checkpoint.touch()
    tab._engine.event_arrived.emit(7, Checkpoint(iter_num=0, path=str(run.checkpoint), kind="latest"))
    assert not child(tab, QWidget, "generate_empty").isVisible()


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
    assert "To be or not to be w1337.0" in (tmp_path / "t.txt").read_text()
    tab._save(str(tmp_path / "no" / "t.txt"))
    assert "could not be saved" in child(tab, QLabel, "generate_notice_what").text()


def test_every_control_has_a_name_for_people_and_for_tests(runs, tab):
    for kind in (QAbstractButton, QComboBox, QPlainTextEdit, QTextEdit, QSlider, QSpinBox):
        for widget in tab.findChildren(kind):
            if widget.objectName().startswith("qt_"):
                continue
            assert widget.objectName(), widget
            assert widget.accessibleName(), widget.objectName()
