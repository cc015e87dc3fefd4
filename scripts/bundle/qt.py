"""What the window rests on in Qt’s binaries for the Mac, asserted in the wheel: another Qt fails here first."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST = (6, 11, 3)
BROKEN = {(6, 12, 0)}
"""Before OLDEST, and in BROKEN, the menu of the menu-bar item aborts the application on macOS 27 (QTBUG-147449)."""

_COCOA = "Qt/plugins/platforms/libqcocoa.dylib"
_CORE = "Qt/lib/QtCore.framework/Versions/A/Resources/Info.plist"


@dataclass(frozen=True, slots=True)
class Rest:
    """Words that libqcocoa must hold, and what of ours rests on them."""

    words: tuple[str, ...]
    why: str


RESTS = (
    Rest(("MAC_APPLICATION_MENU", "Preferences..."), "gui/shell/menus.py translates it to Settings…"),
    Rest(
        ("QCocoaMenuItem", "Cut", "Copy", "Paste", "Select All"), "gui/shell/menus.py: these captions make these roles"
    ),
    Rest(("cut:", "copy:", "paste:", "selectAll:"), "gui/shell/menus.py: and the roles reach native panels"),
    Rest(("QtWindowMenu", "setWindowsMenu:", "setExcludedFromWindowsMenu:"), "gui/kit/mac.py takes its place"),
    Rest(("deliverNotification:", "removeDeliveredNotification:"), "gui/shell/tray.py: 0 ms, or it is withdrawn"),
    Rest(("setTemplate:",), "gui/kit/icons.py: the menu-bar icon is a mask"),
    Rest(("setApplicationIconImage:",), "gui/shell/dock.py: no icon in the bundle, or its own is lost"),
    Rest(("applicationDockMenu:",), "gui/shell/dock.py: the menu of the Dock icon"),
    Rest(("setBadgeLabel:",), "gui/shell/dock.py: the mark of a run that ended unseen"),
    Rest(("applicationShouldTerminate:", "terminate:"), "gui/app.py: a quit is a question of the system"),
    Rest(("toggleFullScreen:",), "gui/shell/full_screen.py: the way out is the system's, and takes a second"),
    Rest(("_OBJC_CLASS_$_NSAlert",), "gui/kit/sheets.py: not a native dialog"),
    Rest(("_OBJC_CLASS_$_NSSavePanel",), "gui/kit/sheets.py: it asks “Replace?” itself"),
    Rest(("accessibilityDisplayShouldIncreaseContrast",), "gui/kit/theme.py: Qt tells of more contrast"),
    Rest(
        ("retain", "release", "respondsToSelector:"),
        "engine/machine/apple.py: the runtime's own, which PyObjC does not list",
    ),
)


def qt_version(pyside: Path) -> tuple[int, ...]:
    """Return the version of Qt in an unpacked wheel, as (6, 11, 3)."""
    plist = plistlib.loads((pyside / _CORE).read_bytes())
    return tuple(int(part) for part in plist["CFBundleVersion"].split("."))


def problems(pyside: Path) -> Iterator[str]:
    """Yield a line for each thing that the Qt of an unpacked macOS wheel does not have any more, or not yet."""
    found = qt_version(pyside)
    if found < OLDEST or found in BROKEN:
        yield f"Qt {'.'.join(map(str, found))} aborts on macOS 27 when the menu-bar item is clicked (QTBUG-147449)"
    library = (pyside / _COCOA).read_bytes()
    for rest in RESTS:
        for words in rest.words:
            if b"\0" + words.encode() + b"\0" not in library:
                yield f"libqcocoa knows no {words!r} any more: {rest.why}"
