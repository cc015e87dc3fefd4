"""The py2app recipe of Understudy.app. `make app` calls it, in an environment made for it: see scripts/bundle."""

import sys

from py2app import build_app
from setuptools import setup

from engine.core.version import __version__
from scripts.bundle.recipe import NAME, options, resources

sys.setrecursionlimit(20_000)  # the graph of torch's and sympy's imports is deep


def _unsigned(_bundle: str) -> None:
    """Sign nothing yet: py2app would sign Qt's frameworks before they have the shape that codesign accepts."""


build_app.codesign_adhoc = _unsigned  # scripts/bundle/signing.py signs all of it, later


class BuildApp(build_app.py2app):
    """py2app, told that the packages are installed already: it refuses what pyproject.toml says is required."""

    def finalize_options(self) -> None:
        """Take the options, with nothing left to install."""
        self.distribution.install_requires = []
        super().finalize_options()


setup(
    name=NAME,
    version=__version__,
    app=[{"script": "gui/__main__.py", "dest_base": NAME}],
    data_files=resources(),
    options={"py2app": options()},
    cmdclass={"py2app": BuildApp},
    packages=[],  # py2app finds what is imported; nothing is to be packaged beside it
)
