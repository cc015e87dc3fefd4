"""Who speaks in a text, how often, and how it is laid out: plays and chats are made of turns."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Self, get_args

from engine.text.chats.layout import LONGEST_NAME, UNNAMED

Layout = Literal["name_above", "name_before", "line_by_line"]
"""How turns stand in a text: the name and a colon on a line above them, or before them on their first line, with a
blank line between turns; or a line each."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)

NAMES_KEPT = 2000
"""Speakers that are remembered by name: those who speak most."""

_NAMES_COUNTED = 2**14
_LONGEST_LINE = 2**16
_FEWEST_TURNS = 8
_REPEATED = 0.5
_PARAGRAPHS = 0.2
_LINES = 0.6
_EVERYWHERE = 0.9
_FIRST = 0.6
_SEQUENCE = 4096
_REGULAR = 0.9
_FIELDS = 0.1

_COLON = re.compile(":(?=[ \n])")
_BLANK_LINES = re.compile("\n\n+")
_SENTENCE = re.compile(r"[;?!\"“”{}<>=\t]")
_NO_SPEECH = re.compile(r"[ \t*•|{#`<>]|[-+] ")
"""What begins a line that is no speech: code, a list, a table."""

_LABEL = re.compile(
    "abstract|args|arguments?|authors?|cc|copyright|date|debug|default|directions|error|examples?|fatal|fixme|from|info|"
    "ingredients|instructions|licen[cs]e|method|notes?|parameters|raises|references|returns|see also|subject|summary|"
    "tip|title|to|todo|type|url|usage|version|warning|yields",
    re.IGNORECASE,
)
"""What stands before a colon in any text and is nobody's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """The turns of a text.

    Attributes:
        layout: how they stand in it.
        speakers: how many speak.
        turns: how many turns there are.
        names: who speaks and how often, the most frequent first; at most NAMES_KEPT of them.
    """

    layout: Layout
    speakers: int
    turns: int
    names: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, layout: Layout, counts: Mapping[str, int]) -> Self:
        """Return the turns of speakers that were counted."""
        names = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        return cls(layout=layout, speakers=len(names), turns=sum(counts.values()), names=tuple(names[:NAMES_KEPT]))

    def as_json(self) -> dict[str, Any]:
        """Return plain values that `turns_from` makes the same of."""
        named = dict(self.names)
        return {"layout": self.layout, "speakers": self.speakers, "turns": self.turns, "names": named}


def turns_from(value: Mapping[str, Any]) -> Turns | None:
    """Return the turns that `as_json` gave; None for what tells of none, or is damaged."""
    names, speakers, turns = (value.get(name) for name in ("names", "speakers", "turns"))
    layout = next((each for each in LAYOUTS if each == value.get("layout")), None)
    if layout is None or not isinstance(names, dict) or len(names) < 2:
        return None
    if not all(type(number) is int and number > 0 for number in names.values()):
        return None
    if not isinstance(speakers, int) or not isinstance(turns, int):
        return None
    return Turns(layout=layout, speakers=speakers, turns=turns, names=tuple(names.items())[:NAMES_KEPT])


class TurnCount:
    """A count of who speaks in a text that comes in pieces, in constant memory.

    Of a text with very many different names those that were met least are forgotten on the way.
    """

    def __init__(self) -> None:
        self._waiting = ""
        self._after_blank = True
        self._blocks = self._lines = 0
        self._above, self._bare, self._first, self._inline = _Names(), _Names(), _Names(), _Names()
        self._labels = 0
        self._sequence: list[str] = []

    def add(self, piece: str) -> None:
        """Take the next piece in."""
        text = self._waiting + piece
        cut = text.rstrip("\n").rfind("\n") + 1  # of the last line that says something it is not known what follows
        self._count(text, cut)
        self._waiting = text[cut:]
        if len(self._waiting) > _LONGEST_LINE:
            self.finish()

    def finish(self) -> None:
        """Take in what waits still."""
        text, self._waiting = self._waiting.rstrip("\n") + "\n\n", ""
        if text != "\n\n":
            self._count(text, len(text))

    def found(self, messages: Mapping[str, int] | None = None) -> Turns | None:
        """Return the turns of all that came in, None where it is not made of turns.

        `messages` are those that a chat is known to hold, by who wrote them: what stands in a message is no turn.
        """
        chat = {name: count for name, count in (messages or {}).items() if name != UNNAMED}
        above = self._turns("name_above", self._above, self._blocks, _PARAGRAPHS)
        if above:
            above = Turns.of("name_above", self._with_bare())
        if len(chat) > 1 and (above is None or above.turns < sum(chat.values())):
            return Turns.of("name_before", chat)
        if above:
            return above
        if self._labels > _FIELDS * self._inline.total:
            return None
        if self._first.total >= _FIRST * self._inline.total:
            return self._turns("name_before", self._first, self._blocks, _PARAGRAPHS)
        if _is_regular(self._sequence):
            return None
        return self._turns("line_by_line", self._inline, self._lines, _LINES)

    def _with_bare(self) -> Counter[str]:
        """Return who speaks under their names, names above nothing counted where they can be nothing else.

        Those are all where nearly each paragraph has one; else those of others' turns, and “He said:” is none.
        """
        counts, bare = Counter(self._above.counts), self._bare.counts
        everywhere = self._above.total + self._bare.total >= _EVERYWHERE * self._blocks
        counts.update({name: count for name, count in bare.items() if everywhere or name in self._above.counts})
        return counts

    def _turns(self, layout: Layout, names: _Names, places: int, share: float) -> Turns | None:
        """Return the turns of a layout if names stand at so large a share of the places, and most of them again."""
        again = [count for count in names.counts.values() if count > 1]
        told = names.total >= max(_FEWEST_TURNS, share * places)
        if not told or len(again) < 2 or sum(again) < _REPEATED * names.total:
            return None
        return Turns.of(layout, names.counts)

    def _count(self, text: str, cut: int) -> None:
        """Take in the lines before `cut`."""
        gaps = sum(1 for _ in _BLANK_LINES.finditer(text, 0, cut))
        self._blocks += gaps
        self._lines += text.count("\n", 0, cut) - gaps
        for colon in _COLON.finditer(text, 0, cut):
            self._look_at(text, colon.start())
        if cut:
            self._after_blank = text.endswith("\n\n", 0, cut)

    def _look_at(self, text: str, colon: int) -> None:
        """Take in what may be a name before a colon."""
        begin = text.rfind("\n", max(0, colon - LONGEST_NAME - 1), colon) + 1
        if text[begin].isspace() or colon - begin > LONGEST_NAME:
            return
        name = text[begin:colon]
        if name not in self._above.counts and name not in self._inline.counts and not is_name(name):
            self._labels += bool(_LABEL.fullmatch(name))
            return
        first = text.endswith("\n\n", 0, begin) if begin > 1 else begin == 1 or self._after_blank
        if text[colon + 1] == " ":
            self._inline.add(name)
            if first:
                self._first.add(name)
            if len(self._sequence) < _SEQUENCE:
                self._sequence.append(name)
        elif first and not _NO_SPEECH.match(text, colon + 2):
            (self._bare if text.startswith("\n", colon + 2) else self._above).add(name)


class _Names:
    """How often names were met, those that were met least forgotten where there are too many."""

    def __init__(self) -> None:
        self.total = 0
        self.counts: dict[str, int] = {}

    def add(self, name: str) -> None:
        """Count a name once more."""
        self.total += 1
        self.counts[name] = self.counts.get(name, 0) + 1
        least = 1
        while len(self.counts) > _NAMES_COUNTED:
            self.counts = {each: count for each, count in self.counts.items() if count > least}
            least *= 2


def is_name(text: str) -> bool:
    """Return whether what stands before a colon may be somebody's name."""
    if not text or text[-1].isspace() or ":" in text or _SENTENCE.search(text) or _LABEL.fullmatch(text):
        return False
    return text[0].isalnum() or text[0] in "+~@" or unicodedata.category(text[0]) == "So"


def _is_regular(names: list[str]) -> bool:
    """Return whether three or more names come round and round in one order, as those of fields in records do."""
    if len(set(names)) < 3:
        return False
    follows: dict[str, Counter[str]] = {}
    for one, other in pairwise(names):
        follows.setdefault(one, Counter())[other] += 1
    foreseen = sum(max(counts.values()) for counts in follows.values())
    return foreseen > _REGULAR * (len(names) - 1)
