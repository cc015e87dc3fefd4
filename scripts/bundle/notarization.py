"""Apple's look at the application and at the image it comes in, and the tickets that say so stapled to both."""

from __future__ import annotations

import json
import os
from pathlib import Path

from scripts.bundle.tools import run

ACCEPTED = "Accepted"


def credentials() -> tuple[str, ...]:
    """Return the arguments that say who asks, from the environment alone; raises SystemExit naming what lacks.

    UNDERSTUDY_SIGN_IDENTITY, APPLE_ID, APPLE_TEAM_ID, and APPLE_APP_PASSWORD (an app-specific password).
    """
    names = ("UNDERSTUDY_SIGN_IDENTITY", "APPLE_ID", "APPLE_TEAM_ID", "APPLE_APP_PASSWORD")
    if missing := [name for name in names if not os.environ.get(name)]:
        raise SystemExit(f"To notarize, set {', '.join(missing)} in the environment.")
    who = ("--apple-id", os.environ["APPLE_ID"], "--team-id", os.environ["APPLE_TEAM_ID"])
    return (*who, "--password", os.environ["APPLE_APP_PASSWORD"])


def notarize(sent: Path, stapled: Path) -> None:
    """Send a file to Apple, wait, and staple the ticket; raises SystemExit with Apple's log unless it is accepted.

    notarytool ends with 0 on "Invalid" too: what it prints is what counts.
    """
    who, password = credentials(), os.environ["APPLE_APP_PASSWORD"]
    submit = ("xcrun", "notarytool", "submit", str(sent), "--wait", "--output-format", "json", *who)
    answer = json.loads(run(*submit, secret=password))
    if answer.get("status") != ACCEPTED:
        log = run("xcrun", "notarytool", "log", str(answer.get("id")), *who, secret=password)
        raise SystemExit(f"Apple did not accept {sent.name}: {answer.get('status')}.\n{log}")
    run("xcrun", "stapler", "staple", str(stapled))
    run("xcrun", "stapler", "validate", str(stapled))
