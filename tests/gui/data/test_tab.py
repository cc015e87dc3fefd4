import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QTabBar,
    QWidget,
)

import gui.data.preparing as preparing
import gui.data.tab as tab_module
from engine.core.config import TrainConfig
from engine.core.errors import DataError
from engine.core.events import Eval, Progress, Turn
from engine.core.jobs import Control, events_of
from engine.core.paths import datasets_dir
from engine.datasets.dataset import dataset
from engine.datasets.folder import read_meta
from engine.datasets.order import Order
from engine.datasets.refit import ensure_ready
from engine.runs import listing
from engine.runs.folder import RunFolder
from engine.text.catalogue import catalogue
from engine.text.download import kept
from engine.text.pasted import keep_pasted, pasted_texts
from engine.tokens.vocabulary import train_tokenizer
from gui.data.bars import Bars
from gui.data.detail import TextDetail
from gui.data.draft import COST_COLUMNS
from gui.data.state import TextRow
from gui.data.tab import DataTab
from gui.data.token_view import TokenView
from gui.kit.theme import Size
from tests.gui.hands import name_file
from tests.patience import PATIENCE_S


@pytest.fixture(autouse=True)
def _own_trash(tmp_path, monkeypatch):
    (tmp_path / "xdg").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))


@pytest.fixture(autouse=True, scope="module")
def _learner_threads():
    """Let the package that learns vocabularies begin its threads here: they stay, named after who began them."""
    train_tokenizer(["a b"], 256)


@pytest.fixture
def tab(qtbot, engine, stylist):
    tab = DataTab(engine)
    qtbot.addWidget(tab)
    tab.resize(*Size.WINDOW_LEAST)
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    return tab


@pytest.fixture
def diary(tmp_path):
    path = tmp_path / "diary.txt"
    path.write_text("Dear diary.\n" * 200)
    return path


def titles(tab):
    texts = tab.findChild(QListWidget, "text_list")
    return [texts.item(row).text() for row in range(texts.count())]


def choose(tab, title):
    tab.findChild(QListWidget, "text_list").setCurrentRow(titles(tab).index(title))


def button(tab, name):
    return tab.findChild(QAbstractButton, name)


def press(qtbot, tab, name):
    qtbot.mouseClick(button(tab, name), Qt.MouseButton.LeftButton)


def text_of(tab, name):
    return tab.findChild(QLabel, name).text()


def drop(widget, *paths):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    widget.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, buttons, keys))


def notice(tab):
    return text_of(tab, "data_notice_what")


def why(tab):
    return text_of(tab, "data_notice_why")


def setting_up(tab):
    return tab.findChild(QWidget, "draft_page").isVisible()


def is_measured(tab):
    return "different character" in text_of(tab, "draft_found")


def prepare(qtbot, tab, *paths, tokenizer="char"):
    """Add files and prepare them with a tokenizer, as a person does."""
    tab.add(list(paths))
    press(qtbot, tab, f"tokenizer_{tokenizer}")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")


# adding


def test_what_is_dropped_is_measured_set_up_and_prepared(qtbot, tab, diary):
    drop(tab, diary)
    assert setting_up(tab)
    name = tab.findChild(QLineEdit, "draft_name")
    assert (name.text(), name.hasFocus()) == ("diary", True)
    qtbot.waitUntil(lambda: is_measured(tab))
    assert text_of(tab, "tokenizer_reason").startswith("Recommended: ")
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert not setting_up(tab)
    assert titles(tab)[-1] == "diary"
    one = dataset("diary")
    assert one.tokenizer["kind"] == "char"
    assert text_of(tab, "data_counts").startswith(f"{one.train_tokens + one.val_tokens:,} tokens")
    assert "“diary” is ready" in notice(tab)
    with qtbot.waitSignal(tab.train_requested) as asked:
        press(qtbot, tab, "train_on_this_button")
    assert asked.args == ["diary", {}]


def test_a_drop_while_one_is_set_up_adds_to_it(qtbot, tab, diary, tmp_path):
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "first.md").write_text("My dear.\n" * 300)
    drop(tab, letters)
    drop(tab, diary)
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert dataset("letters").train_bytes + dataset("letters").val_bytes > 200 * 12 + 300 * 9


def test_setting_up_can_be_cancelled_and_leaves_nothing(qtbot, tab, diary):
    before = titles(tab)
    tab.add([diary])
    press(qtbot, tab, "draft_cancel_button")
    assert not setting_up(tab)
    assert titles(tab) == before
    assert not datasets_dir().exists()


