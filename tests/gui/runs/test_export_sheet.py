"""The export sheet: a format, a place, and what the comparison came to."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFrame, QLabel

from engine.core.errors import UnderstudyError
from engine.core.events import Exported
from engine.core.jobs import Turn
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from gui.runs.export_sheet import ExportSheet, measures, stamp

EXPORTED = Exported(
    format="gguf", path="/models/run.gguf", bytes=12_000_000, dtype="f16", logits_difference=0.004, tolerance=0.05,
    tokens=50, tokens_equal=49, texts=12, notes=("A note.",),
)  # fmt: skip


@pytest.fixture
def sheet(qtbot, stylist, engine, tmp_path):
    from engine.core.config import TrainConfig

    run = RunFolder.new(TrainConfig())
    run.checkpoint.write_bytes(b"")
    made = ExportSheet(summary(run.path), engine)
    qtbot.addWidget(made)
    made.show()
    return made


def ends_with(monkeypatch, make):
    """Let the engine export what `make` gives."""
    import engine.exports.job

    asked = []

    def export_job(source: Path, form: str, dest: Path, **how: object):
        asked.append((source.name, form, dest, how["outtype"]))
        yield from make()

    monkeypatch.setattr(engine.exports.job, "export_job", export_job)
    return asked


def text_of(sheet, name):
    return sheet.findChild(QLabel, name).text()


def test_the_kind_of_numbers_belongs_to_gguf_alone(sheet):
    outtype = sheet.findChild(QComboBox, "export_outtype")
    assert not outtype.isEnabled()
    sheet.findChild(QAbstractButton, "export_gguf").click()
    assert outtype.isEnabled()
    sheet.findChild(QAbstractButton, "export_nanogpt").click()
    assert not outtype.isEnabled()


def test_what_was_written_is_stamped_and_can_be_shown(qtbot, sheet, monkeypatch):
    asked = ends_with(monkeypatch, lambda: iter([EXPORTED]))
    sheet.findChild(QAbstractButton, "export_gguf").click()
    sheet.export_to(Path("/models/run.gguf"))
    assert not sheet.findChild(QAbstractButton, "export_button").isEnabled()
    qtbot.waitUntil(lambda: sheet.findChild(QAbstractButton, "export_reveal_button").isVisible())
    assert asked == [("ckpt.pt", "gguf", Path("/models/run.gguf"), "f16")]
    assert "49 of 50" in text_of(sheet, "export_stamp")
    with qtbot.waitSignal(sheet.reveal_asked) as shown:
        sheet.findChild(QAbstractButton, "export_reveal_button").click()
    assert shown.args == [Path("/models/run.gguf")]


@pytest.mark.parametrize("system", ["darwin", "linux"])
def test_on_a_mac_the_panel_has_asked_already_whether_to_replace(qtbot, sheet, monkeypatch, system):
    import engine.exports.job

    asked = []

    def export_job(*_args, overwrite, **_how):
        asked.append(overwrite)
        yield EXPORTED

    monkeypatch.setattr(engine.exports.job, "export_job", export_job)
    monkeypatch.setattr(sys, "platform", system)
    sheet.export_to(Path("/models/run.gguf"))
    qtbot.waitUntil(lambda: sheet.is_done)
    assert asked == [system == "darwin"]


def test_a_failure_is_told_and_can_be_tried_again(qtbot, sheet, monkeypatch):
    def fail():
        raise UnderstudyError("The disk is full.", cause="Nothing is left of it.", fix="Make room.", code="disk_full")
        yield

    ends_with(monkeypatch, fail)
    sheet.export_to(Path("/models/run"))
    qtbot.waitUntil(lambda: sheet.findChild(QFrame, "export_notice").isVisible())
    assert text_of(sheet, "export_notice_what") == "The disk is full."
    assert sheet.findChild(QAbstractButton, "export_button").isEnabled()
    assert not sheet.findChild(QAbstractButton, "export_reveal_button").isVisible()


def test_the_stamp_is_plain_and_its_tip_has_the_figures():
    told = stamp(EXPORTED)
    for words in ("12.0 MB", "49 of 50 places", "12 texts", "A note."):
        assert words in told
    assert "logits" not in told
    assert "predicts the same as the model that was trained" in stamp(replace(EXPORTED, tokens_equal=50))
    for figure in ("4.0e-03", "5.0e-02", "49 of 50"):
        assert figure in measures(EXPORTED)


def test_what_is_under_way_is_stopped_first_and_closed_then(qtbot, sheet, monkeypatch):
    def export_job(*_place, control, **_how):
        while not control.stopping:
            yield Turn.IDLE

    monkeypatch.setattr("engine.exports.job.export_job", export_job)
    sheet.export_to(Path("/models/run"))
    close = sheet.findChild(QAbstractButton, "export_close_button")
    assert close.text() == "Stop"
    close.click()
    qtbot.waitUntil(lambda: close.text() == "Cancel")
    assert sheet.isVisible()
    sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    close.click()
    assert not sheet.isVisible()
