import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.generate.scene_model import SceneModel
from gui.generate.scene_record import SceneTurn
from tests.gui.generate.test_scene_record import played


@pytest.fixture
def model(qapp):
    made = SceneModel()
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    yield made
    tester.deleteLater()


def test_only_what_is_another_turn_is_another_row(model):
    record, measured, inserted = played("one", "two", "three"), [], []
    model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    model.show(record.path, measured.append)
    record.replace(record.path[2], SceneTurn("A", "other"))
    model.show(record.path, measured.append)
    model.show(record.path, measured.append)
    assert inserted == [(0, 2), (2, 2)]
    assert measured == [0, 2, 2]
    assert [model.index(row).data() for row in range(model.rowCount())] == ["one", "two", "other"]


def test_a_row_is_heard_with_its_speaker_and_which_of_several_it_is(model):
    record = played("one", "two")
    record.replace(record.path[1], SceneTurn("B", ""))
    model.show(record.path, lambda _: None)
    heard = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert heard == ["A: one", "B, 2 of 2: nothing"]


def test_a_row_that_grows_is_told_of(qtbot, model):
    model.show(played("one").path, lambda _: None)
    with qtbot.waitSignal(model.dataChanged):
        model.tell(0)
    model.tell(7)
