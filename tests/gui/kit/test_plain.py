"""Whatever others named or wrote is shown as they wrote it; nothing of it is taken for HTML."""

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QTableView,
    QWidget,
)

from engine.core.config import TrainConfig
from engine.core.errors import Fix, OutOfMemoryError
from engine.core.jobs import Control
from engine.core.paths import datasets_dir, runs_dir
from engine.datasets.order import Order
from engine.datasets.prepare import prepare_job
from engine.planning.own_presets import save_preset
from engine.runs.listing import summary
from gui.kit.notice import Notice
from gui.kit.plain import plain_tip
from gui.kit.plots import Plot
from gui.kit.sheets import make_sheet
from gui.runs.table import RunsTable
from tests.gui.fake_run import evaluation, recorded, started, step
from tests.gui.kit.test_accessible import sheets_over

NAMES = ('<img src="file:///nowhere.png">', "<b>x</b>")
ROOT = Path(__file__).parents[3]


def is_markup(text):
    """Tell whether Qt may take a text for HTML: PySide6 has no binding to ask it."""
    return re.search(r"<[^<>]*>", text) is not None


def read(text):
    """Return what a person reads of a text that Qt may take for HTML."""
    return QTextDocumentFragment.fromHtml(text).toPlainText() if is_markup(text) else text


def is_foreign(text):
    """Tell whether a text, or what a person reads of it, has one of the names in it, or a part of one."""
    return any(part in text or part in read(text) for part in ("<b>x", "<img", "<i>"))


def told_by(label):
    """Return what a person reads of a label."""
    return label.text() if label.textFormat() is Qt.TextFormat.PlainText else read(label.text())


def tips(root):
    """Yield each tooltip: of widgets, and of the items in lists and tables."""
    for each in root.findChildren(QWidget):
        yield each.toolTip()
        if isinstance(each, QAbstractItemView) and (model := each.model()) is not None:
            columns = model.columnCount() if isinstance(each, QTableView) else 1
            for row in range(model.rowCount()):
                for at in range(columns):
                    yield model.index(row, at).data(Qt.ItemDataRole.ToolTipRole) or ""


@pytest.fixture
def window(open_window, tmp_path, qtbot):
    """Return the window with foreign names wherever there is a name."""
    texts = datasets_dir()
    for at, name in enumerate(NAMES):
        run = recorded(runs_dir() / f"run {at}", started(), evaluation(0, 4.0), step(0), step(10), name=name)
        run.checkpoint.touch()
        run.write_note(name)
        (tmp_path / f"{at}.txt").write_text(f"{name} said: to be, or not to be.\n" * 200)
        list(prepare_job(Order(target=str(tmp_path / f"{at}.txt"), name=f"text{at}", tokenizer="char"), Control()))
        (texts / f"text{at}").rename(texts / name.replace("/", "⁄"))
        save_preset(name, TrainConfig(n_layer=2 + at))
    made = open_window()
    made.train.state.end(OutOfMemoryError(NAMES[0], cause=NAMES[1], fixes=[Fix("Stop", "stop")]))
    made.train.show_run(made.train.state)
    (tmp_path / "<i>mine<i>.txt").write_text("Dear diary.\n" * 200)
    made.data.add([tmp_path / "<i>mine<i>.txt"])
    qtbot.waitUntil(lambda: len(made.runs.all) == len(NAMES))
    for notice in made.findChildren(Notice):
        notice.tell(*NAMES)
    return made


def test_no_label_takes_a_name_for_html(window, tmp_path):
    (tmp_path / "<b>x<b>.tar.gz").touch()
    seen = 0
    for each in sheets_over(window, summary(runs_dir() / "run 1"), tmp_path / "<b>x<b>.tar.gz", preset=NAMES[1]):
        foreign = [made for made in each.findChildren(QLabel) if is_foreign(made.text())]
        assert not [made.text() for made in foreign if not is_foreign(told_by(made))]
        seen += len(foreign)
    assert seen > 20


def test_tooltips_say_names_as_they_are(window):
    found = [text for text in tips(window) if is_foreign(text)]
    assert len(found) >= 3
    assert not [text for text in found if not is_foreign(read(text))]


def test_a_legend_names_runs_as_they_are(window, qtbot):
    window.tabs.setCurrentWidget(window.runs)
    window.runs.findChild(RunsTable).selectAll()
    legend = window.findChild(Plot, "run_curves").getPlotItem().legend

    def named():
        return [label.item.toPlainText().strip() for _, label in legend.items]

    qtbot.waitUntil(lambda: len(named()) == len(NAMES) and "training" not in named())
    assert {*named()} == {*NAMES}


def test_a_sheet_asks_about_a_name_as_it_is(qtbot, qapp):
    over = QWidget()
    qtbot.addWidget(over)
    sheet = make_sheet(over, "sheet", *NAMES)
    assert [told_by(each) for each in sheet.findChildren(QLabel) if is_foreign(each.text())] == [*NAMES]


@pytest.mark.parametrize("text", ["plain", "a < b & c", *NAMES, "two\nlines of <b>bold</b>"])
def test_a_tooltip_reads_as_it_was_meant(text):
    assert read(plain_tip(text)) == text


def test_labels_boxes_and_tooltips_are_made_in_one_place():
    strays = []
    for file in ROOT.joinpath("gui").rglob("*.py"):
        of_kit = file.parent.name == "kit"
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="QLabel" | "QMessageBox" | "QToolTip")) if not of_kit:
                    strays.append(f"{file.name}:{node.lineno}")
                case ast.ClassDef(bases=bases) if not of_kit and "QLabel" in map(ast.unparse, bases):
                    strays.append(f"{file.name}:{node.lineno}")
                case ast.Call(func=ast.Attribute(attr="setToolTip"), args=[*_, words]) if not is_ours(words):
                    strays.append(f"{file.name}:{node.lineno}")
                case ast.Call(func=ast.Attribute(attr="setHtml" | "insertHtml" | "addLegend")):
                    strays.append(f"{file.name}:{node.lineno}")
    assert not strays


def is_ours(words):
    """Tell whether a tooltip is written in the code, or made by `plain_tip`."""
    match words:
        case ast.Constant() | ast.Call(func=ast.Name(id="plain_tip")):
            return True
        case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)):
            return name.isupper()
        case ast.IfExp(body=body, orelse=orelse):
            return is_ours(body) and is_ours(orelse)
    return False
