"""Messages to Apple's frameworks through ctypes, so that nothing more need be installed. Only for macOS."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, c_bool, c_char_p, c_long, c_uint64, c_void_p
from typing import Any


class Messenger:
    """Sends Objective-C messages to Foundation's objects; a pointer is an int, nil is 0."""

    def __init__(self) -> None:
        """Load the frameworks; raises OSError where there are none."""
        ctypes.CDLL("/System/Library/Frameworks/Foundation.framework/Foundation")
        self._objc = ctypes.CDLL("/usr/lib/libobjc.A.dylib")
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
