"""The scenes of the Data tab: a text looked at, one being set up, and one being prepared."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, press, settle, wait
from scripts.screenshots.recorded import HOME, LONG_NAME

if TYPE_CHECKING:
    from gui.shell.window import MainWindow


def page(title: str) -> Callable[[MainWindow], None]:
    """Show one of the pages of the first text."""

    def scene(window: MainWindow) -> None:
        from PySide6.QtWidgets import QLabel, QTabBar

        text(window, 0)
        pages = part(window, QTabBar, "data_pages")
        pages.setCurrentIndex([pages.tabText(at) for at in range(pages.count())].index(title))
        wait(lambda: "Opening" not in part(window, QLabel, "token_place").text(), "the text")
        verdict = part(window, QLabel, "scale_verdict")
        wait(lambda: "Counting" not in verdict.text() or title != "Quality", "its quality")
        settle()

    return scene


def text(window: MainWindow, at: int) -> None:
    """Choose a text of the list."""
    from PySide6.QtWidgets import QListWidget, QPushButton

    window.tabs.setCurrentWidget(window.data)
    cancel = part(window, QPushButton, "draft_cancel_button")
    if cancel.isVisible():
        cancel.click()
    part(window.data, QListWidget, "text_list").setCurrentRow(at)
    settle()


def gallery(window: MainWindow) -> None:
    """Show the texts to begin with."""
    text(window, 0)
    press(window, "gallery_button")
    settle()


def draft(window: MainWindow) -> None:
    """Set up a folder of letters, with a picture among them and a very long name."""
    from PySide6.QtWidgets import QLabel

    from engine.datasets.prepare import RECOMMENDED_BYTES

    folder = HOME / "letters" / LONG_NAME
    folder.mkdir(parents=True, exist_ok=True)
    line = "Tomorrow, and tomorrow, and tomorrow, creeps in this petty pace from day to day.\n"
    for number in range(12):
        (folder / f"letter {number}.txt").write_text(f"Letter {number}\n" + line * (RECOMMENDED_BYTES // 900))
    (folder / "cover.jpg").write_bytes(b"\xff\xd8")
    window.tabs.setCurrentWidget(window.data)
    window.data.add([folder])
    wait(lambda: "different" in part(window.data, QLabel, "draft_found").text(), "the count of letters")


def preparing(window: MainWindow) -> None:
    """Leave a text in the middle of being prepared with pieces of its own, which takes a while."""
    text(window, 0)
    press(window, "prepare_again_button", "tokenizer_bpe", "draft_prepare_button")
