"""What is spoken in a film: the words of subtitles (.srt, .vtt) without their times and tags."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from engine.text.account import FileAccount
from engine.text.glimpse import Glimpse
from engine.text.plain import lines_of
from engine.text.sources import Source
from engine.text.wishes import ReadingWishes

_BRIEF = 0.05
_TIME = re.compile(r"\s*((?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3})\s*-->\s*((?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[\w.]+)?\s+([^<>]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_FIRST = re.compile(r"\d+\s*\n" + _TIME.pattern)


def is_subtitles(seen: Glimpse) -> bool:
    """Return whether a file looks like subtitles."""
    text = seen.text.replace("\r\n", "\n").replace("\r", "\n")
    return text.startswith("WEBVTT") or bool(_FIRST.match(text))


def subtitles_text(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[str]:
    """Yield the lines that are spoken; what only stays on screen from the subtitle before is left out."""
    before: list[str] = []
    for brief, lines in _subtitles(source, account, wishes):
        account.parts += 1
        stays = next((size for size in range(len(lines), 0, -1) if before[-size:] == lines[:size]), 0)
        if stays == len(lines) and not brief:
            stays = 0  # said once more
        if stays:
            account.dropped["lines that stay from the subtitle before"] += stays
        yield "".join(line + "\n" for line in lines[stays:])
        before = lines


def _subtitles(source: Source, account: FileAccount, wishes: ReadingWishes) -> Iterator[tuple[bool, list[str]]]:
    """Yield the lines of each subtitle, and whether it shows too briefly to be read."""
    brief = spoken = False
    lines: list[str] = []
    for line in lines_of(source, account, wishes):
        words = line.strip()
        if time := _TIME.match(words):
            if lines:
                yield brief, lines
            spoken, lines = True, []
            brief = _seconds(time[2]) - _seconds(time[1]) < _BRIEF
        elif not words:
            spoken = False
        elif spoken:
            lines += [shown] if (shown := _plain(words)) else []
        elif not words.isdecimal() and not words.startswith("WEBVTT"):
            account.dropped["names and notes of subtitles"] += 1
    if lines:
        yield brief, lines


def _seconds(time: str) -> float:
    seconds = 0.0
    for part in time.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _plain(line: str) -> str:
    """Return a line without tags: who speaks stays."""
    return html.unescape(_TAG.sub("", _VOICE.sub(r"\1: ", line))).strip()
