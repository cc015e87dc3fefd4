"""A scene as it is played: whose turn it is, the jobs that speak, and the turns that come of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

from PySide6.QtCore import QObject, Signal

from engine.core.config import SampleConfig
from engine.core.events import Alternative, Event, Token
from engine.generation.model_cache import Shelf
from engine.text.script import Scene, Speaking, Spoken, as_words, who_speaks_next
from gui.generate import errand
from gui.generate.choices import CheckpointChoice
from gui.generate.errand import Errand
from gui.generate.scene_record import SceneRecord, SceneTurn
from gui.generate.take import Piece, Take
from gui.kit.engine_thread import EngineThread

MOST_SILENCES = 2
"""Turns in a row in which nothing is said before a scene that is played alone ends."""

_SEEDS = 2**32


class ScenePlay(QObject):
    """Takes a person's lines, and lets the model speak its own.

    Signals:
        changed(): other turns are shown, or the model forgets more of them.
        grew(): the turn that is spoken has more words.
        failed(error): it cannot be spoken.
        rested(): it is the person's turn.

    Attributes:
        record: the turns.
        scene: who plays; None where nobody can.
        choice: the model.
        forgotten: how many speeches the model did not have before it any more when it spoke last.
        speaking: the turn that is being spoken.
        told: how the last turn ended.
    """

    changed = Signal()
    grew = Signal()
    failed = Signal(object)
    rested = Signal()

    def __init__(
        self,
        engine: EngineThread,
        shelf: Shelf,
        settings: Callable[[bool], SampleConfig],
        parent: QObject | None = None,
    ) -> None:
        """Take what tells the settings of a turn that is spoken; its argument says whether it is tried again."""
        super().__init__(parent)
        self.record = SceneRecord()
        self.scene: Scene | None = None
        self.choice: CheckpointChoice | None = None
        self.forgotten = 0
        self.speaking: SceneTurn | None = None
        self.told: Spoken | None = None
        self._shelf, self._settings = shelf, settings
        self._config = SampleConfig()
        self._seeds = count()
        self._alone = self._stopped = False
        self._silences = 0
        self._errand = Errand(engine, self)
        self._errand.told.connect(self._take)
        self._errand.over.connect(self._end)

    # what a person asks for

    def say(self, typed: str) -> bool:
        """Speak a line as the person, and let the others answer; nothing typed lets the model go on.

        Return whether anything came of it.
        """
        scene = self._ready()
        if scene is None:
            return False
        words = as_words(typed, scene.turns.layout)
        if words:
            self.record.add(SceneTurn(scene.me, words))
        self._begin(again=False)
        self._speak(who_speaks_next(scene, self.record.speeches(), "") if words else scene.it)
        return True

    def change(self, turn: SceneTurn, typed: str) -> bool:
        """Put other words in the place of a turn, and go on from there; return whether there were any."""
        scene = self._ready()
        words = as_words(typed, scene.turns.layout) if scene is not None else ""
        if scene is None or not words:
            return False
        self.record.replace(turn, SceneTurn(turn.speaker, words))
        if turn.speaker == scene.me:
            self._begin(again=False)
            self._speak(who_speaks_next(scene, self.record.speeches(), ""))
        else:
            self.changed.emit()
            self.rested.emit()
        return True

    def try_again(self, turn: SceneTurn) -> None:
        """Have the model speak a turn of its own otherwise."""
        if self._ready() is not None:
            self._begin(again=True)
            self._speak(turn.speaker, turn)

    def branch(self, turn: SceneTurn, piece: int, other: Alternative) -> None:
        """Go on from another token in a turn of the model's."""
        if self._ready() is not None and turn.take is not None:
            self._begin(again=False)
            begun = turn.take.branched(piece, other, self._config).pieces
            self._speak(turn.speaker, turn, begun)

    def play_alone(self) -> None:
        """Let the model speak all parts until it is stopped."""
        scene = self._ready()
        if scene is not None:
            self._begin(again=False)
            self._alone = True
            speeches = self.record.speeches()
            self._speak(who_speaks_next(scene, speeches, "", alone=True))

    def stop(self) -> None:
        """Speak no more; what was said stays."""
        self._stopped = True
        self._errand.stop()

    def step(self, turn: SceneTurn, by: int) -> None:
        """Show another of the turns that stood in one place."""
        if self.speaking is None:
            self.record.step(turn, by)
            self.changed.emit()
            self.rested.emit()

    def clear(self) -> None:
        """Begin anew."""
        if self.speaking is None:
            self.record = SceneRecord()
            self.forgotten = 0
            self.told = None
            self.changed.emit()
            self.rested.emit()

    # how it goes

    def _ready(self) -> Scene | None:
        return self.scene if self.speaking is None and self.choice is not None else None

    def _begin(self, *, again: bool) -> None:
        self._config = self._settings(again)
        self._seeds = count()
        self._alone = self._stopped = False
        self._silences = 0

    def _speak(self, speaker: str, instead: SceneTurn | None = None, begun: Sequence[Piece] = ()) -> None:
        """Let the model speak as somebody, in the place of another turn or after the last."""
        scene, choice = self.scene, self.choice
        assert scene is not None
        assert choice is not None
        seed = (self._config.seed + next(self._seeds)) % _SEEDS
        config, path, shelf = replace(self._config, seed=seed), choice.path, self._shelf
        turn = SceneTurn(speaker, take=Take(choice, config, list(begun)))
        self.speaking = self.record.replace(instead, turn) if instead is not None else self.record.add(turn)
        self.record.lighten()
        speeches = self.record.speeches(turn)
        ids = tuple(piece.token for piece in begun if piece.token is not None)
        self.changed.emit()
        self._errand.start(lambda control: errand.speak(path, scene, speeches, speaker, config, control, shelf, ids))

    def _take(self, event: Event) -> None:
        turn = self.speaking
        if turn is None or turn.take is None:
            return
        if isinstance(event, Speaking):
            if event.forgotten != self.forgotten:
                self.forgotten = event.forgotten
                self.changed.emit()
        elif isinstance(event, Token):
            turn.take.take(event)
            self.grew.emit()
        elif isinstance(event, Spoken):
            turn.words, self.told = event.text, event
            self.grew.emit()

    def _end(self, error: BaseException | None) -> None:
        turn, self.speaking = self.speaking, None
        if turn is None or turn.take is None or self.scene is None:
            return
        turn.take.end(failed=error is not None)
        ended = self.told.reason if self.told is not None else "stopped"
        silent = not turn.said
        if silent and (error is not None or ended == "stopped"):
            self.record.take_back(turn)
            self.changed.emit()
        if error is not None:
            self.failed.emit(error)
        self._silences = self._silences + 1 if silent else 0
        follows = "" if error is not None or self._stopped else self._next(self.scene, turn)
        if follows:
            self._speak(follows)
        else:
            self._alone = False
            self.rested.emit()

    def _next(self, scene: Scene, turn: SceneTurn) -> str:
        """Return who speaks now without being asked; nobody where it is the person's turn."""
        if not turn.said:
            goes_on = self._alone and self._silences < MOST_SILENCES
            return (scene.it if turn.speaker == scene.me else scene.me) if goes_on else ""
        wanted = self.told.wanted if self.told is not None else ""
        follows = who_speaks_next(scene, self.record.speeches(), wanted, alone=self._alone)
        return follows if self._alone or follows != scene.me else ""
