"""Write requirements.lock: the installed version of all that pyproject.toml asks for, and of all that those need.

    .venv/bin/python -m scripts.lock > requirements.lock

To renew it: install newer versions into .venv within pyproject's ranges, run the tests, then this.
"""

from __future__ import annotations

import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# Made by scripts/lock.py from the versions installed in .venv; do not edit by hand. To renew it, install newer
# versions within pyproject.toml's ranges, run the tests, then: .venv/bin/python -m scripts.lock > requirements.lock
"""

SYSTEMS = (
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64", "os_name": "posix"},
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64", "os_name": "posix"},
)
PYTHONS = ("3.11", "3.12", "3.13")


def main() -> None:
    """Print the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + [line for lines in project["optional-dependencies"].values() for line in lines]
    print(HEADER + "\n".join(pins(asked)))


def pins(asked: list[str]) -> list[str]:
    """Return "name==version" for each requirement and all that they need on any system and Python we serve.

    What is installed alone, and so what it would need, is left to requirements-data.lock.
    """
    found: dict[str, str] = {}
    waiting = [one for line in asked if canonicalize_name((one := Requirement(line)).name) not in alone()]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        installed = distribution(name)
        new = name not in found
        found[name] = f"{name}=={Version(installed.version).public}"
        if new or requirement.extras:
            needs = [Requirement(line) for line in installed.requires or ()]
            waiting += [
                need for need in needs if wanted(need, requirement.extras) and canonicalize_name(need.name) not in found
            ]
    return sorted(found.values())


def alone() -> set[str]:
    """Return the names of the packages that are installed without what they ask for (requirements-data.lock)."""
    lines = (ROOT / "requirements-data.lock").read_text("utf-8").splitlines()
    return {line.split("==")[0] for line in lines if not line.startswith("#")}


def wanted(need: Requirement, extras: set[str]) -> bool:
    """Return whether a requirement counts on any system and Python we serve."""
    if need.marker is None:
        return True
    return any(
        need.marker.evaluate({**system, "python_version": python, "python_full_version": f"{python}.0", "extra": extra})
        for system in SYSTEMS
        for python in PYTHONS
        for extra in (*extras, "")
    )


if __name__ == "__main__":
    main()
