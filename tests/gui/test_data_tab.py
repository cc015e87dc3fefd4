import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QListWidget, QProgressBar, QTextEdit, QWidget

import gui.data.tab as tab_module
from engine.datasets import dataset
from engine.events import Progress, Turn
from gui.data.tab import DataTab
from gui.engine_thread import EngineThread


@pytest.fixture(autouse=True)
def _own_trash(tmp_path, monkeypatch):
    (tmp_path / "xdg").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


@pytest.fixture
def tab(qtbot):
    engine = EngineThread()
    tab = DataTab(engine)
    tab.findChild(QComboBox, "data_tokenizer").setCurrentIndex(1)  # characters: nothing to load
    qtbot.addWidget(tab)
    tab.show()
    yield tab
    assert engine.shutdown(10)


@pytest.fixture
def diary(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary.\n" * 200)
    return path


def titles(tab):
    texts = tab.findChild(QListWidget, "text_list")
    return [texts.item(row).text() for row in range(texts.count())]


def button(tab, name):
    return tab.findChild(QAbstractButton, name)


def press(qtbot, tab, name):
    qtbot.mouseClick(button(tab, name), Qt.MouseButton.LeftButton)


def drop(tab, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    tab.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))


def notice(tab):
    return tab.findChild(QLabel, "data_notice_what").text()


def test_what_is_dropped_is_prepared_shown_and_can_be_trained_on(qtbot, tab, diary):
    with qtbot.waitSignal(tab.datasets_changed):
        drop(tab, diary)
    assert titles(tab)[-1] == "diary"
    assert "“diary” is ready" in notice(tab)
    preview = tab.findChild(QTextEdit, "token_preview")
    qtbot.waitUntil(lambda: preview.toPlainText().startswith("Dear diary.↵\nDear diary.↵"))
    with qtbot.waitSignal(tab.train_requested) as asked:
        press(qtbot, tab, "train_on_this_button")
    assert asked.args == ["diary"]
    assert dataset("diary").tokenizer["kind"] == "char"


def test_several_files_are_prepared_one_after_the_other(qtbot, tab, diary, tmp_path):
    other = tmp_path / "letters"
    other.mkdir()
    (other / "first.md").write_text("My dear.\n" * 300)
    tab.add([diary, other])
    qtbot.waitUntil(lambda: titles(tab)[-2:] == ["diary", "letters"])


def test_a_text_that_cannot_be_used_is_told_and_the_next_one_still_comes(qtbot, tab, diary, tmp_path):
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\0\1\2" * 1000)
    with qtbot.waitSignal(tab.datasets_changed):
        tab.add([binary, diary])
    assert titles(tab)[-1] == "diary"
    tab.add([binary])
    qtbot.waitUntil(lambda: "is not plain text" in notice(tab))
    assert "diary" in titles(tab)


def test_a_taken_name_offers_another(qtbot, tab, diary, tmp_path):
    with qtbot.waitSignal(tab.datasets_changed):
        tab.add([diary])
    other = tmp_path / "more" / "diary.txt"
    other.parent.mkdir()
    other.write_text("Another life.\n" * 300)
    tab.add([other])
    qtbot.waitUntil(lambda: button(tab, "other_name_button") is not None)
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "other_name_button")
    assert dataset("diary_2").source.endswith("more/diary.txt")
    assert dataset("diary").source == str(diary)


def test_a_preparation_can_be_cancelled(qtbot, tab, monkeypatch):
    def endless(order, control):
        yield Progress(what="Reading", done=1, total=100, unit="bytes")
        while not control.stopping:
            yield Turn.NEXT

    monkeypatch.setattr(tab_module, "_prepare_job", endless)
    press(qtbot, tab, "prepare_button")
    bar = tab.findChild(QProgressBar, "data_progress")
    qtbot.waitUntil(lambda: bar.isVisible() and bar.maximum() > 0)
    press(qtbot, tab, "cancel_prepare_button")
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_nothing_is_downloaded_unless_the_button_is_pressed(qtbot, tab, monkeypatch):
    asked = []
    monkeypatch.setattr(tab_module, "_prepare_job", lambda order, control: iter(asked.append(order.target) or ()))
    tab.findChild(QListWidget, "text_list").setCurrentRow(1)
    assert not button(tab, "train_on_this_button").isVisible()
    assert button(tab, "prepare_button").text() == "Download 1.1 MB"
    assert button(tab, "prepare_button").toolTip().startswith("https://")
    assert asked == []
    press(qtbot, tab, "prepare_button")
    qtbot.waitUntil(lambda: asked == ["shakespeare"])
    qtbot.waitUntil(lambda: not tab.findChild(QProgressBar, "data_progress").isVisible())


def test_what_goes_to_the_trash_can_be_put_back(qtbot, tab, diary):
    with qtbot.waitSignal(tab.datasets_changed):
        tab.add([diary])
    press(qtbot, tab, "data_trash_button")
    assert "diary" not in titles(tab)
    press(qtbot, tab, "data_undo_button")
    assert titles(tab)[-1] == "diary"
    assert dataset("diary").train_tokens


def test_every_control_has_a_name_for_people_and_for_tests(tab):
    for kind in (QAbstractButton, QComboBox, QListWidget, QTextEdit, QProgressBar):
        for widget in tab.findChildren(kind):
            if not widget.objectName().startswith("qt_"):
                assert widget.objectName(), widget
                assert widget.accessibleName(), widget.objectName()


def test_the_first_text_is_ready_to_train_on(qtbot, tab):
    assert tab.findChild(QWidget, "train_on_this_button").isEnabled()
    with qtbot.waitSignal(tab.train_requested) as asked:
        press(qtbot, tab, "train_on_this_button")
    assert asked.args == ["shakespeare_complete"]
