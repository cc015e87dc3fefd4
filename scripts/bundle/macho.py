"""What Mach-O binaries say of themselves: which chips, which macOS at least, and where the libraries they load are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from macholib import MachO, mach_o

from scripts.bundle.system import SYSTEM

_MAGIC = {b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf"}
_JAVA_CLASS = 40  # a fat binary begins like a Java class; it has fewer chips than a class has versions
_ARM64 = "ARM64"

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Binary:
    """One Mach-O file.

    Attributes:
        chips: the architectures in it, as "ARM64".
        minimum: the lowest macOS its arm64 part was built for; (0, 0, 0) where it does not say.
        loads: the libraries it cannot start without, as its load commands name them.
        search: where it looks for @rpath.
    """

    path: Path
    chips: frozenset[str]
    minimum: Version
    loads: tuple[str, ...]
    search: tuple[str, ...]


def binaries(folder: Path) -> Iterator[Binary]:
    """Yield each Mach-O file below a folder; links are passed by."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and is_binary(path):
            yield read(path)


def is_binary(path: Path) -> bool:
    """Return whether a file is Mach-O, by its first bytes."""
    with path.open("rb") as file:
        start = file.read(8)
    if start[:4] == b"\xca\xfe\xba\xbe":
        return int.from_bytes(start[4:8], "big") < _JAVA_CLASS
    return start[:4] in _MAGIC


def read(path: Path) -> Binary:
    """Return what one Mach-O file says: of a file for several chips, its arm64 part."""
    headers = MachO.MachO(str(path)).headers
    chips = frozenset(mach_o.CPU_TYPE_NAMES.get(header.header.cputype, "?") for header in headers)
    ours = [each for each in headers if mach_o.CPU_TYPE_NAMES.get(each.header.cputype) == _ARM64] or headers
    minimum: Version = (0, 0, 0)
    loads: list[str] = []
    search: list[str] = []
    for header in ours:
        for load, command, data in header.commands:
            if load.cmd == mach_o.LC_BUILD_VERSION:
                minimum = max(minimum, _version(command.minos))
            elif load.cmd == mach_o.LC_VERSION_MIN_MACOSX:
                minimum = max(minimum, _version(command.version))
            elif load.cmd == mach_o.LC_LOAD_DYLIB:
                loads.append(_text(data))
            elif load.cmd == mach_o.LC_RPATH:
                search.append(_text(data))
    return Binary(path, chips, minimum, tuple(loads), tuple(search))


def unresolved(binary: Binary, executable: Path | None = None) -> list[str]:
    """Return the libraries that a binary loads and that are neither the system's nor where it looks for them.

    `executable` is the folder of the program that loads it, for @executable_path.
    """
    return [load for load in binary.loads if load not in SYSTEM and not _found(load, binary, executable)]


def _found(load: str, binary: Binary, executable: Path | None) -> bool:
    if load.startswith("@rpath/"):
        places = [f"{place.rstrip('/')}/{load.removeprefix('@rpath/')}" for place in binary.search]
        return any(_found(place, binary, executable) for place in places)
    if load.startswith("@loader_path/"):
        return (binary.path.parent / load.removeprefix("@loader_path/")).exists()
    if load.startswith("@executable_path/"):
        return executable is not None and (executable / load.removeprefix("@executable_path/")).exists()
    return False


def has_arm64(binary: Binary) -> bool:
    """Return whether it runs on Apple silicon."""
    return _ARM64 in binary.chips


def lowest_macos(found: list[Binary]) -> str:
    """Return the lowest macOS that all of them were built for, as Info.plist has it ("14.0")."""
    major, minor, patch = max((each.minimum for each in found), default=(0, 0, 0))
    return f"{major}.{minor}" + (f".{patch}" if patch else "")


def _version(packed: int) -> Version:
    """Unpack xxxx.yy.zz, a nibble each."""
    packed = int(packed)
    return packed >> 16, packed >> 8 & 0xFF, packed & 0xFF


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode()
