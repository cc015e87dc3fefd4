"""The logs: what goes wrong inside is on disk, in the folder for it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_an_error_nobody_foresaw_and_a_crash_are_written_down(tmp_path):
    code = (
        "import ctypes, sys; from gui.shell.logs import keep_log; keep_log();"
        "sys.excepthook(ValueError, ValueError('odd'), None); ctypes.string_at(0)"
    )
    surroundings = os.environ | {"UNDERSTUDY_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=surroundings, capture_output=True, check=False)
    assert done.returncode < 0  # it crashed, as it was told to
    log = tmp_path.joinpath("logs", "understudy.log").read_text("utf-8")
    assert "started" in log
    assert "ValueError: odd" in log
    assert "Segmentation fault" in tmp_path.joinpath("logs", "crash.log").read_text("utf-8")


KEEP = "import sys, gui.shell.logs as logs; logs.keep_log(); print(logs.log_folder()); "
HOOK = "sys.excepthook(ValueError, ValueError('odd'), None); print(sys.excepthook is logs._log_exception)"


def log_with(code, home, person):
    """Return what is told by a fresh interpreter that keeps its log over this data folder, for this person."""
    surroundings = os.environ | {"UNDERSTUDY_HOME": str(home), "HOME": str(person)}
    surroundings.pop("XDG_STATE_HOME", None)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_folder_that_cannot_be_written_sends_the_log_to_the_usual_place(tmp_path):
    (tmp_path / "disk").write_text("no folder")
    [folder, hooked] = log_with(KEEP + HOOK, tmp_path / "disk" / "home", tmp_path / "person")
    assert Path(folder).is_relative_to(tmp_path / "person")
    assert "ValueError: odd" in Path(folder, "understudy.log").read_text("utf-8")
    assert Path(folder, "crash.log").exists()
    assert hooked == "True"


def test_without_any_place_for_a_log_it_goes_on_without(tmp_path):
    (tmp_path / "disk").write_text("no folder")
    [folder, hooked] = log_with(KEEP + HOOK, tmp_path / "disk" / "home", tmp_path / "disk" / "person")
    assert not Path(folder).exists()
    assert hooked == "True"
