"""The application tests itself: the main job through the window, without anything that the bundle leaves out."""

import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.bundle.recipe import EXCLUDES
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
BLOCKED = f"""
import sys
from importlib.abc import MetaPathFinder

class LeftOut(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in {EXCLUDES!r}):
            raise ModuleNotFoundError("left out of the bundle: " + name, name=name)

sys.meta_path.insert(0, LeftOut())
"""
RUN = BLOCKED + "from gui.self_test import self_test; sys.exit(self_test(['understudy', '--self-test']))"


def python(code, home, **more):
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), **more}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S
    )


def test_the_main_job_needs_nothing_that_the_bundle_leaves_out(tmp_path):
    done = python(RUN, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["iterations"] == 20
    assert told["best_val_loss"] < 10.8  # below the guess of an untrained model, ln 50,257
    assert told["characters"] > 40
    assert not list(tmp_path.rglob("ckpt.pt"))  # it trained in a folder of its own, and took it away


def test_the_device_that_is_asked_for_is_that_of_all_it_does(tmp_path):
    tell = "self_test.build = lambda *_, **__: sys.exit(os.environ['UNDERSTUDY_DEVICE'])"
    code = f"import os, sys; from gui import self_test; {tell}; self_test.self_test(['x', '--device=cpu'])"
    assert python(code, tmp_path).stderr.strip() == "cpu"


def test_what_is_left_out_is_really_blocked(tmp_path):
    assert "left out of the bundle: jinja2" in python(BLOCKED + "import jinja2", tmp_path).stderr
