"""Apple's Objective-C runtime through ctypes, so that nothing more need be installed: messages and pools."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, c_bool, c_char_p, c_long, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Protocol, cast

from engine.machine.apple import Message

_RUNTIME = "/usr/lib/libobjc.A.dylib"
_FRAMEWORKS = ("Foundation", "AppKit")
_TYPES: dict[str, Any] = {
    "v": None,
    "@": c_void_p,
    ":": c_void_p,
    "*": c_char_p,
    "q": c_long,
    "Q": c_uint64,
    "I": c_uint32,
    "Z": c_bool,
}


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
    """Sends Objective-C messages, on macOS alone; a pointer is an int, nil is 0, and nil answers everything with 0."""

    def __init__(self) -> None:
        """Load the frameworks; raises OSError where there are none."""
        for name in _FRAMEWORKS:
            ctypes.CDLL(f"/System/Library/Frameworks/{name}.framework/{name}")
        self._objc = ctypes.CDLL(_RUNTIME)
        self._kept: list[Any] = []
        self._objc.objc_getClass.restype = self._objc.sel_registerName.restype = c_void_p
        self._objc.objc_getClass.argtypes = self._objc.sel_registerName.argtypes = [c_char_p]

    def send(self, message: Message, *arguments: int | bytes) -> Any:
        """Return the answer to a message: a pointer, a number, a truth or bytes, as its types say.

        The first argument is the receiver, but for a message to a class, which is found by its name.
        """
        if message.of_class:
            arguments = (int(self._objc.objc_getClass(message.receiver.encode()) or 0), *arguments)
        receiver, *values = arguments
        gives, takes = _TYPES[message.types[0]], map(_TYPES.__getitem__, message.types[1:])
        kind = CFUNCTYPE(gives, c_void_p, c_void_p, *takes)
        answer = kind(("objc_msgSend", self._objc))(receiver, self.selector(message.selector), *values)
        return answer or 0 if message.types[0] == "@" else answer

    def selector(self, name: str) -> int:
        """Return the registered selector of this name."""
        return int(self._objc.sel_registerName(name.encode()))

    def listener(self, name: str, selector: str, heard: Callable[[int], object]) -> int:
        """Return an object of a new class, which calls `heard` with the first argument of a message of three objects.

        It lives as long as the process: nothing that AppKit may still send to must go.
        """
        takes = (c_void_p,) * 5
        method = CFUNCTYPE(None, *takes)(lambda _self, _selector, first, *_rest: heard(int(first or 0)))
        self._kept.append(method)
        runtime = self._objc
        runtime.objc_allocateClassPair.restype = runtime.class_createInstance.restype = c_void_p
        runtime.objc_allocateClassPair.argtypes = [c_void_p, c_char_p, c_size_t]
        runtime.class_addMethod.argtypes = [c_void_p, c_void_p, c_void_p, c_char_p]
        runtime.objc_registerClassPair.argtypes = [c_void_p]
        runtime.class_createInstance.argtypes = [c_void_p, c_size_t]
        made = runtime.objc_allocateClassPair(runtime.objc_getClass(b"NSObject"), name.encode(), 0)
        runtime.class_addMethod(made, self.selector(selector), ctypes.cast(method, c_void_p), b"v@:@@^@")
        runtime.objc_registerClassPair(made)
        return int(runtime.class_createInstance(made, 0))

    def string(self, text: str) -> int:
        """Return an NSString."""
        return int(self.send(Message.STRING, text.encode()))
