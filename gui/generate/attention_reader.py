"""Seeing where a model looked: the token that is pointed at is asked for, and the text before it is shaded."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, QTimer

from engine.core.errors import UnderstudyError
from engine.core.events import Attended, Event
from engine.generation.model_cache import Shelf
from gui.generate import errand
from gui.generate.attention import question_of
from gui.generate.attention_bar import AttentionBar
from gui.generate.errand import Errand
from gui.generate.passage import Strand
from gui.generate.transcript import Transcript
from gui.kit.engine_thread import EngineThread

_RESTS_MS = 120
"""How long the pointer must rest on a token before it is asked for."""

_ON = "generate/attention"


class AttentionReader(QObject):
    """Asks the engine where a model looked, off the window's thread, and has the bar and the texts show it."""

    def __init__(
        self, engine: EngineThread, shelf: Shelf, bar: AttentionBar, texts: Transcript, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf, self._bar, self._texts = shelf, bar, texts
        self._token: tuple[Strand, int] | None = None
        self._errand = Errand(engine, self)
        self._errand.told.connect(self._take)
        self._errand.over.connect(self._end)
        self._soon = QTimer(self, singleShot=True, interval=_RESTS_MS)
        self._soon.timeout.connect(self._ask)
        self._told = False
        bar.set_on(str(QSettings().value(_ON, "false")) == "true")
        texts.leave_the_text(bar.on)
        bar.wanted.connect(self._turn)
        bar.chosen.connect(self._show)
        texts.looked_from.connect(self.point_at)
        texts.forgotten.connect(self.forget)

    def see_inside(self, inside: bool) -> None:
        """Offer it where tokens can be pointed at."""
        self._bar.setVisible(inside)
        self.forget()

    def point_at(self, strand: Strand, piece: int) -> None:
        """Ask for a token, once the pointer rests on it."""
        if self._bar.on and (strand, piece) != self._token:
            self._token = (strand, piece)
            self._soon.start()

    def forget(self) -> None:
        """Show nothing any more, and ask for nothing."""
        self._soon.stop()
        self._errand.forget()
        self._token = None
        self._bar.show_answer(None)

    def _turn(self, on: bool) -> None:
        QSettings().setValue(_ON, "true" if on else "false")
        self._texts.leave_the_text(on)
        self.forget()

    def _ask(self) -> None:
        if self._token is None:
            return
        strand, piece = self._token
        take, shelf = strand.shown, self._shelf
        if piece >= len(take.pieces):
            return
        path, asked, self._told = take.choice.path, question_of(take, piece), False
        self._errand.start(lambda control: errand.attention(path, asked, control, shelf))

    def _take(self, event: Event) -> None:
        if isinstance(event, Attended):
            self._told = True
            self._bar.show_answer(event)

    def _end(self, error: BaseException | None) -> None:
        if isinstance(error, UnderstudyError):
            self._bar.show_answer(None, error.message)
        elif not self._told:
            self._bar.say_nothing_is_there()

    def _show(self) -> None:
        """Shade the text before the token by what the bar has chosen."""
        looked = self._bar.looked
        if looked is None or self._token is None:
            self._texts.show_looked(None)
            return
        strand, piece = self._token
        before = "".join(each.text for each in strand.shown.pieces[:piece])
        self._texts.show_looked((strand, piece, looked.spans(before)))