def test_choosing_another_text_leaves_what_is_set_up(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    tab.add([diary])
    choose(tab, "Complete Shakespeare")
    assert not setting_up(tab)


def test_the_texts_to_begin_with_take_the_place_of_what_is_set_up(qtbot, tab, diary):
    tab.add([diary])
    press(qtbot, tab, "gallery_button")
    assert not setting_up(tab)
    assert button(tab, "gallery_download_names").isVisible()
    choose(tab, "Complete Shakespeare")
    tab.findChild(QListWidget, "text_list").itemClicked.emit(None)
    assert not button(tab, "gallery_download_names").isVisible()
    assert text_of(tab, "data_title") == "Complete Shakespeare"


def test_the_name_is_checked_while_it_is_typed(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    tab.add([diary])
    field = tab.findChild(QLineEdit, "draft_name")
    assert field.text() == "diary 2"
    field.selectAll()
    qtbot.keyClicks(field, "diary")
    assert "already" in text_of(tab, "draft_name_problem")
    assert not button(tab, "draft_prepare_button").isEnabled()
    qtbot.keyClicks(field, " of a long year")
    assert button(tab, "draft_prepare_button").isEnabled()


def test_the_size_of_a_learned_vocabulary_is_chosen_with_a_slider_or_typed(qtbot, tab, diary):
    tab.add([diary])
    qtbot.waitUntil(lambda: is_measured(tab))
    slider = tab.findChild(QAbstractSlider, "vocab_size_slider")
    press(qtbot, tab, "tokenizer_char")
    assert not slider.isEnabled()
    press(qtbot, tab, "tokenizer_bpe")
    slider.setValue(slider.minimum())
    assert tab._draft.draft.vocab_size == 256
    slider.setValue(slider.maximum())
    assert tab._draft.draft.vocab_size == 32_768
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert tab._draft.draft.vocab_size == 16_384
    field = tab.findChild(QWidget, "vocab_size_field")
    field.setValue(300)
    assert tab._draft.draft.vocab_size == 300
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert dataset("diary").tokenizer["kind"] == "bpe"
    assert dataset("diary").vocab_size <= 300


def test_costs_follow_the_model_they_are_for(qtbot, tab, diary):
    tab.add([diary])
    qtbot.waitUntil(lambda: is_measured(tab))
    model = tab.findChild(QComboBox, "draft_model")

    def told(preset):
        model.setCurrentIndex(model.findData(preset))
        model.activated.emit(model.currentIndex())
        return button(tab, "tokenizer_gpt2").accessibleDescription()

    assert told("tiny") != told("large")


def test_whole_documents_can_judge_where_there_are_several(qtbot, tab, diary, tmp_path):
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(12):
        (letters / f"{number}.txt").write_text(f"Letter {number}.\n" * 50)
    tab.add([letters])
    qtbot.waitUntil(lambda: is_measured(tab))
    assert text_of(tab, "draft_found").startswith("12 files")
    press(qtbot, tab, "split_document")
    press(qtbot, tab, "split_position")
    assert not button(tab, "split_document").isChecked()
    press(qtbot, tab, "split_document")
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert read_meta(dataset("letters"))["recipe"]["split"] == "document"
    tab.add([diary])
    qtbot.waitUntil(lambda: is_measured(tab))
    assert not button(tab, "split_document").isVisibleTo(tab)
    assert button(tab, "split_position").isChecked()


def test_a_text_that_cannot_be_used_is_told_where_it_is_set_up(qtbot, tab, tmp_path, diary):
    binary = tmp_path / "picture.txt"
    binary.write_bytes(b"\0\1\2" * 1000)
    tab.add([binary])
    qtbot.waitUntil(lambda: "is not plain text" in text_of(tab, "draft_notice_what"))
    assert not button(tab, "draft_prepare_button").isEnabled()
    press(qtbot, tab, "draft_notice_dismiss")
    assert button(tab, "draft_prepare_button").isEnabled()
    tab.add([binary])
    qtbot.waitUntil(lambda: button(tab, "draft_again_button") is not None)
    binary.write_bytes(diary.read_bytes())
    press(qtbot, tab, "draft_again_button")
    qtbot.waitUntil(lambda: is_measured(tab))
    assert button(tab, "draft_prepare_button").isEnabled()


def test_a_text_is_pasted_and_prepared(qtbot, tab):
    QGuiApplication.clipboard().setText("All that glisters is not gold.\n" * 100)
    press(qtbot, tab, "paste_text_button")
    assert setting_up(tab)
    field = tab.findChild(QLineEdit, "draft_name")
    field.selectAll()
    qtbot.keyClicks(field, "proverb")
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert dataset("proverb").train_bytes + dataset("proverb").val_bytes == 31 * 100


def test_what_was_pasted_goes_with_its_draft(qtbot, tab):
    QGuiApplication.clipboard().setText("Neither a borrower nor a lender be.\n" * 100)
    tab.paste()
    assert len(pasted_texts()) == 1
    press(qtbot, tab, "draft_cancel_button")
    assert not pasted_texts()


def test_what_was_pasted_before_stays(qtbot, tab):
    words = "Neither a borrower nor a lender be.\n" * 100
    file = keep_pasted(words)
    QGuiApplication.clipboard().setText(words)
    tab.paste()
    press(qtbot, tab, "draft_cancel_button")
    assert pasted_texts() == {file}


def test_a_download_that_was_cancelled_goes_on_later(tab):
    entry = catalogue()["shakespeare"]
    tab._tell_stopped(Order(target=entry.name))
    assert "Nothing is left" in why(tab)
    part = kept(entry.files[0]).with_suffix(".part")
    part.parent.mkdir(parents=True)
    part.write_text("First Citizen:", "utf-8")
    tab._tell_stopped(Order(target=entry.name))
    assert "goes on from there" in why(tab)


def test_files_copied_in_the_file_manager_are_pasted(tab, diary):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(diary))])
    QGuiApplication.clipboard().setMimeData(mime)
    tab.paste()
    assert tab.findChild(QLineEdit, "draft_name").text() == "diary"


