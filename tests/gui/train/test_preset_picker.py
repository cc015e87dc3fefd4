"""The list of presets: what each means here, whatever is known of this machine."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel

from engine.machine.hardware import Machine
from engine.planning.own_presets import AUTOMATIC
from engine.planning.presets import presets


@pytest.fixture
def setup(qtbot, open_window):
    return open_window().train.setup


def said(setup, name):
    return setup.findChild(QAbstractButton, f"preset_{name}").accessibleName()


def test_each_preset_tells_its_time_as_soon_as_the_processor_was_tried(setup):
    assert "about" not in said(setup, "tiny")
    setup.use_device("cpu", rate=1e11)
    for name in presets():
        told = said(setup, name)
        label, parameters, figures = told.split(", ")[:3]
        assert label == presets()[name].label
        assert parameters.endswith(" parameters")
        assert figures.startswith("about ")
        assert figures.split(" · ")[1].split()[1] in ("MB", "GB")
    assert "5 min · " in said(setup, AUTOMATIC)
    assert "about" not in said(setup, AUTOMATIC)  # it is what a person gave it


def test_one_is_recommended_and_the_reason_is_read(setup):
    recommended = [name for name in (AUTOMATIC, *presets()) if "recommended: " in said(setup, name)]
    assert recommended == [AUTOMATIC]
    reason = setup.findChild(QLabel, "preset_reason").text()
    assert reason.startswith("Quick is recommended. ")
    assert said(setup, AUTOMATIC).endswith(reason.removeprefix("Quick is recommended. "))


def test_what_will_not_fit_says_so_in_words(setup, monkeypatch):
    assert "will not fit" not in said(setup, "large")
    small = Machine(system="", chip="", cores=2, memory_bytes=2 * 1024**3)
    monkeypatch.setattr("gui.train.planner.machine", lambda: small)
    setup.use_device("cpu", rate=2e11)
    assert ", will not fit" in said(setup, "large")
    assert "will not fit" not in said(setup, "tiny")
