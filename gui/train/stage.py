"""The right side of the Train tab: what happens. An invitation at first, then the run as it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.runs.run_summary import RunSummary
from gui.kit import preferences, theme
from gui.kit.focus_order import put_in_order
from gui.kit.mask import mask_in_noise
from gui.kit.parts import Elided, button, column, label, row
from gui.kit.progress_line import ProgressLine
from gui.kit.run_words import offer_words, text_title
from gui.kit.style import role
from gui.kit.theme import Size, Space
from gui.train.coach import Coach, Folded
from gui.train.curtain import Curtain
from gui.train.pieces_view import PiecesView
from gui.train.run_title import RunTitle
from gui.train.state import RUNNING, Phase, RunState, View

if TYPE_CHECKING:
    from gui.train.film_strip import FilmStrip
    from gui.train.live import Live
    from gui.train.loss_plot import LossPlot

_INVITATION = (
    "Teach a model its lines",
    "Press Train. The model starts out knowing nothing: its first samples are noise. "
    "You will see its loss fall here, and what it writes turn into words, then lines.",
)
_FOR_A_TEXT = (
    "Ready to learn from {text}",
    "Press Train, and a new model learns from it: noise at first, then words, then lines. "
    "Your earlier runs are in Runs, as they were.",
)
_GETTING_READY = (
    "Getting ready",
    "The text and the model are made ready. What it writes appears here.",
)
_IN_PIECES = (
    _GETTING_READY[0],
    "The text breaks into the pieces that the model will see. What it writes appears here.",
)
_PLOT, _WORDS = "Show Plot", "Show Words"
_HELD_MS = 1_000  # that an ended run is waited with at most
_NOT_BEGUN = ("It did not begin", "What happened and what to do about it stands above.\nNothing was lost.")


class Stage(QWidget):
    """Title, status, figures, coach, plots, samples and log of one run.

    Attributes:
        curtain: what is said and offered once it has ended.

    Signals:
        fix_chosen(fix): a button of the coach was pressed.
        renamed(name): a person gave the run another name.
        offer_taken(run_dir): the run that was offered on the empty page should go on.
        moment_asked(iter_num): the model as it was at an iteration should write.
        help_asked(code): the help book should say more of a note.
        live_made(): the page of the run is there, with its plot.
    """

    fix_chosen = Signal(object)
    offer_taken = Signal(object)
    renamed = Signal(str)
    moment_asked = Signal(int)
    help_asked = Signal(str)
    live_made = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "page")
        self._live: Live | None = None
        self._invites_anew = True
        self._phase = Phase.EMPTY
        self._text = ""
        self._shown_face = (-1.0, 1.0)
        self._offered: RunSummary | None = None
        self._held: tuple[RunState, View] | None = None
        self._folded_for: tuple[object, ...] = ()
        self._patience = QTimer(self, singleShot=True, interval=_HELD_MS)
        self._patience.timeout.connect(self._let_go)
        self._pieces = PiecesView()
        self._title = RunTitle()
        self._title.renamed.connect(self.renamed)
        self._status = Elided(kind="secondary")
        self._status.setObjectName("status_label")
        self._choice = button("stage_choice_button", _PLOT, self._choose)
        self._choice.hide()
        self.curtain = Curtain()
        self._progress = ProgressLine("progress_bar", "Progress of the run")
        self._coach = Coach()
        self._coach.fix_chosen.connect(self.fix_chosen)
        self._coach.help_asked.connect(self.help_asked)
        self._coach.changed.connect(self._fold_anew)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_invitation())
        words = column(spacing=Space.XXS)
        words.addWidget(self._title)
        words.addWidget(self._status)
        layout = self._layout = column(self)
        head = row(spacing=Space.M)
        self._small_face = label()
        head.addWidget(self._small_face)
        head.addLayout(words, 1)
        head.addWidget(self._choice)
        self._head = role(QWidget(), "clear")
        self._head.setLayout(head)
        layout.addWidget(self._head)
        layout.addWidget(self._progress)
        layout.addWidget(self.curtain)
        layout.addWidget(self._coach)
        layout.addWidget(self._pages, 1)

    def _choose(self) -> None:
        """Change between the words and the plot, and keep that for the next run."""
        preferences.set_flag("stage/words", not self.live.shows_words)
        self.live.show_words(preferences.shows_words())
        self._show_choice()
        self._fold()

    def _show_choice(self) -> None:
        """Offer what is not shown: the plot, or the words."""
        shown = self._pages.currentWidget() is self._live
        self._choice.setVisible(shown)
        if shown:
            self._choice.setText(_PLOT if self.live.shows_words else _WORDS)
            self._choice.setAccessibleName(self._choice.text())

    def _make_invitation(self) -> QWidget:
        page = self._first = role(_FirstPage(), "clear")
        picture = self._face = page.face
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        title = self._invites = label(kind="display")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = self._invites_to = label(kind="secondary", wrap=True)
        text.setObjectName("invitation_words")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setMaximumWidth(Size.MEASURE)
        text.setMinimumWidth(Size.MEASURE * 2 // 3)
        layout = column(page, spacing=Space.M)
        layout.addStretch(2)
        layout.addWidget(picture)
        layout.addWidget(title)
        layout.addLayout(row(None, text, None))
        layout.addWidget(self._pieces)
        layout.addWidget(self._make_offer())
        layout.addStretch(3)
        return page

    def _make_offer(self) -> QWidget:
        """Return the line on the empty page that leads back to the last run."""
        self._offer = role(QWidget(), "clear")
        self._offers = label(kind="secondary", wrap=True)
        self._offers.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._offers.setObjectName("offer_words")
        resume = button("offer_resume", "Resume", self._take_offer, says="Resume the last run")
        parts = column(self._offer)
        parts.addWidget(self._offers)
        parts.addLayout(row(None, resume, None))
        self._offer.hide()
        return self._offer

    def offer(self, run: RunSummary | None) -> None:
        """Offer on the empty page to go on with a run that was stopped; None offers nothing."""
        self._offered = run
        self._offers.setText("" if run is None else offer_words(run))
        self._show_offer()

    def _take_offer(self) -> None:
        if self._offered is not None:
            self.offer_taken.emit(self._offered.path)

    @property
    def live(self) -> Live:
        """The page of the run as it goes; made when it is first asked for, for plots take long to load."""
        if self._live is None:
            from gui.train.live import Live

            self._live = Live()
            self._live.moment_asked.connect(self.moment_asked)
            self._pages.addWidget(self._live)
            put_in_order(self)  # made late, it would come after all that is in the window
            self._live.order()
            self.live_made.emit()
        return self._live

    @property
    def is_complete(self) -> bool:
        """Whether the page of the run is made."""
        return self._live is not None

    def complete(self) -> None:
        """Make the page of the run."""
        assert self.live

    @property
    def loss(self) -> LossPlot:
        """The loss plot."""
        return self.live.loss

    @property
    def film(self) -> FilmStrip:
        """The film strip."""
        return self.live.film

    def show_run(self, state: RunState, view: View) -> None:
        """Show a run as it is now; one that has just ended as it was, until it is known what it has learned."""
        if self._holds(state, view):
            self._status.tell(view.status)
            return
        self._title.tell(view.title, Path(state.run_dir).name if state.started is not None else "")
        self._status.tell(view.status)
        self._phase = view.phase
        self._title.setVisible(view.phase is not Phase.EMPTY)  # the invitation stands alone
        self._fit()
        self._show_face(state, view)
        self.curtain.show_view(view)
        self._progress.setVisible(view.phase not in (Phase.EMPTY, Phase.FINISHED))  # of an ended run it says nothing
        self._progress.show_share(None if view.busy else view.progress)
        notes = [note for note in state.notes if note.code != "keep_going"]  # the verdict says it
        self._coach.show_notes(notes, over=view.phase is Phase.FINISHED)
        if state.started is None and not len(state.curves.steps):
            self._pages.setCurrentIndex(0)
        else:
            self.live.show_run(state, view)
            self._pages.setCurrentWidget(self.live)
        self._show_invitation(view.phase)
        self._show_choice()
        self._fold()

    def _holds(self, state: RunState, view: View) -> bool:
        """Return whether what is on the stage stays: the curtain has nothing to say yet, and not for long."""
        holds = self._phase in RUNNING and view.phase is Phase.FINISHED and view.verdict is None
        self._held = (state, view) if holds else None
        if not holds:
            self._patience.stop()
        elif not self._patience.isActive():
            self._patience.start()
        return holds

    def _let_go(self) -> None:
        """Show that a run has ended, whatever it has learned."""
        if self._held is not None:
            self._phase = Phase.FINISHED
            self.show_run(*self._held)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low window to what was written."""
        super().resizeEvent(event)
        self._fit()
        self._fold()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the text."""
        super().changeEvent(event)
        if theme.restyles(event) and hasattr(self, "_pages"):
            self._fit()
            self._fold()

    def _fit(self) -> None:
        """Keep parts closer together where it is low; an ended run's status stands over the tabs as well."""
        low = self.height() < theme.current().text_px(Size.LOW)
        self._layout.setContentsMargins(Space.L, Space.S if low else Space.L, Space.L, Space.S if low else Space.L)
        self._layout.setSpacing(Space.S if low else Space.M)
        role(self._choice, "" if low else "tall")
        self.curtain.show_close(low)
        self._status.setVisible(self._phase is not Phase.EMPTY and not (low and self._phase is Phase.FINISHED))

    def _fold_anew(self) -> None:
        """Fold, whatever it was folded for."""
        self._folded_for = ()
        self._fold()

    def _fold(self) -> None:
        """Leave out what matters least until the words have their room, in whole lines.

        First the older notes, then the reason of the newest, unless that ended the run; then what a run that came to
        its end is called, then its first words. A person who asked for all notes of a run that is on has them.
        """
        room: tuple[object, ...] = (self._phase, self.size(), theme.current().scale, self._pages.currentIndex())
        room += (self.live.shows_words, self.live.least_height) if self._live is not None else ()
        if self._phase is not Phase.FINISHED and room == self._folded_for:
            return  # a run that is on tells of itself several times a second
        self._folded_for = room
        self._coach.fold(Folded.NOTHING)
        self._head.setVisible(self._phase is not Phase.EMPTY or self._pages.currentWidget() is self._live)
        if self._live is None:
            return
        self._show_first_words(True)
        ended = self._phase is Phase.FINISHED
        if not self._live.shows_words or (self._coach.shows_all and not ended):
            return
        folds: list[Callable[[], None]] = [lambda: self._coach.fold(Folded.EARLIER)]
        if self._phase is not Phase.FAILED:
            folds.append(lambda: self._coach.fold(Folded.REASON))
        if ended:
            folds += [self._head.hide, lambda: self._show_first_words(False)]
        for fold in folds:
            if self._lacks_room():
                fold()

    def _show_first_words(self, shown: bool) -> None:
        """Show the first words beside the last, or leave them out; what lies between here and there asks anew."""
        self.film.show_alone(not shown)
        part: QWidget | None = self.film
        while part is not None and part is not self:
            part.updateGeometry()
            part = part.parentWidget()

    def _lacks_room(self) -> bool:
        """Return whether the words would be cut below all that stands over them."""
        around = self._layout.contentsMargins()
        width = self.width() - around.left() - around.right()
        above = [part for part in (self._head, self._progress, self.curtain, self._coach) if not part.isHidden()]
        heights = (
            each.heightForWidth(width) if each.hasHeightForWidth() else each.sizeHint().height() for each in above
        )
        taken = sum(heights) + self._layout.spacing() * len(above) + around.top() + around.bottom()
        return taken + self.live.least_height > self.height()

    def _show_face(self, state: RunState, view: View) -> None:
        """Show the mask beside the title of a run, as far as it has come out of noise."""
        self._small_face.setVisible(state.started is not None)
        shown = (view.clarity, self.devicePixelRatioF())
        if state.started is not None and shown != self._shown_face:
            self._shown_face = shown
            self._small_face.setPixmap(mask_in_noise(view.clarity, Size.ICON_LARGE, shown[1], margin=False))

    def show_pieces(self, pieces: Sequence[str]) -> None:
        """Show on the page of a run that gets ready in which pieces its text is."""
        self._pieces.show_pieces(pieces)
        self._show_invitation(self._phase)

    def announce(self, dataset: str) -> None:
        """Say on the empty page which text a person chose to learn from."""
        self._text = text_title(dataset)
        self._show_invitation(Phase.EMPTY)

    def new_run(self) -> None:
        """Make ready for another run."""
        self._text, self._held, self._phase = "", None, Phase.EMPTY
        self._pieces.show_pieces(())
        if self._live is not None:
            self._live.new_run()

    def _show_invitation(self, phase: Phase) -> None:
        """Say on the empty page what comes, or why nothing came."""
        invitation = _FOR_A_TEXT if self._text else _INVITATION
        ready = _IN_PIECES if self._pieces.pieces else _GETTING_READY
        words = {Phase.EMPTY: invitation, Phase.FAILED: _NOT_BEGUN}.get(phase, ready)
        self._invites.setText(words[0].format(text=self._text))
        self._invites_to.setText(words[1])
        self._invites_anew = phase is Phase.EMPTY
        self._first.smiles = phase is not Phase.FAILED
        clarity = 1.0 if phase is Phase.EMPTY else 0.0
        self._face.setPixmap(mask_in_noise(clarity, Size.ICON_HERO, self.devicePixelRatioF()))
        self._show_offer()

    def _show_offer(self) -> None:
        self._offer.setVisible(self._invites_anew and bool(self._offers.text()))
        self._first.fit()


class _FirstPage(QWidget):
    """The page of words before there is a run, with the mask where there is room for it over all of them.

    Attributes:
        face: the label of the mask.
        smiles: whether there is something to smile about.
    """

    def __init__(self) -> None:
        super().__init__()
        self.face, self.smiles = label(), True
        self.face.setObjectName("mask")

    def fit(self) -> None:
        """Show the mask, or leave its room to the words."""
        layout = self.layout()
        if layout is None:
            return
        taken = layout.totalHeightForWidth(self.width())
        mask = self.face.sizeHint().height() + layout.spacing()
        words = taken if self.face.isHidden() else taken - mask
        self.face.setVisible(self.smiles and words + mask <= self.height())

    def event(self, event: QEvent) -> bool:
        """Fit what is on it when its size or its words have changed."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.fit()
        return done
