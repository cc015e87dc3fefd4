"""The scenes of the Generate tab: nothing yet, a text being written, and looks inside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, press, settle, wait
from scripts.screenshots.recorded import BEST_OF_STORY, HOME, without_runs

if TYPE_CHECKING:
    from gui.shell.window import MainWindow

TORN = HOME / "runs" / "torn"
_SOME = 600  # characters of a text that is being written
_SOME_SPEECHES_MS = 4_000


def no_model(window: MainWindow) -> None:
    """Show the tab before any model is there."""
    press(window, "clear_transcript_button")
    window.tabs.setCurrentWidget(window.train)
    with without_runs():
        window.tabs.setCurrentWidget(window.generate)
        settle()


def empty(window: MainWindow) -> None:
    """Show a model that has written nothing."""
    window.generate.open_checkpoint(BEST_OF_STORY)
    window.tabs.setCurrentWidget(window.generate)
    press(window, "clear_transcript_button")


def written(window: MainWindow) -> None:
    """Let it write, and wait until what is quoted is known."""
    from PySide6.QtWidgets import QAbstractButton

    from gui.kit.parts import Elided

    empty(window)
    go, meter = part(window, QAbstractButton, "generate_button"), part(window, Elided, "quotation_meter")
    go.click()
    wait(lambda: go.isEnabled() and "copied" in meter.whole(), "a text and its quotations")


def writing(window: MainWindow) -> None:
    """Leave it in the middle of a long text."""
    from PySide6.QtWidgets import QTextEdit, QWidget

    empty(window)
    part(window, QWidget, "max_new_tokens").setProperty("value", 10_000)
    press(window, "generate_button")
    view = part(window, QTextEdit, "transcript")
    wait(lambda: len(view.toPlainText()) >= _SOME, "the beginning of a text")


def inside(**settings: float) -> Callable[[MainWindow], None]:
    """Write anew with some settings, and see inside."""

    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

        chosen = dict(settings)
        other = int(chosen.pop("compare", 0))
        window.generate.open_checkpoint(BEST_OF_STORY)
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
    wait(part(window, QPushButton, "generate_button").isEnabled, "a text that is read")


def more_settings(window: MainWindow) -> None:
    """Show all the settings of writing."""
    from PySide6.QtWidgets import QScrollArea, QToolButton

    inside(top_p=0.9, repetition_penalty=1.2)(window)
    part(window, QToolButton, "more_generate_settings").setChecked(True)
    settle()
    side = part(window, QScrollArea, "generate_sidebar")
    side.verticalScrollBar().setValue(side.verticalScrollBar().maximum())


def play(window: MainWindow) -> None:
    """Speak a line of a scene, and be answered."""
    from PySide6.QtWidgets import QPlainTextEdit, QPushButton

    _open_scene(window)
    part(window, QPlainTextEdit, "scene_edit").setPlainText("What news from Rome, my lord?")
    press(window, "scene_send_button")
    wait(part(window, QPushButton, "scene_send_button").isEnabled, "an answer")


def playing_alone(window: MainWindow) -> None:
    """Let them play, and look on."""
    _open_scene(window)
    press(window, "scene_alone_button")
    settle(_SOME_SPEECHES_MS)


def _open_scene(window: MainWindow) -> None:
    """Turn to the scene, with nothing said in it."""
    from PySide6.QtWidgets import QAbstractButton, QTabBar

    empty(window)
    switch = part(window, QTabBar, "scene_switch")
    wait(lambda: not switch.isHidden() and switch.isVisible(), "the switch to a scene")
    switch.setCurrentIndex(1)
    if part(window, QAbstractButton, "scene_clear_button").isEnabled():
        press(window, "scene_clear_button")


def torn(window: MainWindow) -> None:
    """Ask a run to write whose file is no checkpoint."""
    from gui.kit.notice import Notice

    TORN.mkdir(exist_ok=True)
    (TORN / "best.pt").write_bytes(b"torn")
    empty(window)
    window.generate.open_checkpoint(TORN)
    press(window, "generate_button")
    wait(part(window, Notice, "generate_notice").isVisible, "what is wrong with it")


def long_text(window: MainWindow) -> None:
    """Return it a beginning of 100,000 characters."""
    from PySide6.QtWidgets import QPlainTextEdit

    written(window)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    part(window, QPlainTextEdit, "prompt_edit").setPlainText(line * (100_000 // len(line) + 1))
