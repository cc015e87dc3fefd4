"""Apple's command-line tools, run so that a failure is told in their own words, and a password in nobody's."""

from __future__ import annotations

import subprocess
import time

BUSY = "Resource busy"
TRIES = 6
PAUSE_S = 5.0


def run(*command: str, secret: str = "") -> str:
    """Run a tool and return what it printed; raises SystemExit with its words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = f"{' '.join(command)}\nfailed: {(done.stderr or done.stdout).strip()}"
        raise SystemExit(words.replace(secret, "…") if secret else words)
    return done.stdout


def run_until_free(*command: str) -> str:
    """Run a tool again while it says that something is busy: hdiutil does, when Spotlight looks at the new volume."""
    for _ in range(TRIES - 1):
        try:
            return run(*command)
        except SystemExit as failure:
            if BUSY not in str(failure):
                raise
            time.sleep(PAUSE_S)
    return run(*command)
