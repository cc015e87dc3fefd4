"""Saving the transcript as plain text or Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.core.files import write_text
from gui.generate.passage import Passage, as_markdown, as_text


def ask_where_to_save(parent: QWidget, save: Callable[[str], object]) -> None:
    """Open the sheet that asks for a file, and hand its path on."""
    dialog = QFileDialog(parent, "Save the Transcript", "Transcript.txt", "Text (*.txt);;Markdown (*.md)")
    dialog.setObjectName("save_transcript_sheet")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("txt")
    # a file that is named without an ending gets that of the kind that was chosen
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("md" if "*.md" in kind else "txt"))
    dialog.fileSelected.connect(save)
    dialog.open()


def save(file: str, passages: Sequence[Passage]) -> str:
    """Write all passages into a file, Markdown if its name says so; return why it cannot be written, or nothing."""
    spell = as_markdown if file.lower().endswith(".md") else as_text
    try:
        write_text(Path(file), spell(passages))
    except OSError as error:
        return f"{error.strerror or error}. Save it in another folder; nothing was lost."
    return ""
