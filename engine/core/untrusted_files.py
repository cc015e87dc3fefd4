"""Files that may be anything. Only a plain file of a bounded size is read: no pipe or device can hang or fill us.

What is wrong is raised as OSError, so that whoever can tell of a file that is missing can tell of this too.
"""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

LONGEST = 2**24
"""Bytes of a file that is read as a whole: settings, a vocabulary, what an archive holds."""

_POINTER = b"version https://git-lfs.github.com/spec/"
_KINDS = (
    (stat.S_ISDIR, errno.EISDIR, "It is a folder, not a file"),
    (stat.S_ISFIFO, errno.EINVAL, "It is a pipe, not a file"),
    (stat.S_ISSOCK, errno.EINVAL, "It is a socket, not a file"),
    (stat.S_ISCHR, errno.EINVAL, "It is a device, not a file"),
    (stat.S_ISBLK, errno.EINVAL, "It is a device, not a file"),
)


def opened(path: Path | str) -> BufferedReader:
    """Open a plain file for reading; raises OSError for one that is not there, not allowed, or no plain file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe would wait for its writer
    except ValueError as error:  # of a NUL, or of half a character
        raise OSError(errno.EINVAL, "No file can have this name", str(path)) from error
    except OSError as error:
        if error.errno == errno.ENXIO:  # how a system opens a socket
            raise OSError(errno.EINVAL, "It is no file", str(path)) from error
        raise
    try:
        require_plain(os.fstat(handle).st_mode, path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def require_plain(mode: int, path: Path | str) -> None:
    """Raise OSError unless what has this mode is a plain file."""
    for is_kind, number, words in _KINDS:
        if is_kind(mode):
            raise OSError(number, words, str(path))


def read_bytes(path: Path | str, longest: int = LONGEST) -> bytes:
    """Return the bytes of a plain file; raises OSError as `opened` does, and for one of more than `longest` bytes."""
    with opened(path) as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise OSError(errno.EFBIG, f"It is longer than {longest:,} bytes", str(path))
    if content.startswith(_POINTER):
        raise _no_content(path)
    return content


def require_content(path: Path | str) -> None:
    """Raise OSError for a file that only stands for another: a Git LFS pointer, as a download without LFS leaves it."""
    with opened(path) as file:
        if file.read(len(_POINTER)) == _POINTER:
            raise _no_content(path)


def _no_content(path: Path | str) -> OSError:
    why = "It is a Git LFS pointer, not the file itself: get that with `git lfs pull`, or download it from its page"
    return OSError(errno.ENODATA, why, str(path))


def reason(error: OSError) -> str:
    """Return what the system says of a file, and of which, for a sentence."""
    said = error.strerror or str(error)
    return f"{error.filename}: {said}" if error.filename else said
