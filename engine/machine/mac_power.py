"""Power on macOS: caffeinate against sleep, NSProcessInfo against App Nap and for heat, IOKit for what precedes sleep.

Through ctypes, so that nothing more need be installed. Written from Apple's headers and not run on a Mac by its
authors: whatever cannot be loaded or called is logged and left out, and training goes on without it.
"""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
from ctypes import CFUNCTYPE, byref, c_char_p, c_long, c_uint32, c_void_p
from threading import Event
from typing import Any

from engine.machine.apple import Constant, Message
from engine.machine.objc import Messenger
from engine.machine.power import ThisMachine

CAFFEINATE = "/usr/bin/caffeinate"
CAN_SLEEP, WILL_SLEEP = 0xE0000270, 0xE0000280  # kIOMessageCanSystemSleep, kIOMessageSystemWillSleep
SAVING_S = 20.0
"""How long sleep waits for a checkpoint; macOS itself waits for 30 s."""

_log = logging.getLogger(__name__)


class MacPower(ThisMachine):
    """A Mac. A closed lid sleeps whatever we ask for: then the moment before it is what counts."""

    def __init__(self, *, keep_awake: bool = True) -> None:
        """Take `keep_awake`: whether idle sleep is held off; sleep is announced in either case."""
        self._keep_awake = keep_awake
        self._caffeinate: subprocess.Popen[bytes] | None = None
        self._sleep: SleepNotice | None = None
        self._activity: Activity | None = None

    def stay_awake(self) -> None:
        """Hold off idle sleep until this process ends or `let_sleep`; never the display's."""
        if self._keep_awake:
            self._hold_off_sleep()
        try:
            self._sleep = SleepNotice()
        except (OSError, AttributeError) as error:
            _log.warning("sleep will not be announced: %s", error)
        try:
            self._activity = Activity("A model is being trained")
        except (OSError, AttributeError) as error:
            _log.warning("App Nap may slow training down while no window is seen: %s", error)

    def _hold_off_sleep(self) -> None:
        try:
            self._caffeinate = subprocess.Popen(
                [CAFFEINATE, "-i", "-w", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            _log.warning("the Mac may fall asleep while it trains: %s", error)

    def let_sleep(self) -> None:
        """Allow sleep again."""
        if self._caffeinate is not None:
            self._caffeinate.terminate()
            self._caffeinate.wait()
            self._caffeinate = None
        if self._sleep is not None:
            self._sleep.close()
            self._sleep = None
        if self._activity is not None:
            self._activity.end()
            self._activity = None

    def is_too_hot(self) -> bool:
        """Return whether macOS calls the thermal state critical."""
        try:
            return thermal_state() >= Constant.NSProcessInfoThermalStateCritical
        except (OSError, AttributeError):
            return False

    def is_about_to_sleep(self) -> bool:
        """Return whether the Mac waits for us to save before it sleeps."""
        return self._sleep is not None and self._sleep.asked.is_set()

    def has_saved(self) -> None:
        """Tell the Mac that waits that it may sleep now."""
        if self._sleep is not None:
            self._sleep.asked.clear()
            self._sleep.saved.set()


def thermal_state(messenger: Messenger | None = None) -> int:
    """Return NSProcessInfo's thermalState: 0 nominal, 1 fair, 2 serious, 3 critical; raises OSError off a Mac."""
    objc = messenger or Messenger()
    return int(objc.send(Message.THERMAL_STATE, objc.send(Message.PROCESS)))


class Activity:
    """What tells macOS that a person waits for this work, so that App Nap does not slow it down.

    It allows idle sleep: caffeinate holds that off, and shows up where people look for it.
    """

    def __init__(self, reason: str, messenger: Messenger | None = None) -> None:
        """Begin; raises OSError or AttributeError where that is not possible."""
        self._objc = messenger or Messenger()
        self._process = self._objc.send(Message.PROCESS)
        allowing_sleep = Constant.NSActivityUserInitiatedAllowingIdleSystemSleep
        token = self._objc.send(Message.BEGIN_ACTIVITY, self._process, allowing_sleep, self._objc.string(reason))
        self._token = self._objc.send(Message.RETAIN, token)

    def end(self) -> None:
        """End it; once is enough."""
        token, self._token = self._token, 0
        if token:
            self._objc.send(Message.END_ACTIVITY, self._process, token)
            self._objc.send(Message.RELEASE, token)


class SleepNotice:
    """IOKit's word that the Mac is about to sleep, and ours that it may.

    Attributes:
        asked: set while the Mac waits for us.
        saved: set by us when it may sleep.
    """

    def __init__(self) -> None:
        """Register for the word; raises OSError or AttributeError where that is not possible."""
        self.asked, self.saved = Event(), Event()
        self._iokit = _iokit()
        self._port, self._notifier = c_void_p(), c_uint32()
        self._callback = _CALLBACK(self._told)  # must outlive the registration
        self._root = self._iokit.IORegisterForSystemPower(
            None, byref(self._port), self._callback, byref(self._notifier)
        )
        if not self._root:
            raise OSError("IORegisterForSystemPower failed")
        self._queue = self._iokit.dispatch_queue_create(b"understudy.sleep", None)
        self._iokit.IONotificationPortSetDispatchQueue(self._port, self._queue)

    def _told(self, _context: Any, _service: int, message: int, argument: int | None) -> None:
        """Answer on the queue's thread: idle sleep may come, and any sleep waits until we have saved."""
        if message == WILL_SLEEP:
            self.saved.clear()
            self.asked.set()
            self.saved.wait(SAVING_S)
            self.asked.clear()
        if message in (CAN_SLEEP, WILL_SLEEP):
            self._iokit.IOAllowPowerChange(self._root, argument or 0)

    def close(self) -> None:
        """Deregister; a sleep that waits goes ahead."""
        self.saved.set()
        self._iokit.IODeregisterForSystemPower(byref(self._notifier))
        self._iokit.IOServiceClose(self._root)
        self._iokit.IONotificationPortDestroy(self._port)


_CALLBACK = CFUNCTYPE(None, c_void_p, c_uint32, c_uint32, c_void_p)


def _iokit() -> Any:
    """Return IOKit with the types of what is called; libSystem's queues are found through it."""
    iokit = ctypes.CDLL("/System/Library/Frameworks/IOKit.framework/IOKit")
    iokit.IORegisterForSystemPower.restype = c_uint32
    iokit.IORegisterForSystemPower.argtypes = [c_void_p, c_void_p, _CALLBACK, c_void_p]
    iokit.IONotificationPortSetDispatchQueue.restype = None
    iokit.IONotificationPortSetDispatchQueue.argtypes = [c_void_p, c_void_p]
    iokit.IONotificationPortDestroy.restype = None
    iokit.IONotificationPortDestroy.argtypes = [c_void_p]
    iokit.IOAllowPowerChange.argtypes = [c_uint32, c_long]
    iokit.IODeregisterForSystemPower.argtypes = [c_void_p]
    iokit.IOServiceClose.argtypes = [c_uint32]
    iokit.dispatch_queue_create.restype = c_void_p
    iokit.dispatch_queue_create.argtypes = [c_char_p, c_void_p]
    return iokit
