"""What a person has chosen for the window and for all runs: kept by the system, each with its default."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QPalette

from engine.core.config import TrainConfig
from engine.core.errors import SettingError
from engine.core.paths import home, usual_folder
from engine.core.settings import parse_value, problem_of, setting_fields
from gui.kit import theme

TEXT_SCALES = (1.0, 1.15, 1.3, 1.5, 1.75)
APPEARANCES = {
    "system": ("Match System", Qt.ColorScheme.Unknown),
    "light": ("Light", Qt.ColorScheme.Light),
    "dark": ("Dark", Qt.ColorScheme.Dark),
}
"""What can be chosen for light and dark: in words, and what Qt is told."""

RUN_SETTINGS = ("checkpoint_minutes", "low_battery_percent", "early_stop")
"""The settings of a run whose usual value a person can choose for all runs to come."""

RECIPE, MINUTES, MOST_MINUTES = "quick", 5, 24 * 60
"""What a person begins with who has chosen nothing, and the most minutes that can be asked for.

Quick for a few minutes: whoever just presses Train reads lines of the text soon, and the clock ends the run, however
slow the machine is.
"""

_CHOSEN = "understudy_folder_chosen"


def appearance() -> str:
    """Return the chosen appearance, a key of APPEARANCES."""
    kept = str(QSettings().value("appearance", "system"))
    return kept if kept in APPEARANCES else "system"


def set_appearance(name: str) -> None:
    """Keep another appearance, and put it on."""
    QSettings().setValue("appearance", name)
    wear_appearance()


def wear_appearance() -> None:
    """Turn the application light or dark as was chosen; the palette follows, and the style sheet follows that."""
    wanted = APPEARANCES[appearance()][1]
    QGuiApplication.styleHints().setColorScheme(wanted)
    dark = wanted is Qt.ColorScheme.Dark
    if sys.platform == "darwin":
        return
    # elsewhere a desktop may not heed it
    if wanted is Qt.ColorScheme.Unknown:
        QGuiApplication.setPalette(QPalette())
    elif theme.is_dark(QGuiApplication.palette()) is not dark:
        QGuiApplication.setPalette(theme.palette_of(theme.Theme(dark, theme.DARK if dark else theme.LIGHT)))


def text_scale() -> float:
    """Return how much larger than usual text is."""
    return _number("text_scale", TEXT_SCALES[0], TEXT_SCALES[0], TEXT_SCALES[-1])


def set_text_scale(scale: float) -> None:
    """Keep another size of text."""
    QSettings().setValue("text_scale", scale)


def next_text_scale(step: int) -> float:
    """Return the text scale one size larger (1) or smaller (-1) than now, or the usual one (0)."""
    if not step:
        return TEXT_SCALES[0]
    at = min(range(len(TEXT_SCALES)), key=lambda i: abs(TEXT_SCALES[i] - text_scale()))
    return TEXT_SCALES[min(max(at + step, 0), len(TEXT_SCALES) - 1)]


def notifies() -> bool:
    """Return whether the end of a run is announced by a notification."""
    return _flag("notify", True)


def keeps_awake() -> bool:
    """Return whether the machine is kept from falling asleep by itself while it trains."""
    return _flag("keep_awake", True)


def stays_in_dock() -> bool:
    """Return whether the Dock shows Understudy also while its window is closed; the menu bar always does."""
    return _flag("stay_in_dock", True)


def reduces_motion() -> bool:
    """Return whether nothing should move by itself, whatever the system says."""
    return _flag("reduce_motion", False)


def recipe() -> str:
    """Return the recipe that was chosen last."""
    kept = str(QSettings().value("recipe/name", RECIPE))
    known = setting_fields(TrainConfig)["recipe"].metadata["choices"]
    return kept if kept in known else RECIPE


def keep_recipe(name: str) -> None:
    """Keep the chosen recipe."""
    QSettings().setValue("recipe/name", name)


def minutes() -> int:
    """Return the minutes that a person had for training last."""
    return int(_number("recipe/minutes", MINUTES, 1, MOST_MINUTES))


def keep_minutes(number: int) -> None:
    """Keep how many minutes there are."""
    QSettings().setValue("recipe/minutes", number)


def shows_details() -> bool:
    """Return whether all that makes a run is shown beside the sentence that sets it up."""
    return _flag("train/details", False)


def shows_words() -> bool:
    """Return whether a run shows what it writes, large, over its curve as a band; else the plot with all its tools."""
    return _flag("stage/words", True)


def set_flag(name: str, on: bool) -> None:
    """Keep a choice, by the name that it is asked for with above or below."""
    QSettings().setValue(name, on)


def first_steps_done() -> frozenset[str]:
    """Return the keys of the first steps that were done."""
    return frozenset(str(QSettings().value("first_steps/done", "")).split())


def keep_first_steps(done: Collection[str]) -> None:
    """Keep which of the first steps were done."""
    QSettings().setValue("first_steps/done", " ".join(sorted(done)))


def shows_first_steps() -> bool:
    """Return whether the first steps are shown; until they are put away."""
    return _flag("first_steps/shown", True)


def runs_order() -> tuple[str, bool]:
    """Return the title of the column that the runs were last sorted by, empty for the usual one, and if descending."""
    return str(QSettings().value("runs/sorted_by", "")), _flag("runs/descending", True)


def keep_runs_order(title: str, descending: bool) -> None:
    """Keep what the runs are sorted by."""
    QSettings().setValue("runs/sorted_by", title)
    QSettings().setValue("runs/descending", descending)


def run_setting(name: str) -> Any:
    """Return the usual value of one of RUN_SETTINGS: the chosen one, else the engine's own."""
    kept = QSettings().value(f"run/{name}")
    default = setting_fields(TrainConfig)[name].default
    try:
        value = default if kept is None else parse_value(TrainConfig, name, str(kept))
    except SettingError:
        return default
    return default if problem_of(TrainConfig, name, value) else value


