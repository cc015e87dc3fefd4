"""Pictures of the window in every state, from real short runs: what people look at before a release.

    python -m scripts.screenshots [--only WORD,…] [--look light-1100-1x,…] [--docs]

The runs that the pictures need are trained once, into build/screenshots/home, and their record is reused. With --docs
the best of the pictures go to docs/, for the README, and the way from noise to verse as an animated one. A scene that
fails is named, the others go on; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.screenshots.looks import FOR_A_FILM, FOR_THE_README, LOOKS, SIZES, Look
from scripts.screenshots.progress import all_done
from scripts.screenshots.recorded import HOME, PICTURES, environment, train

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from gui.shell.window import MainWindow

DOCS = Path("docs")
PICTURES_OF_THE_README = {
    "curtain": "screenshot",
    "generate-samples": "generate",
    "runs-compared": "runs",
    "data": "data",
}
FILM = "noise-to-verse"
MINUTE = "first-minute"
_CALM_MS = 700  # the plots draw seldom


def main() -> None:
    """Train if need be, then draw at one and at two device pixels each, in a process of its own."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", default="", help="only the scenes with one of these words in their name: data,runs")
    asked.add_argument("--look", default="", help=f"only these looks, of {', '.join(map(str, LOOKS))}")
    asked.add_argument("--docs", action="store_true", help="make the README's pictures")
    asked.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    args = asked.parse_args()
    wanted = args.look.split(",") if args.look else list(map(str, LOOKS))
    looks = [FOR_THE_README, FOR_A_FILM] if args.docs else [look for look in LOOKS if str(look) in wanted]
    if args.scale is not None:
        sys.exit(draw(args.only.split(","), [look for look in looks if look.scale == args.scale], docs=args.docs))
    train()
    ended = []
    for scale in sorted({look.scale for look in looks}):
        command = [sys.executable, "-m", "scripts.screenshots", *sys.argv[1:], "--scale", str(scale)]
        made = subprocess.run(command, env=environment() | {"QT_SCALE_FACTOR": str(scale)}, check=False)
        ended.append(made.returncode)
    sys.exit(1 if any(ended) else 0)


def draw(only: list[str], looks: list[Look], *, docs: bool) -> int:
    """Make the pictures of the scenes with one of some words in their name, in some looks of one scale.

    Returns the number of scenes that failed.
    """
    from scripts.screenshots.scenes import SCENES

    app, window = _window()
    folder = DOCS if docs else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    still = [look for look in looks if look is not FOR_A_FILM] if docs else looks
    tasks: dict[str, Callable[[], None]] = {}

    def scene(name: str) -> None:
        for look, picture in _looked_at(window, name, still):
            picture.save(str(folder / (f"{PICTURES_OF_THE_README[name]}.png" if docs else f"{name}-{look}.png")))

    for name in SCENES if still else ():
        if not docs or name in PICTURES_OF_THE_README:
            tasks[name] = partial(scene, name)
    if not docs:
        tasks[MINUTE] = partial(_draw_minute, window, looks)
    elif FOR_A_FILM in looks:
        tasks[FILM] = partial(_draw_film, window)
    failed = all_done({name: task for name, task in tasks.items() if any(word in name for word in only)})
    window.train.stop()
    window.close()
    app.aboutToQuit.emit()
    return failed


def _window() -> tuple[QApplication, MainWindow]:
    """Return the application and its window, as they stand in the pictures."""
    from PySide6.QtCore import QCoreApplication, QSettings

    from engine.planning.calibration import measurements
    from gui.app import build
    from gui.kit import preferences

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(HOME / "settings"))
    QCoreApplication.setApplicationName("Understudy")  # names the settings that are read before the window is there
    QCoreApplication.setOrganizationName("Understudy")
    preferences.set_flag("first_steps/shown", False)
    preferences.set_flag("reduce_motion", True)  # each picture is whole
    preferences.set_flag("stage/words", True)
    app, window = build([])
    window.show()
    window.train.setup.use_measurements(measurements())
    return app, window


def _draw_minute(window: MainWindow, looks: list[Look]) -> None:
    """Make the strip of the first minute in some looks."""
    from scripts.screenshots.moments import first_minute
    from scripts.screenshots.scenes import clear

    clear(window)
    for look in looks:
        first_minute(window, look).save(str(PICTURES / f"{MINUTE}-{look}.png"))


def _draw_film(window: MainWindow) -> None:
    """Make the README's film from noise to verse."""
    from scripts.screenshots.moments import noise_to_verse
    from scripts.screenshots.scenes import clear

    clear(window)
    noise_to_verse(window, DOCS / f"{FILM}.gif")


def _looked_at(window: MainWindow, name: str, looks: list[Look]) -> Iterator[tuple[Look, Any]]:
    """Yield the pictures of a scene."""
    from scripts.screenshots.parts import settle
    from scripts.screenshots.scenes import POPUPS, SCENES, clear

    _close_sheets(window)  # of the scene before, which may have failed
    Look(False, SIZES[0], 1).put_on(window)
    clear(window)
    SCENES[name](window)
    for look in looks:
        look.put_on(window)
        if name in POPUPS:  # they stand where they were opened, for a window of another size
            _close_sheets(window)
            settle()
            SCENES[name](window)
        if name in PICTURES_OF_THE_README and (focused := window.focusWidget()):
            focused.clearFocus()
        settle(_CALM_MS)
        yield look, _picture(window)


def _picture(window: MainWindow) -> Any:
    """Return the window, and over it the sheet that is open."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtGui import QPainter

    picture = window.grab()
    for sheet in _sheets(window):
        over, painter = sheet.grab(), QPainter(picture)
        place = QPoint((window.width() - sheet.width()) // 2, (window.height() - sheet.height()) // 2)
        if sheet.windowType() == Qt.WindowType.Popup:
            place = window.mapFromGlobal(sheet.pos())
        painter.drawPixmap(place, over)
        painter.setPen(Qt.GlobalColor.gray)
        painter.drawRect(place.x(), place.y(), sheet.width(), sheet.height())
        painter.end()
    return picture


def _close_sheets(window: MainWindow) -> None:
    for sheet in _sheets(window):
        sheet.close()


def _sheets(window: MainWindow) -> list[Any]:
    """Return the sheets, windows and lists that are open over the main window."""
    from PySide6.QtWidgets import QApplication

    return [each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not window]


if __name__ == "__main__":
    main()
