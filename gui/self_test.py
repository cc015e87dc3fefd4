"""`--self-test`: does the installed application work? The main job through the window, in a folder of its own.

    Understudy.app/Contents/MacOS/Understudy --self-test [--device=cpu] [--picture=FILE.png]

Prints one JSON object: what was trained and generated, or what failed; keeps a picture of the window if asked to.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from time import monotonic
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QPlainTextEdit, QTextEdit, QWidget

from engine.core.config import TrainConfig
from engine.core.jobs import Control, Job
from gui.app import build
from gui.shell.window import MainWindow
from gui.train.jobs import train_job
from gui.train.state import Phase, RunState

ITERATIONS = 20
BATCH = 2
CHARACTERS = 40
_PROMPT = "ROMEO:"
_TIMEOUT_S = 240.0
_LOOK_MS = 50

W = TypeVar("W", bound=QWidget)
Step = Callable[[], bool]


def self_test(arguments: Sequence[str]) -> int:
    """Do the main job; return exit code 0 when the window painted, trained and wrote."""
    picture, device = _value(arguments, "--picture="), _value(arguments, "--device=")
    with tempfile.TemporaryDirectory() as home:
        os.environ["UNDERSTUDY_HOME"] = home
        if device:
            os.environ["UNDERSTUDY_DEVICE"] = device  # whatever chooses: the run, and what it is written with
        app, window = build(list(arguments[:1]), make_job=partial(_short_run, device or "auto"))
        test = SelfTest(app, window)
        window.show()
        app.exec()
        if picture:
            window.grab().save(picture)
        print(json.dumps(test.report), flush=True)
    return 0 if "problem" not in test.report else 1


def _value(arguments: Sequence[str], flag: str) -> str:
    return next((each.removeprefix(flag) for each in arguments if each.startswith(flag)), "")


def _short_run(device: str, config: TrainConfig, control: Control) -> Job:
    short = {"max_iters": ITERATIONS, "eval_interval": ITERATIONS // 2, "eval_iters": 2, "batch_size": BATCH}
    return train_job(config.changed({"device": device, **short}), control)


class SelfTest:
    """Goes from step to step as the window gets there.

    Attributes:
        report: what is printed: figures, and "problem" when a step did not come about.
    """

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        self.report: dict[str, object] = {}
        self._app, self._window = app, window
        self._steps = self._all_steps()
        self._waits_for: tuple[str, Step] = next(self._steps)
        self._until = monotonic() + _TIMEOUT_S
        self._look = QTimer(window, interval=_LOOK_MS)
        self._look.timeout.connect(self._go_on)
        self._look.start()

    def _all_steps(self) -> Iterator[tuple[str, Step]]:
        """Act, then name what must come about before the next."""
        window = self._window
        yield "the window paints", lambda: window.isVisible() and not window.grab().isNull()
        self._press("preset_tiny")
        yield "Start can be pressed", lambda: self._button("start_button").isEnabled()
        self._press("start_button")
        yield "the run ends", lambda: window.train.state.phase in (Phase.FINISHED, Phase.FAILED)
        self._tell_run(window.train.state)
        if window.train.state.phase is Phase.FAILED:
            raise LookupError(f"the run failed: {window.train.view.status}")
        window.tabs.setCurrentWidget(window.generate)
        yield "a checkpoint can be chosen", lambda: self._button("generate_button").isEnabled()
        self._found(QPlainTextEdit, "prompt_edit").setPlainText(_PROMPT)
        self._press("generate_button")
        yield "the model writes", lambda: len(self._written()) > len(_PROMPT) + CHARACTERS
        self._press("stop_generate_button")
        yield "it ends", lambda: self._button("generate_button").isEnabled()
        self.report["characters"] = len(self._written())

    def _tell_run(self, state: RunState) -> None:
        if state.finished is not None:
            self.report |= {"iterations": state.finished.iter_num, "best_val_loss": state.finished.best_val_loss}
        if state.started is not None:
            self.report["device"] = state.started.device

    def _go_on(self) -> None:
        name, came_about = self._waits_for
        try:
            if came_about():
                following = next(self._steps, None)
                if following is not None:
                    self._waits_for = following
                    return
            elif monotonic() < self._until:
                return
            else:
                self.report["problem"] = f"This did not come about: {name}."
        except LookupError as error:
            self.report["problem"] = str(error)
        self._look.stop()
        self._app.quit()

    def _written(self) -> str:
        return self._found(QTextEdit, "transcript").toPlainText()

    def _button(self, name: str) -> QAbstractButton:
        return self._found(QAbstractButton, name)

    def _press(self, name: str) -> None:
        self._button(name).click()

    def _found(self, kind: type[W], name: str) -> W:
        widget = self._window.findChild(kind, name)
        if widget is None:
            raise LookupError(f"the window has no {name}")
        return widget
