"""The scenes of the Train tab: what is set up, and a run at every stage of its life."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots.parts import part, press, settle, wait
from scripts.screenshots.recorded import (
    BEST,
    HOME,
    LENGTH,
    OTHER,
    RUN,
    STORY_MINUTES,
    ended_story,
    events,
    learned_text,
    state_at,
)

if TYPE_CHECKING:
    from engine.core.errors import UnderstudyError
    from gui.shell.window import MainWindow
    from gui.train.state import RunState

NEARLY = 350
_HALFWAY = 280


def show(window: MainWindow, state: RunState | None = None) -> None:
    """Show a run as it stands, or none yet."""
    from gui.train.state import RunState

    window.tabs.setCurrentWidget(window.train)
    window.train.show_run(state or RunState())
    for tab in (window.runs, window.train):  # what comes into sight is drawn at once
        window.tabs.setCurrentWidget(tab)


def fold(window: MainWindow) -> None:
    """Fold the groups of settings and show the first of them."""
    from PySide6.QtWidgets import QScrollArea, QToolButton

    for heading in window.findChildren(QToolButton):
        if heading.objectName().startswith(("group_", "more_", "recipe_decisions")):
            heading.setChecked(False)
    part(window, QToolButton, "setup_details").setChecked(False)
    settle()
    for name in ("setup_scroll", "generate_sidebar"):
        part(window, QScrollArea, name).verticalScrollBar().setValue(0)


def details(window: MainWindow) -> None:
    """Show all that makes a run."""
    from PySide6.QtWidgets import QToolButton

    part(window, QToolButton, "setup_details").setChecked(True)


# what is set up


def empty(window: MainWindow) -> None:
    """Show what a person sees first."""
    from gui.kit import preferences

    quick(window, preferences.MINUTES)
    show(window)


def quick(window: MainWindow, minutes: int) -> None:
    """Leave all to the quick recipe, within some minutes."""
    from engine.planning.own_presets import AUTOMATIC

    window.train.setup.choose_preset(AUTOMATIC)
    window.train.setup.choose_recipe("quick", minutes)


def presets(window: MainWindow) -> None:
    """Open the list of presets."""
    from PySide6.QtWidgets import QComboBox

    empty(window)
    part(window, QComboBox, "preset_picker").showPopup()


def too_large(window: MainWindow) -> None:
    """Ask for more than the machine has."""
    window.train.setup.choose_preset("large")
    window.train.setup.change({"batch_size": 64})
    show(window)


def settings(window: MainWindow) -> None:
    """Change two settings, one of them so that it cannot be."""
    from PySide6.QtWidgets import QLineEdit, QScrollArea, QToolButton

    show(window)
    details(window)
    for group in ("group_model", "group_training"):
        part(window, QToolButton, group).setChecked(True)
    for name, text in (("learning_rate", "3e-3"), ("n_head", "3")):
        field = part(window, QLineEdit, f"setting_{name}")
        field.setFocus()
        field.setText(text)
        field.textEdited.emit(text)
    settle()
    part(window, QScrollArea, "setup_scroll").ensureWidgetVisible(field, 0, 200)


def recipe(window: MainWindow) -> None:
    """Leave it to the quick recipe, and read why."""
    from PySide6.QtWidgets import QAbstractButton, QScrollArea

    empty(window)
    details(window)
    choice = part(window, QAbstractButton, "recipe_decisions")
    choice.setChecked(True)
    settle()
    part(window, QScrollArea, "setup_scroll").ensureWidgetVisible(choice, 0, 120)


def start_from(window: MainWindow) -> None:
    """Open the list of what a run may begin with."""
    from PySide6.QtWidgets import QComboBox, QScrollArea

    empty(window)
    details(window)
    picker = part(window, QComboBox, "start_from_picker")
    part(window, QScrollArea, "setup_scroll").ensureWidgetVisible(picker, 0, 0)
    settle()
    picker.showPopup()


def preset_sheet(window: MainWindow) -> None:
    """Save a preset under a name that is taken."""
    from PySide6.QtWidgets import QLineEdit

    empty(window)
    details(window)
    press(window, "preset_save")
    part(window, QLineEdit, "preset_name").setText("Medium")


# a run


def starting(window: MainWindow) -> None:
    """Show a run before anything came of it."""
    from gui.train.state import RunState

    window.train.setup.choose_preset("tiny")
    state = RunState()
    state.start()
    show(window, state)


def running(window: MainWindow) -> None:
    """Show a run near its end, held against what guessing reaches."""
    from engine.datasets.dataset import dataset
    from engine.datasets.quality import ladder_of

    window.train.setup.change(LENGTH)
    fold(window)
    state = state_at(NEARLY)
    state.measure_by(ladder_of(dataset(learned_text())))
    show(window, state)


def plot(window: MainWindow) -> None:
    """Show the plot with all its tools instead of the words."""
    running(window)
    _choose(window, "Show Plot")


def _choose(window: MainWindow, words: str) -> None:
    """Press the button that changes between words and plot, if that is what it offers."""
    from PySide6.QtWidgets import QAbstractButton

    if part(window, QAbstractButton, "stage_choice_button").text() == words:
        press(window, "stage_choice_button")


def show_words(window: MainWindow) -> None:
    """Show the words again, as at first."""
    _choose(window, "Show Words")


def log(window: MainWindow) -> None:
    """Read the log instead of what it writes."""
    from PySide6.QtWidgets import QTabBar

    running(window)
    part(window, QTabBar, "output_pages").setCurrentIndex(1)


def compared(window: MainWindow) -> None:
    """Draw an earlier run beside it."""
    from gui.train.record import read_trace

    plot(window)
    window.train.stage.loss.show_others((read_trace(HOME / "runs" / OTHER),))


def chooser(window: MainWindow) -> None:
    """Choose what to draw beside it."""
    from PySide6.QtWidgets import QListWidget

    plot(window)
    press(window, "loss_compare")
    wait(lambda: bool(part(window, QListWidget, "run_chooser_list").count()), "the list of runs")


def forecast(window: MainWindow) -> None:
    """Show what is expected of the run halfway."""
    from engine.core.config import TrainConfig
    from engine.core.events import Eval
    from engine.training.forecast import forecast

    plot(window)
    state = state_at(_HALFWAY)
    evals = [event for event, _ in events(RUN) if isinstance(event, Eval) and event.iter_num <= _HALFWAY]
    expected = forecast(evals, TrainConfig.of(LENGTH))
    if expected is not None:
        state.take(expected, 0)
    show(window, state)


def advised(window: MainWindow) -> None:
    """Show two notes of the coach: one that warns with a way out, one that explains."""
    from engine.core.config import TrainConfig
    from engine.core.errors import Fix
    from engine.core.events import Advice
    from engine.training.faults import more_dropout

    state = state_at(NEARLY)
    what = "The machine slept for 0 h 40 min; training goes on where it was."
    why = "That time counts neither in the run’s time nor in its speed."
    state.take(Advice(iter_num=280, code="slept", severity="info", what=what, why=why), 0)
    what = "The validation loss has risen from 4.94 to 5.07 while the training loss fell."
    why = "The model learns its text by heart; it was at its best at iteration 200, and best.pt keeps it so."
    fixes = (Fix("Stop Here", "stop"), more_dropout(TrainConfig()))
    state.take(Advice(iter_num=320, code="overfitting", severity="problem", what=what, why=why, fixes=fixes), 0)
    show(window, state)


def paused(window: MainWindow) -> None:
    """Show a run that rests."""
    from engine.core.events import Paused

    state = state_at(240)
    state.take(Paused(iter_num=240), 0)
    show(window, state)


def stopped(window: MainWindow) -> None:
    """Show a run that was stopped, and can go on."""
    from engine.core.events import Finished

    state = state_at(240)
    state.checkpoint = str(BEST)
    best = state.curves.best()
    end = Finished(
        reason="stopped",
        iter_num=240,
        best_val_loss=best[1] if best else None,
        seconds=75.0,
        peak_memory_bytes=0,
    )
    state.take(end, 0)
    state.end(None)
    show(window, state)
    _wait_for_the_verdict(window)


def finished(window: MainWindow) -> None:
    """Show a run that came to its end."""
    state = state_at(400)
    state.checkpoint = str(BEST)
    state.end(None)
    show(window, state)
    _wait_for_the_verdict(window)


def curtain(window: MainWindow) -> None:
    """Show a run of some minutes at its end: its first words, its last, and what it learned."""
    quick(window, STORY_MINUTES)
    show(window, ended_story())
    _wait_for_the_verdict(window)


def _wait_for_the_verdict(window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    wait(lambda: "Looking" not in part(window, QLabel, "verdict").text(), "the verdict")


def share(kind: str) -> Callable[[MainWindow], None]:
    """Share that run, as a card or as an animated picture."""

    def scene(window: MainWindow) -> None:
        from gui.train.share_sheet import ShareSheet

        curtain(window)
        press(window, "share_button")
        press(part(window, ShareSheet, "share_sheet"), f"share_kind_{kind}")
        wait(lambda: part(window, ShareSheet, "share_sheet").file is not None, "what is shared")

    return scene


def _out_of_memory() -> UnderstudyError:
    from engine.core.errors import Fix, OutOfMemoryError

    fix = Fix("Halve the Batch", "resume", {"batch_size": 4, "gradient_accumulation_steps": 2})
    why = "The model, its gradients and this batch do not fit into what other programs leave."
    return OutOfMemoryError("There is not enough memory.", cause=why, code="out_of_memory", fixes=(fix,))


def failed(window: MainWindow) -> None:
    """Show a run that a problem ended."""
    state = state_at(300)
    state.end(_out_of_memory())
    show(window, state)


def not_begun(window: MainWindow) -> None:
    """Show a run that a problem ended before its first iteration."""
    from gui.train.state import RunState

    state = RunState()
    state.start()
    state.end(_out_of_memory())
    show(window, state)
