"""Imports once the application is there: no module is read twice."""

import builtins
import linecache
import sys

import pytest

from gui import app
from gui.kit import imports


@pytest.fixture
def as_pyside_leaves_it(monkeypatch):
    monkeypatch.setattr(builtins, "__import__", builtins.__feature_import__)


def imported(folder, monkeypatch, name):
    """Import a new module; return whether its source was read beside that."""
    path = folder / f"{name}.py"
    path.write_text("there = True\n")
    monkeypatch.syspath_prepend(folder)
    __import__(name)
    assert sys.modules.pop(name).there
    return str(path) in linecache.cache


def test_pyside_reads_no_module_any_more(as_pyside_leaves_it, tmp_path, monkeypatch):
    assert imported(tmp_path, monkeypatch, "read_twice")
    imports.restore()
    assert not imported(tmp_path, monkeypatch, "read_once")


def test_the_application_sees_to_it(as_pyside_leaves_it, tmp_path, monkeypatch, qtbot):
    made, window = app.compose([])
    qtbot.addWidget(window)
    assert not imported(tmp_path, monkeypatch, "read_for_it")
    made.aboutToQuit.emit()
