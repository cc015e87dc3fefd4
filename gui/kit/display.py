"""Whether there is a screen to open the window on. Qt itself would abort where there is none. Needs no Qt."""

from __future__ import annotations

import os
import subprocess
import sys


def display_is_named() -> bool:
    """Return whether there should be a display: always on a Mac, on Linux when the environment names one."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def display_answers() -> bool:
    """Return whether Qt can reach the display; tried in a process of its own, since Qt aborts when it cannot."""
    if sys.platform != "linux":
        return True
    reach = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
    return subprocess.run([sys.executable, "-c", reach], capture_output=True, check=False).returncode == 0
