"""Texts as a model writes them, for tests of the Generate tab without Qt."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from engine.core.config import SampleConfig
from engine.core.events import Reply, Token
from gui.generate.choices import CheckpointChoice

CHOICE = CheckpointChoice(Path("/runs/a/best.pt"), "a", "best, loss 1.90")


OTHER = CheckpointChoice(Path("/runs/b/best.pt"), "b", "best, loss 1.50")


CONFIG = SampleConfig(start="Once", max_new_tokens=2)


def token(text, number=7, sample=0):
    return Token(sample=sample, tokens=1, text=text, token=number, probability=0.5, tokens_per_s=20.0)


def reply(text, sample=0, reason="done"):
    return Reply(sample=sample, prompt="Once", text=text, tokens=2, tokens_per_s=25.0, reason=reason)


def grown(take, *texts):
    for number, text in enumerate(texts):
        take.take(token(text, number))
    take.take(reply(take.text()))
    return take


def child(tab, kind, name):
    """Return a part of the tab by its name."""
    return tab.findChild(kind, name)


def press(qtbot, tab, name):
    """Click a button of the tab."""
    qtbot.mouseClick(child(tab, QAbstractButton, name), Qt.MouseButton.LeftButton)
