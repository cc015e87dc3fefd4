"""What a run begins with: nothing, a published GPT-2, or a model that was trained before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.core.config import TrainConfig
from engine.core.errors import UnderstudyError
from engine.core.init_from import GPT2_BLOCK, GPT2_SHAPES, is_model
from engine.core.paths import home, runs_dir
from engine.model.shape import parameter_count
from engine.runs.folder import RunFolder
from engine.runs.model_files import gpt2_folder
from engine.runs.start_model import tells_shape
from engine.tokens.tokenizer import GPT2_TOKEN_COUNT, GPT2_TOKENS
from gui.kit import formats
from gui.kit.parts import Wrapped, column, label, row
from gui.kit.plain import plain_tip
from gui.kit.style import role
from gui.kit.theme import Space
from gui.train.form import ElidedCombo
from gui.train.form_state import FormState
from gui.train.plan import TextChoice

_SCRATCH, _ANOTHER = "scratch", ""
_READING = "Reading the model…"


class StartFrom(QWidget):
    """The choice of a beginning, over the FormState that it changes.

    Signals:
        changed(): another beginning was chosen; the state has taken it.
        read_asked(init_from): the shape of a model is to be read from its checkpoint, for `take_shape`.
    """

    changed = Signal()
    read_asked = Signal(str)

    def __init__(self, state: FormState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._reading = ""  # the model whose shape is awaited
        self._picker = ElidedCombo()
        self._picker.setObjectName("start_from_picker")
        self._picker.setAccessibleName("What to start from")
        self._picker.activated.connect(self._choose)
        self._detail = label(kind="caption")
        self._problem = Wrapped(kind="error")
        self._problem.setObjectName("start_from_problem")
        self._problem.hide()
        layout = column(self, spacing=Space.S)
        layout.addLayout(row(label("Start From", "strong"), None, self._detail))
        layout.addWidget(self._picker)
        layout.addWidget(self._problem)

    def show_state(self, text: TextChoice) -> None:
        """Show what is chosen, what it takes to bring it here, and whether it reads this text."""
        now = self._state.start_from
        choices = {_SCRATCH: "Scratch"} | {name: _title(name) for name in GPT2_SHAPES}
        choices.setdefault(now, self.title)
        choices[_ANOTHER] = "Another Run or Model…"
        self._picker.clear()
        for name, title in choices.items():
            self._picker.addItem(title, name)
        self._picker.setCurrentIndex(self._picker.findData(now))
        self._picker.setToolTip(plain_tip(now if is_model(now) and now not in GPT2_SHAPES else ""))
        self._detail.setText(_READING if self._reading else _where(now))
        other = now in GPT2_SHAPES and text.vocab_size not in GPT2_TOKENS
        self._tell("GPT-2 reads its own tokens: this text is written in them first." if other else "", "caption")

    @property
    def title(self) -> str:
        """What the model is called that a run begins with."""
        now = self._state.start_from
        if now in GPT2_SHAPES:
            return _title(now).partition(",")[0]
        return str(RunFolder(Path(now)).card().get("name") or Path(now).name)

    def begin_with(self, init_from: str) -> None:
        """Begin with a model, or say why that cannot be; one that torch must open first is read elsewhere."""
        self.forget()
        if not is_model(init_from) or tells_shape(init_from):
            self._begin(init_from)
            return
        self._reading = init_from
        self._detail.setText(_READING)
        self._tell("")
        self.read_asked.emit(init_from)

    def take_shape(self, init_from: str, shape: Mapping[str, Any]) -> None:
        """Begin with a model that was read, unless something else was chosen or begun meanwhile."""
        if self._is_awaited(init_from):
            self._begin(init_from, shape)

    def tell_unread(self, init_from: str, error: BaseException) -> None:
        """Say why a model cannot be begun with."""
        if self._is_awaited(init_from):
            self._refuse(error)

    @property
    def is_reading(self) -> bool:
        """Whether the shape of a model is awaited."""
        return bool(self._reading)

    def forget(self) -> None:
        """Drop the model that is being read."""
        self._reading = ""
        self._detail.setText(_where(self._state.start_from))

    def _is_awaited(self, init_from: str) -> bool:
        """Return whether a model is still wanted; it is no longer awaited."""
        awaited = init_from == self._reading and self.isEnabled()
        if init_from == self._reading:
            self.forget()
        return awaited

    def _begin(self, init_from: str, shape: Mapping[str, Any] | None = None) -> None:
        try:
            self._state.begin_with(init_from, shape)
        except UnderstudyError as error:
            self._refuse(error)
            return
        self.changed.emit()

    def _refuse(self, error: BaseException) -> None:
        self._picker.setCurrentIndex(self._picker.findData(self._state.start_from))
        if isinstance(error, UnderstudyError):
            self._tell(f"{error.message} {error.cause}")
        else:
            self._tell("The model cannot be read; the log says why.")

    def _choose(self, index: int) -> None:
        name = str(self._picker.itemData(index))
        if name != _ANOTHER:
            self.begin_with(name)
            return
        self._picker.setCurrentIndex(self._picker.findData(self._state.start_from))
        place = runs_dir() if os.path.isdir(runs_dir()) else home()
        dialog = QFileDialog(self.window(), "Start From", str(place))
        dialog.setObjectName("start_from_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Choose")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.begin_with)
        dialog.open()

    def _tell(self, words: str, kind: str = "error") -> None:
        role(self._problem, kind)
        self._problem.tell(words)
        self._problem.setVisible(bool(words))


def _title(name: str) -> str:
    return f"{name.replace('gpt2', 'GPT-2').replace('-', ' ').replace('GPT 2', 'GPT-2')}, {_size(name)[0]} parameters"


@cache
def _size(name: str) -> tuple[str, str]:
    """Return the parameters of a published model, and about what its file takes: four bytes each."""
    config = TrainConfig.of(GPT2_SHAPES[name], {"block_size": GPT2_BLOCK, "bias": True})
    total = parameter_count(config, GPT2_TOKEN_COUNT).total
    return formats.count(total), formats.disk(4 * total)


def _where(init_from: str) -> str:
    """Return what it takes to have a model here."""
    if init_from in GPT2_SHAPES:
        here = os.path.exists(gpt2_folder(init_from) / "model.safetensors")
        return "Here already" if here else f"Downloads about {_size(init_from)[1]} once"
    return "Fine-tunes its weights" if is_model(init_from) else ""
