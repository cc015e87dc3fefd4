"""Pictures of the window in every state, from a real short run: what people look at before a release.

    python -m scripts.screenshots [--only WORD,…] [--quick] [--docs]

The runs are trained once, into build/screenshots/home, and their record is reused. With --docs the best of the
pictures go to docs/, for the README; with --quick only the light ones at the smaller size are made.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.screenshots.recorded import HOME, PICTURES, environment, train

if TYPE_CHECKING:
    from gui.window import MainWindow

DOCS = Path("docs")
SIZES = ((1100, 720), (1680, 1050))
FOR_THE_README = {"running": "screenshot", "generate-samples": "generate", "runs-compared": "runs", "data": "data"}


def main() -> None:
    """Train if need be, then draw at one and at two device pixels each, in a process of its own."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--only", default="", help="only the scenes with one of these words in their name: data,runs")
    asked.add_argument("--quick", action="store_true", help="only light, 1100 x 720, one device pixel each")
    asked.add_argument("--docs", action="store_true", help="make the README's pictures")
    asked.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    args = asked.parse_args()
    if args.scale is None:
        train()
        for scale in (2,) if args.docs else (1,) if args.quick else (1, 2):
            command = [sys.executable, "-m", "scripts.screenshots", *sys.argv[1:], "--scale", str(scale)]
            subprocess.run(command, env=environment() | {"QT_SCALE_FACTOR": str(scale)}, check=True)
    else:
        draw(args.only, args.scale, quick=args.quick, docs=args.docs)


def draw(only: str, scale: int, *, quick: bool, docs: bool) -> None:
    """Make the pictures at one scale."""
    from PySide6.QtCore import QCoreApplication, QSettings

    from engine.calibration import measurements
    from gui import preferences, theme
    from gui.app import build
    from gui.theme import DARK, LIGHT, Theme
    from scripts.screenshots.parts import settle
    from scripts.screenshots.scenes import POPUPS, SCENES, clear

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(HOME / "settings"))
    QCoreApplication.setApplicationName("Understudy")  # names the settings that are read before the window is there
    QCoreApplication.setOrganizationName("Understudy")
    preferences.set_flag("first_steps/shown", False)
    app, window = build([])
    window.show()
    window.train.setup.use_measurements(measurements())
    folder = DOCS if docs else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for name, scene in SCENES.items():
        if not any(word in name for word in only.split(",")) or (docs and name not in FOR_THE_README):
            continue
        window.resize(*SIZES[0])
        clear(window)
        scene(window)
        for dark, colors in ((False, LIGHT), (True, DARK)):
            for size in SIZES:
                if (quick or docs) and (dark or size != SIZES[0]):
                    continue
                app.setPalette(theme.palette_of(Theme(dark, colors)))
                window.resize(*size)
                if name in POPUPS:  # they stand where they were opened
                    _close_sheets(window)
                    scene(window)
                if docs and (focused := window.focusWidget()):
                    focused.clearFocus()
                settle()
                look = f"{'dark' if dark else 'light'}-{size[0]}-{scale}x"
                file = folder / (f"{FOR_THE_README[name]}.png" if docs else f"{name}-{look}.png")
                _picture(window).save(str(file))
        _close_sheets(window)
    window.train.stop()
    window.close()
    app.aboutToQuit.emit()


def _picture(window: MainWindow) -> Any:
    """Give the window, and over it the sheet that is open."""
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
    """Give the sheets, windows and lists that are open over the main window."""
    from PySide6.QtWidgets import QApplication

    return [each for each in QApplication.topLevelWidgets() if each.isVisible() and each is not window]


if __name__ == "__main__":
    main()
