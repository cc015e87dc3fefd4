"""What stands in the field: a beginning that is offered or was typed, or a text that is being changed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings

from engine.core.config import SampleConfig
from gui.generate.choices import CheckpointChoice, block_size_of
from gui.generate.composer import Composer
from gui.generate.controls import DialPanel
from gui.generate.dials import FIRST_SETTINGS
from gui.generate.passage import Strand
from gui.generate.recall import from_memory, memory_key, to_memory

_LONGEST_REMEMBERED = 20_000  # characters of a beginning


class Beginning:
    """The text in the field, and where it came from.

    Attributes:
        edits: the strand whose text stands there to be changed, None while there is a beginning.
    """

    def __init__(self, composer: Composer, dials: DialPanel) -> None:
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
        if self.edits is None:
            self._offer(kept.start if kept else "", choice.beginning if choice else "")

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
        offered = last or usual or FIRST_SETTINGS.start
        if last or self._composer.prompt == self._offered:
            self._composer.set_prompt(offered)
            self._offered = offered
