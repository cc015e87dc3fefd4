"""The scenes of the Generate tab: nothing yet, a text being written, and looks inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, press, settle, wait
from scripts.screenshots.recorded import BEST, without_runs

if TYPE_CHECKING:
    from gui.shell.window import MainWindow

_SOME = 600  # characters of a text that is being written


def no_model(window: MainWindow) -> None:
    """Show the tab before any model is there."""
    press(window, "clear_transcript_button")
    window.tabs.setCurrentWidget(window.train)
    with without_runs():
        window.tabs.setCurrentWidget(window.generate)
        settle()


def empty(window: MainWindow) -> None:
    """Show a model that has written nothing."""
    window.generate.open_checkpoint(BEST)
    window.tabs.setCurrentWidget(window.generate)
    press(window, "clear_transcript_button")


def written(window: MainWindow) -> None:
    """Let it write, and wait until what is quoted is known."""
    from PySide6.QtWidgets import QAbstractButton, QLabel

    empty(window)
    go, meter = part(window, QAbstractButton, "generate_button"), part(window, QLabel, "quotation_meter")
    go.click()
    wait(lambda: go.isEnabled() and "training text" in meter.text())


def writing(window: MainWindow) -> None:
    """Leave it in the middle of a long text."""
    from PySide6.QtWidgets import QTextEdit, QWidget

    empty(window)
    part(window, QWidget, "max_new_tokens").setProperty("value", 10_000)
    press(window, "generate_button")
    view = part(window, QTextEdit, "transcript")
    wait(lambda: len(view.toPlainText()) >= _SOME)


def inside(**settings: float) -> Callable[[MainWindow], None]:
    """Write anew with some settings, and see inside."""

    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

        chosen = dict(settings)
        other = int(chosen.pop("compare", 0))
        window.generate.open_checkpoint(BEST)
        press(window, "reset_generate_settings")
        for name, value in chosen.items():
            part(window, QWidget, name).setProperty("value", value)
        part(window, QComboBox, "compare_picker").setCurrentIndex(other)
        part(window, QAbstractButton, "see_inside_button").setChecked(True)
        written(window)

    return scene


def token(window: MainWindow) -> None:
    """Point at a token in the middle of the text."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QTextEdit

    inside(max_new_tokens=120, top_k=6, min_p=0.05)(window)
    view = part(window, QTextEdit, "transcript")
    view.setFocus()
    for _ in range(30):
        QTest.keyClick(view, Qt.Key.Key_Right)


def reading(window: MainWindow) -> None:
    """Show where the model is surprised by the validation text."""
    from PySide6.QtWidgets import QMenu, QPushButton

    inside(max_new_tokens=20)(window)
    part(window, QMenu, "read_menu").actions()[0].trigger()
    wait(part(window, QPushButton, "generate_button").isEnabled)


def more_settings(window: MainWindow) -> None:
    """Show all the settings of writing."""
    from PySide6.QtWidgets import QScrollArea, QToolButton

    inside(top_p=0.9, repetition_penalty=1.2)(window)
    part(window, QToolButton, "more_generate_settings").setChecked(True)
    settle()
    side = part(window, QScrollArea, "generate_sidebar")
    side.verticalScrollBar().setValue(side.verticalScrollBar().maximum())


def long_text(window: MainWindow) -> None:
    """Return it a beginning of 100,000 characters."""
    from PySide6.QtWidgets import QPlainTextEdit

    written(window)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    part(window, QPlainTextEdit, "prompt_edit").setPlainText(line * (100_000 // len(line) + 1))
