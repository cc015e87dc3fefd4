"""What a run begins with: nothing, a published GPT-2, or a model that was trained before."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.config import TrainConfig
from engine.errors import UnderstudyError
from engine.estimate import parameter_count
from engine.gpt2 import GPT2_BLOCK, GPT2_SHAPES, gpt2_folder, is_model
from engine.paths import home, runs_dir
from engine.runs import RunFolder
from gui import formats
from gui.parts import Wrapped, column, label, row
from gui.theme import Space
from gui.train.form import ElidedCombo
from gui.train.form_state import FormState
from gui.train.plan import TextChoice

_SCRATCH, _ANOTHER = "scratch", ""
_GPT2_TOKENS = range(50257, 50305)


class StartFrom(QWidget):
    """The choice of a beginning, over the FormState that it changes.

    Signals:
        changed(): another beginning was chosen; the state has taken it.
    """

    changed = Signal()

    def __init__(self, state: FormState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
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
        if now not in choices:
            choices[now] = RunFolder(Path(now)).card().get("name") or Path(now).name
        choices[_ANOTHER] = "Another Run or Model…"
        self._picker.clear()
        for name, title in choices.items():
            self._picker.addItem(title, name)
        self._picker.setCurrentIndex(self._picker.findData(now))
        self._picker.setToolTip(now if is_model(now) and now not in GPT2_SHAPES else "")
        self._detail.setText(_where(now))
        wrong = now in GPT2_SHAPES and text.vocab_size not in _GPT2_TOKENS
        self._tell("GPT-2 reads its own tokens only: choose a text that is cut into them." if wrong else "")

    def begin_with(self, init_from: str) -> None:
        """Begin with a model, or say why that cannot be."""
        try:
            self._state.begin_with(init_from)
        except UnderstudyError as error:
            self._picker.setCurrentIndex(self._picker.findData(self._state.start_from))
            self._tell(f"{error.message} {error.cause}")
            return
        self.changed.emit()

    def _choose(self, index: int) -> None:
        name = str(self._picker.itemData(index))
        if name != _ANOTHER:
            self.begin_with(name)
            return
        self._picker.setCurrentIndex(self._picker.findData(self._state.start_from))
        place = runs_dir() if runs_dir().is_dir() else home()
        dialog = QFileDialog(self.window(), "Start From", str(place))
        dialog.setObjectName("start_from_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Choose")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.begin_with)
        dialog.open()

    def _tell(self, problem: str) -> None:
        self._problem.tell(problem)
        self._problem.setVisible(bool(problem))


def _title(name: str) -> str:
    return f"{name.replace('gpt2', 'GPT-2').replace('-', ' ').replace('GPT 2', 'GPT-2')}, {_size(name)[0]} parameters"


@cache
def _size(name: str) -> tuple[str, str]:
    """Give the parameters of a published model, and about what its file takes: four bytes each."""
    config = TrainConfig.of(GPT2_SHAPES[name], {"block_size": GPT2_BLOCK, "bias": True})
    total = parameter_count(config, _GPT2_TOKENS[0]).total
    return formats.count(total), formats.disk(4 * total)


def _where(init_from: str) -> str:
    """Give what it takes to have a model here."""
    if init_from in GPT2_SHAPES:
        here = (gpt2_folder(init_from) / "model.safetensors").exists()
        return "Here already" if here else f"Downloads about {_size(init_from)[1]} once"
    return "Fine-tunes its weights" if is_model(init_from) else ""
