"""What is dragged into the window, or pasted: files and folders of this computer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def paths_in(mime: QMimeData) -> list[Path]:
    """Return the files and folders that a drag or the clipboard holds."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
