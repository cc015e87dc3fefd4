"""Beginnings from the model's own text are put into the field, and what stood there comes back."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from gui.generate.composer import Composer


def test_a_beginning_is_put_in_the_place_of_what_was_written(qtbot):
    composer = Composer()
    qtbot.addWidget(composer)
    composer.set_prompt("To be")
    composer.offer(["ROMEO:", "JULIET:"])
    assert not composer.findChild(QPushButton, "beginnings_button").isHidden()
    assert composer.findChild(QAction, "begin_with_1").text() == "ROMEO:"
    composer.findChild(QAction, "begin_with_2").trigger()
    assert composer.prompt == "JULIET:"
    composer.prompt_edit.undo()
    assert composer.prompt == "To be"
    composer.offer([])
    assert composer.findChild(QPushButton, "beginnings_button").isHidden()
