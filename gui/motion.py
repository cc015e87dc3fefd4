"""Whether the window moves by itself: as the system asks, or never.

What moves by itself in this window is one thing: the line of a progress that is not known (gui/progress_line.py).
"""

from __future__ import annotations

import logging
import sys
from functools import cache

from engine.apple import Message
from engine.objc import Messenger
from gui import preferences

_log = logging.getLogger(__name__)


def is_reduced() -> bool:
    """Tell whether nothing should move by itself now; the system may change its mind at any time."""
    return preferences.reduces_motion() or system_reduces()


def system_reduces() -> bool:
    """Tell whether the system asks for reduced motion; only macOS is asked."""
    workspace = _mac()
    return workspace is not None and mac_reduces(workspace)


def mac_reduces(messenger: Messenger) -> bool:
    """Tell what "Reduce motion" is set to in the accessibility settings of macOS."""
    return bool(messenger.send(Message.REDUCES_MOTION, messenger.send(Message.WORKSPACE)))


@cache
def _mac() -> Messenger | None:
    if sys.platform == "darwin":
        try:
            return Messenger()
        except OSError as error:
            _log.warning("whether motion is to be reduced cannot be asked: %s", error)
    return None
