"""What is shown: a scene sets the window up by its own controls, and leaves it to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.recorded import BEST, HOME, LENGTH, LONG_NAME, OTHER, RUN, events, settle, told
from scripts.screenshots.runs import export, no_runs, pack, runs

if TYPE_CHECKING:
    from gui.train.state import RunState
    from gui.window import MainWindow

NEARLY = 350
_HALFWAY = 280
_SOME = 600  # characters of a text that is being written


def clear(window: MainWindow) -> None:
    """Put away what the scene before left behind."""
    from PySide6.QtWidgets import QAbstractButton

    from gui.train.state import RunState

    for choice in ("recipe_limited", "recipe_guide"):
        made = window.findChild(QAbstractButton, choice)
        if isinstance(made, QAbstractButton):
            made.setChecked(choice == "recipe_guide")
    window.train.setup.choose_preset("tiny")
    window.train.show_run(RunState())
    if window.train.stage.is_complete:
        window.train.stage.loss.show_others(())
    _fold(window)
    inside = window.findChild(QAbstractButton, "see_inside_button")
    if isinstance(inside, QAbstractButton):
        inside.setChecked(False)
    for name in ("stop_generate_button", "cancel_prepare_button"):
        stop = window.findChild(QAbstractButton, name)
        if isinstance(stop, QAbstractButton) and stop.isVisible():
            stop.click()
            settle()


def _fold(window: MainWindow) -> None:
    """Fold the groups of settings and show the first of them."""
    from PySide6.QtWidgets import QScrollArea, QToolButton

    for heading in window.findChildren(QToolButton):
        if isinstance(heading, QToolButton) and heading.objectName().startswith(("group_", "more_")):
            heading.setChecked(False)
    settle()
    for name in ("setup_scroll", "generate_sidebar"):
        side = window.findChild(QScrollArea, name)
        if isinstance(side, QScrollArea):
            side.verticalScrollBar().setValue(0)


def _running(window: MainWindow) -> None:
    from engine.datasets import dataset
    from engine.quality import ladder_of

    window.train.setup.change(LENGTH | {"learning_rate": 3e-3})
    _fold(window)
    state = told(NEARLY)
    state.measure_by(ladder_of(dataset("shakespeare_complete")))
    _show(window, state)


def _compared(window: MainWindow) -> None:
    from gui.train.record import read_trace

    _running(window)
    window.train.stage.loss.show_others((read_trace(HOME / "runs" / OTHER),))


def _forecast(window: MainWindow) -> None:
    """Show what is expected of the run halfway."""
    from engine.config import TrainConfig
    from engine.events import Eval
    from engine.forecast import forecast

    _running(window)
    state = told(_HALFWAY)
    evals = [event for event, _ in events(RUN) if isinstance(event, Eval) and event.iter_num <= _HALFWAY]
    expected = forecast(evals, TrainConfig.of(LENGTH, {"learning_rate": 3e-3}))
    if expected is not None:
        state.take(expected, 0)
    _show(window, state)


def _advised(window: MainWindow) -> None:
    """Show two notes of the coach: one that warns with a way out, one that explains."""
    from engine.config import TrainConfig
    from engine.errors import Fix
    from engine.events import Advice
    from engine.faults import more_dropout

    state = told(NEARLY)
    slow = "Another program uses the processor, or the machine is hot. The run goes on; it only takes longer."
    state.take(
        Advice(iter_num=280, code="slow", severity="info", what="Training takes longer than expected.", why=slow), 0
    )
    what = "The validation loss has risen from 5.61 to 5.74 while the training loss fell."
    why = "The model learns its text by heart; it was at its best at iteration 200, and best.pt keeps it so."
    fixes = (Fix("Stop Here", "stop"), more_dropout(TrainConfig()))
    state.take(Advice(iter_num=320, code="overfitting", severity="problem", what=what, why=why, fixes=fixes), 0)
    _show(window, state)


def _too_large(window: MainWindow) -> None:
    window.train.setup.choose_preset("large")
    window.train.setup.change({"batch_size": 64})
    _show(window, _no_run())


def _no_run() -> RunState:
    from gui.train.state import RunState

    return RunState()


def _preset_sheet(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLineEdit, QPushButton

    _empty(window)
    save = window.findChild(QPushButton, "preset_save")
    assert isinstance(save, QPushButton)
    save.click()
    name = window.findChild(QLineEdit, "preset_name")
    assert isinstance(name, QLineEdit)
    name.setText("Medium")


def _show(window: MainWindow, state: RunState) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.train.show_run(state)


def _empty(window: MainWindow) -> None:
    from gui.train.state import RunState

    window.train.setup.choose_preset("tiny")
    _show(window, RunState())


def _settings(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLineEdit, QScrollArea, QToolButton

    _empty(window)
    for group in ("group_model", "group_training"):
        heading = window.findChild(QToolButton, group)
        assert isinstance(heading, QToolButton)
        heading.setChecked(True)
    for name, text in (("learning_rate", "3e-3"), ("n_head", "3")):
        field = window.findChild(QLineEdit, f"setting_{name}")
        assert isinstance(field, QLineEdit)
        field.setFocus()
        field.setText(text)
        field.textEdited.emit(text)
    scroll = window.findChild(QScrollArea, "setup_scroll")
    assert isinstance(scroll, QScrollArea)
    assert isinstance(field, QLineEdit)
    settle()
    scroll.ensureWidgetVisible(field, 0, 200)


def _recipe(window: MainWindow) -> None:
    """Leave it to the quick recipe, within five minutes, and read why."""
    from PySide6.QtWidgets import QAbstractButton, QScrollArea

    _empty(window)
    for name in ("recipe_quick", "recipe_limited", "recipe_decisions"):
        part = window.findChild(QAbstractButton, name)
        assert isinstance(part, QAbstractButton)
        part.setChecked(True)
    settle()
    scroll = window.findChild(QScrollArea, "setup_scroll")
    assert isinstance(scroll, QScrollArea)
    assert isinstance(part, QAbstractButton)
    scroll.ensureWidgetVisible(part, 0, 120)


def _starting(window: MainWindow) -> None:
    from gui.train.state import RunState

    window.train.setup.choose_preset("tiny")
    state = RunState()
    state.start()
    _show(window, state)


def _paused(window: MainWindow) -> None:
    from engine.events import Paused

    state = told(240)
    state.take(Paused(iter_num=240), 0)
    _show(window, state)


def _failed(window: MainWindow) -> None:
    from engine.errors import Fix, OutOfMemoryError

    state = told(300)
    fix = Fix("Halve the Batch", "resume", {"batch_size": 4, "gradient_accumulation_steps": 2})
    why = "The model, its gradients and this batch do not fit into what other programs leave."
    state.end(OutOfMemoryError("There is not enough memory.", cause=why, code="out_of_memory", fixes=(fix,)))
    _show(window, state)


def _finished(window: MainWindow) -> None:
    state = told(400)
    state.checkpoint = str(BEST)
    state.end(None)
    _show(window, state)


def _generate(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel

    window.generate.open_checkpoint(BEST)
    window.tabs.setCurrentWidget(window.generate)
    go, clear = (window.findChild(QAbstractButton, n) for n in ("generate_button", "clear_transcript_button"))
    assert isinstance(go, QAbstractButton)
    assert isinstance(clear, QAbstractButton)
    clear.click()
    go.click()
    meter = window.findChild(QLabel, "quotation_meter")
    assert isinstance(meter, QLabel)
    while not go.isEnabled() or "training text" not in meter.text():
        QApplication.processEvents()


def _generate_empty(window: MainWindow) -> None:
    from PySide6.QtWidgets import QAbstractButton

    window.generate.open_checkpoint(BEST)
    window.tabs.setCurrentWidget(window.generate)
    away = window.findChild(QAbstractButton, "clear_transcript_button")
    assert isinstance(away, QAbstractButton)
    away.click()


def _writing(window: MainWindow) -> None:
    """Leave it in the middle of a long text."""
    from PySide6.QtWidgets import QAbstractButton, QTextEdit, QWidget

    _generate_empty(window)
    length, go = window.findChild(QWidget, "max_new_tokens"), window.findChild(QAbstractButton, "generate_button")
    assert isinstance(length, QWidget)
    assert isinstance(go, QAbstractButton)
    length.setProperty("value", 10_000)
    go.click()
    view = window.findChild(QTextEdit, "transcript")
    assert isinstance(view, QTextEdit)
    while len(view.toPlainText()) < _SOME:
        settle()


def _written(window: MainWindow, **settings: float) -> None:
    """Write anew with some settings, and see inside."""
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

    compare = settings.pop("compare", 0)
    reset, inside = (window.findChild(QAbstractButton, n) for n in ("reset_generate_settings", "see_inside_button"))
    other = window.findChild(QComboBox, "compare_picker")
    assert isinstance(reset, QAbstractButton)
    assert isinstance(inside, QAbstractButton)
    assert isinstance(other, QComboBox)
    window.generate.open_checkpoint(BEST)
    reset.click()
    for name, value in settings.items():
        field = window.findChild(QWidget, name)
        assert isinstance(field, QWidget)
        field.setProperty("value", value)
    other.setCurrentIndex(int(compare))
    inside.setChecked(True)
    _generate(window)


def _token(window: MainWindow) -> None:
    """Point at a token in the middle of the text."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QTextEdit

    _written(window, max_new_tokens=120, top_k=6, min_p=0.05)
    view = window.findChild(QTextEdit, "transcript")
    assert isinstance(view, QTextEdit)
    view.setFocus()
    for _ in range(30):
        QTest.keyClick(view, Qt.Key.Key_Right)


