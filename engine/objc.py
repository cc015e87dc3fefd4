"""Apple's Objective-C runtime through ctypes, so that nothing more need be installed: messages and pools."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, c_bool, c_char_p, c_long, c_uint64, c_void_p
from typing import Any, Protocol, cast

_RUNTIME = "/usr/lib/libobjc.A.dylib"


class Runtime(Protocol):
    """What is asked of Apple's Objective-C runtime (objc-internal.h) for pools of objects that are freed together."""

    def objc_autoreleasePoolPush(self) -> int | None:
        """Open a pool on this thread, and return it."""

    def objc_autoreleasePoolPop(self, pool: int | None) -> None:
        """Close a pool: what was left in it is freed."""


def runtime() -> Runtime | None:
    """Return the Objective-C runtime of this system, or None where there is none."""
    if platform.system() != "Darwin":
        return None
    library = ctypes.CDLL(_RUNTIME)
    library.objc_autoreleasePoolPush.restype, library.objc_autoreleasePoolPush.argtypes = c_void_p, []
    library.objc_autoreleasePoolPop.restype, library.objc_autoreleasePoolPop.argtypes = None, [c_void_p]
    return cast(Runtime, library)


@contextmanager
def autorelease_pool(runtime: Runtime | None) -> Iterator[None]:
    """Free at the end what Apple's frameworks left, inside this context, to be freed later.

    A thread that opens no pool keeps all of that until it ends. Does nothing where there is no runtime.
    """
    if runtime is None:
        yield
        return
    pool = runtime.objc_autoreleasePoolPush()
    try:
        yield
    finally:
        runtime.objc_autoreleasePoolPop(pool)


class Messenger:
    """Sends Objective-C messages to Foundation's objects; a pointer is an int, nil is 0. Only for macOS."""

    def __init__(self) -> None:
        """Load the frameworks; raises OSError where there are none."""
        ctypes.CDLL("/System/Library/Frameworks/Foundation.framework/Foundation")
        self._objc = ctypes.CDLL(_RUNTIME)
        self._objc.objc_getClass.restype = self._objc.sel_registerName.restype = c_void_p
        self._objc.objc_getClass.argtypes = self._objc.sel_registerName.argtypes = [c_char_p]

    def instance_of(self, name: str) -> int:
        """Give a class, to send messages to."""
        return int(self._objc.objc_getClass(name.encode()) or 0)

    def pointer(self, receiver: int, selector: str) -> int:
        """Send a message without arguments that gives an object."""
        return int(self._send(c_void_p, receiver, selector, ()) or 0)

    def number(self, receiver: int, selector: str) -> int:
        """Send a message without arguments that gives an NSInteger."""
        return int(self._send(c_long, receiver, selector, ()))

    def truth(self, receiver: int, selector: str) -> bool:
        """Send a message without arguments that gives a BOOL."""
        return bool(self._send(c_bool, receiver, selector, ()))

    def string(self, text: str) -> int:
        """Give an NSString."""
        return int(
            self._send(c_void_p, self.instance_of("NSString"), "stringWithUTF8String:", ((c_char_p, text.encode()),))
            or 0
        )

    def begin_activity(self, process: int, options: int, reason: int) -> int:
        """Send beginActivityWithOptions:reason: and keep what it gives; the activity lasts until `end_activity`."""
        arguments = ((c_uint64, options), (c_void_p, reason))
        token = int(self._send(c_void_p, process, "beginActivityWithOptions:reason:", arguments) or 0)
        return self.pointer(token, "retain")

    def end_activity(self, process: int, token: int) -> None:
        """Send endActivity: and let go of the token."""
        self._send(None, process, "endActivity:", ((c_void_p, token),))
        self._send(None, token, "release", ())

    def _send(self, gives: Any, receiver: int, selector: str, arguments: tuple[tuple[Any, Any], ...]) -> Any:
        kind = CFUNCTYPE(gives, c_void_p, c_void_p, *(each for each, _ in arguments))
        send = kind(("objc_msgSend", self._objc))
        return send(receiver, self._objc.sel_registerName(selector.encode()), *(value for _, value in arguments))
