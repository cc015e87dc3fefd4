"""The clipboard, with a word that something is on it: a copy is not seen otherwise."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QToolTip, QWidget

from gui.kit.plain import plain_tip
from gui.kit.theme import Space


def copy(what: str | QPixmap, beside: QWidget, words: str = "Copied") -> None:
    """Put a text or a picture on the clipboard, and say so under a widget."""
    clipboard = QGuiApplication.clipboard()
    if isinstance(what, QPixmap):
        clipboard.setPixmap(what)
    else:
        clipboard.setText(what)
    say(words, beside)


def say(words: str, beside: QWidget) -> None:
    """Say something under a widget for a moment."""
    if beside.isVisible():
        QToolTip.showText(beside.mapToGlobal(QPoint(0, beside.height() - Space.S)), plain_tip(words), beside)
