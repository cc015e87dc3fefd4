"""Taking a run to a bigger machine: the file, the lines to type, and the way back."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFrame, QLabel, QPlainTextEdit

from engine.archives import pack, unpack
from engine.core.errors import DataError
from engine.core.events import Packed, Progress, Unpacked
from engine.runs.folder import RunFolder
from engine.runs.listing import summary
from gui.runs.pack_sheet import PackSheet, UnpackSheet
from tests.gui.hands import name_file, press

PACKED = Packed(
    path="/there/run.tar.gz", bytes=12_000_000, send=("scp run MACHINE:",),
    start=("tar xzf run", f"torchrun {'a long path/' * 20}"),
    back=("pack", "unpack"),
)  # fmt: skip


@pytest.fixture
def run(tmp_path):
    from engine.core.config import TrainConfig

    made = RunFolder.new(TrainConfig())
    made.checkpoint.write_bytes(b"")
    return summary(made.path)


@pytest.fixture
def sheet(qtbot, stylist, engine, run):
    made = PackSheet(run, engine)
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_to_type_is_told_once_it_is_packed(system, qtbot, sheet, run, monkeypatch):
    asked = []

    def pack_job(path, dest, *, gpus, overwrite, control):
        asked.append((path, dest, gpus, overwrite))
        yield Progress(what="Packing", done=1, total=2, unit="bytes")
        yield PACKED

    monkeypatch.setattr(pack, "pack_job", pack_job)
    lines = sheet.findChild(QPlainTextEdit, "pack_lines")
    assert not lines.isVisible()
    choice = sheet.findChild(QComboBox, "pack_gpus")
    choice.setCurrentIndex(choice.findText("4 GPUs"))
    sheet.pack_to(Path("/there/run.tar.gz"))
    assert not sheet.findChild(QAbstractButton, "pack_button").isEnabled()
    qtbot.waitUntil(lines.isVisible)
    assert asked == [
        (run.path, Path("/there/run.tar.gz"), 4, system == "darwin")
    ]  # on a Mac the panel has asked already
    for each in (*PACKED.send, *PACKED.start, *PACKED.back):
        assert each in lines.toPlainText()
    assert "run.tar.gz" in sheet.findChild(QLabel, "pack_stamp").text()
    assert lines.document().size().height() > lines.toPlainText().count("\n") + 1  # the long line is broken
    assert lines.verticalScrollBar().maximum() == lines.horizontalScrollBar().maximum() == 0  # all of it is seen
    with qtbot.waitSignal(sheet.reveal_asked) as shown:
        sheet.findChild(QAbstractButton, "pack_reveal_button").click()
    assert shown.args == [Path("/there/run.tar.gz")]
    assert not sheet.findChild(QAbstractButton, "pack_button").isVisible()  # it is done


def test_a_failure_is_told_and_can_be_tried_again(qtbot, sheet, monkeypatch):
    def pack_job(*_args, **_how):
        raise DataError("No room.", code="disk_full")
        yield

    monkeypatch.setattr(pack, "pack_job", pack_job)
    sheet.pack_to(Path("/there/run.tar.gz"))
    qtbot.waitUntil(lambda: sheet.findChild(QFrame, "pack_sheet_notice").isVisible())
    assert sheet.findChild(QAbstractButton, "pack_button").isEnabled()
    assert sheet.findChild(QAbstractButton, "pack_sheet_close_button").text() == "Cancel"


def test_a_run_that_comes_back_is_told_and_the_sheet_goes(qtbot, stylist, engine, monkeypatch):
    def unpack_job(_archive, *, control):
        yield Unpacked(run_dir="/runs/x", name="x", dataset="toy", reused=True, iter_num=3)

    monkeypatch.setattr(unpack, "unpack_job", unpack_job)
    sheet = UnpackSheet(Path("/there/run.tar.gz"), engine)
    qtbot.addWidget(sheet)
    with qtbot.waitSignals([sheet.unpacked, sheet.accepted]):
        sheet.open()


def test_an_archive_that_is_none_stays_told(qtbot, stylist, engine, tmp_path):
    (tmp_path / "bad.tar.gz").write_bytes(b"no archive")
    sheet = UnpackSheet(tmp_path / "bad.tar.gz", engine)
    qtbot.addWidget(sheet)
    sheet.open()
    notice = sheet.findChild(QFrame, "unpack_sheet_notice")
    qtbot.waitUntil(notice.isVisible)
    assert sheet.isVisible()
    sheet.findChild(QAbstractButton, "unpack_sheet_close_button").click()
    assert not sheet.isVisible()


def test_the_place_is_asked_for_and_the_lines_are_copied(qtbot, sheet, run, monkeypatch, tmp_path):
    asked = []

    def pack_job(run_dir, dest, **_how):
        asked.append((run_dir, dest))
        yield PACKED

    monkeypatch.setattr(pack, "pack_job", pack_job)
    press(qtbot, sheet, "pack_button")
    name_file(sheet, "pack_place_sheet", tmp_path / "mine.tar.gz")
    copy = sheet.findChild(QAbstractButton, "pack_copy_button")
    qtbot.waitUntil(copy.isVisible)
    assert asked == [(run.path, tmp_path / "mine.tar.gz")]
    copy.click()
    assert QGuiApplication.clipboard().text() == sheet.findChild(QPlainTextEdit, "pack_lines").toPlainText()
