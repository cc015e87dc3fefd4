"""What the window asks of AppKit where Qt has no word for it. Nothing is asked on other systems.

Written from Apple's headers and not run on a Mac by its authors: what cannot be loaded is logged and left out.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import cache

from engine.machine.apple import Constant, EventCode, Message
from engine.machine.objc import Messenger

SERVICE = "trainOnText"
"""The first word of the selector of our service, as Info.plist has it (NSMessage)."""

PLAIN_TEXT = "public.utf8-plain-text"
_SYSTEM_QUITS = {EventCode.SHUT_DOWN, EventCode.RESTART, EventCode.REALLY_LOG_OUT}
_log = logging.getLogger(__name__)


@cache
def messenger() -> Messenger | None:
    """Return the way to AppKit; None elsewhere than on a Mac."""
    if sys.platform == "darwin":
        try:
            return Messenger()
        except OSError as error:
            _log.warning("AppKit cannot be asked: %s", error)
    return None


def is_bundled() -> bool:
    """Return whether this is Understudy.app, with a name and an icon of its own, and not `python -m gui`."""
    return getattr(sys, "frozen", None) == "macosx_app"


def name_process(name: str) -> None:
    """Call this process by a name in the menu bar and the Dock; to be called before the application is made.

    `python -m gui` runs in Python's own bundle: AppKit takes the name from its Info.plist as it was read, once.
    """
    if (to := messenger()) is None or is_bundled():
        return
    info = to.send(Message.INFO, to.send(Message.BUNDLE))
    if to.send(Message.RESPONDS, info, to.selector("setObject:forKey:")):  # it is not promised to be mutable
        for key in ("CFBundleName", "CFBundleDisplayName"):
            to.send(Message.SET_VALUE, info, to.string(name), to.string(key))


def is_session_ending() -> bool:
    """Return whether the quit that is being asked for comes with a log-out, a restart or a shut-down."""
    if (to := messenger()) is None:
        return False
    event = to.send(Message.CURRENT_EVENT, to.send(Message.EVENT_MANAGER))
    # documented as a parameter, sent as an attribute
    reasons = (to.send(each, event, EventCode.QUIT_REASON) for each in (Message.ATTRIBUTE, Message.PARAMETER))
    return any(to.send(Message.ENUM_CODE, reason) in _SYSTEM_QUITS for reason in reasons)


def adopt_window_menu(title: str, view: int) -> None:
    """Let AppKit keep its list of windows and its tiling commands in the menu of this title.

    Qt hides a menu of its own for that, where nobody finds them. `view` is the native view of a window that is shown
    already: AppKit lists a window as it comes, so this one is taken off the list and put on again, as Qt does it.
    """
    if (to := messenger()) is None:
        return
    app = to.send(Message.APPLICATION)
    item = to.send(Message.ITEM_TITLED, to.send(Message.MAIN_MENU, app), to.string(title))
    menu = to.send(Message.SUBMENU, item)
    if menu and menu != to.send(Message.WINDOWS_MENU, app):
        to.send(Message.SET_WINDOWS_MENU, app, menu)
        for excluded in (True, False):
            to.send(Message.SET_EXCLUDED, to.send(Message.WINDOW, view), excluded)


def offer_service(take: Callable[[str], object]) -> None:
    """Let the Services menu of every application hand over the text that is selected there; Info.plist names it."""
    if (to := messenger()) is None:
        return

    def handed_over(pasteboard: int) -> None:
        text = to.send(Message.TEXT, to.send(Message.STRING_OF_TYPE, pasteboard, to.string(PLAIN_TEXT)))
        if text:
            take(text.decode("utf-8", "replace"))

    provider = to.listener("UnderstudyServices", f"{SERVICE}:userData:error:", handed_over)
    to.send(Message.SET_SERVICES_PROVIDER, to.send(Message.APPLICATION), provider)


def show_in_dock(shown: bool) -> None:
    """Show Understudy in the Dock, or in the menu bar alone."""
    if (to := messenger()) is None:
        return
    regular, accessory = (
        Constant.NSApplicationActivationPolicyRegular,
        Constant.NSApplicationActivationPolicyAccessory,
    )
    to.send(Message.SET_ACTIVATION_POLICY, to.send(Message.APPLICATION), regular if shown else accessory)


def reduces_motion() -> bool:
    """Return what "Reduce motion" is set to in the accessibility settings of macOS; it may change at any time."""
    to = messenger()
    return to is not None and bool(to.send(Message.REDUCES_MOTION, to.send(Message.WORKSPACE)))


def keeps_scroll_bars() -> bool:
    """Return whether macOS shows scroll bars always, by its settings or for a mouse; it may change at any time."""
    to = messenger()
    return to is not None and to.send(Message.SCROLLER_STYLE) == Constant.NSScrollerStyleLegacy
