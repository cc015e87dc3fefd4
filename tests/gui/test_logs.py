"""The logs: what goes wrong inside is on disk, in the folder for it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_an_error_nobody_foresaw_and_a_crash_are_written_down(tmp_path):
    code = (
        "import ctypes, sys; from gui.logs import keep_log; keep_log();"
        "sys.excepthook(ValueError, ValueError('odd'), None); ctypes.string_at(0)"
    )
    surroundings = os.environ | {"UNDERSTUDY_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings, capture_output=True, check=False)
    assert done.returncode < 0  # it crashed, as it was told to
    log = tmp_path.joinpath("logs", "understudy.log").read_text("utf-8")
    assert "started" in log
    assert "ValueError: odd" in log
    assert "Segmentation fault" in tmp_path.joinpath("logs", "crash.log").read_text("utf-8")
