"""Sheets: what a window asks or tells before anything else can be done in it; one at a time."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.kit import theme
from gui.kit.icons import app_icon
from gui.kit.theme import Size, Space


def sheet_width(window: QWidget | None) -> int:
    """Return how wide a sheet over a window is in pixels: wider with larger text, and never wider than the window."""
    wanted = theme.current().text_px(Size.MEASURE)
    return wanted if window is None else min(wanted, window.window().width() - 2 * Space.XL)


def fit_height(sheet: QWidget) -> None:
    """Make a sheet as high as its text needs at its width: Qt's own guess is for another width, and leaves gaps."""
    layout = sheet.layout()
    if layout is not None:
        layout.activate()
        hint = layout.totalSizeHint().height()
        sheet.setFixedHeight(layout.totalHeightForWidth(sheet.width()) if layout.hasHeightForWidth() else hint)


def panel_asks_to_replace() -> bool:
    """Return whether the system's save panel asks "Replace?" itself: on a Mac it does, whatever it is told."""
    return sys.platform == "darwin"


def make_sheet(window: QWidget, name: str, what: str, why: str) -> QMessageBox:
    """Return a sheet for a window, in place of the one that may be open; it goes by itself when it is answered.

    It is to be opened once it has its buttons: to one without any Qt adds an OK.
    """
    for earlier in window.findChildren(QMessageBox, options=Qt.FindChildOption.FindDirectChildrenOnly):
        earlier.close()
        earlier.setObjectName("")  # it goes with the next turn of the event loop; its name is free now
    sheet = QMessageBox(window)
    sheet.setOption(QMessageBox.Option.DontUseNativeDialog)  # an NSAlert would be modal for the whole application
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    sheet.setIconPixmap(app_icon().pixmap(Size.ICON_LARGE, Size.ICON_LARGE))
    sheet.setObjectName(name)
    sheet.setWindowModality(Qt.WindowModality.WindowModal)
    sheet.setTextFormat(Qt.TextFormat.PlainText)  # of both texts
    sheet.setText(what)
    sheet.setInformativeText(why)
    return sheet
