"""The window's own test: it opens, trains and writes, in a process of its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from scripts.mac_report.verdict import Verdict

_WAIT_S = 600.0


def window() -> Verdict:
    """Let the window do the main job; where there is no screen, without one."""
    done = subprocess.run(
        [sys.executable, "-m", "gui", "--self-test"],
        env=surroundings(os.environ, platform.system()),
        capture_output=True,
        text=True,
        timeout=_WAIT_S,
    )
    return judged(done.stdout, done.stderr)


def surroundings(environment: Mapping[str, str], system: str) -> dict[str, str]:
    """Return the environment for the window: with no screen to be seen, Qt paints into memory."""
    has_screen = system == "Darwin" or "DISPLAY" in environment or "WAYLAND_DISPLAY" in environment
    return dict(environment) if has_screen else {"QT_QPA_PLATFORM": "offscreen", **environment}


def judged(output: str, errors: str) -> Verdict:
    """Return what the window's test reports."""
    try:
        report: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    except (ValueError, IndexError):
        last = "".join(errors.strip().splitlines()[-1:])
        return Verdict(right=False, words=f"The window did not get to the end of its test. {last}")
    if "problem" in report:
        return Verdict(right=False, words=f"The window's test failed. {report['problem']}", figures=report)
    trained = f"{report['iterations']} iterations on {report['device']}"
    return Verdict(
        right=True, words=f"The window trained {trained} and wrote {report['characters']} characters.", figures=report
    )