def test_an_empty_clipboard_is_told(tab):
    QGuiApplication.clipboard().clear()
    tab.paste()
    assert notice(tab)
    assert not setting_up(tab)


def test_a_thousand_files_and_a_very_long_name_fit(qtbot, tab, tmp_path):
    folder = tmp_path / ("a very long name of a folder " * 6)
    folder.mkdir()
    for number in range(1000):
        (folder / f"{number}.txt").write_text(f"Note {number}.\n")
    tab.add([folder])
    qtbot.waitUntil(lambda: is_measured(tab))
    assert text_of(tab, "draft_found").startswith("1,000 files")
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert "a very long name" in titles(tab)[-1]
    assert tab.minimumSizeHint().width() <= Size.WINDOW_LEAST[0]


# preparing


def endless(order, control):
    yield Progress(what="Reading", done=1, total=100, unit="bytes")
    while not control.stopping:
        yield Turn.NEXT


def test_a_preparation_is_told_and_can_be_cancelled_and_taken_up_again(qtbot, tab, monkeypatch):
    monkeypatch.setattr(preparing, "prepare", endless)
    press(qtbot, tab, "prepare_button")
    bar = tab.findChild(QProgressBar, "data_progress")
    qtbot.waitUntil(lambda: bar.isVisible() and bar.maximum() > 0)
    assert "Complete Shakespeare: Reading: 1%" in bar.accessibleName()
    press(qtbot, tab, "cancel_prepare_button")
    qtbot.waitUntil(lambda: not bar.isVisible())
    assert notice(tab) == "“Complete Shakespeare” was cancelled."
    press(qtbot, tab, "try_again_button")
    qtbot.waitUntil(bar.isVisible)
    press(qtbot, tab, "cancel_prepare_button")
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_texts_wait_for_their_turn_and_one_that_fails_holds_up_none(qtbot, tab, diary, monkeypatch):
    real = preparing.prepare

    def first_fails(order, control):
        if order.target == "shakespeare":
            raise DataError("No network.", code="download_failed")
        return real(order, control)

    monkeypatch.setattr(preparing, "prepare", first_fails)
    press(qtbot, tab, "gallery_button")
    press(qtbot, tab, "gallery_download_shakespeare")
    prepare(qtbot, tab, diary)
    assert titles(tab)[-1] == "diary"


def test_another_text_can_be_looked_at_while_one_is_prepared(qtbot, tab, diary, monkeypatch):
    monkeypatch.setattr(preparing, "prepare", endless)
    press(qtbot, tab, "prepare_button")
    tab.add([diary])
    assert setting_up(tab)
    assert button(tab, "draft_prepare_button").isEnabled()


def test_what_is_ready_does_not_take_the_place_of_what_is_set_up(qtbot, tab, diary, tmp_path):
    tab.add([diary])
    press(qtbot, tab, "tokenizer_char")
    press(qtbot, tab, "draft_prepare_button")
    other = tmp_path / "other.txt"
    other.write_text("x y\n" * 99)
    tab.add([other])
    qtbot.waitUntil(lambda: "“diary” is ready" in notice(tab))
    assert setting_up(tab)
    press(qtbot, tab, "show_prepared_button")
    assert not setting_up(tab)
    assert text_of(tab, "data_title") == "diary"


