"""Where things are: the application's own files, and the folder that holds datasets and runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_data_path, user_log_path


def home() -> Path:
    """Return the folder of datasets and runs: UNDERSTUDY_HOME, else the platform's application-support folder."""
    chosen = os.environ.get("UNDERSTUDY_HOME")
    return Path(chosen).expanduser().resolve() if chosen else usual_folder()


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
    return (installed if installed.is_dir() else package.parent).joinpath(*parts)
