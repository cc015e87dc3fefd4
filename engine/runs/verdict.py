"""What an ended run has learned, in words, and what would help: from what was measured, never from the loss alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from engine.core.events import Sample
from engine.datasets.quality import Ladder
from engine.datasets.wording import Lines, Wording

MORE_MINUTES = 5
"""What is offered to an ended run."""

_FEWEST_WORDS = 20  # of which a share tells something
_BY_HEART = 0.5  # of what was written stands in the text word for word
_NEAR_THE_END = 0.7  # of the iterations
_RISEN = 0.05  # nats of the validation loss above its best: it learns by heart
_FIVE = "Five"  # MORE_MINUTES, in words
_USUAL_BITS = 0.5  # bits per byte of a nat per token, where the text is gone: that of a learned vocabulary
_MUCH, _LITTLE = 0.08, 0.015  # bits per byte that more minutes would bring at least, to be promised or worth a word

Layout = Literal["verse", "speech", "lines", "code", "names", "prose", "signs"]
"""What a text looks like; `signs` are no words: moves of a game, or a script that puts no space between words."""


class Skill(IntEnum):
    """How far a model has come."""

    NOTHING = 0
    LETTERS = 1
    FIRST_WORDS = 2
    WORDS = 3
    PHRASES = 4


_NEXT = {
    Skill.NOTHING: "its first words",
    Skill.LETTERS: "its first words",
    Skill.FIRST_WORDS: "whole words",
    Skill.WORDS: "whole phrases",
    Skill.PHRASES: "longer sentences",
}
_SPELLS: dict[Layout, str] = {
    "verse": "It spells and speaks in verse.",
    "speech": "It spells and lets people speak in turn.",
    "lines": "It spells and keeps to short lines.",
    "code": "It spells and indents like code.",
    "prose": "It spells and writes prose.",
}
_PHRASES: dict[Layout, str] = {
    "verse": "It speaks in whole phrases, and in verse.",
    "speech": "It lets people speak in turn, in whole phrases.",
    "lines": "It writes short lines in whole phrases.",
    "code": "It writes whole phrases and indents like code.",
    "prose": "It writes prose in whole phrases.",
}
_NAMES = {
    Skill.LETTERS: "It strings letters together, not names yet.",
    Skill.WORDS: "It makes up names that sound like those of its text.",
}
_SIGNS = {
    Skill.LETTERS: "It has found which pieces of its text are common, not yet which follow which.",
    Skill.WORDS: "It has learned more than which piece follows which.",
}
_KNOWS_NOTHING = "It has learned nothing yet: these are the words of a model that knows nothing."
_LONGER_TEXT = "A longer text would help; more time would not."
_SECOND_MODEL = "A longer text would help; a second model, taught by this one, should do a little better."


@dataclass(frozen=True, slots=True)
class Course:
    """How the losses of a run went, in nats per token.

    Attributes:
        seconds: how long it trained.
        updates: how many updates its weights had.
        losses: (iteration, loss), growing: of the validation part, or of training where it was hardly judged.
        judged: whether these are losses of the validation part.
        overfitted: whether it ended early because the validation loss rose.
        stopped: whether a person ended it before its time.
        may_teach: whether a second model can be taught by its own.
        full_memory: bits per byte of validation at the end, scored as the model is used; None where it is not known.
    """

    seconds: float
    updates: int
    losses: Sequence[tuple[float, float]]
    judged: bool = True
    overfitted: bool = False
    stopped: bool = False
    may_teach: bool = False
    full_memory: float | None = None

    @property
    def last(self) -> float:
        """The last loss; not a number where there is none."""
        return self.losses[-1][1] if self.losses else math.nan

    @property
    def has_turned(self) -> bool:
        """Whether the validation loss rose for good."""
        risen = self.judged and bool(self.losses) and self.last > min(loss for _, loss in self.losses) + _RISEN
        return self.overfitted or risen

    def gain(self, seconds: float) -> float:
        """Return by how many nats so much more training would lower the loss, if it falls on as in its second half.

        Losses fall about evenly along the logarithm of time (engine/training/forecast.py knows them better, but needs
        more of them).
        """
        known = [(at + 1, loss) for at, loss in self.losses if math.isfinite(loss)]
        if len(known) < 2 or self.seconds <= 0:
            return math.inf  # it has hardly begun
        last, fell = known[-1]
        first, from_loss = min(known[:-1], key=lambda one: abs(one[0] - last / 2))
        slope = (from_loss - fell) / math.log(last / first)
        return max(slope, 0.0) * math.log1p(seconds / self.seconds)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run has learned and what would help, in words; `goes_on` unless more minutes would do harm.

    `teaches` is whether a second model, taught by its own, would do better (docs/recipes.md).
    `helps` is empty where a run was stopped that would still learn: it has time left, and is resumed.
    `score` is how well it does as it is used, empty where that is not known; `skill` is how far it has come.
    """

    learned: str
    helps: str
    goes_on: bool
    score: str = ""
    skill: Skill = Skill.NOTHING
    teaches: bool = False

    @property
    def words(self) -> str:
        """All its sentences."""
        return " ".join(filter(None, (self.learned, self.helps, self.score)))


