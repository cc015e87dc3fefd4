"""The one download a person can ask for: the files of a built-in text over https, kept once their checksums are right.

What has come is kept beside it when the connection breaks, the person stops, or the program ends, and the next
attempt goes on from there. The network is waited for on a thread of its own, so that a stop is heeded at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from engine.core.errors import DataError
from engine.core.events import Progress, Turn
from engine.core.files import file_sha256
from engine.core.jobs import Control, Job
from engine.core.paths import home
from engine.text.catalogue import CatalogueEntry, CatalogueFile

if TYPE_CHECKING:
    import requests

TIMEOUT = 20.0
"""Seconds without an answer after which an attempt is given up."""

PAUSES = (1.0, 3.0, 8.0)
"""Seconds before each new attempt; those that brought something further are not counted."""

REDIRECTS = 5
"""Addresses that a server may send us on to."""

_BLOCK = 2**16
_TURN_S = 0.05
_WORTH_RETRYING = (408, 425, 429, 500, 502, 503, 504)


class _BrokenOffError(Exception):
    """An attempt that failed in a way that another may not."""


class _RefusedError(Exception):
    """An attempt that will fail however often it is made."""


def kept(file: CatalogueFile) -> Path:
    """Return where a file is kept once it was downloaded: by its checksum, as entries may share it."""
    return home() / "downloads" / f"{file.sha256}.txt"


def is_begun(entry: CatalogueEntry) -> bool:
    """Return whether a part of an entry is kept from a download that did not come to its end."""
    return any(_size(_part(file)) > 0 for file in entry.files)


def download(entry: CatalogueEntry, control: Control) -> Job:
    """Bring each file of a catalogue entry to `kept(file)`, unless it is there and whole already.

    Tries again after a break, from where it broke off. After a stop, a break or the end of the program what has come
    remains (as `kept(file)` with .part in place of .txt, never counted as the file) and the next call goes on from
    it. Raises DataError when there is no network, the server fails for good, or what came is not the file that
    belongs here; only in the last case is it thrown away.
    """
    before = 0
    for file in entry.files:
        yield from _Download(entry, file, before, control).run()
        if control.stopping:
            return
        before += file.bytes


def safe_redirect(url: str, location: str) -> str:
    """Return the address that a server sends on to; raises ValueError for one that is less safe than the first."""
    to = urljoin(url, location)
    schemes = ("https",) if urlsplit(url).scheme == "https" else ("https", "http")
    if urlsplit(to).scheme not in schemes or not urlsplit(to).hostname:
        raise ValueError(to)
    return to


def _part(file: CatalogueFile) -> Path:
    return kept(file).with_suffix(".part")


@dataclass(frozen=True, slots=True)
class _Download:
    """The download of one file; `before` are the bytes of the entry's files that are here already."""

    entry: CatalogueEntry
    file: CatalogueFile
    before: int
    control: Control

    @property
    def part(self) -> Path:
        return _part(self.file)

    def run(self) -> Job:
        """Bring the file; raises DataError when it cannot be had."""
        goal = kept(self.file)
        if goal.exists() and file_sha256(goal) == self.file.sha256:
            return
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            for _ in range(2 if self.part.exists() else 1):  # what was there before may be what is wrong
                yield from self._attempts()
                if self.control.stopping:
                    return
                if file_sha256(self.part) == self.file.sha256:
                    self.part.replace(goal)
                    return
                self.part.unlink()
            raise _failed(self.entry, "What came is not the text that belongs here: its SHA-256 is another.")
        except OSError as error:
            raise _failed(self.entry, f"The file cannot be kept: {error.strerror or error}.") from error

    def _lacks_some(self) -> bool:
        """Return whether not all of it has come."""
        return _size(self.part) < self.file.bytes

    def _attempts(self) -> Job:
        """Fill the part to its length, in as many attempts as it takes; raises DataError when they are of no use."""
        failures, furthest, attempt = 0, _size(self.part), 1
        while not self.control.stopping and self._lacks_some():
            try:
                yield from self._attempt(attempt)
                failure = "The server sent less than there is."
            except _RefusedError as error:
                raise _failed(self.entry, str(error)) from error
            except _BrokenOffError as error:
                failure = str(error)
            if self.control.stopping or not self._lacks_some():
                return
            failures = 0 if _size(self.part) > furthest else failures + 1
            furthest = max(furthest, _size(self.part))
            if failures > len(PAUSES):
                raise _failed(self.entry, failure)
            attempt += 1
            yield from _pause(PAUSES[max(0, failures - 1)], self.control)

    def _attempt(self, number: int) -> Job:
        """Receive on a thread of its own, and tell how far it is."""
        what = f"Downloading {self.entry.title}" + (f", attempt {number}" if number > 1 else "")
        total = self.entry.download_bytes
        with closing(_Receiving(self.file, self.part)) as receiving:
            while not self.control.stopping:
                progress = receiving.news()
                if isinstance(progress, Exception):
                    raise progress
                if progress is None:
                    yield Turn.NEXT
                    continue
                if progress < 0:
                    return
                done = self.before + min(progress, self.file.bytes)
                yield Progress(what=what, done=done, total=total, unit="bytes")
                yield Turn.NEXT


