"""Start a bundle as its launcher would, on Linux: its own modules and files only, an empty home, no network.

Contents/MacOS/Understudy is a Mac's program; what it does (main.c of py2app) is to set a few variables and run
`__boot__.py` with the bundle's own libraries. That much runs anywhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.bundle.environment import site_packages

_START = """
import sys
resources, libraries = sys.argv[1:3]
zipped = libraries.replace("python3.", "python3") + ".zip"
sys.path[:] = [resources, zipped, libraries, f"{libraries}/lib-dynload"]
sys.argv[:] = [sys.argv[0], *sys.argv[3:]]
boot = f"{resources}/__boot__.py"
exec(compile(open(boot, encoding="utf-8").read(), boot, "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
"""
TIMEOUT_S = 300


def boot(bundle: Path, *arguments: str) -> dict[str, Any]:
    """Start the bundle and return the JSON object it prints last; raises SystemExit with its words when it fails."""
    resources = bundle / "Contents" / "Resources"
    libraries = resources / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-I", "-S", "-B", "-c", _START, str(resources), str(libraries), *arguments]
        if shutil.which("unshare") and not subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
            command = ["unshare", "-rn", *command]  # no network but its own
        done = subprocess.run(
            command,
            cwd=resources,
            env=_surroundings(bundle, Path(home)),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"The bundle does not start:\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _surroundings(bundle: Path, home: Path) -> dict[str, str]:
    """Return the variables that the launcher sets, and those that stand for a Mac's screen and loader."""
    return {
        "HOME": str(home),
        "PATH": os.defpath,
        "RESOURCEPATH": str(bundle / "Contents" / "Resources"),
        "EXECUTABLEPATH": str(bundle / "Contents" / "MacOS" / bundle.stem),
        "ARGVZERO": bundle.stem,
        "QT_QPA_PLATFORM": "offscreen",
        "LD_LIBRARY_PATH": str(site_packages() / "numpy.libs"),  # beside numpy on Linux, inside it on a Mac
    }
