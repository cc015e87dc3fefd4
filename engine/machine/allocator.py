"""How much of the memory that was freed is kept for the next iteration: more than the C library does, less than torch.

Loads no torch: both are heeded only before it starts.
"""

from __future__ import annotations

import ctypes
import os
import platform

GPU_CACHE_FROM = 0.7
"""The share of the recommended working set from which torch gives cached memory of Apple's GPU back."""

_LOW, _HIGH = "PYTORCH_MPS_LOW_WATERMARK_RATIO", "PYTORCH_MPS_HIGH_WATERMARK_RATIO"

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


def trim_gpu_cache() -> None:
    """Let torch give Apple's GPU memory back that it keeps for reuse, before memory runs short.

    By itself it begins at 1.4 times the recommended working set, above the limit that MpsDevice sets. torch reads this
    when it first uses the GPU; what a person has set in the environment stays.
    """
    if _LOW not in os.environ and _HIGH not in os.environ:
        os.environ[_LOW] = str(GPU_CACHE_FROM)
