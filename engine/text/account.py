"""What became of all that was read: each reader counts here what it gives on and what it leaves out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from pathlib import PurePath
from typing import Any

from engine.core.errors import DataError
from engine.text.encodings import Encoding

LOST_SHARE = 0.02
"""More than this share of a text that cannot be read is a question, not a note."""

REPLACED_SHARE = 0.001
"""So is more than this share of characters that stand for bytes that are none."""

_NAMED = 4
_COUNTED = 12

FILES_LISTED = 200
"""Files, and speakers, that the account lists one by one; of more it has the totals alone."""


@dataclass(slots=True)
class FileAccount:
    """What became of one file.

    Attributes:
        name: the file's, as a person knows it.
        read_as: what it was taken for, as a person names it: "a ChatGPT export", "Rich Text", "plain text".
        encoding: how its bytes became characters, as a person names it; empty where the format itself says.
        characters: those given on.
        replaced: of those, how many stand for bytes that are no character (U+FFFD).
        dropped: what was meant to be left out, and how many characters of it or, where it holds none, how many such
            things: "hidden text", "tool calls", "soft hyphens".
        parts: how many pages, chapters, messages or lines were read, where the reader can lose one.
        lost: what should have been given on and could not be read, counted as `parts` are: "missing chapters".
        keys: the columns or keys that were seen, where the words are taken from one of them.
        messages: in a chat, the messages given on, by who wrote them.
        notes: what was changed without loss, in a sentence each.
        found_encoding: how its bytes become characters, once that was found: it is not looked for twice.
    """

    name: str = ""
    read_as: str = "plain text"
    encoding: str = ""
    characters: int = 0
    replaced: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    parts: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    keys: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    found_encoding: Encoding | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the account as plain JSON values."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "found_encoding"}
        return {
            name: dict(value.most_common(FILES_LISTED)) if isinstance(value, Counter) else value
            for name, value in values.items()
        }

    @property
    def loss(self) -> str:
        """What is too much to lose without a question, in words; empty where all is well."""
        found = []
        lost = self.lost.total()
        if lost and lost > LOST_SHARE * (self.parts + lost):
            found += [f"{name} ({count:,} of {self.parts + lost:,})" for name, count in self.lost.items()]
        if self.replaced > REPLACED_SHARE * self.characters:
            found.append(f"{self.replaced:,} of {self.characters:,} characters that could not be read")
        return f"{self.name}: {' and '.join(found)}" if found else ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that was not read.

    Attributes:
        name: its path, as a person knows it.
        why: what it is or why not, in a few words: "a JPEG picture".
        asked: whether it should have been read, so that a person is asked before going on without it.
    """

    name: str
    why: str
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What became of all files of a text.

    Attributes:
        files: those that were read, in order.
        left_out: those that were not, and why.
    """

    files: Sequence[FileAccount] = ()
    left_out: Sequence[LeftOut] = ()

    @property
    def characters(self) -> int:
        """Characters given on."""
        return sum(file.characters for file in self.files)

    @property
    def replaced(self) -> int:
        """Of those, how many stand for bytes that are no character."""
        return sum(file.replaced for file in self.files)

    @property
    def dropped(self) -> Counter[str]:
        """What was meant to be left out of files."""
        return _summed(file.dropped for file in self.files)

    @property
    def lost(self) -> Counter[str]:
        """What could not be read of files."""
        return _summed(file.lost for file in self.files)

    @property
    def keys(self) -> Counter[str]:
        """Columns or keys that words can be taken from, and how often they were seen."""
        return _summed(file.keys for file in self.files)

    @property
    def messages(self) -> Counter[str]:
        """Messages by who wrote them."""
        return _summed(file.messages for file in self.files)

    def refuse_loss(self, source: str) -> None:
        """Raise DataError where so much was lost that a person must be asked; `source` is the text they asked for."""
        unread = [f"{one.name} ({one.why})" for one in self.left_out if one.asked]
        losses = unread + [loss for file in self.files if (loss := file.loss)]
        if not losses:
            return
        more = f"; and {len(losses) - _NAMED:,} more" if len(losses) > _NAMED else ""
        raise DataError(
            f"Too much of {source} cannot be read.",
            cause=f"Lost would be: {'; '.join(losses[:_NAMED])}{more}.",
            fix="Mend that, or go on without it: `--allow-loss`. In a wrong encoding? Say which: `--encoding=NAME`.",
            code="loss",
        )

    def sentences(self) -> list[str]:
        """Return what a person should know of it, in a sentence each."""
        found = [
            f"{_files(count)} read as {kind}: look the text through."
            for kind, count in Counter(file.read_as for file in self.files if file.read_as != "plain text").items()
        ]
        encodings = Counter(file.encoding for file in self.files if file.encoding not in ("", "UTF-8"))
        found += [f"{_files(count)} in {encoding} became UTF-8." for encoding, count in encodings.items()]
        notes = Counter(note for file in self.files for note in file.notes)
        found += [note if count == 1 else f"{note.rstrip('.')} ({count:,} files)." for note, count in notes.items()]
        if self.messages:
            found.append(f"Messages by speaker: {_listed(self.messages)}.")
        if self.dropped:
            found.append(f"Left out of the text: {_listed(self.dropped)}.")
        if self.lost:
            found.append(f"Could not be read: {_listed(self.lost)}.")
        if self.replaced:
            found.append(f"{self.replaced:,} characters could not be read; each became \ufffd.")
        if self.left_out:
            found.append(f"{_files(len(self.left_out))} left out: {self._left_out_words()}.")
        return found

    def _left_out_words(self) -> str:
        """Return the first files that were left out, and why."""
        more = f" and {len(self.left_out) - _NAMED:,} more" if len(self.left_out) > _NAMED else ""
        return ", ".join(f"{PurePath(one.name).name} ({one.why})" for one in self.left_out[:_NAMED]) + more

    def as_json(self) -> dict[str, Any]:
        """Return the account as plain JSON values: the totals, and the first FILES_LISTED files of each kind.

        Nothing for a text that is from no files.
        """
        if not self.files and not self.left_out:
            return {}
        return {
            "files_read": len(self.files),
            "characters": self.characters,
            "replaced": self.replaced,
            "dropped": dict(self.dropped),
            "lost": dict(self.lost),
            "messages": dict(self.messages.most_common(FILES_LISTED)),
            "files_left_out": len(self.left_out),
            "files": [file.as_json() for file in self.files[:FILES_LISTED]],
            "left_out": [{"name": one.name, "why": one.why} for one in self.left_out[:FILES_LISTED]],
        }


def _files(count: int) -> str:
    return "One file" if count == 1 else f"{count:,} files"


def _listed(counts: Counter[str]) -> str:
    more = f" and {len(counts) - _COUNTED:,} more" if len(counts) > _COUNTED else ""
    return ", ".join(f"{name} ({count:,})" for name, count in counts.most_common(_COUNTED)) + more


def _summed(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total
