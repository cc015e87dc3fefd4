"""Who may import what: dependencies point one way, and the window paints before torch is there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent
PURE = [
    "engine",
    "engine.runs.command_line",
    "engine.core.config",
    "engine.datasets",
    "engine.core.errors",
    "engine.planning.estimate",
    "engine.core.events",
    "engine.core.jobs",
    "engine.machine",
    "engine.planning.pace",
    "engine.planning.presets",
    "engine.planning.recipes",
    "engine.runs.listing",
    "engine.runs",
    "engine.training.schedule",
    "engine.generation.model_cache",
    "engine.tokens.tokenizer",
]
WATCHED = ("torch", "PySide6", "pyqtgraph", "engine.training.distributed")
TELL = f"import json, sys; print(json.dumps([name for name in {WATCHED!r} if name in sys.modules]), flush=True)"


def python(*arguments, home):
    """Run a fresh interpreter in the repository."""
    surroundings = os.environ | {"UNDERSTUDY_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "HOME": str(home)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S
    )


def loaded_by(code, home):
    """Return which of the watched packages a fresh interpreter has loaded after some code."""
    done = python("-c", f"{code}\n{TELL}\nimport os; os._exit(0)", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_watch_sees_what_is_loaded(tmp_path):
    assert loaded_by("import engine.training.schedule, PySide6", tmp_path) == ["PySide6"]


def test_the_pure_parts_of_the_engine_load_neither_torch_nor_qt(tmp_path):
    assert loaded_by(f"import {', '.join(PURE)}", tmp_path) == []


@pytest.mark.parametrize("module", ["engine.training.trainer", "engine.generation.sampler", "engine.cli.main"])
def test_no_part_of_the_engine_loads_qt(tmp_path, module):
    assert loaded_by(f"import {module}", tmp_path) in ([], ["torch"])


def test_an_estimate_loads_no_torch(tmp_path):
    done = python("-X", "importtime", "-m", "engine", "estimate", "--preset=tiny", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["parameters"] > 0
    imported = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "engine.planning.estimate" in imported
    assert not imported & {"torch", "PySide6"}


def test_building_the_window_loads_no_torch(tmp_path):
    build = "import gui.app; application, window = gui.app.build([]); application.processEvents()"
    assert "torch" not in loaded_by(build, tmp_path)
