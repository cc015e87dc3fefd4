"""Any file of ours may be found damaged: the window opens all the same, shows what it can, and tells of the rest."""

import logging
import os

import pytest
from hypothesis import Phase, given, settings
from PySide6.QtCore import QSettings, QThreadPool
from PySide6.QtWidgets import QTableView

from engine.core.config import SampleConfig
from gui.generate.recall import memory_key, to_memory
from gui.kit import preferences
from gui.kit.engine_thread import EngineThread
from gui.shell.window import MainWindow
from tests.as_anyone import as_anyone
from tests.damage import damaged_copy, damages, homes, removed
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.person import files_of_a_person


def settings_in(folder):
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory, qapp):
    """Return a folder with a home, a run beside it and what the window keeps, which is damaged only in copies."""
    root = tmp_path_factory.mktemp("person") / "here"
    root.mkdir()
    text = "".join(f"To be {n}, or not to be {n % 7}.\n" for n in range(150))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERSTUDY_HOME", str(root / "home"))
        patch.chdir(root)
        files_of_a_person(root, text)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        settings_in(root)
        preferences.set_text_scale(1.15)
        preferences.keep_recipe("quick")
        preferences.keep_minutes(5)
        preferences.keep_runs_order("Name", False)
        preferences.set_run_setting("checkpoint_minutes", 3.0)
        preferences.set_flag("first_steps/shown", True)
        QSettings().setValue(memory_key(root / "out" / "best.pt"), to_memory(SampleConfig(top_k=7)))
        QSettings().sync()
    return root.rename(root.with_name("whole"))


def looked_at(qtbot, window, engine, act):
    """Go from tab to tab, select each run, and do one thing more; wait until all that was begun is over."""

    def rest():
        qtbot.waitUntil(lambda: not engine.busy)
        for background in window.findChildren(QThreadPool):
            background.waitForDone(PATIENCE_MS)
        qtbot.wait(1)

    window.show()
    for index in range(window.tabs.count()):
        window.tabs.setCurrentIndex(index)
        rest()
    runs = window.runs.findChild(QTableView)
    for row in range(runs.model().rowCount()):
        runs.selectRow(row)
        rest()
    match act:
        case "generate":
            window.tabs.generate_from(os.path.abspath("out/ckpt.pt"))
        case "settings":
            window.show_settings()
        case "text":
            window.tabs.train_on("toy", {"max_iters": 3})
        case "resume":
            window.tabs.resume(os.path.abspath("out"))
    rest()


@pytest.mark.thorough
@pytest.mark.parametrize("act", ["generate", "settings", "text", "resume", ""])
def test_no_damage_is_unforeseen(whole, qtbot, monkeypatch, caplog, act):
    here = whole.with_name("here")
    monkeypatch.setenv("UNDERSTUDY_HOME", str(here / "home"))

    @settings(max_examples=homes() // 5, phases=[Phase.generate])  # making one smaller takes minutes
    @given(damages(whole, "home|^out|settings"))
    def no_damage_is_unforeseen(changes):
        caplog.clear()
        damaged_copy(whole, here, changes)
        os.chdir(here)
        settings_in(here)
        try:
            with as_anyone(), qtbot.captureExceptions() as raised:
                engine = EngineThread()
                window = MainWindow(engine)
                try:
                    window.tabs.complete()
                    looked_at(qtbot, window, engine, act)
                finally:
                    assert engine.shutdown(PATIENCE_S)
                    window.close()
                    window.deleteLater()
                    qtbot.wait(1)
            assert not raised
            assert not [each.exc_info for each in caplog.records if each.levelno >= logging.ERROR]
        finally:
            os.chdir(whole)
            removed(here)

    no_damage_is_unforeseen()
