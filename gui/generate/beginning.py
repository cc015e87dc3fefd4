"""What stands in the field: a beginning that is offered or was typed, or a text that is being changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QSettings, Signal

from engine.core.config import SampleConfig
from engine.datasets.beginnings import beginnings_of
from engine.datasets.dataset import entry_for
from gui.generate.choices import CheckpointChoice, block_size_of
from gui.generate.composer import Composer
from gui.generate.controls import DialPanel
from gui.generate.dials import FIRST_SETTINGS
from gui.generate.passage import Strand
from gui.generate.recall import from_memory, memory_key, to_memory
from gui.kit.background import Background

_LONGEST_REMEMBERED = 20_000  # characters of a beginning


class Beginning(QObject):
    """The text in the field, and where it came from; and the beginnings from the model's own text.

    Signals:
        offered(beginnings): what suits the chosen model, the best first.

    Attributes:
        edits: the strand whose text stands there to be changed, None while there is a beginning.
    """

    offered = Signal(list)

    def __init__(self, composer: Composer, dials: DialPanel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._choice: CheckpointChoice | None = None
        self._composer, self._dials = composer, dials
        self._offered = FIRST_SETTINGS.start
        self._before = ""  # what stood in the field before a text was edited there
        self.edits: Strand | None = None
        composer.set_prompt(self._offered)

    def recall(self, choice: CheckpointChoice | None) -> None:
        """Bring back the prompt and the settings that a checkpoint was last used with."""
        kept = from_memory(QSettings().value(memory_key(choice.path))) if choice else None
        self._composer.tell_block_size(block_size_of(choice.path) if choice else None)
        if kept is not None:
            self._dials.recall(kept)
        self._choice, text = choice, choice.dataset if choice else ""
        own = bool(text) and entry_for(text) is None  # nothing is known of it before it is looked into
        if self.edits is None:
            usual = choice.beginning if choice else ""
            self._offer(kept.start if kept else "", usual or ("" if own else FIRST_SETTINGS.start))
        self.offered.emit([])
        if choice is not None and text:
            self._background.do(lambda: beginnings_of(text), partial(self._take, choice), lambda _error: None)

    def _take(self, choice: CheckpointChoice, found: list[str]) -> None:
        """Take in what suits a model's text, unless another was chosen meanwhile."""
        if self._choice is None or choice.path != self._choice.path:
            return
        if found and self.edits is None and not self._offered:
            self._offer("", found[0])
        self.offered.emit(found)

    def remember(self, choices: Sequence[CheckpointChoice], config: SampleConfig) -> None:
        """Keep for another time what these are asked, unless it is very long."""
        if len(config.start) <= _LONGEST_REMEMBERED:
            for choice in choices:
                QSettings().setValue(memory_key(choice.path), to_memory(config))

    def edit(self, strand: Strand) -> None:
        """Put a text into the field, to be changed and gone on from."""
        self.edits, self._before = strand, self._composer.prompt
        self._composer.set_prompt(strand.shown.text())
        self._composer.set_editing(True)
        self._composer.prompt_edit.setFocus()
        self._composer.prompt_edit.moveCursor(self._composer.prompt_edit.textCursor().MoveOperation.End)

    def edited(self) -> Strand | None:
        """Return the strand whose changed text is asked for now, which ends the editing."""
        strand, self.edits = self.edits, None
        self._composer.set_editing(False)
        return strand

    def leave(self) -> None:
        """Leave the text as it was, and bring the beginning back."""
        if self.edited() is not None:
            self._composer.set_prompt(self._before)

    def _offer(self, last: str, usual: str) -> None:
        """Put into the field what a checkpoint was last asked, or what suits its text unless something was typed."""
        offered = last or usual
        if last or self._composer.prompt == self._offered:
            self._composer.set_prompt(offered)
            self._offered = offered
