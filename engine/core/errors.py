"""What can go wrong, told once: a message, its cause, a fix a person can act on, and a stable code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, ClassVar, Literal

from engine.core.codes import ErrorCode

FixAction = Literal["restart", "resume", "stop", "continue", "prepare", "none"]
"""What the window does for a Fix; "none" where only a person can do it."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing a person can do about a fault: a button in the window, a line in the terminal.

    Attributes:
        label: the words on the button, in the imperative.
        action: what the window does: restart a run with `changes`, resume it with `changes`, stop it or let it
            continue, or prepare the dataset that `changes` name.
        changes: settings to change, by their nanoGPT names.
    """

    label: str
    action: FixAction = "none"
    changes: Mapping[str, Any] = field(default_factory=dict)


class UnderstudyError(Exception):
    """A failure told to a person: what happened, why, and what to do about it.

    Attributes:
        message: what happened, in one line.
        cause: why, in a sentence; may be empty.
        fix: what to do, in a sentence.
        code: a stable name for tests, scripts and the help book.
        fixes: the same advice as buttons.
        exit_code: what the command line exits with.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, cause: str = "", fix: str = "", code: ErrorCode = "failure", fixes: Iterable[Fix] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.fix = fix
        self.code = code
        self.fixes = tuple(fixes)

    def __str__(self) -> str:
        return "\n".join(line for line in (self.message, self.cause, self.fix) if line)


class SettingError(UnderstudyError):
    """A setting, flag or argument that cannot be used; may hold every problem of a form at once.

    Attributes:
        problems: message by the name of the setting it is about.
    """

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        cause: str = "",
        fix: str = "",
        code: ErrorCode = "bad_setting",
        fixes: Iterable[Fix] = (),
        problems: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, cause=cause, fix=fix, code=code, fixes=fixes)
        self.problems = dict(problems or {})


class DataError(UnderstudyError):
    """A text or a prepared dataset that cannot be used."""

    exit_code = 3


class CheckpointError(UnderstudyError):
    """A checkpoint or run folder that cannot be opened, or must not be overwritten."""

    exit_code = 3


class OutOfMemoryError(UnderstudyError):
    """The device has no room for this run."""


class DeviceError(UnderstudyError):
    """The device is missing, or computes wrongly."""


class TrainingError(UnderstudyError):
    """Training itself failed: a loss that is not a number, a full disk."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean X?" for the known name closest to `name`, or an empty text."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""
