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
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.screenshots.looks import FOR_A_FILM, FOR_THE_README, LOOKS, Look
from scripts.screenshots.palette import save_small
from scripts.screenshots.progress import all_done
from scripts.screenshots.recorded import HOME, PICTURES, environment, train

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap
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

    One theme after the other has all its scenes: to change it takes Qt longer than to draw. Returns how many failed.
    """
    from scripts.screenshots.scenes import SCENES

    app, window = _window()
    tasks: dict[str, Callable[[], None]] = {}
    if docs:
        tasks = dict(_tasks_of_the_readme(window, looks))
    for theme, of_theme in groupby([] if docs else looks, key=Look.theme):
        same = list(of_theme)
        tasks |= {f"{name}, {theme}": partial(_draw, window, name, same) for name in (*SCENES, MINUTE)}
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


def _draw(window: MainWindow, name: str, looks: list[Look]) -> None:
    """Make the pictures of a scene, in looks of one theme; of one that fails, how it stood then."""
    from scripts.screenshots.moments import first_minute

    _clear(window, looks[0])
    for look in looks:
        look.put_on(window)
        try:
            picture = first_minute(window) if name == MINUTE else _looked_at(window, name, again=look is not looks[0])
        except Exception:
            _picture(window).save(str(PICTURES / f"failed-{name}-{look}.png"))
            raise
        picture.save(str(PICTURES / f"{name}-{look}.png"))


def _tasks_of_the_readme(window: MainWindow, looks: list[Look]) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what makes the README's pictures, each with its name: those at this scale."""
    from scripts.screenshots.moments import noise_to_verse

    def picture(scene: str, place: Path) -> None:
        _clear(window, FOR_THE_README)
        _looked_at(window, scene, focused=False).save(str(place))
        save_small(place)

    def film(place: Path) -> None:
        _clear(window, FOR_A_FILM)
        noise_to_verse(window, place)

    if FOR_THE_README in looks:
        for scene, name in PICTURES_OF_THE_README.items():
            yield scene, partial(picture, scene, DOCS / f"{name}.png")
    if FOR_A_FILM in looks:
        yield FILM, partial(film, DOCS / f"{FILM}.gif")


def _clear(window: MainWindow, look: Look) -> None:
    """Put away what the scene before left behind, which may have failed."""
    from scripts.screenshots.scenes import clear

    _close_sheets(window)
    look.put_on(window)
    clear(window)


def _looked_at(window: MainWindow, name: str, *, again: bool = False, focused: bool = True) -> QPixmap:
    """Return the picture of a scene; one that is looked at again is set up only where the window's size matters."""
    from scripts.screenshots.parts import settle
    from scripts.screenshots.scenes import POPUPS, SCENES

    if not again or name in POPUPS:  # they stand where they were opened
        _close_sheets(window)
        SCENES[name](window)
    if not focused and (has_focus := window.focusWidget()):
        has_focus.clearFocus()
    settle(_CALM_MS)
    return _picture(window)


def _picture(window: MainWindow) -> QPixmap:
    """Return the window, and over it the sheet that is open."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtGui import QPainter

    picture = window.grab()
    for sheet in _sheets(window):
        over, painter = sheet.grab(), QPainter(picture)
        left, top = (window.width() - sheet.width()) // 2, (window.height() - sheet.height()) // 2
        place = QPoint(max(left, 0), max(top, 0))
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
