"""The wheels of the locked versions as pip gets them for a Mac, downloaded on any system."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.bundle.recipe import BUILD

WHEELS = BUILD / "wheels"
PYTHON = "3.12"  # of the bundle that the wheels are checked for

_PLATFORMS = [
    f"macosx_{version}_{chips}"
    for version in ("14_0", "13_0", "12_0", "11_0", "10_13", "10_9")
    for chips in ("arm64", "universal2")
]


def download(pins: Sequence[str]) -> None:
    """Download the wheels of "name==version" for a Mac into build/wheels; raises SystemExit when pip cannot."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    platforms = [part for platform in _PLATFORMS for part in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", *platforms, "--python-version", PYTHON, "--implementation", "cp"]
    command += ["--abi", f"cp{PYTHON.replace('.', '')}", "--abi", "abi3", "--abi", "none", "--dest", str(WHEELS)]
    if subprocess.run([*command, *pins], check=False).returncode:
        raise SystemExit("The macOS wheels could not be downloaded; pip says why above.")


def wheel_of(pin: str) -> Path:
    """Return the downloaded wheel of "name==version"; raises StopIteration when there is none."""
    name, version = pin.split("==")
    return next(WHEELS.glob(f"{name}-{version}-*.whl"))
