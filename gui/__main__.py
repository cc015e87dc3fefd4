"""`python -m gui`: the window."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer

from engine.core.errors import UnderstudyError
from engine.core.paths import home
from gui.app import Application, compose, introduce
from gui.kit import mac
from gui.self_test import self_test
from gui.shell.logs import keep_log
from gui.shell.single_instance import FirstInstance, raise_first

SELF_TEST = "--self-test"


def main() -> int:
    """Run the application until it is quit; return its exit code. A second start raises the first and ends."""
    if SELF_TEST in sys.argv:
        return self_test(sys.argv)
    try:
        home()
    except UnderstudyError as error:  # only a terminal can have named such a folder
        print(error, file=sys.stderr)
        return error.exit_code
    application = Application(sys.argv)
    introduce(application)
    if raise_first(sys.argv[1:]):
        return 0
    keep_log()
    app, window = compose()
    first = FirstInstance(window)
    first.raised.connect(window.open_paths)
    app.aboutToQuit.connect(first.close)
    mac.offer_service(lambda text: QTimer.singleShot(0, window, lambda: window.train_on(text)))
    window.open_paths(application.arguments()[1:])
    window.show()
    window.tray.show()
    # once the window stands, torch is loaded on the engine's thread
    window.tabs.completed.connect(window.train.find_device)
    return app.exec()


if __name__ == "__main__":
    raise SystemExit(main())
