"""A scene in words: who plays in it, what was spoken, and how that stands in the layout of a training text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.core.errors import SettingError
from engine.core.events import Event
from engine.text.chats.layout import plain_speaker
from engine.text.cleaning import cleaned_whole
from engine.text.turns import Layout, Turns

MOST_IN_A_ROW = 4
"""Turns that others take one after the other at most before it is a person's own turn."""

EndOfTurn = Literal["done", "limit", "stopped", "silent"]
"""Why a turn ended: as the layout says, at the most tokens it may have, at a stop, or before a word was said."""


@dataclass(frozen=True, slots=True)
class Speech:
    """One turn: who speaks, and what."""

    speaker: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who plays: a person as `me`, the model as `it`; the text has `turns`. With `third`, others of it may enter."""

    turns: Turns
    me: str
    it: str
    third: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking(Event):
    """A turn begins, or goes on in less of the scene: the first `forgotten` speeches are not in the `prompt`."""

    speaker: str
    prompt: str
    forgotten: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken(Event):
    """A turn ended; `wanted` is who would speak next if the model had its way, empty where it is not known.

    Its last words were written without the first `forgotten` speeches.
    """

    speaker: str
    text: str
    tokens: int
    reason: EndOfTurn
    wanted: str
    forgotten: int


def scene_of(turns: Turns, me: str, it: str, *, third: bool = False) -> Scene:
    """Return the scene of two names: those of the text however they are typed, new ones, or the most frequent.

    Raises SettingError for two that are the same, or for a name of white space.
    """
    me, it = known_name(turns, me), known_name(turns, it)
    frequent = (name for name, _ in turns.names if name not in (me, it))
    me, it = me or next(frequent, ""), it or next(frequent, "")
    if not me or not it or me == it:
        raise SettingError(
            f"A scene needs two, and both are called {me}." if me else "A scene needs two names.",
            fix="Name somebody else with --it.",
            code="bad_setting",
            problems={"it": "the same as me"},
        )
    return Scene(turns=turns, me=me, it=it, third=third)


def known_name(turns: Turns, typed: str) -> str:
    """Return a name as the text spells it, in whatever letters it was typed; as it was typed where it is not there."""
    name = plain_speaker(cleaned_whole(typed))
    names = [known for known, _ in turns.names]
    return name if name in names else next((known for known in names if known.lower() == name.lower()), name)


def script(speeches: Iterable[Speech], layout: Layout) -> str:
    """Return speeches as they stand in a text of that layout."""
    between = " " if layout != "name_above" else "\n"
    end = "\n" if layout == "line_by_line" else "\n\n"
    return "".join(f"{speech.speaker}:{between}{speech.words}{end}" for speech in speeches)


def opening(speaker: str, layout: Layout) -> str:
    """Return what stands before the words of a turn, as far as a tokenizer cuts it off from them."""
    return f"{speaker}:\n" if layout == "name_above" else f"{speaker}:"


def as_words(typed: str, layout: Layout) -> str:
    """Return what a person typed as the words of a turn: cleaned as texts are, without what would end the turn."""
    lines = [line.rstrip() for line in cleaned_whole(typed).strip().split("\n")]
    return (" " if layout == "line_by_line" else "\n").join(filter(None, lines))


def who_speaks_next(scene: Scene, speeches: Sequence[Speech], wanted: str, *, alone: bool = False) -> str:
    """Return whose turn it is after the last speech; `wanted` is whom the model would let speak.

    Nobody but the two unless a third may enter, and then only who speaks in the text. Where the model plays `alone` it
    may go on so for ever; else a person has their turn after MOST_IN_A_ROW of others.
    """
    spoke = speeches[-1].speaker if speeches else scene.it
    other = scene.it if spoke == scene.me else scene.me
    if not scene.third or not wanted:
        return other
    others = [speech.speaker for speech in speeches[-MOST_IN_A_ROW:] if speech.speaker != scene.me]
    if not alone and len(others) == MOST_IN_A_ROW:
        return scene.me
    known = wanted in (scene.me, scene.it) or any(wanted == name for name, _ in scene.turns.names)
    return wanted if known else other
