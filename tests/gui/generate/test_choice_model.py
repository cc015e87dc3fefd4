from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox

from gui.generate.checkpoints import CheckpointPicker
from gui.generate.choice_model import ChoiceModel
from gui.generate.choices import CheckpointChoice

MANY = 3000


@pytest.fixture
def asked(monkeypatch):
    """Return each question that was put to a list of checkpoints."""
    questions, really = [], ChoiceModel.data
    monkeypatch.setattr(ChoiceModel, "data", lambda model, *what: questions.append(what) or really(model, *what))
    return questions


def choices(number):
    return [CheckpointChoice(Path(f"/runs/{at}/best.pt"), f"run {at}", "best") for at in range(number)]


def test_of_thousands_only_those_are_asked_for_that_are_seen(qtbot, asked):
    picker = CheckpointPicker(lambda: False)
    qtbot.addWidget(picker)
    picker.show()
    picker._take(choices(MANY))
    qtbot.waitUntil(lambda: bool(asked))
    listed, others = (picker.findChild(QComboBox, name) for name in ("checkpoint_picker", "compare_picker"))
    assert (listed.count(), others.count()) == (MANY, MANY)  # "Nothing" stands in the place of the chosen one
    assert len(asked) < 200
    assert (listed.itemText(2), others.itemText(0), others.itemText(2)) == ("run 2 – best", "Nothing", "run 2 – best")


def test_what_it_is_compared_with_stays_while_the_list_is_read_anew(qtbot):
    picker = CheckpointPicker(lambda: False)
    qtbot.addWidget(picker)
    picker._take(choices(4))
    picker.findChild(QComboBox, "compare_picker").setCurrentIndex(2)
    assert [each.title for each in picker.choices] == ["run 0", "run 2"]
    picker._take(choices(5))
    assert [each.title for each in picker.choices] == ["run 0", "run 2"]
    picker._take(choices(2))
    assert [each.title for each in picker.choices] == ["run 0"]


def test_it_is_as_wide_as_its_widest_row(qapp):
    model, metrics = ChoiceModel(), QFontMetrics(qapp.font())
    assert model.width(metrics) == 0
    model.show_rows([None, *choices(30), CheckpointChoice(Path("/x"), "W" * 40, "best")])
    assert model.width(metrics) == metrics.horizontalAdvance("W" * 40 + " – best")