def latest(samples: Sequence[Sample]) -> list[str]:
    """Return what a run wrote near its end, by which it is judged: three samples at most, for one is soon unlucky."""
    return [sample.text for sample in samples if sample.iter_num >= _NEAR_THE_END * samples[-1].iter_num][-3:]


def verdict(course: Course, ladder: Ladder | None, wording: Wording | None) -> Verdict:
    """Return the verdict on an ended run; without its text there is less to be had."""
    if not course.updates:
        helps = "" if course.stopped else f"{_FIVE} minutes would bring its first words."
        return Verdict("It had no time to learn.", helps, goes_on=True)
    if not math.isfinite(course.last):
        return Verdict("Its loss is no number: training has failed.", "A lower learning rate would help.", False)
    if wording is not None and wording.copied >= _BY_HEART:
        return Verdict(
            "Much of what it writes stands word for word in its text.", _LONGER_TEXT, goes_on=False, skill=Skill.PHRASES
        )
    look = "signs" if wording is None else layout(wording.text)
    level = skill(course.last, ladder, wording, look)
    learned, score = _learned(level, look, wording), _score(course.full_memory)
    if course.has_turned:
        helps = f"It has begun to learn its text by heart. {_SECOND_MODEL if course.may_teach else _LONGER_TEXT}"
        return Verdict(learned, helps, goes_on=False, score=score, skill=level, teaches=course.may_teach)
    return Verdict(learned, _help(course, ladder, level, look), goes_on=True, score=score, skill=level)


def skill(loss: float, ladder: Ladder | None, wording: Wording | None, look: Layout) -> Skill:
    """Return how far a model has come, from its loss and from the words it wrote.

    Its words are held against those of the part that was kept from training: half of what anyone writes never stood
    anywhere before.
    """
    rungs = {rung.name: rung.loss for rung in ladder.rungs} if ladder else {}
    if loss > rungs.get("random", math.inf) * 0.97:
        return Skill.NOTHING
    if wording is None or look in ("names", "signs") or wording.words < _FEWEST_WORDS:
        return Skill.WORDS if loss < rungs.get("bigram", 0.0) else Skill.LETTERS
    known = wording.known / max(wording.known_elsewhere, 0.5)
    follow = wording.follow / max(wording.follow_elsewhere, 0.2)
    if known < 0.6 or follow < 0.25:
        return Skill.LETTERS
    if known < 0.85:
        return Skill.FIRST_WORDS
    is_fluent = known >= 0.93 and follow >= 0.9 and loss < rungs.get("bigram", math.inf)
    return Skill.PHRASES if is_fluent else Skill.WORDS


def layout(lines: Lines) -> Layout:
    """Return what a text looks like."""
    if lines.words < 1.5 and lines.length < 25:
        return "names"
    if lines.spelt < 0.6 or lines.length > 12 * max(lines.words, 1.0):
        return "signs"
    if lines.indented > 0.4:
        return "code"
    if lines.speakers > 0.1:
        return "verse" if lines.length < 50 else "speech"
    return "lines" if lines.length < 50 else "prose"


def _learned(level: Skill, look: Layout, wording: Wording | None) -> str:
    """Return what was learned, in a sentence; how it is laid out only where what was written is laid out so."""
    if level is Skill.NOTHING:
        return _KNOWS_NOTHING
    if look in ("names", "signs"):
        return (_NAMES if look == "names" else _SIGNS)[level]
    if level is Skill.LETTERS:
        return "It has found which letters are common, not yet the words."
    if level is Skill.FIRST_WORDS:
        return "It spells its first words."
    if wording is None or not _is_laid_out(wording, look):
        return "It spells." if level is Skill.WORDS else "It writes in whole phrases."
    return (_SPELLS if level is Skill.WORDS else _PHRASES)[look]


def _score(full_memory: float | None) -> str:
    """Return how well it does as it is used, in a sentence."""
    known = full_memory is not None and math.isfinite(full_memory)
    return f"With its full memory it is at {full_memory:.2f} bits per byte." if known else ""


def _is_laid_out(wording: Wording, look: Layout) -> bool:
    """Return whether what was written looks like the text."""
    mine, its = wording.written, wording.text
    if look in ("verse", "speech"):
        return mine.speakers > its.speakers / 3 and mine.length < 2 * its.length
    if look == "code":
        return mine.indented > its.indented / 2
    return 0.4 < mine.length / max(its.length, 1.0) < 1.6


def _help(course: Course, ladder: Ladder | None, level: Skill, look: Layout) -> str:
    """Return what more time would bring a run that does not learn by heart."""
    gain = course.gain(60 * MORE_MINUTES) * (ladder.bits_per_nat if ladder else _USUAL_BITS)
    if course.stopped and gain >= _LITTLE:
        return ""  # a promise of five minutes would be one that its own time left may not keep
    if gain >= _MUCH:
        better = look in ("names", "signs") and level is Skill.WORDS
        return f"{_FIVE} more minutes would {'make it better' if better else f'bring {_NEXT[level]}'}."
    if gain >= _LITTLE:
        return f"{_FIVE} more minutes would make it a little better."
    return "More time would hardly help; a larger model would."
