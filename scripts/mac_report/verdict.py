"""What a part of the report found."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a part found.

    Attributes:
        right: whether all was as it should be.
        words: the finding in plain words.
        figures: what was measured, as JSON holds it.
    """

    right: bool
    words: str
    figures: Any = field(default_factory=dict)


Part = Callable[[], Verdict]
"""What asks one thing."""


def asked(part: Part) -> Verdict:
    """Return what a part found; that it failed is a finding, too."""
    try:
        return part()
    except Exception as error:
        return Verdict(right=False, words=f"This part ended with {type(error).__name__}: {error}")


def result_of(job: Generator[object, None, R]) -> R:
    """Return what a job returns, made at once; what it tells on its way is passed over."""
    while True:
        try:
            next(job)
        except StopIteration as end:
            result: R = end.value
            return result
