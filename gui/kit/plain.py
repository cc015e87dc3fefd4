"""Names, paths and what a model wrote, shown as they are.

Qt takes any text that looks like HTML for HTML, and loads the files that it names. Labels are made here only,
and tooltips with words from elsewhere: a test holds it.
"""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class PlainLabel(QLabel):
    """A label of plain text, or of a picture."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


def plain_tip(*paragraphs: str) -> str:
    """Return what is shown as these words by a tooltip, which may take them for HTML.

    Several paragraphs are wrapped, as Qt does with HTML only.
    """
    if len(paragraphs) == 1 and "<" not in paragraphs[0]:
        return paragraphs[0]
    return "".join(f"<p>{_with_breaks(text)}</p>" for text in paragraphs)


def _with_breaks(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
