"""The throw-away environment that the bundle is built from: what runs, at the locked versions, and pruned."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.bundle.pruning import prune
from scripts.bundle.recipe import BUILD, ROOT
from scripts.lock import alone, pins

SITE_PYTHON = BUILD / "venv" / "bin" / "python"


def runtime_pins() -> list[str]:
    """Return "name==version" for all that Understudy needs to run, as requirements.lock has it."""
    return [*pins(_dependencies()), *_lines(ROOT / "requirements-data.lock")]


def make_environment() -> int:
    """Make the environment anew; return the bytes that pruning saved.

    Raises SystemExit with what to do when pip cannot install.
    """
    shutil.rmtree(BUILD / "venv", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(BUILD / "venv")], check=True)
    _pip("-c", "requirements.lock", *_dependencies())
    _pip("--no-deps", "-r", "requirements-data.lock")
    _pip("-r", "requirements-app.lock")
    return prune(site_packages())


def site_packages() -> Path:
    """Return the folder of the environment's packages."""
    return next((BUILD / "venv" / "lib").glob("python3.*")) / "site-packages"


def _dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    requirements = map(Requirement, project["dependencies"])
    return [str(one) for one in requirements if canonicalize_name(one.name) not in alone()]


def _lines(lock: Path) -> list[str]:
    return [line for line in lock.read_text("utf-8").splitlines() if line and not line.startswith("#")]


def _pip(*arguments: str) -> None:
    done = subprocess.run(
        [str(SITE_PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *arguments],
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise SystemExit("The packages of the bundle could not be installed; pip says why above. It needs a network.")
