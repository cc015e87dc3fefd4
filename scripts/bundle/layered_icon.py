"""The icon in layers, as macOS 26 and later draw it in light, dark, clear and tinted: compiled by Xcode's actool."""

from __future__ import annotations

import plistlib
import subprocess
from pathlib import Path

from scripts.bundle.recipe import NAME, ROOT

LAYERS = ROOT / "resources" / "icons" / f"{NAME}.icon"
"""The layers, in the form of Icon Composer: icon.json, and the drawings in Assets."""

COMPILED = "Assets.car"


def add_layers(bundle: Path) -> bool:
    """Compile the layers into a bundle and name them in its Info.plist; whether actool, which Xcode brings, is there.

    Without it macOS 26 shows the flat icon on a tile of its own. Raises SystemExit where actool compiles nothing.
    """
    place = bundle / "Contents" / "Resources"
    command = ["actool", str(LAYERS), "--compile", str(place), "--app-icon", NAME, "--include-all-app-icons"]
    command += ["--platform", "macosx", "--target-device", "mac", "--minimum-deployment-target", "26.0"]
    command += ["--development-region", "en", "--enable-on-demand-resources", "NO"]
    command += ["--output-partial-info-plist", "/dev/null", "--errors", "--warnings"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    if "requires Xcode" in done.stderr:  # the shim of the command-line tools alone
        return False
    if done.returncode or not (place / COMPILED).exists():
        raise SystemExit(f"The layered icon cannot be compiled: {(done.stderr or done.stdout).strip()}")
    plist = bundle / "Contents" / "Info.plist"
    plist.write_bytes(plistlib.dumps(plistlib.loads(plist.read_bytes()) | {"CFBundleIconName": NAME}))
    return True
