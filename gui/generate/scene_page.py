"""The page of a scene: who plays, what was said, and where the person's line is written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget

from engine.core.config import SampleConfig
from engine.core.files import write_text
from engine.generation.model_cache import Shelf
from engine.text.script import script
from gui.generate.alternatives import AlternativesCard
from gui.generate.choices import CheckpointChoice
from gui.generate.controls import DialPanel
from gui.generate.saving import ask_where_to_save
from gui.generate.scene_cast import Cast, Troupe
from gui.generate.scene_composer import SceneComposer
from gui.generate.scene_play import ScenePlay
from gui.generate.scene_record import SceneTurn, first_remembered
from gui.generate.scene_view import SceneView
from gui.generate.switch_place import switch_place
from gui.kit import formats
from gui.kit.clipboard import copy
from gui.kit.engine_thread import EngineThread
from gui.kit.flow import flow
from gui.kit.notice import Notice
from gui.kit.parts import IconButton, column
from gui.kit.style import role
from gui.kit.theme import Space

_INSIDE = "generate/see_inside"


class ScenePage(QWidget):
    """A scene with a model whose text has turns.

    Attributes:
        play: the scene as it is played.
        composer: where the person's line is written.
        front: where the switch to the text stands, before all else.
    """

    def __init__(self, engine: EngineThread, shelf: Shelf, dials: DialPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        role(self, "clear")
        self._dials = dials
        self._chats = False
        self._edits: SceneTurn | None = None
        self._pointed: tuple[SceneTurn, int] | None = None
        self.play = ScenePlay(engine, shelf, self._settings, self)
        self._notice = Notice("scene_notice")
        self._cast, self._view, self.composer = Cast(self), SceneView(), SceneComposer()
        self._inside = QPushButton("See Inside")
        self._inside.setObjectName("scene_inside_button")
        self._inside.setAccessibleName("See Inside")
        self._inside.setToolTip(
            "Show how surprising each token was; the pointer or the arrow keys show what else could have stood there"
        )
        self._inside.setCheckable(True)
        self._inside.setAutoDefault(False)
        self._copy = IconButton("scene_copy_button", "copy", "Copy the scene as a script")
        self._save = IconButton("scene_save_button", "share", "Save the scene as a script…")
        self._clear = IconButton("scene_clear_button", "close", "Begin another scene")
        self.front = switch_place()
        self._card: AlternativesCard | None = None  # made when a token is pointed at first
        self._lay_out()
        self._connect()
        self._inside.setChecked(str(QSettings().value(_INSIDE, "false")) == "true")
        self._show_state()

    def _lay_out(self) -> None:
        layout = column(self, spacing=Space.S)
        layout.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        layout.addWidget(self._notice)
        layout.addLayout(flow(self.front, None, self._inside, self._copy, self._save, self._clear, spacing=Space.XS))
        layout.addLayout(flow(*self._cast.parts))
        layout.addWidget(self._view, 1)
        layout.addWidget(self.composer)

    def _connect(self) -> None:
        self._cast.recast.connect(self._recast)
        self.composer.sent.connect(self._send)
        self.composer.retried.connect(self._try_again)
        self.composer.edited.connect(self._edit)
        self.composer.played_alone.connect(self._play_alone)
        self.composer.stopped.connect(self.play.stop)
        self._view.stepped.connect(self._step)
        self._view.chosen.connect(self._show_state)
        self._view.pointed.connect(self._point)
        self._view.left.connect(self._leave_token)
        self._view.asked.connect(self._go_in)
        self._inside.toggled.connect(self._see_inside)
        self._copy.clicked.connect(lambda: copy(self.as_script(), self._copy))
        self._save.clicked.connect(lambda: ask_where_to_save(self, self._save_to))
        self._clear.clicked.connect(self._begin_anew)
        self.play.changed.connect(self._show_scene)
        self.play.grew.connect(self._view.grew)
        self.play.failed.connect(self._notice.tell_error)
        self.play.rested.connect(self._rest)

    # who plays

    def show_troupe(self, choice: CheckpointChoice | None, troupe: Troupe | None) -> None:
        """Show who can play with a model."""
        self.play.choice = choice
        self._chats = troupe is not None and troupe.chats
        self._cast.show_turns(troupe.turns if troupe is not None else None)
        self._recast()

    def _recast(self) -> None:
        scene = self.play.scene = self._cast.scene
        if scene is not None:
            self.composer.show_parts(scene.me, scene.it)
            what = (
                f"It is not {scene.it}, and knows nothing of you but what it read."
                if self._chats
                else "It plays a part that it read, and knows nothing of you."
            )
            self._cast.explain(what)
            invitation = (
                f"It writes as {scene.it} does in your chats, on this computer alone."
                if self._chats
                else f"You are {scene.me}. Write a line, and the model answers as {scene.it}."
            )
            heard = str(QSettings().value(self._heard, "false")) == "true"
            self._view.invite(invitation if heard else f"{invitation} {what}")
        self._show_scene()

    @property
    def _heard(self) -> str:
        """Where it is kept that the person was answered once, having read what the model is."""
        return f"generate/answered_in_{'chats' if self._chats else 'plays'}"

    def _settings(self, again: bool) -> SampleConfig:
        """Return how a turn is to be written."""
        seed = self._dials.seed.for_another_try() if again else self._dials.seed.for_a_press()
        return SampleConfig.of(self._dials.settings("\n").as_dict(), {"seed": seed, "num_samples": 1, "stop": ""})

    # what the person asks for

    def _send(self) -> None:
        """Speak the line, or put it in the place of the one that is changed."""
        if self.play.speaking is not None:
            return
        self._notice.dismiss()
        turn, words = self._edits, self.composer.line.words
        done = self.play.change(turn, words) if turn is not None else self.play.say(words)
        if done:
            self._edits = None
            self.composer.line.clear()
            self._show_state()

    def _try_again(self) -> None:
        if (turn := self._model_turn()) is not None:
            self._notice.dismiss()
            self.play.try_again(turn)

    def _edit(self) -> None:
        """Put the line in hand into the field."""
        turn = self._view.in_hand
        if turn is not None and self.play.speaking is None:
            self._edits = turn
            self.composer.line.setPlainText(turn.said)
            self.composer.line.moveCursor(self.composer.line.textCursor().MoveOperation.End)
            self.composer.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self._show_state()

    def leave_editing(self) -> bool:
        """Leave a line that is being changed as it was; return whether there was one."""
        was, self._edits = self._edits is not None, None
        if was:
            self.composer.line.clear()
            self._show_state()
        return was

    def _play_alone(self) -> None:
        self._notice.dismiss()
        self.play.play_alone()

    def _begin_anew(self) -> None:
        self.play.clear()
        self._recast()

    def _step(self, turn: SceneTurn, by: int) -> None:
        self._hide_card()
        self.leave_editing()
        self.play.step(turn, by)

    def _model_turn(self) -> SceneTurn | None:
        """Return the turn that can be spoken otherwise: the model's in hand, or its answer to the line in hand."""
        path, turn = self.play.record.path, self._view.in_hand
        if turn is None or turn not in path:
            return None
        following = path[path.index(turn) :]
        return next((each for each in following[:2] if each.take is not None), None)

    # seeing inside

    def _see_inside(self, inside: bool) -> None:
        QSettings().setValue(_INSIDE, "true" if inside else "false")
        self._view.see_inside(inside)
        self._hide_card()

    def _make_card(self) -> AlternativesCard:
        made = self._card = AlternativesCard(self)
        made.picked.connect(self._branch)
        made.left.connect(self._back_to_list)
        return made

    def _leave_token(self) -> None:
        if self._card is not None:
            self._card.go_soon()

    def _hide_card(self) -> None:
        if self._card is not None:
            self._card.hide()

    def _point(self, turn: SceneTurn, piece: int, where: QRect) -> None:
        if turn.take is not None:
            self._pointed = (turn, piece)
            here = where.translated(self._view.viewport().mapTo(self, QPoint(0, 0)))
            (self._card or self._make_card()).show_token(turn.take, piece, here)

    def _go_in(self) -> None:
        """Give what else could have stood there the keyboard."""
        if self._card is not None and self._card.isVisible():
            self._card.go_in()

    def _branch(self, number: int) -> None:
        if self._pointed is not None and self.play.speaking is None:
            turn, piece = self._pointed
            self._back_to_list()
            if turn.take is not None and turn in self.play.record.path:
                self.play.branch(turn, piece, turn.take.pieces[piece].alternatives[number])

    def _back_to_list(self) -> None:
        self._hide_card()
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    # how it goes

    def _show_scene(self) -> None:
        path, scene = self.play.record.path, self.play.scene
        self._view.show_path(path, scene.me if scene is not None else "")
        self._view.show_remembered(first_remembered(path, self.play.forgotten))
        self._show_state()

    def _rest(self) -> None:
        if any(turn.take is not None and turn.said for turn in self.play.record.path):
            QSettings().setValue(self._heard, "true")
        self._view.flush()
        self._show_state()

    def _show_state(self) -> None:
        playing, path = self.play.speaking is not None, self.play.record.path
        self._cast.show_playing(playing)
        self.composer.show_state(
            playing=playing,
            can_send=self.play.scene is not None and self.play.choice is not None,
            can_retry=not playing and self._edits is None and self._model_turn() is not None,
            can_edit=not playing and self._edits is None and self._view.in_hand is not None,
            editing=self._edits is not None,
            status=self._words(),
        )
        for button in (self._copy, self._save):
            button.setEnabled(bool(path))
        self._clear.setEnabled(bool(path) and not playing)

    def _words(self) -> str:
        """Return how it goes, in a line."""
        if self.play.speaking is not None:
            return f"{self.play.speaking.speaker} speaks…"
        told = self.play.told
        if told is not None and told.reason == "limit":
            return f"Cut off after {formats.plural(told.tokens, 'token')}: Length allows more"
        if told is not None and told.reason == "silent":
            return f"{told.speaker} has nothing to say: try again, or write on"
        return ""

    # keeping

    def as_script(self) -> str:
        """Return what was said, as it would stand in the text."""
        scene = self.play.scene
        return script(self.play.record.speeches(), scene.turns.layout).rstrip("\n") + "\n" if scene is not None else ""

    def _save_to(self, file: str) -> None:
        try:
            write_text(Path(file), self.as_script())
        except OSError as error:
            self._notice.tell(f"The scene could not be saved to {file}.", f"{error.strerror or error}.")

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves a line that is being changed."""
        if event.key() == Qt.Key.Key_Escape and self.play.speaking is None and self.leave_editing():
            return
        super().keyPressEvent(event)
