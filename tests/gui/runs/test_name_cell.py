"""A run's name stands over what it wrote last; both are seen, spoken and shortened, and the name is edited in place."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from engine.core.events import Sample
from engine.core.paths import runs_dir
from engine.runs.listing import list_runs
from gui.runs.name_cell import row_height
from gui.runs.state import NAME
from gui.runs.table import RunsTable
from tests.gui.fake_run import recorded, started


@pytest.fixture
def table(qtbot, stylist):
    """Return a table of one run that wrote a little, and one that wrote nothing."""
    recorded(runs_dir() / "amber", started(), Sample(iter_num=9, prompt="", text="\n\ufffd<b>Hark</b>, who is\nthere"))
    recorded(runs_dir() / "birch", started())
    made = RunsTable()
    qtbot.addWidget(made)
    made.resize(900, 300)
    made.show_runs(list_runs())
    made.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
    made.show()
    return made


def of_name(table, row, role):
    return table.model().index(row, NAME).data(role)


def test_what_it_wrote_is_spoken_and_in_the_tip_as_plain_text(table):
    assert of_name(table, 0, Qt.ItemDataRole.AccessibleTextRole) == "amber. It wrote: <b>Hark</b>, who is there"
    assert "&lt;b&gt;Hark" in of_name(table, 0, Qt.ItemDataRole.ToolTipRole)
    assert of_name(table, 1, Qt.ItemDataRole.AccessibleTextRole) == "birch"


def test_rows_have_room_for_two_lines_and_the_second_is_drawn(table):
    assert table.rowHeight(0) == row_height() > 2 * table.fontMetrics().height()
    assert ink(table, 0) > 1.5 * ink(table, 1)


def ink(table, row):
    """Return how many lines of pixels in the cell of a name are not all of one color."""
    picture = table.viewport().grab(table.visualRect(table.model().index(row, NAME))).toImage()
    lines = ({picture.pixel(x, y) for x in range(4, picture.width() - 4)} for y in range(2, picture.height() - 2))
    return sum(len(colors) > 1 for colors in lines)


def test_the_name_is_typed_in_a_field_of_the_usual_height(table):
    table.selectRow(0)
    table.rename_selected()
    field = table.findChild(QLineEdit)
    assert field.text() == "amber"
    assert field.height() <= row_height()
