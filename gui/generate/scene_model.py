"""The turns of a scene as rows of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from gui.generate.scene_record import SceneTurn

_Index = QModelIndex | QPersistentModelIndex


class SceneModel(QAbstractListModel):
    """A row for each turn that is shown.

    Attributes:
        turns: the rows.
        me: who the person is, whose turns stand at the right.
        remembered: the row from which on the model has the scene before it; 0 where it forgot nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[SceneTurn] = []
        self.me = ""
        self.remembered = 0

    def show(self, path: Sequence[SceneTurn], measure: Callable[[int], object]) -> None:
        """Show a path; the rows that it begins with as before stay. `measure` is called with the first of the others.

        That is before any view is told of them.
        """
        same = next((n for n, (old, new) in enumerate(zip(self.turns, path, strict=False)) if old is not new), None)
        kept = min(len(self.turns), len(path)) if same is None else same
        if kept < len(self.turns):
            self.beginRemoveRows(QModelIndex(), kept, len(self.turns) - 1)
            del self.turns[kept:]
            measure(kept)
            self.endRemoveRows()
        if kept < len(path):
            self.beginInsertRows(QModelIndex(), kept, len(path) - 1)
            self.turns += path[kept:]
            measure(kept)
            self.endInsertRows()

    def tell(self, row: int) -> None:
        """Say that a row says something else now."""
        if 0 <= row < len(self.turns):
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many turns are shown."""
        return 0 if parent is not None and parent.isValid() else len(self.turns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row says, with the name of who says it for those who hear it."""
        turn = self.turns[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return turn.said
        if role == Qt.ItemDataRole.AccessibleTextRole:
            other = f", {turn.number + 1} of {len(turn.others)}" if len(turn.others) > 1 else ""
            return f"{turn.speaker}{other}: {turn.said or 'nothing'}"
        return None
