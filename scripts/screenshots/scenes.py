"""What is shown: a scene sets the window up by its own controls, and leaves it to be looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from scripts.screenshots import data, generate, others, runs, train
from scripts.screenshots.parts import part, settle
from scripts.screenshots.recorded import LONG_NAME, state_at

if TYPE_CHECKING:
    from gui.shell.window import MainWindow


def clear(window: MainWindow) -> None:
    """Put away what the scene before left behind."""
    from PySide6.QtWidgets import QAbstractButton, QLineEdit, QTabBar

    from gui.kit.notice import Notice

    window.train.setup.choose_recipe("guide")  # as the recorded runs were made
    window.train.setup.choose_preset("tiny")
    train.show(window)
    if window.train.stage.is_complete:
        window.train.stage.loss.show_others(())
        train.show_words(window)
        part(window, QTabBar, "output_pages").setCurrentIndex(0)
    train.fold(window)
    part(window, QAbstractButton, "first_steps_away").click()
    part(window, QAbstractButton, "see_inside_button").setChecked(False)
    part(window, Notice, "runs_notice").dismiss()
    part(window, QLineEdit, "runs_search").clear()
    part(window, Notice, "generate_notice").dismiss()
    for name in ("stop_generate_button", "scene_stop_button", "cancel_prepare_button"):
        stop = part(window, QAbstractButton, name)
        if not stop.isHidden():  # its tab may be behind another
            stop.click()
            settle()
    part(window, QTabBar, "scene_switch").setCurrentIndex(0)
    shutil.rmtree(generate.TORN, ignore_errors=True)


POPUPS = ("presets", "start-from", "running-chooser", "first-steps")
"""The scenes that open a list which closes at a click beside it."""

SCENES: dict[str, Callable[[MainWindow], None]] = {
    "empty": train.empty,
    "presets": train.presets,
    "settings": train.settings,
    "recipe": train.recipe,
    "start-from": train.start_from,
    "too-large": train.too_large,
    "preset-sheet": train.preset_sheet,
    "starting": train.starting,
    "running": train.running,
    "running-plot": train.plot,
    "running-log": train.log,
    "running-compared": train.compared,
    "running-chooser": train.chooser,
    "running-forecast": train.forecast,
    "advised": train.advised,
    "paused": train.paused,
    "stopped": train.stopped,
    "long-name": lambda window: train.show(window, state_at(train.NEARLY, LONG_NAME)),
    "finished": train.finished,
    "curtain": train.curtain,
    "share-card": train.share("card"),
    "share-film": train.share("film"),
    "failed": train.failed,
    "not-begun": train.not_begun,
    "quit": others.at_quit,
    "close": others.at_close,
    "generate-empty": generate.empty,
    "generate": generate.written,
    "generate-writing": generate.writing,
    "generate-inside": generate.token,
    "generate-read": generate.reading,
    "generate-samples": generate.inside(num_samples=3, max_new_tokens=80),
    "generate-compare": generate.inside(compare=2, max_new_tokens=120),
    "generate-more": generate.more_settings,
    "generate-long": generate.long_text,
    "generate-torn": generate.torn,
    "generate-scene": generate.play,
    "generate-playing": generate.playing_alone,
    "data": data.page("Text"),
    "data-overview": data.page("Overview"),
    "data-vocabulary": data.page("Vocabulary"),
    "data-quality": data.page("Quality"),
    "data-gallery": data.gallery,
    "data-draft": data.draft,
    "data-preparing": data.preparing,
    "runs": runs.runs(1),
    "runs-compared": runs.runs(2),
    "runs-not-found": runs.not_found,
    "runs-trash": runs.thrown_away,
    "runs-export": runs.export,
    "runs-exported": runs.exported,
    "runs-pack": runs.pack,
    "runs-packed": runs.packed,
    "runs-unpack": runs.unpack,
    "about": others.about,
    "help": others.guide,
    "help-search": others.guide_search,
    "app-settings": lambda window: window.show_settings(),
    "first-steps": others.first_steps,
    "generate-none": generate.no_model,  # from here on, no run is there
    "runs-empty": runs.none,
}
