"""What the model wrote at each evaluation, scrubbed from the first noise to the last verse."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QWidget

from engine.core.events import Sample
from gui.kit import formats
from gui.kit.icons import put_on
from gui.kit.parts import IconButton, button, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Size, Space, restyles
from gui.train.entrance import Entrance
from gui.train.replay import Replay
from gui.train.script import Script, TitledScript
from gui.train.written import is_read_in_lines, without_gaps

_REVEALED_MS = 1_500  # until all of a new sample is there: the next one comes soon
_GENERATE = "Generate with the model of this moment"
_PLAY, _END = "Play from the first noise to now", "End the replay"  # Stop is what ends the run
_LAST, _ON_THE_WAY = "Last words", "On the way"
_GONE = "Only the best and the latest checkpoint are kept: the model of this moment is gone"


class FilmStrip(QWidget):
    """The text of a moment in training, and over it the slider that goes from one to the next.

    Attributes:
        script: the text itself.
        tools: the slider and the buttons, to be laid out by whoever shows the text.

    Signals:
        moment_changed(iter_num): another sample is shown; None when there is none.
        generate_asked(iter_num): the model as it was at this moment should write.
        share_asked(): all that it wrote should be shared.
    """

    moment_changed = Signal(object)
    generate_asked = Signal(int)
    share_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("film_strip")
        self.setAccessibleName("What it writes")
        self._samples: list[Sample] = []
        self._seconds: Sequence[float] = ()
        self._saved: dict[int, str] = {}
        self._shown: Sample | None = None
        self._large = self._ended = self._revealing = self._in_lines = self._alone = False
        self._begins = ""
        self._moment = label(kind="caption")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setObjectName("film_slider")
        self._slider.setAccessibleName("Moment in training")
        self._slider.setMinimumWidth(Space.XXL)
        self._slider.valueChanged.connect(lambda _: self._scrub())
        self._earlier = IconButton("film_earlier", "chevron-left", "Earlier sample")
        self._later = IconButton("film_later", "chevron-right", "Later sample")
        self._earlier.clicked.connect(lambda: self._slider.setValue(self._slider.value() - 1))
        self._later.clicked.connect(lambda: self._slider.setValue(self._slider.value() + 1))
        self._generate = IconButton("film_generate", "write", _GENERATE)
        self._generate.clicked.connect(self._ask)
        self._share = IconButton("film_share", "share", "Share what it wrote…")
        self._share.clicked.connect(self.share_asked)
        self.script = Script()
        self.script.setObjectName("film_text")
        self.script.setAccessibleName("What the model wrote")
        self._make_replay()
        self.tools = QWidget()
        scrub = row(self._earlier, self._slider, self._later, spacing=0)
        tools = row(spacing=Space.M)
        tools.addLayout(scrub, 1)
        tools.addWidget(self._moment)
        tools.addLayout(row(self._generate, self._share, self._play, spacing=Space.XS))
        self.tools.setLayout(tools)
        column(self).addLayout(self._lay_out())
        self._show()

    def _lay_out(self) -> QHBoxLayout:
        """Put the first words beside those that are shown; they are seen once the run has ended."""
        first = Script()
        first.setObjectName("film_first")
        first.setAccessibleName("The first words that the model wrote")
        self._first, self._words = TitledScript(first, "First words"), TitledScript(self.script, _LAST)
        self._rule = role(QFrame(), "rule")
        pair = row(spacing=Space.M)
        pair.addWidget(self._first, 1)
        pair.addWidget(self._rule)
        pair.addWidget(self._words, 1)
        self._entrance = Entrance(self._first)
        return pair

    def show_large(self, large: bool) -> None:
        """Show the words large, or as small as beside a plot."""
        for each in (self._first, self._words):
            each.script.show_large(large)
        self._large = large
        self._show_first()

    def show_as(self, dataset: str) -> None:
        """Show words of the kind that a text has, by its name."""
        self._in_lines = is_read_in_lines(dataset)
        for each in (self._first, self._words):
            each.script.show_as(dataset)

    def show_ended(self, ended: bool) -> None:
        """Show the first words beside the last, or what is written now alone."""
        came = ended and not self._ended
        self._ended = ended
        self._show_tools()
        self._show_first()
        if came and self._revealing:
            self._entrance.begin()

    def show_alone(self, alone: bool) -> None:
        """Leave out the first words, and the titles over both, where it is too low for them."""
        self._alone = alone
        self._show_first()

    def _show_tools(self) -> None:
        """Leave to the curtain call what it offers: to share the run, and to write with the model as it ended."""
        self._share.setVisible(not self._ended)
        earlier = {at for at in self._saved if at < max(self._saved)}
        self._generate.setVisible(not self._ended or any(sample.iter_num in earlier for sample in self._samples))

    def _show_first(self) -> None:
        room = self.width() >= Size.PAIR and not self._alone
        paired = self._ended and self._large and len(self._samples) > 1 and room
        self._words.show_title(paired, _LAST if self.following else _ON_THE_WAY)
        self._first.show_title(True)
        for each in (self._first, self._rule):
            each.setVisible(paired)
        words = self._readable(self._samples[0]) if paired else ""
        if words != self._begins:
            self._begins = words
            self._first.script.show_words(words)

    def _readable(self, sample: Sample) -> str:
        return without_gaps(sample.text, in_lines=self._in_lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the first words where there is room for them."""
        super().resizeEvent(event)
        self._show_first()

    def _make_replay(self) -> None:
        """Make the button that plays, and what it moves; Escape ends it wherever the focus is."""
        self._replay = Replay(self)
        self._replay.moved.connect(self._move)
        self._replay.changed.connect(self._show_play)
        self._play = button("film_play", "Play", self._play_or_stop, says=_PLAY)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self._replay.stop)
        self._show_play()

    def go_to(self, iter_num: float) -> None:
        """Show the sample that was written nearest to an iteration."""
        if self._samples:
            distances = [abs(sample.iter_num - iter_num) for sample in self._samples]
            self._slider.setValue(distances.index(min(distances)))

    def show_saved(self, saved: dict[int, str]) -> None:
        """Take note of the iterations whose checkpoint is there, and which it is: "best" or "latest"."""
        if saved != self._saved:
            self._saved = saved
            self._show()
            self._show_tools()

    def show_samples(
        self, samples: Sequence[Sample], seconds: Sequence[float] = (), *, revealing: bool = False
    ) -> None:
        """Show the samples of a run, and after how much training each was written.

        At the newest one, a still newer one is followed, and may be revealed piece by piece.
        """
        if len(samples) == len(self._samples) and samples[-1:] == self._samples[-1:]:
            return
        if another := len(samples) < len(self._samples):
            self._replay.stop()
        following = another or (self.following and not self._replay.is_playing)
        self._samples, self._seconds, self._revealing = list(samples), seconds, revealing
        blocked = self._slider.blockSignals(True)
        self._slider.setRange(0, max(len(samples) - 1, 0))
        if following:
            self._slider.setValue(len(samples) - 1)
        self._slider.blockSignals(blocked)
        self._show(within_ms=_REVEALED_MS if revealing and following else 0)

    @property
    def iter_num(self) -> int | None:
        """The iteration of the sample that is shown, if there is one."""
        return self._shown.iter_num if self._shown else None

    @property
    def following(self) -> bool:
        """Whether the newest sample is shown."""
        return self._slider.value() >= len(self._samples) - 1

    def _scrub(self) -> None:
        """Show where a person moved the slider."""
        self._replay.stop()
        self._show()

    def _move(self, at: int) -> None:
        """Show a sample as it is played; all of it is there before the next one comes."""
        blocked = self._slider.blockSignals(True)
        self._slider.setValue(at)
        self._slider.blockSignals(blocked)
        self._show(within_ms=self._replay.interval // 2)

    def _play_or_stop(self) -> None:
        if self._replay.is_playing:
            self._replay.stop()
        else:
            self._replay.play(len(self._samples))

    def _show_play(self) -> None:
        """Offer to play, or to stop."""
        plays = self._replay.is_playing
        says = _END if plays else _PLAY
        self._play.setText("End" if plays else "Play")
        self._play.setAccessibleName(says)
        self._play.setToolTip(plain_tip(says))
        self._escape.setEnabled(plays)
        put_on(self._play, "stop" if plays else "play", gap=Space.XS)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if restyles(event) and hasattr(self, "_play"):
            self._show_play()

    def _show(self, *, within_ms: int = 0) -> None:
        at = self._slider.value()
        several = len(self._samples) > 1
        self._slider.setEnabled(several)
        self._play.setEnabled(several)
        self._share.setEnabled(bool(self._samples))
        self._earlier.setEnabled(several and at > 0)
        self._later.setEnabled(several and not self.following)
        sample = self._samples[at] if self._samples else None
        if sample != self._shown:
            self._shown = sample
            self.script.show_words(self._readable(sample) if sample else "", within_ms=within_ms)
        kept = self._saved.get(sample.iter_num, "") if sample else ""
        where = f"iteration {formats.whole(sample.iter_num)}" if sample else ""
        if at < len(self._seconds):
            where += f" · after {formats.duration(self._seconds[at])}"
        where += f" · {kept}" if kept else ""
        self._moment.setText(where)
        self._slider.setAccessibleDescription(where)
        self._generate.setEnabled(bool(kept))
        self._generate.setToolTip(_GENERATE if kept or sample is None else _GONE)
        self._show_first()
        self.moment_changed.emit(sample.iter_num if sample else None)

    def _ask(self) -> None:
        if self._shown is not None:
            self.generate_asked.emit(self._shown.iter_num)
