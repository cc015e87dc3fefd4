"""How memory that was freed is kept for the next iteration, where the C library would give it back. No torch."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # M_… in glibc's malloc.h


def keep_freed_memory() -> None:
    """Tell glibc to keep large freed blocks instead of mapping them anew each time; harmless when done twice.

    A training step frees and takes the same few hundred megabytes; page faults were a good part of its time. All
    threads take from one arena, for those of other threads than the first give every large block back. That is
    heeded only before a second thread has asked for memory: a window calls this before anything else.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(_MMAP_THRESHOLD, 100 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(_ARENA_MAX, 1)
