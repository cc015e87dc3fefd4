"""Where things are: the application's own files, and the folder that holds datasets and runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_data_path, user_log_path

from engine.core.errors import SettingError


def home() -> Path:
    """Return the folder of datasets and runs: UNDERSTUDY_HOME, else the platform's application-support folder.

    Raises SettingError where UNDERSTUDY_HOME is in the home of somebody who has none here.
    """
    chosen = os.environ.get("UNDERSTUDY_HOME")
    if not chosen:
        return usual_folder()
    place = os.path.expanduser(chosen)
    if place.startswith("~"):
        raise SettingError(
            f"There is no folder {chosen}, which UNDERSTUDY_HOME names.",
            cause=f"Nobody called {chosen.partition('/')[0].lstrip('~')} has a home here.",
            fix="Let UNDERSTUDY_HOME name a folder that there is, or leave it out.",
            problems={"UNDERSTUDY_HOME": "not there"},
        )
    return Path(os.path.realpath(place))


def expanded(path: Path | str) -> Path:
    """Return a path with ~ replaced by the home it means; where there is no such home it stays as it is."""
    return Path(os.path.expanduser(path))


def usual_folder() -> Path:
    """Return the platform's application-support folder."""
    return user_data_path("Understudy", appauthor=False)


def datasets_dir() -> Path:
    """Return the folder that holds one folder for each prepared dataset."""
    return home() / "datasets"


def runs_dir() -> Path:
    """Return the folder that holds the runs that got no --out_dir of their own."""
    return home() / "runs"


def logs_dir() -> Path:
    """Return the folder of logs: in UNDERSTUDY_HOME, else the platform's (~/Library/Logs on a Mac)."""
    if os.environ.get("UNDERSTUDY_HOME"):
        return home() / "logs"
    return usual_logs_dir()


def usual_logs_dir() -> Path:
    """Return the platform's folder of logs."""
    return user_log_path("Understudy", appauthor=False)


def shipped(*parts: str) -> Path:
    """Return the path of a file that ships with the application, in resources/ or data/."""
    bundled = os.environ.get("RESOURCEPATH") if getattr(sys, "frozen", None) else None
    if bundled:
        return Path(bundled).joinpath(*parts)
    package = Path(__file__).resolve().parents[1]
    installed = package / "shipped"  # where a wheel has them; a checkout has them beside the package
    return (installed if os.path.isdir(installed) else package.parent).joinpath(*parts)
