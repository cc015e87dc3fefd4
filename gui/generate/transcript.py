"""Where the texts are read: all of them one below the other, or those of one passage side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.core.events import Alternative
from gui.generate.alternatives import AlternativesCard
from gui.generate.columns import Columns
from gui.generate.invitation import Invitation
from gui.generate.passage import Passage, Strand
from gui.generate.record import New
from gui.generate.take import Take
from gui.generate.token_text import LookedFrom, TokenText
from gui.kit.parts import column
from gui.kit.style import role
from gui.kit.theme import Space


class Transcript(QWidget):
    """The transcript and its columns, and the card with what else could have stood in a token's place.

    Signals:
        branch_asked(strand, piece, alternative): the person wants to go on from another token.
        pressed(strand): the person clicked into a text.
        stepped(strand, by): another branch is wanted.
        looked_from(strand, piece): a token is pointed at.
        forgotten(): what was pointed at is there no more.

    Attributes:
        invitation: what stands there while nothing is written.
    """

    branch_asked = Signal(object, int, object)
    pressed = Signal(object)
    stepped = Signal(object, int)
    looked_from = Signal(object, int)
    forgotten = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._inside = False
        self._pointed: tuple[TokenText, Strand, int] | None = None
        self._all = TokenText("transcript", "Transcript")
        self.invitation = Invitation()
        column(self._all.viewport(), margin=Space.M).addWidget(self.invitation)
        self._columns = Columns()
        self._columns.made.connect(self._watch)
        self._columns.stepped.connect(self.stepped)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._all)
        self._pages.addWidget(self._columns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._card = AlternativesCard(self)
        self._card.picked.connect(self._branch)
        self._card.left.connect(self._back_to_text)
        self._watch(self._all)

    # what is shown

    def begin(self, passage: Passage) -> None:
        """Show a passage that begins."""
        self.invitation.hide()
        for number, strand in enumerate(passage.strands):
            self._all.add(strand, _headings(passage, strand, first=number == 0))
        if len(passage.strands) > 1:
            self._columns.show_passage(passage)
        self.show_side_by_side(len(passage.strands) > 1)

    def show_branch(self, passage: Passage, strand: Strand) -> None:
        """Show the branch that a strand shows now."""
        first = passage.strands[0] is strand
        self._all.show_branch(strand, _headings(passage, strand, first=first))
        for view in self._columns.views:
            view.show_branch(strand, [])
        self.mark_quotations(strand.shown)
        self.forgotten.emit()

    def take_back(self, new: New) -> None:
        """Take away what never began."""
        if new.strand.branches:
            self.show_branch(new.passage, new.strand)
        else:
            self._all.take_back(new.strand)
            if self.has_columns(new.passage):
                self._columns.forget()
                self.show_side_by_side(False)
        self.invitation.setVisible(not self._all.strands())

    def clear_all(self) -> None:
        """Take everything away."""
        self.forgotten.emit()
        self._all.clear_all()
        self.invitation.show()
        self._columns.forget()
        self.show_side_by_side(False)

    def grew(self) -> None:
        """Show with the next batch what the texts have gained."""
        for view in self._views():
            view.grew()

    def flush(self) -> None:
        """Show at once what waits."""
        for view in self._views():
            view.flush()

    def mark_quotations(self, take: Take) -> None:
        """Underline what a text quotes."""
        for view in self._views():
            view.mark_quotations(take)

    def see_inside(self, inside: bool) -> None:
        """Show what the model thought of each token, or the texts alone."""
        self._inside = inside
        for view in self._views():
            view.see_inside(inside)
        self._card.setVisible(False)

    def show_heads(self, hand: Sequence[Strand], *, can_step: bool) -> None:
        """Show over the columns which of them are in hand, and which branches are seen."""
        self._columns.show_heads(hand, can_step=can_step)

    def has_columns(self, passage: Passage) -> bool:
        """Return whether the columns are those of this passage."""
        return self._columns.passage is passage

    @property
    def side_by_side(self) -> bool:
        """Whether the columns are seen."""
        return self._pages.currentWidget() is self._columns

    def show_side_by_side(self, columns: bool, passage: Passage | None = None) -> None:
        """Show the columns of a passage, or everything one below the other."""
        if columns and passage is not None and not self.has_columns(passage):
            self._columns.show_passage(passage)
        self._pages.setCurrentWidget(self._columns if columns else self._all)
        self._card.hide()

    def leave_the_text(self, aside: bool) -> None:
        """Let the card of a token hide little of the text before it."""
        self._card.aside = aside

    def show_looked(self, looked: LookedFrom | None) -> None:
        """Shade a text by where the model looked from a token, or no text any more."""
        for view in self._views():
            view.show_looked(looked)

    def _views(self) -> list[TokenText]:
        return [self._all, *self._columns.views]

    # tokens

    def focus_token(self, strand: Strand, piece: int) -> None:
        """Let the keyboard go on from a token, where its text is seen."""
        for view in self._columns.views if self.side_by_side else [self._all]:
            view.focus_token(strand, piece)

    def _watch(self, view: TokenText) -> None:
        view.see_inside(self._inside)
        view.pointed.connect(lambda strand, piece, where: self._point(view, strand, piece, where))
        view.left.connect(self._card.go_soon)
        view.asked.connect(self._card.go_in)
        view.pressed.connect(self.pressed)
        view.branch_wanted.connect(lambda strand, number: self.stepped.emit(strand, number - strand.at))

    def _point(self, view: TokenText, strand: Strand, piece: int, where: QRect) -> None:
        self._pointed = (view, strand, piece)
        here = where.translated(view.mapTo(self, QPoint(0, 0)))
        self._card.show_token(strand.shown, piece, here)
        self.looked_from.emit(strand, piece)

    def _branch(self, number: int) -> None:
        if self._pointed is not None:
            _, strand, piece = self._pointed
            other: Alternative = strand.shown.pieces[piece].alternatives[number]
            self._card.hide()
            self.branch_asked.emit(strand, piece, other)

    def _back_to_text(self) -> None:
        if self._pointed is not None:
            self._pointed[0].setFocus()
        self._card.hide()


def _headings(passage: Passage, strand: Strand, *, first: bool) -> list[str]:
    """Return what stands over a text: what made it, and what tells it from the others of its passage."""
    parts = strand.shown.heading().split("  ·  ")
    heading = "  ·  ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)  # it breaks between them only
    return [heading if first else "", passage.title_of(strand)]
