"""What runs on its own: the threads and timers of Python and of Qt, so that a test that leaves one behind fails."""

import threading
from weakref import WeakSet

import shiboken6
from PySide6.QtCore import QThread, QThreadPool, QTimer

_MADE = WeakSet()


def _remember(kind):
    """Keep an eye on every object of a kind that Python code makes from now on, whatever owns it."""
    make = kind.__init__

    def init(self, *args, **named):
        make(self, *args, **named)
        _MADE.add(self)

    kind.__init__ = init


for _kind in (QTimer, QThread, QThreadPool):
    _remember(_kind)


def _runs(made):
    if isinstance(made, QThreadPool):
        return made.activeThreadCount() > 0
    return made.isRunning() if isinstance(made, QThread) else made.isActive()


def running():
    """Return every thread, pool at work and active timer.

    A foreign thread that once logged stays listed by Python as a dummy; those of Qt are not listed at all.
    """
    threads = {thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)}
    return threads | {made for made in _MADE if shiboken6.isValid(made) and _runs(made)}


def named(left):
    """Return what runs as people find it in the code: its kind, its name, whose it is."""
    return sorted(f"{type(each).__name__} {_name(each)}".strip() for each in left)


def _name(each):
    if isinstance(each, threading.Thread):
        return each.name
    owner = each.parent()
    return each.objectName() or (f"of {owner.objectName() or type(owner).__name__}" if owner else "")
