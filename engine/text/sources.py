"""Where bytes come from: a file on disk, or one in a .zip, which is read without unpacking it to the disk."""

from __future__ import annotations

import errno
import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Literal

_AT_ONCE = 2**25


class _Named:
    """What has a path in something else, and is called by the end of it."""

    _path: PurePosixPath

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self._path.name

    @property
    def suffix(self) -> str:
        """The ending of its name, with the dot."""
        return self._path.suffix

    @property
    def stem(self) -> str:
        """Its name without the ending."""
        return self._path.stem


class ZippedFile(_Named):
    """A file in a .zip; it can be asked for what readers ask a Path for."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._member = member
        self._path = PurePosixPath(member.filename)

    @property
    def size(self) -> int:
        """Its bytes when unpacked; no more are ever read."""
        return self._member.file_size

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Return it open for reading; one of ordinary size is in memory, so that going back in it costs nothing.

        Raises OSError when it is damaged.
        """
        try:
            opened = self._archive.open(self._member)
            if self.size > _AT_ONCE:
                return opened
            with opened:
                return io.BytesIO(opened.read())
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise OSError(errno.EIO, "It is damaged in its archive", str(self)) from error

    def beside(self, name: str) -> ZippedFile | None:
        """Return the file of that name in the same folder of the archive."""
        return self._other(self._path.with_name(name))

    def above(self, name: str) -> ZippedFile | None:
        """Return the file of that name in the folder that holds its folder."""
        return self._other(self._path.parent.with_name(name)) if self._path.parent.name else None

    def _other(self, path: PurePosixPath) -> ZippedFile | None:
        try:
            return ZippedFile(self._archive, self._archive.getinfo(str(path)))
        except KeyError:
            return None

    def __str__(self) -> str:
        return f"{self._archive.filename}/{self._path}"


class HeldFile(_Named):
    """Bytes that came in something else, as a mail does in a mailbox."""

    def __init__(self, content: bytes, name: str) -> None:
        self.size = len(content)
        self._content = content
        self._path = PurePosixPath(name)

    def open(self, mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Return it open for reading."""
        return io.BytesIO(self._content)

    def __str__(self) -> str:
        return str(self._path)


Source = Path | ZippedFile | HeldFile
"""What readers read: ask it for name, suffix, stem and open("rb") alone; `size_of` and `beside` know the rest."""


def size_of(source: Source) -> int:
    """Return the bytes of a file; raises OSError when the system does not tell."""
    return source.stat().st_size if isinstance(source, Path) else source.size


def beside(source: Source, name: str) -> Source | None:
    """Return the file of that name in the same folder, None where there is none; links are not followed."""
    if isinstance(source, ZippedFile):
        return source.beside(name)
    if isinstance(source, HeldFile):
        return None
    path = source.with_name(name)
    return path if path.is_file() and not path.is_symlink() else None


def above(source: Source, name: str) -> Source | None:
    """Return the file of that name in the folder that holds a file's folder, None where there is none."""
    if isinstance(source, HeldFile):
        return None
    return source.above(name) if isinstance(source, ZippedFile) else beside(source.absolute().parent, name)
