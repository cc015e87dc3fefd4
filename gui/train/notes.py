"""What the coach says: advice and failures, in the words of a friend who knows the field. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.codes import AdviceCode
from engine.core.errors import Fix, UnderstudyError
from engine.core.events import Advice, Severity
from gui.kit.book import advice_of


@dataclass(frozen=True, slots=True, eq=False)
class Note:
    """One entry of the coach: `code` is its page in the help book.

    Each is its own: what happens a second time is told a second time, in the same words.
    """

    severity: Severity
    what: str
    why: str
    fixes: tuple[Fix, ...] = ()
    iter_num: int | None = None
    code: AdviceCode | None = None


def note_from(advice: Advice) -> Note:
    """Return an advice as an entry of the coach."""
    return Note(advice.severity, advice.what, advice.why, advice.fixes, advice.iter_num, advice.code)


def note_of(error: BaseException) -> Note:
    """Return a failure as an entry of the coach; one that nobody foresaw is told without its traceback."""
    if isinstance(error, UnderstudyError):
        why = " ".join(filter(None, (error.cause, advice_of(error))))
        return Note("problem", error.message, why, error.fixes, code=error.code)
    why = "This is a fault in Understudy, not in what you did. What was saved is safe; the details are in the log."
    return Note("problem", "Training stopped because of an internal error.", why)
