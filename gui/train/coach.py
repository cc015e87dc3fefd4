"""What is noticed about a run, newest first: what happened, why, and the buttons that act on it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from engine.core.errors import Fix
from engine.core.events import Severity
from gui.kit import formats, theme
from gui.kit.book import page
from gui.kit.icons import pixmap
from gui.kit.parts import IconButton, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Space, restyles
from gui.train.notes import Note

_LOOKS: Mapping[Severity, tuple[str, str, str]] = {
    "info": ("notice", "info", "link"),
    "warning": ("caution", "warning", "caution"),
    "problem": ("problem", "problem", "negative"),
}
_SHOWN = 2
_OF_A_RUN_UNDER_WAY = ("stop", "continue")


class Folded(IntEnum):
    """How much of what it says a coach leaves out: nothing, all notes but the newest, or that one’s reason as well."""

    NOTHING = 0
    EARLIER = 1
    REASON = 2


class Coach(QWidget):
    """The newest notes, and a way to see the others; takes no room while there is nothing to say.

    Signals:
        fix_chosen(fix): a note's button was pressed.
        help_asked(code): the help book should say more.
        changed(): other notes are shown.
    """

    fix_chosen = Signal(object)
    help_asked = Signal(str)
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("coach")
        self.setAccessibleName("Coach")
        self._notes: list[Note] = []
        self._dismissed: list[Note] = []
        self._all, self._over, self._folded = False, False, Folded.NOTHING
        self._cards: list[tuple[Note, NoteCard]] = []
        self._column: QVBoxLayout = column(self, spacing=Space.S)
        self._more = button("coach_more", "", self._show_all, "plain", says="Show all notes")
        self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_notes(self, notes: list[Note], *, over: bool = False) -> None:
        """Show the notes of a run, newest first; of one that is over without what only a run under way can do."""
        if (notes, over) != (self._notes, self._over):
            self._notes, self._over, self._all = list(notes), over, self._all and bool(notes)
            self._dismissed = [note for note in self._dismissed if note in notes]
            self._lay_out()
            self.changed.emit()

    @property
    def shows_all(self) -> bool:
        """Whether a person asked for all notes."""
        return self._all

    def fold(self, folded: Folded) -> None:
        """Leave out so much of what is said; the next note comes when the newest is put away."""
        if folded is not self._folded:
            self._folded = folded
            self._lay_out()
            self.updateGeometry()

    def _lay_out(self) -> None:
        open_notes = [note for note in self._notes if note not in self._dismissed]
        wanted = open_notes[:1] if self._folded else open_notes if self._all else open_notes[:_SHOWN]
        for note, made in self._cards:
            if note not in wanted:
                self._column.removeWidget(made)
                made.hide()
                made.deleteLater()
        kept = {id(note): made for note, made in self._cards if note in wanted}
        self._cards = [(note, kept.get(id(note)) or self._make(note)) for note in wanted]
        for at, (_, made) in enumerate(self._cards):
            self._column.insertWidget(at, made)
            made.show()  # now, or whoever asks how high all is counts it in a turn later
            made.fold(self._folded, len(open_notes))
            made.show_over(self._over)
        hidden = len(open_notes) - len(wanted)
        self._more.setText(f"{formats.plural(hidden, 'earlier note')}")
        self._more.setVisible(hidden > 0 and not self._folded)
        self.setVisible(bool(open_notes))

    def _make(self, note: Note) -> NoteCard:
        made = NoteCard(note)
        made.fix_chosen.connect(self.fix_chosen)
        made.help_asked.connect(self.help_asked)
        made.dismissed.connect(self._dismiss)
        return made

    def _dismiss(self, note: Note) -> None:
        self._dismissed.append(note)
        self._lay_out()
        self.changed.emit()

    def _show_all(self) -> None:
        self._all = True
        self._lay_out()
        self.changed.emit()


class NoteCard(QFrame):
    """One note."""

    fix_chosen = Signal(object)
    help_asked = Signal(str)
    dismissed = Signal(object)

    def __init__(self, note: Note) -> None:
        super().__init__()
        self._note = note
        ground, _, _ = _LOOKS[note.severity]
        role(self, ground)
        self._picture = label()
        what, why = label(note.what, "strong", wrap=True), label(note.why, "secondary", wrap=True)
        close = IconButton("note_dismiss", "close", "Dismiss this note")
        close.clicked.connect(lambda: self.dismissed.emit(note))
        self._why, self._when = why, label(kind="caption")
        words = column(spacing=Space.XXS)
        headline = row(spacing=Space.M)
        headline.addWidget(what, 1)
        headline.addWidget(self._when, 0, Qt.AlignmentFlag.AlignTop)
        words.addLayout(headline)
        words.addWidget(why)
        fixes = [fix for fix in note.fixes if fix.action != "none"]
        line = row(spacing=Space.S)
        line.setContentsMargins(Space.M, Space.S, Space.S, Space.S)
        line.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self._buttons = [(fix, self._button(fix, at)) for at, fix in enumerate(fixes)]
        if len(fixes) > 1:  # beside the words they would squeeze them
            words.addSpacing(Space.XS)
            words.addLayout(row(*(made for _, made in self._buttons), None))
        else:
            for _, made in self._buttons:
                line.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        if note.code is not None and page(note.code) is not None:
            more = IconButton("note_help", "info", "More about this in the help book")
            more.clicked.connect(lambda: self.help_asked.emit(note.code))
            line.addWidget(more, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.setAccessibleName(note.what)
        self.setAccessibleDescription(note.why)
        self.fold(Folded.NOTHING)
        self._draw()

    def fold(self, folded: Folded, count: int = 1) -> None:
        """Say why, and when; or tell of how many notes this is the first, and leave the reason to the pointer."""
        note, short = self._note, folded is Folded.REASON
        when = "" if note.iter_num is None or short else f"iteration {formats.whole(note.iter_num)}"
        self._when.setText(f"1 of {count}" if folded and count > 1 else when)
        self._when.setVisible(bool(self._when.text()))
        self._why.setVisible(bool(note.why) and not short)
        self.setToolTip(plain_tip(note.why) if short else "")
        self.updateGeometry()

    def show_over(self, over: bool) -> None:
        """Offer what only a run under way can do while there is one."""
        for fix, made in self._buttons:
            made.setVisible(not (over and fix.action in _OF_A_RUN_UNDER_WAY))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event):
            self._draw()

    def _button(self, fix: Fix, at: int) -> QWidget:
        return button(f"fix_{fix.action}_{at}", fix.label, lambda: self.fix_chosen.emit(fix))

    def _draw(self) -> None:
        _, picture, color = _LOOKS[self._note.severity]
        size = theme.current().icon_px()
        self._picture.setPixmap(pixmap(picture, color, size, self.devicePixelRatioF()))
        self._picture.setFixedSize(size, size)
