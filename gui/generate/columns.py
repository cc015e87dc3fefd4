"""Several texts side by side: samples of one beginning, or what two checkpoints make of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from gui.generate.passage import Passage, Strand
from gui.generate.token_text import TokenText
from gui.kit.parts import Elided, IconButton, column, label, row
from gui.kit.scroll_bars import quiet
from gui.kit.style import role
from gui.kit.theme import Size, Space


class Stepper(QWidget):
    """Steps from branch to branch; hidden while there is one alone.

    Signals:
        stepped(by): the next one (1) or the one before (-1) is wanted.
    """

    stepped = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self.setObjectName(name)
        self.setAccessibleName("Branches")
        self._back = IconButton(f"{name}_back", "chevron-left", "The branch before this one")
        self._on = IconButton(f"{name}_on", "chevron-right", "The branch after this one")
        self._position = label(kind="caption")
        self._position.setObjectName(f"{name}_position")
        for button, by in ((self._back, -1), (self._on, 1)):
            button.clicked.connect(lambda _=False, by=by: self.stepped.emit(by))
        self.setLayout(row(self._back, self._position, self._on, spacing=0))
        self.setVisible(False)

    def show_strand(self, strand: Strand | None, *, can_step: bool) -> None:
        """Show which branch of a strand is seen."""
        self.setVisible(strand is not None and len(strand.branches) > 1)
        if strand is not None:
            self._position.setText(strand.position())
        self._back.setEnabled(can_step)
        self._on.setEnabled(can_step)


class Columns(QScrollArea):
    """The texts of one passage side by side, each under its title and its branches; scrolled together.

    Signals:
        stepped(strand, by): another branch of a column is wanted.
        made(view): a column was made; whoever shows tokens may connect to it.

    Attributes:
        passage: the one that is shown.
        views: its texts.
    """

    stepped = Signal(object, int)
    made = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("columns")
        quiet(self)
        self.setAccessibleName("Side by side")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.passage: Passage | None = None
        self.views: list[TokenText] = []
        self._heads: list[tuple[Elided, Stepper]] = []

    def show_passage(self, passage: Passage) -> None:
        """Show a passage."""
        self.passage = passage
        inside = role(QWidget(), "clear")
        layout = QHBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        self.views, self._heads = [], []
        for number, strand in enumerate(passage.strands, 1):
            title, stepper = Elided(kind="secondary"), Stepper(f"column_{number}_branches")
            stepper.stepped.connect(lambda by, strand=strand: self.stepped.emit(strand, by))
            view = TokenText(f"column_{number}", f"Text {number} of {len(passage.strands)}", measured=False)
            view.setMinimumWidth(Size.COLUMN)
            view.add(strand, [])
            side = column(spacing=Space.XS)
            side.addLayout(row(title, stepper))
            side.addWidget(view, 1)
            layout.addLayout(side, 1)
            self.views.append(view)
            self._heads.append((title, stepper))
            self.made.emit(view)
        for view in self.views:
            for other in self.views:
                if other is not view:
                    view.scrolled.connect(other.scroll_along)
        self.setWidget(inside)
        self.show_heads(can_step=False)

    def show_heads(self, hand: Sequence[Strand] = (), *, can_step: bool) -> None:
        """Show the titles, those in hand stronger, and which branches are seen."""
        if self.passage is not None:
            for strand, (title, stepper) in zip(self.passage.strands, self._heads, strict=True):
                role(title, "strong" if strand in hand else "secondary")
                title.tell(self.passage.title_of(strand))
                stepper.show_strand(strand, can_step=can_step)

    def forget(self) -> None:
        """Show nothing."""
        self.passage, self.views, self._heads = None, [], []
        self.setWidget(QWidget())
