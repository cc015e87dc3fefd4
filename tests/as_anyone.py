"""What a person is refused, root is not: for a while this thread, and what it starts, may do no more than anybody."""

import contextlib
import ctypes
import os
import sys

_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3
_PASSES_OVER_MODES = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_Set = ctypes.c_uint32 * 6  # effective, permitted, inheritable: the low words, then the high ones


@contextlib.contextmanager
def as_anyone():
    """Heed the modes of files and folders inside this context."""
    if os.geteuid() != 0:
        yield
        return
    assert sys.platform == "linux", "run the tests as a person"
    libc, head, now = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(_VERSION, 0), _Set()
    assert libc.capget(head, now) == 0
    fewer = _Set(now[0] & ~_PASSES_OVER_MODES, *now[1:])
    assert libc.capset(head, fewer) == 0
    try:
        yield
    finally:
        assert libc.capset(head, now) == 0


@contextlib.contextmanager
def shut(path):
    """Let nobody read, write or enter a file or folder inside this context."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        with as_anyone():
            yield path
    finally:
        path.chmod(mode)