def _reading(window: MainWindow) -> None:
    from PySide6.QtWidgets import QApplication, QMenu, QPushButton

    _written(window, max_new_tokens=20)
    menu, go = window.findChild(QMenu, "read_menu"), window.findChild(QPushButton, "generate_button")
    assert isinstance(menu, QMenu)
    assert isinstance(go, QPushButton)
    menu.actions()[0].trigger()
    while not go.isEnabled():
        QApplication.processEvents()


def _more_settings(window: MainWindow) -> None:
    from PySide6.QtWidgets import QScrollArea, QToolButton

    _written(window, top_p=0.9, repetition_penalty=1.2)
    more, side = (
        window.findChild(QToolButton, "more_generate_settings"),
        window.findChild(QScrollArea, "generate_sidebar"),
    )
    assert isinstance(more, QToolButton)
    assert isinstance(side, QScrollArea)
    more.setChecked(True)
    settle()
    side.verticalScrollBar().setValue(side.verticalScrollBar().maximum())


def _long_text(window: MainWindow) -> None:
    from PySide6.QtWidgets import QPlainTextEdit

    _generate(window)
    prompt = window.findChild(QPlainTextEdit, "prompt_edit")
    assert isinstance(prompt, QPlainTextEdit)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    prompt.setPlainText(line * (100_000 // len(line) + 1))


def _data(page: str) -> Callable[[MainWindow], None]:
    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QPushButton, QTabBar

        window.tabs.setCurrentWidget(window.data)
        cancel, pages = window.findChild(QPushButton, "draft_cancel_button"), window.findChild(QTabBar, "data_pages")
        assert isinstance(cancel, QPushButton)
        assert isinstance(pages, QTabBar)
        if cancel.isVisible():
            cancel.click()
        pages.setCurrentIndex([pages.tabText(at) for at in range(pages.count())].index(page))
        settle()

    return scene


def _draft(window: MainWindow) -> None:
    """Set up a folder of letters, with a picture among them and a very long name."""
    from engine.prepare import RECOMMENDED_BYTES

    folder = HOME / "letters" / LONG_NAME
    folder.mkdir(parents=True, exist_ok=True)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    for number in range(12):
        (folder / f"letter {number}.txt").write_text(f"Letter {number}\n" + line * (RECOMMENDED_BYTES // 900))
    (folder / "cover.jpg").write_bytes(b"\xff\xd8")
    from PySide6.QtWidgets import QLabel

    window.tabs.setCurrentWidget(window.data)
    window.data.add([folder])
    found = window.data.findChild(QLabel, "draft_found")
    assert isinstance(found, QLabel)
    while "different" not in found.text():
        settle()


def _preparing(window: MainWindow) -> None:
    """Leave a text in the middle of being prepared with pieces of its own, which takes a while."""
    from PySide6.QtWidgets import QAbstractButton, QListWidget

    window.tabs.setCurrentWidget(window.data)
    texts = window.data.findChild(QListWidget, "text_list")
    assert isinstance(texts, QListWidget)
    texts.setCurrentRow(0)
    for name in ("prepare_again_button", "tokenizer_bpe", "draft_prepare_button"):
        settle()
        made = window.data.findChild(QAbstractButton, name)
        assert isinstance(made, QAbstractButton)
        made.click()
    settle()


def _quit(window: MainWindow) -> None:
    """Ask about a run that is under way."""
    _running(window)
    window.ending.ask_at_quit()


def _about(window: MainWindow) -> None:
    window.tabs.setCurrentWidget(window.train)
    window.about()


def _help(window: MainWindow) -> None:
    window.show_help("overfitting")


SCENES: dict[str, Callable[[MainWindow], None]] = {
    "empty": _empty,
    "settings": _settings,
    "recipe": _recipe,
    "starting": _starting,
    "too-large": _too_large,
    "running": _running,
    "running-compared": _compared,
    "running-forecast": _forecast,
    "advised": _advised,
    "preset-sheet": _preset_sheet,
    "paused": _paused,
    "long-name": lambda window: _show(window, told(NEARLY, LONG_NAME)),
    "finished": _finished,
    "failed": _failed,
    "quit": _quit,
    "generate-empty": _generate_empty,
    "generate": _generate,
    "generate-writing": _writing,
    "generate-inside": _token,
    "generate-read": _reading,
    "generate-samples": lambda window: _written(window, num_samples=3, max_new_tokens=80),
    "generate-compare": lambda window: _written(window, compare=2, max_new_tokens=120),
    "generate-more": _more_settings,
    "generate-long": _long_text,
    "data": _data("Text"),
    "data-overview": _data("Overview"),
    "data-vocabulary": _data("Vocabulary"),
    "data-quality": _data("Quality"),
    "data-draft": _draft,
    "data-preparing": _preparing,
    "runs": runs(1),
    "runs-compared": runs(2),
    "about": _about,
    "help": _help,
    "app-settings": lambda window: window.show_settings(),
    "runs-export": export,
    "runs-pack": pack,
    "first-steps": lambda window: window.show_first_steps(),
    "runs-empty": no_runs,
}
