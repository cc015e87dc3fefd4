"""The texts of a folder or of a .zip, in natural order, and what of it is left out."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath

from engine.core.errors import DataError
from engine.text import packed
from engine.text.account import LeftOut
from engine.text.chats.facebook import oldest_first
from engine.text.chats.families import COMPANIONS
from engine.text.formats import ENDINGS, PLAIN, Format, format_of
from engine.text.refusals import unreadable, unusable
from engine.text.sources import Source, ZippedFile

_DENSEST = 20
"""No text is packed into less than a twentieth of its bytes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is read, in order, and what is left out."""

    files: list[tuple[Source, Format]]
    left_out: list[LeftOut]


def texts_in_folder(folder: Path) -> Found:
    """Return the texts of a folder and the folders in it, hidden ones left out.

    Raises DataError for a link, and where there is no text.
    """
    closed: list[LeftOut] = []
    paths = _files_below(folder, closed)
    found = _taken(paths)
    found.left_out.extend(closed)
    return _some(found, f"the folder {folder}")


def texts_in_archive(path: Path) -> Found:
    """Return the texts of a .zip, hidden ones left out; raises DataError where there is none, or it is locked.

    Nothing is written to the disk, so that it does not matter what the names in it are.
    """
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except zipfile.BadZipFile as error:
        raise unusable(path, "It is damaged, or not downloaded to its end.", "Get it once more.") from error
    members = [member for member in archive.infolist() if _is_file(member) and not _is_hidden(member.filename)]
    members.sort(key=lambda member: natural(PurePath(member.filename)))
    locked = [member for member in members if member.flag_bits & 1]
    if members and len(locked) == len(members):
        raise unusable(path, "It is locked with a password.", "Unpack it and give the folder.")
    files = [ZippedFile(archive, member) for member in members if not member.flag_bits & 1]
    found = _taken(files)
    limit = max(packed.EXPANDED_LIMIT, _DENSEST * path.stat().st_size)
    if sum(file.size for file, _ in found.files if isinstance(file, ZippedFile)) > limit:
        fix = "Unpack it, if it is what you think it is, and give the folder."
        raise unusable(path, f"It unfolds to more than {limit >> 20:,} MB, which no text does.", fix)
    found.left_out.extend(LeftOut(f"{path}/{one.filename}", "locked with a password", asked=True) for one in locked)
    return _some(found, f"{path}")


def natural(path: PurePath) -> list[list[tuple[int, int | str]]]:
    """Return what to sort a path by, so that chapter 2 comes before chapter 10, as the Finder shows it."""
    return [
        [(0, int(part)) if part.isdecimal() else (1, part.casefold()) for part in re.split(r"(\d+)", name) if part]
        for name in path.parts
    ]


def refuse_link(path: Path) -> None:
    """Raise DataError for a symbolic link: a folder from elsewhere could read any file of yours through one."""
    if path.is_symlink():
        raise DataError(
            f"{path} is a symbolic link.",
            cause="Through a link, a folder from elsewhere could take in any file of this machine.",
            fix="Put the file itself in its place, or leave the link out.",
            code="symbolic_link",
        )


def _files_below(folder: Path, closed: list[LeftOut]) -> list[Path]:
    """Return all files below a folder in natural order; folders that may not be read go to `closed`."""

    def keep_closed(error: OSError) -> None:
        closed.append(LeftOut(str(error.filename), f"the system says: {error.strerror}", asked=True))

    found = []
    for name, folders, files in os.walk(folder, onerror=keep_closed):
        folders[:] = [each for each in folders if not each.startswith(".")]
        for each in (*folders, *files):
            path = Path(name, each)
            if each.startswith("."):
                continue
            refuse_link(path)
            if each not in folders:
                found.append(path)
    return sorted(found, key=lambda path: (natural(path.relative_to(folder)), path))


def _taken(sources: Iterable[Source]) -> Found:
    """Return which files are read: texts, documents and exported chats, other JSON and tables where nothing else is."""
    found: list[tuple[Source, Format]] = []
    vague: list[tuple[Source, Format]] = []
    left_out = []
    for source in sources:
        kind = _kind_or_why(source)
        certainty = kind.certainty(source) if isinstance(kind, Format) else "no"
        if isinstance(kind, LeftOut):
            left_out.append(kind)
        elif certainty == "no":
            left_out.append(LeftOut(str(source), "there are no messages in it"))
        else:
            (found if certainty == "sure" else vague).append((source, kind))
    if any(kind.kind == "chat" for _, kind in found):
        left_out += [LeftOut(str(one), "it only comes with the chats") for one, _ in found if one.name in COMPANIONS]
        found = [(source, kind) for source, kind in found if source.name not in COMPANIONS]
        found.sort(key=lambda one: natural(PurePath(str(one[0])).with_name(oldest_first(one[0].name))))
    if found:
        left_out += [LeftOut(str(source), f"{kind.title}: give it by itself") for source, kind in vague]
    return Found(found or vague, left_out)


def _kind_or_why(source: Source) -> Format | LeftOut:
    """Return what a file of a folder is, or why it is left out."""
    try:
        if isinstance(source, Path) and not stat.S_ISREG(source.stat().st_mode):
            return LeftOut(str(source), "no ordinary file")
        kind = format_of(source)
    except OSError as error:
        return LeftOut(str(source), f"the system says: {error.strerror}", asked=True)
    except DataError as error:
        return LeftOut(str(source), error.cause.removeprefix("This is ").rstrip("."), asked=error.code == "unreadable")
    if kind.kind == "archive":
        return LeftOut(str(source), "a .zip: give it by itself")
    if kind is PLAIN and source.suffix.lower() not in PLAIN.endings:
        return LeftOut(str(source), "by its ending no text: give it by itself, or name it .txt")
    return kind


def _is_file(member: zipfile.ZipInfo) -> bool:
    """Whether a member of an archive is neither a folder nor a link."""
    return not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)


def _is_hidden(name: str) -> bool:
    parts = PurePath(name).parts
    return any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts


def _some(found: Found, where: str) -> Found:
    """Return what was found; raises DataError where that is nothing."""
    if found.files or any(out.asked for out in found.left_out):
        return found
    named = "; ".join(f"{PurePath(out.name).name}: {out.why}" for out in found.left_out[:4])
    raise DataError(
        f"There are no texts in {where}.",
        cause=f"Left out: {named}." if named else f"Texts are files that end in {', '.join(ENDINGS)}.",
        fix="Save your texts as plain text (.txt) there, or choose a single file.",
        code="no_texts",
    )
