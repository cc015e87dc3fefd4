"""The ways a text comes in besides dropping it: chosen in a sheet, or pasted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.core.errors import UnderstudyError
from engine.text.formats import ENDINGS
from engine.text.pasted import keep_pasted, pasted_texts
from gui.kit.drops import paths_in


class Adding(QObject):
    """Asks for files and folders over a widget, and takes what is on the clipboard.

    Signals:
        added(paths): files and folders to make a text of.
        kept(file): what was pasted is in a file that was not there before; told before it is added.
        failed(error): what was pasted cannot be used.
    """

    added = Signal(list)
    kept = Signal(object)
    failed = Signal(object)

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over

    def ask_for_files(self) -> None:
        """Let a person choose files."""
        sheet = self._sheet("Add Files", "add_files_sheet", QFileDialog.FileMode.ExistingFiles)
        sheet.setNameFilters([f"Texts ({' '.join(f'*{suffix}' for suffix in ENDINGS)})", "All Files (*)"])
        sheet.filesSelected.connect(lambda files: self.added.emit([Path(file) for file in files]))
        sheet.open()

    def ask_for_folder(self) -> None:
        """Let a person choose a folder."""
        sheet = self._sheet("Add a Folder", "add_folder_sheet", QFileDialog.FileMode.Directory)
        sheet.fileSelected.connect(lambda folder: self.added.emit([Path(folder)]))
        sheet.open()

    def ask_for_copy(self, title: str, then: Callable[[str], object]) -> None:
        """Let a person choose a copy of a built-in text; `then` takes the file."""
        sheet = self._sheet(f"A Copy of {title}", "use_file_sheet", QFileDialog.FileMode.ExistingFile)
        sheet.fileSelected.connect(lambda file: then(file))
        sheet.open()

    def paste(self) -> None:
        """Take files that were copied in the file manager, or a text, which is kept in a file of its own."""
        mime = QGuiApplication.clipboard().mimeData()
        if mime is not None and (paths := paths_in(mime)):
            self.added.emit(paths)
        else:
            self.take_text(mime.text() if mime is not None else "")

    def take_text(self, text: str) -> None:
        """Take a text, which is kept in a file of its own."""
        before = pasted_texts()
        try:
            file = keep_pasted(text)
        except UnderstudyError as error:
            self.failed.emit(error)
            return
        if file not in before:
            self.kept.emit(file)
        self.added.emit([file])

    def _sheet(self, title: str, name: str, mode: QFileDialog.FileMode) -> QFileDialog:
        sheet = QFileDialog(self._over, title)
        sheet.setObjectName(name)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.setWindowModality(Qt.WindowModality.WindowModal)
        sheet.setFileMode(mode)
        return sheet
