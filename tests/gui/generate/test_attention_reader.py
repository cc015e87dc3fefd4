"""Seeing where a model looked: asked of the engine for the token that is pointed at, and shaded before it."""

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QPlainTextEdit, QSpinBox, QTextEdit

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.core.events import Attended
from engine.runs.folder import RunFolder
from gui.generate import errand
from gui.generate.attention import Question
from gui.generate.tab import GenerateTab
from tests.gui import fake_writer
from tests.gui.generate.hands import child, press


def looker(asked_for):
    """Return a stand-in that looks at the beginning alone, head 1 of layer 1, and at all alike."""

    def look(path, asked, control, shelf):
        asked_for.append(asked)
        texts = (asked.start or "", *(f" w1337.0.{n}" for n in range(len(asked.ids))))
        alike = tuple(1 / len(texts) for _ in texts)
        first = (1.0, *(0.0 for _ in texts[1:]))
        yield Attended(texts=texts, forgotten=0, weights=((first, alike),), roles=(("first", "none"),))

    return look


@pytest.fixture
def asked(monkeypatch):
    found = []
    fake_writer.install(monkeypatch)
    monkeypatch.setattr(errand, "attention", looker(found))
    return found


@pytest.fixture
def tab(qtbot, engine, asked, _own_folders, stylist):
    RunFolder.new(TrainConfig()).best.touch()
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1100, 720)
    tab.show()
    qtbot.waitUntil(lambda: not tab._picker.reading)
    child(tab, QSpinBox, "max_new_tokens").setValue(4)
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("Once")
    press(qtbot, tab, "generate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    press(qtbot, tab, "see_inside_button")
    return tab


def section(tab):
    return child(tab, QTextEdit, "transcript")._sections[0]


def look_from(qtbot, tab, piece):
    child(tab, QTextEdit, "transcript")._go_to((section(tab), piece))
    qtbot.waitUntil(lambda: tab._page.attention.looked is not None)


def seen(tab):
    """Return how many places of the transcript have a blue ground."""
    picture = child(tab, QTextEdit, "transcript").grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colors = (QColor(picture.pixel(x, y)) for x in range(picture.width()) for y in range(0, picture.height(), 3))
    return sum(color.blue() - color.red() > 12 for color in colors)


def test_it_is_asked_only_while_it_is_switched_on(qtbot, tab, asked):
    view = child(tab, QTextEdit, "transcript")
    view._go_to((section(tab), 2))
    assert not tab._attention._soon.isActive()
    view._go_to(None)
    child(tab, QCheckBox, "attention_switch").setChecked(True)
    look_from(qtbot, tab, 3)
    assert asked == [Question((101, 101), "Once")]


def test_the_text_before_is_shaded_by_layer_and_head_and_stays_when_the_pointer_goes(qtbot, tab):
    child(tab, QCheckBox, "attention_switch").setChecked(True)
    look_from(qtbot, tab, 3)
    _, everywhere = section(tab)._looked
    assert len(everywhere) == 3
    before = seen(tab)
    child(tab, QComboBox, "attention_head").setCurrentIndex(1)
    number, spans = section(tab)._looked
    assert (number, spans) == (3, [(0, 4, 1.0)])
    child(tab, QTextEdit, "transcript")._go_to(None)
    assert section(tab)._looked is not None
    assert 0 < seen(tab) < before


def test_another_text_or_no_look_inside_takes_the_shades_away(qtbot, tab):
    child(tab, QCheckBox, "attention_switch").setChecked(True)
    look_from(qtbot, tab, 3)
    press(qtbot, tab, "see_inside_button")
    assert section(tab)._looked is None
    assert not child(tab, QCheckBox, "attention_switch").isVisible()
    press(qtbot, tab, "see_inside_button")
    look_from(qtbot, tab, 2)
    press(qtbot, tab, "regenerate_button")
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())
    assert section(tab)._looked is None


def test_what_cannot_be_known_is_told(qtbot, tab, monkeypatch):
    def gone(path, asked, control, shelf):
        raise DataError("The text is not here any more.", code="not_prepared")
        yield

    monkeypatch.setattr(errand, "attention", gone)
    child(tab, QCheckBox, "attention_switch").setChecked(True)
    child(tab, QTextEdit, "transcript")._go_to((section(tab), 3))
    words = tab._page.attention._words
    qtbot.waitUntil(lambda: "not here any more" in words.text())
    assert tab._page.attention.looked is None
