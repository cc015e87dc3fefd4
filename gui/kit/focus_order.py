"""The order in which the Tab key goes: what is made late stands last in it, wherever it is seen.

Qt's own chain is not asked: to PySide, what stands next in it belongs to the widget that was asked, and dies with it.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def put_in_order(*parts: QWidget) -> None:
    """Let the Tab key go through all that it reaches in one part of a window before it goes to the next part."""
    for one, other in pairwise(each for part in parts for each in _reached_in(part)):
        QWidget.setTabOrder(one, other)


def _reached_in(part: QWidget) -> list[QWidget]:
    """Return what the Tab key may reach of a part: itself, and what is in it, in the order of its making.

    What is a window of its own, as a menu is, has an order of its own.
    """
    here = (each for each in (part, *part.findChildren(QWidget)) if each.window() is part.window())
    return [each for each in here if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