def test_nothing_is_downloaded_unless_the_button_is_pressed(qtbot, tab, monkeypatch):
    asked = []
    monkeypatch.setattr(preparing, "prepare", lambda order, control: iter(asked.append(order.target) or ()))
    press(qtbot, tab, "gallery_button")
    assert not button(tab, "gallery_train_shakespeare").isVisible()
    assert button(tab, "gallery_download_shakespeare").text() == "Download 1.1 MB"
    assert button(tab, "gallery_download_shakespeare").toolTip().startswith("https://")
    assert asked == []
    press(qtbot, tab, "gallery_download_shakespeare")
    qtbot.waitUntil(lambda: asked == ["shakespeare"])
    qtbot.waitUntil(lambda: not tab.findChild(QProgressBar, "data_progress").isVisible())


def test_a_download_that_fails_can_be_tried_again_or_done_without(qtbot, tab, monkeypatch):
    tries = []

    def fails(order, control):
        tries.append(order.target)
        raise DataError("No network.", cause="Is there a network?", code="download_failed")

    monkeypatch.setattr(preparing, "prepare", fails)
    press(qtbot, tab, "gallery_button")
    press(qtbot, tab, "gallery_download_shakespeare")
    qtbot.waitUntil(lambda: notice(tab) == "No network.")
    assert button(tab, "use_copy_button").isVisible()
    press(qtbot, tab, "try_again_button")
    qtbot.waitUntil(lambda: len(tries) == 2)
    qtbot.waitUntil(lambda: button(tab, "try_again_button") is not None)


# looking


def turn_to(tab, page):
    bar = tab.findChild(QTabBar, "data_pages")
    bar.setCurrentIndex([bar.tabText(at) for at in range(bar.count())].index(page))


