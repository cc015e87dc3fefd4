"""The macOS wheels of the locked versions, opened anywhere: do they fit together, for which macOS, and how large.

What can be known of a Mac's bundle without a Mac: each library a binary loads is the system's or lies where the binary
looks for it, each has an Apple-silicon part, and the newest of their lowest macOS versions is the bundle's.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from scripts.bundle import qt
from scripts.bundle.environment import runtime_pins
from scripts.bundle.macho import Binary, binaries, has_arm64, lowest_macos, unresolved
from scripts.bundle.pruning import PILLOW, QT_MODULES, QT_PLUGINS, TORCH, prune, size_of
from scripts.bundle.recipe import BUILD, BUNDLE, NAME
from scripts.bundle.signing import mend_frameworks, order_problems
from scripts.bundle.torch_names import mac_torch, problems_of_file, recorded
from scripts.bundle.wheels import PYTHON, WHEELS, download

_SITE = BUILD / "wheels-site"
_REHEARSAL = BUILD / "rehearsal" / BUNDLE.name
_LARGEST = 8


@dataclass(frozen=True, slots=True)
class Audit:
    """What the wheels say.

    Attributes:
        minimum: the lowest macOS of all binaries that stay, as "14.0".
        found: how many binaries those are.
        problems: a line for each thing that a Mac would stumble over.
        bytes_before: of the unpacked wheels.
        bytes_after: of what stays of them.
        largest: the largest packages of what stays, with their bytes.
    """

    minimum: str
    found: int
    problems: list[str]
    bytes_before: int
    bytes_after: int
    largest: list[tuple[str, int]]


def audit() -> Audit:
    """Download and unpack the wheels, prune them as the bundle is pruned, and read their binaries."""
    download(runtime_pins())
    _unpack()
    before = size_of(_SITE)
    problems = _stale_rules(_SITE) + problems_of_file(mac_torch(), recorded())
    prune(_SITE)
    found = list(binaries(_SITE))
    for binary in found:
        name = binary.path.relative_to(_SITE)
        if not has_arm64(binary):
            problems.append(f"{name} does not run on Apple silicon: {', '.join(sorted(binary.chips))}")
        problems += [f"{name} loads {load}, which is not there" for load in unresolved(binary)]
    problems += qt.problems(_SITE / "PySide6")
    problems += _signing_problems(found)
    sizes = sorted(((path.name, size_of(path)) for path in _SITE.iterdir()), key=lambda each: -each[1])
    return Audit(lowest_macos(found), len(found), problems, before, size_of(_SITE), sizes[:_LARGEST])


def _signing_problems(found: list[Binary]) -> list[str]:
    """Return what codesign would stumble over in a bundle of these wheels; any of their binaries is its program."""
    shutil.rmtree(_REHEARSAL, ignore_errors=True)
    program = _REHEARSAL / "Contents" / "MacOS" / NAME
    program.parent.mkdir(parents=True)
    shutil.copy(found[0].path, program)
    libraries = _REHEARSAL / "Contents" / "Resources" / "lib" / f"python{PYTHON}"
    shutil.copytree(_SITE, libraries, symlinks=True, copy_function=os.link)
    mend_frameworks(_REHEARSAL)
    return order_problems(_REHEARSAL)


def _stale_rules(site: Path) -> list[str]:
    """Return a line for each rule of the pruning that meets nothing in the macOS wheels any more."""
    lines = [f"nothing to prune: torch/{pattern}" for pattern in TORCH if not any((site / "torch").glob(pattern))]
    lines += [f"nothing to prune: PIL/_{name}" for name in PILLOW if not any((site / "PIL").glob(f"_{name}.*"))]
    qt = site / "PySide6" / "Qt"
    lines += [
        f"no such framework: {name}" for name in sorted(QT_MODULES) if not (qt / "lib" / f"{name}.framework").is_dir()
    ]
    lines += [f"no such plugins: {name}" for name in QT_PLUGINS if not (qt / "plugins" / name).is_dir()]
    return lines


def _unpack() -> None:
    shutil.rmtree(_SITE, ignore_errors=True)
    for wheel in sorted(WHEELS.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(_SITE)
