"""Checkpoints as the rows of a list: thousands cost nothing until they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFontMetrics

from gui.generate.choices import CheckpointChoice
from gui.kit.plain import plain_tip

_MEASURED = 20
"""Labels of which the widest is looked for: the longest, which are not all as wide."""


class ChoiceModel(QAbstractListModel):
    """The rows of a list of checkpoints; None stands for "Nothing".

    Attributes:
        rows: the checkpoints, as they stand.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[CheckpointChoice | None] = []

    def show_rows(self, rows: Sequence[CheckpointChoice | None]) -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return how many there are."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        choice = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return choice.label if choice else "Nothing"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(str(choice.path)) if choice else None
        return None

    def width(self, metrics: QFontMetrics) -> int:
        """Return how wide the widest row is, in pixels."""
        longest = sorted((choice.label for choice in self.rows if choice), key=len)[-_MEASURED:]
        return max(map(metrics.horizontalAdvance, longest), default=0)
