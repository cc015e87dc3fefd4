"""The real py2app command on Linux: only the steps that read Mach-O files are replaced.

    python -m scripts.bundle.linux

What comes out has Linux's libraries in a Mac's bundle: it cannot be double-clicked, but its start-up code, its
modules and its files can be run and checked (boot.py).
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator

import py2app.build_app


def main() -> None:
    """Run setup.py."""
    py2app.build_app.loader_paths = _no_loader_paths
    sys.argv = ["setup.py", "--quiet", "py2app", "--debug-skip-macholib"]
    runpy.run_path("setup.py", run_name="__main__")


def _no_loader_paths(_source: str, _copy: str) -> Iterator[tuple[str, str]]:
    """Stand for the search for libraries beside a Mach-O extension."""
    yield from ()


if __name__ == "__main__":
    main()