def set_run_setting(name: str, value: Any) -> None:
    """Keep the usual value of one of RUN_SETTINGS for runs to come."""
    QSettings().setValue(f"run/{name}", str(value))


def run_settings() -> dict[str, Any]:
    """Return the usual values of RUN_SETTINGS by name."""
    return {name: run_setting(name) for name in RUN_SETTINGS}


def folder() -> Path:
    """Return the folder for runs and texts that will be used from the next start on."""
    kept = QSettings().value("folder")
    if folder_is_fixed():
        return home()
    return Path(str(kept)) if kept else usual_folder()


def set_folder(path: Path | None) -> None:
    """Keep another folder for runs and texts, from the next start on; None is the system's own."""
    if path is None:
        QSettings().remove("folder")
    else:
        QSettings().setValue("folder", str(path))


def folder_is_fixed() -> bool:
    """Return whether UNDERSTUDY_HOME was given from outside, so that nothing can be chosen."""
    app = QCoreApplication.instance()
    return "UNDERSTUDY_HOME" in os.environ and not (app and app.property(_CHOSEN))


def take_over(former: QSettings, now: QSettings) -> None:
    """Copy, once, what was kept in another place; nothing where something is kept already."""
    for settings in (former, now):
        settings.setFallbacksEnabled(False)  # on a Mac: without what is set for all applications
    if former.fileName() != now.fileName() and not now.allKeys():
        for key in former.allKeys():
            now.setValue(key, former.value(key))


def use_folder() -> None:
    """Work in the folder that was chosen, unless UNDERSTUDY_HOME names one; at the start of the application.

    One that is not there, as on a disk that is not connected, stays chosen, and the usual one is used.
    """
    kept, app = QSettings().value("folder"), QCoreApplication.instance()
    if kept and app is not None and "UNDERSTUDY_HOME" not in os.environ and os.path.isdir(str(kept)):
        os.environ["UNDERSTUDY_HOME"] = str(kept)
        app.setProperty(_CHOSEN, True)


def missing_folder() -> Path | None:
    """Return the chosen folder if it was not there when the application started, else None."""
    kept = QSettings().value("folder")
    return Path(str(kept)) if kept and "UNDERSTUDY_HOME" not in os.environ else None


def last_tab(count: int) -> int:
    """Return which of so many tabs was in front last, the first where that is not known."""
    kept = int(_number("window/tab", 0, -1, count))
    return kept if 0 <= kept < count else 0


def _flag(name: str, default: bool) -> bool:
    return str(QSettings().value(name, default)).casefold() == "true"


def _number(name: str, default: float, least: float, most: float) -> float:
    try:
        kept = float(str(QSettings().value(name, default)))
    except ValueError:
        return default
    return default if math.isnan(kept) else min(max(kept, least), most)
