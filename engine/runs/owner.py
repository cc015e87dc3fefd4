"""One run, one owner: a process that trains a run holds the lock in its folder."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from engine.core.errors import CheckpointError
from engine.core.untrusted_json import read_object
from engine.runs.folder import bad_out_dir

LOCK = "run.lock"
"""The file in a run's folder that is there while it is trained, and after a crash until the next owner."""

_ATTEMPTS = 5
_ASKED_S = 0.01
"""Seconds in which whoever asks whether a lock is held has let go of it again."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its id, when it began (ids are used again), and its machine."""

    pid: int
    began: float
    host: str

    @classmethod
    def this_process(cls) -> Self:
        """Return the process that asks."""
        return cls(os.getpid(), psutil.Process().create_time(), socket.gethostname())


def owner_of(folder: Path) -> Owner | None:
    """Return the process that trains the run in a folder, or None. Changes nothing.

    Whether the lock is held decides; what the file says only tells by whom, for the name of a machine may change.
    """
    owner, held = _read(folder / LOCK), _is_held(folder / LOCK)
    if held is None:
        return owner if owner is not None and _may_live(owner) else None
    return (owner or Owner(0, 0.0, socket.gethostname())) if held else None


def _is_held(path: Path) -> bool | None:
    """Return whether a process holds a lock; None where the file system has no locks to ask."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False  # there is none
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(handle)
    return False


def _may_live(owner: Owner) -> bool:
    """Return whether the process that a lock file names may be there; of another machine that cannot be known."""
    if owner.host != socket.gethostname():
        return True
    try:
        return abs(psutil.Process(owner.pid).create_time() - owner.began) < 1
    except (psutil.Error, ValueError, OverflowError):
        return False


class RunLock:
    """The lock on a run's folder. The system lets go of it when its process dies, so a crash leaves none behind."""

    def __init__(self, folder: Path) -> None:
        """Take the lock, making the folder where there is none.

        Raises CheckpointError: code "run_in_use" when another process, or another run of this one, has it,
        "bad_out_dir" when the folder cannot be made or written.
        """
        self._path = folder / LOCK
        try:
            self._acquire()
        except OSError as error:
            raise bad_out_dir(error) from error

    def _acquire(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)
            try:
                self._take()
            except BaseException:
                os.close(self._handle)
                raise
            if self._is_current():
                break
            os.close(self._handle)  # its holder removed the file meanwhile: take the new one
        os.ftruncate(self._handle, 0)
        os.write(self._handle, json.dumps(_as_dict(Owner.this_process())).encode())

    def _take(self) -> None:
        try:
            self._lock_at_once()
        except BlockingIOError as error:
            raise _in_use(self._path) from error
        except OSError:  # a file system without locks: what the file says must do
            owner = owner_of(self._path.parent)
            if owner is not None and owner != Owner.this_process():
                raise _in_use(self._path) from None

    def _lock_at_once(self) -> None:
        """Lock the file, though somebody may just be asking whether it is; raises BlockingIOError where it is held."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_ASKED_S)
        return fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._handle), os.stat(self._path))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go of the run; harmless when done twice."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):  # gone with its folder
                self._path.unlink()
            os.close(self._handle)
            self._handle = -1


def _read(path: Path) -> Owner | None:
    """Return what a lock file says, or None."""
    try:
        content = read_object(path)
        return Owner(int(content["pid"]), float(content["began"]), str(content["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _as_dict(owner: Owner) -> dict[str, object]:
    return {"pid": owner.pid, "began": owner.began, "host": owner.host}


def _in_use(path: Path) -> CheckpointError:
    owner = _read(path)
    who = "another process" if owner is None else f"process {owner.pid} on {owner.host}"
    if owner is not None and owner.pid == os.getpid():
        who = f"this very program (process {owner.pid})"
    return CheckpointError(
        f"The run {path.parent.name!r} is being trained by {who}.",
        cause="Two that write into one run would spoil it for both.",
        fix="Wait for it to end or stop it there, or give this run an --out_dir of its own.",
        code="run_in_use",
    )
