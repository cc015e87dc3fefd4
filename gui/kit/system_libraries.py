"""Name the system packages that Qt still needs on Linux.  `python -m gui.kit.system_libraries` prints them.

PySide6 brings Qt itself, but not the libraries of the system's own graphics, fonts and keyboard.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import files
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libzstd.so.1": "libzstd1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Debian's and Ubuntu's package of each library that Qt's parts below are linked with."""

PARTS = re.compile(
    r"(QtWidgets\.abi3\.so|QtSvg\.abi3\.so|QtOpenGLWidgets\.abi3\.so|platforms/libq(offscreen|xcb)\.so)$"
)
"""The parts of PySide6 whose libraries are looked at: what the window loads, and its two ways to a screen."""


def missing_libraries() -> list[str]:
    """Return the shared libraries that Qt needs and this system lacks; none on other systems than Linux."""
    if sys.platform != "linux":
        return []
    parts = [Path(file.locate()) for file in files("PySide6_Essentials") or () if PARTS.search(str(file))]
    output = subprocess.run(["ldd", *map(str, parts)], capture_output=True, text=True, check=False).stdout
    return sorted(set(re.findall(r"(\S+) => not found", output)))


def packages_of(libraries: list[str]) -> list[str]:
    """Return the Debian packages of some libraries; a library that is not in the table stands for itself."""
    return sorted({PACKAGES.get(library, library) for library in libraries})


if __name__ == "__main__":
    print(*packages_of(missing_libraries()))