def _pause(seconds: float, control: Control) -> Job:
    """Let others go on for some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not control.stopping:
        time.sleep(_TURN_S)
        yield Turn.NEXT


class _Receiving:
    """A thread that receives what is missing of a text; closing it lets nothing more be written."""

    def __init__(self, file: CatalogueFile, part: Path) -> None:
        self._news: queue.SimpleQueue[int | Exception] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._closed = False
        threading.Thread(target=self._run, args=(file, part), name="download", daemon=True).start()

    def news(self) -> int | Exception | None:
        """Return the bytes there are by now, -1 at the end, what went wrong, or None when there is nothing new."""
        try:
            return self._news.get(timeout=_TURN_S)
        except queue.Empty:
            return None

    def close(self) -> None:
        """See that nothing more is written."""
        with self._writing:
            self._closed = True

    def _run(self, file: CatalogueFile, part: Path) -> None:
        try:
            for done in self._received(file, part):
                self._news.put(done)
            self._news.put(-1)
        except Exception as error:  # told to the job, which raises it on its own thread
            self._news.put(error)

    def _received(self, file: CatalogueFile, part: Path) -> Iterator[int]:
        """Write what comes to the end of `part`, never much more than belongs there; yield its bytes."""
        import requests  # 0.1 s to import, and most people never download
        from urllib3.exceptions import HTTPError

        there = _size(part)
        try:
            with requests.Session() as session, _answer(session, file.url, there) as answer:
                done = _begins_at(answer, there)
                if done < 0:
                    self._forget(part)  # what is there does not fit what the server has
                    raise _BrokenOffError("The server answers with another part than it was asked for.")
                while block := answer.raw.read1(_BLOCK, decode_content=True):  # what comes, also before a break
                    with self._writing:
                        if self._closed:
                            return
                        with part.open("r+b" if part.exists() else "wb") as out:
                            out.truncate(done)
                            out.seek(done)
                            done += out.write(block)
                    yield done
                    if done > file.bytes:
                        return
        except (requests.RequestException, HTTPError) as error:
            raise _BrokenOffError("No connection could be made, or it broke off: is there a network?") from error

    def _forget(self, part: Path) -> None:
        with self._writing:
            if not self._closed:
                part.unlink(missing_ok=True)


def _answer(session: requests.Session, url: str, there: int) -> requests.Response:
    """Ask for what is missing, and follow where the server sends us; raises for what it refuses."""
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
    for _ in range(REDIRECTS + 1):
        answer = session.get(url, headers=headers, stream=True, timeout=TIMEOUT, allow_redirects=False)
        if not answer.is_redirect:
            break
        answer.close()
        try:
            url = safe_redirect(url, answer.headers["Location"])
        except ValueError as error:
            raise _RefusedError(f"The server sends us on to {error}, which is not safe.") from error
    else:
        raise _RefusedError("The server sends us on and on.")
    if answer.status_code in (200, 206, 416):
        return answer
    answer.close()
    reason = f"The server answered {answer.status_code}."
    raise _BrokenOffError(reason) if answer.status_code in _WORTH_RETRYING else _RefusedError(reason)


def _begins_at(answer: requests.Response, there: int) -> int:
    """Return where in the text an answer begins: where we left off, or at its beginning again; -1 for elsewhere."""
    if answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {there}-"):
        return there
    return 0 if answer.status_code == 200 else -1


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _failed(entry: CatalogueEntry, cause: str) -> DataError:
    """Return the error for a download that brought nothing, with the two ways that need no network."""
    return DataError(
        f"{entry.title} could not be downloaded.",
        cause=cause,
        fix=(
            "Use shakespeare_complete, which ships with Understudy and needs no network, or give a copy of the text: "
            f"`python -m engine prepare {entry.name} --from {'FOLDER' if len(entry.files) > 1 else 'FILE'}`."
        ),
        code="download_failed",
    )