def test_a_text_is_shown_token_by_token(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    turn_to(tab, "Text")
    view = tab.findChild(TokenView, "token_view")
    qtbot.waitUntil(lambda: view.length == dataset("diary").train_tokens)
    assert [row.text for row in view.visible_rows()[:2]] == ["Dear diary.↵"] * 2
    assert text_of(tab, "token_place") == f"Token 1 of {view.length:,}"
    part = tab.findChild(QComboBox, "text_part")
    part.setCurrentIndex(1)
    assert view.length == dataset("diary").val_tokens
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert text_of(tab, "token_place").startswith("Token 2 of")
    assert "times in the training part" in text_of(tab, "token_words")


def test_the_place_in_a_text_is_kept_when_texts_are_looked_at_anew(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    turn_to(tab, "Text")
    view = tab.findChild(TokenView, "token_view")
    qtbot.waitUntil(lambda: view.length == dataset("diary").train_tokens)
    qtbot.keyClick(view, Qt.Key.Key_End)
    place, rows = view.current, view.visible_rows()
    assert place == view.length - 1
    tab.refresh()
    tab.hide()
    tab.refresh()
    tab.show()
    choose(tab, "diary")
    assert (view.current, view.visible_rows()) == (place, rows)
    assert text_of(tab, "token_place").startswith(f"Token {view.length:,} of")


def test_a_text_that_was_chosen_out_of_sight_is_opened_when_it_is_seen(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    choose(tab, "Complete Shakespeare")
    tab.hide()
    choose(tab, "diary")
    tab.show()
    view = tab.findChild(TokenView, "token_view")
    qtbot.waitUntil(lambda: view.length == dataset("diary").train_tokens)


def trained_on(name):
    """Leave a run on a text on disk."""
    run = RunFolder.new(TrainConfig(dataset=name))
    run.write_config(TrainConfig(dataset=name))
    run.append(Eval(iter_num=1, train_loss=1.0, val_loss=1.0, bits_per_byte=1.5, is_best=True))
    run.close()
    run.rename("mine")


def is_on_scale(tab):
    return any("mine" in bar.words for bar in tab.findChild(Bars, "quality_scale").bars)


def test_a_run_that_has_ended_meanwhile_is_on_the_scale_of_its_text(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    qtbot.waitUntil(lambda: bool(tab.findChild(Bars, "quality_scale").bars))
    trained_on("diary")
    tab.refresh()
    qtbot.waitUntil(lambda: is_on_scale(tab))


def test_runs_are_read_off_the_windows_thread_and_are_not_told_of_another_text(qtbot, tab, diary, monkeypatch):
    read, may_go_on = [], threading.Event()

    really = listing._read

    def slowly(path):
        read.append(threading.current_thread() is threading.main_thread())
        may_go_on.wait(PATIENCE_S)
        return really(path)

    prepare(qtbot, tab, diary)
    qtbot.waitUntil(lambda: bool(tab.findChild(Bars, "quality_scale").bars))
    monkeypatch.setattr(listing, "_read", slowly)
    trained_on("diary")
    tab.refresh()
    choose(tab, "Complete Shakespeare")
    qtbot.waitUntil(lambda: read == [False])
    with qtbot.waitSignal(tab._background._answered):
        may_go_on.set()
    assert not tab.findChild(Bars, "quality_scale").bars
    choose(tab, "diary")
    qtbot.waitUntil(lambda: is_on_scale(tab))


def test_the_vocabulary_and_the_scale_of_a_text_are_shown(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    use, scale = tab.findChild(Bars, "vocabulary_use"), tab.findChild(Bars, "quality_scale")
    qtbot.waitUntil(lambda: bool(use.bars and scale.bars))
    assert use.bars[0].value == dataset("diary").vocab_size
    assert [bar.value for bar in scale.bars] == sorted((bar.value for bar in scale.bars), reverse=True)
    assert scale.bars[0].words.startswith("Guessing blindly")
    assert "Guessing blindly" in scale.accessibleDescription()
    assert "Nothing was trained" in text_of(tab, "scale_verdict")
    common = tab.findChild(Bars, "commonest_tokens")
    assert sum(bar.value for bar in common.bars) >= dataset("diary").train_tokens


def test_what_is_wrong_is_told_and_mended(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    qtbot.waitUntil(lambda: button(tab, "mend_too_short") is not None)
    with qtbot.waitSignal(tab.train_requested) as asked:
        press(qtbot, tab, "mend_shorter_than_block")
    name, changes = asked.args
    assert name == "diary"
    assert changes["block_size"] < dataset("diary").val_tokens


def test_a_table_that_is_never_trained_leads_to_a_smaller_one(qtbot, tab, diary):
    prepare(qtbot, tab, diary, tokenizer="gpt2")
    qtbot.waitUntil(lambda: button(tab, "mend_vocabulary_unused") is not None)
    press(qtbot, tab, "mend_vocabulary_unused")
    assert setting_up(tab)
    assert button(tab, "tokenizer_bpe").isChecked()
    assert tab.findChild(QLineEdit, "draft_name").text() == "diary (bpe)"


def test_a_text_can_be_prepared_again_with_other_tokens(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    press(qtbot, tab, "prepare_again_button")
    press(qtbot, tab, "tokenizer_bpe")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert dataset("diary").tokenizer["kind"] == "char"
    assert dataset("diary_bpe").tokenizer["kind"] == "bpe"


def test_a_text_whose_file_is_gone_cannot_be_prepared_again(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    diary.unlink()
    tab.refresh()
    assert not button(tab, "prepare_again_button").isVisible()


def test_what_was_changed_in_a_text_is_told(qtbot, tab, tmp_path):
    old = tmp_path / "old.txt"
    old.write_bytes("Dear café.\r\n".encode("cp1252") * 100)
    prepare(qtbot, tab, old)
    notes = [text_of(tab, f"data_note_{number}") for number in range(2)]
    assert any("line ends" in note for note in notes)
    assert any("Windows-1252" in note for note in notes)


def test_the_encoding_is_chosen_with_its_effect_in_sight(qtbot, tab, tmp_path):
    old = tmp_path / "old.txt"
    raw = "Жили-были старик со старухой. ".encode("koi8-r")
    old.write_bytes(raw * 50)
    tab.add([old])
    preview = tab.findChild(QPlainTextEdit, "draft_preview")
    picker = tab.findChild(QComboBox, "draft_encoding")
    picker.setCurrentIndex(picker.findData("cp1251"))
    picker.activated.emit(picker.currentIndex())
    qtbot.waitUntil(lambda: preview.toPlainText().startswith(raw.decode("cp1251")))
    picker.setCurrentIndex(picker.findData("koi8-r"))
    picker.activated.emit(picker.currentIndex())
    qtbot.waitUntil(lambda: preview.toPlainText().startswith("Жили-были старик"))
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert "Ж" in dataset("old").load_tokenizer().as_dict()["chars"]


def test_a_small_window_shows_fewer_columns_of_the_costs_and_cuts_nothing(qtbot, tab, diary):
    tab.add([diary])
    table, scroll = tab.findChild(QWidget, "tokenizer_table"), tab.findChild(QScrollArea, "draft_scroll")

    def columns():
        return [head.text() for head in table._heads if head.isVisible()]

    tab.resize(1400, 800)
    qtbot.waitUntil(lambda: columns() == list(COST_COLUMNS))
    tab.resize(960, 640)
    qtbot.waitUntil(lambda: len(columns()) < len(COST_COLUMNS))
    assert {"Vocabulary", "Memory"} <= set(columns())
    qtbot.waitUntil(lambda: scroll.widget().width() <= scroll.viewport().width())


def test_the_column_with_the_words_is_chosen_where_none_is_called_so(qtbot, tab, tmp_path):
    table = tmp_path / "notes.csv"
    table.write_text("when,note,who\n" + "".join(f"{day},It rained on day {day}.,Mira\n" for day in range(300)))
    tab.add([table])
    picker = tab.findChild(QComboBox, "draft_text_key")
    qtbot.waitUntil(lambda: picker.isVisible() and tab.findChild(QWidget, "draft_notice").isVisible())
    for name, key in (("draft_text_key", "note"), ("draft_speaker_key", "who")):
        picker = tab.findChild(QComboBox, name)
        picker.setCurrentIndex(picker.findData(key))
        picker.activated.emit(picker.currentIndex())
    preview = tab.findChild(QPlainTextEdit, "draft_preview")
    qtbot.waitUntil(lambda: preview.toPlainText().startswith("Mira: It rained on day 0."))
    field = tab.findChild(QLineEdit, "speaker_0")
    field.setText("Friend")
    field.editingFinished.emit()
    qtbot.waitUntil(lambda: preview.toPlainText().startswith("Friend: It rained on day 0."))
    press(qtbot, tab, "tokenizer_char")
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "draft_prepare_button")
    assert dataset("notes").load_tokenizer().as_dict()["chars"].count("F") == 1


def test_a_text_of_which_much_cannot_be_read_is_asked_about(qtbot, tab, tmp_path):
    damaged = tmp_path / "damaged.txt"
    damaged.write_bytes("Größe und Übermut tun selten gut.\n".encode() * 200 + b"\xff" * 60)
    tab.add([damaged])
    tab._draft._read_otherwise(encoding="utf-8")
    press(qtbot, tab, "tokenizer_char")
    press(qtbot, tab, "draft_prepare_button")
    qtbot.waitUntil(lambda: button(tab, "allow_loss_button") is not None)
    with qtbot.waitSignal(tab.datasets_changed):
        press(qtbot, tab, "allow_loss_button")
    assert titles(tab)[-1] == "damaged"


# renaming, throwing away


def test_a_text_goes_to_the_trash_with_what_runs_made_of_it_and_comes_back_so(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    control = Control()
    assert list(events_of(ensure_ready("diary_bpe300", control), control))
    tab.refresh("diary")
    press(qtbot, tab, "data_trash_button")
    assert not list(datasets_dir().glob("diary*"))
    press(qtbot, tab, "data_undo_button")
    assert {path.name for path in datasets_dir().glob("diary*")} == {"diary", "diary_bpe300"}


def test_a_text_is_renamed_where_its_name_stands(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    press(qtbot, tab, "data_title_rename")
    field = tab.findChild(QLineEdit, "data_title_field")
    assert field.hasFocus()
    qtbot.keyClicks(field, "My days")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert titles(tab)[-1] == "My days"
    assert dataset("diary").title == "My days"
    press(qtbot, tab, "data_title_rename")
    qtbot.keyClicks(field, "Something else")
    diary.unlink()  # it is another row now: it cannot be prepared again
    tab.refresh()
    assert not button(tab, "prepare_again_button").isVisible()
    assert (field.text(), field.isVisible()) == ("Something else", True)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert dataset("diary").title == "My days"
    choose(tab, "Complete Shakespeare")
    assert not button(tab, "data_title_rename").isVisible()


def test_a_name_that_cannot_be_kept_is_not_shown(qtbot, tab, diary, monkeypatch):
    def full(*_):
        raise DataError("The disk is full.")

    prepare(qtbot, tab, diary)
    monkeypatch.setattr(tab_module, "retitle", full)
    press(qtbot, tab, "data_title_rename")
    field = tab.findChild(QLineEdit, "data_title_field")
    qtbot.keyClicks(field, "My days")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert notice(tab) == "The disk is full."
    assert text_of(tab, "data_title") == "diary"


@pytest.mark.parametrize("way", ["button", "key"])
def test_what_goes_to_the_trash_can_be_put_back(qtbot, tab, diary, way):
    prepare(qtbot, tab, diary)
    if way == "button":
        press(qtbot, tab, "data_trash_button")
    else:
        qtbot.keyClick(tab.findChild(QListWidget, "text_list"), Qt.Key.Key_Delete)
    assert "diary" not in titles(tab)
    if way == "button":
        press(qtbot, tab, "data_undo_button")
    else:
        tab.undo()
    assert titles(tab)[-1] == "diary"
    assert dataset("diary").train_tokens
    tab.undo()
    assert titles(tab)[-1] == "diary"


def test_the_folder_of_a_text_can_be_shown(qtbot, tab, diary, monkeypatch):
    shown = []
    monkeypatch.setattr(tab_module, "reveal", shown.append)
    prepare(qtbot, tab, diary)
    press(qtbot, tab, "data_reveal_button")
    assert shown == [dataset("diary").folder]


def test_the_list_offers_everything_in_its_menu_too(qtbot, tab, diary, monkeypatch):
    menu = {action.objectName(): action for action in tab.findChild(QListWidget, "text_list").actions()}
    assert [action.text() for action in menu.values()] == [
        "Train on This Text", "Rename", "Other Tokens…", "Show the Files", "Move to Trash",
    ]  # fmt: skip
    with qtbot.waitSignal(tab.train_requested) as asked:
        menu["text_train_action"].trigger()
    assert asked.args == ["shakespeare_complete", {}]
    shown = []
    monkeypatch.setattr(tab_module, "reveal", shown.append)
    prepare(qtbot, tab, diary)
    menu["text_reveal_action"].trigger()
    assert shown == [dataset("diary").folder]
    menu["text_rename_action"].trigger()
    assert tab.findChild(QLineEdit, "data_title_field").hasFocus()
    menu["text_again_action"].trigger()
    assert setting_up(tab)
    press(qtbot, tab, "draft_cancel_button")
    menu["text_trash_action"].trigger()
    assert "diary" not in titles(tab)


@pytest.mark.parametrize("page", ["overview", "vocabulary", "scale"])
def test_a_page_is_read_with_the_keyboard(qtbot, tab, diary, page):
    prepare(qtbot, tab, diary)
    bar = tab.findChild(QTabBar, "data_pages")
    area = tab.findChild(QScrollArea, f"{page}_scroll")
    bar.setCurrentIndex(next(at for at in range(bar.count()) if bar.setCurrentIndex(at) or area.isVisible()))
    tab.resize(tab.minimumSizeHint())
    area.widget().setMinimumHeight(4 * area.height())
    area.setFocus()
    qtbot.keyClick(area, Qt.Key.Key_PageDown)
    assert area.verticalScrollBar().value() > 0


# the whole


def test_every_control_has_a_name_for_people_and_for_tests(qtbot, tab, diary):
    tab.add([diary])
    kinds = (
        QAbstractButton,
        QComboBox,
        QAbstractItemView,
        QLineEdit,
        QProgressBar,
        QAbstractSlider,
        QTabBar,
        TokenView,
    )
    for kind in kinds:
        for widget in tab.findChildren(kind):
            inner = isinstance(widget.parent(), (QComboBox, TokenView)) or widget.objectName().startswith("qt_")
            if not inner and widget.metaObject().className() not in ("QScrollBar", "QComboBoxListView"):
                assert widget.objectName(), widget
                assert widget.accessibleName(), widget.objectName()


def test_the_first_text_is_ready_to_train_on(qtbot, tab):
    assert tab.findChild(QWidget, "train_on_this_button").isEnabled()
    with qtbot.waitSignal(tab.train_requested) as asked:
        press(qtbot, tab, "train_on_this_button")
    assert asked.args == ["shakespeare_complete", {}]


# in the window


def test_a_folder_dropped_on_the_window_is_counted_and_trained_on(qtbot, open_window, tmp_path):
    """From a folder to training: no file dialog, no terminal."""
    letters = tmp_path / "letters"
    letters.mkdir()
    for number in range(5):
        (letters / f"{number}.txt").write_text(f"Dear friend, this is letter {number}.\n" * 100)
    window = open_window()
    drop(window, letters)
    assert window.tabs.currentWidget() is window.data
    qtbot.waitUntil(lambda: is_measured(window.data))
    assert text_of(window.data, "draft_found").startswith("5 files")
    with qtbot.waitSignal(window.data.datasets_changed):
        press(qtbot, window.data, "draft_prepare_button")
    one = dataset("letters")
    assert text_of(window.data, "data_counts").startswith(f"{one.train_tokens + one.val_tokens:,} tokens")
    press(qtbot, window.data, "train_on_this_button")
    assert window.tabs.currentWidget() is window.train
    assert window.train.setup.config().dataset == "letters"
    press(qtbot, window.train, "start_button")
    qtbot.waitUntil(lambda: window.train.state.step is not None)


def test_the_menu_pastes_into_the_tab_and_undoes_there(qtbot, open_window, diary):
    window = open_window()
    window.tabs.setCurrentWidget(window.data)
    window.data.findChild(QListWidget, "text_list").setFocus()
    QGuiApplication.clipboard().setText("All that glisters is not gold.\n" * 100)
    window.menus.action("paste").trigger()
    assert setting_up(window.data)
    press(qtbot, window.data, "draft_cancel_button")
    prepare(qtbot, window.data, diary)
    press(qtbot, window.data, "data_trash_button")
    window.data.findChild(QListWidget, "text_list").setFocus()
    assert QApplication.focusWidget() is not None
    window.menus.action("undo").trigger()
    assert titles(window.data)[-1] == "diary"


def test_what_shortens_the_windows_is_taken_over_into_training(qtbot, open_window, diary):
    window = open_window()
    prepare(qtbot, window.data, diary)
    window.tabs.setCurrentWidget(window.data)
    qtbot.waitUntil(lambda: button(window.data, "mend_shorter_than_block") is not None)
    press(qtbot, window.data, "mend_shorter_than_block")
    config = window.train.setup.config()
    assert config.dataset == "diary"
    assert config.block_size < dataset("diary").val_tokens


def test_files_and_folders_are_added_with_the_buttons(qtbot, tab, diary, tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "one.txt").write_text("Dear friend.\n" * 200)
    press(qtbot, tab, "add_file_button")
    name_file(tab, "add_files_sheet", diary)
    assert tab.findChild(QLineEdit, "draft_name").text() == "diary"
    press(qtbot, tab, "draft_cancel_button")
    press(qtbot, tab, "add_folder_button")
    name_file(tab, "add_folder_sheet", folder)
    assert tab.findChild(QLineEdit, "draft_name").text() == "letters"


@pytest.mark.parametrize("way", ["gallery_copy_shakespeare", "use_copy_button"])
def test_a_copy_that_is_there_already_takes_the_place_of_a_download(qtbot, tab, diary, monkeypatch, way):
    asked = []

    def fails(order, control):
        asked.append((order.target, order.source))
        raise DataError("No network.", code="download_failed")

    monkeypatch.setattr(preparing, "prepare", fails)
    press(qtbot, tab, "gallery_button")
    if way == "use_copy_button":
        press(qtbot, tab, "gallery_download_shakespeare")
        qtbot.waitUntil(lambda: button(tab, "use_copy_button") is not None)
    press(qtbot, tab, way)
    name_file(tab, "use_file_sheet", diary)
    qtbot.waitUntil(lambda: bool(asked) and asked[-1] == ("shakespeare", str(diary)))


def test_the_button_of_a_message_leaves_what_is_set_up_as_it_is(qtbot, tab, diary, tmp_path, monkeypatch):
    asked, may_fail = [], []

    def fails(order, control):
        asked.append(order.target)
        while not may_fail:
            yield Turn.NEXT
        raise DataError("No network.", code="download_failed")

    monkeypatch.setattr(preparing, "prepare", fails)
    press(qtbot, tab, "gallery_button")
    press(qtbot, tab, "gallery_download_shakespeare")
    QGuiApplication.clipboard().setText("All that glisters is not gold.\n" * 100)
    press(qtbot, tab, "paste_text_button")
    may_fail.append(True)
    qtbot.waitUntil(lambda: button(tab, "try_again_button") is not None)
    press(qtbot, tab, "try_again_button")
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert setting_up(tab)
    tab.add([diary])
    assert str(diary) in tab._draft.draft.targets
    press(qtbot, tab, "draft_cancel_button")
    assert not pasted_texts()


def test_a_copy_takes_the_place_of_the_download_that_failed_whatever_is_chosen(qtbot, tab, diary, monkeypatch):
    asked = []

    def fails(order, control):
        asked.append(order)
        raise DataError("No network.", code="download_failed")

    monkeypatch.setattr(preparing, "prepare", fails)
    order = Order(target="shakespeare", name="mine", tokenizer="char")
    tab._preparations.ask_for(order)
    qtbot.waitUntil(lambda: button(tab, "use_copy_button") is not None)
    choose(tab, "Complete Shakespeare")
    press(qtbot, tab, "use_copy_button")
    name_file(tab, "use_file_sheet", diary)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert asked[1] == replace(order, source=str(diary))


def test_in_a_low_window_the_pages_of_a_text_have_the_room_of_its_description(qtbot, tab, diary):
    prepare(qtbot, tab, diary)
    window = QWidget()
    qtbot.addWidget(window)
    detail = TextDetail(window)  # not laid out: it is as large as it is told
    entry = next(iter(catalogue().values()))
    detail.show_text(TextRow("diary", "Diary", entry=entry, dataset=dataset("diary")), has_source=False)
    shown = []
    for height in (700, 400, 700):
        detail.resize(600, height)
        window.show()
        shown.append(not detail._description.isHidden())
    assert shown == [True, False, True]
    detail.resize(600, 400)
    detail.show_text(TextRow("alice", "Alice", entry=entry), has_source=False)
    assert not detail._description.isHidden()  # it has no pages
