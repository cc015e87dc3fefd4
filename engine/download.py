"""The one download a person can ask for: a built-in text over https, kept once its checksum is right."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from engine.datasets import CatalogueEntry
from engine.errors import DataError
from engine.events import Progress, Turn
from engine.jobs import Control, Job
from engine.paths import home

TIMEOUT = 20
"""Seconds without an answer after which a download is given up."""

_BLOCK = 2**16


def kept(entry: CatalogueEntry) -> Path:
    """Give where the text of an entry is kept once it was downloaded: by its checksum, as entries may share it."""
    return home() / "downloads" / f"{entry.sha256}.txt"


def download(entry: CatalogueEntry, control: Control) -> Job:
    """Bring the text of a catalogue entry to `kept(entry)`, unless it is there and whole already.

    A stop leaves nothing behind. Raises DataError when there is no network, the server fails, or what came is not
    the text that belongs here.
    """
    if kept(entry).exists() and file_sha256(kept(entry)) == entry.sha256:
        return
    part = kept(entry).with_suffix(f".{os.getpid()}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        yield from _receive(entry, part, control)
        if control.stopping:
            return
        if file_sha256(part) != entry.sha256:
            raise _failed(entry, "What came is not the text that belongs here: its SHA-256 is another.")
        part.replace(kept(entry))
    except OSError as error:
        raise _failed(entry, f"The file cannot be kept: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def file_sha256(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _receive(entry: CatalogueEntry, part: Path, control: Control) -> Job:
    """Write what the server sends to `part`, never much more than belongs there."""
    import requests  # 0.1 s to import, and most people never download

    done = 0
    try:
        with requests.get(entry.url, stream=True, timeout=TIMEOUT) as answer, part.open("wb") as file:
            answer.raise_for_status()
            for block in answer.iter_content(_BLOCK):
                done += file.write(block)
                if control.stopping or done > entry.bytes:
                    return
                yield Progress(what=f"Downloading {entry.title}", done=done, total=entry.bytes, unit="bytes")
                yield Turn.NEXT
    except requests.HTTPError as error:
        raise _failed(entry, f"The server answered {error.response.status_code}.") from error
    except requests.RequestException as error:
        raise _failed(entry, "No connection could be made, or it broke off: is there a network?") from error


def _failed(entry: CatalogueEntry, cause: str) -> DataError:
    """Give the error for a download that brought nothing, with the two ways that need no network."""
    return DataError(
        f"{entry.title} could not be downloaded.",
        cause=cause,
        fix=(
            "Use shakespeare_complete, which ships with Understudy and needs no network, or give a copy of the text: "
            f"`python -m engine prepare {entry.name} --from FILE`."
        ),
        code="download_failed",
    )
