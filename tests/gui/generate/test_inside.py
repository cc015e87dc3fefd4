"""What can be seen inside a text: how likely each token was, what else could have stood there, what is quoted."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QPlainTextEdit, QSpinBox, QTextEdit, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.runs.folder import RunFolder
from gui.generate import errand
from gui.generate.alternatives import AlternativesCard
from gui.generate.tab import GenerateTab
from gui.kit import theme
from gui.kit.theme import DARK, LIGHT, Theme, contrast, luminance
from tests.gui import fake_writer
from tests.gui.generate.hands import child, press


@pytest.fixture
def tab(qtbot, engine, monkeypatch, _own_folders, stylist):
    fake_writer.install(monkeypatch)
    run = RunFolder.new(TrainConfig())
    run.best.touch()
    tab = GenerateTab(engine)
    qtbot.addWidget(tab)
    tab.resize(1100, 720)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    qtbot.waitUntil(lambda: not tab._picker.reading)
    child(tab, QSpinBox, "max_new_tokens").setValue(3)
    return tab


def settled(qtbot, tab):
    qtbot.waitUntil(lambda: child(tab, QAbstractButton, "generate_button").isEnabled())


def write(qtbot, tab):
    press(qtbot, tab, "generate_button")
    settled(qtbot, tab)


def point_at(qtbot, tab, words):
    """Move the pointer onto a place of the transcript."""
    view = child(tab, QTextEdit, "transcript")
    cursor = view.document().find(words)
    cursor.setPosition(cursor.selectionStart() + 1)
    place = view.cursorRect(cursor).center() + QPoint(2, 0)
    qtbot.mouseMove(view.viewport(), QPoint(1, 1))
    qtbot.mouseMove(view.viewport(), place)
    return view


def seen(tab):
    """Return the colors that can be seen in the transcript."""
    picture = child(tab, QTextEdit, "transcript").grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(0, picture.height(), 2)}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_shade_and_shades_differ_without_their_hue(qapp, colors):
    assert all(contrast(colors.text, shade) >= 4.5 for shade in colors.surprise)
    steps = [luminance(shade) for shade in colors.surprise]
    assert steps == sorted(steps, reverse=colors is LIGHT)
    assert all(contrast(one, other) >= 1.1 for one, other in zip(colors.surprise, colors.surprise[1:], strict=False))


def test_tokens_are_colored_only_when_asked_for_and_by_their_rank(qtbot, tab):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText(" ".join(f"word{n}" for n in range(50)))
    tab._read("own")  # word by word less likely
    settled(qtbot, tab)
    assert set(LIGHT.surprise[1:]) <= seen(tab)
    assert child(tab, QWidget, "surprise_legend").isVisible()
    section = child(tab, QTextEdit, "transcript")._sections[0]
    shades = [section.usual().shade_of(piece.probability) for piece in section.take.pieces[1:]]
    assert [shades.count(level) for level in range(4)] == [37, 8, 3, 1]
    QApplication.instance().setPalette(theme.palette_of(Theme(True, DARK)))
    assert set(DARK.surprise[1:]) <= seen(tab)
    press(qtbot, tab, "see_inside_button")
    assert not set(DARK.surprise[1:]) & seen(tab)
    assert not child(tab, QWidget, "surprise_legend").isVisible()


def test_the_choice_to_see_inside_is_remembered(qtbot, tab):
    press(qtbot, tab, "see_inside_button")
    again = GenerateTab(tab._engine)
    qtbot.addWidget(again)
    assert child(again, QAbstractButton, "see_inside_button").isChecked()


def test_the_pointer_shows_the_alternatives_and_a_click_branches(qtbot, tab):
    write(qtbot, tab)
    press(qtbot, tab, "see_inside_button")
    point_at(qtbot, tab, "w1337.0.1")
    card = child(tab, QWidget, "alternatives")
    assert card.isVisible()
    assert child(tab, QLabel, "token_title").text() == "“·w1337.0.1”  ·  25%  ·  2.0 bits of surprise"
    assert "Drawn from the 5" in card.accessibleName()
    bars = child(tab, QWidget, "alternative_bars")
    assert bars._causes == [""] * 5 + ["top-p 1"] * 5
    row = bars.height() // 11  # what the cut-off is called stands in a row of its own, which is none to choose
    with qtbot.assertNotEmitted(bars.picked):
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 5 * row + row // 2))
    with qtbot.assertNotEmitted(bars.picked):  # it stands in the text
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, row + row // 2))
        card.go_in()
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
            qtbot.keyClick(bars, key)
    assert "stands in the text" in bars.accessibleDescription()
    with qtbot.waitSignal(bars.picked) as picked:
        card.blockSignals(True)
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, 6 * row + row // 2))
        card.blockSignals(False)
    assert picked.args == [5]
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=QPoint(20, row // 2))
    settled(qtbot, tab)
    text = child(tab, QTextEdit, "transcript").toPlainText()
    assert text.endswith("To be or not to be w1337.0.0 the w1337.0.0 w1337.0.1 w1337.0.2")
    assert child(tab, QLabel, "branch_stepper_position").text() == "2 of 2"


def test_a_token_that_is_not_among_the_likeliest_has_a_row_of_its_own(qtbot, tab):
    write(qtbot, tab)
    card, take = child(tab, QWidget, "alternatives"), tab._record.takes[0]
    bars = child(tab, QWidget, "alternative_bars")
    take.pieces[2] = replace(take.pieces[2], text=" rare", token=999, probability=0.001, kept=200)
    card.show_token(take, 2, QRect(10, 10, 60, 18))
    assert [each.text for each in bars._alternatives[9:]] == [" other6", " rare"]
    assert card.accessibleName().count("Drawn from the 200 that the settings left, with a chance of 29%.") == 1


@pytest.mark.parametrize("height", [720, 500])
@pytest.mark.parametrize("x", [10, 800])
def test_the_card_never_covers_the_token_it_tells_of(qtbot, tab, height, x):
    write(qtbot, tab)
    room = QWidget()
    qtbot.addWidget(room)
    room.resize(1000, height)
    card = AlternativesCard(room)
    take = tab._record.takes[0]
    number = next(at for at, piece in enumerate(take.pieces) if piece.alternatives)
    for y in range(0, height - 20, 40):
        token = QRect(x, y, 60, 18)
        card.show_token(take, number, token)
        assert not card.geometry().intersects(token)
        assert room.rect().contains(card.geometry())


def test_the_branch_follows_the_same_tokens(qtbot, tab, monkeypatch):
    asked = []

    def noted(path, config, written, *rest):
        asked.append(written)
        return fake_writer.writer(path, config, written, *rest)

    monkeypatch.setattr(errand, "sample", noted)
    write(qtbot, tab)
    strand = tab._record.hand[0]
    tab._branch(strand, 2, strand.shown.pieces[2].alternatives[0])
    settled(qtbot, tab)
    assert asked == [(), (101, 100)]


def test_tokens_and_alternatives_are_reached_with_the_keyboard(qtbot, tab):
    write(qtbot, tab)
    press(qtbot, tab, "see_inside_button")
    view = child(tab, QTextEdit, "transcript")
    view.setFocus()
    title = child(tab, QLabel, "token_title")
    for word in ("w1337.0.0", "w1337.0.1"):
        qtbot.keyClick(view, Qt.Key.Key_Right)
        assert word in title.text()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert "w1337.0.0" in title.text()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    bars = QApplication.focusWidget()
    assert bars.objectName() == "alternative_bars"
    qtbot.keyClick(bars, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is view
    assert not child(tab, QWidget, "alternatives").isVisible()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    qtbot.keyClick(bars, Qt.Key.Key_Down)
    assert "↵" in bars.accessibleDescription()
    qtbot.keyClick(bars, Qt.Key.Key_Return)
    settled(qtbot, tab)
    assert "w1337.0.0\n w1337.0.0" in view.toPlainText()


def test_the_card_stays_inside_the_transcript(qtbot, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(400)
    write(qtbot, tab)
    press(qtbot, tab, "see_inside_button")
    for word in ("w1337.0.399", "w1337.0.390", "w1337.0.398"):
        point_at(qtbot, tab, word)
        card = child(tab, QWidget, "alternatives")
        assert card.isVisible()
        assert card.parentWidget().rect().contains(card.geometry())


@pytest.mark.parametrize(
    ("what", "told"), [("val", "validation text"), ("train", "training text"), ("own", "your text")]
)
def test_a_model_reads_a_text_and_shows_where_it_is_surprised(qtbot, tab, what, told):
    child(tab, QPlainTextEdit, "prompt_edit").setPlainText("Now is the winter")
    menu = child(tab, QMenu, "read_menu")
    next(action for action in menu.actions() if action.objectName() == f"read_{what}").trigger()
    settled(qtbot, tab)
    text = child(tab, QTextEdit, "transcript").toPlainText()
    assert told in text
    assert text.endswith("Now is the winter" if what == "own" else f"A stretch of {what} at 0.00")
    assert "1.75 bits per byte" in child(tab, QLabel, "generate_status").text()
    assert child(tab, QAbstractButton, "see_inside_button").isChecked()
    point_at(qtbot, tab, "stretch" if what != "own" else "winter")
    assert "bits of surprise" in child(tab, QLabel, "token_title").text()
    tab._branch(tab._record.hand[0], 1, tab._record.takes[0].pieces[1].alternatives[0])
    settled(qtbot, tab)
    assert " the w1337.0.0" in child(tab, QTextEdit, "transcript").toPlainText()


def test_another_passage_is_read_each_time(qtbot, tab):
    for _ in range(2):
        tab._read("val")
        settled(qtbot, tab)
    text = child(tab, QTextEdit, "transcript").toPlainText()
    assert "at 0.00" in text
    assert "at 0.62" in text


def test_a_text_that_cannot_be_read_is_told_and_leaves_no_trace(qtbot, tab, monkeypatch):
    def fail(*_):
        raise DataError("This model cannot read 'ψ'.", cause="It knows 65 characters.", fix="Leave it out.")

    monkeypatch.setattr(errand, "score", fail)
    tab._read("own")
    settled(qtbot, tab)
    assert "cannot read" in child(tab, QLabel, "generate_notice_what").text()
    assert child(tab, QTextEdit, "transcript").toPlainText() == ""


def test_quotations_are_underlined_and_told(qtbot, tab):
    write(qtbot, tab)
    meter = child(tab, QLabel, "quotation_meter")
    qtbot.waitUntil(lambda: "at most 8 characters" in meter.text())
    assert meter.text().startswith("27%")
    press(qtbot, tab, "see_inside_button")
    assert theme.current().colors.link in seen(tab)
    point_at(qtbot, tab, "w1337.0.0")
    told = child(tab, QLabel, "token_quotation").text()
    assert "at character 4,321, the first of 3 times: … before it “w1337.0.” after it …" in told
    point_at(qtbot, tab, "w1337.0.2")
    assert not child(tab, QLabel, "token_quotation").isVisible()


def test_it_says_when_the_training_text_is_not_there(qtbot, tab, monkeypatch):
    def fail(*_):
        raise DataError("The dataset plays is not here any more.", cause="It was moved.", fix="Add it again.")

    monkeypatch.setattr(errand, "find_quotations", fail)
    write(qtbot, tab)
    meter = child(tab, QLabel, "quotation_meter")
    qtbot.waitUntil(lambda: "not here any more" in meter.text())
    assert not child(tab, QWidget, "generate_notice").isVisible()


def test_a_long_text_is_added_to_not_laid_out_anew(qtbot, tab):
    child(tab, QSpinBox, "max_new_tokens").setValue(500)
    press(qtbot, tab, "see_inside_button")
    view = child(tab, QTextEdit, "transcript")
    changes = []
    view.document().contentsChange.connect(lambda _at, removed, added: changes.append((removed, added)))
    write(qtbot, tab)
    assert sum(removed for removed, _ in changes) <= 2  # Qt counts the end of the document with the first insertion
    assert sum(added for _, added in changes) < len(view.toPlainText()) + 50
