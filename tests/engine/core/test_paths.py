"""Where the application's own files are: beside the package in a checkout, inside it in a wheel."""

import runpy
import shutil
from pathlib import Path

from engine.core import paths


def test_a_checkout_has_them_beside_the_engine():
    assert paths.shipped("data", "catalogue.json").is_file()


def test_a_wheel_has_them_in_the_engine(tmp_path):
    core = tmp_path / "engine" / "core"
    core.mkdir(parents=True)
    (tmp_path / "engine" / "shipped").mkdir()
    shutil.copy(Path(paths.__file__), core)
    shipped = runpy.run_path(str(core / "paths.py"))["shipped"]
    assert shipped("data", "x.json") == tmp_path / "engine" / "shipped" / "data" / "x.json"
